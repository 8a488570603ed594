package olmkeys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

func (n *node) whisper(body string, to ...*node) {
	ev := SayTo{Kind: "grotto.chat", Body: Bytes(body)}
	for _, m := range to {
		ev.To = append(ev.To, m.ref)
	}
	n.handle(ev)
}

// whispered is what n heard of m privately.
func (n *node) whispered(m *node) (list []string) {
	for _, h := range n.heard {
		if h.From == m.ref && h.Private {
			list = append(list, string(h.Body))
		}
	}
	return list
}

// What is said to some is heard by them, in order, as private, and by nobody else.
func TestPrivate(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b, c)
	w.run(time.Second)
	relayed := 0
	w.tamperMessage = func(from, to Ref, _ *Envelope) bool {
		if from == a.ref && to == c.ref {
			t.Error("a message went to carol")
		}
		relayed++
		return true
	}
	for i := range 5 {
		a.whisper(fmt.Sprint(i), b, b)
		b.whisper(fmt.Sprint(10+i), a)
	}
	w.run(w.latency)
	if got := b.whispered(a); !slices.Equal(got, []string{"0", "1", "2", "3", "4"}) {
		t.Errorf("bob heard %q", got)
	}
	if got := a.whispered(b); !slices.Equal(got, []string{"10", "11", "12", "13", "14"}) {
		t.Errorf("alice heard %q", got)
	}
	w.tamperMessage = nil
	a.whisper(`"both"`, b, c)
	w.run(w.latency)
	if len(b.whispered(a)) != 6 || !slices.Equal(c.whispered(a), []string{`"both"`}) || relayed != 10 {
		t.Errorf("bob heard %q, carol %q, %d messages", b.whispered(a), c.whispered(a), relayed)
	}
	if len(a.said(b)) != len(a.whispered(b)) {
		t.Error("a private message was heard as one to all")
	}
	w.noFaults()
}

// What this path does not carry: the kinds that the agent acts on, what is not JSON, what is too long; and who is not
// a member gets nothing.
func TestPrivateRefusals(t *testing.T) {
	w, a, b := pair(t)
	sent := a.sent
	long := `"` + strings.Repeat("x", MaxPrivateBody-2) + `"`
	for _, ev := range []SayTo{
		{Kind: kindState, Body: Bytes(`{}`)}, {Kind: kindLeave, Body: Bytes(`{}`)}, {Kind: kindRemove, Body: Bytes(`{}`)},
		{Kind: "", Body: Bytes(`{}`)}, {Kind: "A", Body: Bytes(`{}`)}, {Kind: "grotto.chat", Body: Bytes(`{`)},
		{Kind: "grotto.chat", Body: Bytes(long + " ")},
	} {
		ev.To = []Ref{b.ref}
		a.handle(ev)
	}
	if got := a.agent.Faults()[ErrData.Error()]; got != 7 || a.sent != sent {
		t.Errorf("%d refused, %d sent", got, a.sent-sent)
	}
	// The same from a peer that does not refuse itself.
	pb := b.agent.peers[a.ref]
	for _, m := range []privateMessage{
		{Kind: kindState, Body: Bytes(`{}`)}, {Kind: kindLeave, Body: Bytes(`{}`)},
		{Kind: kindRemove, Body: Bytes(`{"join_id":["` + a.ref.JoinID.String() + `"]}`)},
		{Kind: "grotto.chat", Body: Bytes(long + " ")}, {Kind: "grotto.chat"}, {Kind: "grotto.chat", Body: Bytes(`{}`), V: 2},
	} {
		m.V = max(m.V, messageVersion)
		m.Call, m.SenderJoinID, m.RecipientJoinID = w.call[:], b.ref.JoinID[:], a.ref.JoinID[:]
		b.agent.send(pb, pb.sessions.usable(), typeData, m)
	}
	b.do(b.agent.flush())
	w.run(w.latency)
	if f := a.agent.Faults()[ErrMalformed.Error()]; f != 6 || len(a.heard) != 0 || a.agent.peers[b.ref] == nil {
		t.Errorf("%v, heard %v", a.agent.Faults(), a.heard)
	}
	a.whisper(long, b)
	w.run(w.latency)
	if got := b.whispered(a); len(got) != 1 || got[0] != long {
		t.Error("the longest message did not arrive")
	}
	for _, e := range a.effects[len(a.effects)-2:] {
		if s, ok := e.(SendMessages); ok && len(s.Messages[0].Envelope.Body) > maxEnvelope {
			t.Errorf("a message of %d bytes; the relay takes 16 KiB", len(s.Messages[0].Envelope.Body))
		}
	}
	mallory := w.nodeWith("mallory", Secret("another secret.."))
	w.join(mallory)
	w.run(3 * time.Second)
	sent = a.sent
	a.whisper(`"x"`, mallory, a)
	a.handle(SayTo{To: []Ref{{User: "@nobody:grotto.example", Device: "NOBODYXXXX"}}, Kind: "grotto.chat", Body: Bytes(`{}`)})
	if f := a.agent.Faults()[ErrNotAdmitted.Error()]; a.sent != sent || f < 3 {
		t.Errorf("%d sent to who is no member; %v", a.sent-sent, a.agent.Faults())
	}
	w.leave(b)
	w.run(w.latency)
	a.whisper(`"x"`, b)
	if a.sent != sent {
		t.Error("something was sent to who has left")
	}
}

