package olmkeys

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// meeting is a call of some who have long known each other, and agree on who is there.
func meeting(t *testing.T, names ...string) (*world, []*node) {
	t.Helper()
	w := newWorld(t)
	for _, name := range names {
		w.join(w.node(name))
	}
	w.run(40 * time.Second)
	w.noFaults()
	w.nobodyWarned()
	return w, w.nodes
}

func (w *world) nobodyWarned() {
	w.t.Helper()
	for _, n := range w.nodes {
		if n.warns != 0 {
			w.t.Errorf("%s warned %d times: %v", n.name, n.warns, n.warned)
		}
	}
}

// bothWarned fails the test unless each of the two warns of the other.
func bothWarned(t *testing.T, a, b *node) {
	t.Helper()
	if a.warned[b.ref] != WarnRosterDiffers || b.warned[a.ref] != WarnRosterDiffers {
		t.Errorf("%s is warned of %s by %q, the other way by %q", a.name, b.name, a.warned[b.ref], b.warned[a.ref])
	}
}

// eachWay runs an attack with the comparison and without: what is shown without it is nothing.
func eachWay(t *testing.T, attack func(t *testing.T, blind bool)) {
	for _, blind := range []bool{false, true} {
		t.Run(fmt.Sprintf("blind=%v", blind), func(t *testing.T) { attack(t, blind) })
	}
}

// K7: two members get different rosters: both are warned within 5 s, whenever they last spoke.
func TestK7_Partition(t *testing.T) {
	eachWay(t, func(t *testing.T, blind bool) {
		for phase := range 16 {
			for _, leave := range []bool{false, true} {
				w, nodes := meeting(t, "alice", "bob", "carol")
				a, b, c := nodes[0], nodes[1], nodes[2]
				w.blind = blind
				w.run(time.Duration(phase) * 987 * time.Millisecond)
				d := w.node("dave")
				if leave {
					w.tamperLeave = func(to, left Ref) bool { return to != a.ref }
					w.leave(c)
				} else {
					w.tamperAnnounce = func(to Ref, ann *Announced) bool { return to != a.ref || ann.Ref != d.ref }
					w.join(d)
				}
				w.run(5 * time.Second)
				if blind {
					w.nobodyWarned()
					continue
				}
				bothWarned(t, a, b)
				if !leave {
					bothWarned(t, a, c)
					if len(b.warned) != 1 {
						t.Errorf("bob is warned of %v", b.warned)
					}
				}
			}
		}
	})
}

// K6, K7: a ghost that has the link is shown to one member only, to listen or to speak. It gets what it wants of that
// one, who sees it on the list; that the others do not see it is said to both sides. When it goes, so does the warning.
func TestK7_Ghost(t *testing.T) {
	eachWay(t, func(t *testing.T, blind bool) {
		w, nodes := meeting(t, "alice", "bob", "carol")
		a, b, c := nodes[0], nodes[1], nodes[2]
		w.blind = blind
		g := w.node("ghost")
		w.tamperAnnounce = func(to Ref, ann *Announced) bool {
			return ann.Ref != g.ref && (to != g.ref || ann.Ref == a.ref) || to == a.ref
		}
		w.join(g)
		w.run(5 * time.Second)
		a.speak()
		g.speak()
		w.run(time.Second)
		if g.opened[a.ref] != 1 || a.opened[g.ref] != 1 {
			t.Errorf("the ghost opened %d frames, %d of its were opened: the test shows nothing", g.opened[a.ref], a.opened[g.ref])
		}
		if b.opened[g.ref] != 0 || g.opened[b.ref] != 0 {
			t.Error("the ghost was let in where it was not shown")
		}
		if blind {
			w.nobodyWarned()
			return
		}
		bothWarned(t, a, b)
		bothWarned(t, a, c)
		if len(b.warned) != 1 || len(c.warned) != 1 {
			t.Errorf("warned of those who agree: %v, %v", b.warned, c.warned)
		}
		w.run(time.Minute)
		bothWarned(t, a, b)
		w.leave(g)
		w.run(5 * time.Second)
		if len(a.warned)+len(b.warned)+len(c.warned) != 0 {
			t.Errorf("after the ghost went: %v, %v, %v", a.warned, b.warned, c.warned)
		}
	})
}

