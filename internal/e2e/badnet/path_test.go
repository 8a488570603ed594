package badnet

import (
	"math"
	"testing"
	"time"
)

var start = time.Unix(1_000_000, 0)

// Loss has the share that was asked for, and bursts the length.
func TestLoss(t *testing.T) {
	const packets = 200_000
	for _, c := range []Conditions{{Loss: 0.01}, {Loss: 0.1}, {Loss: 0.05, Burst: 4}, {Loss: 0.3, Burst: 10}, {Loss: 1}, {Loss: 1, Burst: 3}, {}} {
		p := newPath(1, 1)
		p.set(c, start)
		gone, runs, before := 0, 0, false
		for range packets {
			_, what := p.send(1000, start)
			if what == lost {
				gone++
				if !before {
					runs++
				}
			}
			before = what == lost
		}
		if share := float64(gone) / packets; math.Abs(share-c.Loss) > 0.1*c.Loss {
			t.Errorf("%+v: lost %v", c, share)
		}
		if length := float64(gone) / float64(runs); c.Burst > 1 && c.Loss < 1 && math.Abs(length-c.Burst) > 0.1*c.Burst {
			t.Errorf("%+v: %v in a row", c, length)
		}
	}
}

// The same seed gives the same fates.
func TestSeed(t *testing.T) {
	fates := func(seed uint64) (all []bool) {
		p := newPath(seed, 0)
		p.set(Conditions{Loss: 0.5}, start)
		for range 100 {
			_, what := p.send(100, start)
			all = append(all, what == passes)
		}
		return all
	}
	same, differ := true, false
	one, again, other := fates(7), fates(7), fates(8)
	for i := range one {
		same = same && one[i] == again[i]
		differ = differ || one[i] != other[i]
	}
	if !same || !differ {
		t.Error(same, differ)
	}
}

// A cap passes its rate, whatever is offered; the queue bounds how long a packet waits; a step takes hold at once.
func TestRate(t *testing.T) {
	p := newPath(1, 1)
	now := start
	offer := func(rate, offered int, length time.Duration, check bool) {
		t.Helper()
		p.set(Conditions{Rate: rate, Queue: 300 * time.Millisecond, Delay: 20 * time.Millisecond}, now)
		size := 1000
		gap := time.Duration(float64(8*size) / float64(offered) * float64(time.Second))
		passed, longest, end := 0, time.Duration(0), now.Add(length)
		for ; now.Before(end); now = now.Add(gap) {
			at, what := p.send(size, now)
			if what == passes && !at.After(end) {
				passed += size + headerBytes
			}
			if what == passes {
				longest = max(longest, at.Sub(now))
			}
		}
		want := min(float64(rate), float64(offered)*1028/1000)
		if got := float64(8*passed) / length.Seconds(); check && math.Abs(got-want) > 0.07*want {
			t.Errorf("%d offered to %d: %v passed", offered, rate, got)
		}
		if check && longest > 300*time.Millisecond+20*time.Millisecond+time.Duration(8*1028*int(time.Second)/rate) {
			t.Errorf("%d offered to %d: waited %v", offered, rate, longest)
		}
	}
	offer(1_000_000, 500_000, 10*time.Second, true)
	offer(1_000_000, 3_000_000, 10*time.Second, true)
	offer(200_000, 3_000_000, time.Second, false) // what waits takes longer
	offer(200_000, 3_000_000, 10*time.Second, true)
	offer(1_000_000, 800_000, time.Second, false)
	offer(1_000_000, 800_000, 10*time.Second, true)
}

// Jitter delays and keeps the order; reordering does not keep it.
func TestOrder(t *testing.T) {
	for name, c := range map[string]Conditions{"jitter": {Delay: 50 * time.Millisecond, Jitter: 30 * time.Millisecond}, "reorder": {Delay: 50 * time.Millisecond, Reorder: 0.02}} {
		p := newPath(3, 3)
		p.set(c, start)
		last, overtook := time.Time{}, 0
		for i := range 10_000 {
			now := start.Add(time.Duration(i) * 4 * time.Millisecond)
			at, _ := p.send(500, now)
			if at.Before(now.Add(c.Delay)) || at.After(now.Add(c.Delay+c.Jitter+overtaken)) {
				t.Fatalf("%s: took %v", name, at.Sub(now))
			}
			if at.Before(last) {
				overtook++
			}
			last = at
		}
		if share := float64(overtook) / 10_000; math.Abs(share-c.Reorder) > 0.3*c.Reorder {
			t.Errorf("%s: %v overtook", name, share)
		}
	}
}

// A line that is down passes nothing, and everything afterwards.
func TestDown(t *testing.T) {
	p := newPath(1, 1)
	p.set(Conditions{Down: true}, start)
	if _, what := p.send(100, start); what != lost {
		t.Error(what)
	}
	p.set(Conditions{}, start)
	if at, what := p.send(100, start); what != passes || at != start {
		t.Error(at, what)
	}
}
