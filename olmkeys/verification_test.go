package olmkeys

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// couple is two agents that know each other and whose verification messages a test passes on, in the clear: Olm keeps
// everybody else from touching them, so what is tested here is what the other device itself could do.
type couple struct {
	t    testing.TB
	now  time.Time
	a, b *party
	// tamper may change what is on its way from b, drop it or add to it. Nil passes it on.
	tamper func(m said) []said
}

// said is a message on its way.
type said struct {
	kind    string
	content string
}

// party is an agent and what it told its person.
type party struct {
	*Agent
	peer  *peer
	told  []Verification
	state PeerState
	sent  []said // everything it ever sent
	fault error  // the last
	fails []error
	wake  time.Time
	qr    string
}

func (p *party) take(effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Verification:
			p.told = append(p.told, e)
		case Show:
			p.state = e.State
		case QR:
			p.qr = e.Text
		case WakeAt:
			p.wake = e.Time
		}
	}
}

// last is what the person was told last.
func (p *party) last() Verification {
	if len(p.told) == 0 {
		return Verification{}
	}
	return p.told[len(p.told)-1]
}

func newCouple(t testing.TB) *couple { return coupleOf(t, "alice", "bob") }

func coupleOf(t testing.TB, nameA, nameB string) *couple {
	t.Helper()
	w := newWorld(t)
	a, b := w.node(nameA), w.node(nameB)
	c := &couple{t: t, now: w.now, a: &party{Agent: a.agent}, b: &party{Agent: b.agent}}
	c.meet()
	return c
}

func (c *couple) meet() {
	for _, x := range [][2]*party{{c.a, c.b}, {c.b, c.a}} {
		self, other := x[0], x[1]
		self.take(self.Handle(c.now, RosterChanged{Joined: []Announced{other.announcement.Announced}}))
		self.peer = self.peers[other.self]
		self.peer.shared = true
		self.show(self.peer, StateNew) // as if keys had gone both ways
		self.take(self.flush())
	}
}

func (c *couple) step(p *party, step VerifyStep) {
	p.take(p.Handle(c.now, Verify{With: p.peer.ref, Step: step}))
}

// pass gives messages on until both are silent.
func (c *couple) pass() {
	c.t.Helper()
	for rounds := 0; ; rounds++ {
		if rounds > 50 {
			c.t.Fatal("the two do not come to rest")
		}
		fromA, fromB := c.collect(c.a), c.collect(c.b)
		if len(fromA)+len(fromB) == 0 {
			return
		}
		for _, m := range fromA {
			c.give(c.b, m)
		}
		for _, m := range fromB {
			list := []said{m}
			if c.tamper != nil {
				list = c.tamper(m)
			}
			for _, m := range list {
				c.give(c.a, m)
			}
		}
	}
}

func (c *couple) collect(p *party) (list []said) {
	c.t.Helper()
	for _, u := range p.peer.untold {
		b, err := encodeMessage(u.message)
		if err != nil {
			c.t.Fatal(err)
		}
		list = append(list, said{u.kind, string(b)})
	}
	p.peer.untold = nil
	p.sent = append(p.sent, list...)
	return list
}

// give does what Agent.receive does with a message once it is decrypted.
func (c *couple) give(p *party, m said) {
	var err error
	if m.kind == typeScanned {
		err = p.scannedReceived(p.peer, []byte(m.content))
	} else {
		err = p.verificationReceived(p.peer, m.kind, []byte(m.content))
	}
	if err != nil {
		p.fault, p.fails = err, append(p.fails, err)
	}
	p.take(p.flush())
}

// compare runs a verification up to the emoji.
func (c *couple) compare() {
	c.t.Helper()
	c.step(c.a, VerifyRequest)
	c.pass()
	c.step(c.b, VerifyRequest)
	c.pass()
}

// finish says that the emoji match, on both sides.
func (c *couple) finish() {
	c.t.Helper()
	c.step(c.a, VerifyMatch)
	c.pass()
	c.step(c.b, VerifyMatch)
	c.pass()
}

// done fails the test unless both are verified.
func (c *couple) done() {
	c.t.Helper()
	for _, p := range []*party{c.a, c.b} {
		if p.last().State != VerifyDone || p.state != StateVerified || p.fault != nil {
			c.t.Errorf("%s: %+v, shown as %s, %v", p.self.User, p.last(), p.state, p.fault)
		}
	}
}

func (p *party) dropped(want error) bool {
	return slices.ContainsFunc(p.fails, func(err error) bool { return errors.Is(err, want) })
}