// The longest message with the longest names still fits a to-device body and the payload's parser.
func TestPrivateFits(t *testing.T) {
	user := func(c string) string {
		return "@" + strings.Repeat(c, maxLocalpart) + ":" + strings.Repeat(c, maxServerName)
	}
	own, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	to := &device{callKeys: callKeys{ref: Ref{User: user("b")}}}
	content, err := encodeMessage(privateMessage{V: 1, Call: make(Bytes, 16), SenderJoinID: make(Bytes, 16), RecipientJoinID: make(Bytes, 16),
		Kind: strings.Repeat("k", maxDataKind), Body: bytes.Repeat([]byte("1"), MaxPrivateBody)})
	if err != nil {
		t.Fatal(err)
	}
	b, err := sealPayload(own, user("a"), to, typeData, content)
	if err != nil {
		t.Fatal(err)
	}
	p, err := parsePayload(b)
	if err != nil {
		t.Fatalf("%d bytes: %v", len(b), err)
	}
	if _, err := parsePrivate(p.content); err != nil {
		t.Error(err)
	}
	if sealed := encoding.EncodedLen(len(b) + 200); sealed > maxEnvelope {
		t.Errorf("%d bytes", sealed)
	}
}

// Without a session a message waits for one, in order; 16 wait, for 30 s.
func TestPrivateWaitsForSession(t *testing.T) {
	for _, test := range []struct {
		wait        time.Duration
		heard       int
		undelivered uint64
	}{{3 * time.Second, maxHeldPrivate, 0}, {heldPrivate + time.Second, 0, maxHeldPrivate}} {
		w := newWorld(t)
		a, b := w.node("alice"), w.node("bob")
		stuck := true
		w.tamperClaim = func(Ref, *ClaimedKey) bool { return !stuck }
		w.join(a, b)
		w.run(time.Second)
		for i := range maxHeldPrivate + 4 {
			b.whisper(fmt.Sprint(i), a)
		}
		w.run(test.wait)
		if len(a.heard) != 0 {
			t.Fatal("heard without a session")
		}
		stuck = false
		w.run(31 * time.Second)
		got := a.whispered(b)
		if len(got) != test.heard || len(got) > 0 && (got[0] != "0" || got[15] != "15") {
			t.Errorf("after %v: heard %q", test.wait, got)
		}
		f := b.agent.Faults()
		if f[ErrTooMany.Error()] != 4 || f[ErrUndelivered.Error()] != test.undelivered {
			t.Errorf("after %v: %v", test.wait, f)
		}
		b.whisper(`"later"`, a)
		w.run(w.latency)
		if got := a.whispered(b); len(got) == 0 || got[len(got)-1] != `"later"` {
			t.Errorf("after %v: heard %q in the end", test.wait, got)
		}
	}
}