// K6: the server hides one member from another, who is hidden from nobody else.
func TestK6_Hidden(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob")
	a, b := nodes[0], nodes[1]
	g := w.node("ghost")
	w.tamperAnnounce = func(to Ref, ann *Announced) bool { return to != a.ref || ann.Ref != g.ref }
	w.join(g)
	w.run(5 * time.Second)
	bothWarned(t, a, b)
	// From whom one is hidden gives one no key, and so no state.
	if g.states[a.ref] != StateWaiting {
		t.Errorf("to who is hidden, shown as %q", g.states[a.ref])
	}
	w.run(silentAfter)
	if g.warned[a.ref] != WarnSilent {
		t.Errorf("who is hidden is warned of %v", g.warned)
	}
}

// K6: devices without the secret are on nobody's list, whoever is told of them: they cannot make people distrust it.
func TestK6_RefusedAreNotCounted(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob")
	g := w.nodeWith("ghost", Secret("fedcba9876543210"))
	w.tamperAnnounce = func(to Ref, ann *Announced) bool { return ann.Ref != g.ref || to == nodes[0].ref }
	w.join(g)
	w.run(time.Minute)
	for _, n := range nodes {
		for ref, warning := range n.warned {
			if ref != g.ref {
				t.Errorf("%s is warned of %s: %s", n.name, ref, warning)
			}
		}
	}
}

// K7: a hundred joins and leaves, told late and in any order within 2 s, warn nobody; a difference that stays is still
// found when the list comes to rest, and within 35 s when it never does.
func TestK7_Churn(t *testing.T) {
	for seed := range uint64(2) {
		w := newWorld(t)
		random := rand.New(rand.NewPCG(seed, 7))
		upTo := func(d time.Duration) time.Duration { return time.Duration(random.Int64N(int64(d))) }
		w.rosterDelay = func() time.Duration { return upTo(2 * time.Second) }
		w.dataDelay = func() time.Duration { return upTo(500 * time.Millisecond) }
		a, b := w.node("alice"), w.node("bob")
		w.join(a, b)
		var guests []*node
		for i := range 100 {
			if len(guests) > 6 || len(guests) > 0 && random.IntN(2) == 0 {
				j := random.IntN(len(guests))
				w.leave(guests[j])
				guests = append(guests[:j], guests[j+1:]...)
			} else {
				n := w.node(fmt.Sprintf("%c%c", 'c'+i%20, 'a'+i/20))
				guests = append(guests, n)
				w.join(n)
			}
			w.run(upTo(3 * time.Second))
		}
		w.run(40 * time.Second)
		for _, n := range w.nodes {
			if n.warns != 0 {
				t.Errorf("seed %d: %s warned %d times", seed, n.name, n.warns)
			}
		}
	}
}

// K7: a server that has enough devices with the link to keep the list moving hides a difference for half a minute.
func TestK7_RestlessDifference(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob")
	a, b := nodes[0], nodes[1]
	w.tamperAnnounce = func(to Ref, ann *Announced) bool { return to != a.ref || ann.User != "@ghost:grotto.example" }
	w.join(w.node("ghost"))
	for i := range 18 {
		n := w.node(fmt.Sprintf("c%c", 'a'+i))
		w.join(n)
		w.run(time.Second)
		w.leave(n)
		w.run(time.Second)
	}
	bothWarned(t, a, b)
}

