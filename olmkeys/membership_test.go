package olmkeys

import (
	"testing"
	"time"
)

// count says how many of the captured frames the device can open with all it ever held.
func (n *node) count(frames []frame, from, to time.Time) (open, all int) {
	for _, f := range frames {
		if f.from != n.ref && !f.at.Before(from) && f.at.Before(to) {
			all++
			if n.opensWith(f) {
				open++
			}
		}
	}
	return open, all
}

// K10: what was sent before a join stays closed to the newcomer; to the others it is open, so the test can fail.
func TestK10_JoinAdvances(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b)
	w.run(time.Second)
	w.everybodySpeaks(2*time.Second, 20*time.Millisecond)
	before := w.now
	_, index := a.agent.Sending()
	w.join(c)
	w.everybodySpeaks(2*time.Second, 20*time.Millisecond)
	w.allHear()
	if open, all := c.count(w.captured, time.Time{}, before); open != 0 || all == 0 {
		t.Errorf("the newcomer opens %d of %d frames from before", open, all)
	}
	if open, all := b.count(w.captured, time.Time{}, before); open != all || all == 0 {
		t.Errorf("a member opens %d of %d frames", open, all)
	}
	if _, after := a.agent.Sending(); after != index+1 {
		t.Errorf("index %d after %d: joins advance by one", after, index)
	}
	if open, all := c.count(w.captured, before.Add(300*time.Millisecond), w.now); open != all {
		t.Errorf("the newcomer opens %d of %d frames after the advance", open, all)
	}
	w.noFaults()
}

// K10: a device asks before the advance; it is not given what was sealed before.
func TestK10_RequestBeforeAdvance(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b)
	w.run(time.Second)
	w.everybodySpeaks(time.Second, 20*time.Millisecond)
	w.join(c)
	before := w.now
	w.run(3 * w.latency)
	pc := c.agent.peers[a.ref]
	c.agent.redial(pc)
	pc.dial.last = time.Time{} // a device that does not keep the rules
	pc.dial.at = w.now
	pc.ask.unsent = true
	c.handle(Tick{})
	w.everybodySpeaks(2*time.Second, 20*time.Millisecond)
	if open, all := c.count(w.captured, time.Time{}, before); open != 0 || all == 0 {
		t.Errorf("the newcomer opens %d of %d frames from before", open, all)
	}
	w.allHear()
}

// K9: what is sent later than a second after a leave stays closed to the leaver, whatever it kept.
func TestK9_LeaveRotates(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b, c)
	w.everybodySpeaks(2*time.Second, 20*time.Millisecond)
	left := w.now
	if open, all := c.count(w.captured, left.Add(-time.Second), left); open != all || all == 0 {
		t.Errorf("a member opens %d of %d frames", open, all)
	}
	w.leave(c)
	w.everybodySpeaks(3*time.Second, 20*time.Millisecond)
	learned := left.Add(w.latency)
	if open, all := c.count(w.captured, learned.Add(switchDelay), w.now); open != 0 || all == 0 {
		t.Errorf("the leaver opens %d of %d frames sent after the switch", open, all)
	}
	if open, _ := c.count(w.captured, left, learned.Add(switchDelay)); open == 0 {
		t.Error("the leaver opens nothing of what was sealed before the switch: the test shows nothing")
	}
	w.allHear()
	w.noFaults()
	if g, _ := a.agent.Sending(); g != 1 {
		t.Errorf("generation %d", g)
	}
}

// A laptop goes to sleep with a rotation pending. What it seals after waking is closed to who left, from the first frame on.
func TestK9_AsleepBeforeRotation(t *testing.T) {
	w := newWorld(t)
	a, b, c, d := w.node("alice"), w.node("bob"), w.node("carol"), w.node("dave")
	for _, n := range []*node{a, b, c, d} {
		w.join(n)
	}
	w.run(time.Second)
	w.leave(d)
	w.run(20 * time.Millisecond)
	w.leave(c) // waits for the next slot
	w.run(20 * time.Millisecond)
	c.hoardKeys()
	w.now = w.now.Add(time.Hour)
	a.handle(Tick{})
	b.handle(Tick{})
	f := a.speak()
	if c.opensWith(f) {
		t.Error("who left opens what was said after waking")
	}
	w.run(time.Second)
	b.hear(f)
	b.hear(a.speak())
	if b.opened[a.ref] == 0 {
		t.Error("who stayed opens nothing")
	}
}

