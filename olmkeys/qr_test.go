package olmkeys

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"
)

func (c *couple) show(p *party) string {
	c.t.Helper()
	p.qr = ""
	p.take(p.Handle(c.now, QRWanted{With: p.peer.ref}))
	if p.qr == "" {
		c.t.Fatal("no code")
	}
	return p.qr
}

func (c *couple) scan(p *party, text string) {
	p.take(p.Handle(c.now, QRScanned{With: p.peer.ref, Text: text}))
	c.pass()
}

func TestQR(t *testing.T) {
	c := newCouple(t)
	text := c.show(c.a)
	code, err := parseQR(text)
	if err != nil || code.String() != text || len(text) != 117 || !strings.HasPrefix(text, "grotto:v1:") ||
		code.shower != sha256.Sum256(c.a.announcement.CallKeys) || code.scanner != sha256.Sum256(c.b.announcement.CallKeys) {
		t.Fatalf("%s: %v", text, err)
	}
	c.scan(c.b, text)
	if c.b.last().State != VerifyDone || c.b.state != StateVerified {
		t.Fatalf("%+v, %s", c.b.last(), c.b.state)
	}
	if v := c.a.last(); v.State != VerifyCompare || v.Emoji != nil || c.a.state != StateNew {
		t.Fatalf("%+v, %s", v, c.a.state)
	}
	c.step(c.a, VerifyMatch)
	c.done()
}

// The one who shows says no, or nothing; or there is another way.
func TestQREnds(t *testing.T) {
	for name, test := range map[string]struct {
		act  func(c *couple)
		want VerifyReason
	}{
		"somebody else scanned": {func(c *couple) { c.step(c.a, VerifyMismatch) }, VerifyDiffers},
		"cancelled":             {func(c *couple) { c.step(c.a, VerifyCancel) }, VerifyByUs},
		"nobody looks":          {func(c *couple) { c.a.take(c.a.Handle(c.now.Add(verifyLife), Tick{})) }, VerifyTimeout},
		"left":                  {func(c *couple) { c.a.take(c.a.Handle(c.now, RosterChanged{Left: []Ref{c.b.self}})) }, VerifyByThem},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCouple(t)
			c.scan(c.b, c.show(c.a))
			test.act(c)
			if v := c.a.last(); v.State != VerifyCancelled || v.Reason != test.want || c.a.state == StateVerified {
				t.Errorf("%+v, %s", v, c.a.state)
			}
			c.step(c.a, VerifyMatch) // too late
			if c.a.state == StateVerified {
				t.Error("verified nevertheless")
			}
		})
	}
	// Emoji in place of the code, on the side that shows; and a code in the middle of comparing emoji.
	c := newCouple(t)
	c.scan(c.b, c.show(c.a))
	c.compare()
	c.finish()
	c.done()
	c.compare()
	c.scan(c.b, c.show(c.a))
	if v := c.a.last(); v.State != VerifyCompare || v.Emoji != nil || c.a.peer.sas != nil || c.b.peer.sas != nil {
		t.Errorf("%+v", v)
	}
	c.step(c.a, VerifyMatch)
	c.done()
}

// A code that is shown anew does not take back that the one before was scanned.
func TestQRShownAnew(t *testing.T) {
	for name, test := range map[string]struct {
		act  func(c *couple)
		want VerifyState
	}{
		"confirmed": {func(c *couple) { c.step(c.a, VerifyMatch) }, VerifyDone},
		"refused":   {func(c *couple) { c.step(c.a, VerifyMismatch) }, VerifyCancelled},
		"forgotten": {func(c *couple) { c.a.take(c.a.Handle(c.now.Add(verifyLife), Tick{})) }, VerifyCancelled},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCouple(t)
			c.scan(c.b, c.show(c.a))
			c.show(c.a)
			test.act(c)
			if v := c.a.last(); v.State != test.want || (c.a.state == StateVerified) != (test.want == VerifyDone) {
				t.Errorf("%+v, %s", v, c.a.state)
			}
			if test.want != VerifyDone {
				c.step(c.a, VerifyMatch)
				if c.a.state == StateVerified {
					t.Error("verified after it was over")
				}
			}
		})
	}
}

