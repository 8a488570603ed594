package olmkeys

import (
	"slices"
	"testing"
	"time"
)

// gathering is a crowd of so many who all speak.
func gathering(t *testing.T, size int) *crowd {
	c := newCrowd(t)
	for range size {
		c.join().speaks = true
		c.run(200 * time.Millisecond)
	}
	c.run(2 * time.Second)
	c.together()
	return c
}

// until lets time pass until nobody lacks a key, and says how long that took.
func (c *crowd) until(limit time.Duration) time.Duration {
	for began := c.now; ; c.run(crowdStep) {
		if took := c.now.Sub(began); c.apart() == 0 || took > limit {
			return took
		}
	}
}

// change lets time pass in which people come and go: everybody needs new keys.
func (c *crowd) change(d time.Duration) {
	for end := c.now.Add(d); c.now.Before(end); {
		c.leave(c.members[len(c.members)-1])
		c.run(3 * time.Second)
		c.join().speaks = true
		c.run(3 * time.Second)
	}
}

// A client whose connection was gone for a minute has keys within two seconds of its return: whether the server has
// kept what it missed, or lost the Olm messages of that time, or has only let its media pass, or it joins anew.
func TestK11_BackAfterAMinute(t *testing.T) {
	const outage, limit = time.Minute, 2 * time.Second
	t.Run("nothing was lost", func(t *testing.T) {
		c := gathering(t, 10)
		a := c.members[0]
		a.offline = true
		c.change(outage)
		a.offline = false
		c.send(a, Resumed{})
		if took := c.until(limit); took > limit {
			t.Errorf("%d lack keys after %v", c.apart(), took)
		}
	})
	t.Run("messages were lost", func(t *testing.T) {
		c := gathering(t, 10)
		a := c.members[0]
		a.offline = true
		c.loses = func(from, to *member) bool { return from == a || to == a }
		c.change(outage)
		a.offline, c.loses = false, nil
		c.send(a, Resumed{})
		if took := c.until(limit); took > limit {
			t.Errorf("%d lack keys after %v", c.apart(), took)
		}
		c.run(time.Second)
		c.together()
	})
	t.Run("frames went on coming", func(t *testing.T) {
		c := gathering(t, 10)
		a := c.members[0]
		c.loses = func(from, to *member) bool { return from == a || to == a }
		c.change(outage)
		if c.apart() < 9 {
			t.Fatalf("%d lack keys: the test shows nothing", c.apart())
		}
		c.loses = nil
		c.send(a, Resumed{})
		if took := c.until(limit); took > limit {
			t.Errorf("%d lack keys after %v", c.apart(), took)
		}
	})
	t.Run("as somebody new", func(t *testing.T) {
		c := gathering(t, 10)
		c.leave(c.members[0])
		c.change(outage)
		c.join()
		if took := c.until(limit); took > limit {
			t.Errorf("%d lack keys after %v", c.apart(), took)
		}
	})
}

// K11: the server drops every Olm message for a minute, the first ones with the ML-KEM ciphertext too, and tells nobody
// when it delivers again. All have keys within three seconds, and it is shown meanwhile. With the pauses alone it takes
// as long as the longest.
func TestK11_Outage(t *testing.T) {
	const limit = 3 * time.Second
	for _, c := range []struct {
		name    string
		first   bool // from the first message on
		patient bool
	}{{"first shares", true, false}, {"later shares", false, false}, {"pauses alone", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			w := newCrowd(t)
			w.patient = c.patient
			all := func(_, _ *member) bool { return true }
			if c.first {
				w.loses = all
			}
			for range 10 {
				w.join().speaks = true
				w.run(200 * time.Millisecond)
			}
			w.run(2 * time.Second)
			w.loses = all
			w.change(time.Minute)
			for _, n := range w.members {
				for m, state := range n.state {
					if n != m && w.places[m.ref] == m && state != StateWaiting && state != StateCannotDecrypt {
						t.Fatalf("%s is shown %q of %s", n.ref.User, state, m.ref.User)
					}
				}
			}
			sent := w.recipients
			w.run(10 * time.Second)
			if asked := w.recipients - sent; asked > 10*10*10/2 {
				t.Errorf("%d messages in 10 s of an outage among 10", asked)
			}
			w.loses = nil
			took := w.until(limit)
			if (took <= limit) == c.patient {
				t.Errorf("keys after %v", took)
			}
			t.Logf("keys after %v", took)
		})
	}
}

// Forged frames are not an outage: what was asked was answered, so nobody is hurried, and a probe finds nobody.
func TestForgedFramesAreNotAnOutage(t *testing.T) {
	c := gathering(t, 8)
	c.run(2 * time.Second)
	sent := c.recipients
	a := c.members[0]
	for range 600 {
		for _, m := range c.members[1:] {
			c.send(a, KeyWanted{From: m.ref, KID: 77 << 16})
		}
		c.run(100 * time.Millisecond)
	}
	// 7 senders: asked at 0, 2, 6, 14, 30 and 60 s, and each answers.
	if n := c.recipients - sent; n > 7*6*2 {
		t.Errorf("%d messages in a minute of forged frames", n)
	}
	// A connection that the server cuts again and again makes it no worse than the first pause.
	sent = c.recipients
	for range 100 {
		c.send(a, Resumed{})
		c.send(a, KeyWanted{From: c.members[1].ref, KID: 77 << 16})
		c.run(100 * time.Millisecond)
	}
	if n := c.recipients - sent; n > 7*5*2 {
		t.Errorf("%d messages in 10 s of cut connections", n)
	}
}

// K11: what one says of oneself waits 10 s for a key. Whoever got the key later is told again.
func TestK11_NameAfterOutage(t *testing.T) {
	w := newWorld(t)
	alice, bob := w.node("alice"), w.node("bob")
	outage := true
	w.tamperMessage = func(from, _ Ref, _ *Envelope) bool { return !outage || from != alice.ref }
	w.join(alice, bob)
	w.run(time.Second)
	alice.handle(SayToAll{Kind: kindProfile, Body: Bytes(`{"name":"Alice"}`)})
	w.run(heldDataLife + 5*time.Second)
	named := func() bool {
		return slices.ContainsFunc(bob.heard, func(h Heard) bool { return h.From == alice.ref && h.Kind == kindProfile })
	}
	if named() {
		t.Fatal("the name was heard without a key")
	}
	outage = false
	w.run(5 * time.Second)
	if !named() {
		t.Error("the name was not heard after the outage")
	}
}
