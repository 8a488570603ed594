package olmkeys

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// silent fails the test unless n was given nothing of m: no key, no data, no share.
func silent(t *testing.T, n, m *node) {
	t.Helper()
	if len(n.ringKID[m.ref]) != 0 || n.opened[m.ref] != 0 {
		t.Errorf("%s has %d keys of %s and opened %d frames", n.name, len(n.ringKID[m.ref]), m.name, n.opened[m.ref])
	}
	for _, h := range n.heard {
		if h.From == m.ref {
			t.Errorf("%s heard %s", n.name, m.name)
		}
	}
}

// K6, K18: a device with another secret is shown as such, gets nothing and nothing of it is accepted.
func TestK6_WrongSecret(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	ghost := w.nodeWith("ghost", Secret("fedcba9876543210"))
	w.join(a, b, ghost)
	w.run(2 * w.latency)
	ghost.handle(SayToAll{Kind: "grotto.profile", Body: Bytes(`{}`)})
	w.everybodySpeaks(6*time.Second, 100*time.Millisecond)
	for _, n := range []*node{a, b} {
		silent(t, n, ghost)
		silent(t, ghost, n)
		if n.states[ghost.ref] != StateWrongSecret || ghost.states[n.ref] != StateWrongSecret {
			t.Errorf("%s shows %q, is shown %q", n.name, n.states[ghost.ref], ghost.states[n.ref])
		}
	}
	if a.opened[b.ref] == 0 || b.states[a.ref] != StateNew {
		t.Error("the others do not hear each other")
	}
	if g, i := a.agent.Sending(); g != 0 || i != 1 {
		t.Errorf("at %d/%d: the ghost moved the keys", g, i)
	}
	w.leave(ghost)
	w.run(time.Second)
	if g, _ := a.agent.Sending(); g != 0 {
		t.Error("the ghost's leave rotated keys it never held")
	}
}

// The ghost also asks by Olm itself, with all the keys that the server gives it.
func TestK6_GhostDials(t *testing.T) {
	w := newWorld(t)
	a, ghost := w.node("alice"), w.nodeWith("ghost", Secret("fedcba9876543210"))
	w.join(a, ghost)
	w.run(time.Second)
	d, err := checkAnnouncement(w.room, w.call, &a.agent.link, a.announced.Announced) // it may know the secret's proof or not
	if err != nil {
		t.Fatal(err)
	}
	s, err := ghost.agent.account.dial(d, a.otks[0])
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{ref: a.ref, dev: d}
	p.sessions.dialled(s)
	ghost.agent.request(p)
	ghost.do(ghost.agent.flush())
	if ghost.sent != 1 {
		t.Fatalf("%d messages", ghost.sent)
	}
	w.run(time.Second)
	if a.sent != 0 || a.agent.Faults()[ErrNotAdmitted.Error()] != 1 {
		t.Errorf("%d messages, %v", a.sent, a.agent.Faults())
	}
}

