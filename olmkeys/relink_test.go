package olmkeys

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	secondSecret = Secret("the second links")
	thirdSecret  = Secret("the third link's")
)

// oneLink fails the test unless the nodes have the same link, and change count; it returns it.
func (w *world) oneLink(nodes ...*node) link {
	w.t.Helper()
	for _, n := range nodes[1:] {
		if n.agent.link.id != nodes[0].agent.link.id || n.agent.relink.change != nodes[0].agent.relink.change {
			w.t.Errorf("%s has another link than %s: change %d, %d", n.name, nodes[0].name, n.agent.relink.change, nodes[0].agent.relink.change)
		}
	}
	return nodes[0].agent.link
}

// hearing lists a world's nodes that are in; allHear fails for those who are, but are no members.
func (w *world) only(nodes ...*node) func() {
	all := w.nodes
	w.nodes = nodes
	return func() { w.nodes = all }
}

func (n *node) holdsOf(other *node) int { return len(n.hoard[other.ref]) }

// K9, K6: who was removed and comes back with another device and the old link gets nothing; with the link as it was,
// she gets everything again.
func TestK9_RemovedReturnsWithTheOldLink(t *testing.T) {
	for _, change := range []bool{true, false} {
		w, nodes := meeting(t, "alice", "bob", "carol", "dave")
		a, b, c, d := nodes[0], nodes[1], nodes[2], nodes[3]
		ev := Remove{Devices: []Ref{c.ref}}
		if change {
			ev.Secret = secondSecret
		}
		removed := w.now
		a.handle(ev)
		w.everybodySpeaks(2*time.Second, 50*time.Millisecond)
		if open, all := c.count(w.captured, removed.Add(2*w.latency+switchDelay), w.now); open != 0 || all == 0 {
			t.Errorf("the removed opens %d of %d frames", open, all)
		}
		if !slices.Contains(c.removed, a.ref) || len(a.removed)+len(b.removed) != 0 {
			t.Errorf("told to be removed: %v %v %v", a.removed, b.removed, c.removed)
		}
		w.leave(c)
		again := w.node("carla")
		w.join(again)
		since := w.now
		w.everybodySpeaks(5*time.Second, 50*time.Millisecond)
		open, all := again.count(w.captured, since.Add(time.Second), w.now)
		if got := open == 0 && all > 0; got != change {
			t.Errorf("link changed: %v; with the old link she opens %d of %d frames", change, open, all)
		}
		if !change {
			continue
		}
		for _, n := range []*node{a, b, d} {
			if n.states[again.ref] != StateWrongSecret || again.holdsOf(n) != 0 || n.holdsOf(again) != 0 {
				t.Errorf("%s shows her as %q; shared: %d, %d", n.name, n.states[again.ref], again.holdsOf(n), n.holdsOf(again))
			}
			if want := 1; len(n.changed) != want || !bytes.Equal(n.changed[0].Secret, secondSecret) || (n == a) != (n.changed[0].By == Ref{}) {
				t.Errorf("%s was told of %d changes", n.name, len(n.changed))
			}
			if !bytes.Equal(n.agent.Announcement().Proof, n.announced.Proof) || !n.agent.link.proves(n.announced.CallKeys, n.announced.Proof) {
				t.Errorf("%s announces another proof", n.name)
			}
		}
		// The server shows her old announcements, and says that her proof is another's, or that of old.
		for _, n := range []*node{a, b, d} {
			n.handle(RosterChanged{Joined: []Announced{c.announced.Announced, again.announced.Announced}})
			n.handle(ProofReceived{From: again.ref, Proof: b.announced.Proof})
			n.handle(ProofReceived{From: again.ref, Proof: again.announced.Proof})
			n.handle(ProofReceived{From: c.ref, Proof: c.announced.Proof})
			n.handle(ProofReceived{From: again.ref, Proof: Bytes{1}})
		}
		w.run(time.Second)
		if again.holdsOf(a)+again.holdsOf(b)+again.holdsOf(d) != 0 {
			t.Error("she got a key")
		}
		back := w.only(a, b, d)
		w.allHear()
		back()
		w.oneLink(a, b, d)

		// With the new link one comes in, and knows how often it was changed.
		e := w.nodeWith("erin", secondSecret)
		w.join(e)
		w.run(3 * time.Second)
		back = w.only(a, b, d, e)
		w.allHear()
		back()
		w.oneLink(a, b, d, e)
		e.handle(Remove{Devices: []Ref{d.ref}, Secret: thirdSecret})
		w.run(3 * time.Second)
		w.leave(d)
		back = w.only(a, b, e)
		w.allHear()
		back()
		if l := w.oneLink(a, b, e); l.tie != mustLink(t, thirdSecret, w.room).tie {
			t.Error("not the third link")
		}
	}
}

