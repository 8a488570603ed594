package olmkeys

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

var testTime = time.Unix(1_800_000_000, 0)

// keeper is a client that keeps an identity: one of its own for each name, the same each time.
func (w *world) keeper(name string, known ...Pin) *node {
	w.t.Helper()
	return w.nodeFrom(name, Config{Secret: testSecret, Identity: identityOf(name), Known: known})
}

func identityOf(name string) *Identity {
	i, err := ParseIdentity([]byte((name + strings.Repeat(".", IdentitySize))[:IdentitySize]))
	if err != nil {
		panic(err)
	}
	return i
}

// pinOf is how somebody of this name, who keeps an identity, is remembered.
func pinOf(name string) Pin {
	return Pin{Identity: identityOf(name).Public(), User: "@" + name + ":grotto.example", Name: name}
}

func (n *node) callsItself(name string) {
	n.handle(SayToAll{Kind: kindProfile, Body: Bytes(fmt.Sprintf(`{"name":%q}`, name))})
}

func (n *node) sees(m *node, want PeerState) {
	n.w.t.Helper()
	if got := n.states[m.ref]; got != want {
		n.w.t.Errorf("%s sees %s as %q instead of %q", n.name, m.name, got, want)
	}
}

// pinned is the last that a client was told to remember of another's identity.
func (n *node) pinned(m *node) (Pin, bool) {
	for i := len(n.pins) - 1; i >= 0; i-- {
		if bytes.Equal(n.pins[i].Identity, m.agent.account.ed25519[:]) {
			return n.pins[i], true
		}
	}
	return Pin{}, false
}

// hears fails the test unless frames of each reach the other: trust decides about no key.
func (n *node) hears(m *node) {
	n.w.t.Helper()
	clear(n.opened)
	clear(m.opened)
	n.speak()
	m.speak()
	n.w.run(4 * n.w.latency)
	if n.opened[m.ref] != 1 || m.opened[n.ref] != 1 {
		n.w.t.Errorf("%s opened %d frames of %s, and the other %d", n.name, n.opened[m.ref], m.name, m.opened[n.ref])
	}
}

// Who keeps an identity and is met by another who does is remembered: with a name, and under the same key when the name
// changes. Guests remember nobody and are not remembered.
func TestPins(t *testing.T) {
	w := newWorld(t)
	a, b, guest := w.keeper("alice"), w.keeper("bob"), w.node("guest")
	w.join(a, b, guest)
	w.run(5 * time.Second)
	for _, n := range w.nodes {
		n.callsItself(strings.ToUpper(n.name))
	}
	w.run(time.Second)
	b.callsItself("Robert")
	w.run(time.Second)
	got, _ := a.pinned(b)
	if want := (Pin{Identity: identityOf("bob").Public(), User: b.ref.User, Name: "Robert"}); !reflect.DeepEqual(got, want) {
		t.Errorf("alice remembers %+v", got)
	}
	if _, met := b.pinned(a); !met {
		t.Error("bob does not remember alice")
	}
	if _, met := a.pinned(guest); met || len(guest.pins) != 0 {
		t.Errorf("a guest is remembered, or remembers: %+v", guest.pins)
	}
	a.sees(b, StateNew) // met for the first time: that he is remembered now changes nothing
	before := len(a.pins)
	w.run(time.Minute)
	if len(a.pins) != before {
		t.Errorf("told again, with nothing new: %+v", a.pins[before:])
	}
	// The next meeting.
	next := newWorld(t)
	a, b, c := next.keeper("alice", got), next.keeper("bob", pinOf("alice")), next.keeper("carol")
	next.join(a, b, c)
	next.run(3 * time.Second)
	a.sees(b, StateKnown)
	b.sees(a, StateKnown)
	a.sees(c, StateNew)
	a.hears(b)
	next.noFaults()
}