// K2: codes of other keys, of the other direction, of other people, used twice or too late.
func TestK2_QR(t *testing.T) {
	flip := func(text string, at int) string {
		code, err := parseQR(text)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case at < 32:
			code.shower[at] ^= 1
		case at < 64:
			code.scanner[at-32] ^= 1
		default:
			code.secret[at-64] ^= 1
		}
		return code.String()
	}
	for name, change := range map[string]func(c *couple, text string) string{
		"other keys of who shows":  func(_ *couple, text string) string { return flip(text, 3) },
		"other keys of who scans":  func(_ *couple, text string) string { return flip(text, 40) },
		"one's own code":           func(c *couple, _ string) string { return c.show(c.b) },
		"the code of another pair": func(*couple, string) string { d := newCouple(t); return d.show(d.a) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCouple(t)
			c.compare()
			c.finish() // verified before
			c.scan(c.b, change(c, c.show(c.a)))
			c.failed(c.b, VerifyDiffers)
			if c.a.last().State != VerifyDone || c.a.state != StateVerified {
				t.Error("the one who shows is told of a scan that failed")
			}
		})
	}
	t.Run("no code at all", func(t *testing.T) {
		c := newCouple(t)
		for _, text := range []string{"", "https://example.org", "grotto:v1:", "grotto:v2:" + c.show(c.a)[10:], c.show(c.a) + "A",
			c.show(c.a)[:116], strings.ToUpper(c.show(c.a)), c.show(c.a)[:40] + "\n" + c.show(c.a)[40:]} {
			c.scan(c.b, text)
			c.failed(c.b, VerifyBadFormat)
		}
	})
	t.Run("another secret", func(t *testing.T) {
		c := newCouple(t)
		c.scan(c.b, flip(c.show(c.a), 70)) // the keys are right, so who scans is told the truth
		if len(c.a.told) != 0 || !c.a.dropped(ErrVerification) {
			t.Errorf("%+v, %v", c.a.told, c.a.fails)
		}
	})
	t.Run("twice", func(t *testing.T) {
		c := newCouple(t)
		text := c.show(c.a)
		c.scan(c.b, text)
		c.step(c.a, VerifyCancel)
		c.scan(c.b, text)
		if c.a.last().State != VerifyCancelled || !c.a.dropped(ErrVerification) {
			t.Errorf("%+v", c.a.last())
		}
	})
	t.Run("too late, or after a newer one", func(t *testing.T) {
		c := newCouple(t)
		text := c.show(c.a)
		c.show(c.a)
		c.scan(c.b, text)
		text = c.show(c.a)
		c.a.take(c.a.Handle(c.now.Add(verifyLife), Tick{}))
		c.scan(c.b, text)
		if len(c.a.told) != 0 || len(c.a.fails) != 2 {
			t.Errorf("%+v, %v", c.a.told, c.a.fails)
		}
	})
	t.Run("no code was shown", func(t *testing.T) {
		c := newCouple(t)
		zero := encoding.EncodeToString(make([]byte, qrSecretSize))
		scanned := func() said {
			return said{typeScanned, `{"v":1,"call":"` + encoding.EncodeToString(c.a.config.Call[:]) + `","sender_join_id":"` + c.b.self.JoinID.String() +
				`","recipient_join_id":"` + c.a.self.JoinID.String() + `","secret":"` + zero + `"}`}
		}
		c.give(c.a, scanned())
		if len(c.a.told) != 0 || !errors.Is(c.a.fault, ErrVerification) {
			t.Errorf("%+v, %v", c.a.told, c.a.fault)
		}
		c.scan(c.b, c.show(c.a))
		c.step(c.a, VerifyCancel) // the secret is gone, and zeros are not it
		c.give(c.a, scanned())
		if c.a.last().State != VerifyCancelled {
			t.Errorf("%+v", c.a.last())
		}
	})
	t.Run("of another join", func(t *testing.T) {
		c := newCouple(t)
		text := c.show(c.a)
		c.b.take(c.b.Handle(c.now, QRScanned{With: c.b.peer.ref, Text: text}))
		m := edit(typeScanned, field("recipient_join_id", JoinID{}.String()))(c, c.collect(c.b)[0])[0]
		c.give(c.a, m)
		if len(c.a.told) != 0 || !errors.Is(c.a.fault, ErrOtherCall) {
			t.Errorf("%+v, %v", c.a.told, c.a.fault)
		}
	})
}

// Through Olm, in a call.
func TestQRInACall(t *testing.T) {
	w := newWorld(t)
	a, b := w.node("alice"), w.node("bob")
	w.join(a, b)
	w.run(time.Second)
	b.handle(QRWanted{With: a.ref})
	for _, e := range b.effects {
		if q, ok := e.(QR); ok {
			a.handle(QRScanned{With: b.ref, Text: q.Text})
		}
	}
	w.run(time.Second)
	b.handle(Verify{With: a.ref, Step: VerifyMatch})
	if a.states[b.ref] != StateVerified || b.states[a.ref] != StateVerified {
		t.Errorf("%s, %s", a.states[b.ref], b.states[a.ref])
	}
	w.noFaults()
}
