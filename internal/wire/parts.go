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
