package olmkeys

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// pair is a call of two who know each other.
func pair(t testing.TB) (w *world, a, b *node) {
	w = newWorld(t)
	a, b = w.node("alice"), w.node("bob")
	w.join(a, b)
	w.run(time.Second)
	w.allHear()
	return w, a, b
}

// content makes a share of b for a, as if b had sent it, of any state.
func shareContent(t *testing.T, b, a *node, s shareState) []byte {
	t.Helper()
	k := encapsulate(b.agent.peers[a.ref].dev, b.ref)
	r := bytes.Repeat([]byte{7}, freshSize)
	m := shareMessage{
		V: messageVersion, Room: b.w.room, Call: b.w.call[:], SenderJoinID: b.ref.JoinID[:], RecipientJoinID: a.ref.JoinID[:],
		LinkID: b.agent.link.id[:], Generation: s.generation, Index: s.index, R: r, KEMID: k.id[:], CT: k.ct, State: k.seal(r, s),
	}
	text, err := encodeMessage(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// K5: replays, older generations and other bytes change nothing.
func TestK5_Shares(t *testing.T) {
	w, a, b := pair(t)
	p := a.agent.peers[b.ref]
	state := func(generation, index uint32) shareState {
		g := b.agent.sender.newest()
		r := *g.ratchet
		r.AdvanceTo(index)
		return shareState{generation: generation, index: index, state: r.Data}
	}
	now := b.agent.sender.newest().ratchet.Counter
	give := func(s shareState) error { return a.agent.shareReceived(p, shareContent(t, b, a, s)) }

	installed := len(a.ringKID[b.ref])
	if err := give(state(0, now)); err != nil {
		t.Errorf("the same again: %v", err)
	}
	a.do(a.agent.flush())
	if len(a.ringKID[b.ref]) != installed {
		t.Error("the same share again installed something")
	}
	if err := give(state(0, now+5)); err != nil {
		t.Errorf("further on the chain: %v", err)
	}
	wrong := state(0, now+5)
	wrong.state[0] ^= 1
	if err := give(wrong); !errors.Is(err, ErrChain) {
		t.Errorf("another chain: %v", err)
	}
	lower := state(0, now)
	lower.index, lower.state[3] = now-1, lower.state[3]^1
	if err := give(lower); !errors.Is(err, ErrChain) {
		t.Errorf("another chain, lower: %v", err)
	}
	late := shareContent(t, b, a, state(0, now))

	c := w.node("carol")
	w.join(c)
	w.run(time.Second)
	w.leave(c)
	w.run(10 * time.Second)
	w.allHear()
	w.run(5 * time.Second)
	if err := a.agent.shareReceived(p, late); !errors.Is(err, ErrOldGeneration) {
		t.Errorf("an older generation: %v", err)
	}
	a.do(a.agent.flush())
	w.allHear()
}

// K5: a share whose wrap was changed does not open; each part is bound.
func TestK5_WrapIsBound(t *testing.T) {
	_, a, b := pair(t)
	p := a.agent.peers[b.ref]
	s := shareState{generation: 9, index: 3}
	text := shareContent(t, b, a, s)
	m, err := parseShare(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(m *shareMessage){
		"generation": func(m *shareMessage) { m.Generation++ },
		"index":      func(m *shareMessage) { m.Index++ },
		"r":          func(m *shareMessage) { m.R[0] ^= 1 },
		"state":      func(m *shareMessage) { m.State[0] ^= 1 },
		"ciphertext": func(m *shareMessage) { m.CT[0] ^= 1; id := newKEMID(m.CT); m.KEMID = id[:] },
	} {
		changed := m
		changed.R, changed.State, changed.CT = bytes.Clone(m.R), bytes.Clone(m.State), bytes.Clone(m.CT)
		change(&changed)
		text, err := encodeMessage(changed)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.agent.shareReceived(p, text); !errors.Is(err, ErrUnwrap) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := a.agent.shareReceived(p, text); err != nil {
		t.Errorf("the right one: %v", err)
	}
}

// K11: all shares are dropped for a while, the first with the ML-KEM ciphertext too; requests bring them, and the tile
// says what is going on meanwhile.
func TestK11_DroppedShares(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	dropping := true
	w.tamperMessage = func(Ref, Ref, *Envelope) bool { return !dropping }
	w.join(a, b)
	w.everybodySpeaks(1500*time.Millisecond, 50*time.Millisecond)
	if a.opened[b.ref] != 0 || a.states[b.ref] != StateWaiting {
		t.Errorf("%d frames opened, shown as %q", a.opened[b.ref], a.states[b.ref])
	}
	dropping = false
	w.everybodySpeaks(3*time.Second, 50*time.Millisecond)
	w.allHear()
}

// K11: the share of a new generation is dropped: frames are shown as not opening, and then open again.
func TestK11_DroppedRotation(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b, c)
	w.everybodySpeaks(time.Second, 50*time.Millisecond)
	dropped := 0
	w.tamperMessage = func(from, to Ref, e *Envelope) bool {
		if from == b.ref && to == a.ref && dropped < 1 {
			dropped++
			return false
		}
		return true
	}
	a.shown = nil
	w.leave(c)
	w.everybodySpeaks(4*time.Second, 50*time.Millisecond)
	w.allHear()
	if dropped != 1 {
		t.Fatal("nothing was dropped")
	}
	trouble := slices.ContainsFunc(a.shown, func(s Show) bool { return s.From == b.ref && s.State == StateCannotDecrypt })
	if !trouble && a.failed[b.ref] > int(failedFor/(50*time.Millisecond))+1 {
		t.Errorf("%d frames failed and nothing was shown: %v", a.failed[b.ref], a.shown)
	}
}

// K11: requests that are answered and do not help come at growing intervals; who is asked in vain is tried every 2 s.
func TestRequestsBackOff(t *testing.T) {
	w, a, b := pair(t)
	var at []time.Duration
	start := w.now
	silent := false
	w.tamperMessage = func(from, _ Ref, _ *Envelope) bool {
		if from == a.ref {
			at = append(at, w.now.Sub(start).Round(100*time.Millisecond))
		}
		return !silent
	}
	for range 1200 {
		for range 10 {
			a.handle(KeyWanted{From: b.ref, KID: 77 << 16})
		}
		w.run(100 * time.Millisecond)
	}
	want := []time.Duration{300, 2300, 6300, 14300, 30300, 60300, 90300}
	for i := range want {
		want[i] *= time.Millisecond
	}
	if !slices.Equal(at, want) {
		t.Errorf("asked at %v", at)
	}
	silent = true
	w.run(30 * time.Second) // the pause that is left
	a.handle(KeyWanted{From: b.ref, KID: 78 << 16})
	w.run(time.Second)
	at, start = nil, w.now
	w.run(time.Minute)
	if len(at) < 29 || len(at) > 31 {
		t.Errorf("asked %d times in a minute in which nobody answers", len(at))
	}
	b.speak()
	w.run(time.Second)
	if p := a.agent.peers[b.ref]; p.ask.pause == 0 || !p.ask.missing {
		t.Error("a frame of an older generation ended the search for a newer one")
	}
}

// K11: a session that one side lost: it dials anew, and keys flow again.
func TestK11_WedgedSession(t *testing.T) {
	w, a, b := pair(t)
	a.agent.peers[b.ref].sessions.list = nil // alice forgets the session bob encrypts on
	c := w.node("carol")
	w.join(c)
	w.run(time.Second)
	w.leave(c) // everybody sends a new generation
	w.everybodySpeaks(8*time.Second, 100*time.Millisecond)
	if a.agent.Faults()[ErrUndecryptable.Error()] == 0 {
		t.Error("no message failed to decrypt: the test shows nothing")
	}
	w.allHear()
}

// A message overtakes the roster: it waits, but not for ever, and not without bounds.
func TestMessageBeforeRoster(t *testing.T) {
	for _, wait := range []time.Duration{9 * time.Second, 11 * time.Second} {
		w := newWorld(t)
		a, b := w.node("alice"), w.node("bob")
		w.tamperAnnounce = func(to Ref, ann *Announced) bool { return to != b.ref || ann.Ref != a.ref }
		w.join(a, b)
		w.run(wait)
		b.handle(RosterChanged{Joined: []Announced{a.announced.Announced}})
		if got := len(b.ringKID[a.ref]) > 0; got != (wait < 10*time.Second) {
			t.Errorf("after %v: key %v", wait, got)
		}
		w.run(15 * time.Second)
		w.allHear()
	}
	w := newWorld(t)
	b := w.node("bob")
	b.in = true
	for i := range 1000 {
		b.handle(MessageReceived{From: Ref{User: "@x:y", Device: "AAAAAAAAAA", JoinID: JoinID{byte(i), byte(i >> 8)}}})
		b.handle(MessageReceived{From: Ref{User: "@x:y", Device: "AAAAAAAAAA"}})
	}
	if b.agent.earlyLen != maxEarly || len(b.agent.early[Ref{User: "@x:y", Device: "AAAAAAAAAA"}]) > maxEarlyPeer {
		t.Errorf("%d wait", b.agent.earlyLen)
	}
	w.run(time.Minute)
	if b.agent.earlyLen != 0 || len(b.agent.early) != 0 {
		t.Errorf("%d still wait", b.agent.earlyLen)
	}
}

// Sharing advances for whoever was not addressed, in every order of events.
func TestShareAdvances(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	k, err := newSenderKey(schedule{}, now)
	if err != nil {
		t.Fatal(err)
	}
	a, b := Ref{User: "@a:s"}, Ref{User: "@b:s"}
	first, advanced, ok := k.share(now, k.newest(), []Ref{a})
	if !ok || !advanced || first.index != 1 {
		t.Errorf("to somebody new: index %d, advanced %v", first.index, advanced)
	}
	if again, advanced, ok := k.share(now, k.newest(), []Ref{a}); !ok || advanced || again != first {
		t.Errorf("to a holder: index %d, advanced %v", again.index, advanced)
	}
	if s, advanced, ok := k.share(now, k.newest(), []Ref{a, b}); !ok || !advanced || s.index != 2 {
		t.Errorf("to both: index %d, advanced %v", s.index, advanced)
	}
	old := k.sealing()
	if err := k.rotate(now, []Ref{a}); err != nil {
		t.Fatal(err)
	}
	c := Ref{User: "@c:s"}
	if _, _, ok := k.share(now, old, []Ref{c}); ok {
		t.Error("an older generation went to somebody who was not addressed")
	}
	if s, _, ok := k.share(now, old, []Ref{b}); !ok || s.generation != 0 {
		t.Error("a holder of the older generation does not get it again")
	}
	if s, advanced, ok := k.share(now, k.newest(), []Ref{b}); !ok || !advanced || s.generation != 1 || s.index != 1 {
		t.Errorf("the newer: %d/%d", s.generation, s.index)
	}
	k.newest().ratchet.AdvanceTo(maxIndex)
	if _, _, ok := k.share(now, k.newest(), []Ref{c}); ok {
		t.Error("an exhausted generation went to somebody new")
	}
}

// K16: a frame that was late over a ratchet step, also over several at once, still opens, for 5 s.
func TestK16_LateFrames(t *testing.T) {
	w, a, b := pair(t)
	seal := func() frame {
		sealed, err := b.sealer.Seal(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, []byte("late"))
		if err != nil {
			t.Fatal(err)
		}
		return frame{from: b.ref, sealed: sealed, plain: []byte("late")}
	}
	var late []frame
	for range 7 {
		late = append(late, seal(), seal())
		b.agent.advance()
		b.do(b.agent.flush())
	}
	w.allHear() // the newest verifies first
	clear(a.opened)
	w.run(4 * time.Second)
	for i := 0; i < len(late); i += 2 {
		a.hear(late[i])
	}
	if got := a.opened[b.ref]; got != len(late)/2 {
		t.Errorf("%d of %d late frames opened", got, len(late)/2)
	}
	w.run(2 * time.Second)
	for i := 1; i < len(late); i += 2 {
		a.hear(late[i])
	}
	if got := a.opened[b.ref]; got != len(late)/2 {
		t.Errorf("%d frames opened in all: older keys live 5 s", got)
	}
	w.allHear()
}

// F10: forged frames beside good ones change no key, and the tile does not say that nothing opens.
func TestF10_ForgedFramesBesideGoodOnes(t *testing.T) {
	w, a, b := pair(t)
	a.shown = nil
	keys := len(a.ringKID[b.ref])
	for i := range 200 {
		f := b.speak()
		forged := f
		forged.sealed = bytes.Clone(f.sealed)
		forged.sealed[len(forged.sealed)-1] ^= 1
		for range 5 {
			a.hear(forged)
		}
		unknown := mediacrypt.Header{KID: kidOf(uint32(1000+i), 0), CTR: 1}.Append(nil)
		a.hear(frame{from: b.ref, sealed: append(unknown, make([]byte, 40)...)})
		w.run(20 * time.Millisecond)
	}
	if a.opened[b.ref] < 200 {
		t.Errorf("%d of 200 good frames opened", a.opened[b.ref])
	}
	if len(a.shown) != 0 {
		t.Errorf("shown %v", a.shown)
	}
	if got := len(a.ringKID[b.ref]); got != keys {
		t.Errorf("%d keys instead of %d", got, keys)
	}
	if b.sent > 6 {
		t.Errorf("forged frames made the sender send %d messages in 4 s", b.sent)
	}
}

// The state of a ratchet leaves senderKey by share alone: nothing else in the package reads it.
func TestOnlyShareReadsTheState(t *testing.T) {
	allowed := map[string]int{
		"senderkey.go":    1, // share
		"receiverkeys.go": 4, // what others shared with us
		"schedule.go":     1, // derivation
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	state := regexp.MustCompile(`\bratchet\.Data\b|\.Data\[|\bData:`)
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got := len(state.FindAll(text, -1))
		seen += got
		if got != allowed[name] {
			t.Errorf("%s reads ratchet state %d times instead of %d: hand it out through share", name, got, allowed[name])
		}
	}
	if seen == 0 {
		t.Error("the test finds nothing")
	}
}

// A tick that comes early is asked for again.
func TestEarlyTick(t *testing.T) {
	w := newWorld(t)
	a := w.node("alice")
	wake := a.wake
	for range 3 {
		effects := a.agent.Handle(w.now, Tick{})
		if len(effects) != 1 || effects[0] != (WakeAt{Time: wake}) {
			t.Errorf("%v", effects)
		}
	}
}

// A message that no session decrypts makes its receiver dial anew; a flood of them, no more often than the pause allows.
func TestUndecryptableDialsAnew(t *testing.T) {
	w, a, b := pair(t)
	w.run(5 * time.Second)
	a.effects = nil
	for range 100 {
		a.handle(MessageReceived{From: b.ref, Envelope: Envelope{Olm: olmMessage, Body: "AAAA", SenderKey: string(curveID(b.agent.account.curve25519[:]))}})
	}
	w.run(time.Second)
	claims := 0
	for _, e := range a.effects {
		if c, ok := e.(ClaimKeys); ok && slices.Contains(c.Devices, b.ref) {
			claims++
		}
	}
	if claims != 1 {
		t.Errorf("%d dials for 100 messages in a second", claims)
	}
	w.allHear()
}

// K11: who asks without naming a ciphertext is sent it again.
func TestK11_CiphertextAgain(t *testing.T) {
	w, a, b := pair(t)
	p := a.agent.peers[b.ref]
	if !b.agent.peers[a.ref].kemNamed {
		b.agent.peers[a.ref].kemNamed = true // the first exchange may not have told it yet
	}
	p.kemIn = nil
	w.run(3 * time.Second)
	a.agent.request(p)
	a.do(a.agent.flush())
	w.run(3 * time.Second)
	if len(p.kemIn) != 1 {
		t.Errorf("%d ciphertexts", len(p.kemIn))
	}
}
