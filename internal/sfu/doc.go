// Package sfu forwards encrypted media between the members of a room: a selective forwarding unit on Pion.
//
// [New] opens one UDP port for everybody; [Room.Join] makes a [Peer], to which the caller hands the client's session
// descriptions with [Peer.Publish] and [Peer.Answer], and which hands its own back through [Callbacks]. How they travel is
// not its business: the package knows no signalling, no roster and no keys, and treats room ids, peer ids and labels as
// opaque strings that never enter a session description.
//
// # Two connections a peer
//
// Each peer has a publishing PeerConnection, on which only the client offers, and a subscribing one, on which only the
// server offers. So there is no glare by construction. The subscribing one is made when there is something to subscribe
// to. It has one offer under way at most; changes meanwhile are merged into the next one, so a burst of joins costs one
// negotiation. The server is ICE-lite and puts all its candidates into every description; it needs none of the client's and
// drops them unread: where a packet comes from is where answers go.
//
// # Ways
//
// One UDP port, IPv4 and IPv6, is offered by each address of the machine and by the public ones that an operator names. The
// same port number over TCP, or another that the operator gives, is package icetcp's, relays are package turn's; to the SFU both are clients on this machine. A client
// whose way broke restarts ICE: on its publishing connection by an offer with new credentials, on the subscribing one by
// [Peer.Restart]; tracks, DTLS and SRTP go on. One whose NAT gave it another address is followed.
//
// # Tracks
//
// A media section belongs to one track until an offer in which it is inactive has been answered; then another track of its
// kind may take it over, under other SSRCs. So descriptions grow with those who are there and not with those who were,
// and clients, which bind keys and frame transforms to a receiver, never see one change its sender under them.
//
// # What it reads
//
// RTP headers, header extensions, and of the payload only the codec's descriptor and the first bit behind it (see
// [KeyFrame]). It injects nothing but padding, transcodes nothing, and answers nobody in another's name. A codec's name is the
// publisher's word, checked against its offer; packets of another payload type are dropped.
//
// # Layers
//
// A video may come in several encodings (simulcast), in several layers of one stream (VP9 by its payload descriptor, AV1 by
// the dependency descriptor), and in temporal layers of either. Each subscriber is sent one size of it: the smallest that
// fills what [Peer.Show] says it shows, if there is room for it, and if the publisher sends it. It changes between
// encodings on a key frame, up and down; between the layers of a stream up on a key frame and down at any picture.
// Numbers, timestamps and picture ids are rewritten (package rewrite), so that the receiver sees one stream that was never
// anything else. What nobody is sent its publisher learns by [Callbacks].Wanted, after a while.
//
// # Room on the way
//
// Every packet to a subscriber bears a transport-wide number, and its feedback tells what the way carries (package bwe). Some
// times a second that is divided among the videos it wants (package allot): sound first, which is never paused, then by
// rank. A video without room is paused, and [Callbacks].Streams says so. What a subscriber lost takes a quarter of the way at
// most. While something better is wanted and all is calm, padding in the streams for retransmission tries whether there is
// room for it. Where the way has shown to be narrow, pictures leave as fast as it carries them (package pace).
//
// # Key frames
//
// A subscriber's video begins with a key frame, and it needs another whenever it changes to another encoding and whenever
// its decoder says so. The publisher is asked until one has really been forwarded to every subscriber that waits: requests
// get lost, and a key frame sent before the subscriber's DTLS was up is lost as well. Requests are merged and throttled
// per encoding.
//
// # Limits
//
// Four encodings a video, which must all be announced. The layers of a scalable stream are taken to build upon one another: the
// lower ones are sent as well where the upper ones would do alone (the _KEY and S modes). H.264 is constrained baseline in
// packetization mode 1 only. A subscriber that reports neither transport-wide feedback nor its own estimate is sent all it
// wants.
//
// # Does not protect
//
// Content: that is the clients' business, end to end. Who talks to whom, when, how much, and audio levels where clients send
// them, are visible here.
//
// # Concurrency
//
// All methods are safe for concurrent use. Callbacks of one peer come one after the other from a goroutine of its own
// and under no lock: they may call anything here except [SFU.Close].
package sfu
