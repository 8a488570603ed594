package wire

// Type is the discriminator of a message.
type Type string

// The types of client messages.
const (
	TypeHello           Type = "hello"
	TypeResume          Type = "resume"
	TypeJoin            Type = "join"
	TypeUploadKeys      Type = "upload_keys"
	TypeClaimKeys       Type = "claim_keys"
	TypeToDevice        Type = "to_device"
	TypeSendData        Type = "send_data"
	TypeProve           Type = "prove"
	TypePublish         Type = "publish"
	TypeSubscribeAnswer Type = "subscribe_answer"
	TypeShow            Type = "show"
	TypeRestart         Type = "restart"
	TypeKnock           Type = "knock"
	TypeAdmit           Type = "admit"
	TypeSetRoom         Type = "set_room"
	TypeSetRole         Type = "set_role"
	TypeExpel           Type = "expel"
	TypeEndCall         Type = "end_call"
	TypeTellBreakout    Type = "tell_breakout"
	TypePing            Type = "ping"
	TypeLeave           Type = "leave"
)

// The types of server messages.
const (
	TypeWelcome        Type = "welcome"
	TypeResumed        Type = "resumed"
	TypeJoined         Type = "joined"
	TypeRoster         Type = "roster"
	TypeClaimedKeys    Type = "claimed_keys"
	TypeKeyCount       Type = "key_count"
	TypeDeviceMessage  Type = "device_message"
	TypeData           Type = "data"
	TypeProof          Type = "proof"
	TypePublished      Type = "published"
	TypeSubscribeOffer Type = "subscribe_offer"
	TypeWanted         Type = "wanted"
	TypeStreams        Type = "streams"
	TypeSpeakers       Type = "speakers"
	TypeRoomState      Type = "room_state"
	TypeKnocks         Type = "knocks"
	TypeRole           Type = "role"
	TypeFromMain       Type = "from_main"
	TypeSwitchOff      Type = "switch_off"
	TypeStopping       Type = "stopping"
	TypeOK             Type = "ok"
	TypePong           Type = "pong"
	TypeError          Type = "error"
	TypeBye            Type = "bye"
)

// Source is what a track shows. Source and codec are authenticated by the frames themselves; here they are a hint
// that a lying server gains nothing from.
type Source string

// The sources, in the order of their numbers in the frame's AAD (1 to 4).
const (
	SourceMic         Source = "mic"
	SourceCamera      Source = "camera"
	SourceScreen      Source = "screen"
	SourceScreenAudio Source = "screen_audio"
)

// Codec is the negotiated codec of a track.
type Codec string

// The codecs, as they stand in the frame's AAD (1 to 5).
const (
	CodecOpus Codec = "opus"
	CodecVP8  Codec = "vp8"
	CodecVP9  Codec = "vp9"
	CodecAV1  Codec = "av1"
	CodecH264 Codec = "h264"
)

// Rank says which videos keep their quality longest when there is not room for all.
type Rank string

// The ranks, the most important first.
const (
	RankScreen  Rank = "screen"
	RankPinned  Rank = "pinned"
	RankSpeaker Rank = "speaker"
	RankGrid    Rank = "grid"
)

// StreamState says whether a subscribed video is sent.
type StreamState string

// The states of a subscribed video.
const (
	StreamLive   StreamState = "live"
	StreamHidden StreamState = "hidden" // not shown, says the last Show
	StreamPaused StreamState = "paused" // there is no room for it on the way to this client
)

// Role is what the server lets a participant do. It is the server's word: keys know no roles.
type Role string

// The roles, the highest first. An owner is named by whoever vouches for people, never by order of arrival.
const (
	RoleOwner       Role = "owner"
	RoleModerator   Role = "moderator"
	RoleParticipant Role = "participant"
	RoleViewer      Role = "viewer" // sees, hears and writes; publishes nothing
)

// Feature is something that who runs the server may have switched off in a room.
type Feature string

// The features. Of what is sealed the server sees nothing: only clients see to it that these are not used.
const (
	FeatureChat               Feature = "chat"
	FeaturePrivateChat        Feature = "private_chat"
	FeatureFiles              Feature = "files"
	FeatureReactions          Feature = "reactions"
	FeatureRaiseHand          Feature = "raise_hand"
	FeaturePolls              Feature = "polls"
	FeatureScreenshare        Feature = "screenshare" // refused by the server
	FeatureRecording          Feature = "recording"
	FeatureCaptions           Feature = "captions"
	FeatureVirtualBackgrounds Feature = "virtual_backgrounds"
	FeatureBreakoutRooms      Feature = "breakout_rooms" // refused by the server
)

// Code is the stable part of an [Error].
type Code string

// The codes. A client acts on these; the message is for people.
const (
	CodeBadMessage    Code = "bad_message"     // not JSON, unknown type or field, value out of range
	CodeTooLarge      Code = "too_large"       // a limit of this package was broken
	CodeBadVersion    Code = "bad_version"     // Hello.Version is not ours
	CodeBadRoom       Code = "bad_room"        // not a slug: [a-z0-9-], 3 to 64
	CodeUnknownRoom   Code = "unknown_room"    // this server admits to rooms that its operator named or made only, and not to this one
	CodeBadToken      Code = "bad_token"       // the join token is not ours, for another room, or revoked
	CodeTokenNeeded   Code = "token_needed"    // nobody enters here without a join token
	CodeTokenExpired  Code = "token_expired"   // the join token's time is over, before or during the call
	CodeRoomFull      Code = "room_full"       //
	CodeRateLimited   Code = "rate_limited"    // too many messages; the socket is closed if it goes on
	CodeResumeUnknown Code = "resume_unknown"  // too late, or the server was restarted: say hello anew
	CodeNotJoined     Code = "not_joined"      // the message needs a Join first
	CodeAlreadyJoined Code = "already_joined"  // one Join a session
	CodeUnknownDevice Code = "unknown_device"  // the recipient has left
	CodeBadSDP        Code = "bad_sdp"         // Pion refused the description
	CodeNoOneTimeKeys Code = "no_one_time_key" // the device has neither a one-time key nor a fallback key
	CodeReplaced      Code = "replaced"        // the same device joined elsewhere
	CodeShuttingDown  Code = "shutting_down"   // the server stops: come back in a moment
	CodeInternal      Code = "internal"        //
	CodeSlowConsumer  Code = "slow_consumer"   // the client did not read fast enough
	CodeUnsupported   Code = "unsupported"     // asked for something this server does not offer
	CodeMediaLost     Code = "media_lost"      // a peer connection broke: say hello anew
	CodeLocked        Code = "locked"          // a moderator locked the room: nobody new comes in
	CodeKnockFirst    Code = "knock_first"     // the room has a waiting room: Knock, then Join
	CodeNotAdmitted   Code = "not_admitted"    // a moderator did not let the knocker in
	CodeNotAllowed    Code = "not_allowed"     // the role does not reach so far, or the room does not have it
	CodeRemoved       Code = "removed"         // a moderator expelled this session
	CodeCallEnded     Code = "call_ended"      // a moderator ended the call for everyone
	CodeTimeOver      Code = "time_over"       // the call has taken as long as it may
	CodeCalledBack    Code = "called_back"     // a moderator of the main room ended this breakout room
)
