package sfu

import "fmt"

// negotiation is the state of the subscribing connection: one offer under way at most, and whether something changed since
// it was made. Only the newest state of the room is ever offered, never a queue of old ones. Not safe for concurrent use.
type negotiation struct {
	state negotiationState
	offer uint64 // number of the last offer, counting from 1
	dirty bool
	again bool // the next offer restarts ICE
	begun bool // ICE has: before that Pion cannot restart it
}

type negotiationState uint8

const (
	stateStable     negotiationState = iota // no offer under way
	stateOffered                            // an offer waits for its answer
	stateConnecting                         // the first answer is there, the transport is not up yet
)

func (s negotiationState) String() string {
	switch s {
	case stateStable:
		return "stable"
	case stateOffered:
		return "offered"
	case stateConnecting:
		return "connecting"
	}
	return fmt.Sprintf("negotiationState(%d)", uint8(s))
}

// restart asks that the next offer has new ICE credentials.
func (n *negotiation) restart() { n.again = true }

// begin is called when the room has changed or ICE is to restart, and reports whether an offer may be made now. If not, that is
// remembered. A transport that is not up yet is no reason to wait with a restart: it may never come up.
func (n *negotiation) begin() bool {
	if n.state == stateConnecting && n.again && n.begun {
		n.state = stateStable
	}
	if n.state != stateStable {
		n.dirty = true
		return false
	}
	n.dirty = false
	return true
}

// offered records that an offer was made, and numbers it.
func (n *negotiation) offered() uint64 {
	if n.state != stateStable {
		panic("sfu: overlapping offers")
	}
	n.state, n.again = stateOffered, false
	n.offer++
	return n.offer
}

// expects reports whether an answer to that offer is due.
func (n *negotiation) expects(offer uint64) bool { return n.state == stateOffered && offer == n.offer }

// answered ends the exchange, and reports whether another offer is due. After the first one the transport comes up first: an
// offer that overtakes the start of ICE makes Pion clients restart it, and they end up checking with dead credentials.
func (n *negotiation) answered() bool {
	if n.offer == 1 {
		n.state = stateConnecting
		return n.again && n.begun
	}
	n.state = stateStable
	return n.dirty || n.again
}

// begins says that ICE has begun, and reports whether another offer is due.
func (n *negotiation) begins() bool {
	n.begun = true
	return n.again
}

// connected says that the transport is up, and reports whether another offer is due.
func (n *negotiation) connected() bool {
	if n.state != stateConnecting {
		return false
	}
	n.state = stateStable
	return n.dirty || n.again
}
