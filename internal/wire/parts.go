package wire

// Device names one participant: a device in one join. The server stamps it on everything it relays.
type Device struct {
	User   string `json:"user"`    // @<localpart>:<server_name>
	Device string `json:"device"`  // 10 x [A-Z0-9]
	JoinID Base64 `json:"join_id"` // 16 bytes, drawn by the client at every join
}

// Member is a device together with the keys it announced. CallKeys and Sig are opaque to the server.
type Member struct {
	Device   `tstype:",extends"`
	CallKeys Base64 `json:"call_keys"`
	Sig      Base64 `json:"sig"`             // Ed25519, 64 bytes
	Role     Role   `json:"role,omitempty"`  // participant if absent
	Proof    Base64 `json:"proof,omitempty"` // HMAC-SHA256, 32 bytes; absent where the meeting has no secret
}

// SignedKey is an Olm one-time or fallback key, signed by the device's Ed25519 key.
type SignedKey struct {
	KeyID    string `json:"key_id"`
	Key      Base64 `json:"key"` // Curve25519, 32 bytes
	Sig      Base64 `json:"sig"` // Ed25519, 64 bytes
	Fallback bool   `json:"fallback,omitempty"`
}

// Publication announces what an m-line of the publishing connection carries.
type Publication struct {
	MID    string  `json:"mid"`
	Source Source  `json:"source"`
	Codec  Codec   `json:"codec"`
	Layers []Layer `json:"layers,omitempty"` // the sizes that it comes in, smallest first; absent for sound and for one size
}

// Layer is one size of a video: a simulcast encoding, or a spatial layer of a scalable one.
type Layer struct {
	RID    string `json:"rid,omitempty"` // RFC 8851; absent for spatial layers
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Shown is a video that is seen, and how large: in pixels of the screen.
type Shown struct {
	MID    string `json:"mid"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Rank   Rank   `json:"rank"`
}

// WantedTrack is how many layers of a video are wanted, from the smallest up: 0 for none.
type WantedTrack struct {
	MID    string `json:"mid"`
	Layers int    `json:"layers"`
}

// Stream is how a video is sent: which layer, and if none, why.
type Stream struct {
	MID   string      `json:"mid"`
	State StreamState `json:"state"`
	Layer int         `json:"layer"` // of the publication's, from 0; -1 while none is sent
}

// ICEServer is a TURN server, as RTCPeerConnection takes it.
type ICEServer struct {
	URL        string `json:"url"`
	Username   string `json:"username"`
	Credential string `json:"credential"` // a secret, for this session only
}

// Knocker is somebody who waits to be let in.
type Knocker struct {
	Knock  uint64 `json:"knock"` // names it to Admit
	User   string `json:"user"`
	Device string `json:"device"`
	Body   Base64 `json:"body,omitempty"` // Knock.Body
}

// Subscription says what an m-line of the subscribing connection carries.
type Subscription struct {
	MID    string `json:"mid"`
	From   Device `json:"from"`
	Source Source `json:"source"`
	Codec  Codec  `json:"codec"`
}
