package olmkeys

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// said is what n heard of m.
func (n *node) said(m *node) (list []string) {
	for _, h := range n.heard {
		if h.From == m.ref {
			list = append(list, string(h.Body))
		}
	}
	return list
}

func (n *node) say(body string) { n.handle(SayToAll{Kind: "grotto.chat", Body: Bytes(body)}) }

// K18: another member, who holds the sender's key, cannot speak in its name; replays and re-ordering are dropped.
func TestK18_DataFrames(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.node("alice"), w.node("bob"), w.node("carol")
	w.join(a, b, c)
	w.run(time.Second)
	var frames []Bytes
	w.tamperData = func(from, to Ref, body *Bytes) bool {
		if from == b.ref && to == a.ref {
			frames = append(frames, bytes.Clone(*body))
			return false
		}
		return true
	}
	for _, s := range []string{"1", "2", "3"} {
		b.say(s)
	}
	w.run(time.Second)
	for _, i := range []int{0, 0, 2, 1, 2} {
		a.handle(DataReceived{From: b.ref, Body: frames[i]})
	}
	if got := a.said(b); !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("heard %q", got)
	}
	if got := c.said(b); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("the honest way: heard %q", got)
	}
	faults := a.agent.Faults()[ErrDataOrder.Error()]
	if faults != 3 {
		t.Errorf("%d out of order", faults)
	}

	// Carol has bob's data key and forges a frame of his, far ahead in his counter.
	kid := mediacrypt.NewKeyID(0, uint16(b.agent.sender.sealing().ratchet.Counter))
	r := c.hoard[b.ref][0]
	r.AdvanceTo(uint32(kid.Index()))
	s := newSchedule(&c.agent.link, w.room, w.call, b.ref)
	sealer, err := mediacrypt.NewSealer(kid, s.baseKey(labelData, 0, &r).Media())
	if err != nil {
		t.Fatal(err)
	}
	content := dataContent{seq: 100, kind: "grotto.chat", body: []byte(`"forged"`)}
	content.sig = c.agent.account.sign(dataMessage(w.room, w.call, b.ref.JoinID, &content))
	var forged []byte
	for range 50 {
		if forged, err = sealer.Seal(nil, mediacrypt.SourceData, mediacrypt.CodecData, content.encode()); err != nil {
			t.Fatal(err)
		}
	}
	a.handle(DataReceived{From: b.ref, Body: forged})
	if a.agent.Faults()[ErrDataSignature.Error()] != 1 || len(a.said(b)) != 2 {
		t.Errorf("a forged frame: %v, heard %q", a.agent.Faults(), a.said(b))
	}
	a.handle(DataReceived{From: c.ref, Body: frames[1]})
	if len(a.said(c)) != 0 {
		t.Error("bob's frame was heard as carol's")
	}
	a.heard = nil
	b.say("4")
	w.run(time.Second)
	a.handle(DataReceived{From: b.ref, Body: frames[len(frames)-1]})
	if got := a.said(b); !slices.Equal(got, []string{"4"}) {
		t.Errorf("after the forgery: heard %q", got)
	}
}

// Frames that come before their key wait for it, in order, 10 s and 64 at most.
func TestDataWaitsForKey(t *testing.T) {
	for _, test := range []struct {
		wait time.Duration
		want int
	}{{3 * time.Second, 64}, {11 * time.Second, 0}} {
		w := newWorld(t)
		a, b := w.node("alice"), w.node("bob")
		var late []Envelope
		holding := true
		w.tamperMessage = func(from, to Ref, e *Envelope) bool {
			if holding && from == b.ref {
				late = append(late, *e)
				return false
			}
			return true
		}
		w.join(a, b)
		w.run(500 * time.Millisecond)
		for range 70 {
			b.say(`"x"`)
		}
		w.run(test.wait)
		if len(a.said(b)) != 0 {
			t.Error("heard without a key")
		}
		holding = false
		for _, e := range late {
			a.handle(MessageReceived{From: b.ref, Envelope: e})
		}
		if got := len(a.said(b)); got != test.want {
			t.Errorf("after %v: heard %d instead of %d", test.wait, got, test.want)
		}
	}
}

// What is said right after somebody came is readable to that one, without having been sealed before.
func TestSayingWaitsForNewcomers(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	w.join(a)
	w.run(time.Second)
	a.say(`"before"`)
	w.join(b)
	w.run(2 * w.latency)
	a.say(`"after"`)
	b.say(`"hello"`)
	w.run(time.Second)
	if got := b.said(a); !slices.Equal(got, []string{`"after"`}) {
		t.Errorf("the newcomer heard %q", got)
	}
	if got := a.said(b); !slices.Equal(got, []string{`"hello"`}) {
		t.Errorf("of the newcomer was heard %q", got)
	}
	// Also while a rotation waits for its switch.
	c, d := w.node("carol"), w.node("dave")
	w.join(c)
	w.run(2 * time.Second)
	w.change([]*node{c}, []*node{d})
	w.run(2 * w.latency)
	a.say(`"during"`)
	w.run(unsaidLife)
	if got := d.said(a); !slices.Equal(got, []string{`"during"`}) {
		t.Errorf("the newcomer heard %q", got)
	}
}

// What is not JSON, not short, or not named properly is neither said nor heard.
func TestDataContent(t *testing.T) {
	good := dataContent{sig: make([]byte, signatureSize), seq: 7, kind: "grotto.chat", body: []byte(`{}`)}
	if c, err := parseData(good.encode()); err != nil || c.seq != 7 || c.kind != good.kind || string(c.body) != "{}" {
		t.Errorf("%+v, %v", c, err)
	}
	for _, bad := range []dataContent{
		{kind: "", body: []byte(`{}`)}, {kind: "A", body: []byte(`{}`)}, {kind: "a b", body: []byte(`{}`)},
		{kind: strings.Repeat("a", 65), body: []byte(`{}`)}, {kind: "a", body: nil}, {kind: "a", body: []byte(`{`)},
		{kind: "a", body: []byte(`{}{}`)}, {kind: "a", body: []byte("\"\xff\"")},
		{kind: "a", body: []byte(`"` + strings.Repeat("x", maxDataBody) + `"`)},
	} {
		bad.sig = make([]byte, signatureSize)
		if _, err := parseData(bad.encode()); err == nil {
			t.Errorf("kind %.20q body %.20q accepted", bad.kind, bad.body)
		}
	}
	for n := range len(good.encode()) - len(good.body) {
		if _, err := parseData(good.encode()[:n]); err == nil {
			t.Errorf("%d bytes accepted", n)
		}
	}
	w := newWorld(t)
	a := w.node("alice")
	a.in = true
	a.handle(SayToAll{Kind: "grotto.chat", Body: Bytes(`{`)})
	if a.agent.Faults()[ErrData.Error()] != 1 {
		t.Errorf("%v", a.agent.Faults())
	}
}
