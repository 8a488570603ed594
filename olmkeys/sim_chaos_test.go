package olmkeys

import (
	"slices"
	"time"
)

// latency of one message. In the chaos phase some are slow, so that they overtake each other.
func (s *sim) latency() time.Duration {
	if !s.calm && s.chance(s.slow) {
		return s.between(50*time.Millisecond, 2*time.Second)
	}
	return s.between(5*time.Millisecond, 40*time.Millisecond)
}

// message relays an Olm message, as well as the server feels like.
func (s *sim) message(m simMessage) {
	to := s.find(m.to)
	if to == nil {
		return
	}
	if s.calm {
		if to.in {
			s.deliver(to, m)
		}
		return
	}
	if len(s.past) < simMaxPast {
		s.past = append(s.past, m)
	}
	if s.chance(s.drop) {
		return
	}
	s.deliver(to, m)
	if s.chance(s.duplicate) {
		s.deliver(to, m)
	}
}

func (s *sim) deliver(to *simNode, m simMessage) {
	t := s.now.Add(s.latency())
	if t.Before(to.silent) {
		t = to.silent
	}
	to.later(t, func() { to.handle(MessageReceived{From: m.from, Envelope: m.envelope}) })
}

// claim hands out one-time keys, or only fallback keys, or another device's, or nothing.
func (s *sim) claim(by *simNode, devices []Ref) {
	if !s.calm && s.chance(s.claimDrop) {
		return
	}
	var ev KeysClaimed
	for _, ref := range devices {
		n := s.find(ref)
		if n == nil || !n.in && !s.lies {
			continue
		}
		if !s.calm && s.lies && s.chance(0.1) {
			n = s.nodes[s.rng.IntN(len(s.nodes))]
		}
		c := ClaimedKey{Device: ref, Key: n.card.FallbackKey}
		if len(n.otks) > 0 && !s.fallbackOnly {
			c.Key, n.otks = n.otks[0], n.otks[1:]
			if len(n.otks) == 0 { // the honest server says so earlier; making keys costs more than the rest of a run
				n.later(s.now.Add(s.latency()), func() { n.handle(KeyCount{OneTimeKeys: oneTimeKeysLow - 1}) })
			}
		}
		ev.Keys = append(ev.Keys, c)
	}
	by.later(s.now.Add(s.latency()), func() { by.handle(ev) })
}

// tell gives a client a roster event. They come in order: the signalling connection does not overtake itself.
func (s *sim) tell(n *simNode, ev RosterChanged) {
	ev.Left, ev.Joined = slices.Clone(ev.Left), slices.Clone(ev.Joined)
	s.inOrder(n, ev)
}

// prove lists a device with another proof from now on, and tells the others.
func (s *sim) prove(n *simNode, proof Bytes) {
	if !n.in {
		return
	}
	n.card.Proof = proof
	for _, m := range s.present() {
		if m != n {
			s.inOrder(m, ProofReceived{From: n.ref, Proof: proof})
		}
	}
}

func (s *sim) inOrder(n *simNode, ev Event) {
	t := s.now.Add(s.latency())
	if t.Before(n.silent) {
		t = n.silent
	}
	if t.Before(n.roster) {
		t = n.roster
	}
	n.roster = t
	n.later(t, func() { n.handle(ev) })
}

// change is one batch of the server's roster. Lurkers may be told too.
func (s *sim) change(leave, join []*simNode) {
	var ev RosterChanged
	for _, n := range leave {
		n.in = false
		ev.Left = append(ev.Left, n.ref)
		s.note("%s leaves", n.name)
	}
	for _, n := range join {
		ev.Joined = append(ev.Joined, n.card.Announced)
		s.note("%s joins (right secret: %v)", n.name, n.valid)
	}
	for _, n := range s.nodes {
		if n.in || n.running && !slices.Contains(join, n) && s.chance(0.5) {
			s.tell(n, ev)
		}
	}
	for _, n := range join {
		n.in = true
	}
	var all []Announced
	for _, n := range s.present() {
		all = append(all, n.card.Announced)
	}
	for _, n := range join {
		s.tell(n, RosterChanged{Joined: all})
		n.say()
	}
}

// say lets a newcomer tell its name, sealed.
func (n *simNode) say() {
	n.later(n.s.now.Add(n.s.between(0, time.Second)), func() {
		if n.in {
			n.handle(SayToAll{Kind: "grotto.profile", Body: Bytes(`{"name":"n"}`)})
			n.write()
		}
	})
}

