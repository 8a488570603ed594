package olmkeys

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
)

// goolm keeps the expanded key where the standard library keeps the seed; both must be the same key, and sign alike.
func TestIdentitySignsAsTheStandardLibraryDoes(t *testing.T) {
	for i := range 32 {
		seed := bytes.Repeat([]byte{byte(i), 0xff, 0x80}, 11)[:IdentitySize]
		identity, err := ParseIdentity(seed)
		if err != nil {
			t.Fatal(err)
		}
		standard := ed25519.NewKeyFromSeed(seed)
		if !bytes.Equal(identity.Public(), standard.Public().(ed25519.PublicKey)) {
			t.Fatalf("seed %d: another public key", i)
		}
		a, _, err := NewAgent(Config{
			Room: "!r:x", Call: CallID{1}, User: "@a:x", Device: "ABCDEFGHIJ", Secret: testSecret, Identity: identity,
		}, testTime)
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte{7}, 5000)} {
			sig := a.account.sign(message)
			if !bytes.Equal(sig, ed25519.Sign(standard, message)) || !verify(identity.Public(), message, sig) {
				t.Fatalf("seed %d: another signature", i)
			}
		}
		ann := a.Announcement()
		if d, err := checkAnnouncement("!r:x", CallID{1}, &a.link, ann.Announced); err != nil || !bytes.Equal(d.ed25519[:], identity.Public()) {
			t.Fatalf("seed %d: the announcement: %v", i, err)
		}
		for _, k := range append(ann.OneTimeKeys, ann.FallbackKey) {
			if !verify(identity.Public(), signedKeyMessage(k.Key, k.Fallback), k.Sig) {
				t.Fatalf("seed %d: a one-time key is signed by another", i)
			}
		}
	}
}

// Only the signing key is kept: what a recorded message could be opened with is new in each join.
func TestIdentityKeepsNothingElse(t *testing.T) {
	identity, err := NewIdentity(nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseIdentity(identity.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	one, two := w.nodeFrom("bob", Config{Secret: testSecret, Identity: identity}), w.nodeFrom("bob", Config{Secret: testSecret, Identity: again})
	a, b := one.agent, two.agent
	if a.account.ed25519 != b.account.ed25519 || !bytes.Equal(a.account.ed25519[:], identity.Public()) {
		t.Error("another identity")
	}
	if a.account.curve25519 == b.account.curve25519 || bytes.Equal(a.kem.Bytes(), b.kem.Bytes()) || a.self.JoinID == b.self.JoinID ||
		bytes.Equal(one.fallback.Key, two.fallback.Key) || bytes.Equal(one.otks[0].Key, two.otks[0].Key) {
		t.Error("a key was kept that should be new")
	}
	if one.agent.config.Identity != nil {
		t.Error("the agent holds the seed, which it does not need")
	}
}

func TestIdentityRefused(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33, 64} {
		if _, err := ParseIdentity(make([]byte, n)); !errors.Is(err, ErrConfig) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if _, err := NewIdentity(bytes.NewReader(make([]byte, IdentitySize-1))); err == nil {
		t.Error("made of too little randomness")
	}
	cfg := Config{Room: "!r:x", Call: CallID{1}, User: "@a:x", Device: "ABCDEFGHIJ", Secret: testSecret, Known: []Pin{{Identity: make(Bytes, 31)}}}
	if _, _, err := NewAgent(cfg, testTime); !errors.Is(err, ErrConfig) {
		t.Errorf("a pin of 31 bytes: %v", err)
	}
}

func TestFingerprint(t *testing.T) {
	if got := Fingerprint(bytes.Repeat([]byte{0, 0x10, 0x83}, 11)[:32]); got != "ABCD ABCD ABCD ABCD ABCD ABCD ABCD ABCD ABCD ABCD ABA" {
		t.Errorf("%q", got)
	}
}