// K1, K3, K13: whatever the server changes in an announcement, the device is refused.
func TestK1_AnnouncementChanged(t *testing.T) {
	other, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	resign := func(a *Announced, change func(k *callKeys)) {
		k, err := parseCallKeys(a.CallKeys)
		if err != nil {
			t.Fatal(err)
		}
		change(&k)
		a.CallKeys = k.encode()
	}
	ekOffset := func(a *Announced) int { return len(a.CallKeys) - ekSize }
	for name, change := range map[string]func(a *Announced){
		"signature":       func(a *Announced) { a.Sig[5] ^= 1 },
		"short signature": func(a *Announced) { a.Sig = a.Sig[:63] },
		"curve25519":      func(a *Announced) { resign(a, func(k *callKeys) { k.curve25519 = other.curve25519 }) },
		"ed25519":         func(a *Announced) { resign(a, func(k *callKeys) { k.ed25519 = other.ed25519 }) },
		"all, signed by the server": func(a *Announced) {
			resign(a, func(k *callKeys) { k.ed25519, k.curve25519 = other.ed25519, other.curve25519 })
			a.Sig = other.sign(callKeysMessage(a.CallKeys))
		},
		"ml-kem":      func(a *Announced) { a.CallKeys[ekOffset(a)+7] ^= 1 },
		"trailing":    func(a *Announced) { a.CallKeys = append(a.CallKeys, 0) },
		"short":       func(a *Announced) { a.CallKeys = a.CallKeys[:len(a.CallKeys)-1] },
		"empty":       func(a *Announced) { a.CallKeys = nil },
		"other call":  func(a *Announced) { resign(a, func(k *callKeys) { k.call[0] ^= 1 }) },
		"other room":  func(a *Announced) { resign(a, func(k *callKeys) { k.room += "x" }) },
		"other join":  func(a *Announced) { resign(a, func(k *callKeys) { k.ref.JoinID[0] ^= 1 }) },
		"proof":       func(a *Announced) { a.Proof[0] ^= 1 },
		"no proof":    func(a *Announced) { a.Proof = nil },
		"small order": func(a *Announced) { resign(a, func(k *callKeys) { k.ed25519 = [32]byte{1} }) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a, b := w.node("alice"), w.node("bob")
			w.tamperAnnounce = func(to Ref, ann *Announced) bool {
				if to == a.ref && ann.Ref == b.ref {
					change(ann)
				}
				return true
			}
			w.join(a, b)
			w.everybodySpeaks(3*time.Second, 100*time.Millisecond)
			silent(t, a, b)
			silent(t, b, a)
			if s := a.states[b.ref]; s != StateRefused && s != StateWrongSecret {
				t.Errorf("shown as %q", s)
			}
			if a.sent != 0 {
				t.Errorf("%d messages to a refused device", a.sent)
			}
		})
	}
}

// K3, K13: what a device could sign itself and is refused nevertheless.
func TestK3_Announcements(t *testing.T) {
	w := newWorld(t)
	a := w.node("alice").agent
	base, err := parseCallKeys(a.announcement.CallKeys)
	if err != nil {
		t.Fatal(err)
	}
	check := func(change func(k *callKeys)) error {
		k := base
		k.ek = bytes.Clone(base.ek)
		change(&k)
		b := k.encode()
		_, err := checkAnnouncement(w.room, w.call, &a.link, Announced{
			Ref: k.ref, CallKeys: b, Sig: a.account.sign(callKeysMessage(b)), Proof: a.link.proof(b),
		})
		return err
	}
	if err := check(func(*callKeys) {}); err != nil {
		t.Fatalf("the untouched one is refused: %v", err)
	}
	if err := check(func(k *callKeys) { k.room = "!other:grotto.example" }); err == nil {
		t.Error("keys for another room accepted")
	}
	if err := check(func(k *callKeys) { k.call[0] ^= 1 }); err == nil {
		t.Error("keys for another call accepted")
	}
	for _, other := range []Ref{{User: "@mallory:grotto.example", Device: base.ref.Device, JoinID: base.ref.JoinID},
		{User: base.ref.User, Device: "MALLORYXXX", JoinID: base.ref.JoinID}, {User: base.ref.User, Device: base.ref.Device}} {
		moved := a.announcement.Announced
		moved.Ref = other
		if _, err := checkAnnouncement(w.room, w.call, &a.link, moved); err == nil {
			t.Errorf("%s's keys accepted as %v's", base.ref.User, other)
		}
	}
	users := []string{"", "alice", "@:s", "@alice", "@Alice:s", "@a|b:s", "@a b:s", "@a\n:s", "@\u00e4:s", "@a:", "@a:s|t",
		"@" + strings.Repeat("a", 65) + ":s", "@a:" + strings.Repeat("s", 10_000)}
	for _, u := range users {
		if err := check(func(k *callKeys) { k.ref.User = u }); err == nil {
			t.Errorf("user %.30q accepted", u)
		}
	}
	for _, d := range []string{"", "ABCDEFGHI", "ABCDEFGHIJK", "abcdefghij", "ABCDE|GHIJ", "ed25519:AB", "ABCDEFGHI\n", "ÄBCDEFGHI"} {
		if err := check(func(k *callKeys) { k.ref.Device = d }); err == nil {
			t.Errorf("device %q accepted", d)
		}
	}
	for _, point := range lowOrderPoints {
		key, err := hex.DecodeString(point)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(func(k *callKeys) { copy(k.curve25519[:], key) }); err == nil {
			t.Errorf("Curve25519 key %s accepted", point)
		}
	}
	if err := check(func(k *callKeys) { k.ek[0], k.ek[1] = 0xff, 0xff }); err == nil {
		t.Error("an ML-KEM key outside the field accepted") // FIPS 203 §7.2, modulus check
	}
}