// any is somebody who is in, or nil.
func (s *sim) any() *simNode {
	in := s.present()
	if len(in) == 0 {
		return nil
	}
	return in[s.rng.IntN(len(in))]
}

// chaos lets things happen for a while.
func (s *sim) chaos() {
	rates := func(of ...float64) float64 { return of[s.rng.IntN(len(of))] }
	s.trouble = trouble{
		drop: rates(0, 0, 0.05, 0.3), duplicate: rates(0, 0, 0.2), slow: rates(0, 0, 0.1, 0.5),
		claimDrop: rates(0, 0, 0.3), fallbackOnly: s.chance(0.25), lies: s.chance(0.3), lateTicks: s.chance(0.3),
	}
	s.note("trouble: %+v", s.trouble)
	// Mostly small, since what a run costs are the pairs; a few are large.
	size, happenings := 2, 1+s.rng.IntN(2)
	switch r := s.rng.IntN(100); {
	case r < 1:
		size, happenings = 6, 6
	case r < 3:
		size, happenings = 4, 4
	case r < 20:
		size = 3
	}
	length := s.between(1500*time.Millisecond, 5*time.Second)
	next := 0
	newcomer := func() int { next++; return next - 1 }
	for range size {
		person := newcomer()
		s.after(s.between(0, 400*time.Millisecond), func() { s.change(nil, []*simNode{s.newNode(person, testSecret)}) })
	}
	for range happenings {
		s.after(s.between(300*time.Millisecond, length), func() { s.happen(newcomer) })
	}
	s.run(s.now.Add(length))
}

// happen is one thing that happens.
func (s *sim) happen(newcomer func() int) {
	n := s.any()
	if n == nil {
		return
	}
	switch s.rng.IntN(13) {
	case 0, 1: // leaves, and may go on listening
		s.change([]*simNode{n}, nil)
		n.running = s.chance(0.8)
	case 2: // reloads: leaves and joins in one batch; what it was before may go on listening
		s.change([]*simNode{n}, []*simNode{s.newNode(n.person, n.secret)})
		n.running = s.chance(0.5)
	case 3: // crashes, and comes back; the server may not say that the first join is over
		s.note("%s crashes", n.name)
		n.running = false
		joins := s.joins[n.person]
		s.after(s.between(0, 1500*time.Millisecond), func() {
			if s.joins[n.person] != joins {
				return // it is back already
			}
			back := s.newNode(n.person, n.secret)
			switch {
			case !n.in:
				s.change(nil, []*simNode{back})
			case s.lies && s.chance(0.5):
				n.in = false
				s.change(nil, []*simNode{back})
			default:
				s.change([]*simNode{n}, []*simNode{back})
			}
		})
	case 4: // somebody new, perhaps two in the same window
		s.change(nil, []*simNode{s.newNode(newcomer(), s.invitation(n))})
	case 5: // somebody with another secret
		s.change(nil, []*simNode{s.newNode(newcomer(), otherWord)})
	case 6: // sleeps: no events, no ticks, no frames
		d := s.between(200*time.Millisecond, 3*time.Second)
		s.note("%s sleeps %v", n.name, d)
		n.frozen = s.now.Add(d)
		n.later(n.frozen, n.tick)
	case 7: // the server withholds what is for it
		d := s.between(200*time.Millisecond, 3*time.Second)
		s.note("the server withholds %s's messages for %v", n.name, d)
		n.silent = s.now.Add(d)
	case 8:
		s.lie(n)
	case 9, 10: // is removed, and may come back by the old link
		s.expel(n, s.chance(0.8))
	case 11: // is blocked
		by := s.any()
		if p := by.agent.peers[n.ref]; p != nil && p.valid() && !s.now.Before(by.frozen) {
			if _, over := by.left[n.ref]; !over {
				by.left[n.ref] = s.now
			}
			s.note("%s blocks %s", by.name, n.name)
			by.blocked[n.ref] = true
			by.handle(Block{Device: n.ref})
		}
	case 12: // the session with somebody is broken
		s.wedge(n)
	}
}

// invitation is the secret that a newcomer comes with: as it was at first, or as somebody has it now.
func (s *sim) invitation(n *simNode) Secret {
	if s.chance(0.3) {
		return testSecret
	}
	return n.secret
}

