package e2e

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
)

// TestSeveralOnOneLine: three cameras on a line that becomes narrow all at once. All three need a smaller size, and a key frame
// for it, while the line's queue is full.
func TestSeveralOnOneLine(t *testing.T) {
	const cameras = 3
	limits := limits{0.60, 0.95, 2, 2, 2500 * time.Millisecond}
	for _, c := range []struct {
		rtt        time.Duration
		wide, kbit int
	}{
		{20 * time.Millisecond, 3000, 700},
		{100 * time.Millisecond, 2000, 500},
		{300 * time.Millisecond, 3000, 700},
	} {
		t.Run(fmt.Sprintf("%v %d to %d", c.rtt, c.wide, c.kbit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t)
				defer b.close()
				for i := range cameras {
					b.join(fmt.Sprint(i)).publish(&camera{layers: simulcast})
					time.Sleep(110 * time.Millisecond) // so that they are not in step
				}
				viewer := b.join("viewer")
				set := func(kbit int) {
					viewer.link.SetOne(badnet.Up, badnet.Conditions{Delay: c.rtt / 2})
					viewer.link.SetOne(badnet.Down, badnet.Conditions{Rate: kbit * 1000, Delay: c.rtt / 2})
				}
				set(c.wide)
				time.Sleep(20 * time.Second)
				set(c.kbit)
				begin := time.Now()
				time.Sleep(converged)
				before := viewer.link.Stats(badnet.Down)
				time.Sleep(window - converged)
				used := float64(8*(viewer.link.Stats(badnet.Down).Bytes-before.Bytes)) / (window - converged).Seconds() / float64(1000*c.kbit)
				for i := range cameras {
					got := viewer.screen(fmt.Sprint(i)).between(begin, time.Now())
					report := t.Logf
					if !limits.hold(used, got) {
						report = t.Errorf
					}
					slices.Sort(got.freezes)
					report("camera %d: used %.0f %%; %.0f %% of frames shown, freezes of %v, %d switches, layers %v", i, 100*used, 100*got.share, got.freezes, got.switches, got.layers)
				}
			})
		})
	}
}
