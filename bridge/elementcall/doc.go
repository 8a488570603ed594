// Package elementcall carries media between a meeting of Grotto and Element Call's call in a Matrix room.
//
// [Run] does all of it until its context ends. It is a person's tool, `grotto gateway`, and no part of the server: it has
// the meeting's secret, and opens and seals every frame that it carries.
//
// Each participant of Element Call joins the meeting as a participant of its own, with [Label] behind the name. Each
// participant of Grotto appears in Element Call as a Matrix device of the gateway's account, with a media key of its own.
// The gateway itself is there on both sides, and sends nothing.
//
// Element Call's keys come Olm-encrypted, from devices that the policy trusts, which must be those that they claim to be
// and members of the room; see [olmdevice]. Ours are made anew whenever somebody leaves Element Call's call. Frames are
// sealed as lkframe says.
//
// One goroutine, Run's, owns all of the gateway's state; what others want of it they post. Each puppet has a goroutine for
// its keys and its connection, and each track one for its frames.
//
// Limits: VP8, H.264 and Opus; pictures in VP9 and AV1 are not carried. No simulcast towards Element Call, no levels of
// sound, no chat, no raised hands. Matrix shows all of Grotto's people under the account's name.
//
// Does not protect: frames are in the clear in this program's memory. Whoever runs it can record everybody, and both sides
// have to trust its word on who is who on the other. It cannot hide: it is a participant on either side.
package elementcall
