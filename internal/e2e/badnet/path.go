package badnet

import (
	"math/rand/v2"
	"time"
)

const (
	// DefaultQueue is how long packets may wait for a capped line before more are dropped: the buffer of a usual router.
	DefaultQueue = 200 * time.Millisecond

	// overtaken is by how much a packet that loses its place is late: a few packets of video at 1 Mbit/s.
	overtaken = 25 * time.Millisecond

	headerBytes = 20 + 8 // IPv4 and UDP
)

// Conditions of one direction of a [Link]. The zero value is a perfect line.
type Conditions struct {
	Loss    float64       // share of packets that are lost, 0 to 1
	Burst   float64       // how many are lost in a row, on average; up to 1: each by its own chance
	Rate    int           // bit/s, headers included; 0: no cap
	Queue   time.Duration // waiting at the cap before packets are dropped; 0: DefaultQueue
	Delay   time.Duration // one way
	Jitter  time.Duration // more delay, evenly from 0 to this; packets keep their order
	Reorder float64       // share of packets that those behind them overtake
	Down    bool          // nothing passes
}

// fate is what becomes of a packet.
type fate uint8

const (
	passes  fate = iota
	lost         // by chance, or since the line is down
	dropped      // since the queue is full
)

// path decides about one direction. Time and chance come in, so it is the same in every clock.
type path struct {
	conditions Conditions
	random     *rand.Rand
	bad        bool      // inside a burst of losses
	free       time.Time // when the line has sent what waits
	last       time.Time // arrival of the last packet that kept its place
}

func newPath(seed, stream uint64) *path { return &path{random: rand.New(rand.NewPCG(seed, stream))} }

// set changes the conditions. What waits goes on at the new rate.
func (p *path) set(c Conditions, now time.Time) {
	if waits := p.free.Sub(now); waits > 0 && p.conditions.Rate > 0 && c.Rate > 0 {
		p.free = now.Add(time.Duration(float64(waits) * float64(p.conditions.Rate) / float64(c.Rate)))
	} else if c.Rate == 0 {
		p.free = now
	}
	p.conditions = c
}

// send says when a packet of so many bytes arrives that is sent now, if it does.
func (p *path) send(size int, now time.Time) (at time.Time, what fate) {
	c := &p.conditions
	if c.Down || p.loses() {
		return at, lost
	}
	at = now
	if c.Rate > 0 {
		queue := c.Queue
		if queue == 0 {
			queue = DefaultQueue
		}
		if p.free.Sub(now) > queue {
			return at, dropped
		}
		if p.free.Before(now) {
			p.free = now
		}
		bits := 8 * (size + headerBytes)
		p.free = p.free.Add(time.Duration(float64(bits) / float64(c.Rate) * float64(time.Second)))
		at = p.free
	}
	at = at.Add(c.Delay)
	if c.Jitter > 0 {
		at = at.Add(time.Duration(p.random.Int64N(int64(c.Jitter))))
	}
	if c.Reorder > 0 && p.random.Float64() < c.Reorder {
		return at.Add(overtaken), passes
	}
	if at.Before(p.last) {
		at = p.last
	}
	p.last = at
	return at, passes
}

// loses draws a packet's luck. Bursts are the model of Gilbert: a good state, where nothing is lost, and a bad one, where
// everything is.
func (p *path) loses() bool {
	c := &p.conditions
	if c.Loss <= 0 {
		p.bad = false
		return false
	}
	if c.Burst <= 1 || c.Loss >= 1 {
		return p.random.Float64() < c.Loss
	}
	leave := 1 / c.Burst
	if p.bad {
		p.bad = p.random.Float64() >= leave
	} else {
		p.bad = p.random.Float64() < c.Loss*leave/(1-c.Loss)
	}
	return p.bad
}
