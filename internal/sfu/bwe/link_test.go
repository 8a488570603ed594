package bwe_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"

	"github.com/grotto-meet/grotto/internal/sfu/bwe"
)

// link is a path in virtual time: a queue before a bottleneck, delay, loss on both ways, and a receiver that reports as
// Pion's does. It moves in steps of a millisecond.
type link struct {
	now    time.Time
	start  time.Time
	random *rand.Rand
	rate   float64 // bit/s
	rtt    time.Duration
	jitter time.Duration
	loss   float64
	buffer time.Duration // of the queue at the rate

	estimator *bwe.Estimator
	queue     []sent
	left      float64 // bits of the head that are still to be sent
	flying    []sent
	recorder  *twcc.Recorder
	reported  time.Time
	reports   []report

	bits     []float64 // offered to the link, by second
	dropped  int
	worst    time.Duration // queueing
	oneWayBy time.Duration // the receiver's clock is ahead
}

type sent struct {
	number uint16
	size   int
	at     time.Time // sent, or arriving
}

type report struct {
	at time.Time
	b  []byte
}

const step = time.Millisecond

func newLink(rate float64, rtt time.Duration, loss float64) *link {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return &link{now: start, start: start, random: rand.New(rand.NewPCG(7, 7)), rate: rate, rtt: rtt, loss: loss,
		buffer: 300 * time.Millisecond, estimator: &bwe.Estimator{}, recorder: twcc.NewRecorder(1), reported: start, oneWayBy: 5 * time.Hour}
}

func (l *link) elapsed() time.Duration { return l.now.Sub(l.start) }

// send offers a packet of RTP to the path.
func (l *link) send(size int) {
	number := l.estimator.Sent(l.now, size)
	size += bwe.Overhead
	second := int(l.elapsed() / time.Second)
	for len(l.bits) <= second {
		l.bits = append(l.bits, 0)
	}
	l.bits[second] += float64(size * 8)
	waiting := 0
	for _, p := range l.queue {
		waiting += p.size
	}
	if float64(waiting*8) > l.rate*l.buffer.Seconds() {
		l.dropped++
		return
	}
	if l.random.Float64() < l.loss {
		return
	}
	if len(l.queue) == 0 {
		l.left = float64(size * 8)
	}
	l.queue = append(l.queue, sent{number, size, l.now})
}

// move advances the clock.
func (l *link) move() {
	for at, end := l.now, l.now.Add(step); len(l.queue) > 0; {
		need := time.Duration(l.left / l.rate * 1e9)
		if at.Add(need).After(end) {
			l.left -= end.Sub(at).Seconds() * l.rate
			break
		}
		at = at.Add(need)
		p := l.queue[0]
		l.worst = max(l.worst, at.Sub(p.at))
		p.at = at.Add(l.rtt / 2)
		if l.jitter > 0 {
			p.at = p.at.Add(time.Duration(l.random.Int64N(int64(l.jitter))))
		}
		l.flying, l.queue = append(l.flying, p), l.queue[1:]
		if len(l.queue) > 0 {
			l.left = float64(l.queue[0].size * 8)
		}
	}
	l.now = l.now.Add(step)
	rest := l.flying[:0]
	for _, p := range l.flying {
		if p.at.After(l.now) {
			rest = append(rest, p)
			continue
		}
		l.recorder.Record(2, p.number, p.at.Add(l.oneWayBy).Sub(l.start).Microseconds())
	}
	l.flying = rest
	if l.now.Sub(l.reported) >= 100*time.Millisecond {
		l.reported = l.now
		for _, p := range l.recorder.BuildFeedbackPacket() {
			b, err := p.Marshal()
			if err != nil {
				panic(err)
			}
			if l.random.Float64() >= l.loss {
				l.reports = append(l.reports, report{l.now.Add(l.rtt / 2), b})
			}
		}
	}
	for len(l.reports) > 0 && !l.reports[0].at.After(l.now) {
		if err := l.estimator.Feedback(l.now, l.reports[0].b); err != nil {
			panic(err)
		}
		l.reports = l.reports[1:]
	}
	if l.elapsed()%(100*time.Millisecond) == 0 {
		l.estimator.Tick(l.now)
	}
}

// mean is the rate that was offered between two seconds.
func (l *link) mean(from, to int) float64 {
	sum := 0.0
	for _, b := range l.bits[from:min(to, len(l.bits))] {
		sum += b
	}
	return sum / float64(to-from)
}

// elastic sends video that follows the estimate, 30 frames a second.
type elastic struct {
	next time.Time
	most float64
	debt float64
}

func (s *elastic) run(l *link) {
	if l.now.Before(s.next) {
		return
	}
	s.next = l.now.Add(time.Second / 30)
	s.debt += min(s.most, 0.9*l.estimator.Rate()*(1-l.estimator.Loss())) / 30
	for s.debt > 0 {
		size := int(min(1200*8, max(s.debt, 100*8)) / 8)
		l.send(size - bwe.Overhead)
		s.debt -= float64(size * 8)
	}
}