func mustLink(t *testing.T, s Secret, room string) link {
	t.Helper()
	l, err := newLink(s, room)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// The removal itself is withheld from somebody; what carries the secret says it too.
func TestRemovalTravelsWithTheSecret(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "carol")
	a, b, c := nodes[0], nodes[1], nodes[2]
	w.tamperData = func(from, to Ref, _ *Bytes) bool { return to != b.ref }
	a.handle(Remove{Devices: []Ref{c.ref}, Secret: secondSecret})
	w.run(2 * w.latency)
	if b.agent.peers[c.ref] != nil {
		t.Error("bob keeps carol")
	}
	w.tamperData = nil
	w.run(3 * time.Second)
	w.leave(c)
	w.allHear()
	w.nobodyWarned()
}

// Two change the link at once, each to keep another out. Everybody comes to one link, and neither of the two has it,
// though each was told one of the secrets by who did not know better.
func TestTwoChangesAtOnce(t *testing.T) {
	for _, secrets := range [][2]Secret{{secondSecret, thirdSecret}, {thirdSecret, secondSecret}} {
		w, nodes := meeting(t, "alice", "bob", "carol", "dave", "xaver", "yann")
		a, b, x, y := nodes[0], nodes[1], nodes[4], nodes[5]
		a.handle(Remove{Devices: []Ref{x.ref}, Secret: secrets[0]})
		b.handle(Remove{Devices: []Ref{y.ref}, Secret: secrets[1]})
		w.everybodySpeaks(6*time.Second, 50*time.Millisecond)
		final := w.oneLink(nodes[:4]...)
		for _, gone := range []*node{x, y} {
			if len(gone.links) == 1 {
				t.Errorf("%s was told nothing: the test shows nothing", gone.name)
			}
			for _, l := range gone.links {
				if l.id == final.id {
					t.Errorf("%s has the link", gone.name)
				}
			}
			if open, all := gone.count(w.captured, w.now.Add(-2*time.Second), w.now); open != 0 || all == 0 {
				t.Errorf("%s opens %d of %d frames", gone.name, open, all)
			}
		}
		w.leave(x, y)
		w.allHear()
	}
}

