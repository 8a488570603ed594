package e2e

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
	"github.com/grotto-meet/grotto/internal/sfu"
)

// TestSwitchOnALossyLine: a viewer who goes on changing what it shows is sent frames that can be decoded, one after the
// other, whatever is lost on both lines.
func TestSwitchOnALossyLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		sender, viewer := b.join("sender"), b.join("viewer")
		sender.publish(&camera{layers: simulcast})
		time.Sleep(settle)
		conditions := badnet.Conditions{Delay: 40 * time.Millisecond, Jitter: 10 * time.Millisecond, Loss: 0.03}
		sender.link.Set(conditions)
		viewer.link.Set(conditions)
		viewer.mu.Lock()
		mid := viewer.tracks[0].MID
		viewer.mu.Unlock()
		begin := time.Now()
		sizes := []sfu.Shown{{MID: mid, Width: 320, Height: 180}, {MID: mid, Width: 1280, Height: 720}, {MID: mid, Width: 640, Height: 360}}
		const steps = 30
		for i := range steps {
			viewer.peer.Show(sizes[i%len(sizes):i%len(sizes)+1], nil)
			time.Sleep(1500 * time.Millisecond)
		}
		screen := viewer.screen("sender")
		got := screen.between(begin, time.Now())
		t.Logf("%+v, %d broken", got, screen.broken)
		// When the first packet of a key frame to go on with is lost on its way in, the rest of it comes as retransmissions, which have
		// a quarter of the way: then the picture stands still once, and what arrives meanwhile refers to what is missing.
		if got.switches < steps-3 || got.switches > steps || len(got.freezes) > 2 || got.share < 0.9 || screen.broken > 2*steps {
			t.Errorf("%+v, %d broken", got, screen.broken)
		}
	})
}
