// Package load fills a meeting with participants of its own and measures what the server does with their media.
//
// [Run] takes a [Config] and returns a [Result]. Publishers send a camera and a microphone, sealed as always, with a number
// and the time in each frame; everybody receives what all others send, as in a meeting. So what is counted are frames that
// were sealed, sent, forwarded, received and opened, not packets, and lost is what did not come after all repair.
//
// # Limits
//
// All participants are in this process: its work is in the latency, so it wants cores of its own, better a machine of its
// own. The pictures cannot be looked at. Of a server on this machine, and on Linux, its processor time and memory can be
// read.
package load
