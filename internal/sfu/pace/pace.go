// Package pace spreads what one receiver is sent over time, where it would fill the queue of a narrow line: key frames above
// all, which are as large as many frames.
//
// A [Pacer] thinks of a line of a certain rate. [Pacer.Pass] says whether a packet may go at once; one that may not is copied
// with [Pacer.Put] and comes out of [Pacer.Next] when its turn is there. Nothing waits while the rate is 0, and what comes no
// faster than the line carries never does. What may not wait is counted with [Pacer.Sent], and others wait the longer.
//
// # Limits
//
// The rate is a wish: packets leave faster if the last of them would wait longer than [Longest]. At most [Most] bytes wait.
// What is left out then, and whether it is a whole frame, is the caller's business, who is warned by [Pacer.Load].
//
// Not safe for concurrent use. No clock of its own.
package pace

import "time"

const (
	// ahead is how far packets may be before the line: the frames of a video come all at once, and no line is so narrow that
	// it has to be protected from one of the usual size.
	ahead = 40 * time.Millisecond

	// tick is the least pause between two turns, so that packets leave in runs.
	tick = 5 * time.Millisecond

	// before is how far they are at most, however slow the line is and whatever does not wait.
	before = 300 * time.Millisecond

	// Longest is how long a packet waits at most: whoever is late by more is better sent to a full queue.
	Longest = 700 * time.Millisecond

	// Most is how many bytes wait at most, and full those from which on no frame should be begun.
	Most = 512 << 10
	full = Most - Most/8

	// long is a wait after which nothing should be added that can be left out.
	long = 150 * time.Millisecond
)

// Load is how much waits.
type Load uint8

// From Long on frames that no other needs should be left out, while Full all.
const (
	Light Load = iota
	Long
	Full
)

func (l Load) String() string { return [...]string{"light", "long", "full"}[l] }

// Pacer paces for one receiver. Its zero value is ready, and lets everything pass.
type Pacer struct {
	rate  float64   // bits a second; 0: nothing waits
	least float64   // at which what waits is gone in time
	free  time.Time // when the line has carried what was sent
	queue queue
	busy  bool // somebody is sending what waited
	shut  bool // was full, and is not half empty yet
}

// SetRate sets the line's rate in bits a second; 0 lets everything pass, and what waits as well.
func (p *Pacer) SetRate(bits float64) {
	p.rate = bits
	if bits == 0 {
		p.free = time.Time{}
	}
}

// Pass reports whether a packet that takes so many bytes of the line may go at once; then it is counted. While others wait it
// may not, so that none is overtaken.
func (p *Pacer) Pass(now time.Time, cost int) bool {
	switch {
	case p.queue.packets > 0 || p.busy:
		return false
	case p.rate == 0:
		return true
	case p.free.Sub(now) > ahead:
		return false
	}
	p.Sent(now, cost)
	return true
}

// Sent counts a packet that waits for nobody.
func (p *Pacer) Sent(now time.Time, cost int) {
	if p.rate == 0 {
		return
	}
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(float64(8*cost) / max(p.rate, p.least) * float64(time.Second)))
	p.bound(now)
}

// Hold takes the line for busy for so long, with what was sent before its rate was known.
func (p *Pacer) Hold(now time.Time, busy time.Duration) {
	if free := now.Add(ahead + busy); p.rate > 0 && free.After(p.free) {
		p.free = free
		p.bound(now)
	}
}

func (p *Pacer) bound(now time.Time) {
	if last := now.Add(before); p.free.After(last) {
		p.free = last
	}
}

// Put makes a packet of that size and cost wait: it returns the place to write it to, nil if there is none. First says that
// nothing waited before, so that somebody has to come back when [Pacer.Due] says.
func (p *Pacer) Put(size, cost int) (b []byte, first bool) {
	if p.queue.cost+cost > Most {
		return nil, false
	}
	first = p.queue.packets == 0 && !p.busy
	b = p.queue.put(size, cost)
	p.least = max(p.least, float64(8*p.queue.cost)/(Longest-before).Seconds())
	p.shut = p.shut || p.queue.cost > full
	return b, first
}

// Next takes the next packet if its turn is there. The caller sends it and asks again; until the answer is nil nobody may pass.
// The packet is valid until the next Put.
func (p *Pacer) Next(now time.Time) []byte {
	p.busy = p.queue.packets > 0 && (p.rate == 0 || p.free.Sub(now) <= ahead)
	if !p.busy {
		return nil
	}
	b, cost := p.queue.take()
	p.Sent(now, cost)
	return b
}

// Due is when to ask for the next one; false: nothing waits.
func (p *Pacer) Due(now time.Time) (after time.Duration, ok bool) {
	if p.queue.packets == 0 {
		p.least, p.shut = 0, false
		p.queue.rest(p.rate == 0)
		return 0, false
	}
	return max(tick, p.free.Sub(now)-ahead), true
}

// Load says how much waits. It is Full until half of that has gone.
func (p *Pacer) Load() Load {
	if p.shut = p.shut && p.queue.cost > Most/2; p.shut {
		return Full
	}
	if p.rate > 0 && float64(8*p.queue.cost) > long.Seconds()*max(p.rate, p.least) {
		return Long
	}
	return Light
}

// Clear forgets what waits.
func (p *Pacer) Clear() { *p = Pacer{} }
