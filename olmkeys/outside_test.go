package olmkeys

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// outsideKey is a key as a program draws it.
func outsideKey(b byte) Secret { return bytes.Repeat([]byte{b}, minOutsideKey) }

func (w *world) outsideNode(name string, source KeySource) *node {
	w.t.Helper()
	return w.nodeFrom(name, Config{Keys: source})
}

// giveKeys sets the keys of everybody who is in at everybody who is in, as a program that hands out keys does.
func (w *world) giveKeys(source KeySource, generation uint32, seed byte, to ...*node) {
	for _, n := range to {
		if source == KeysShared {
			n.handle(SetKey{Generation: generation, Key: outsideKey(seed)})
			continue
		}
		for i, m := range w.nodes {
			n.handle(SetKey{User: m.ref.User, Generation: generation, Key: outsideKey(seed + byte(i))})
		}
	}
}

// everyEar is how many of the others' frames each one opens, and what it shows of them.
func (w *world) everyEar(t *testing.T, opened int, state PeerState) {
	t.Helper()
	for _, n := range w.nodes {
		clear(n.opened)
	}
	for _, n := range w.nodes {
		if n.in && n.sealer != nil {
			n.speak()
		}
	}
	w.run(4 * w.latency)
	for _, n := range w.nodes {
		for _, m := range w.nodes {
			if n == m || !n.in || !m.in {
				continue
			}
			if n.opened[m.ref] != opened || n.states[m.ref] != state {
				t.Errorf("%s opened %d frames of %s and shows %q; not %d, %q", n.name, n.opened[m.ref], m.name, n.states[m.ref], opened, state)
			}
		}
	}
}

// couldOpen says whether a device could open a captured frame with any key it was ever given for its sender.
func (n *node) couldOpen(f frame) bool {
	h, _, err := mediacrypt.ParseHeader(f.sealed)
	if err != nil {
		n.w.t.Fatal(err)
	}
	key, have := n.ringKID[f.from][h.KID]
	return have && opensUnder(n.w.t, key, f)
}

func opensUnder(t testing.TB, key BaseKey, f frame) bool {
	h, _, err := mediacrypt.ParseHeader(f.sealed)
	if err != nil {
		t.Fatal(err)
	}
	o := mediacrypt.NewOpener()
	if err := o.Add(h.KID, key.Media()); err != nil {
		t.Fatal(err)
	}
	_, _, err = o.Open(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, f.sealed)
	return err == nil
}

// A whole call with keys from outside: frames and data open, keys change, people come and go, and not one Olm message
// is sent for it.
func TestOutsideCall(t *testing.T) {
	for _, source := range []KeySource{KeysShared, KeysPerParticipant} {
		t.Run(string(source), func(t *testing.T) {
			w := newWorld(t)
			a, b, c := w.outsideNode("alice", source), w.outsideNode("bob", source), w.outsideNode("carol", source)
			w.join(a, b, c)
			w.run(time.Second)
			for _, n := range w.nodes {
				if n.sealer != nil {
					t.Fatalf("%s seals before a key was set", n.name)
				}
				if len(n.announced.Proof) != 0 {
					t.Errorf("%s announces a proof of no secret", n.name)
				}
				n.handle(SayToAll{Kind: "grotto.profile", Body: Bytes(`{"name":"` + n.name + `"}`)})
			}
			w.everyEar(t, 0, StateWaiting)
			w.giveKeys(source, 1, 10, a, b, c)
			w.run(3 * time.Second)
			w.everyEar(t, 1, StateOutside)
			for _, n := range w.nodes {
				if len(n.heard) != 2 {
					t.Errorf("%s heard %v of what was said before there was a key", n.name, n.heard)
				}
			}

			w.leave(c)
			w.run(time.Second)
			late := a.speak() // on its way under the key before
			w.giveKeys(source, 2, 90, a, b)
			w.run(time.Second)
			if b.opened[a.ref] != 2 || b.sealer.KID() != kidOf(2, 0) {
				t.Errorf("a late frame did not open: %d; sealing under %v", b.opened[a.ref], b.sealer.KID())
			}
			w.everyEar(t, 1, StateOutside)
			if f := a.speak(); c.couldOpen(f) || !b.couldOpen(f) || !c.couldOpen(late) {
				t.Error("who left can open what follows, or nobody can")
			}
			w.run(40 * time.Second)
			for _, n := range w.nodes {
				if n.sent > 0 || n.warns > 0 {
					t.Errorf("%s sent %d Olm messages and was warned %d times", n.name, n.sent, n.warns)
				}
				for _, e := range n.effects {
					if _, claims := e.(ClaimKeys); claims {
						t.Errorf("%s claimed keys", n.name)
					}
				}
			}
			w.noFaults()

			b.handle(Leaving{})
			w.run(time.Second)
			if _, shown := a.states[b.ref]; shown {
				t.Error("a sealed leave was not acted on")
			}
			a.handle(CodeWanted{})
			w.run(3 * time.Second)
			if len(a.code) != 35 {
				t.Errorf("the meeting code is %q", a.code)
			}
		})
	}
}

