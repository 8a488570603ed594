// Package badnet makes bad networks for tests: loss at random and in bursts, caps with a queue, delay, jitter, reordering,
// a link that is down, an address that changes. It needs nothing of the kernel, and what happens follows from a seed.
//
// A [Link] is one client's access line, for all its flows together, with [Conditions] for each direction. A [Rig] puts one
// in front of a server for each client that signals through it: it rewrites the candidates in descriptions, so that the
// client knows no other way to the media port than a UDP port of the link's. That works for browsers as for Go. A [Conn]
// is the same for a server whose socket is virtual, so that a test of a minute, in a bubble of testing/synctest, takes as
// long as its computations do and depends on no machine's speed.
//
// # Limits
//
// UDP over IPv4 only: other candidates, and TURN servers, are taken out of what clients are told. Signalling is not slowed
// down. A packet counts with 28 bytes of IP and UDP headers. The order in which goroutines run is no part of the seed, so
// two runs lose the same share of packets, not the same packets.
package badnet