// Who changes its name all the time is remembered by the last one, and not a hundred times a second.
func TestPinsOfARestlessName(t *testing.T) {
	w := newWorld(t)
	a, b := w.keeper("alice"), w.keeper("bob")
	w.join(a, b)
	w.run(5 * time.Second)
	for i := range 580 { // it ends a second before the next is due
		b.callsItself(fmt.Sprintf("Bob %d", i))
		w.run(50 * time.Millisecond)
	}
	if most := pinsAtOnce + 4; len(a.pins) > most {
		t.Errorf("told %d times to remember", len(a.pins))
	}
	for range failedFrames { // it is due while its frames do not open
		a.handle(FrameFailed{From: b.ref})
	}
	w.tamperData = func(Ref, Ref, *Bytes) bool { return false }
	w.tamperMessage = func(Ref, Ref, *Envelope) bool { return false }
	w.run(pinEvery)
	a.sees(b, StateCannotDecrypt)
	w.tamperData, w.tamperMessage = nil, nil
	b.speak()
	w.run(pinEvery)
	if n := len(a.agent.trust.names); n != 1 {
		t.Errorf("%d names are kept for one", n)
	}
	if pin, _ := a.pinned(b); pin.Name != "Bob 579" {
		t.Errorf("remembered as %+v", pin)
	}
	before := len(a.pins)
	w.run(time.Minute)
	if len(a.pins) != before {
		t.Error("told again, with nothing new")
	}
}

// A person's verification outlives the call, and is taken back by a failed one.
func TestPinsOfVerified(t *testing.T) {
	w := newWorld(t)
	a, b, guest := w.keeper("alice"), w.node("bob"), w.node("guest")
	w.join(a, b, guest)
	w.run(3 * time.Second)
	verify := func(n, m *node, f func(*Agent, *peer)) {
		f(n.agent, n.agent.peers[m.ref])
		n.handle(Tick{})
	}
	verify(a, b, (*Agent).verified)
	verify(guest, b, (*Agent).verified)
	a.sees(b, StateVerified)
	guest.sees(b, StateVerified)
	if pin, _ := a.pinned(b); !pin.Verified {
		t.Errorf("remembered as %+v", pin)
	}
	if len(guest.pins) != 0 {
		t.Error("a guest remembers")
	}
	b.callsItself("Bob")
	w.run(time.Second)
	pin, _ := a.pinned(b)
	if !pin.Verified || pin.Name != "Bob" {
		t.Errorf("remembered as %+v", pin)
	}
	verify(a, b, (*Agent).unverified)
	a.sees(b, StateNew)
	if pin, _ := a.pinned(b); pin.Verified {
		t.Errorf("remembered as %+v", pin)
	}
	next := newWorld(t)
	a, b = next.keeper("alice", Pin{Identity: identityOf("bob").Public(), Verified: true}), next.keeper("bob")
	next.join(a, b)
	next.run(3 * time.Second)
	a.sees(b, StateVerified)
	verify(a, b, (*Agent).unverified)
	a.sees(b, StateKnown)
}

// Trouble with keys is told before trust, and trust comes back with the keys.
func TestTrustAfterTrouble(t *testing.T) {
	w := newWorld(t)
	a, b := w.keeper("alice", pinOf("bob")), w.keeper("bob")
	w.join(a, b)
	w.run(3 * time.Second)
	a.sees(b, StateKnown)
	for range failedFrames {
		a.handle(FrameFailed{From: b.ref})
	}
	w.run(failedFor)
	a.sees(b, StateCannotDecrypt)
	a.agent.verified(a.agent.peers[b.ref])
	a.handle(Tick{})
	a.sees(b, StateCannotDecrypt)
	b.speak()
	w.run(time.Second)
	a.sees(b, StateVerified)
}

