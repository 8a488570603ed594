package olmkeys

// Identity is a device's Ed25519 key kept over calls.
type Identity struct{ seed Secret }
