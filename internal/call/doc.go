// Package call is the Go client: it joins an end-to-end encrypted meeting, publishes media files and opens the frames
// of everybody else.
//
// [ParseLink] reads the link of a meeting and [Join] enters it; the [Call] that it returns lives until [Call.Leave].
// Opened frames come through [Config].OnFrame, a [Recorder] writes them to files and a [Player] to a pipe; what is sent comes from [OpenMedia],
// over and over, or from [OpenStream], once. What happened is in [Call.Report]. [Call.Say] and [Call.SayTo] write
// lines, which come through [Config].OnChat, cleaned of what could harm a terminal.
//
// One goroutine, the session's, owns all signalling state and the key agent (olmkeys); it sleeps until something
// happens. Two peer connections carry media: one publishes and is offered by this side, one subscribes and is offered by
// the server, so that offers never cross. Each track has a goroutine of its own between its packets and the key ring.
//
// A dropped socket is dialled again and the session resumed: same keys, same connections. If the server no longer knows
// the session (too late, or restarted) the client joins anew: new join id, new keys, new connections.
//
// Limits: no simulcast, no bandwidth adaptation (files are sent as they are), no TURN. A frame that does not open is
// counted and dropped, never handed on.
//
// Does not protect: whoever has the link may enter (see olmkeys); the server sees who is there, who sends how much, and
// when. The client trusts its own memory and disk: files that are recorded are plain media.
package call
