package wire

// Welcome answers [Hello]: who one is, and in which call.
type Welcome struct {
	Type       Type   `json:"type" tstype:"'welcome'"`
	ID         uint64 `json:"id"`
	Seq        uint64 `json:"seq"`
	Version    int    `json:"version"`
	Server     string `json:"server"` // version of the server's program
	Room       string `json:"room"`   // !<slug>:<server_name>
	Call       Base64 `json:"call"`   // 16 bytes, new whenever the room goes from empty to occupied
	User       string `json:"user"`
	DeviceID   string `json:"device"`
	Resume     string `json:"resume"`      // token for Resume; a secret
	ResumeSecs int    `json:"resume_secs"` // how long it is good for after the socket dropped

	Off []Feature `json:"off,omitempty"` // what this room does not have

	ICEServers []ICEServer `json:"ice_servers"` // TURN of this server, for networks that let no media through
}

// Resumed answers [Resume]; the messages after Resume.Seq follow.
type Resumed struct {
	Type   Type   `json:"type" tstype:"'resumed'"`
	ID     uint64 `json:"id"`
	LastID uint64 `json:"last_id"` // last client id handled: send what came after it again
}

// Joined answers [Join] with everybody who is there, oneself included.
type Joined struct {
	Type    Type     `json:"type" tstype:"'joined'"`
	ID      uint64   `json:"id"`
	Seq     uint64   `json:"seq"`
	Version uint64   `json:"roster_version"`
	Members []Member `json:"members"`

	Locked      bool `json:"locked"`
	WaitingRoom bool `json:"waiting_room"`
	EndsIn      int  `json:"ends_in,omitempty"` // seconds until the call has taken as long as it may; absent: any
}

// Roster is a change of who is there. Leaves come before joins. The version grows by one.
type Roster struct {
	Type    Type     `json:"type" tstype:"'roster'"`
	Seq     uint64   `json:"seq"`
	Version uint64   `json:"roster_version"`
	Left    []Device `json:"left"`
	Joined  []Member `json:"joined"`
}

// ClaimedKeys answers [ClaimKeys]; a device that is gone or has no key is not in the list.
type ClaimedKeys struct {
	Type Type         `json:"type" tstype:"'claimed_keys'"`
	ID   uint64       `json:"id"`
	Seq  uint64       `json:"seq"`
	Keys []ClaimedKey `json:"keys"`
}

// ClaimedKey is a one-time key of a device.
type ClaimedKey struct {
	Device Device    `json:"device"`
	Key    SignedKey `json:"key"`
}

// KeyCount tells a device how many of its one-time keys are left, after each claim.
type KeyCount struct {
	Type        Type   `json:"type" tstype:"'key_count'"`
	Seq         uint64 `json:"seq"`
	OneTimeKeys int    `json:"one_time_keys"`
}

// DeviceMessage delivers one envelope of a [ToDevice].
type DeviceMessage struct {
	Type     Type     `json:"type" tstype:"'device_message'"`
	Seq      uint64   `json:"seq"`
	From     Device   `json:"from"`
	Envelope Envelope `json:"envelope"`
}

// Data delivers a [SendData].
type Data struct {
	Type Type   `json:"type" tstype:"'data'"`
	Seq  uint64 `json:"seq"`
	From Device `json:"from"`
	Body Base64 `json:"body"`
}

// Proof tells everybody else of a [Prove]. Later Joined and Roster list the member with it.
type Proof struct {
	Type   Type   `json:"type" tstype:"'proof'"`
	Seq    uint64 `json:"seq"`
	Device Device `json:"device"`
	Proof  Base64 `json:"proof"`
}

// Published answers [Publish].
type Published struct {
	Type Type   `json:"type" tstype:"'published'"`
	ID   uint64 `json:"id"`
	Seq  uint64 `json:"seq"`
	SDP  string `json:"sdp"`
}

// SubscribeOffer is the server's offer of the subscribing connection: all tracks, not only the new ones.
type SubscribeOffer struct {
	Type   Type           `json:"type" tstype:"'subscribe_offer'"`
	Seq    uint64         `json:"seq"`
	Offer  uint64         `json:"offer"` // grows by one; only the newest needs an answer
	SDP    string         `json:"sdp"`
	Tracks []Subscription `json:"tracks"`
}