// K8: somebody comes under the user id of a known person with another key: loud, not verified, not remembered in the
// known one's place. Who has the link is spoken with all the same, as with anybody new. Without pins nothing is noticed.
func TestK8_SameUserOtherKey(t *testing.T) {
	for _, verified := range []bool{true, false} {
		for _, remembers := range []bool{true, false} {
			t.Run(fmt.Sprintf("verified=%v/remembers=%v", verified, remembers), func(t *testing.T) {
				w := newWorld(t)
				pin := pinOf("bob")
				pin.Verified = verified
				a := w.keeper("alice")
				if remembers {
					a = w.keeper("alice", pin)
				}
				m := w.nodeFrom("mallory", Config{Secret: testSecret, Identity: identityOf("mallory"), User: "@bob:grotto.example"})
				w.join(a, m)
				w.run(20 * time.Second)
				a.hears(m)
				m.sees(a, StateNew)
				if !remembers {
					a.sees(m, StateNew) // the attack
					return
				}
				a.sees(m, StateChangedKey)
				if len(a.pins) != 0 {
					t.Errorf("remembered: %+v", a.pins)
				}
			})
		}
	}
}

// K8: a known person with a second device, both here.
func TestK8_SameUserNewDevice(t *testing.T) {
	w := newWorld(t)
	a, b := w.keeper("alice", pinOf("bob")), w.keeper("bob")
	phone := w.nodeFrom("phone", Config{Secret: testSecret, Identity: identityOf("phone"), User: "@bob:grotto.example"})
	w.join(a, b, phone)
	w.run(5 * time.Second)
	a.sees(b, StateKnown)
	a.sees(phone, StateChangedKey)
	// A person compares keys with the new device: then both are.
	a.agent.verified(a.agent.peers[phone.ref])
	a.handle(Tick{})
	a.sees(b, StateKnown)
	a.sees(phone, StateVerified)
	pin, _ := a.pinned(phone)
	next := newWorld(t)
	a, b = next.keeper("alice", pinOf("bob"), pin), next.keeper("bob")
	phone = next.nodeFrom("phone", Config{Secret: testSecret, Identity: identityOf("phone"), User: "@bob:grotto.example"})
	next.join(a, b, phone)
	next.run(5 * time.Second)
	a.sees(b, StateKnown)
	a.sees(phone, StateVerified)
}

// K8: somebody verified in this call leaves, and comes back with another key. Also to a guest, who remembers nothing longer.
func TestK8_VerifiedComesBackChanged(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	w.join(a, b)
	w.run(3 * time.Second)
	a.agent.verified(a.agent.peers[b.ref])
	w.leave(b)
	w.run(time.Second)
	again := w.node("bob")
	w.join(again)
	w.run(3 * time.Second)
	a.sees(again, StateChangedKey)
	a.hears(again)
}

// K8: a name is stolen, in any spelling that reads alike. It shows as soon as the name is said, and goes with it.
func TestK8_NameStolen(t *testing.T) {
	known := pinOf("bob")
	known.Name = "René  Müller"
	for _, profile := range []string{
		`{"name":"René Müller"}`,
		`{"name":"Rene\u0301 Mu\u0308ller"}`,
		`{"name":"  rené MÜLLER\n"}`,
		`{"name":"Re\u200bné\ufe0f Mü\u00adller"}`,
		`{"name":"Ｒené Müller"}`,
		`{"name":"René\u202e Müller"}`,
		`{"name":"René Müller\ufffd"}`,
	} {
		w := newWorld(t)
		a, m := w.keeper("alice", known), w.keeper("mallory")
		w.join(a, m)
		w.run(3 * time.Second)
		a.sees(m, StateNew) // so far
		m.handle(SayToAll{Kind: kindProfile, Body: Bytes(profile)})
		w.run(time.Second)
		if a.states[m.ref] != StateChangedKey {
			t.Errorf("%s: seen as %q", profile, a.states[m.ref])
		}
		if pin, met := a.pinned(m); met && foldName(pin.Name) == foldName(known.Name) {
			t.Errorf("%s: remembered as %+v", profile, pin)
		}
		a.hears(m)
		m.callsItself("Mallory")
		w.run(time.Second)
		a.sees(m, StateNew)
	}
}

