package olmkeys

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"
)

// attacked runs a verification that a began, with somebody who was verified before and now tampers with what it sends,
// and fails the test unless a ends it for the reason given and no longer shows the other as verified.
func attacked(t *testing.T, reason VerifyReason, tamper func(c *couple, m said) []said) *couple {
	t.Helper()
	c := newCouple(t)
	c.compare()
	c.finish()
	c.done()
	c.tamper = func(m said) []said { return tamper(c, m) }
	c.compare()
	c.finish()
	c.failed(c.a, reason)
	return c
}

// edit changes the content of one kind of message.
func edit(kind string, change func(c *couple, content map[string]any)) func(c *couple, m said) []said {
	return func(c *couple, m said) []said {
		if m.kind != kind {
			return []said{m}
		}
		var content map[string]any
		if err := json.Unmarshal([]byte(m.content), &content); err != nil {
			c.t.Fatal(err)
		}
		change(c, content)
		b, err := json.Marshal(content)
		if err != nil {
			c.t.Fatal(err)
		}
		return []said{{kind, string(b)}}
	}
}

func drop(kind string) func(c *couple, m said) []said {
	return func(_ *couple, m said) []said {
		if m.kind == kind {
			return nil
		}
		return []said{m}
	}
}

func field(name string, value any) func(*couple, map[string]any) {
	return func(_ *couple, content map[string]any) {
		if content[name] = value; value == nil {
			delete(content, name)
		}
	}
}

// The untampered run succeeds: what fails below fails for the attack.
func TestK2_Honest(t *testing.T) {
	c := newCouple(t)
	c.tamper = func(m said) []said { return edit(m.kind, func(*couple, map[string]any) {})(c, m) }
	c.compare()
	c.finish()
	c.done()
}

func TestK2_CommitmentStripped(t *testing.T) {
	other, err := newSASKey(reader(nil))
	if err != nil {
		t.Fatal(err)
	}
	zero := encoding.EncodeToString(make([]byte, 32))
	for name, test := range map[string]struct {
		reason VerifyReason
		tamper func(*couple, said) []said
	}{
		"no commitment":    {VerifyBadFormat, edit(typeVerifyAccept, field("commitment", nil))},
		"empty commitment": {VerifyBadFormat, edit(typeVerifyAccept, field("commitment", ""))},
		"of nothing":       {VerifyDiffers, edit(typeVerifyAccept, field("commitment", zero))},
		"another key than committed to": {VerifyDiffers, edit(typeVerifyKey,
			field("key", encoding.EncodeToString(other.PublicKey().Bytes())))},
		"no accept": {VerifyBadFormat, func(c *couple, m said) []said {
			if m.kind == typeVerifyAccept { // the key at once
				b, err := json.Marshal(keyMessage{Key: other.PublicKey().Bytes(), Transaction: c.a.peer.sas.exchange.transaction})
				if err != nil {
					t.Fatal(err)
				}
				return []said{{typeVerifyKey, string(b)}}
			}
			return []said{m}
		}},
		"another hash":      {VerifyBadFormat, edit(typeVerifyAccept, field("hash", "md5"))},
		"the old MAC":       {VerifyBadFormat, edit(typeVerifyAccept, field("message_authentication_code", "hkdf-hmac-sha256"))},
		"another agreement": {VerifyBadFormat, edit(typeVerifyAccept, field("key_agreement_protocol", "curve25519"))},
		"no emoji":          {VerifyBadFormat, edit(typeVerifyAccept, field("short_authentication_string", []string{"decimal"}))},
		"two accepts": {VerifyBadFormat, func(_ *couple, m said) []said {
			if m.kind == typeVerifyAccept {
				return []said{m, m}
			}
			return []said{m}
		}},
		"a key of low order": {VerifyBadFormat, edit(typeVerifyKey, field("key", zero))},
	} {
		t.Run(name, func(t *testing.T) {
			c := attacked(t, test.reason, test.tamper)
			if !c.a.dropped(ErrVerification) {
				t.Errorf("%v", c.a.fails)
			}
		})
	}
	// An accept that the server loses leads nowhere: it only ends in time.
	c := newCouple(t)
	c.tamper = func(m said) []said { return drop(typeVerifyAccept)(c, m) }
	c.compare()
	c.finish()
	c.a.take(c.a.Handle(c.now.Add(verifyLife), Tick{}))
	c.failed(c.a, VerifyTimeout)
}