// expel lets somebody remove n, and change the link. Two who remove each other split the rest into those who heard the
// one first and those who heard the other: only persons remove that are not removed.
func (s *sim) expel(n *simNode, change bool) {
	in := s.present()
	by := in[0]
	if !by.valid || n == by || n.person%2 == 0 {
		return
	}
	if more := in[s.rng.IntN(len(in))]; more.valid && more != n && more.person%2 == 0 {
		by = more // so that two may change the link at once
	}
	if by.person%2 != 0 || s.now.Before(by.frozen) || by.agent.peers[n.ref] == nil {
		return // nobody removes whom they do not see: it may be the join before that they still have
	}
	ev := Remove{Devices: []Ref{n.ref}}
	if change {
		var drawn [SecretSize]byte
		for i := range drawn {
			drawn[i] = byte(s.rng.Uint32())
		}
		ev.Secret = drawn[:]
		c := simChange{at: s.now, by: by, members: map[Ref]bool{by.ref: true}, removed: n.person}
		for _, ref := range by.agent.members() {
			c.members[ref] = ref != n.ref
		}
		s.changes = append(s.changes, c)
	}
	s.note("%s removes %s, changes the link: %v", by.name, n.name, change)
	if _, over := by.left[n.ref]; !over {
		by.left[n.ref] = s.now
	}
	by.removed[n.ref] = true
	by.handle(ev)
	joins := s.joins[n.person]
	s.after(s.between(0, 1500*time.Millisecond), func() {
		if s.calm || !s.chance(0.7) || s.joins[n.person] != joins {
			return
		}
		n.running = n.running && s.chance(0.5)
		s.change([]*simNode{n}, []*simNode{s.newNode(n.person, n.secret)})
	})
}

// wedge breaks the sessions that n has with somebody, as lost memory would: neither side can read the other on them.
func (s *sim) wedge(n *simNode) {
	with := s.any()
	p := n.agent.peers[with.ref]
	if with == n || p == nil || len(p.sessions.list) == 0 {
		return
	}
	s.note("the sessions of %s with %s break", n.name, with.name)
	n.agent.sender.renewAt = s.now.Add(s.between(0, 500*time.Millisecond)) // half an hour was over anyway: there is a key to send
	defer n.handle(Tick{})
	for _, other := range n.agent.order {
		if other != p && len(other.sessions.list) > 0 {
			broken := *other.sessions.list[0]
			p.sessions.list = []*pairSession{&broken}
			return
		}
	}
	p.sessions.list = nil
}

// lie is a hostile server's turn.
func (s *sim) lie(n *simNode) {
	if !s.lies {
		return
	}
	m := s.nodes[s.rng.IntN(len(s.nodes))]
	switch s.rng.IntN(5) {
	case 0: // old envelopes again
		s.note("replays to %s", n.name)
		for range min(10, len(s.past)) {
			old := s.past[s.rng.IntN(len(s.past))]
			if to := s.find(old.to); to != nil {
				s.deliver(to, old)
			}
		}
	case 1: // other senders' envelopes
		s.note("swaps senders to %s", n.name)
		for range min(6, len(s.past)) {
			old := s.past[s.rng.IntN(len(s.past))]
			old.from = m.ref
			if s.chance(0.5) {
				old.envelope.SenderKey = string(curveID(m.agent.account.curve25519[:]))
			}
			if s.chance(0.5) {
				old.to = n.ref
			}
			if to := s.find(old.to); to != nil {
				s.deliver(to, old)
			}
		}
	case 2: // announcements of long ago, also to those who were never told that they are over
		s.note("shows %s stale announcements", n.name)
		s.lied = true
		s.tell(n, RosterChanged{Joined: []Announced{m.card.Announced}})
	case 3: // somebody has left, says the server
		if m != n {
			s.note("tells %s that %s left", n.name, m.name)
			s.lied = true
			s.tell(n, RosterChanged{Left: []Ref{m.ref}})
		}
	case 4: // someone's announcement under another name
		s.note("renames %s to %s", m.name, n.name)
		a := m.card.Announced
		a.Device = "DEVICE9999"
		s.tell(n, RosterChanged{Joined: []Announced{a}})
	}
}

// peace: from now on the server is honest, and tells everybody who is there.
func (s *sim) peace() {
	s.note("peace")
	s.calm = true
	s.fallbackOnly, s.drop, s.duplicate = false, 0, 0
	var all []Announced
	var over []Ref
	for _, n := range s.nodes {
		switch {
		case n.in && n.running:
			all = append(all, n.card.Announced)
			n.silent = time.Time{}
			continue
		case n.in:
			n.in = false // crashed, and not back
		}
		over = append(over, n.ref)
	}
	for _, n := range s.present() {
		s.tell(n, RosterChanged{Left: over, Joined: all})
	}
}
