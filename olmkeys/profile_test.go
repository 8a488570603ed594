package olmkeys

import (
	"slices"
	"testing"
	"time"
)

func (n *node) introduce(name string) {
	n.handle(SayToAll{Kind: kindProfile, Body: Bytes(`{"name":"` + name + `"}`)})
}

// goesBy is what n last heard m call itself.
func (n *node) goesBy(m *node) string {
	p := n.agent.peers[m.ref]
	if p == nil {
		return "(nobody)"
	}
	return p.name
}

// introductions is how often n said something to all since it was last asked.
func (n *node) introductions() (times int) {
	for _, e := range n.effects {
		if _, is := e.(SendData); is {
			times++
		}
	}
	n.effects = nil
	return times
}

// Programs say a profile once. Whoever comes, whenever, hears it within a moment, and it is not said to nobody's benefit.
func TestNewcomersHearTheProfile(t *testing.T) {
	w := newWorld(t)
	w.blind = true // states are data frames, too
	a, b, c, d := w.node("alice"), w.node("bob"), w.node("carol"), w.node("dave")
	w.join(a)
	w.run(time.Second)
	a.introduce("Alice")
	w.run(5 * time.Second)
	for _, n := range []*node{b, c, d} {
		a.introductions()
		w.join(n)
		w.run(100 * time.Millisecond)
		n.introduce(n.name)
		w.run(2 * time.Second)
		if n.goesBy(a) != "Alice" || a.goesBy(n) != n.name {
			t.Errorf("%s knows alice as %q, alice her as %q", n.name, n.goesBy(a), a.goesBy(n))
		}
		if n := len(n.said(a)); n != 1 {
			t.Errorf("alice was heard %d times", n)
		}
	}
	if b.goesBy(d) != "dave" || d.goesBy(b) != "bob" {
		t.Errorf("bob knows dave as %q, dave bob as %q", b.goesBy(d), d.goesBy(b))
	}
	for _, n := range []*node{a, b, c, d} {
		n.heard = nil
	}
	w.leave(d) // rotates: holders stay introduced
	w.run(time.Minute)
	for _, n := range []*node{a, b, c} {
		if len(n.heard) != 0 {
			t.Errorf("%s heard %d times what it knew", n.name, len(n.heard))
		}
	}
}

// Keys come later than what they were for: the messages to bob are lost for longer than he holds what he cannot open.
func TestLateKeysBringTheProfile(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	lossy := true
	w.tamperMessage = func(_, to Ref, _ *Envelope) bool { return !lossy || to != b.ref }
	w.join(a, b)
	a.introduce("Alice")
	w.run(heldDataLife + 5*time.Second)
	if got := b.goesBy(a); got != "" {
		t.Fatalf("bob knows alice as %q without a key", got)
	}
	lossy = false
	w.run(5 * time.Second)
	if got := b.goesBy(a); got != "Alice" {
		t.Errorf("bob knows alice as %q", got)
	}
}

// Who proves a changed link late missed what was said meanwhile: as a member, or as one who was a stranger by then.
func TestLateProofBringsTheProfile(t *testing.T) {
	for _, late := range []time.Duration{3 * time.Second, linkLife + 5*time.Second} {
		w, nodes := meeting(t, "alice", "bob", "carol", "dave")
		a, b, c, d := nodes[0], nodes[1], nodes[2], nodes[3]
		for _, n := range nodes {
			n.introduce(n.name)
		}
		w.run(time.Second)
		proof := slices.Clone(d.announced.Proof)
		w.tamperProof = func(from, to Ref, proof *Bytes) bool { return from != d.ref }
		a.handle(Remove{Devices: []Ref{c.ref}, Secret: secondSecret})
		w.run(switchDelay + 100*time.Millisecond)
		a.introduce("Alice, chair")
		w.run(late)
		if got := d.goesBy(a); got != "alice" {
			t.Fatalf("dave knows alice as %q though he had not proven", got)
		}
		if slices.Equal(proof, d.announced.Proof) {
			t.Fatal("dave was not told the secret")
		}
		w.tamperProof = nil
		w.prove(d, d.announced.Proof)
		w.run(4 * time.Second)
		if got := d.goesBy(a); got != "Alice, chair" {
			t.Errorf("%v late: dave knows alice as %q", late, got)
		}
		if got := a.goesBy(d); got != "dave" {
			t.Errorf("%v late: alice knows dave as %q", late, got)
		}
		if got := b.goesBy(a); got != "Alice, chair" {
			t.Errorf("%v late: bob knows alice as %q", late, got)
		}
	}
}

