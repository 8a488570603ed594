package call

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/mediacrypt"
	"github.com/grotto-meet/grotto/olmkeys"
)

// loot is every key that a device was ever given for others' frames, and the agent to ask for more.
type loot struct {
	mu      sync.Mutex
	session *session
	keys    map[olmkeys.Ref]map[mediacrypt.KeyID]mediacrypt.BaseKey
}

func (l *loot) observe(s *session, e olmkeys.Effect) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session = s
	if k, ok := e.(olmkeys.OpenWith); ok {
		if l.keys == nil {
			l.keys = map[olmkeys.Ref]map[mediacrypt.KeyID]mediacrypt.BaseKey{}
		}
		if l.keys[k.From] == nil {
			l.keys[k.From] = map[mediacrypt.KeyID]mediacrypt.BaseKey{}
		}
		l.keys[k.From][mediacrypt.KeyID(k.KID)] = k.BaseKey.Media()
	}
}

// open tries a sealed microphone frame with everything the device has, and whatever its agent can still derive. Each try
// has an opener of its own, so that no replay window stands in the way.
func (l *loot) open(sealed []byte, ask bool) bool {
	l.mu.Lock()
	session := l.session
	var senders []olmkeys.Ref
	for ref := range l.keys {
		senders = append(senders, ref)
	}
	l.mu.Unlock()
	for _, ref := range senders {
		for range 2 {
			o := mediacrypt.NewOpener()
			l.mu.Lock()
			for kid, key := range l.keys[ref] {
				_ = o.Add(kid, key)
			}
			l.mu.Unlock()
			_, h, err := o.Open(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, sealed)
			if err == nil {
				return true
			}
			if !ask || !errors.Is(err, mediacrypt.ErrUnknownKey) {
				break
			}
			// The session's goroutine has ended, or is idle: ask its agent, as a dishonest client would.
			for _, e := range session.agent.Handle(time.Now(), olmkeys.KeyWanted{From: ref, KID: uint64(h.KID)}) {
				l.observe(session, e)
			}
		}
	}
	return false
}

// sealedSound is the sound that passed the SFU in a span of time. An Opus packet is a frame (RFC 7587 §4.2).
func sealedSound(w *world, from, to time.Time) (frames [][]byte) {
	for _, p := range w.tap.all() {
		if p.label == string(wire.SourceMic) && p.at.After(from) && p.at.Before(to) && len(p.payload) > 0 {
			frames = append(frames, p.payload)
		}
	}
	return frames
}

func count(frames [][]byte, opens func([]byte) bool) (n int) {
	for _, f := range frames {
		if opens(f) {
			n++
		}
	}
	return n
}

// TestK9_LeaverAndNewcomerOpenNothing (also K10): A talks all the time; B comes and goes. Of what the SFU captured, nothing from before the
// join and nothing sent more than 1 s after the leave opens with anything that B ever had, or can derive. What was sent
// while B was there does, so the test can fail.
func TestK9_LeaverAndNewcomerOpenNothing(t *testing.T) {
	w, secret := newWorld(t), newSecret()
	start := time.Now()
	a := w.join(secret, Config{Name: "A"}, "opus.ogg")
	eventually(t, "A talks alone", func() bool { return len(sealedSound(w, start, time.Now())) > 60 })

	joining := time.Now()
	var b loot
	visitor := w.join(secret, Config{Name: "B", observe: b.observe})
	eventually(t, "B opens A's frames", func() bool { return visitor.opened("A", wire.SourceMic) > 60 })
	leaving := time.Now()
	visitor.Leave()
	gone := time.Now()
	eventually(t, "A talks on", func() bool { return len(sealedSound(w, gone.Add(time.Second), time.Now())) > 60 })
	a.Leave()

	if before := sealedSound(w, start, joining); len(before) < 60 || count(before, func(f []byte) bool { return b.open(f, true) }) > 0 {
		t.Errorf("of %d frames sent before B joined some open at B", len(before))
	}
	after := sealedSound(w, gone.Add(time.Second), time.Now())
	if n := count(after, func(f []byte) bool { return b.open(f, true) }); n > 0 {
		t.Errorf("%d of %d frames sent 1 s after B left open at B", n, len(after))
	}
	during := sealedSound(w, joining, leaving)
	if n := count(during, func(f []byte) bool { return b.open(f, false) }); n < 60 {
		t.Errorf("only %d of %d frames sent while B was there open with B's keys; the test is blind", n, len(during))
	}
	if a.Report().Generation == 0 {
		t.Error("A did not rotate when B left")
	}
}

// TestK6_WrongSecret: somebody with another secret opens nothing, is given nothing, and both sides are told.
func TestK6_WrongSecret(t *testing.T) {
	w, secret := newWorld(t), newSecret()
	a := w.join(secret, Config{Name: "A"}, "vp8.ivf", "opus.ogg")
	b := w.join(secret, Config{Name: "B"}, "opus.ogg")
	var m loot
	mallory := w.join(newSecret(), Config{Name: "M", observe: m.observe}, "opus.ogg")
	eventually(t, "A and B hear each other", func() bool {
		return a.opened("B", wire.SourceMic) > 20 && b.opened("A", wire.SourceMic) > 20
	})
	eventually(t, "everybody is told", func() bool {
		return a.state(stranger) == olmkeys.StateWrongSecret && b.state(stranger) == olmkeys.StateWrongSecret &&
			mallory.state(stranger) == olmkeys.StateWrongSecret
	})
	eventually(t, "frames reach M and from M", func() bool {
		return refusedFrames(mallory.Report()) > 50 && refusedFrames(a.Report()) > 50
	})
	for _, track := range mallory.Report().Tracks {
		if track.FramesOpened > 0 {
			t.Errorf("M opened %d frames of %s", track.FramesOpened, track.Source)
		}
	}
	if n := a.opened(stranger, wire.SourceMic); n > 0 {
		t.Errorf("A opened %d frames of M", n)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.keys) > 0 {
		t.Error("M was given keys")
	}
}

func refusedFrames(r Report) (n int) {
	for _, t := range r.Tracks {
		n += t.FramesNoKey + t.FramesFailed
	}
	return n
}
