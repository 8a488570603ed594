// Package matrixkeys takes part in the call of a Matrix room for a client: its keys travel as encrypted messages between
// Matrix devices, and the people are who Matrix says they are. [Enter] begins to follow a room, [Room.Appear] says in it
// that this device is in the call, [Room.Token] gets a join token of Grotto's server by the homeserver's word,
// [Room.Secret] gets the link's secret from who is there, or makes it, and a Room is the call's [call.KeyTransport].
//
// Whatever comes has passed [olmdevice]: Olm, a device that its account lists now, trusted as the policy asks. Beyond that
// a message counts only if it names the room, the meeting and the device that it comes from, its sender is a joined member
// of the room with a membership in this call, and its Grotto user is the one that this Matrix user has. A Grotto device
// stays with the Matrix device that it was first heard from, for the whole call. The secret is given to such devices only,
// and never to who linked the room, nor to its ghosts.
//
// The server does not link this package; a test holds that.
//
// # Does not protect
//
// Who is in the room is the homeserver's word, and its moderators': everybody whom they let in gets the secret when they
// come with a trusted device. The homeserver may hold messages back, and sees who is in the call with which device and
// when. Who had the secret keeps it when they leave the room: they get no token any more, and nobody's keys, but the link
// should be changed.
package matrixkeys
