// Package wire is the signalling protocol: every message that crosses the WebSocket, once.
//
// [DecodeClient] and [DecodeServer] turn a text frame into a pointer to one of the message structs; [Encode] does the
// reverse. Decoding is strict: unknown types and fields, fields twice or in other letter case, null, trailing bytes,
// invalid UTF-8, padded base64 and values out of range are errors with a stable code and a hint. web/src/wire.ts is
// generated from these structs (go generate ./internal/wire); testdata/golden holds one example of each message, read
// by Go and by TypeScript.
//
// A client's message carries an id that grows by one; the server's answer repeats it. A server's message carries a
// seq that grows by one (Pong, Error without session and Resumed excepted: 0), so that a dropped socket can resume:
// each side names the last number it has seen and the other sends the rest again.
//
// The server reads what it needs to route. What it must not read (Olm ciphertexts, sealed data frames) is opaque here.
package wire

//go:generate go tool tygo generate

// Version of the protocol, named in [Hello] and [Welcome].
const Version = 1

// Limits. A message that breaks one is answered with an [Error], never cut.

const (
	MaxMessageSize   = 256 << 10        // bytes of one text frame: 128 shares of about 1.8 kB
	MaxServerMessage = 1 << 20          // the same for what the server sends: Joined with 300 members
	MaxRecipients    = 128              // envelopes in one ToDevice, devices in one SendData
	MaxClaims        = 128              // devices in one ClaimKeys
	MaxDataSize      = 48 << 10         // bytes of one sealed data frame
	MaxEnvelopeSize  = 16 << 10         // bytes of one to-device content
	MaxKnockSize     = 512              // bytes of a sealed name: 64 characters of up to four bytes and what seals them
	MaxWordSize      = 1024             // bytes of what is told somebody in a breakout room: a room and its secret, sealed
	MaxKnocking      = 50               // people who wait to be let in
	MaxOneTimeKeys   = 100              // what an Olm account holds
	MaxTracks        = 8                // publications of one device
	MaxLayers        = 4                // of a publication
	MaxShown         = 512              // videos, or silent tracks, of one Show
	MaxSDPSize       = 128 << 10        // bytes of one session description
	MaxOfferSize     = 640 << 10        // the same for what the server offers: some 400 tracks
	MaxCallKeysSize  = 2048             // bytes of call_keys; the ML-KEM key is 1,184 of them
	ResumeSeconds    = 30               // how long a dropped socket can come back
	ReplayMessages   = 1024             // server messages kept for a dropped socket
	PingEverySeconds = 10               // a client that is silent for three of these is gone
	MaxTokenSize     = 4 << 10          // bytes of a join or resume token
	MaxDepth         = 6                // objects and arrays within each other; the messages need 4
	MaxInteger       = 9007199254740991 // ids, seqs and versions: 2^53-1, what JavaScript counts exactly
)
