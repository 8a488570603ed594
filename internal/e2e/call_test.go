package e2e

import (
	"runtime"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
)

const (
	cameraRate = 15 // pictures a second of vp8.ivf
	soundRate  = int(time.Second / soundInterval)
)

// lately is what came of the last ten seconds of the sender's own time, which is no clock of this machine: the share of
// pictures that a decoder could show, which needs all those before them up to a key frame, the pauses between them, and the
// share of sound.
func (a *attendee) lately() (pictures float64, pauses []time.Duration, sound float64) {
	const seconds = 10
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.frames) == 0 || len(a.sounds) == 0 {
		return 0, nil, 0
	}
	end, last, whole := a.frames[len(a.frames)-1].Timestamp, uint32(0), false
	for i, f := range a.frames {
		whole = f.Key || whole && f.Timestamp-a.frames[i-1].Timestamp < videoClock/cameraRate*3/2 // rounded
		if !whole || end-f.Timestamp >= seconds*videoClock {
			continue
		}
		if gap := time.Duration(f.Timestamp-last) * time.Second / videoClock; pictures > 0 && gap > freeze {
			pauses = append(pauses, gap)
		}
		last = f.Timestamp
		pictures++
	}
	end = a.sounds[len(a.sounds)-1]
	for _, at := range a.sounds {
		if end-at < seconds*audioClock {
			sound++
		}
	}
	return pictures / (seconds * cameraRate), pauses, sound / float64(seconds*soundRate)
}

// TestSealedOverBadLines: Go clients in a whole call, over lines that lose, delay and reorder, that are down for five
// seconds. Nobody loses the call or joins again, hardly anything is missing, and in the end nothing is left open.
func TestSealedOverBadLines(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	goroutines, sockets := runtime.NumGoroutine(), handles()
	t.Run("call", func(t *testing.T) {
		w := newWorld(t)
		for _, d := range []badnet.Direction{badnet.Up, badnet.Down} {
			w.rig.Set(d, badnet.Conditions{Loss: 0.05, Burst: 2, Delay: 20 * time.Millisecond, Jitter: 5 * time.Millisecond, Reorder: 0.01})
		}
		sender := w.join("sender", "vp8.ivf", "opus.ogg")
		viewer := w.join("viewer")
		until(t, "the picture is there", func() bool { return viewer.pictures() > 0 })
		device := viewer.Report().Device
		// What is repaired late is lost, and where others use the machine that may be for a while: but not for ever.
		var pictures, sound float64
		var pauses []time.Duration
		within(t, 4*patience, "ten seconds nearly whole", func() bool {
			pictures, pauses, sound = viewer.lately()
			return pictures > 0.85 && len(pauses) <= 1 && sound > 0.8
		})
		t.Logf("%.0f %% of the pictures, pauses of %v, %.0f %% of the sound", 100*pictures, pauses, 100*sound)
		for _, who := range []*attendee{viewer, sender} {
			who.line.Set(badnet.Conditions{Down: true})
			time.Sleep(5 * time.Second) // this is the time that the line is down
			who.line.Set(badnet.Conditions{})
			before := viewer.pictures()
			until(t, "the picture is back", func() bool { return viewer.pictures() > before+2*cameraRate })
		}
		for _, track := range viewer.Report().Tracks {
			if track.FramesFailed > 0 {
				t.Errorf("%+v", track)
			}
		}
		if viewer.Report().Device != device || len(viewer.Report().Tracks) != 2 {
			t.Error("joined again")
		}
	})
	settled(t, goroutines, sockets)
}