// What the commitment is for: a device that may choose its key after it saw ours picks the emoji. Two of the seven here,
// for the sake of time; each further one takes 64 times as long.
func TestK2_WithoutCommitmentEmojiAreChosen(t *testing.T) {
	c := newCouple(t)
	want := []int{7, 42}
	var found bool
	c.tamper = func(m said) []said {
		if m.kind != typeVerifyKey {
			return []said{m}
		}
		r := c.a.peer.sas
		x := r.exchange
		for tries := 0; tries < 100_000 && !found; tries++ {
			key, err := newSASKey(reader(nil))
			if err != nil {
				t.Fatal(err)
			}
			x.accepter.public = [curve25519Size]byte(key.PublicKey().Bytes())
			if x.shared, err = sasShared(key, x.starter.public[:]); err != nil {
				t.Fatal(err)
			}
			if found = slices.Equal(emojiOf(x.bytes())[:2], want); found {
				sum := commitment(x.accepter.public, r.start.canonical())
				r.commitment = sum[:] // the defence is off
				m.content = `{"key":"` + encoding.EncodeToString(x.accepter.public[:]) + `","transaction_id":"` + x.transaction + `"}`
			}
		}
		return []said{m}
	}
	c.compare()
	if v := c.a.last(); !found || v.State != VerifyCompare || !slices.Equal(v.Emoji[:2], want) {
		t.Errorf("the attack did not succeed with the defence off: %+v", v)
	}
}

// macsOf are right MACs of b for the key ids given, each with b's own key.
func macsOf(c *couple, ids ...string) map[string]any {
	x := c.b.peer.sas.exchange
	own, theirs := x.sides(c.b.peer.sas.starter)
	mac := map[string]any{}
	list := ""
	slices.Sort(ids)
	for i, id := range ids {
		mac[id] = Bytes(x.mac(own, theirs, id, encoding.EncodeToString(c.b.account.ed25519[:])))
		if i > 0 {
			list += ","
		}
		list += id
	}
	return map[string]any{"mac": mac, "keys": Bytes(x.mac(own, theirs, sasKeyIDs, list))}
}

func withMACs(ids ...string) func(*couple, said) []said {
	return edit(typeVerifyMAC, func(c *couple, content map[string]any) {
		for k, v := range macsOf(c, ids...) {
			content[k] = v
		}
	})
}

func TestK2_EmptyMACMap(t *testing.T) {
	attacked(t, VerifyBadFormat, withMACs())
	attacked(t, VerifyBadFormat, edit(typeVerifyMAC, field("mac", map[string]any{})))
	attacked(t, VerifyBadFormat, edit(typeVerifyMAC, field("mac", nil)))
	attacked(t, VerifyBadFormat, edit(typeVerifyMAC, field("keys", nil)))
	// A check of each entry that is there, as a loop would do it, finds nothing wrong with none.
	c := newCouple(t)
	c.compare()
	m := macsOf(c)
	x := c.a.peer.sas.exchange
	own, theirs := x.sides(true)
	good := bytes.Equal(m["keys"].(Bytes), x.mac(theirs, own, sasKeyIDs, ""))
	for id, mac := range m["mac"].(map[string]any) {
		good = good && bytes.Equal(mac.(Bytes), x.mac(theirs, own, id, ""))
	}
	if !good {
		t.Error("the attack did not succeed with the defence off")
	}
}

func TestK2_UnknownKeyID(t *testing.T) {
	own := "ed25519:" + "BOBXXXXXXX"
	attacked(t, VerifyBadFormat, withMACs("ed25519:MALLORYXXX"))
	attacked(t, VerifyBadFormat, withMACs("curve25519:BOBXXXXXXX"))
	attacked(t, VerifyBadFormat, withMACs(own, "ed25519:MALLORYXXX"))
	// The right id, and right by itself, while the list says that there are more.
	attacked(t, VerifyDiffers, edit(typeVerifyMAC, func(c *couple, content map[string]any) {
		content["keys"] = macsOf(c, own, "ed25519:MALLORYXXX")["keys"]
	}))
	c := newCouple(t)
	c.tamper = func(m said) []said { return withMACs(own)(c, m) } // the helper itself makes right ones
	c.compare()
	c.finish()
	c.done()
}

// Another Ed25519 key than the one the roster has, as when a server stands between and relays.
func TestK2_OtherKeyAuthenticated(t *testing.T) {
	other, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	attacked(t, VerifyDiffers, edit(typeVerifyMAC, func(c *couple, content map[string]any) {
		x := c.b.peer.sas.exchange
		own, theirs := x.sides(c.b.peer.sas.starter)
		key, _ := x.macs(own, theirs, other.ed25519)
		content["mac"] = map[string]any{"ed25519:BOBXXXXXXX": Bytes(key)}
	}))
}

