// Package rtc has the shapes of MatrixRTC: what one reads and writes in Matrix rooms about calls. It opens no connection and holds no key.
//
// [ParseState] and [ParseSticky] read who is in a call, [Roster] keeps account of it. [Notification] rings, [Call] says which room of Grotto
// belongs to a room of Matrix, and [Localpart] is a Matrix user's name among Grotto's users.
//
// # Does not protect
//
// A homeserver writes what it likes in its users' names: a membership proves nothing about who is in the call, or that anybody is. Keys go
// only to devices whose owner was checked by cross-signing. Nor does a created_ts prove who came first.
package rtc

import "maunium.net/go/mautrix/event"

// Prefix is ours among the types of events and transports.
const Prefix = "io.github.grotto-meet."

// Types of events: first of MatrixRTC, as its drafts and Element Call name them, then ours.
var (
	MemberType       = event.Type{Type: "org.matrix.msc3401.call.member", Class: event.StateEventType}
	StickyType       = event.Type{Type: "org.matrix.msc4143.rtc.member", Class: event.MessageEventType}
	NotificationType = event.Type{Type: "org.matrix.msc4075.rtc.notification", Class: event.MessageEventType}
	DeclineType      = event.Type{Type: "org.matrix.msc4310.rtc.decline", Class: event.MessageEventType}

	CallType          = event.Type{Type: Prefix + "call", Class: event.StateEventType}
	SecretRequestType = event.Type{Type: Prefix + "secret_request", Class: event.ToDeviceEventType}
	SecretType        = event.Type{Type: Prefix + "secret", Class: event.ToDeviceEventType}
	MessageType       = event.Type{Type: Prefix + "message", Class: event.ToDeviceEventType}
)