// K1: our own keys, reflected under another name, are nobody's. Who has the secret could sign nothing with them, but a
// session with oneself must not begin either.
func TestK1_OwnKeysReflected(t *testing.T) {
	w := newWorld(t)
	a := w.node("alice")
	a.in = true
	k, err := parseCallKeys(a.announced.CallKeys)
	if err != nil {
		t.Fatal(err)
	}
	k.ref = Ref{User: "@mirror:grotto.example", Device: "MIRRORXXXX", JoinID: JoinID{9}}
	b := k.encode()
	a.handle(RosterChanged{Joined: []Announced{{
		Ref: k.ref, CallKeys: b, Sig: a.agent.account.sign(callKeysMessage(b)), Proof: a.agent.link.proof(b),
	}}})
	if a.states[k.ref] != StateRefused {
		t.Errorf("shown as %q", a.states[k.ref])
	}
}

// K1: a swapped or unsigned one-time key begins no session.
func TestK1_OneTimeKeySwapped(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	other, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := other.newOneTimeKeys(10)
	if err != nil {
		t.Fatal(err)
	}
	tampered := 0
	w.tamperClaim = func(_ Ref, c *ClaimedKey) bool {
		c.Key = keys[tampered]
		tampered++
		return true
	}
	w.join(a, b)
	w.run(5 * time.Second)
	if a.sent+b.sent != 0 || tampered == 0 {
		t.Errorf("%d messages on sessions with swapped keys", a.sent+b.sent)
	}
	w.tamperClaim = nil
	w.run(35 * time.Second) // the pause between dials doubles to 30 s
	w.allHear()
}

// K4: a message sent under another's name is dropped, although both are members.
func TestK4_SpoofedSender(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b, c)
	w.run(time.Second)
	var got []Envelope
	w.tamperMessage = func(from, to Ref, e *Envelope) bool {
		if from == c.ref && to == a.ref {
			got = append(got, *e)
			return false
		}
		return true
	}
	c.agent.request(c.agent.peers[a.ref])
	c.do(c.agent.flush())
	if len(got) != 1 {
		t.Fatal("no message to spoof with")
	}
	sent := a.sent
	a.handle(MessageReceived{From: b.ref, Envelope: got[0]})
	spoofed := got[0]
	spoofed.SenderKey = string(curveID(b.agent.account.curve25519[:]))
	a.handle(MessageReceived{From: b.ref, Envelope: spoofed})
	if f := a.agent.Faults(); f[ErrEnvelope.Error()] != 1 || f[ErrUndecryptable.Error()] != 1 {
		t.Errorf("%v", f)
	}
	if a.sent != sent {
		t.Error("a spoofed request was answered")
	}
	a.handle(MessageReceived{From: c.ref, Envelope: got[0]})
	w.run(3 * time.Second)
	if a.sent == sent {
		t.Error("the same message from its sender was not answered: the test shows nothing")
	}
}