// Olm messages to one member are lost for a while. Proofs that it cannot check yet cost nobody anything; nobody shares
// with it, nor takes it for a member after linkLife; and when it hears the secret after all, it is one again.
func TestSecretIsLate(t *testing.T) {
	for _, late := range []time.Duration{3 * time.Second, 25 * time.Second} {
		w, nodes := meeting(t, "alice", "bob", "carol", "xaver")
		a, b, c, x := nodes[0], nodes[1], nodes[2], nodes[3]
		w.tamperMessage = func(from, to Ref, _ *Envelope) bool { return to != b.ref }
		before := b.holdsOf(c)
		a.handle(Remove{Devices: []Ref{x.ref}, Secret: secondSecret})
		w.leave(x)
		w.everybodySpeaks(late, 100*time.Millisecond)
		if b.holdsOf(c) != before || !b.agent.peers[c.ref].valid() {
			t.Errorf("bob holds %d generations instead of %d; carol is a member: %v", b.holdsOf(c), before, b.agent.peers[c.ref].valid())
		}
		out := late > linkLife
		for _, n := range []*node{a, c} {
			if got := n.states[b.ref] == StateWrongSecret; got != out || out && len(n.agent.peers[b.ref].keys.generations) > 0 {
				t.Errorf("after %v %s shows bob as %q", late, n.name, n.states[b.ref])
			}
			if _, holds := n.agent.sender.sealing().holders[b.ref]; holds {
				t.Errorf("%s shares with bob", n.name)
			}
		}
		w.tamperMessage = nil
		w.everybodySpeaks(35*time.Second, 200*time.Millisecond)
		w.oneLink(a, b, c)
		w.allHear()
		if open, _ := b.count(w.captured, w.captured[0].at.Add(linkLife/20+switchDelay), w.captured[0].at.Add(late)); open != 0 {
			t.Errorf("bob opens %d frames of before he had proven", open)
		}
	}
}

// Links end: shares under the one before are taken for linkLife, under an unknown one never.
func TestSharesNameTheirLink(t *testing.T) {
	w, a, b := pair(t)
	p := a.agent.peers[b.ref]
	state := b.agent.sender.newest().ratchet.Data
	old := b.agent.link
	give := func(generation uint32, l link) error {
		kept := b.agent.link
		b.agent.link = l
		content := shareContent(t, b, a, shareState{generation: generation, state: state})
		b.agent.link = kept
		return a.agent.shareReceived(p, content)
	}
	if err := give(10, mustLink(t, thirdSecret, w.room)); err != ErrOtherLink {
		t.Errorf("under an unknown link: %v", err)
	}
	a.handle(Remove{Secret: secondSecret})
	w.run(time.Second)
	if err := give(11, old); err != nil {
		t.Errorf("under the link before: %v", err)
	}
	if err := give(11, a.agent.link); err != ErrChain {
		t.Errorf("one generation under two links: %v", err)
	}
	w.run(linkLife)
	if err := give(12, old); err != ErrOtherLink {
		t.Errorf("under the link before, too late: %v", err)
	}
	for n, g := range p.keys.generations {
		if g.schedule.link == old.id {
			t.Errorf("generation %d of the link before lives on", n)
		}
	}
}

// A member floods the others with secrets: few are acted upon, and the meeting goes on.
func TestFloodOfChanges(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "mallory")
	a, b, m := nodes[0], nodes[1], nodes[2]
	for i := range byte(100) {
		m.handle(Remove{Secret: append(bytes.Repeat([]byte{'m'}, 15), i)})
		w.run(20 * time.Millisecond)
	}
	if n := len(b.changed); n == 0 || n > 4 {
		t.Errorf("%d changes in 2 s were acted upon", n)
	}
	if len(b.agent.relink.old) > maxOldLinks || len(b.agent.peers[m.ref].keys.schedules) > maxOldLinks+1 {
		t.Errorf("%d links are kept", len(b.agent.relink.old))
	}
	w.run(20 * time.Second)
	w.oneLink(a, b)
	if a.states[m.ref].Healthy() {
		t.Errorf("mallory, many changes ahead, is shown as %q", a.states[m.ref])
	}
	w.leave(m)
	w.allHear()
}

func TestRemoveRefused(t *testing.T) {
	w, a, b := pair(t)
	own := a.agent.link
	for name, ev := range map[string]Remove{
		"nothing":         {},
		"oneself":         {Devices: []Ref{a.ref}},
		"the same secret": {Devices: []Ref{b.ref}, Secret: testSecret},
		"no secret":       {Secret: Secret("x")},
		"too many":        {Devices: make([]Ref, maxRemoval+1)},
	} {
		faults := a.agent.Faults()[ErrMalformed.Error()]
		a.handle(ev)
		if a.agent.Faults()[ErrMalformed.Error()] != faults+1 || a.agent.link.id != own.id || a.agent.peers[b.ref] == nil {
			t.Errorf("%s: not refused", name)
		}
	}
	w.run(time.Second)
	w.allHear()
}