// Nobody without the key opens anything: not a ghost that the server adds, not a participant with another key.
func TestOutsideWithoutTheKey(t *testing.T) {
	for _, source := range []KeySource{KeysShared, KeysPerParticipant} {
		t.Run(string(source), func(t *testing.T) {
			w := newWorld(t)
			a, b := w.outsideNode("alice", source), w.outsideNode("bob", source)
			ghost, wrong := w.outsideNode("ghost", source), w.outsideNode("wrong", source)
			w.join(a, b, ghost, wrong)
			w.giveKeys(source, 1, 10, a, b)
			w.giveKeys(source, 1, 77, wrong)
			w.everybodySpeaksWithKeys(5*time.Second, 100*time.Millisecond)
			for _, n := range []*node{a, b} {
				if n.states[ghost.ref] != StateWaiting || n.states[wrong.ref] != StateCannotDecrypt {
					t.Errorf("%s shows the ghost as %q, the wrong key as %q", n.name, n.states[ghost.ref], n.states[wrong.ref])
				}
				if n.opened[wrong.ref] > 0 || wrong.opened[n.ref] > 0 || ghost.opened[n.ref] > 0 {
					t.Errorf("frames between %s and who has no key opened", n.name)
				}
			}
			if a.opened[b.ref] < 40 || b.opened[a.ref] < 40 {
				t.Errorf("%d and %d frames opened between those with the key", a.opened[b.ref], b.opened[a.ref])
			}
			if wrong.states[a.ref] != StateCannotDecrypt {
				t.Errorf("who has another key shows %q", wrong.states[a.ref])
			}
			f := a.speak()
			for _, n := range []*node{ghost, wrong} {
				if n.couldOpen(f) {
					t.Errorf("%s opens", n.name)
				}
			}
			w.giveKeys(source, 1, 10, ghost) // the test can fail: with the key it does
			if !ghost.couldOpen(f) {
				t.Error("a device with the key opens nothing")
			}
		})
	}
}

// everybodySpeaksWithKeys is everybodySpeaks of those who can.
func (w *world) everybodySpeaksWithKeys(d, step time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); w.run(step) {
		for _, n := range w.nodes {
			if n.in && n.sealer != nil {
				n.speak()
			}
		}
	}
}

