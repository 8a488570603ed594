package bwe_test

import (
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/sfu/bwe"
)

// TestPace: a line of which nothing is known is not paced; one that has become narrow is, at no more than it carries, until it has
// shown that it carries more.
func TestPace(t *testing.T) {
	for _, rtt := range []time.Duration{20 * time.Millisecond, 300 * time.Millisecond} {
		l := newLink(100e6, rtt, 0)
		s := &elastic{most: 900e3}
		run := func(seconds int) {
			for end := l.elapsed() + time.Duration(seconds)*time.Second; l.elapsed() < end; {
				s.run(l)
				probe(l, s.most)
				l.move()
			}
		}
		run(10)
		if pace := l.estimator.Pace(l.now); pace != 0 {
			t.Errorf("%v: a wide line is paced at %.0f kbit/s", rtt, pace/1e3)
		}
		const narrow = 300e3
		l.rate = narrow
		run(5)
		for range 20 {
			run(1)
			if pace := l.estimator.Pace(l.now); pace < 0.5*narrow || pace > 1.05*narrow {
				t.Errorf("%v: a line of 300 kbit/s is paced at %.0f", rtt, pace/1e3)
			}
		}
		l.rate = 100e6
		run(30)
		if pace := l.estimator.Pace(l.now); pace > 0 && pace < 2*s.most {
			t.Errorf("%v: the line is wide again, and paced at %.0f kbit/s", rtt, pace/1e3)
		}
	}
}

// TestBacklog: what a line has still to carry when it has become narrow all at once, give or take what was under way when it did.
func TestBacklog(t *testing.T) {
	l := newLink(100e6, 100*time.Millisecond, 0)
	s := &elastic{most: 900e3}
	for ; l.elapsed() < 20*time.Second; l.move() {
		if l.elapsed() == 10*time.Second {
			l.rate, l.buffer = 300e3, 10*time.Second
		}
		before := l.estimator.Rate()
		s.run(l)
		if l.elapsed() > 10*time.Second && l.estimator.Pace(l.now) > 0 && before < 500e3 {
			waits := 0
			for _, p := range l.queue {
				waits += 8 * p.size
			}
			all := time.Duration(float64(waits) / l.rate * float64(time.Second))
			if got := l.estimator.Backlog(l.now); got < all/2 || got > 2*all+100*time.Millisecond {
				t.Errorf("after %v: a backlog of %v is taken for %v", l.elapsed(), all, got)
			}
			return
		}
	}
	t.Error("nothing was noticed")
}

// TestNothingKnown: neither says anything before there was feedback.
func TestNothingKnown(t *testing.T) {
	var e bwe.Estimator
	now := time.Unix(1, 0)
	e.Sent(now, 1000)
	if e.Pace(now) != 0 || e.Backlog(now) != 0 {
		t.Error(e.Pace(now), e.Backlog(now))
	}
}