// K4: the payload's six names, each wrong, inside a session that is right.
func TestK4_Envelope(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b, c)
	w.run(time.Second)
	pb := b.agent.peers[a.ref]
	good, err := encodeMessage(requestMessage{
		V: messageVersion, Call: w.call[:], SenderJoinID: b.ref.JoinID[:], RecipientJoinID: a.ref.JoinID[:],
	})
	if err != nil {
		t.Fatal(err)
	}
	send := func(change func(p map[string]any)) map[string]uint64 {
		before := a.agent.Faults()
		text, err := sealPayload(b.agent.account, b.ref.User, pb.dev, typeRequest, good)
		if err != nil {
			t.Fatal(err)
		}
		var p map[string]any
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatal(err)
		}
		change(p)
		text, err = json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		kind, body, err := pb.sessions.usable().encrypt(text)
		if err != nil {
			t.Fatal(err)
		}
		a.handle(MessageReceived{From: b.ref, Envelope: Envelope{Olm: kind, Body: body, SenderKey: string(curveID(b.agent.account.curve25519[:]))}})
		after := a.agent.Faults()
		for k, n := range before {
			if after[k] -= n; after[k] == 0 {
				delete(after, k)
			}
		}
		return after
	}
	if f := send(func(map[string]any) {}); len(f) != 0 {
		t.Fatalf("the right one is dropped: %v", f)
	}
	otherKey := map[string]string{"ed25519": string(id.Ed25519(encoding.EncodeToString(c.agent.account.ed25519[:])))}
	content := func(p map[string]any) map[string]any { return p["content"].(map[string]any) }
	for name, test := range map[string]struct {
		change func(p map[string]any)
		want   error
	}{
		"sender":          {func(p map[string]any) { p["sender"] = c.ref.User }, ErrEnvelope},
		"recipient":       {func(p map[string]any) { p["recipient"] = c.ref.User }, ErrEnvelope},
		"recipient's key": {func(p map[string]any) { p["recipient_keys"] = otherKey }, ErrEnvelope},
		"sender's key":    {func(p map[string]any) { p["keys"] = otherKey }, ErrEnvelope},
		"no keys":         {func(p map[string]any) { delete(p, "keys") }, ErrMalformed},
		"unknown field":   {func(p map[string]any) { p["more"] = 1 }, ErrMalformed},
		"type":            {func(p map[string]any) { p["type"] = "m.room_key" }, ErrMessageType},
		"content field":   {func(p map[string]any) { content(p)["more"] = 1 }, ErrMalformed},
		"version":         {func(p map[string]any) { content(p)["v"] = 2 }, ErrMalformed},
		"null":            {func(p map[string]any) { content(p)["v"] = nil }, ErrMalformed},
		"call":            {func(p map[string]any) { content(p)["call"] = encoding.EncodeToString(make([]byte, 16)) }, ErrOtherCall},
		"join":            {func(p map[string]any) { content(p)["sender_join_id"] = encoding.EncodeToString(make([]byte, 16)) }, ErrOtherCall},
		"recipient join":  {func(p map[string]any) { content(p)["recipient_join_id"] = encoding.EncodeToString(make([]byte, 16)) }, ErrOtherCall},
		"Matrix's extra":  {func(p map[string]any) { p["sender_device_keys"] = map[string]any{} }, nil},
	} {
		f := send(test.change)
		if test.want == nil && len(f) != 0 || test.want != nil && (len(f) != 1 || f[test.want.Error()] != 1) {
			t.Errorf("%s: %v", name, f)
		}
	}
}

// Strictness that encoding/json alone does not have.
func TestParseObject(t *testing.T) {
	for _, s := range []string{``, `[]`, `null`, `{"a":1,"a":1}`, `{"a":1}x`, `{"a":1}{}`, `{"a":1`, `{"A":1}`, `{}`, `{"a":1,"b":2}`,
		"{\"a\":1,\"\xff\":1}", `{"a":-1}`, `{"a":1.5}`, `{"a":4294967296}`, `{"a":"1"}`, `{"a":null}`, `{"a":[1]}`} {
		o, err := parseObject([]byte(s))
		if err == nil {
			o.u32("a")
			err = o.done()
		}
		if err == nil {
			t.Errorf("%q accepted", s)
		}
	}
	o, err := parseObject([]byte(` {"a": 7} `))
	if err != nil {
		t.Fatal(err)
	}
	if v := o.u32("a"); v != 7 || o.done() != nil {
		t.Errorf("%d, %v", v, o.err)
	}
}
