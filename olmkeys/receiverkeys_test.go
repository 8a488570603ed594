package olmkeys

import (
	"errors"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
	"maunium.net/go/mautrix/crypto/goolm/megolm"
)

// What a forger asks the receiver to derive is bounded, and does not keep it from following the sender.
func TestReceiverKeysUnderForgedKIDs(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	r, err := megolm.NewWithRandom(5)
	if err != nil {
		t.Fatal(err)
	}
	k := newReceiverKeys(schedule{})
	install, _, err := k.addShare(now, shareState{generation: 0, index: 5, state: r.Data})
	if err != nil || len(install) != 2 {
		t.Fatalf("%d keys, %v", len(install), err)
	}
	derived := 0
	for second := range 100 {
		for i := range uint64(2000) {
			_, install := k.want(now.Add(time.Duration(second)*time.Second), kidOf(0, i))
			derived += len(install)
		}
	}
	if derived > nearAhead+maxKeysAhead {
		t.Errorf("%d keys derived for forged frames", derived)
	}
	g := k.generations[0]
	if g.ratchet.Counter != 5 || g.head != 5 {
		t.Error("forged frames moved the ratchet")
	}
	for _, test := range []struct {
		kid  uint64
		want wanted
	}{{4, wantedNever}, {5, wantedInstalled}, {6, wantedInstalled}, {5 + maxLookAhead + 1, wantedShare}, {1 << 16, wantedShare}, {5 + maxLookAhead, wantedLater}, {1 << 48, wantedNever}} {
		if got, _ := k.want(now, kidOf(0, test.kid)); got != test.want {
			t.Errorf("KID %d: %v instead of %v", test.kid, got, test.want)
		}
	}
	r.AdvanceTo(900)
	if install, _, err := k.addShare(now, shareState{generation: 0, index: 900, state: r.Data}); err != nil || len(install) == 0 {
		t.Errorf("a share further on: %d keys, %v", len(install), err)
	}
	if _, drop := k.opened(now, kidOf(0, 900)); len(drop) > len(g.keys) {
		t.Errorf("%d dropped", len(drop))
	}
	if drop := k.expire(now.Add(oldIndexLife)); len(drop) == 0 || g.ratchet.Counter != 900 {
		t.Errorf("%d keys dropped after 5 s, ratchet at %d", len(drop), g.ratchet.Counter)
	}
	for i := range g.keys {
		if i < 900 {
			t.Errorf("the key of index %d is still there", i)
		}
	}
}

// Generations end 3 s after a frame of a newer one, at most 4 s after a newer share, and there are at most 32.
func TestGenerationsEnd(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	k := newReceiverKeys(schedule{})
	share := func(g uint32, at time.Time) {
		t.Helper()
		if _, _, err := k.addShare(at, shareState{generation: g}); err != nil {
			t.Fatal(err)
		}
	}
	share(0, now)
	share(1, now.Add(time.Second))
	if got := k.next(); !got.Equal(now.Add(5 * time.Second)) {
		t.Errorf("ends at %v", got.Sub(now))
	}
	k.opened(now.Add(1500*time.Millisecond), kidOf(1, 0))
	if got := k.next(); !got.Equal(now.Add(4500 * time.Millisecond)) {
		t.Errorf("ends at %v", got.Sub(now))
	}
	if drop := k.expire(now.Add(4499 * time.Millisecond)); len(drop) != 0 {
		t.Errorf("too early: %v", drop)
	}
	if drop := k.expire(now.Add(4500 * time.Millisecond)); len(drop) != 2 {
		t.Errorf("dropped %v", drop)
	}
	if _, _, err := k.addShare(now.Add(4600*time.Millisecond), shareState{generation: 0}); !errors.Is(err, ErrOldGeneration) {
		t.Errorf("the ended one again: %v", err)
	}
	for g := uint32(2); g < 50; g++ {
		share(g, now.Add(5*time.Second))
	}
	if len(k.generations) != maxGenerations {
		t.Errorf("%d generations", len(k.generations))
	}
}

// F10: a sender claims to be far along its chain, or ever further, and never is; frames that nobody sealed ask for every
// key before that. What is kept of it is bounded.
func TestF10_KeysBehindAClaim(t *testing.T) {
	_, a, b := pair(t)
	p := a.agent.peers[b.ref]
	g := b.agent.sender.newest()
	far := func(index uint32) shareState {
		r := *g.ratchet
		r.AdvanceTo(index)
		return shareState{generation: g.number, index: index, state: r.Data}
	}
	for index := uint32(10); index <= 4000; index += 40 {
		if err := a.agent.shareReceived(p, shareContent(t, b, a, far(index))); err != nil {
			t.Fatal(err)
		}
		a.agent.flush()
	}
	for index := range uint32(4000) {
		a.handle(KeyWanted{From: b.ref, KID: uint64(mediacrypt.NewKeyID(g.number, uint16(index)))})
	}
	if n := len(p.keys.generations[g.number].keys); n > 512 {
		t.Errorf("%d keys of one generation", n)
	}
}
