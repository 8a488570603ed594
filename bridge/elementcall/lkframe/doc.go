// Package lkframe seals and opens media frames as LiveKit's end-to-end encryption does, which Element Call uses.
//
// A [Ring] holds the keys of one participant and opens its frames; a [Sealer] seals under one key. A sealed frame is
//
//	header (clear, authenticated) || ciphertext || tag (16) || IV (12) || 0x0c || key index
//
// under AES-128-GCM, with a key by HKDF-SHA256 from the participant's sixteen bytes. How long the header is depends on
// the codec: Opus 1, VP8 10 or 3 (key frame or not), VP9 0, H.264 up to the second byte of its first slice. All behind
// the header of an H.264 frame is escaped as the codec escapes its units (H.264 §7.4.1). AV1 is not supported by LiveKit
// and refused.
//
// The vectors in testdata/frames.json are made by livekit-client; bridge/elementcall/testdata/ec/vectors.ts makes them.
//
// Does not protect: the format binds a frame neither to its track nor to its place among others. A server may show a
// camera's frame as a screen's, and leave frames out. That a frame comes twice, or long after its time, is noticed by its
// IV; the format's own implementation does not look.
package lkframe
