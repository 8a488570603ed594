package pace

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// line drives a Pacer in virtual time, as a sender with a timer does.
type line struct {
	t     *testing.T
	now   time.Time
	due   time.Time // of the timer; zero: not set
	pacer Pacer
	left  []departure
}

type departure struct {
	at   time.Time
	size int
	mark byte // of which it consists
}

var start = time.Unix(1_000_000, 0)

func newLine(t *testing.T, rate float64) *line {
	l := &line{t: t, now: start}
	l.pacer.SetRate(rate)
	return l
}

// offer reports whether a packet was taken.
func (l *line) offer(mark byte, size int) bool {
	if l.pacer.Pass(l.now, size) {
		l.left = append(l.left, departure{l.now, size, mark})
		return true
	}
	b, first := l.pacer.Put(size, size)
	if b == nil {
		return false
	}
	if len(b) != size {
		l.t.Fatalf("%d bytes of room for %d", len(b), size)
	}
	for i := range b {
		b[i] = mark
	}
	if first != l.due.IsZero() {
		l.t.Fatalf("first: %v", first)
	}
	if first {
		l.arm()
	}
	return true
}

func (l *line) arm() {
	l.due = time.Time{}
	if after, ok := l.pacer.Due(l.now); ok {
		l.due = l.now.Add(after)
	}
}

// until lets time pass.
func (l *line) until(end time.Time) {
	for !l.due.IsZero() && !l.due.After(end) {
		l.now = l.due
		for b := l.pacer.Next(l.now); b != nil; b = l.pacer.Next(l.now) {
			if !bytes.Equal(b, bytes.Repeat(b[:1], len(b))) {
				l.t.Fatal("a packet has changed while it waited")
			}
			l.left = append(l.left, departure{l.now, len(b), b[0]})
		}
		l.arm()
	}
	l.now = end
}

// most is the largest number of bits that left within so long.
func (l *line) most(span time.Duration) (most float64) {
	for i, d := range l.left {
		sum := 0.0
		for _, other := range l.left[i:] {
			if other.at.Sub(d.at) < span {
				sum += float64(8 * other.size)
			}
		}
		most = max(most, sum)
	}
	return most
}

// TestWhatTheLineCarriesNeverWaits: the frames of a video of nine tenths of the rate, however they fall into packets.
func TestWhatTheLineCarriesNeverWaits(t *testing.T) {
	for _, rate := range []float64{0, 200e3, 1e6, 20e6} {
		l := newLine(t, rate)
		frame := int(0.9 * rate / 8 / 30)
		if rate == 0 {
			frame = 1e6
		}
		for i := range 300 {
			l.until(start.Add(time.Duration(i) * time.Second / 30))
			for rest := frame; rest > 0; rest -= 1100 {
				l.offer(byte(i), min(rest, 1100))
			}
			if !l.due.IsZero() {
				t.Fatalf("%.0f bit/s: frame %d waits", rate, i)
			}
		}
	}
}

// TestKeyFrame: one that is larger than the line carries at once leaves as fast as the line carries it, in order.
func TestKeyFrame(t *testing.T) {
	const rate, packets, size = 400e3, 18, 1000
	l := newLine(t, rate)
	for i := range packets {
		l.offer(byte(i), size)
	}
	l.until(start.Add(time.Second))
	if len(l.left) != packets || !slices.IsSortedFunc(l.left, func(a, b departure) int { return int(a.mark) - int(b.mark) }) {
		t.Fatalf("left: %v", l.left)
	}
	took := l.left[packets-1].at.Sub(start)
	if all := time.Duration(packets * size * 8 / rate * 1e9); took > all || took < all-2*ahead {
		t.Errorf("took %v of %v", took, all)
	}
	if most := l.most(100 * time.Millisecond); most > rate*0.1+rate*ahead.Seconds()+2*8*size {
		t.Errorf("%.0f bits within 100 ms", most)
	}
}

// TestLongest: nothing waits longer, whatever the rate is and becomes meanwhile.
func TestLongest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, rate := range []float64{10e3, 100e3, 1e6} {
		l := newLine(t, rate)
		n, put := 0, []time.Time{}
		for range 2000 {
			l.until(l.now.Add(time.Duration(random.IntN(20)) * time.Millisecond))
			for range random.IntN(1 + random.IntN(20)) {
				if l.offer(byte(n), 100+random.IntN(1000)) {
					put = append(put, l.now)
					n++
				}
			}
			if random.IntN(50) == 0 {
				l.pacer.SetRate(rate * (0.2 + random.Float64()))
			}
		}
		l.until(l.now.Add(2 * Longest))
		if len(l.left) != n {
			t.Fatalf("%d of %d left", len(l.left), n)
		}
		for i, d := range l.left {
			if d.mark != byte(i) {
				t.Fatalf("%.0f bit/s: packet %d was overtaken", rate, i)
			}
			if waited := d.at.Sub(put[i]); waited > Longest+ahead+tick {
				t.Fatalf("%.0f bit/s: packet %d waited %v", rate, i, waited)
			}
		}
	}
}

