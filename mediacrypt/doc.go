// Package mediacrypt seals and opens encoded media frames end to end with SFrame (RFC 9605), cipher suite
// AES_256_GCM_SHA512_128 (0x0005). Most programs need two names: [NewSealer], for what they send, and
// [NewOpener], one for each sender they listen to.
//
// # Wire format
//
//	clear prefix || SFrame header (KID, CTR) || ciphertext || 16-byte tag
//
// The sealed plaintext is the complete frame as the encoder made it. The prefix is a constant that packetizers and
// a forwarding server need; it is checked, stripped and never decoded:
//
//	Opus, VP9, data   none
//	VP8               key frames 10 00 00 9d 01 2a 80 02 e0 01, other frames 11
//	AV1               key frames 0a 01 00, and before every sealed frame 32 leb128(length)
//	H.264             key frames 00 00 00 01 67 42 e0 1f da 02 80 f6 80 78 44 23 50 00 00 00 01 68 ce 3c 80 00 00 00 01 65 88 80,
//	                  other frames 00 00 00 01 41 9a; what follows is escaped, and 80 ends it
//
// The key of a frame follows from a [BaseKey] and its [KeyID] by RFC 9605 §4.4.2, the nonce is the derived salt XOR
// CTR, and the associated data is the SFrame header followed by two bytes of metadata: [Source] and [Codec]. The
// receiver gives both as it expects them (from the announced track and the negotiated codec), so a frame of a
// camera does not open as a screen, nor VP8 as AV1.
//
// # Key frames
//
// VP8, AV1 and H.264 frames say themselves whether they are key frames, and the prefix must say the same: VP8 by bit 0
// of the first byte (RFC 6386 §9.1, 0 is a key frame); AV1 is a key frame here if, walking its OBUs from the front as
// long as they are well formed, a sequence header is met. Encoders put one at the start of every coded video
// sequence (AV1 §7.5), so upper spatial layers of a key picture count as delta frames. An H.264 frame, in the byte
// stream format of Annex B, is a key frame if the first of its NAL units of type 1 to 5 is an IDR slice (type 5).
//
// # AV1 on receipt
//
// Browsers take frames apart into OBUs and put them together again, with other size fields. So before the sealed
// frame an Opener accepts empty temporal delimiters, padding, and one sequence header of exactly the constant
// payload, in any well-formed encoding; the frame OBU with or without a size; and it ignores that size: the sealed
// frame runs to the end of the data. Whoever rewrites a size therefore changes nothing that opens.
//
// # H.264
//
// Packetizers take frames apart at start codes, and receivers put NAL units together again, each behind 00 00 00 01.
// They look for parameter sets and read the beginning of a slice. So a sealed frame looks like constant parameter sets
// and one slice, whose data is the sealed frame: a picture of several slices is one here. Emulation prevention bytes
// (H.264 §7.4.1) keep start codes out of it: 03 before each byte up to 03 that follows two zeros. Sealed frames
// that are escaped in any other way are refused.
//
// # Counters and replays
//
// One Sealer counts all frames under its base key, over all tracks, from 0. The counter cannot be set and is never
// stored: after a restart, or in another process, use another base key. At 2^32 frames Seal refuses with
// [ErrExhausted]. An Opener keeps a window of 4,096 counters for each KID over all tracks of the sender; a frame
// is marked as seen only after it was accepted, so forged frames change no state. The 4,096 bound how late a frame may
// come, not that frames come in order: for sound that is what [Order] is for, which knows the RTP timestamps.
//
// # Limits
//
// A Sealer or Opener handles one frame at a time under a lock; both are safe for concurrent use. Neither allocates
// if dst has room ([MaxOverhead] bytes more than the frame; the escapes of H.264 rarely need more). dst must not
// overlap the frame. An Opener remembers the KIDs that were dropped for as long as it lives, a few bytes each, and keeps
// as much room as the largest H.264 frame took that it was given.
//
// # Does not protect
//
//   - Against another member: whoever can open a sender's frames holds the sender's symmetric key, and together
//     with the server can forge frames of that sender.
//   - Who talks when: sizes, times, KID, CTR, codec, and for VP8, AV1 and H.264 which frames are key frames, are in
//     the clear.
//   - Against loss and delay, and against re-ordering inside the window: of sound if frames do not go through an [Order]
//     after they have opened, of pictures and data in any case.
//   - Keys in memory: Go cannot wipe the expanded key; after Drop it is garbage, not gone.
//   - Keys in your own structs: fmt calls no method of an unexported field, so %v of a struct that holds a BaseKey in
//     an unexported field prints its bytes. Hold it in an exported field or behind a pointer.
//   - Base keys that were used twice: two Sealers under one BaseKey and KID repeat nonces, which breaks
//     AES-GCM altogether. Who derives base keys must see to it.
package mediacrypt