// Frames that do not arrive: one state is not missed, two are said, and the next one takes it back.
func TestK7_LostStates(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob")
	a, b := nodes[0], nodes[1]
	drop := 1
	w.tamperData = func(from, _ Ref, _ *Bytes) bool {
		if from == b.ref && drop > 0 {
			drop--
			return false
		}
		return true
	}
	w.run(time.Minute)
	if drop != 0 || a.warns != 0 {
		t.Errorf("one lost state: %v", a.warned)
	}
	drop = 1000
	w.run(silentAfter)
	if a.warned[b.ref] != WarnSilent || b.warns != 0 {
		t.Errorf("silence: %v, %v", a.warned, b.warned)
	}
	drop = 0
	w.run(stateEvery)
	if len(a.warned) != 0 {
		t.Errorf("no longer silent: %v", a.warned)
	}
}

// What is not a state changes nothing, and nobody can make the agent say one.
func TestStateContent(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob")
	a, b := nodes[0], nodes[1]
	for _, kind := range []string{kindState, kindLeave} {
		a.handle(SayToAll{Kind: kind, Body: Bytes(`{}`)})
	}
	if n := a.agent.Faults()[ErrData.Error()]; n != 2 {
		t.Errorf("%d refused", n)
	}
	before := a.agent.peers[b.ref].claims
	for i, body := range []string{`{}`, `[]`, `{"roster_hash":"AAAA","kid":"1"}`, `{"roster_hash":"` + strings.Repeat("A", 43) + `","kid":"x"}`,
		`{"roster_hash":"` + strings.Repeat("A", 43) + `","kid":"1"}`} {
		b.agent.say(SayToAll{Kind: kindState, Body: Bytes(body)})
		b.do(b.agent.flush())
		w.run(2 * w.latency)
		if changed := a.agent.peers[b.ref].claims != before; changed != (i == 4) {
			t.Errorf("%s: %v", body, changed)
		}
	}
	for _, h := range a.heard {
		t.Errorf("%s is given out", h.Kind)
	}
}

// Known answers, computed with another implementation of SHA-256, HKDF and PBKDF2, of the members alice and bob.
func TestWatchVectors(t *testing.T) {
	w := newWorld(t)
	a := w.node("alice").agent
	roster := [][sha256.Size]byte{sha256.Sum256([]byte("alice")), sha256.Sum256([]byte("bob"))}
	slices.SortFunc(roster, func(x, y [sha256.Size]byte) int { return bytes.Compare(x[:], y[:]) })
	hash := hashRoster(roster)
	if got := hex.EncodeToString(hash[:]); got != "cb57721dc3aa8df0eef91989560b053a86be98131f45650bd1c3955e0167ef17" {
		t.Errorf("roster hash %s", got)
	}
	j := a.newCode(roster)
	for range codeRounds / 999 {
		j.work(999)
	}
	j.work(codeRounds) // no more than there are
	if got := j.digits(); got != "47480 06604 33683 35154 31225 07524" {
		t.Errorf("code %s", got)
	}
}

// The meeting code: the same for everybody, another one after a change, and another one for whom the server showed
// other keys. There the server knows the link, or the keys would be refused.
func TestK1_MeetingCode(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "carol")
	a, b, c := nodes[0], nodes[1], nodes[2]
	codes := func() {
		for _, n := range w.nodes {
			in := n.in
			n.in = true
			n.handle(CodeWanted{})
			for range codeRounds / codeSlice {
				w.now = w.now.Add(codePause)
				n.handle(Tick{})
			}
			n.in = in
		}
	}
	codes()
	if a.code != b.code || a.code != c.code || len(a.code) != 35 || strings.Trim(a.code, "0123456789 ") != "" {
		t.Errorf("%q %q %q", a.code, b.code, c.code)
	}
	before := a.code
	w.leave(c)
	w.run(time.Second)
	codes()
	if a.code == before || a.code != b.code || c.code != before {
		t.Errorf("after a leave: %q, %q, %q; before %q", a.code, b.code, c.code, before)
	}

	d := w.node("dave")
	k, err := parseCallKeys(d.announced.CallKeys)
	if err != nil {
		t.Fatal(err)
	}
	in, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	k.ed25519, k.curve25519 = in.ed25519, in.curve25519
	other := k.encode()
	w.tamperAnnounce = func(to Ref, ann *Announced) bool {
		if to == a.ref && ann.Ref == d.ref {
			ann.CallKeys, ann.Sig, ann.Proof = other, in.sign(callKeysMessage(other)), a.agent.link.proof(other)
		}
		return true
	}
	w.join(d)
	w.run(5 * time.Second)
	codes()
	if a.states[d.ref] == StateRefused || b.code != d.code || a.code == b.code {
		t.Errorf("other keys for dave: %q as %s, the others %q and %q", a.code, a.states[d.ref], b.code, d.code)
	}
	bothWarned(t, a, b)
}

