package e2e

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
)

// TestSimulcast: of a video in several encodings a viewer with a good line gets the largest, whole.
func TestSimulcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		sender, viewer := b.join("sender"), b.join("viewer")
		sender.publish(&camera{layers: simulcast})
		time.Sleep(10 * time.Second)
		begin := time.Now()
		time.Sleep(20 * time.Second)
		got := viewer.screen("sender").between(begin, time.Now())
		t.Logf("%+v", got)
		if got.share < 0.99 || len(got.freezes) > 0 || got.switches > 0 || got.layers[2] != got.frames {
			t.Errorf("%+v", got)
		}
	})
}

const (
	// converged is how long after a step the bit rate may be anything.
	converged = 5 * time.Second
	// between steps: what is counted is counted in so much time.
	window = 30 * time.Second
)

// TestCaps: a line whose capacity changes in steps is used well, and the picture on it goes on. The camera's encodings, with and
// without every other frame, come to about 85, 170, 240, 480, 640 and 1,270 kbit/s on the line.
func TestCaps(t *testing.T) {
	for _, rtt := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond} {
		for _, steps := range [][]int{{1000, 350, 1000}, {800, 200, 600}, {350, 200, 350}, {200, 1000, 200}} {
			t.Run(fmt.Sprintf("%v %v", rtt, steps), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBubble(t)
					defer b.close()
					sender, viewer := b.join("sender"), b.join("viewer")
					viewer.link.Set(badnet.Conditions{Delay: rtt / 2})
					sender.publish(&camera{layers: simulcast})
					for i, kbit := range steps {
						viewer.link.SetOne(badnet.Down, badnet.Conditions{Rate: kbit * 1000, Delay: rtt / 2})
						step := time.Now()
						time.Sleep(converged)
						before := viewer.link.Stats(badnet.Down)
						time.Sleep(window - converged)
						after := viewer.link.Stats(badnet.Down)
						begin := step
						if i == 0 {
							begin = step.Add(converged) // joining is part of it
						}
						used := float64(8*(after.Bytes-before.Bytes)) / (window - converged).Seconds() / float64(1000*kbit)
						got := viewer.screen("sender").between(begin, time.Now())
						report := t.Logf
						if used < 0.6 || used > 0.95 || len(got.freezes) > 2 || got.switches > 2 {
							report = t.Errorf
						}
						report("%d kbit/s: used %.0f %%, %d dropped; %.0f %% of frames shown, freezes of %v, %d switches, layers %v, p50 %v p99 %v",
							kbit, 100*used, after.Dropped-before.Dropped, 100*got.share, got.freezes, got.switches, got.layers, got.p50, got.p99)
					}
				})
			})
		}
	}
}
