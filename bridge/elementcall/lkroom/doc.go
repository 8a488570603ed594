// Package lkroom is a member of a LiveKit room: signalling, two peer connections, RTP in and out.
//
// [Join] enters a room with a token and returns a [Room], which lives until it is left or lost; whoever wants to come back
// joins anew. [Room.Publish] gives an [Outgoing] track, [Config].OnTrack an [Incoming] one. Packets are handed on as they
// come: sealing frames is lkframe's, taking them apart the caller's.
//
// The messages are written and read by pb.go, without LiveKit's own library (docs/decisions/0032).
//
// Limits: no simulcast of our own, no data channels, no resuming of a session, no RTX. Packets that were lost are asked
// for again on the SSRC they had.
//
// Does not protect: the server sees who is there, how much they send, and, of tracks that are not sealed, all.
package lkroom