// failed fails the test unless p was told so and does not show the other as verified.
func (c *couple) failed(p *party, reason VerifyReason) {
	c.t.Helper()
	if v := p.last(); v.State != VerifyCancelled || v.Reason != reason || p.state != StateNew || p.peer.sas != nil {
		c.t.Errorf("%s: %+v instead of %s, shown as %s", p.self.User, v, reason, p.state)
	}
}

func TestVerification(t *testing.T) {
	c := newCouple(t)
	c.step(c.a, VerifyRequest)
	c.pass()
	if c.a.last().State != VerifyWaiting || c.b.last().State != VerifyRequested {
		t.Fatalf("%+v, %+v", c.a.told, c.b.told)
	}
	c.step(c.b, VerifyRequest)
	c.pass()
	va, vb := c.a.last(), c.b.last()
	if va.State != VerifyCompare || len(va.Emoji) != 7 || len(va.Decimal) != 3 ||
		!slices.Equal(va.Emoji, vb.Emoji) || !slices.Equal(va.Decimal, vb.Decimal) {
		t.Fatalf("%+v, %+v", va, vb)
	}
	c.step(c.b, VerifyMatch)
	c.pass()
	if c.b.last().State != VerifyWaiting || c.a.last().State != VerifyCompare || c.a.state != StateNew || c.b.state != StateNew {
		t.Fatalf("%+v, %+v", c.a.last(), c.b.last())
	}
	c.step(c.a, VerifyMatch)
	c.pass()
	c.done()
	// Again, the other way round; what was verified stays so meanwhile.
	c.step(c.b, VerifyRequest)
	c.pass()
	c.step(c.a, VerifyRequest)
	c.pass()
	if slices.Equal(c.a.last().Emoji, va.Emoji) {
		t.Error("the same emoji in another run")
	}
	c.finish()
	c.done()
}

// Requests cross, and starts cross.
func TestVerificationCrossing(t *testing.T) {
	t.Run("requests", func(t *testing.T) {
		c := newCouple(t)
		c.step(c.a, VerifyRequest)
		c.step(c.b, VerifyRequest)
		c.pass()
		if c.a.last().State != VerifyCompare || !slices.Equal(c.a.last().Emoji, c.b.last().Emoji) {
			t.Fatalf("%+v, %+v", c.a.last(), c.b.last())
		}
		c.finish()
		c.done()
	})
	for _, names := range [][2]string{{"alice", "bob"}, {"bob", "alice"}} {
		t.Run("starts of "+names[0]+" and "+names[1], func(t *testing.T) {
			c := coupleOf(t, names[0], names[1])
			c.step(c.a, VerifyRequest)
			c.pass()
			c.step(c.b, VerifyRequest) // ready; and the other kind of client, which starts when it is the one that was asked
			if err := c.b.readyReceived(c.b.peer, ready(c.b), []byte(readyOf(c.a, c.b))); err != nil {
				t.Fatal(err)
			}
			c.pass()
			if c.a.last().State != VerifyCompare || !slices.Equal(c.a.last().Emoji, c.b.last().Emoji) {
				t.Fatalf("%+v, %+v", c.a.last(), c.b.last())
			}
			if smaller := c.a.self.User < c.b.self.User; c.a.peer.sas.starter != smaller || c.b.peer.sas.starter == smaller {
				t.Error("the start of the larger user counts")
			}
			c.finish()
			c.done()
		})
	}
}

// ready makes a run look as if p had asked, so that a ready makes it send a start.
func ready(p *party) *sasRun {
	p.peer.sas.state = sasAsking
	return p.peer.sas
}

func readyOf(from, to *party) string {
	return fmt.Sprintf(`{"from_device":%q,"methods":["m.sas.v1"],"transaction_id":%q}`, from.self.Device, to.peer.sas.exchange.transaction)
}