// Who comes after a key was changed must seal under the new one: with the old one, nobody listens. Who was there may go
// on with the old one for a minute, or until it has sealed under the new one.
func TestOutsideOldKeys(t *testing.T) {
	w := newWorld(t)
	a, slow, back := w.outsideNode("alice", KeysShared), w.outsideNode("slow", KeysShared), w.outsideNode("back", KeysShared)
	w.join(a, slow)
	w.giveKeys(KeysShared, 1, 10, a, slow)
	w.run(3 * time.Second)
	w.giveKeys(KeysShared, 2, 20, a)
	w.join(back)
	w.giveKeys(KeysShared, 1, 10, back)
	w.run(time.Second)
	for range 5 {
		back.speak()
		slow.speak()
		w.run(200 * time.Millisecond)
	}
	if a.opened[back.ref] > 0 || a.opened[slow.ref] != 5 {
		t.Errorf("%d frames opened under a key from before the join, %d under one from after it", a.opened[back.ref], a.opened[slow.ref])
	}
	w.run(outsideOverlap)
	slow.speak()
	w.run(time.Second)
	if a.opened[slow.ref] != 5 {
		t.Error("the old key lives on")
	}
	w.giveKeys(KeysShared, 2, 20, slow)
	slow.speak()
	w.run(time.Second)
	if a.opened[slow.ref] != 6 || a.states[slow.ref] != StateOutside {
		t.Errorf("under the new key: %d, %q", a.opened[slow.ref], a.states[slow.ref])
	}
	for generation := uint32(3); generation < 9; generation++ {
		w.giveKeys(KeysShared, generation, byte(generation), a)
	}
	if n := len(a.agent.peers[slow.ref].outside.open); n != maxOutsideGenerations {
		t.Errorf("%d generations are open", n)
	}
}

// Keys of different sources never open each other's frames, though the bytes be the same, and each side says so.
func TestOutsideIsNeverMixed(t *testing.T) {
	w := newWorld(t)
	olm, olm2 := w.node("alice"), w.node("bob")
	shared, own := w.outsideNode("carol", KeysShared), w.outsideNode("dave", KeysPerParticipant)
	w.join(olm, olm2, shared, own)
	shared.handle(SetKey{Generation: 1, Key: outsideKey(1)})
	for _, n := range w.nodes {
		own.handle(SetKey{User: n.ref.User, Generation: 1, Key: outsideKey(1)})
		olm.handle(SetKey{Generation: 1, Key: outsideKey(1)})
	}
	w.everybodySpeaksWithKeys(5*time.Second, 100*time.Millisecond)
	for _, n := range w.nodes {
		for _, m := range w.nodes {
			together := (n == olm || n == olm2) && (m == olm || m == olm2)
			if n != m && !together && n.opened[m.ref] > 0 {
				t.Errorf("%s opened frames of %s", n.name, m.name)
			}
		}
	}
	if olm.opened[olm2.ref] == 0 {
		t.Error("those with the link do not open each other's frames: the test is blind")
	}
	for _, c := range []struct {
		at, of *node
		state  PeerState
	}{{olm, shared, StateWrongSecret}, {olm, own, StateWrongSecret}, {shared, olm, StateWrongSecret}, {own, olm2, StateWrongSecret},
		{shared, own, StateCannotDecrypt}, {own, shared, StateCannotDecrypt}} {
		if c.at.states[c.of.ref] != c.state {
			t.Errorf("%s shows %s as %q instead of %q", c.at.name, c.of.name, c.at.states[c.of.ref], c.state)
		}
	}
	if olm.agent.Faults()[ErrKeySource.Error()] == 0 {
		t.Error("a key from outside was taken beside Olm")
	}
	if err := shared.agent.shareReceived(nil, nil); !errors.Is(err, ErrKeySource) {
		t.Errorf("a share: %v", err)
	}
}