func TestParseSecret(t *testing.T) {
	good := secretMessage{
		V: 1, LinkID: make(Bytes, 8), Call: make(Bytes, 16), SenderJoinID: make(Bytes, 16), RecipientJoinID: make(Bytes, 16), Change: 1,
		Secret: Bytes(secondSecret), Removed: make(Bytes, 32),
	}
	text := string(mustEncode(t, good))
	if m, err := parseSecret([]byte(text)); err != nil || !bytes.Equal(m.Secret, secondSecret) || len(m.Removed) != 32 {
		t.Fatalf("%v", err)
	}
	for old, bad := range map[string]string{
		`"v":1`:      `"v":2`,
		`"change":1`: `"change":0`,
		`"secret":"` + encoding.EncodeToString(secondSecret): `"secret":"AAAA`,
		`"removed":"AA`: `"removed":"`,
		`"removed":"`:   `"more":1,"removed":"`,
	} {
		if _, err := parseSecret([]byte(strings.Replace(text, old, bad, 1))); err == nil || !strings.Contains(text, old) {
			t.Errorf("%s is taken", bad)
		}
	}
}

// Bob removes yann, who returns by the old link to alice alone, from whom the server withholds what bob says; alice takes
// him for a member, and changes the link herself. Nobody tells him the one that remains.
func TestTwoChangesAndAReturn(t *testing.T) {
	for _, secrets := range [][2]Secret{{secondSecret, thirdSecret}, {thirdSecret, secondSecret}} {
		w, nodes := meeting(t, "alice", "bob", "carol", "xaver", "yann")
		a, b, c, x, y := nodes[0], nodes[1], nodes[2], nodes[3], nodes[4]
		w.tamperData = func(from, to Ref, _ *Bytes) bool { return from != b.ref || to != a.ref }
		w.tamperMessage = func(from, to Ref, e *Envelope) bool {
			if from == b.ref && to == a.ref {
				held := *e
				w.later(time.Second, func() { a.handle(MessageReceived{From: b.ref, Envelope: held}) })
				return false
			}
			return true
		}
		b.handle(Remove{Devices: []Ref{y.ref}, Secret: secrets[1]})
		again := w.node("yann2")
		w.join(again)
		w.run(500 * time.Millisecond)
		if p := a.agent.peers[again.ref]; p == nil || !p.valid() || b.agent.peers[again.ref].valid() {
			t.Fatal("alice knows better: the test shows nothing")
		}
		a.handle(Remove{Devices: []Ref{x.ref}, Secret: secrets[0]})
		w.run(500 * time.Millisecond)
		if len(again.changed) == 0 {
			t.Error("alice told him nothing: the test shows nothing")
		}
		w.tamperData, w.tamperMessage = nil, nil
		w.run(20 * time.Second)
		final := w.oneLink(a, b, c)
		for _, gone := range []*node{x, y, again} {
			if slices.ContainsFunc(gone.links, func(l link) bool { return l.id == final.id }) {
				t.Errorf("%s has the link", gone.name)
			}
		}
		back := w.only(a, b, c)
		w.allHear()
		back()
	}
}

// Who is blocked by the one who changes the link is not told, and in the end is on nobody's list.
func TestBlockedIsNotToldTheSecret(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "carol")
	a, b, c := nodes[0], nodes[1], nodes[2]
	a.handle(Block{Device: c.ref})
	w.run(5 * time.Second)
	a.handle(Remove{Secret: secondSecret})
	w.run(40 * time.Second)
	if len(c.links) != 1 || a.agent.peers[c.ref].listed() || b.states[c.ref] != StateWrongSecret {
		t.Errorf("carol has %d links; alice lists her: %v; bob shows her as %q", len(c.links), a.agent.peers[c.ref].listed(), b.states[c.ref])
	}
	if a.warns+b.warns != 0 {
		t.Errorf("warned: %v %v", a.warned, b.warned)
	}
	back := w.only(a, b)
	w.allHear()
	back()
}