// K8: a profile that one parser reads a stolen name out of and another does not is shown to nobody.
func TestK8_NameSaidTwice(t *testing.T) {
	for _, profile := range []string{
		`{"name":"Zed","NAME":"bob"}`, `{"Name":"bob"}`, `{"name":"bob","name":"Zed"}`, `{"name":"bob","name":null}`,
		`{"name":"Zed","n\u0061me":"bob"}`, `{"name":["bob"]}`, `[{"name":"bob"}]`, `{}`,
	} {
		w := newWorld(t)
		a, m := w.keeper("alice", pinOf("bob")), w.keeper("mallory")
		w.join(a, m)
		w.run(3 * time.Second)
		m.handle(SayToAll{Kind: kindProfile, Body: Bytes(profile)})
		m.handle(SayTo{To: []Ref{a.ref}, Kind: kindProfile, Body: Bytes(`{"name":"bob"}`)})
		w.run(3 * time.Second)
		if len(a.heard) != 0 {
			t.Errorf("%s: heard %s", profile, a.heard[0].Body)
		}
		a.sees(m, StateNew)
	}
}

// K8: who is known, or verified, under one name does not take that of another.
func TestK8_KnownTakesAnothersName(t *testing.T) {
	w := newWorld(t)
	mallory := pinOf("mallory")
	mallory.Verified = true
	a, b, m := w.keeper("alice", pinOf("bob"), mallory), w.keeper("bob"), w.keeper("mallory")
	w.join(a, b, m)
	w.run(3 * time.Second)
	b.callsItself("bob")
	m.callsItself("mallory")
	w.run(time.Second)
	a.sees(b, StateKnown)
	a.sees(m, StateVerified)
	m.callsItself("Bob")
	w.run(time.Second)
	a.sees(b, StateKnown)
	a.sees(m, StateChangedKey)
	if pin, met := a.pinned(m); met && pin.Name != "mallory" {
		t.Errorf("remembered as %+v", pin)
	}
	a.agent.verified(a.agent.peers[m.ref]) // it is a name that people may share; a person has looked
	a.handle(Tick{})
	a.sees(m, StateVerified)
	a.sees(b, StateKnown)
}

// blocked lets alice block eve, by a pin from an earlier call or now.
func blocked(t *testing.T, byPin bool) (w *world, a, b, eve *node) {
	t.Helper()
	w = newWorld(t)
	pin := pinOf("eve")
	pin.Blocked = true
	if a = w.keeper("alice"); byPin {
		a = w.keeper("alice", pin)
	}
	b, eve = w.keeper("bob"), w.keeper("eve")
	w.join(a, b, eve)
	w.run(40 * time.Second)
	if !byPin {
		a.hears(eve)
		a.handle(Block{Device: eve.ref})
		if last := a.pins[len(a.pins)-1]; !last.Blocked || !bytes.Equal(last.Identity, identityOf("eve").Public()) {
			t.Errorf("remembered: %+v", a.pins)
		}
	}
	return w, a, b, eve
}

// Who is blocked gets no key of ours for anything that is sent once the keys have changed, however it asks, and is not
// listened to; between it and the others all is as before.
func TestBlocked(t *testing.T) {
	for _, byPin := range []bool{true, false} {
		t.Run(fmt.Sprintf("byPin=%v", byPin), func(t *testing.T) {
			w, a, b, eve := blocked(t, byPin)
			a.sees(eve, StateBlocked)
			at := w.now
			sent := 0
			w.tamperMessage = func(from, to Ref, _ *Envelope) bool {
				if from == a.ref && to == eve.ref {
					sent++
				}
				return true
			}
			heard := len(a.heard)
			clear(a.opened)
			for range 10 {
				w.everybodySpeaks(time.Second, 100*time.Millisecond)
				eve.callsItself("Eve, again")
				eve.agent.request(eve.agent.peers[a.ref])
				eve.do(eve.agent.flush())
				a.handle(KeyWanted{From: eve.ref, KID: 0})
			}
			opens := map[Ref]int{}
			for _, f := range w.captured {
				if f.at.After(at.Add(switchDelay)) && eve.opensWith(f) {
					opens[f.from]++
				}
			}
			if opens[a.ref] != 0 || opens[b.ref] == 0 {
				t.Errorf("eve opens %d frames of alice, %d of bob", opens[a.ref], opens[b.ref])
			}
			if sent != 0 || a.opened[eve.ref] != 0 {
				t.Errorf("%d messages to eve, %d of its frames opened", sent, a.opened[eve.ref])
			}
			for _, h := range a.heard[heard:] {
				if h.From == eve.ref {
					t.Errorf("heard %s of eve", h.Kind)
				}
			}
			if a.agent.Faults()[ErrNotAdmitted.Error()] == 0 {
				t.Error("nothing of eve was dropped: the test shows nothing")
			}
			a.sees(eve, StateBlocked)
			a.hears(b)
			b.hears(eve)
		})
	}
}