// F9: one key for all gives every sender, join and generation base keys of its own, so no two seal under one key and
// counter; a generation is never used for two keys.
func TestF9_KeysFromOutsideRepeatNoNonce(t *testing.T) {
	seen := map[BaseKey]string{}
	for _, source := range []KeySource{KeysShared, KeysPerParticipant} {
		w := newWorld(t)
		for join := range 3 {
			var nodes []*node
			for _, name := range []string{"alice", "bob"} {
				nodes = append(nodes, w.outsideNode(name, source)) // the same user and device, another join
			}
			w.change(nil, nodes)
			w.run(time.Second)
			for generation := range uint32(4) {
				for _, n := range nodes {
					for _, user := range []string{"@alice:grotto.example", "@bob:grotto.example"} {
						if source == KeysShared {
							user = ""
						}
						n.handle(SetKey{User: user, Generation: generation, Key: outsideKey(1)})
						n.handle(SetKey{User: user, Generation: generation, Key: outsideKey(2)}) // must not be taken
					}
				}
			}
			for i, n := range nodes {
				sealed := 0
				for _, e := range n.effects {
					if s, ok := e.(SealWith); ok {
						sealed++
						what := fmt.Sprintf("%s, %s, join %d, %v", source, n.name, join, s.KID)
						if before, twice := seen[s.BaseKey]; twice {
							t.Errorf("%s seals under the key of %s", what, before)
						}
						seen[s.BaseKey] = what
						if nodes[1-i].ringKID[n.ref][mediacrypt.KeyID(s.KID)] != s.BaseKey {
							t.Errorf("%s is not opened under this key", what)
						}
					}
				}
				if sealed != 4 {
					t.Errorf("%s sealed under %d keys", n.name, sealed)
				}
				if n.agent.Faults()[ErrOutsideKey.Error()] == 0 {
					t.Error("another key for a generation was taken")
				}
			}
			w.change(nodes, nil)
		}
	}
	if len(seen) != 2*3*2*4 {
		t.Errorf("%d keys", len(seen))
	}
}

// What is said before the sender's key is known waits for it; what is forged opens nothing.
func TestOutsideDataWaits(t *testing.T) {
	w := newWorld(t)
	a, b := w.outsideNode("alice", KeysShared), w.outsideNode("bob", KeysShared)
	w.join(a, b)
	w.run(time.Second)
	w.giveKeys(KeysShared, 7, 10, a)
	a.handle(SayToAll{Kind: "grotto.chat", Body: Bytes(`{"text":"x"}`)})
	w.run(5 * time.Second)
	if len(b.heard) > 0 {
		t.Fatal("heard without a key")
	}
	w.giveKeys(KeysShared, 7, 10, b)
	if len(b.heard) != 1 || b.states[a.ref] != StateOutside {
		t.Errorf("heard %v, shows %q", b.heard, b.states[a.ref])
	}
}

// There is no next index to go to: at the limit nothing is said any more, until a new key is set.
func TestOutsideLimit(t *testing.T) {
	w := newWorld(t)
	a, b := w.outsideNode("alice", KeysShared), w.outsideNode("bob", KeysShared)
	w.join(a, b)
	w.run(time.Second)
	w.giveKeys(KeysShared, 1, 10, a, b)
	w.run(5 * time.Second)
	a.agent.maxFrames = a.agent.sealer.Count()
	say := SayToAll{Kind: "grotto.chat", Body: Bytes(`{"text":"x"}`)}
	a.handle(say)
	w.run(time.Second)
	if len(b.heard) > 0 || a.agent.Faults()[ErrTooMany.Error()] != 1 {
		t.Errorf("heard %v beyond the limit; %v", b.heard, a.agent.Faults())
	}
	w.giveKeys(KeysShared, 2, 11, a, b)
	a.agent.maxFrames = maxFramesPerKey
	a.handle(say)
	w.run(time.Second)
	if len(b.heard) != 1 {
		t.Errorf("heard %v under a new key", b.heard)
	}
}