// K9: also when somebody comes or goes every 200 ms. Nobody who stays is without keys at the end.
func TestK9_Churn(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	w.join(a, b)
	w.run(time.Second)
	type gone struct {
		n  *node
		at time.Time
	}
	var leavers []gone
	var here []*node
	for i := range 50 {
		if i%2 == 0 || len(here) < 4 {
			n := w.node(string(rune('c'+i%20)) + "x" + string(rune('a'+i/20)))
			w.join(n)
			here = append(here, n)
		} else {
			n := here[0]
			here = here[1:]
			leavers = append(leavers, gone{n, w.now})
			w.leave(n)
		}
		w.everybodySpeaks(200*time.Millisecond, 40*time.Millisecond)
	}
	w.everybodySpeaks(3*time.Second, 200*time.Millisecond)
	w.allHear()
	held := 0
	for _, l := range leavers {
		if open, all := l.n.count(w.captured, l.at.Add(time.Second), w.now); open != 0 || all == 0 {
			t.Errorf("%s opens %d of %d frames sent more than a second after it left", l.n.name, open, all)
		}
		open, _ := l.n.count(w.captured, time.Time{}, l.at.Add(time.Second))
		held += open
	}
	if held == 0 {
		t.Error("no leaver ever held a key: the test shows nothing")
	}
	if g, _ := a.agent.Sending(); g < 10 || g > 34 {
		t.Errorf("%d generations in 10 s", g)
	}
}

// K10: leave and join again in one batch never cancel out.
func TestK10_LeaveAndRejoinInOneBatch(t *testing.T) {
	w := newWorld(t)
	a, b, old := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b, old)
	w.run(time.Second)
	w.everybodySpeaks(time.Second, 20*time.Millisecond)
	again := w.node("carol")
	if again.ref == old.ref || again.ref.Device != old.ref.Device {
		t.Fatal("the join id must be another, the device the same")
	}
	at := w.now
	w.change([]*node{old}, []*node{again})
	w.everybodySpeaks(2*time.Second, 20*time.Millisecond)
	w.allHear()
	if g, _ := a.agent.Sending(); g != 1 {
		t.Errorf("generation %d: the leave did not rotate", g)
	}
	if open, all := again.count(w.captured, time.Time{}, at); open != 0 || all == 0 {
		t.Errorf("the new join opens %d of %d frames from before it", open, all)
	}
	if open, all := old.count(w.captured, at.Add(time.Second), w.now); open != 0 || all == 0 {
		t.Errorf("the old join opens %d of %d frames", open, all)
	}
	w.noFaults()
}

// K17: a join id that left or was replaced never comes back, neither announced nor with messages.
func TestK17_ReplacedJoinID(t *testing.T) {
	w := newWorld(t)
	a, old := w.node("alice"), w.node("bob")
	var recorded []Envelope
	w.tamperMessage = func(from, _ Ref, e *Envelope) bool {
		if from == old.ref {
			recorded = append(recorded, *e)
		}
		return true
	}
	w.join(a, old)
	w.run(time.Second)
	again := w.node("bob")
	w.join(again) // the server does not say that the old one left
	w.run(time.Second)
	if a.agent.peers[old.ref] != nil {
		t.Fatal("the old join is still there")
	}
	old.in = false
	w.allHear()
	a.handle(RosterChanged{Joined: []Announced{old.announced.Announced}})
	for _, e := range recorded {
		a.handle(MessageReceived{From: old.ref, Envelope: e})
	}
	w.run(time.Second)
	if len(recorded) == 0 || a.agent.peers[old.ref] != nil || a.states[old.ref] != StateRefused {
		t.Errorf("%d messages, state %q", len(recorded), a.states[old.ref])
	}
	if got := a.agent.Faults()[ErrReplaced.Error()]; got != uint64(len(recorded))+1 {
		t.Errorf("%d refused, %d messages", got, len(recorded))
	}
	if a.agent.peers[again.ref] == nil {
		t.Error("the new join was thrown out")
	}
	w.allHear()
}

// Several joins within 200 ms share one advance, and each costs the members one message.
func TestJoinsShareAnAdvance(t *testing.T) {
	w := newWorld(t)
	a := w.node("alice")
	w.join(a)
	w.run(time.Second)
	for _, name := range []string{"bob", "carol", "dave", "eve"} {
		w.join(w.node(name))
		w.run(40 * time.Millisecond)
	}
	w.run(3 * time.Second)
	if g, i := a.agent.Sending(); g != 0 || i != 1 {
		t.Errorf("at %d/%d instead of 0/1", g, i)
	}
	if a.sent != 4 {
		t.Errorf("%d messages for 4 joins", a.sent)
	}
	w.allHear()
}