// K9: who leaves says so, sealed: the others rotate although the server withholds the leave. Without those words they
// do not, so the test can fail.
func TestK9_SealedLeave(t *testing.T) {
	for _, says := range []bool{true, false} {
		w, nodes := meeting(t, "alice", "bob", "carol")
		a, b, c := nodes[0], nodes[1], nodes[2]
		w.tamperLeave = func(Ref, Ref) bool { return false }
		left := w.now
		if says {
			c.handle(Leaving{})
			c.handle(Leaving{})
			c.say(`"after"`)
		}
		w.everybodySpeaks(3*time.Second, 50*time.Millisecond)
		w.leave(c)
		w.run(time.Second)
		open, all := c.count(w.captured, left.Add(w.latency+switchDelay), w.now)
		if (open == 0) != says || all == 0 {
			t.Errorf("says=%v: who left opens %d of %d frames", says, open, all)
		}
		if a.agent.peers[c.ref] != nil == says || len(a.said(c)) != 0 {
			t.Errorf("says=%v: still a member", says)
		}
		w.tamperLeave = nil
		w.run(time.Minute)
		if says {
			w.nobodyWarned()
			w.allHear()
		} else if a.warned[c.ref] != WarnSilent || b.warned[c.ref] != WarnSilent {
			t.Errorf("who is gone and not said to be: %v", a.warned)
		}
	}
}

// K17: a member removes another: out of everybody's keys at once, also when it is announced again, or only then.
func TestK17_Removed(t *testing.T) {
	w, nodes := meeting(t, "alice", "bob", "carol")
	a, b, c := nodes[0], nodes[1], nodes[2]
	d := w.node("dave")
	removal := fmt.Sprintf(`{"join_id":[%q,%q]}`, c.ref.JoinID, d.ref.JoinID)
	removed := w.now
	a.handle(SayToAll{Kind: kindRemove, Body: Bytes(removal)})
	w.run(w.latency)
	w.everybodySpeaks(3*time.Second, 50*time.Millisecond)
	if open, all := c.count(w.captured, removed.Add(w.latency+switchDelay), w.now); open != 0 || all == 0 {
		t.Errorf("the removed opens %d of %d frames", open, all)
	}
	if open, _ := c.count(w.captured, removed.Add(-time.Second), removed.Add(w.latency+switchDelay)); open == 0 {
		t.Error("the removed opened nothing before: the test shows nothing")
	}
	w.join(d)
	a.handle(RosterChanged{Joined: []Announced{c.announced.Announced}})
	w.run(3 * time.Second)
	for _, n := range []*node{a, b} {
		for _, gone := range []*node{c, d} {
			if n.agent.peers[gone.ref] != nil || n.ring[gone.ref] != nil && n.opened[gone.ref] != 0 && gone == d {
				t.Errorf("%s keeps %s", n.name, gone.name)
			}
		}
		if n.warned[a.ref] != "" || n.warned[b.ref] != "" {
			t.Errorf("%s is warned of %v", n.name, n.warned)
		}
	}
	if b.shown[len(b.shown)-1].State != StateRefused {
		t.Errorf("shown as %v", b.shown)
	}
	// A removal takes away, and what is not one does nothing.
	members := len(b.agent.peers)
	for _, body := range []string{`{}`, `{"join_id":[]}`, `{"join_id":"x"}`, `{"join_id":["AAAA"]}`,
		`{"join_id":[` + strings.Repeat(`"`+JoinID{}.String()+`",`, maxRemoval) + `"` + JoinID{}.String() + `"]}`} {
		faults := a.agent.Faults()[ErrData.Error()]
		a.handle(SayToAll{Kind: kindRemove, Body: Bytes(body)})
		if a.agent.Faults()[ErrData.Error()] != faults+1 {
			t.Errorf("%s is said", body)
		}
		if b.agent.removeDevices([]byte(body), a.ref) == nil {
			t.Errorf("%s is acted upon", body)
		}
	}
	if len(b.agent.peers) != members {
		t.Error("members changed")
	}
}

