// Package turn is a TURN server (RFC 8656) that leads to this server's own media port and nowhere else, for clients whose network
// lets them reach that port neither by UDP nor by TCP.
//
// [New] takes the sockets, [Server.Grant] makes the credentials of a session, and [Server.Revoke] takes them back together with
// all that they allocated.
//
// # Where a relay leads
//
// A relay has no address of its own. What a client sends to one of the addresses that our media port is offered by goes through
// a socket that is connected to the media port, and only what comes from there goes back; everything else is refused or dropped
// here, before any socket. So there is no way from a relay to other hosts, to loopback, or to another port of this one: not by
// a forged peer address, not by another port behind a permitted address, not by TCP (RFC 6062 is refused). Two relays
// cannot reach each other either, and the relayed address that a client is told is one that nobody answers.
//
// # Credentials
//
// A user name is an expiry and a random name; the password is an HMAC over both and the room under a key that lives as long as
// the process. They work while the session lives and up to the expiry: a client that holds a relay keeps it as long
// as it is in the call, but needs a session to make one.
//
// # Limits
//
// [MaxAllocations] a session, [MaxRelaysPerAddress] the clients of one [Network], [MaxRelays] in all; [MaxStreams] TCP connections a listener, [MaxPerAddress] of them from one Network, more are refused.
// A connection without a relay ends after 10 s, whatever it sends, and one with a relay when it is silent for 11 minutes. Bandwidth is not limited here: what a relay carries counts at the media port as if it had come there directly.
//
// # Does not protect
//
// TURN hides neither who uses it nor how much from the network. What it carries is SRTP and DTLS, as without it.
package turn