// Leaves within a slot share a rotation: the first at once, the others at the next slot; each generation is switched
// to by its own timer.
func TestLeavesShareRotations(t *testing.T) {
	w := newWorld(t)
	names := []string{"alice", "bob", "carol", "dave", "eve", "frank"}
	for _, name := range names {
		w.join(w.node(name))
	}
	w.run(time.Second)
	a := w.nodes[0]
	start := w.now
	var switches []time.Duration
	seen := a.sealers
	for i := range 100 {
		if i == 0 || i == 5 || i == 10 || i == 15 {
			w.leave(w.nodes[len(w.nodes)-1-i/5])
		}
		w.run(10 * time.Millisecond)
		if a.sealers != seen {
			seen = a.sealers
			switches = append(switches, w.now.Sub(start))
		}
	}
	// Learned at 10 ms: made at 10 and, for the other three, at 310 ms; used 500 ms later.
	if len(switches) != 2 || switches[0] != 510*time.Millisecond || switches[1] != 810*time.Millisecond {
		t.Errorf("switched at %v", switches)
	}
	if g, _ := a.agent.Sending(); g != 2 {
		t.Errorf("generation %d", g)
	}
}

// Without anybody coming or going the ratchet advances every 5 minutes and a generation ends after 30.
func TestHealing(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	w.join(a, b)
	for range 61 {
		w.run(time.Minute)
		w.allHear()
	}
	if g, _ := b.agent.Sending(); g != 2 {
		t.Errorf("generation %d after an hour", g)
	}
	if a.sealers < 10 {
		t.Errorf("%d keys in an hour", a.sealers)
	}
	w.noFaults()
}

// An exhausted generation is followed by another, also when a newcomer needs an advance.
func TestIndexExhausted(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	w.join(a, b)
	w.run(time.Second)
	a.agent.sender.newest().ratchet.AdvanceTo(maxIndex)
	a.do(func() []Effect { a.agent.sealWith(); return a.agent.flush() }())
	w.join(w.node("carol"))
	w.run(2 * time.Second)
	w.run(10 * time.Second)
	for range 3 {
		w.everybodySpeaks(time.Second, 100*time.Millisecond)
	}
	w.allHear()
	if g, i := a.agent.Sending(); g != 1 || i > 1 {
		t.Errorf("at %d/%d", g, i)
	}
}

// K16: 300 people come while somebody is silent; then that one speaks.
func TestK16_JoinsBesideASilentSender(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	w.join(a, b)
	w.run(time.Second)
	w.allHear()
	for range 300 {
		a.agent.advance()
	}
	a.do(a.agent.flush())
	w.allHear()
}

// K15, in the small: one join and one leave a second among 16. Nobody who is here is deaf to anybody for 2 s, and each
// change costs each member a bounded number of messages.
func TestK15_JoinsAndLeaves(t *testing.T) {
	const size, seconds, step = 16, 12, 200 * time.Millisecond
	w := newWorld(t)
	name := func(i int) string { return string(rune('a'+i*7%26)) + string(rune('a'+i/26)) + "x" }
	for i := range size {
		w.join(w.node(name(i)))
	}
	w.run(2 * time.Second)
	type pair struct{ n, m Ref }
	silence := map[pair]int{}
	next := size
	before := 0
	for _, n := range w.nodes {
		before += n.sent
	}
	for range seconds {
		w.leave(w.nodes[next-size])
		w.join(w.node(name(next)))
		next++
		for range time.Second / step {
			for _, n := range w.nodes {
				clear(n.opened)
			}
			w.everybodySpeaks(step, step)
			for _, n := range w.nodes {
				for _, m := range w.nodes {
					p := pair{n.ref, m.ref}
					if n == m || !n.in || !m.in || n.opened[m.ref] > 0 {
						delete(silence, p)
						continue
					}
					if silence[p]++; silence[p] > int(2*time.Second/step) {
						t.Fatalf("%s has not heard %s for 2 s: %q, %v", n.name, m.name, n.states[m.ref], n.agent.Faults())
					}
				}
			}
		}
	}
	w.run(time.Second)
	w.allHear()
	sent := -before
	for _, n := range w.nodes {
		sent += n.sent
	}
	if most := seconds * size * size * 2; sent > most {
		t.Errorf("%d messages, %d expected at most", sent, most)
	}
	t.Logf("%d messages for %d joins and leaves among %d", sent, seconds, size)
}