// A block is nobody else's business: all count the same devices, and have the same code; nobody is warned, but who is
// blocked of us, who has gone silent to it.
func TestBlockedIsListed(t *testing.T) {
	for _, byPin := range []bool{true, false} {
		t.Run(fmt.Sprintf("byPin=%v", byPin), func(t *testing.T) {
			w, a, b, eve := blocked(t, byPin)
			w.run(2 * time.Minute)
			if a.agent.watch.hash != b.agent.watch.hash || b.agent.watch.hash != eve.agent.watch.hash {
				t.Error("they count other devices")
			}
			if a.warns != 0 || b.warns != 0 {
				t.Errorf("alice is warned %d times, bob %d", a.warns, b.warns)
			}
			if len(eve.warned) != 1 || eve.warned[a.ref] != WarnSilent {
				t.Errorf("eve is warned of %v", eve.warned)
			}
			a.handle(CodeWanted{})
			b.handle(CodeWanted{})
			w.run(2 * time.Second)
			if a.code == "" || a.code != b.code {
				t.Errorf("codes %q and %q", a.code, b.code)
			}
			w.leave(eve)
			w.run(10 * time.Second)
			if a.agent.watch.hash != b.agent.watch.hash || a.warns+b.warns != 0 {
				t.Error("they count other devices after it left")
			}
		})
	}
}

// A block rotates as a leave does, once, and lasts when the identity comes back in another join.
func TestBlockedComesBack(t *testing.T) {
	w, a, _, eve := blocked(t, false)
	w.run(2 * time.Second)
	if g, _ := a.agent.Sending(); g != 1 {
		t.Errorf("generation %d", g)
	}
	a.handle(Block{Device: eve.ref}) // again: nothing
	again := w.keeper("eve")
	w.change([]*node{eve}, []*node{again})
	w.run(5 * time.Second)
	a.sees(again, StateBlocked)
	if g, _ := a.agent.Sending(); g != 1 {
		t.Errorf("generation %d", g)
	}
	if a.agent.Faults()[ErrNotAdmitted.Error()] == 0 {
		t.Error("blocked twice")
	}
	a.agent.verified(a.agent.peers[again.ref])
	a.handle(Tick{})
	a.sees(again, StateBlocked)
	if pin, _ := a.pinned(again); !pin.Blocked {
		t.Errorf("remembered as %+v", pin)
	}
}

// Our own identity in another join of ours, that the server has not ended: nothing is shared with it; the others see two
// devices, and so do we.
func TestOwnIdentityTwice(t *testing.T) {
	w := newWorld(t)
	a, b := w.keeper("alice"), w.keeper("bob")
	twin := w.nodeFrom("twin", Config{Secret: testSecret, Identity: identityOf("alice")})
	w.join(a, b, twin)
	w.run(50 * time.Second)
	a.sees(twin, StateRefused)
	twin.sees(a, StateRefused)
	w.captured = nil
	a.speak()
	w.run(time.Second)
	if a.opened[twin.ref]+twin.opened[a.ref] != 0 {
		t.Error("they hear one another")
	}
	w.nobodyWarned()
	a.hears(b)
	b.hears(twin)
}

