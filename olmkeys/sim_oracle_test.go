package olmkeys

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// Bounds of a run.
const (
	simWholeEvery     = 100 // in each so-many-th seed keys are made anew, as NewAgent does it
	simOneTimeKeys    = 8   // that the server holds of a newcomer
	simMaxPast        = 256
	simMaxSteps       = 500_000
	simMaxEffects     = 32
	simMaxEffectsPeer = 24

	simLeaveBound   = time.Second      // crypto.md: from learning of a leave to the last frame that opens
	simCalmBound    = 60 * time.Second // of honest delivery, until everybody opens everybody
	simFresh        = 1500 * time.Millisecond
	simMessagesPair = 24 // Olm messages of the calm phase, an ordered pair
)

// simPlant is a bug put in on purpose, by driving the agent or the sealer as a buggy program would.
type simPlant int

const (
	plantNone simPlant = iota
	// plantShareFirst: newcomers count as holders already and are owed the key, so that they get the ratchet as it is.
	plantShareFirst
	// plantNoRotation: who leaves is struck off the holders first, so that nothing seems to need a new generation.
	plantNoRotation
	// plantCounterReuse: the sealer is made anew for a key in use, as a restart that kept the ratchet would.
	plantCounterReuse
)

func (p simPlant) String() string {
	return []string{"none", "share before advance", "no rotation", "counter reuse"}[p]
}

func (p simPlant) beforeRoster(n *simNode, r RosterChanged) {
	if p != plantNoRotation {
		return
	}
	for _, g := range n.agent.sender.generations {
		for ref := range n.left {
			delete(g.holders, ref)
		}
	}
}

func (p simPlant) afterRoster(n *simNode, r RosterChanged) {
	if p != plantShareFirst {
		return
	}
	for _, a := range r.Joined {
		q := n.agent.peers[a.Ref]
		if q == nil || !q.valid() || q.shared {
			continue
		}
		for _, g := range n.agent.sender.generations {
			g.holders[a.Ref] = struct{}{}
		}
		q.owed = true
	}
}

func (p simPlant) beforeSeal(n *simNode) {
	if p != plantCounterReuse || !n.s.chance(0.05) {
		return
	}
	sealer, err := mediacrypt.NewSealer(n.sealer.KID(), n.sealKey.Media())
	if err != nil {
		panic(err)
	}
	n.sealer = sealer
}

// simResult is what a run came to.
type simResult struct {
	failures []string
	settled  time.Duration // of the calm phase, until everybody opened everybody
	pairs    int           // ordered, that had to
	messages int           // of the calm phase
	nodes    int
}

// simulate runs a seed. A panic is a failure like others.
func simulate(seed uint64, plant simPlant, log func(string, ...any)) (result simResult) {
	s := &sim{
		seed: seed, plant: plant, rng: newSimRand(seed), now: simStart, log: log,
		frames: map[simSeal]struct{}{}, joins: map[int]int{},
	}
	defer func() {
		if r := recover(); r != nil {
			s.fail("panic: %v\n%s", r, debug.Stack())
			result.failures = s.failures
		}
	}()
	s.chaos()
	s.peace()
	begin := s.now
	for step := 500 * time.Millisecond; len(s.failures) == 0; {
		s.run(s.now.Add(step))
		apart, pairs := s.apart(begin)
		result.pairs = pairs
		if len(apart) == 0 && s.now.Sub(begin) >= time.Second {
			break
		}
		if s.now.Sub(begin) >= simCalmBound {
			s.fail("convergence: after %v, %d of %d pairs are apart: %s", simCalmBound, len(apart), pairs, apart[0])
		}
	}
	result.settled, result.messages, result.nodes = s.now.Sub(begin), s.calmSent, len(s.nodes)
	if most := simMessagesPair * (1 + result.pairs); s.calmSent > most {
		s.fail("messages: %d in the calm phase, for %d pairs", s.calmSent, result.pairs)
	}
	s.secrecy()
	result.failures = s.failures
	return result
}

// apart lists those who are in each other's rosters and do not open each other's fresh frames.
func (s *sim) apart(begin time.Time) (apart []string, pairs int) {
	in := s.present()
	for _, n := range in {
		for _, m := range in {
			if n == m || n.valid != m.valid {
				continue
			}
			p, q := n.agent.peers[m.ref], m.agent.peers[n.ref]
			if p == nil || !p.valid() || q == nil || !q.valid() {
				if !s.lied && s.now.Sub(begin) >= time.Second {
					apart = append(apart, fmt.Sprintf("%s and %s are not in each other's rosters", n.name, m.name))
				}
				continue
			}
			pairs++
			if fresh := n.fresh[m.ref]; fresh.Before(begin) || s.now.Sub(fresh) > simFresh {
				apart = append(apart, fmt.Sprintf("%s does not open %s", n.name, m.name))
			}
		}
	}
	return apart, pairs
}

// secrecy holds all that anybody ever had against all that anybody ever sealed.
func (s *sim) secrecy() {
	for _, by := range s.nodes {
		for kid, k := range by.sealed {
			for _, n := range s.nodes {
				if n == by || !n.couldOpen(by, kid, k.key) {
					continue
				}
				joined, ever := by.joined[n.ref]
				left, gone := by.left[n.ref]
				switch {
				case n.valid != by.valid:
					s.fail("secrecy: %s, of another secret, holds %v of %s", n.name, kid, by.name)
				case !ever:
					s.fail("secrecy: %s, never in the roster, holds %v of %s", n.name, kid, by.name)
				case k.first.Before(joined):
					s.fail("secrecy: %s opens frames %v older than its join under %v of %s", n.name, joined.Sub(k.first), kid, by.name)
				case gone && k.last.After(left.Add(simLeaveBound)):
					s.fail("secrecy: %s opens frames %v after its leave under %v of %s", n.name, k.last.Sub(left), kid, by.name)
				}
			}
		}
		for _, n := range s.nodes {
			if n.valid != by.valid && (len(n.states[by.ref]) > 0 || len(n.keys[by.ref]) > 0) {
				s.fail("secrecy: %s, of another secret, holds a key of %s", n.name, by.name)
			}
		}
	}
}

// couldOpen says whether a device that kept everything it ever had holds this key.
func (n *simNode) couldOpen(by *simNode, kid mediacrypt.KeyID, key BaseKey) bool {
	for _, keys := range n.keys {
		if keys[kid] == key {
			return true
		}
	}
	r, have := n.states[by.ref][kid.Generation()]
	if !have || r.Counter > uint32(kid.Index()) {
		return false
	}
	r.AdvanceTo(uint32(kid.Index()))
	k := newSchedule(&n.agent.link, simRoom, simCall, by.ref)
	return k.baseKey(labelMedia, kid.Generation(), &r) == key
}