// Wanted tells a publisher how many layers of its videos somebody is sent, so that it can stop encoding the others. It
// comes whenever that changes; until it first names a track, everything is wanted.
type Wanted struct {
	Type   Type          `json:"type" tstype:"'wanted'"`
	Seq    uint64        `json:"seq"`
	Tracks []WantedTrack `json:"tracks"` // those that changed
}

// Streams tells a subscriber how its videos are sent, when that changes.
type Streams struct {
	Type   Type     `json:"type" tstype:"'streams'"`
	Seq    uint64   `json:"seq"`
	Tracks []Stream `json:"tracks"` // those that changed
}

// Speakers lists who speaks now, the loudest first. It comes when that changes. Nothing comes where the server does not
// read audio levels.
type Speakers struct {
	Type    Type     `json:"type" tstype:"'speakers'"`
	Seq     uint64   `json:"seq"`
	Devices []Device `json:"devices"`
}

// RoomState tells everybody that a moderator locked or opened the room, or had people knock.
type RoomState struct {
	Type        Type   `json:"type" tstype:"'room_state'"`
	Seq         uint64 `json:"seq"`
	Locked      bool   `json:"locked"`
	WaitingRoom bool   `json:"waiting_room"`
}

// Knocks tells moderators who waits to be let in, all of them, whenever that changes.
type Knocks struct {
	Type    Type      `json:"type" tstype:"'knocks'"`
	Seq     uint64    `json:"seq"`
	Waiting []Knocker `json:"waiting"` // in the order in which they came
}

// RoleChanged tells everybody that somebody has another role.
type RoleChanged struct {
	Type   Type   `json:"type" tstype:"'role'"`
	Seq    uint64 `json:"seq"`
	Device Device `json:"device"`
	Role   Role   `json:"role"`
}

// FromMain tells those in a breakout room what a moderator of the main room says with [TellBreakout].
type FromMain struct {
	Type Type   `json:"type" tstype:"'from_main'"`
	Seq  uint64 `json:"seq"`
	Body Base64 `json:"body"`
}

// SwitchOff has this client switch a source of its own off, for the people who run the server. There is none that switches on.
type SwitchOff struct {
	Type   Type   `json:"type" tstype:"'switch_off'"`
	Seq    uint64 `json:"seq"`
	Source Source `json:"source" tstype:"'mic' | 'camera' | 'screen'"`
}

// Stopping says that the server stops within so many seconds, or when its calls are over. The call goes on until then; after the bye a client
// comes back as after a restart.
type Stopping struct {
	Type    Type   `json:"type" tstype:"'stopping'"`
	Seq     uint64 `json:"seq"`
	Seconds int    `json:"seconds"`
}

// OK answers a request that has nothing else to say (ToDevice, SendData, Prove, UploadKeys, SubscribeAnswer, Show, Restart,
// Knock, Admit, SetRoom, SetRole, Expel, EndCall, TellBreakout, Leave).
type OK struct {
	Type Type   `json:"type" tstype:"'ok'"`
	ID   uint64 `json:"id"`
	Seq  uint64 `json:"seq"`
}

// Pong answers [Ping].
type Pong struct {
	Type Type   `json:"type" tstype:"'pong'"`
	ID   uint64 `json:"id"`
}

// Error answers a request that failed; without an ID it is about the socket, which then closes.
type Error struct {
	Type    Type   `json:"type" tstype:"'error'"`
	ID      uint64 `json:"id,omitempty"`
	Seq     uint64 `json:"seq,omitempty"`
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// Bye says that the server ends the session, and why: shutting_down, replaced, slow_consumer, media_lost, rate_limited,
// removed, call_ended, time_over, called_back, token_expired. After the first, slow_consumer and media_lost a client says hello anew.
type Bye struct {
	Type    Type   `json:"type" tstype:"'bye'"`
	Seq     uint64 `json:"seq"`
	Code    Code   `json:"code"`
	Message string `json:"message"`
}
