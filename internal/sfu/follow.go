package sfu

import (
	"net/netip"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

// maxFrom is how many addresses a client may check from in all: Pion keeps something of each, and goes through all of them each
// time. Somebody on a train does not come near it.
const maxFrom = 512

// quietFor is how long nothing has come from the chosen address before another one may take its place.
const quietFor = time.Second

// follower notices that a client's address changed without its knowledge, as when a NAT has forgotten it: its checks come from
// elsewhere and are answered there, so that it sees no reason to do anything, while we send to the old address. (RFC 8445 has
// the client's side choose; a lite agent that never checks cannot know more than where checks come from.)
//
// It is used in the loop of one ICE agent.
type follower struct {
	chosen netip.AddrPort // by the client, or followed to
	heard  time.Time      // from there
	other  netip.AddrPort // where checks come from instead
	checks int            // from there, one after the other

	from    map[netip.AddrPort]struct{} // all so far
	crowded func()                      // there are too many; called once
}

// asked is a binding request handler of the ICE agent's: with true the pair is chosen.
func (f *follower) asked(m *stun.Message, _, remote ice.Candidate, _ *ice.CandidatePair) bool {
	ip, err := netip.ParseAddr(remote.Address())
	if err != nil {
		return false
	}
	from := netip.AddrPortFrom(ip.Unmap(), uint16(remote.Port()))
	f.count(from)
	return f.check(from, m.Contains(stun.AttrUseCandidate), time.Now())
}

func (f *follower) count(from netip.AddrPort) {
	if _, known := f.from[from]; known || len(f.from) > maxFrom {
		return
	}
	if f.from == nil {
		f.from = map[netip.AddrPort]struct{}{}
	}
	f.from[from] = struct{}{}
	if len(f.from) > maxFrom {
		f.crowded()
	}
}

func (f *follower) check(from netip.AddrPort, nominated bool, now time.Time) (follow bool) {
	if nominated || from == f.chosen {
		f.chosen, f.heard, f.other = from, now, netip.AddrPort{}
		return false
	}
	if from != f.other {
		f.other, f.checks = from, 0
	}
	f.checks++
	if !f.chosen.IsValid() || f.checks < 2 || now.Sub(f.heard) < quietFor {
		return false
	}
	f.chosen, f.heard, f.other = from, now, netip.AddrPort{}
	return true
}