func probe(l *link, wanted float64) {
	if l.elapsed()%(10*time.Millisecond) != 0 {
		return
	}
	for due := l.estimator.Padding(l.now, wanted); due > 0; due -= 320 {
		l.send(320 - bwe.Overhead)
	}
}

// The window in which a rate is to be found: that share of the cap.
const (
	leastShare = 0.60
	mostShare  = 0.95
)

func checkShare(t *testing.T, l *link, rate float64, from, to int) {
	t.Helper()
	if share := l.mean(from, to) / rate; share < leastShare || share > mostShare {
		t.Errorf("seconds %d to %d: %.0f %% of %.0f kbit/s", from, to, 100*share, rate/1e3)
	}
}

// TestSteps: an encoder that follows the estimate finds a new cap within 5 s and stays there.
func TestSteps(t *testing.T) {
	for _, rtt := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond} {
		for _, loss := range []float64{0, 0.01, 0.05, 0.1} {
			t.Run(fmt.Sprintf("%v %v", rtt, loss), func(t *testing.T) {
				l := newLink(1e6, rtt, loss)
				s := &elastic{most: 3e6}
				const each = 30
				for i, rate := range []float64{1e6, 300e3, 900e3, 200e3, 400e3} {
					l.rate = rate
					for l.elapsed() < time.Duration(i+1)*each*time.Second {
						s.run(l)
						probe(l, s.most)
						l.move()
					}
					checkShare(t, l, rate, i*each+5, i*each+10)
					checkShare(t, l, rate, i*each+10, i*each+each)
				}
			})
		}
	}
}

// TestJitter: delays that vary are no queue.
func TestJitter(t *testing.T) {
	l := newLink(1e6, 100*time.Millisecond, 0.01)
	l.jitter = 30 * time.Millisecond
	s := &elastic{most: 3e6}
	for l.elapsed() < 60*time.Second {
		s.run(l)
		probe(l, s.most)
		l.move()
	}
	checkShare(t, l, l.rate, 10, 60)
}

// TestApplicationLimited: an estimate is worth no more than 1.5 times the traffic that tested it, and nobody probes for
// what is not wanted.
func TestApplicationLimited(t *testing.T) {
	l := newLink(10e6, 50*time.Millisecond, 0)
	s := &elastic{most: 600e3}
	for l.elapsed() < 60*time.Second {
		s.run(l)
		if n := l.estimator.Padding(l.now, 500e3); n > 0 && l.estimator.Rate() > 500e3 {
			t.Fatalf("%v: %d bytes of padding", l.elapsed(), n)
		}
		l.move()
	}
	if rate := l.estimator.Rate(); rate > 1.5*600e3 {
		t.Errorf("estimate of %.0f kbit/s from 600", rate/1e3)
	}
}

// TestDown: without feedback less and less is sent; when the link is back it takes 5 s.
func TestDown(t *testing.T) {
	l := newLink(800e3, 100*time.Millisecond, 0.01)
	s := &elastic{most: 3e6}
	run := func(until time.Duration) {
		for l.elapsed() < until {
			s.run(l)
			probe(l, s.most)
			l.move()
		}
	}
	run(20 * time.Second)
	l.loss = 1
	run(25 * time.Second)
	if rate := l.estimator.Rate(); rate > 200e3 {
		t.Errorf("estimate of %.0f kbit/s over a dead link", rate/1e3)
	}
	l.loss = 0.01
	run(50 * time.Second)
	checkShare(t, l, l.rate, 30, 50)
}

// TestLimit: a receiver's own estimate bounds ours.
func TestLimit(t *testing.T) {
	var e bwe.Estimator
	e.Limit(250e3)
	if e.Rate() != 250e3 || !e.Measured(time.Time{}) {
		t.Error(e.Rate())
	}
	e.Limit(0)
	if e.Rate() < 300e3 || e.Rate() > 500e3 {
		t.Errorf("begins with %v", e.Rate())
	}
}

func BenchmarkSent(b *testing.B) {
	var e bwe.Estimator
	now := time.Now()
	for b.Loop() {
		now = now.Add(time.Millisecond)
		e.Sent(now, 1100)
	}
}

// TestLongerWay: a way that becomes longer is no queue for ever.
func TestLongerWay(t *testing.T) {
	for _, longer := range []time.Duration{50 * time.Millisecond, 150 * time.Millisecond} {
		l := newLink(1e6, 20*time.Millisecond, 0.01)
		s := &elastic{most: 3e6}
		for l.elapsed() < 40*time.Second {
			if l.elapsed() == 20*time.Second {
				l.rtt += 2 * longer
			}
			s.run(l)
			probe(l, s.most)
			l.move()
		}
		checkShare(t, l, l.rate, 26, 40)
	}
}