// What strangers can make us remember is bounded; what a person says is remembered all the same.
func TestPinsBounded(t *testing.T) {
	var known []Pin
	for i := range maxPins {
		known = append(known, Pin{Identity: bytes.Repeat([]byte{byte(i), byte(i >> 8), 1, 2}, 8)})
	}
	w := newWorld(t)
	a, b := w.keeper("alice", known...), w.keeper("bob")
	w.join(a, b)
	w.run(20 * time.Second)
	if len(a.pins) != 0 {
		t.Errorf("remembered: %+v", a.pins)
	}
	a.agent.verified(a.agent.peers[b.ref])
	a.handle(Tick{})
	if pin, _ := a.pinned(b); !pin.Verified {
		t.Error("not remembered")
	}
}

// Where keys come from outside there is none to take away, but who is blocked is not listened to, nor under the next key.
func TestBlockedOutside(t *testing.T) {
	for _, source := range []KeySource{KeysShared, KeysPerParticipant} {
		w := newWorld(t)
		a, eve := w.outsideNode("alice", source), w.outsideNode("eve", source)
		w.join(a, eve)
		w.giveKeys(source, 1, 10, a, eve)
		w.run(time.Second)
		a.handle(Block{Device: eve.ref})
		a.sees(eve, StateBlocked)
		for generation := range uint32(2) {
			w.giveKeys(source, 2+generation, 20+byte(generation), a, eve)
			before := len(a.heard)
			clear(a.opened)
			eve.callsItself("Eve")
			eve.speak()
			w.run(time.Second)
			if len(a.heard) != before || a.opened[eve.ref] != 0 {
				t.Errorf("%s: heard %d, opened %d", source, len(a.heard)-before, a.opened[eve.ref])
			}
		}
		a.sees(eve, StateBlocked)
		if a.agent.watch.hash != eve.agent.watch.hash {
			t.Errorf("%s: they count other devices", source)
		}
	}
}

// Who is blocked has another join, without the secret so far. It proves that it has it afterwards: it is blocked.
func TestBlockedProvesLater(t *testing.T) {
	w := newWorld(t)
	a, b, eve := w.keeper("alice"), w.keeper("bob"), w.keeper("eve")
	twin := w.nodeFrom("twin", Config{Secret: testSecret, Identity: identityOf("eve")})
	proof := twin.announced.Proof
	twin.announced.Proof = make(Bytes, proofSize)
	w.join(a, b, eve, twin)
	w.run(40 * time.Second)
	a.sees(twin, StateWrongSecret)
	a.hears(eve)
	a.handle(Block{Device: eve.ref})
	a.sees(twin, StateBlocked)
	w.run(time.Second)
	if a.agent.watch.hash != b.agent.watch.hash {
		t.Error("alice counts the twin")
	}
	twin.announced.Proof = proof
	for _, n := range []*node{a, b} {
		n.handle(ProofReceived{From: twin.ref, Proof: proof})
	}
	w.run(5 * time.Second)
	a.sees(twin, StateBlocked)
	if twin.holdsOf(a) != 0 || twin.holdsOf(b) == 0 {
		t.Errorf("the twin holds %d generations of alice, %d of bob", twin.holdsOf(a), twin.holdsOf(b))
	}
	if pin, _ := a.pinned(eve); !pin.Blocked {
		t.Errorf("remembered as %+v", pin)
	}
	if a.agent.watch.hash != b.agent.watch.hash {
		t.Error("alice and bob count other devices")
	}
}

// Names that pages show as another's: with characters that are not seen, alone or so many that the rest seemed cut off.
func TestK8_NameBehindUnseen(t *testing.T) {
	for _, name := range []string{"B\u200eob", "B\u202eo\u202cb", strings.Repeat("\u200b", 80) + "Bob", "Bo" + strings.Repeat("\u2060", 70) + "b"} {
		w := newWorld(t)
		pin := pinOf("bob")
		pin.Name = "Bob"
		a, m := w.keeper("alice", pin), w.keeper("mallory")
		w.join(a, m)
		w.run(3 * time.Second)
		m.callsItself(name)
		w.run(3 * time.Second)
		a.sees(m, StateChangedKey)
	}
}