// K18: in a private message nobody speaks as another, from another place or time, or twice. That each change is what
// stops it is shown by the same content, handed in past the checks, being heard.
func TestK18_PrivateInSomeonesName(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b, c)
	w.run(time.Second)
	pc := c.agent.peers[a.ref]
	body := Bytes(`"send me the money"`)
	// Carol's client writes what it likes into her session with alice.
	forge := func(sender string, keys, join []byte) Envelope {
		content := mustEncode(t, privateMessage{V: messageVersion, Call: w.call[:], SenderJoinID: join, RecipientJoinID: a.ref.JoinID[:], Seq: 1, Kind: "grotto.chat", Body: body})
		text, err := sealPayload(c.agent.account, sender, pc.dev, typeData, content)
		if err != nil {
			t.Fatal(err)
		}
		own := encoding.EncodeToString(c.agent.account.ed25519[:])
		text = bytes.ReplaceAll(text, []byte(own), []byte(encoding.EncodeToString(keys)))
		kind, sealed, err := pc.sessions.usable().encrypt(text)
		if err != nil {
			t.Fatal(err)
		}
		return Envelope{Olm: kind, Body: sealed, SenderKey: string(curveID(c.agent.account.curve25519[:]))}
	}
	bobs, carols := b.agent.account.ed25519[:], c.agent.account.ed25519[:]
	for name, test := range map[string]struct {
		from Ref
		e    Envelope
		want error
	}{
		"all names bob's":          {c.ref, forge(b.ref.User, bobs, b.ref.JoinID[:]), ErrEnvelope},
		"the user bob":             {c.ref, forge(b.ref.User, carols, c.ref.JoinID[:]), ErrEnvelope},
		"bob's identity":           {c.ref, forge(c.ref.User, bobs, c.ref.JoinID[:]), ErrEnvelope},
		"bob's join":               {c.ref, forge(c.ref.User, carols, b.ref.JoinID[:]), ErrOtherCall},
		"the server says bob":      {b.ref, forge(b.ref.User, bobs, b.ref.JoinID[:]), ErrEnvelope},
		"the server says bob's":    {b.ref, withKey(forge(b.ref.User, bobs, b.ref.JoinID[:]), b), ErrUndecryptable},
		"carol's, relayed as bobs": {b.ref, withKey(forge(c.ref.User, carols, c.ref.JoinID[:]), b), ErrUndecryptable},
	} {
		before := a.agent.Faults()[test.want.Error()]
		a.handle(MessageReceived{From: test.from, Envelope: test.e})
		if a.agent.Faults()[test.want.Error()] != before+1 || len(a.heard) != 0 {
			t.Errorf("%s: %v, heard %v", name, a.agent.Faults(), a.heard)
			a.heard = nil
		}
	}
	content := mustEncode(t, privateMessage{V: 1, Call: w.call[:], SenderJoinID: b.ref.JoinID[:], RecipientJoinID: a.ref.JoinID[:], Seq: 1, Kind: "grotto.chat", Body: body})
	if err := a.agent.privateReceived(a.agent.peers[b.ref], content); err != nil {
		t.Fatal(err)
	}
	a.do(a.agent.flush())
	if len(a.whispered(b)) != 1 {
		t.Error("past the checks it is not heard either: the test shows nothing")
	}

	// Replays, of the first kind of Olm message and of the second.
	a.heard = nil
	honest := forge(c.ref.User, carols, c.ref.JoinID[:])
	for range 3 {
		a.handle(MessageReceived{From: c.ref, Envelope: honest})
	}
	if len(a.whispered(c)) != 1 {
		t.Errorf("a replayed message was heard: %v", a.heard)
	}
	var first []Envelope
	w.tamperMessage = func(from, to Ref, e *Envelope) bool {
		if from == a.ref && to == c.ref {
			first = append(first, *e)
		}
		return true
	}
	a.agent.redial(a.agent.peers[c.ref])
	a.agent.peers[c.ref].dial.at = w.now
	a.handle(Tick{})
	w.run(time.Second)
	a.whisper(`"hello"`, c)
	w.run(w.latency)
	if len(c.whispered(a)) != 1 || len(first) < 2 || first[0].Olm != olmPreKey {
		t.Fatalf("heard %q, %d messages", c.whispered(a), len(first))
	}
	for _, e := range first {
		c.handle(MessageReceived{From: a.ref, Envelope: e})
	}
	if len(c.whispered(a)) != 1 {
		t.Errorf("a replayed pre-key message was heard: %q", c.whispered(a))
	}
}

