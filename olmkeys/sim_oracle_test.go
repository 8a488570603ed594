package olmkeys

import (
	"fmt"
	"runtime/debug"
	"slices"
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
	// plantNoProof: whoever is a member is taken to have proven a changed link, and is owed the key.
	plantNoProof
	// plantOldGeneration: who asks while a rotation is pending is handed the generation before, as it is.
	plantOldGeneration
	// plantNoRedial: a session that does not work is kept.
	plantNoRedial
	// plantCounterReuse: the sealer is made anew for a key in use, as a restart that kept the ratchet would.
	plantCounterReuse
)

func (p simPlant) String() string {
	return []string{"none", "share before advance", "no rotation", "no proof", "old generation", "no redial", "counter reuse"}[p]
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

func (p simPlant) afterEvent(n *simNode) {
	generations := n.agent.sender.generations
	for _, q := range n.agent.order {
		if !q.valid() {
			continue
		}
		switch p {
		case plantNoProof:
			if !q.proven {
				q.proven, q.owed = true, true
			}
		case plantOldGeneration:
			if _, holds := generations[0].holders[q.ref]; !holds && len(generations) > 1 && q.sessions.usable() != nil {
				generations[0].holders[q.ref] = struct{}{}
				q.answerAt = n.s.now
				n.agent.woken = n.s.now
			}
		case plantNoRedial:
			if q.dial.again {
				q.dial = dialState{last: q.dial.last}
			}
		}
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
	s.letters()
	s.secrecy()
	s.expelled()
	result.failures = s.failures
	return result
}

// apart lists those who are in each other's rosters and do not open each other's fresh frames.
func (s *sim) apart(begin time.Time) (apart []string, pairs int) {
	in := s.present()
	for _, n := range in {
		for _, m := range in {
			if n == m || n.valid != m.valid || n.keepsOut(m) || m.keepsOut(n) {
				continue
			}
			if n.agent.link.id != m.agent.link.id {
				if !s.lied && s.shareLink(n, m) {
					apart = append(apart, fmt.Sprintf("%s and %s have different links", n.name, m.name))
				}
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

// keepsOut says whether a member removed m, as n heard, or n blocked its identity.
func (n *simNode) keepsOut(m *simNode) bool {
	_, removed := n.agent.watch.removed[m.ref.JoinID]
	p := n.agent.peers[m.ref]
	return removed || n.blocked[m.ref] || p != nil && p.shut
}

// shareLink says whether two must come to one link: whoever changed it is still here and took both for members.
func (s *sim) shareLink(n, m *simNode) bool {
	for _, c := range s.changes {
		if !c.by.in || !c.by.running || !c.members[n.ref] || !c.members[m.ref] ||
			c.by.keepsOut(n) || c.by.keepsOut(m) || n.keepsOut(c.by) || m.keepsOut(c.by) {
			return false
		}
	}
	return true
}

// knows says whether a device ever had the link.
func (n *simNode) knows(id linkID) bool {
	return slices.ContainsFunc(n.links, func(l link) bool { return l.id == id })
}

// addressed checks to whom the node's keys go: to nobody without the link that they were made under.
func (n *simNode) addressed() {
	for _, g := range n.agent.sender.generations {
		for ref := range g.holders {
			if m := n.s.find(ref); m != nil && !m.knows(g.schedule.link) {
				n.s.fail("link: %s addresses generation %d to %s, who does not have its link", n.name, g.number, m.name)
			}
		}
	}
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
			for number := range n.states[by.ref] {
				if made, known := by.made[number]; known && !n.knows(made) {
					s.fail("link: %s holds generation %d of %s, made under a link that it never had", n.name, number, by.name)
				}
			}
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
	for _, l := range n.links {
		k := newSchedule(&l, simRoom, simCall, by.ref)
		if k.baseKey(labelMedia, kid.Generation(), &r) == key {
			return true
		}
	}
	return false
}

// expelled holds who changed the link against those whom they did so for, in whatever join.
func (s *sim) expelled() {
	for _, c := range s.changes {
		if !c.by.in || !c.by.running {
			continue // nobody else knows whom the link was changed for
		}
		for _, n := range s.nodes {
			if n.person == c.removed && n.knows(c.by.agent.link.id) {
				s.fail("link: %s, whom %s removed, has the link that %s has", n.name, c.by.name, c.by.name)
			}
		}
	}
}