func TestK2_Reflected(t *testing.T) {
	// Ours, as it went out last; b only holds up a mirror.
	mirror := func(kind string) func(*couple, said) []said {
		return func(c *couple, m said) []said {
			if m.kind != kind {
				return []said{m}
			}
			for _, own := range slices.Backward(c.a.sent) {
				if own.kind == kind {
					return []said{own}
				}
			}
			t.Fatalf("nothing to reflect for %s", kind)
			return nil
		}
	}
	attacked(t, VerifyDiffers, mirror(typeVerifyKey))
	attacked(t, VerifyDiffers, edit(typeVerifyMAC, func(c *couple, content map[string]any) {
		x := c.a.peer.sas.exchange // a has not sent its own yet: made here as it would be
		own, theirs := x.sides(c.a.peer.sas.starter)
		key, keys := x.macs(own, theirs, c.a.account.ed25519)
		content["keys"], content["mac"] = Bytes(keys), map[string]any{"ed25519:BOBXXXXXXX": Bytes(key)}
	}))
	// Even if they could have committed to it before they saw it.
	c := newCouple(t)
	c.step(c.a, VerifyRequest)
	c.pass()
	c.tamper = func(m said) []said {
		if m.kind == typeVerifyKey {
			r := c.a.peer.sas
			sum := commitment(r.exchange.starter.public, r.start.canonical())
			r.commitment = sum[:]
		}
		return mirror(typeVerifyKey)(c, m)
	}
	c.step(c.b, VerifyRequest)
	c.pass()
	c.failed(c.a, VerifyDiffers)
	// Our request is not their request.
	c = newCouple(t)
	c.step(c.a, VerifyRequest)
	request := c.collect(c.a)[0]
	c.give(c.a, request)
	if !errors.Is(c.a.fault, ErrVerification) || c.a.last().State != VerifyWaiting {
		t.Errorf("%v, %+v", c.a.fault, c.a.last())
	}
	// MACs have a direction: without it, a reflected one would be right for a device with the same key.
	x := sasExchange{starter: sasSide{user: "@a:s", device: "A"}, accepter: sasSide{user: "@b:s", device: "B"}, transaction: "t", shared: make([]byte, 32)}
	if bytes.Equal(x.mac(&x.starter, &x.accepter, sasKeyIDs, "v"), x.mac(&x.accepter, &x.starter, sasKeyIDs, "v")) {
		t.Error("the same MAC both ways")
	}
	x.accepter = x.starter
	if !bytes.Equal(x.mac(&x.starter, &x.accepter, sasKeyIDs, "v"), x.mac(&x.accepter, &x.starter, sasKeyIDs, "v")) {
		t.Error("with the defence off, the attack does not succeed: the test shows nothing")
	}
}

func TestK2_TransactionChanged(t *testing.T) {
	for _, kind := range []string{typeVerifyReady, typeVerifyAccept, typeVerifyKey, typeVerifyMAC, typeVerifyDone} {
		c := newCouple(t)
		c.tamper = func(m said) []said { return edit(kind, field("transaction_id", "another"))(c, m) }
		c.compare()
		c.finish()
		c.a.take(c.a.Handle(c.now.Add(verifyLife), Tick{}))
		if v := c.a.last(); !c.a.dropped(ErrOtherCall) || c.a.state == StateVerified || v.State != VerifyCancelled {
			t.Errorf("%s: %v, %+v", kind, c.a.fails, v)
		}
	}
	// Each side in a run of another name: the emoji differ.
	c := newCouple(t)
	c.compare()
	x := c.a.peer.sas.exchange
	before := x.bytes()
	x.transaction += "x"
	if before == x.bytes() {
		t.Error("the emoji do not depend on the transaction")
	}
}