func TestVerificationEnds(t *testing.T) {
	for name, test := range map[string]struct {
		act          func(c *couple)
		atA, atB     VerifyReason
		stayVerified bool
	}{
		"cancelled by who asked": {func(c *couple) { c.step(c.a, VerifyRequest); c.pass(); c.step(c.a, VerifyCancel) }, VerifyByUs, VerifyByThem, true},
		"refused":                {func(c *couple) { c.step(c.a, VerifyRequest); c.pass(); c.step(c.b, VerifyCancel) }, VerifyByThem, VerifyByUs, true},
		"cancelled at the emoji": {func(c *couple) { c.compare(); c.step(c.b, VerifyCancel) }, VerifyByThem, VerifyByUs, true},
		"the emoji differ":       {func(c *couple) { c.compare(); c.step(c.b, VerifyMismatch) }, VerifyDiffers, VerifyDiffers, false},
		"after a match": {func(c *couple) { c.compare(); c.step(c.a, VerifyMatch); c.pass(); c.step(c.b, VerifyMismatch) },
			VerifyDiffers, VerifyDiffers, false},
		"second thoughts": {func(c *couple) { c.compare(); c.step(c.a, VerifyMatch); c.pass(); c.step(c.a, VerifyMismatch) },
			VerifyDiffers, VerifyDiffers, false},
		"nobody agrees": {func(c *couple) {
			c.step(c.a, VerifyRequest)
			c.pass()
			for _, p := range []*party{c.a, c.b} {
				p.take(p.Handle(c.now.Add(verifyLife-time.Second), Tick{}))
				if p.last().State == VerifyCancelled {
					t.Error("over too early")
				}
				p.take(p.Handle(c.now.Add(verifyLife), Tick{}))
			}
		}, VerifyTimeout, VerifyTimeout, true},
	} {
		for _, before := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", name, before), func(t *testing.T) {
				c := newCouple(t)
				want := StateNew
				if before {
					c.compare()
					c.finish()
					c.done()
					if test.stayVerified {
						want = StateVerified
					}
				}
				test.act(c)
				c.pass()
				for p, reason := range map[*party]VerifyReason{c.a: test.atA, c.b: test.atB} {
					if v := p.last(); v.State != VerifyCancelled || v.Reason != reason || p.state != want || p.peer.sas != nil {
						t.Errorf("%s: %+v instead of %s, shown as %s", p.self.User, v, reason, p.state)
					}
				}
			})
		}
	}
}

// A device that goes away ends what was going on with it.
func TestVerificationPeerLeaves(t *testing.T) {
	c := newCouple(t)
	c.compare()
	c.a.take(c.a.Handle(c.now, RosterChanged{Left: []Ref{c.b.self}}))
	if v := c.a.last(); v.State != VerifyCancelled || v.Reason != VerifyByThem {
		t.Errorf("%+v", v)
	}
	c.step(c.a, VerifyMatch)
	if len(c.a.told) != 3 { // waiting, compare, cancelled
		t.Errorf("%+v", c.a.told)
	}
}

// Through Olm, in a call, before there is a session; with nothing dropped on the way.
func TestVerificationInACall(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	told := func(n *node) (last Verification) {
		for _, e := range n.effects {
			if v, ok := e.(Verification); ok {
				last = v
			}
		}
		return last
	}
	w.join(a, b)
	w.run(w.latency) // they know of each other, and nothing more
	if a.agent.peers[b.ref].sessions.usable() != nil {
		t.Fatal("there is a session already: the test shows less than it should")
	}
	b.handle(Verify{With: a.ref, Step: VerifyRequest})
	w.run(time.Second)
	a.handle(Verify{With: b.ref, Step: VerifyRequest})
	w.run(time.Second)
	if told(a).State != VerifyCompare || !slices.Equal(told(a).Emoji, told(b).Emoji) {
		t.Fatalf("%+v, %+v", told(a), told(b))
	}
	a.handle(Verify{With: b.ref, Step: VerifyMatch})
	b.handle(Verify{With: a.ref, Step: VerifyMatch})
	w.run(time.Second)
	if a.states[b.ref] != StateVerified || b.states[a.ref] != StateVerified || told(a).State != VerifyDone {
		t.Errorf("%s, %s, %+v", a.states[b.ref], b.states[a.ref], told(a))
	}
	w.noFaults()
	// It holds for this identity in this call, not for the user id: who comes back with other keys is new.
	w.leave(b)
	w.run(time.Second)
	again := w.node("bob")
	w.join(again)
	w.run(time.Second)
	if s := a.states[again.ref]; s == StateVerified {
		t.Errorf("other keys under the same name are shown as %s", s)
	}
}