// Somebody comes with the new link before a member has heard of it: not trusted until then, and a member right after.
func TestNewcomerIsAheadOfTheSecret(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "carol")
	a, b, c := nodes[0], nodes[1], nodes[2]
	var held []func()
	w.tamperMessage = func(from, to Ref, e *Envelope) bool {
		if from != a.ref || to != b.ref {
			return true
		}
		late := *e
		held = append(held, func() { b.handle(MessageReceived{From: a.ref, Envelope: late}) })
		return false
	}
	a.handle(Remove{Devices: []Ref{c.ref}, Secret: secondSecret})
	w.leave(c)
	d := w.nodeWith("dave", secondSecret)
	w.join(d)
	w.run(time.Second)
	if b.states[d.ref] != StateWrongSecret || b.holdsOf(d) != 0 || d.holdsOf(b) != 0 {
		t.Errorf("bob shows dave as %q, keys: %d, %d", b.states[d.ref], b.holdsOf(d), d.holdsOf(b))
	}
	w.tamperMessage = nil
	for _, deliver := range held {
		deliver()
	}
	w.run(3 * time.Second)
	w.oneLink(a, b, d)
	w.allHear()
}

// A member who is about to be removed fills the others' memory of removals with devices that never were. She is removed
// all the same, and not told the secret that is to keep her out.
func TestK9_RemovalsFilledUp(t *testing.T) {
	for _, secret := range []Secret{nil, secondSecret} {
		w, nodes := meeting(t, "alice", "bob", "mallory")
		a, b, m := nodes[0], nodes[1], nodes[2]
		for i := range maxRemoved/maxRemoval + 1 {
			var nobody []Ref
			for j := range maxRemoval {
				nobody = append(nobody, Ref{User: m.ref.User, Device: "NOBODYXXXX", JoinID: JoinID{1, byte(i), byte(j)}})
			}
			m.handle(Remove{Devices: nobody})
			w.run(20 * time.Millisecond)
		}
		if len(a.agent.watch.removed) != maxRemoved || len(b.agent.watch.removed) != maxRemoved {
			t.Fatalf("%d and %d removals are remembered: the test shows nothing", len(a.agent.watch.removed), len(b.agent.watch.removed))
		}
		told := 0
		w.tamperMessage = func(from, to Ref, _ *Envelope) bool {
			if to == m.ref {
				told++
			}
			return true
		}
		a.handle(Remove{Devices: []Ref{{User: m.ref.User, Device: "NOBODYXXXX", JoinID: JoinID{2}}, m.ref}, Secret: secret})
		w.run(3 * time.Second)
		if a.agent.peers[m.ref] != nil || b.agent.peers[m.ref] != nil {
			t.Errorf("mallory is there: to alice %v, to bob %v", a.agent.peers[m.ref] != nil, b.agent.peers[m.ref] != nil)
		}
		if told != 0 {
			t.Errorf("mallory was told %d things", told)
		}
		w.oneLink(a, b)
		w.leave(m)
		w.allHear()
	}
}

// A member tells the secret that all have, as the last change that can be counted: the link can be changed nevertheless,
// and the member be removed.
func TestLastChangeClaimed(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "mallory")
	a, b, m := nodes[0], nodes[1], nodes[2]
	for _, n := range []*node{a, b} {
		p := m.agent.peers[n.ref]
		m.agent.send(p, p.sessions.usable(), typeSecret, secretMessage{
			V: messageVersion, Call: w.call[:], SenderJoinID: m.ref.JoinID[:], RecipientJoinID: n.ref.JoinID[:],
			LinkID: m.agent.link.id[:], Change: math.MaxUint32, Secret: Bytes(testSecret),
		})
	}
	m.do(m.agent.flush())
	w.run(2 * w.latency)
	a.handle(Remove{Devices: []Ref{m.ref}, Secret: secondSecret})
	w.run(3 * time.Second)
	if a.agent.peers[m.ref] != nil || b.agent.peers[m.ref] != nil || w.oneLink(a, b).tie != mustLink(t, secondSecret, w.room).tie {
		t.Error("mallory was not removed")
	}
	w.leave(m)
	w.allHear()
}