func TestK2_RolesSwapped(t *testing.T) {
	start := func(c *couple, m said) []said {
		b, err := json.Marshal(startMessage{
			FromDevice: c.b.self.Device, Hashes: []string{sasHash}, KeyAgreements: []string{sasAgreement}, MACs: []string{sasMAC},
			Method: methodSAS, SAS: []string{sasDecimal, sasEmoji}, Transaction: c.a.peer.sas.exchange.transaction,
		})
		if err != nil {
			t.Fatal(err)
		}
		return []said{m, {typeVerifyStart, string(b)}}
	}
	for _, after := range []string{typeVerifyAccept, typeVerifyKey} { // in their place in the run, b begins to be the starter
		attacked(t, VerifyBadFormat, func(c *couple, m said) []said {
			if m.kind != after {
				return []said{m}
			}
			return start(c, m)
		})
	}
	// A second ready, an accept or a key before its time, a done without anybody's word.
	for kind, content := range map[string]string{
		typeVerifyReady: `{"from_device":"BOBXXXXXXX","methods":["m.sas.v1"],"transaction_id":"%"}`,
		typeVerifyMAC: `{"keys":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","mac":{"ed25519:BOBXXXXXXX":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},` +
			`"transaction_id":"%"}`,
		typeVerifyDone: `{"transaction_id":"%"}`,
	} {
		attacked(t, VerifyBadFormat, func(c *couple, m said) []said {
			if m.kind != typeVerifyAccept {
				return []said{m}
			}
			return []said{{kind, string(bytes.ReplaceAll([]byte(content), []byte("%"), []byte(c.a.peer.sas.exchange.transaction)))}}
		})
	}
	// Nor does a start that comes out of turn change anything, whatever the one who sends it puts up with.
	for name, begin := range map[string]func(c *couple){
		"before the ready": func(c *couple) { c.step(c.a, VerifyRequest); c.collect(c.a) },
		"unasked":          func(c *couple) { c.step(c.b, VerifyRequest); c.pass() },
		"at the emoji":     func(c *couple) { c.compare() },
		"after a match":    func(c *couple) { c.compare(); c.step(c.a, VerifyMatch); c.collect(c.a) },
	} {
		c := newCouple(t)
		begin(c)
		c.give(c.a, start(c, said{})[1])
		if v := c.a.last(); v.State != VerifyCancelled || v.Reason != VerifyBadFormat || c.a.peer.sas != nil {
			t.Errorf("%s: %+v", name, v)
		}
	}
	// The same keys with the roles swapped are other emoji.
	c := newCouple(t)
	c.compare()
	x := c.a.peer.sas.exchange
	before := x.bytes()
	x.starter, x.accepter = x.accepter, x.starter
	if before == x.bytes() {
		t.Error("the emoji do not depend on who started")
	}
}

// Done is not taken for a person's word, whenever it comes.
func TestK2_DoneBeforeMatch(t *testing.T) {
	c := newCouple(t)
	c.compare()
	c.give(c.a, said{typeVerifyDone, `{"transaction_id":"` + c.a.peer.sas.exchange.transaction + `"}`})
	c.failed(c.a, VerifyBadFormat)
	c = newCouple(t)
	c.compare()
	c.step(c.b, VerifyMatch)
	c.pass()
	c.give(c.a, said{typeVerifyDone, `{"transaction_id":"` + c.a.peer.sas.exchange.transaction + `"}`})
	c.failed(c.a, VerifyBadFormat)
}

func TestK2_OldRunReplayed(t *testing.T) {
	record := func() (*couple, []said) {
		c := newCouple(t)
		c.compare()
		c.finish()
		c.done()
		return c, slices.Clone(c.b.sent)
	}
	// As it was: it is of no run that we know.
	c, old := record()
	c.step(c.a, VerifyRequest)
	c.collect(c.a)
	for _, m := range old {
		c.give(c.a, m)
	}
	if v := c.a.last(); v.State != VerifyWaiting || !errors.Is(c.a.fault, ErrOtherCall) {
		t.Errorf("%+v, %v", v, c.a.fails)
	}
	// Under the new run's name: the commitment is to another start.
	c, old = record()
	c.step(c.a, VerifyRequest)
	c.collect(c.a)
	for _, m := range old {
		if r := c.a.peer.sas; r != nil {
			m = edit(m.kind, field("transaction_id", r.exchange.transaction))(c, m)[0]
		}
		c.give(c.a, m)
		c.collect(c.a)
	}
	c.failed(c.a, VerifyDiffers)
	// The MACs of the old run in the new one.
	c, old = record()
	c.tamper = func(m said) []said {
		if m.kind != typeVerifyMAC {
			return []said{m}
		}
		for _, o := range old {
			if o.kind == typeVerifyMAC {
				return edit(typeVerifyMAC, field("transaction_id", c.a.peer.sas.exchange.transaction))(c, o)
			}
		}
		return nil
	}
	c.compare()
	c.finish()
	c.failed(c.a, VerifyDiffers)
}

// K2, K8: who was verified and comes back with another key is not.
func TestK2_KeyChangedAfter(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	w.join(a, b)
	w.run(time.Second)
	a.agent.verified(a.agent.peers[b.ref])
	a.do(a.agent.flush())
	if a.states[b.ref] != StateVerified {
		t.Fatal("not verified: the test shows nothing")
	}
	w.leave(b)
	w.run(time.Second)
	mallory := w.node("bob") // the same user and device id, other keys
	w.join(mallory)
	w.run(time.Second)
	if s := a.states[mallory.ref]; s != StateChangedKey {
		t.Errorf("shown as %s", s)
	}
}