// K7: in a large call only a few say their state because of a change. Whoever has another roster is still found out, and
// finds out, within 5 s, whenever it last spoke.
func TestK7_LargeCall(t *testing.T) {
	const size = 2*maxSpeakers + 4
	var names []string
	for i := range size {
		names = append(names, fmt.Sprintf("n%02d", i))
	}
	w, nodes := meeting(t, names...)
	states := 0
	w.tamperData = func(_, to Ref, _ *Bytes) bool {
		if to == nodes[0].ref {
			states++
		}
		return true
	}
	newcomer := w.node("fresh")
	w.join(newcomer)
	w.run(1900 * time.Millisecond)
	if states == 0 || states > maxSpeakers+6 { // the newcomer, and those whose turn it is just now
		t.Errorf("%d of %d said their state", states, size)
	}
	w.run(time.Minute)
	w.nobodyWarned()
	for round := range 4 {
		victim := nodes[round*7]
		hidden := w.node(fmt.Sprintf("g%02d", round))
		w.tamperAnnounce = func(to Ref, ann *Announced) bool { return to != victim.ref || ann.Ref != hidden.ref }
		w.join(hidden)
		w.run(5 * time.Second)
		for _, n := range nodes {
			if n != victim && n.warned[victim.ref] != WarnRosterDiffers {
				t.Errorf("round %d: %s is not warned of %s", round, n.name, victim.name)
			}
		}
		if len(victim.warned) < maxSpeakers {
			t.Errorf("round %d: %s is warned of %d", round, victim.name, len(victim.warned))
		}
		w.tamperAnnounce = nil
		w.leave(hidden)
		w.run(time.Minute)
		for _, n := range w.nodes {
			if n.in && len(n.warned) > 0 {
				t.Errorf("round %d: %s is still warned of %v", round, n.name, n.warned)
			}
		}
	}
}

// K7: a member announces another's Curve25519 key as its own. The other refuses to speak with it, and lists it, as all do:
// no one is warned of a difference that is none.
func TestK7_OwnKeyUnderAnotherName(t *testing.T) {
	w := newWorld(t)
	a, b, m := w.node("alice"), w.node("bob"), w.node("mallory")
	k, err := parseCallKeys(m.announced.CallKeys)
	if err != nil {
		t.Fatal(err)
	}
	k.curve25519 = a.agent.account.curve25519
	m.announced.CallKeys = k.encode()
	m.announced.Sig = m.agent.account.sign(callKeysMessage(m.announced.CallKeys))
	m.announced.Proof = m.agent.link.proof(m.announced.CallKeys)
	w.join(a, b, m)
	w.run(30 * time.Second)
	a.sees(m, StateRefused)
	if a.warned[b.ref] != "" || b.warned[a.ref] != "" {
		t.Errorf("alice is warned of bob: %q, bob of alice: %q", a.warned[b.ref], b.warned[a.ref])
	}
	if m.holdsOf(a) != 0 {
		t.Error("alice shares with it")
	}
	w.leave(m)
	w.run(5 * time.Second)
	if a.agent.watch.hash != b.agent.watch.hash {
		t.Error("they count other devices after it left")
	}
}