// Alice hears of a changed link when the others have given her up: what she said meanwhile they did not hear.
func TestLateSecretBringsTheProfile(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "carol")
	a, b, c := nodes[0], nodes[1], nodes[2]
	a.introduce("Alice")
	w.run(time.Second)
	w.tamperMessage = func(from, to Ref, e *Envelope) bool { return to != a.ref }
	w.leave(c)
	b.handle(Remove{Devices: []Ref{c.ref}, Secret: secondSecret})
	w.run(linkLife + time.Second)
	a.introduce("Alice, late")
	w.run(time.Second)
	if got := b.goesBy(a); got != "Alice" || b.states[a.ref] != StateWrongSecret {
		t.Fatalf("bob knows alice as %q, %q", got, b.states[a.ref])
	}
	w.tamperMessage = nil
	w.run(tellEveryTo)
	if got := b.goesBy(a); got != "Alice, late" {
		t.Errorf("bob knows alice as %q", got)
	}
}

// Bob is addressed with a key, and has no session to get it on until it was stepped. What was said before opens to him
// with nothing.
func TestLateSessionBringsTheProfile(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	lost := true
	w.tamperClaim = func(by Ref, k *ClaimedKey) bool {
		return by != b.ref && (!lost || k.Device != b.ref)
	}
	w.join(a, b)
	w.run(time.Second)
	a.introduce("Alice")
	w.run(2 * unsaidLife)
	w.join(c)
	w.run(heldDataLife)
	lost = false
	w.run(time.Minute)
	if got := b.goesBy(a); got != "Alice" {
		t.Errorf("bob knows alice as %q", got)
	}
}

// Keys from outside: who is given the key long after the profile was sealed under it hears it when heard with it.
func TestLateOutsideKeyBringsTheProfile(t *testing.T) {
	w := newWorld(t)
	a, b := w.outsideNode("alice", KeysShared), w.outsideNode("bob", KeysShared)
	w.join(a, b)
	w.giveKeys(KeysShared, 1, 10, a)
	a.introduce("Alice")
	w.run(heldDataLife + 5*time.Second)
	w.giveKeys(KeysShared, 1, 10, b)
	w.run(3 * time.Second)
	if got := b.goesBy(a); got != "Alice" {
		t.Errorf("bob knows alice as %q", got)
	}
	heard := len(b.said(a))
	w.run(time.Minute)
	if len(b.said(a)) != heard {
		t.Error("alice goes on introducing herself")
	}
}

// However many ask for keys all the time, the profile is said againPerSecond times at most.
func TestIntroductionsAreFew(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "carol", "dave", "erin", "faye", "gina", "hugo", "ines", "jack", "kate")
	a, b := nodes[0], nodes[1]
	a.introduce("Alice")
	w.run(time.Second)
	b.heard = nil
	for i := range 120 {
		for k, n := range nodes[1:] {
			if i >= 20+2*k { // out of step
				n.agent.request(n.agent.peers[a.ref])
				n.do(n.agent.flush())
			}
		}
		w.run(100 * time.Millisecond)
	}
	if n := len(b.said(a)); n < 10 || n > 12*againPerSecond {
		t.Errorf("said %d times in 12 s", n)
	}
}
