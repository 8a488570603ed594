package olmkeys

import (
	"bytes"
	"testing"
	"time"
)

// A one-time key is used up by the message that decrypts under it, and by no other.
func TestOneTimeKeyRemovedAfterDecrypt(t *testing.T) {
	bob, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := bob.newOneTimeKeys(3)
	if err != nil {
		t.Fatal(err)
	}
	alice, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	d := &device{callKeys: callKeys{ed25519: bob.ed25519, curve25519: bob.curve25519}}
	s, err := alice.dial(d, keys[0])
	if err != nil {
		t.Fatal(err)
	}
	_, body, err := s.encrypt([]byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := encoding.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	// The message ends with ciphertext and MAC; goolm makes the session before it checks them.
	for i := len(raw) - 20; i < len(raw); i++ {
		forged := bytes.Clone(raw)
		forged[i] ^= 1
		if _, _, err := bob.accept(alice.curve25519[:], encoding.EncodeToString(forged)); err == nil {
			t.Errorf("byte %d changed: accepted", i)
		}
	}
	if len(bob.olm.OTKeys) != 3 {
		t.Errorf("%d one-time keys after forged messages", len(bob.olm.OTKeys))
	}
	_, plaintext, err := bob.accept(alice.curve25519[:], body)
	if err != nil || string(plaintext) != "hello" {
		t.Fatalf("%q, %v", plaintext, err)
	}
	if len(bob.olm.OTKeys) != 2 {
		t.Errorf("%d one-time keys left", len(bob.olm.OTKeys))
	}
	if _, _, err := bob.accept(alice.curve25519[:], body); err == nil {
		t.Error("the same message began a second session")
	}
}

// K12: when the one-time keys are used up the fallback key serves, is replaced, and does not let a message in twice.
func TestK12_FallbackKey(t *testing.T) {
	w := newWorld(t)
	b := w.node("bob")
	w.join(b)
	w.run(time.Second)
	b.otks = nil
	first := b.fallback
	var recorded []MessageReceived
	w.tamperMessage = func(from, to Ref, e *Envelope) bool {
		if to == b.ref && e.Olm == olmPreKey {
			recorded = append(recorded, MessageReceived{From: from, Envelope: *e})
		}
		return true
	}
	b.agent.account.olm.OTKeys = nil
	var others []*node
	for _, name := range []string{"aa", "ab", "ac"} {
		n := w.node(name)
		others = append(others, n)
		w.tamperClaim = func(_ Ref, c *ClaimedKey) bool {
			if c.Device == b.ref {
				c.Key = first
			}
			return true
		}
		w.join(n)
	}
	w.run(5 * time.Second)
	w.allHear()
	if bytes.Equal(b.fallback.Key, first.Key) {
		t.Error("the used fallback key was not replaced")
	}
	if len(recorded) == 0 || !others[0].agent.peers[b.ref].valid() {
		t.Fatal("nothing was recorded")
	}
	before := b.agent.Faults()
	for _, m := range recorded {
		b.agent.peers[m.From].sessions.list = nil // as if it had been displaced
		b.handle(m)
	}
	after := b.agent.Faults()
	if after[ErrReplayedDial.Error()]-before[ErrReplayedDial.Error()] != uint64(len(recorded)) {
		t.Errorf("%d replays: %v", len(recorded), after)
	}
}

// The server runs low on one-time keys and gets more; never more than the account can keep.
func TestKeyCount(t *testing.T) {
	w := newWorld(t)
	a := w.node("alice")
	a.in = true
	a.handle(KeyCount{OneTimeKeys: 40})
	if len(a.otks) != 50 {
		t.Errorf("%d keys", len(a.otks))
	}
	a.handle(KeyCount{OneTimeKeys: 10})
	if len(a.otks) != 90 {
		t.Errorf("%d keys", len(a.otks))
	}
	for range 5 {
		a.handle(KeyCount{OneTimeKeys: 0})
		a.handle(KeyCount{OneTimeKeys: -1})
	}
	if len(a.otks) != 100 || len(a.agent.account.olm.OTKeys) != 100 {
		t.Errorf("%d keys, %d kept", len(a.otks), len(a.agent.account.olm.OTKeys))
	}
	seen := map[string]bool{}
	for _, k := range a.otks {
		if seen[k.KeyID] || !verify(a.agent.account.ed25519[:], signedKeyMessage(k.Key, false), k.Sig) {
			t.Errorf("key %s", k.KeyID)
		}
		seen[k.KeyID] = true
	}
}