// Keys that are refused, with the reason and what to do.
func TestKeySet(t *testing.T) {
	bob := "@bob:grotto.example"
	for name, c := range map[string]struct {
		source KeySource
		before []SetKey
		key    SetKey
		ok     bool
	}{
		"good":              {KeysShared, nil, SetKey{Key: outsideKey(1)}, true},
		"long":              {KeysShared, nil, SetKey{Key: bytes.Repeat([]byte{1}, maxOutsideKey)}, true},
		"too long":          {KeysShared, nil, SetKey{Key: bytes.Repeat([]byte{1}, maxOutsideKey+1)}, false},
		"none":              {KeysShared, nil, SetKey{}, false},
		"short":             {KeysShared, nil, SetKey{Key: outsideKey(1)[1:]}, false},
		"shared, of a user": {KeysShared, nil, SetKey{User: bob, Key: outsideKey(1)}, false},
		"of nobody":         {KeysPerParticipant, nil, SetKey{Key: outsideKey(1)}, false},
		"of no user":        {KeysPerParticipant, nil, SetKey{User: "bob", Key: outsideKey(1)}, false},
		"of a user":         {KeysPerParticipant, nil, SetKey{User: bob, Key: outsideKey(1)}, true},
		"again":             {KeysShared, []SetKey{{Generation: 4, Key: outsideKey(1)}}, SetKey{Generation: 4, Key: outsideKey(1)}, true},
		"other bytes":       {KeysShared, []SetKey{{Generation: 4, Key: outsideKey(1)}}, SetKey{Generation: 4, Key: outsideKey(2)}, false},
		"longer bytes":      {KeysShared, []SetKey{{Generation: 4, Key: outsideKey(1)}}, SetKey{Generation: 4, Key: append(outsideKey(1), 1)}, false},
		"lower":             {KeysShared, []SetKey{{Generation: 4, Key: outsideKey(1)}}, SetKey{Generation: 3, Key: outsideKey(1)}, false},
		"higher":            {KeysShared, []SetKey{{Generation: 4, Key: outsideKey(1)}}, SetKey{Generation: 1<<32 - 1, Key: outsideKey(2)}, true},
		"of another user":   {KeysPerParticipant, []SetKey{{User: "@a:b", Generation: 4, Key: outsideKey(1)}}, SetKey{User: bob, Key: outsideKey(1)}, true},
	} {
		w := newWorld(t)
		n := w.outsideNode("alice", c.source)
		n.in = true
		set, err := NewKeySet(c.source)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range c.before {
			n.handle(k)
			if fresh, err := set.Set(k); !fresh || err != nil {
				t.Fatal(err)
			}
		}
		err = n.agent.CheckKey(c.key)
		if _, setErr := set.Set(c.key); (err == nil) != c.ok || fmt.Sprint(setErr) != fmt.Sprint(err) {
			t.Errorf("%s: %v, %v", name, err, setErr)
		}
		if !c.ok && (!errors.Is(err, ErrOutsideKey) || !strings.Contains(err.Error(), "hint: ")) {
			t.Errorf("%s: %v", name, err)
		}
		before := len(n.agent.Faults())
		n.handle(c.key)
		if faults := len(n.agent.Faults()) - before; (faults == 0) != c.ok {
			t.Errorf("%s: %v", name, n.agent.Faults())
		}
	}
	set, _ := NewKeySet(KeysPerParticipant)
	for i := range maxKeyUsers + 1 {
		_, err := set.Set(SetKey{User: fmt.Sprintf("@u%d:s", i), Key: outsideKey(1)})
		if (err == nil) != (i < maxKeyUsers) {
			t.Fatal(i, err)
		}
	}
	if users := set.Keys(); len(users) != maxKeyUsers || !slices.IsSortedFunc(users, func(a, b SetKey) int { return strings.Compare(a.User, b.User) }) {
		t.Error("not all keys, sorted")
	}
	if _, err := NewKeySet(KeysOlm); !errors.Is(err, ErrConfig) {
		t.Error(err)
	}
}