// K1, K2: a server that knows the link and stands between two with keys of its own is seen in the meeting code, in the
// emoji and in the QR code.
func TestK1_AllKeysSwapped(t *testing.T) {
	told := func(n *node) (last Verification) {
		for _, e := range n.effects {
			if v, ok := e.(Verification); ok {
				last = v
			}
		}
		return last
	}
	meet := func(w *world, nodes ...*node) { // what the server tells each
		w.join(nodes...)
		w.run(time.Second)
	}
	// Two halves: alice and a false bob, a false alice and bob. The server runs both false ones, and has the secret.
	left, right := newWorld(t), newWorld(t)
	a, falseB := left.node("alice"), left.node("bob")
	falseA, b := right.node("alice"), right.node("bob")
	meet(left, a, falseB)
	meet(right, falseA, b)
	if a.states[falseB.ref] != StateNew || b.states[falseA.ref] != StateNew {
		t.Fatalf("%s, %s: nobody stands in between", a.states[falseB.ref], b.states[falseA.ref])
	}
	for _, n := range []*node{a, b} {
		n.handle(CodeWanted{})
	}
	left.run(5 * time.Second)
	right.run(5 * time.Second)
	if a.code == "" || a.code == b.code {
		t.Errorf("the meeting codes are %q and %q", a.code, b.code)
	}
	// The false ones take part in comparing.
	a.handle(Verify{With: falseB.ref, Step: VerifyRequest})
	falseA.handle(Verify{With: b.ref, Step: VerifyRequest})
	left.run(time.Second)
	right.run(time.Second)
	falseB.handle(Verify{With: a.ref, Step: VerifyRequest})
	b.handle(Verify{With: falseA.ref, Step: VerifyRequest})
	left.run(time.Second)
	right.run(time.Second)
	va, vb := told(a), told(b)
	if va.State != VerifyCompare || vb.State != VerifyCompare || slices.Equal(va.Emoji, vb.Emoji) || slices.Equal(va.Decimal, vb.Decimal) {
		t.Fatalf("%+v, %+v", va, vb)
	}
	falseB.handle(Verify{With: a.ref, Step: VerifyMatch})
	a.handle(Verify{With: falseB.ref, Step: VerifyMismatch}) // what two people who talk to each other say
	left.run(time.Second)
	if v := told(a); v.State != VerifyCancelled || v.Reason != VerifyDiffers || a.states[falseB.ref] == StateVerified {
		t.Errorf("%+v, %s", v, a.states[falseB.ref])
	}
	// And a QR code, on bob's screen, that alice scans.
	b.handle(QRWanted{With: falseA.ref})
	for _, e := range b.effects {
		if q, ok := e.(QR); ok {
			a.handle(QRScanned{With: falseB.ref, Text: q.Text})
		}
	}
	if v := told(a); v.State != VerifyCancelled || v.Reason != VerifyDiffers || a.states[falseB.ref] == StateVerified {
		t.Errorf("QR: %+v, %s", v, a.states[falseB.ref])
	}
	// Who does not compare is deceived: with the person's word as the only defence, this is what it is worth.
	a.handle(Verify{With: falseB.ref, Step: VerifyRequest})
	left.run(time.Second)
	falseB.handle(Verify{With: a.ref, Step: VerifyRequest})
	left.run(time.Second)
	for _, n := range []*node{a, falseB} {
		n.handle(Verify{With: map[*node]Ref{a: falseB.ref, falseB: a.ref}[n], Step: VerifyMatch})
	}
	left.run(time.Second)
	if a.states[falseB.ref] != StateVerified {
		t.Error("with the defence off, the attack does not succeed: the test shows nothing")
	}
}

// A verification with somebody who is not of the meeting leads nowhere.
func TestK2_NotAdmitted(t *testing.T) {
	w := newWorld(t)
	a, ghost := w.node("alice"), w.nodeWith("ghost", Secret("fedcba9876543210"))
	w.join(a, ghost)
	w.run(time.Second)
	for _, ev := range []Event{Verify{With: ghost.ref, Step: VerifyRequest}, QRWanted{With: ghost.ref}, QRScanned{With: ghost.ref, Text: "grotto:v1:"}} {
		before := len(a.effects)
		a.handle(ev)
		for _, e := range a.effects[before:] {
			switch e.(type) {
			case Verification, QR, SendMessages:
				t.Errorf("%T: %+v", ev, e)
			}
		}
	}
}
