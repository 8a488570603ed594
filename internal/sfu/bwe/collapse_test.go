package bwe_test

import (
	"fmt"
	"testing"
	"time"
)

// TestCollapse: a line that is suddenly a fifth of what it was is known for that soon: what goes on in the old measure until then
// fills its queue, and what is sent afterwards is dropped at it.
func TestCollapse(t *testing.T) {
	const wide, narrow = 3e6, 600e3
	for _, rtt := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond} {
		for _, loss := range []float64{0, 0.05} {
			t.Run(fmt.Sprintf("%v %v", rtt, loss), func(t *testing.T) {
				l := newLink(wide, rtt, loss)
				l.buffer = 200 * time.Millisecond
				s := &elastic{most: 2.6e6}
				const begins = 20 * time.Second
				for ; l.elapsed() < begins; l.move() {
					s.run(l)
					probe(l, s.most)
				}
				l.rate = narrow
				for ; l.estimator.Rate() > 1.1*narrow; l.move() {
					if l.elapsed() > begins+5*time.Second {
						t.Fatal("nothing was noticed")
					}
					s.run(l)
				}
				took := l.elapsed() - begins - rtt
				t.Logf("after %v and a round trip", took)
				if took > 400*time.Millisecond {
					t.Errorf("after %v and a round trip", took)
				}
				if rate := l.estimator.Rate(); rate < narrow/2 {
					t.Errorf("%.0f kbit/s are left", rate/1e3)
				}
			})
		}
	}
}