func withKey(e Envelope, n *node) Envelope {
	e.SenderKey = string(curveID(n.agent.account.curve25519[:]))
	return e
}

// K18: who has no proof says nothing to anybody, to all or privately, whatever its client does; with the secret the
// same client is heard.
func TestK18_DeviceWithoutProof(t *testing.T) {
	for _, secret := range []Secret{Secret("another secret.."), testSecret} {
		w := newWorld(t)
		a, m := w.node("alice"), w.nodeWith("mallory", secret)
		w.join(a, m)
		if m.agent.peers[a.ref] == nil {
			w.run(2 * w.latency)
		}
		p := m.agent.peers[a.ref]
		if !p.valid() { // its client does not mind that alice's proof is not of its secret
			d, err := parseCallKeys(a.announced.CallKeys)
			if err != nil {
				t.Fatal(err)
			}
			p.dev, p.stranger = &device{callKeys: d}, false
			p.opener = mediacrypt.NewOpener()
			s, err := m.agent.account.dial(p.dev, a.otks[0])
			if err != nil {
				t.Fatal(err)
			}
			p.sessions.dialled(s)
		} else {
			w.run(time.Second)
		}
		m.whisper(`"psst"`, a)
		m.say(`"hello"`)
		w.run(2 * time.Second)
		want := 0
		if bytes.Equal(secret, testSecret) {
			want = 1
		}
		if len(a.whispered(m)) != want || len(a.said(m)) != 2*want {
			t.Errorf("heard %v", a.heard)
		}
		if want == 0 && a.agent.Faults()[ErrNotAdmitted.Error()] < 2 {
			t.Errorf("nothing of it arrived: %v", a.agent.Faults())
		}
	}
}

// F10, for data: forged frames that the server makes up change nothing, what is honest still opens, and a tile whose
// media opens does not say that it does not.
func TestF10_ForgedData(t *testing.T) {
	w, a, b := pair(t)
	a.shown, a.heard = nil, nil
	var good []Bytes
	w.tamperData = func(from, _ Ref, body *Bytes) bool {
		if from == b.ref {
			good = append(good, bytes.Clone(*body))
		}
		return true
	}
	b.say(`"template"`)
	w.run(w.latency)
	keys, sent := len(a.ringKID[b.ref]), b.sent
	for i := range 200 {
		forged := bytes.Clone(good[0])
		forged[len(forged)-1] ^= 1
		unknown := append(mediacrypt.Header{KID: kidOf(uint32(1000+i), 0), CTR: 1}.Append(nil), make([]byte, 40)...)
		for range 50 {
			a.handle(DataReceived{From: b.ref, Body: forged})
			a.handle(DataReceived{From: b.ref, Body: unknown})
		}
		b.speak()
		if i%10 == 0 {
			b.say(fmt.Sprint(i))
		}
		w.run(20 * time.Millisecond)
	}
	w.run(time.Second)
	if got := len(a.said(b)); got != 21 {
		t.Errorf("%d of 21 honest frames were heard", got)
	}
	if len(a.shown) != 0 {
		t.Errorf("shown %v", a.shown)
	}
	if n := len(a.agent.peers[b.ref].data.held); n > maxHeldData {
		t.Errorf("%d frames are held", n)
	}
	if len(a.ringKID[b.ref]) != keys || b.sent-sent > 6 {
		t.Errorf("%d keys instead of %d; the sender sent %d messages", len(a.ringKID[b.ref]), keys, b.sent-sent)
	}
}

