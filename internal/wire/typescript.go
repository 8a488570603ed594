package wire

// What TypeScript needs and tygo cannot derive: the unions. A test holds each to the Go declarations.
//
//tygo:emit
var _ = `
/** Bytes as unpadded standard base64. */
export type Base64 = string;

export type Source =
  | 'mic'
  | 'camera'
  | 'screen'
  | 'screen_audio';

export type Codec =
  | 'opus'
  | 'vp8'
  | 'vp9'
  | 'av1'
  | 'h264';

export type Rank =
  | 'screen'
  | 'pinned'
  | 'speaker'
  | 'grid';

export type StreamState =
  | 'live'
  | 'hidden'
  | 'paused';

export type Role =
  | 'owner'
  | 'moderator'
  | 'participant'
  | 'viewer';

export type Feature =
  | 'chat'
  | 'private_chat'
  | 'files'
  | 'reactions'
  | 'raise_hand'
  | 'polls'
  | 'screenshare'
  | 'recording'
  | 'captions'
  | 'virtual_backgrounds'
  | 'breakout_rooms';

export type Code =
  | 'bad_message'
  | 'too_large'
  | 'bad_version'
  | 'bad_room'
  | 'unknown_room'
  | 'bad_token'
  | 'token_needed'
  | 'token_expired'
  | 'room_full'
  | 'rate_limited'
  | 'resume_unknown'
  | 'not_joined'
  | 'already_joined'
  | 'unknown_device'
  | 'bad_sdp'
  | 'no_one_time_key'
  | 'replaced'
  | 'shutting_down'
  | 'internal'
  | 'slow_consumer'
  | 'unsupported'
  | 'media_lost'
  | 'locked'
  | 'knock_first'
  | 'not_admitted'
  | 'not_allowed'
  | 'removed'
  | 'call_ended'
  | 'time_over'
  | 'called_back';

/** What a client sends, told apart by type. */
export type ClientMessage =
  | Hello
  | Resume
  | Join
  | UploadKeys
  | ClaimKeys
  | ToDevice
  | SendData
  | Prove
  | Publish
  | SubscribeAnswer
  | Show
  | Restart
  | Knock
  | Admit
  | SetRoom
  | SetRole
  | Expel
  | EndCall
  | TellBreakout
  | Ping
  | Leave;

/** What the server sends, told apart by type. */
export type ServerMessage =
  | Welcome
  | Resumed
  | Joined
  | Roster
  | ClaimedKeys
  | KeyCount
  | DeviceMessage
  | Data
  | Proof
  | Published
  | SubscribeOffer
  | Wanted
  | Streams
  | Speakers
  | RoomState
  | Knocks
  | RoleChanged
  | FromMain
  | SwitchOff
  | Stopping
  | OK
  | Pong
  | Error
  | Bye;
`
