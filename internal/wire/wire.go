// Package wire is the signalling protocol: every message that crosses the WebSocket, once.
//
// [Decode] turns a text frame into one of the message structs; [Encode] does the reverse. Both are strict: unknown
// types, unknown fields, trailing bytes and values out of range are errors with a stable code. web/src/wire.ts is
// generated from these structs; docs/protocol.md shows the golden example of each.
//
// A client's message carries an id that grows by one; the server's answer repeats it. A server's message carries a
// seq that grows by one (Pong, Error without session and Resumed excepted: 0), so that a dropped socket can resume:
// each side names the last number it has seen and the other sends the rest again.
//
// The server reads what it needs to route. What it must not read (Olm ciphertexts, sealed data frames) is opaque here.
package wire

// Version of the protocol, named in [Hello] and [Welcome].
const Version = 1

// Limits. A message that breaks one is answered with an [Error], never cut.
const (
	MaxMessageSize   = 256 << 10 // bytes of one text frame: 128 shares of about 1.8 kB
	MaxRecipients    = 128       // envelopes in one ToDevice
	MaxClaims        = 128       // devices in one ClaimKeys
	MaxDataSize      = 48 << 10  // bytes of one sealed data frame
	MaxEnvelopeSize  = 16 << 10  // bytes of one to-device content
	MaxOneTimeKeys   = 100       // what an Olm account holds
	MaxTracks        = 8         // publications of one device
	MaxSDPSize       = 128 << 10 // bytes of one session description
	MaxCallKeysSize  = 2048      // bytes of call_keys; the ML-KEM key is 1,184 of them
	ResumeSeconds    = 30        // how long a dropped socket can come back
	ReplayMessages   = 1024      // server messages kept for a dropped socket
	PingEverySeconds = 10        // a client that is silent for three of these is gone
)

// Type is the discriminator of a message.
type Type string

// Device names one participant: a device in one join. The server stamps it on everything it relays.
type Device struct {
	User   string `json:"user"`    // @<localpart>:<server_name>
	Device string `json:"device"`  // 10 x [A-Z0-9]
	JoinID Base64 `json:"join_id"` // 16 bytes, drawn by the client at every join
}

// Member is a device together with the keys it announced. CallKeys and Sig are opaque to the server.
type Member struct {
	Device
	CallKeys Base64 `json:"call_keys"`
	Sig      Base64 `json:"sig"`             // Ed25519, 64 bytes
	Proof    Base64 `json:"proof,omitempty"` // HMAC-SHA256, 32 bytes; absent where the meeting has no secret
}

// SignedKey is an Olm one-time or fallback key, signed by the device's Ed25519 key.
type SignedKey struct {
	KeyID    string `json:"key_id"`
	Key      Base64 `json:"key"` // Curve25519, 32 bytes
	Sig      Base64 `json:"sig"` // Ed25519, 64 bytes
	Fallback bool   `json:"fallback,omitempty"`
}

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

// Publication announces what an m-line of the publishing connection carries.
type Publication struct {
	MID    string `json:"mid"`
	Source Source `json:"source"`
	Codec  Codec  `json:"codec"`
}

// Subscription says what an m-line of the subscribing connection carries.
type Subscription struct {
	MID    string `json:"mid"`
	From   Device `json:"from"`
	Source Source `json:"source"`
	Codec  Codec  `json:"codec"`
}

// Code is the stable part of an [Error].
type Code string

// The codes. A client acts on these; the message is for people.
const (
	CodeBadMessage    Code = "bad_message"     // not JSON, unknown type or field, value out of range
	CodeTooLarge      Code = "too_large"       // a limit of this package was broken
	CodeBadVersion    Code = "bad_version"     // Hello.Version is not ours
	CodeBadRoom       Code = "bad_room"        // not a slug: [a-z0-9-], 3 to 64
	CodeUnknownRoom   Code = "unknown_room"    // this server admits to named rooms only, and not to this one
	CodeBadToken      Code = "bad_token"       // the join token is missing, wrong or expired
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
)

// ---- client to server ----