// What a server can make us keep is bounded, in frames and in bytes.
func TestHeldIsBounded(t *testing.T) {
	_, a, b := pair(t)
	c := Ref{User: "@carol:grotto.example", Device: "CAROLXXXXX"}
	frame := append(mediacrypt.Header{KID: kidOf(7, 0), CTR: 1}.Append(nil), make([]byte, maxDataBody)...)
	for range 2 * maxHeldData {
		a.handle(DataReceived{From: b.ref, Body: frame})
		a.handle(MessageReceived{From: c, Envelope: Envelope{Body: strings.Repeat("A", maxEnvelope+1)}})
	}
	size := 0
	for _, h := range a.agent.peers[b.ref].data.held {
		size += len(h.body)
	}
	if size == 0 || size > maxHeldBytes {
		t.Errorf("%d bytes of data frames are held", size)
	}
	if a.agent.earlyLen != 0 {
		t.Errorf("%d messages beyond what the relay takes are held", a.agent.earlyLen)
	}
}

// F10, for data: a member that floods is listened to at a bounded rate, and the others as ever.
func TestF10_MemberFloods(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b, c)
	w.run(time.Second)
	a.heard = nil
	for i := range 1000 {
		b.say(fmt.Sprint(i))
		b.whisper(fmt.Sprint(i), a)
		if i%100 == 0 {
			c.say(fmt.Sprint(i))
			c.whisper(fmt.Sprint(i), a)
		}
		w.run(time.Millisecond)
	}
	w.run(time.Second)
	if n := len(a.said(b)); n < heardPerSecond || n > 3*heardPerSecond {
		t.Errorf("heard %d lines of who floods", n)
	}
	if n := len(a.said(c)); n != 20 {
		t.Errorf("heard %d of 20 lines of the other", n)
	}
	b.say(`"calm"`)
	w.run(w.latency)
	if got := a.said(b); got[len(got)-1] != `"calm"` {
		t.Error("who has stopped is not heard any more")
	}
}

func FuzzPrivate(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parsePrivate(b)
		if err != nil {
			return
		}
		if !json.Valid(m.Body) || internalKind(m.Kind) || len(m.Body) > MaxPrivateBody {
			t.Errorf("%+v", m)
		}
		again, err := parsePrivate(mustEncode(t, m))
		if err != nil || fmt.Sprint(m) != fmt.Sprint(again) {
			t.Errorf("%s becomes %+v: %v", b, again, err)
		}
	})
}

// A message on a session that the peer lost goes out again on the one that the peer dials, and is heard once and in its
// order, whatever the server repeats or lets come late.
func TestPrivateOnALostSession(t *testing.T) {
	w, a, b := pair(t)
	b.agent.peers[a.ref].sessions.list = nil // as if its memory of them were lost
	for _, s := range []string{"1", "2", "3"} {
		a.whisper(s, b)
	}
	w.run(w.latency)
	if len(b.heard) != 0 {
		t.Fatal("heard without a session: the test shows nothing")
	}
	w.run(35 * time.Second)
	if got := b.whispered(a); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("heard %q", got)
	}
	var held []Envelope
	w.tamperMessage = func(from, _ Ref, e *Envelope) bool {
		held = append(held, *e)
		return from != a.ref
	}
	b.heard = nil
	for _, s := range []string{"4", "5", "6"} {
		a.whisper(s, b)
	}
	for _, i := range []int{0, 2, 1, 1} {
		b.handle(MessageReceived{From: a.ref, Envelope: held[i]})
	}
	if got := b.whispered(a); !slices.Equal(got, []string{"4", "6"}) {
		t.Errorf("heard %q of what came late", got)
	}
}

// Who answers on another session each time does not make us send the same again and again.
func TestPrivateAgainIsBounded(t *testing.T) {
	w, a, b := pair(t)
	p := a.agent.peers[b.ref]
	one := p.sessions.usable()
	a.whisper("1", b)
	for i := range 20 {
		p.answered([]*pairSession{{}, {}}[i%2])
		a.agent.sendPrivate(p)
	}
	if n := len(a.agent.messages); n > maxAgain {
		t.Errorf("sent again %d times", n)
	}
	if len(p.private) != 1 || p.private[0].on != one {
		t.Errorf("%+v", p.private)
	}
	a.do(a.agent.flush())
	w.run(heldPrivate + time.Second)
	if len(p.private) != 0 || a.agent.Faults()[ErrUndelivered.Error()] != 0 {
		t.Errorf("%d are kept for ever; %v", len(p.private), a.agent.Faults())
	}
}