// A member lets one of the others count far more changes than there were, so that it should take the next one for old.
func TestChangesClaimedToOne(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "mallory")
	a, b, m := nodes[0], nodes[1], nodes[2]
	for range 20 {
		m.agent.relink.change = b.agent.relink.change + maxChangeAhead
		m.agent.deliver(m.agent.peers[b.ref])
		m.do(m.agent.flush())
		w.run(time.Second / relinksPerSec)
	}
	if b.agent.relink.change < 10*maxChangeAhead || a.agent.relink.change != 0 {
		t.Fatalf("changes %d and %d: the test shows nothing", a.agent.relink.change, b.agent.relink.change)
	}
	a.handle(Remove{Devices: []Ref{m.ref}, Secret: secondSecret})
	w.run(3 * time.Second)
	w.leave(m)
	w.allHear()
	b.handle(Remove{Secret: thirdSecret}) // and the other way
	w.run(20 * time.Second)
	w.allHear()
	if a.agent.link.tie != mustLink(t, thirdSecret, w.room).tie {
		t.Error("alice has another link than bob")
	}
}

// A member that claims ever more changes, in shares as fast as it can send them, does not bring the count to its end.
func TestCountOfChangesIsSlow(t *testing.T) {
	w, nodes := meeting(t, "alice", "mallory")
	a, m := nodes[0], nodes[1]
	for range 200 {
		m.agent.relink.change = a.agent.relink.change + maxChangeAhead
		m.agent.deliver(m.agent.peers[a.ref])
		m.do(m.agent.flush())
		w.run(2 * w.latency)
	}
	if got, most := a.agent.relink.change, uint32((1+4)*relinksPerSec*maxChangeAhead); got == 0 || got > most {
		t.Errorf("%d changes within 4 s; at most %d", got, most)
	}
}

// The server holds a device's new proof back for longer than linkLife, but not its key. When the proof comes, it is heard.
func TestProofIsLate(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "carol")
	a, b := nodes[0], nodes[1]
	var late Bytes
	w.tamperProof = func(from, to Ref, proof *Bytes) bool {
		if from != b.ref || to != a.ref {
			return true
		}
		late = slices.Clone(*proof)
		return false
	}
	a.handle(Remove{Secret: secondSecret})
	w.everybodySpeaks(linkLife+2*time.Second, 100*time.Millisecond)
	a.sees(b, StateWrongSecret)
	w.tamperProof = nil
	a.handle(ProofReceived{From: b.ref, Proof: late})
	w.everybodySpeaks(6*time.Second, 100*time.Millisecond)
	w.allHear()
}

// A removal is heard by all, also when as much as can be waits for a newcomer to read it.
func TestRemovalBehindMuch(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "mallory")
	a, b, m := nodes[0], nodes[1], nodes[2]
	n := w.node("nina")
	w.join(n)
	w.run(w.latency + time.Millisecond)
	for range maxUnsaid {
		a.handle(SayToAll{Kind: "grotto.chat", Body: Bytes(`{"text":"x"}`)})
	}
	a.handle(Remove{Devices: []Ref{m.ref}})
	w.run(5 * time.Second)
	for _, other := range []*node{a, b, n} {
		if other.agent.peers[m.ref] != nil {
			t.Errorf("%s keeps mallory", other.name)
		}
	}
	w.leave(m)
	w.allHear()
}