// Hello is the first message of a socket.
type Hello struct {
	Type    Type   `json:"type" tstype:"'hello'"`
	ID      uint64 `json:"id"`
	Version int    `json:"version"`
	Room    string `json:"room"`             // slug
	Device  string `json:"device,omitempty"` // the device id wanted; made by the server if empty
	Token   string `json:"token,omitempty"`  // join token
}

// Resume takes up a session whose socket dropped; it stands in place of [Hello].
type Resume struct {
	Type    Type   `json:"type" tstype:"'resume'"`
	ID      uint64 `json:"id"`
	Version int    `json:"version"`
	Token   string `json:"token"` // Welcome.Resume
	Seq     uint64 `json:"seq"`   // last server seq seen
}

// Join enters the call with the device's keys.
type Join struct {
	Type        Type        `json:"type" tstype:"'join'"`
	ID          uint64      `json:"id"`
	JoinID      Base64      `json:"join_id"`
	CallKeys    Base64      `json:"call_keys"`
	Sig         Base64      `json:"sig"`
	Proof       Base64      `json:"proof,omitempty"`
	OneTimeKeys []SignedKey `json:"one_time_keys"`
	FallbackKey SignedKey   `json:"fallback_key"`
}

// UploadKeys adds one-time keys.
type UploadKeys struct {
	Type        Type        `json:"type" tstype:"'upload_keys'"`
	ID          uint64      `json:"id"`
	OneTimeKeys []SignedKey `json:"one_time_keys"`
	FallbackKey *SignedKey  `json:"fallback_key,omitempty"`
}

// ClaimKeys asks for one one-time key of each device.
type ClaimKeys struct {
	Type    Type     `json:"type" tstype:"'claim_keys'"`
	ID      uint64   `json:"id"`
	Devices []Device `json:"devices"`
}

// ToDevice sends one opaque message to each of several devices.
type ToDevice struct {
	Type     Type       `json:"type" tstype:"'to_device'"`
	ID       uint64     `json:"id"`
	Messages []Envelope `json:"messages"`
}

// Envelope is one to-device message: an Olm ciphertext as Matrix writes it (m.olm.v1.curve25519-aes-sha2).
type Envelope struct {
	To     Device `json:"to"`
	Olm    int    `json:"olm"`  // 0 pre-key message, 1 message
	Body   string `json:"body"` // base64 of the Olm message, as Olm writes it
	Sender string `json:"sender_key"`
}

// SendData asks the server to relay a sealed data frame to everybody else in the call.
type SendData struct {
	Type Type   `json:"type" tstype:"'send_data'"`
	ID   uint64 `json:"id"`
	Body Base64 `json:"body"`
}

// Publish is the offer of the publishing connection. An empty list of tracks ends all publications.
type Publish struct {
	Type   Type          `json:"type" tstype:"'publish'"`
	ID     uint64        `json:"id"`
	SDP    string        `json:"sdp"`
	Tracks []Publication `json:"tracks"`
}

// SubscribeAnswer answers a [SubscribeOffer].
type SubscribeAnswer struct {
	Type  Type   `json:"type" tstype:"'subscribe_answer'"`
	ID    uint64 `json:"id"`
	Offer uint64 `json:"offer"` // SubscribeOffer.Offer
	SDP   string `json:"sdp"`
}

// Ping keeps the socket and the session; Seq lets the server forget what has arrived.
type Ping struct {
	Type Type   `json:"type" tstype:"'ping'"`
	ID   uint64 `json:"id"`
	Seq  uint64 `json:"seq"`
}

// Leave ends the session at once.
type Leave struct {
	Type Type   `json:"type" tstype:"'leave'"`
	ID   uint64 `json:"id"`
}

// ---- server to client ----

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

// OK answers a request that has nothing else to say (ToDevice, SendData, UploadKeys, SubscribeAnswer, Leave).
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

// Bye says that the server ends the session, and why: shutting_down, replaced, slow_consumer.
type Bye struct {
	Type    Type   `json:"type" tstype:"'bye'"`
	Seq     uint64 `json:"seq"`
	Code    Code   `json:"code"`
	Message string `json:"message"`
}
