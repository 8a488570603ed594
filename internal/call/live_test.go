package call

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// feed writes frames until the test ends.
func feed(t *testing.T, l *Live, step uint32, frame func(n uint32) []byte) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := uint32(0); ; n++ {
			l.Write(frame(n), n*step)
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// picture is a frame of VP8 to whoever reads its header only (RFC 6386 §9.1).
func picture(n uint32) []byte {
	return []byte{byte(min(n%50, 1)), 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, byte(n)}
}

func TestLive(t *testing.T) {
	w := newWorld(t)
	secret := newSecret()
	sends := make(chan Sending, 99)
	var seen atomic.Pointer[Frame]
	bob := w.join(secret, Config{Name: "Bob", OnSending: func(s Sending) { sends <- s }, OnFrame: func(f Frame) {
		if f.Track.Source == wire.SourceCamera {
			seen.Store(&f)
		}
	}})
	says := func(what string, wanted func(Sending) bool) {
		t.Helper()
		for deadline := time.After(patience); ; {
			select {
			case s := <-sends:
				if wanted(s) {
					return
				}
			case <-deadline:
				t.Fatal("does not say: ", what)
			}
		}
	}
	alice := w.join(secret, Config{Name: "Alice"})
	mic := NewLive(wire.SourceMic, wire.CodecOpus, func() {})
	feed(t, mic, 960, func(uint32) []byte { return []byte{0x78, 1, 2, 3} })
	if err := alice.Add(mic); err != nil {
		t.Fatal(err)
	}
	eventually(t, "sound that was added in the call opens", func() bool { return bob.opened("Alice", wire.SourceMic) > 5 })
	says("a microphone", func(s Sending) bool { return s.Mic && !s.Camera })

	var wanted atomic.Int32
	camera := NewLive(wire.SourceCamera, wire.CodecVP8, func() { wanted.Add(1) })
	feed(t, camera, 1800, picture)
	if err := alice.Add(camera); err != nil {
		t.Fatal(err)
	}
	says("a camera", func(s Sending) bool { return s.Mic && s.Camera })
	eventually(t, "a picture opens", func() bool { return seen.Load() != nil })
	before := wanted.Load()
	eventually(t, "a key frame is asked for", func() bool {
		bob.WantKeyFrame(seen.Load().Track)
		return wanted.Load() > before
	})

	alice.Mute(wire.SourceMic, true)
	says("a muted microphone", func(s Sending) bool { return !s.Mic && s.Camera })
	fallsSilent(t, bob, "Alice")
	heard := bob.opened("Alice", wire.SourceMic)
	alice.Mute(wire.SourceMic, false)
	eventually(t, "sound opens again", func() bool { return bob.opened("Alice", wire.SourceMic) > heard })
	if err := alice.Withdraw(camera); err != nil {
		t.Fatal(err)
	}
	says("no camera", func(s Sending) bool { return s.Mic && !s.Camera })

	w.cut(false)
	heard = bob.opened("Alice", wire.SourceMic)
	eventually(t, "sound opens after the socket was lost", func() bool { return bob.opened("Alice", wire.SourceMic) > heard+50 })
	if err := alice.Add(NewLive(wire.SourceScreen, wire.CodecVP8, func() {})); err != nil {
		t.Fatal(err)
	}
	says("a screen", func(s Sending) bool { return s.Screen && !s.Camera })

	another := NewLive(wire.SourceMic, wire.CodecOpus, func() {})
	if err := alice.Withdraw(mic); err != nil {
		t.Fatal(err)
	}
	fallsSilent(t, bob, "Alice")
	if err := alice.Add(another); err != nil {
		t.Fatal(err)
	}
	heard = bob.opened("Alice", wire.SourceMic)
	feed(t, another, 960, func(uint32) []byte { return []byte{0x78, 4, 5, 6} })
	eventually(t, "sound of another microphone opens", func() bool { return bob.opened("Alice", wire.SourceMic) > heard+5 })
}

// Who looks on is sent the second microphone in the section of the first, which has carried nothing through two offers.
func TestSectionTakenOver(t *testing.T) {
	w := newWorld(t)
	secret := newSecret()
	bob := w.join(secret, Config{Name: "Bob"})
	alice := w.join(secret, Config{Name: "Alice"})
	for range 2 {
		mic, camera := NewLive(wire.SourceMic, wire.CodecOpus, func() {}), NewLive(wire.SourceCamera, wire.CodecVP8, func() {})
		feed(t, mic, 960, func(uint32) []byte { return []byte{0x78, 1, 2, 3} })
		feed(t, camera, 1800, picture)
		heard, seen := bob.opened("Alice", wire.SourceMic), bob.opened("Alice", wire.SourceCamera)
		for _, l := range []*Live{mic, camera} {
			if err := alice.Add(l); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "sound opens", func() bool { return bob.opened("Alice", wire.SourceMic) > heard+5 })
		eventually(t, "a picture opens", func() bool { return bob.opened("Alice", wire.SourceCamera) > seen+5 })
		for source, l := range map[wire.Source]*Live{wire.SourceMic: mic, wire.SourceCamera: camera} {
			if err := alice.Withdraw(l); err != nil {
				t.Fatal(err)
			}
			stops(t, bob, "Alice", source)
		}
	}
}
