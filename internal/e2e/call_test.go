package e2e

import (
	"runtime"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
)

// gaps are the pauses in a camera's own time that a decoder could not fill: frames that did not open, and those after them
// that refer to them. It depends on no clock of this machine. Frames are so many ticks of RTP apart.
func (a *attendee) gaps(from int, apart uint32) (frames int, pauses []time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, whole := uint32(0), false // the last that could be shown
	for i, f := range a.frames[from:] {
		if i > 0 {
			whole = whole && f.Timestamp-a.frames[from+i-1].Timestamp < apart*3/2 // rounded
		}
		if !f.Key && !whole {
			continue
		}
		whole = true
		if gap := time.Duration(f.Timestamp-last) * time.Second / videoClock; frames > 0 && gap > freeze {
			pauses = append(pauses, gap)
		}
		last = f.Timestamp
		frames++
	}
	return frames, pauses
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
		until(t, "the picture is there", func() bool { frames, _ := viewer.counts(); return frames > 30 })
		from, sounds := viewer.counts()
		device := viewer.Report().Device
		until(t, "ten seconds of it", func() bool { frames, _ := viewer.counts(); return frames > from+10*15 })
		frames, pauses := viewer.gaps(from, videoClock/15)
		_, heard := viewer.counts()
		t.Logf("%d frames could be shown, pauses of %v; %d of sound", frames, pauses, heard-sounds) // 146 where nothing else runs
		if frames < 130 || len(pauses) > 1 || heard-sounds < 400 {
			t.Errorf("%d frames could be shown, pauses of %v; %d of sound", frames, pauses, heard-sounds)
		}
		for _, who := range []*attendee{viewer, sender} {
			who.line.Set(badnet.Conditions{Down: true})
			time.Sleep(5 * time.Second) // this is the time that the line is down
			who.line.Set(badnet.Conditions{})
			before, _ := viewer.counts()
			until(t, "the picture is back", func() bool { frames, _ := viewer.counts(); return frames > before+30 })
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