// The source is bound to the call: an agent has a secret, or keys from outside.
func TestOutsideConfig(t *testing.T) {
	good := Config{Room: "!a:b", Call: CallID{1}, User: "@a:b", Device: "ABCDEFGHIJ", Keys: KeysShared}
	if _, _, err := NewAgent(good, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"a secret too":   func(c *Config) { c.Secret = testSecret },
		"another source": func(c *Config) { c.Keys = "both" },
	} {
		c := good
		change(&c)
		if _, _, err := NewAgent(c, time.Unix(1, 0)); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), "hint: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPassphraseKey(t *testing.T) {
	salt, err := NewSalt(nil)
	if err != nil || len(salt) != SaltSize {
		t.Fatal(salt, err)
	}
	for name, c := range map[string]struct {
		passphrase, room string
		salt             []byte
	}{"passphrase": {"", "!a:b", salt}, "room": {"x", "a", salt}, "salt": {"x", "!a:b", salt[1:]}, "no salt": {"x", "!a:b", nil}} {
		if _, err := PassphraseKey(c.passphrase, c.room, c.salt); !errors.Is(err, ErrOutsideKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSalt(bytes.NewReader(nil)); err == nil {
		t.Error("a salt of no randomness")
	}
}

// Olm goes on beside keys from outside for what is between two: sessions begin when there is something to say. No key
// comes in by it.
func TestOutsideOlm(t *testing.T) {
	w := newWorld(t)
	a, b := w.outsideNode("alice", KeysShared), w.outsideNode("bob", KeysShared)
	w.join(a, b)
	w.giveKeys(KeysShared, 1, 10, a, b)
	w.run(3 * time.Second)
	b.handle(SayTo{To: []Ref{a.ref}, Kind: "grotto.chat", Body: Bytes(`{"text":"between us"}`)})
	w.run(5 * time.Second)
	if len(a.heard) != 1 || !a.heard[0].Private {
		t.Fatalf("a private message: %v, %v", a.heard, b.agent.Faults())
	}
	a.handle(Verify{With: b.ref, Step: VerifyRequest})
	w.run(time.Second)
	b.handle(Verify{With: a.ref, Step: VerifyRequest})
	w.run(time.Second)
	compared := 0
	for _, n := range w.nodes {
		for _, e := range n.effects {
			if v, ok := e.(Verification); ok && v.State == VerifyCompare && len(v.Emoji) == 7 {
				compared++
			}
		}
	}
	if compared != 2 {
		t.Errorf("%d sides compare emoji", compared)
	}
	w.noFaults()

	installed := len(b.ringKID[a.ref])
	to := a.agent.peers[b.ref]
	own, other := a.ref.JoinID[:], b.ref.JoinID[:]
	share := shareMessage{V: messageVersion, Room: w.room, Call: w.call[:], SenderJoinID: own, RecipientJoinID: other, LinkID: make(Bytes, 8),
		Generation: 5, R: make(Bytes, freshSize), State: make(Bytes, sealedStateSize), KEMID: make(Bytes, kemIDSize)}
	for kind, m := range map[string]any{
		typeShare:   share,
		typeRequest: requestMessage{V: messageVersion, Call: w.call[:], SenderJoinID: own, RecipientJoinID: other},
		typeSecret: secretMessage{V: messageVersion, Call: w.call[:], SenderJoinID: own, RecipientJoinID: other,
			LinkID: make(Bytes, 8), Change: 1, Secret: Bytes(testSecret)},
	} {
		if !a.agent.send(to, to.sessions.usable(), kind, m) {
			t.Fatal(kind)
		}
	}
	b.handle(ProofReceived{From: a.ref, Proof: make(Bytes, proofSize)})
	b.handle(Remove{Devices: []Ref{a.ref}, Secret: testSecret})
	sent := b.sent
	a.do(a.agent.flush())
	w.run(5 * time.Second)
	if faults := b.agent.Faults(); faults[ErrKeySource.Error()] != 3 || faults[ErrOtherCall.Error()] != 1 {
		t.Errorf("a share, a secret, a proof and a change of the link: %v", faults)
	}
	if len(b.ringKID[a.ref]) != installed || b.sent != sent {
		t.Errorf("%d keys instead of %d; %d messages in answer", len(b.ringKID[a.ref]), installed, b.sent-sent)
	}
	w.everyEar(t, 1, StateOutside)
	b.handle(Block{Device: a.ref})
	a.speak()
	w.run(time.Second)
	if b.opened[a.ref] != 1 || b.states[a.ref] != StateBlocked {
		t.Errorf("somebody blocked is heard, or shown as %q", b.states[a.ref])
	}
}
