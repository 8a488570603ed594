package wire

// Hello is the first message of a socket.
type Hello struct {
	Type    Type   `json:"type" tstype:"'hello'"`
	ID      uint64 `json:"id"`
	Version int    `json:"version"`
	Room    string `json:"room"`             // slug
	Device  string `json:"device,omitempty"` // the device id wanted; made by the server if empty
	Token   string `json:"token,omitempty"`  // join token

	// Replaces is the Welcome.Resume of an earlier session of one's own, after a page reload: that session leaves at
	// once instead of 30 s later, and its user id is kept. An unknown one is ignored.
	Replaces string `json:"replaces,omitempty"`
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

// SendData asks the server to relay a sealed data frame to everybody else in the call, or to some: who is not sent a part of a
// file saves the room on their line.
type SendData struct {
	Type Type     `json:"type" tstype:"'send_data'"`
	ID   uint64   `json:"id"`
	To   []Device `json:"to,omitempty"`
	Body Base64   `json:"body"`
}

// Prove replaces the proof of one's [Join], after the meeting's link was changed.
type Prove struct {
	Type  Type   `json:"type" tstype:"'prove'"`
	ID    uint64 `json:"id"`
	Proof Base64 `json:"proof"`
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

// Show says which of the subscribed tracks are seen and heard, all of them at a time: videos that it does not list are not
// sent, and are sent again when it does, without a new offer. Before the first one everything is sent as large as it comes.
type Show struct {
	Type   Type     `json:"type" tstype:"'show'"`
	ID     uint64   `json:"id"`
	Videos []Shown  `json:"videos"`
	Silent []string `json:"silent"` // mids of sound that nobody here listens to
}

// Restart asks for a [SubscribeOffer] with new ICE credentials, as after a change of network. The publishing connection
// is restarted by a [Publish] whose description has new ones.
type Restart struct {
	Type Type   `json:"type" tstype:"'restart'"`
	ID   uint64 `json:"id"`
}

// Knock asks the moderators to be let in, where [Join] was answered knock_first. Its answer comes when one has decided: OK, and
// then Join, or not_admitted.
type Knock struct {
	Type Type   `json:"type" tstype:"'knock'"`
	ID   uint64 `json:"id"`
	Body Base64 `json:"body,omitempty"` // the name, sealed under the link; absent where there is no link to seal under
}

// Admit answers somebody's [Knock]; for moderators.
type Admit struct {
	Type  Type   `json:"type" tstype:"'admit'"`
	ID    uint64 `json:"id"`
	Knock uint64 `json:"knock"` // Knocker.Knock
	Admit bool   `json:"admit"`
}

// SetRoom locks the room, or has people knock; for moderators.
type SetRoom struct {
	Type        Type   `json:"type" tstype:"'set_room'"`
	ID          uint64 `json:"id"`
	Locked      bool   `json:"locked"`
	WaitingRoom bool   `json:"waiting_room"`
}

// SetRole gives somebody below oneself a role up to one's own, or oneself a lower one; for moderators.
type SetRole struct {
	Type   Type   `json:"type" tstype:"'set_role'"`
	ID     uint64 `json:"id"`
	Device Device `json:"device"`
	Role   Role   `json:"role"`
}

// Expel ends the session of somebody below oneself; for moderators. That the others give the device no more keys is said
// sealed, in a [SendData] before it.
type Expel struct {
	Type   Type   `json:"type" tstype:"'expel'"`
	ID     uint64 `json:"id"`
	Device Device `json:"device"`
}

// EndCall ends the call for everyone, or only those in this room's breakout rooms; for moderators.
type EndCall struct {
	Type      Type   `json:"type" tstype:"'end_call'"`
	ID        uint64 `json:"id"`
	Breakouts bool   `json:"breakouts,omitempty"`
}

// TellBreakout tells everybody who is in one of this room's breakout rooms something that is sealed to one of them; for
// moderators.
type TellBreakout struct {
	Type Type   `json:"type" tstype:"'tell_breakout'"`
	ID   uint64 `json:"id"`
	Room string `json:"room"`
	Body Base64 `json:"body"`
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
