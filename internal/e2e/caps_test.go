package e2e

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
)

const (
	// converged is how long after a step the bit rate may be anything.
	converged = 5 * time.Second
	// between steps: what is counted is counted in so much time.
	window = 30 * time.Second
)

// limits of what happens between two steps.
type limits struct {
	least, most       float64 // of the capacity, used
	freezes, switches int
	longest           time.Duration // of the freezes
}

func (l limits) hold(used float64, got seen) bool {
	return used >= l.least && used <= l.most && len(got.freezes) <= l.freezes && got.switches <= l.switches &&
		(len(got.freezes) == 0 || slices.Max(got.freezes) <= l.longest)
}

// wanted is to hold between nine of ten steps at least, bearable between all but one, and rare between that one: a key frame for the
// narrower line that loses packets in the queue of the wider one waits for them behind what was lost before it.
var (
	wanted   = limits{0.60, 0.95, 2, 2, 1200 * time.Millisecond}
	bearable = limits{0.55, 0.95, 3, 4, 1500 * time.Millisecond}
	rare     = limits{0.55, 0.95, 3, 4, 3 * time.Second}
)

// TestCaps: a line whose capacity changes in steps is used well, and the picture on it goes on. The camera's encodings, with and
// without every other frame, come to about 85, 170, 240, 480, 640 and 1,270 kbit/s on the line.
func TestCaps(t *testing.T) {
	good, bad, all := 0, 0, 0
	for _, rtt := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond} {
		for _, steps := range [][]int{{1000, 350, 1000}, {800, 200, 600}, {350, 200, 350}, {200, 1000, 200}} {
			t.Run(fmt.Sprintf("%v %v", rtt, steps), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBubble(t)
					defer b.close()
					sender, viewer := b.join("sender"), b.join("viewer")
					sender.publish(&camera{layers: simulcast})
					for i, kbit := range steps {
						viewer.link.SetOne(badnet.Up, badnet.Conditions{Delay: rtt / 2})
						viewer.link.SetOne(badnet.Down, badnet.Conditions{Rate: kbit * 1000, Delay: rtt / 2})
						begin := time.Now()
						time.Sleep(converged)
						if i == 0 {
							begin = time.Now() // joining is not counted
						}
						before := viewer.link.Stats(badnet.Down)
						time.Sleep(window - converged)
						after := viewer.link.Stats(badnet.Down)
						used := float64(8*(after.Bytes-before.Bytes)) / (window - converged).Seconds() / float64(1000*kbit)
						got := viewer.screen("sender").between(begin, time.Now())
						if all++; wanted.hold(used, got) {
							good++
						}
						report := t.Logf
						if !bearable.hold(used, got) {
							bad++
						}
						if bad > 1 || !rare.hold(used, got) {
							report = t.Errorf
						}
						report("%d kbit/s: used %.0f %%, %d dropped; %.0f %% of frames shown, freezes of %v, %d switches, layers %v, p50 %v p99 %v",
							kbit, 100*used, after.Dropped-before.Dropped, 100*got.share, got.freezes, got.switches, got.layers, got.p50, got.p99)
					}
				})
			})
		}
	}
	t.Logf("as wanted between %d of %d steps", good, all)
	if 10*good < 9*all {
		t.Errorf("as wanted between %d of %d steps only", good, all)
	}
}