// TestNothingOvertakes: while one that waited is on its way out, nobody passes.
func TestNothingOvertakes(t *testing.T) {
	l := newLine(t, 100e3)
	for l.pacer.Pass(l.now, 1000) {
	}
	put := func(text string) (first bool) {
		b, first := l.pacer.Put(1000, 1000)
		copy(b, text)
		return first
	}
	if !put("first") {
		t.Error("not the first")
	}
	l.now = l.now.Add(time.Second)
	if b := l.pacer.Next(l.now); string(b[:5]) != "first" {
		t.Fatalf("%q", b)
	}
	if l.pacer.Pass(l.now, 10) {
		t.Error("overtakes one that is being sent")
	}
	if put("second") {
		t.Error("whoever sends the first one comes back by himself")
	}
	if b := l.pacer.Next(l.now); b != nil {
		l.now = l.now.Add(time.Second)
	} else if b = l.pacer.Next(l.now.Add(time.Second)); b == nil || string(b[:6]) != "second" {
		t.Fatalf("%q", b)
	}
	if l.pacer.Next(l.now.Add(2*time.Second)) != nil || !l.pacer.Pass(l.now.Add(2*time.Second), 10) {
		t.Error("nothing waits any more")
	}
}

// TestNoRate: what waits goes at once when there is no reason any more.
func TestNoRate(t *testing.T) {
	l := newLine(t, 50e3)
	for i := range 20 {
		l.offer(byte(i), 1000)
	}
	l.pacer.SetRate(0)
	l.until(start.Add(before))
	if len(l.left) != 20 || !l.pacer.Pass(l.now, 1e6) || l.pacer.queue.b != nil {
		t.Errorf("%d left", len(l.left))
	}
}

// TestBound: a flood finds an end, and the queue takes nothing more until half of it is gone.
func TestBound(t *testing.T) {
	l := newLine(t, 1e3)
	for l.pacer.Pass(l.now, 1000) {
	}
	if l.pacer.Load() != Light {
		t.Error(l.pacer.Load())
	}
	n := 0
	for ; l.offer(0, 1000); n++ {
		if n == 0 && l.pacer.Load() == Full {
			t.Fatal("full at once")
		}
	}
	if n != Most/1000 || l.pacer.Load() != Full {
		t.Errorf("%d packets wait: %v", n, l.pacer.Load())
	}
	for l.pacer.queue.cost > Most/2 {
		if l.pacer.Load() != Full {
			t.Fatalf("%v with %d bytes", l.pacer.Load(), l.pacer.queue.cost)
		}
		l.until(l.now.Add(tick))
	}
	if l.pacer.Load() != Long {
		t.Error(l.pacer.Load())
	}
	l.until(l.now.Add(Longest))
	if l.pacer.Load() != Light || cap(l.pacer.queue.b) > kept {
		t.Errorf("%v, %d bytes kept", l.pacer.Load(), cap(l.pacer.queue.b))
	}
	l.offer(0, 1000)
	l.pacer.Clear()
	if _, ok := l.pacer.Due(l.now); ok {
		t.Error("something waits")
	}
}

// TestQueue: held against a slice of slices.
func TestQueue(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var q queue
	var plain [][]byte
	total := 0
	for i := range 20_000 {
		if random.IntN(1+len(plain)/10) < 2 {
			size := random.IntN(1500)
			b := q.put(size, size+1)
			for j := range b {
				b[j] = byte(i + j)
			}
			plain = append(plain, bytes.Clone(b))
			total += len(b) + 1
		} else {
			b, cost := q.take()
			if !bytes.Equal(b, plain[0]) || cost != len(b)+1 {
				t.Fatalf("at %d: %d bytes for %d", i, len(b), len(plain[0]))
			}
			total -= cost
			plain = plain[1:]
		}
		if q.packets != len(plain) || q.cost != total {
			t.Fatalf("%d packets of %d, cost %d of %d", q.packets, len(plain), q.cost, total)
		}
		if len(plain) == 0 {
			q.rest(false)
		}
	}
}

// TestCostsNothing: neither to pass nor, once the queue has its memory, to wait.
func TestCostsNothing(t *testing.T) {
	l := newLine(t, 0)
	if n := testing.AllocsPerRun(100, func() { l.pacer.Pass(l.now, 1000) }); n > 0 {
		t.Errorf("%v allocations to pass", n)
	}
	p := &l.pacer
	p.SetRate(1e6)
	burst := func() {
		for range 20 {
			if !p.Pass(l.now, 1000) {
				p.Put(1000, 1044)
			}
		}
		for {
			for p.Next(l.now) != nil {
			}
			after, ok := p.Due(l.now)
			if !ok {
				break
			}
			l.now = l.now.Add(after)
		}
	}
	burst()
	if n := testing.AllocsPerRun(100, burst); n > 0 {
		t.Errorf("%v allocations a burst", n)
	}
}

func BenchmarkPass(b *testing.B) {
	var p Pacer
	now := time.Now()
	for b.Loop() {
		p.Pass(now, 1000)
	}
}