// A device cannot call upon our person without end.
func TestVerificationRequestFlood(t *testing.T) {
	c := newCouple(t)
	for i := range 100 {
		c.give(c.a, said{typeVerifyRequest, fmt.Sprintf(`{"from_device":"BOBXXXXXXX","methods":["m.sas.v1"],"timestamp":0,"transaction_id":"t%d"}`, i)})
		c.give(c.a, said{typeVerifyCancel, fmt.Sprintf(`{"code":"m.user","transaction_id":"t%d"}`, i)})
	}
	if len(c.a.told) > 2*requestsPerSecond || !c.a.dropped(ErrTooMany) {
		t.Errorf("the person was told %d things", len(c.a.told))
	}
	c.a.take(c.a.Handle(c.now.Add(time.Second), Tick{}))
	c.step(c.b, VerifyRequest)
	c.pass()
	if c.a.last().State != VerifyRequested {
		t.Errorf("%+v", c.a.last())
	}
}

// A person who sees that the emoji differ is heard, also when the other side has begun something else in that moment.
func TestVerificationMismatchIsHeard(t *testing.T) {
	c := newCouple(t)
	c.compare()
	c.finish()
	c.done()
	c.compare()
	c.give(c.a, said{typeVerifyRequest, `{"from_device":"BOBXXXXXXX","methods":["m.sas.v1"],"timestamp":0,"transaction_id":"another"}`})
	c.step(c.a, VerifyMismatch)
	c.failed(c.a, VerifyDiffers)
	c = newCouple(t)
	c.compare()
	c.finish()
	c.compare()
	c.step(c.b, VerifyCancel)
	c.pass()
	c.step(c.a, VerifyMismatch)
	c.failed(c.a, VerifyDiffers)
}

// Whatever two people press and whatever is lost or comes late, nobody is verified unless both said that the same emoji
// match, and nothing goes on for longer than it may.
func TestVerificationChaos(t *testing.T) {
	c := newCouple(t)
	done := 0
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 1))
		parties := []*party{c.a, c.b}
		matched := map[*party][]string{}
		seen := map[*party]int{}
		var way [2][]said // from a, from b; in the order in which they were sent, as Olm's relay keeps it
		for range 60 {
			i := rng.IntN(2)
			p, other := parties[i], parties[1-i]
			switch n := rng.IntN(20); {
			case n < 4 || n < 8 && p.peer.sas == nil:
				c.step(p, VerifyRequest)
			case n < 8:
				if r := p.peer.sas; r != nil && r.state == sasCompare && !r.matched {
					matched[p] = append(matched[p], fmt.Sprint(emojiOf(r.exchange.bytes())))
				}
				c.step(p, VerifyMatch)
			case n == 8:
				c.step(p, []VerifyStep{VerifyCancel, VerifyMismatch}[rng.IntN(2)])
			default:
				if len(way[1-i]) > 0 {
					m := way[1-i][0]
					way[1-i] = way[1-i][1:]
					if rng.IntN(40) > 0 { // else it is lost
						c.give(p, m)
					}
				}
			}
			way[i] = append(way[i], c.collect(p)...)
			way[1-i] = append(way[1-i], c.collect(other)...)
			for _, p := range parties {
				for ; seen[p] < len(p.told); seen[p]++ {
					if p.told[seen[p]].State != VerifyDone {
						continue
					}
					done++
					other := parties[1]
					if p == other {
						other = parties[0]
					}
					if own := matched[p]; len(own) == 0 || !slices.Contains(matched[other], own[len(own)-1]) {
						t.Fatalf("seed %d: %s is done with emoji that %s did not confirm", seed, p.self.User, other.self.User)
					}
				}
			}
		}
		c.now = c.now.Add(verifyLife)
		for _, p := range parties {
			p.take(p.Handle(c.now, Tick{}))
			c.collect(p)
			if p.peer.sas != nil || !p.wake.IsZero() && p.wake.Before(c.now) {
				t.Fatalf("seed %d: %s goes on", seed, p.self.User)
			}
			p.told, p.fails, p.sent = nil, nil, nil
		}
	}
	if done < 50 {
		t.Errorf("only %d came to a good end: the test shows little", done)
	}
}

// A verification is over when the device is no member any more, and our person is told so.
func TestVerificationPeerLapses(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "carol")
	a, b := nodes[0], nodes[1]
	a.handle(Verify{With: b.ref, Step: VerifyRequest})
	w.run(time.Second)
	w.tamperProof = func(from, to Ref, _ *Bytes) bool { return from != b.ref || to != a.ref }
	a.handle(Remove{Secret: secondSecret})
	w.run(linkLife + time.Second)
	a.sees(b, StateWrongSecret)
	var last Verification
	for _, e := range a.effects {
		if v, ok := e.(Verification); ok {
			last = v
		}
	}
	if last.State != VerifyCancelled {
		t.Errorf("alice was told %q last", last.State)
	}
}
