package bwe

import "time"

const (
	probeLength  = 80_000 // microseconds
	probePackets = 5      // fewer measure nothing
	probePause   = 3_000_000
	probeAgain   = 150_000 // after one that found room
	probeCalm    = 700_000 // after a decrease
	probeSent    = 0.9     // of the aim must be sent, of what is sent must arrive

	probeFull  = 0.92 // of what arrived if it was less
	probeTrust = 0.9  // of the estimate is left at least by a probe that came through slower
	probeGain  = 1.1  // times the estimate is worth going on

	probeStep     = 1.6 // times the estimate, after one that found none
	probeStepMost = 3
	probeMargin   = 1.15 // over what is wanted
)

// probe sends more than the estimate for a moment, to see how fast it arrives.
type probe struct {
	state       probeState
	aim         float64
	step        float64
	begun, next int64 // next: not before
	first, last uint64
	until       uint64 // what was sent before knew its queue
	bytes       int    // since it began
	packets     int

	sentFirst, sentLast int64
	lastSize            int

	arrivedFirst, arrivedLast int64
	arrivedBytes, firstSize   int
	arrived                   int
}

type probeState uint8

const (
	probeIdle    probeState = iota
	probeSending            // padding is due
	probeWaiting            // for feedback
)

func (p *probe) pending() bool { return p.state != probeIdle }

// disturbed: packets sent during the probe and while its queue lasts, which say nothing about other traffic.
func (p *probe) disturbed(number uint64) bool {
	return p.bytes > 0 && number >= p.first && (p.state != probeIdle || number < p.until)
}

func (p *probe) sent(number uint64, size int, at int64) {
	if p.state != probeSending {
		return
	}
	if p.bytes == 0 {
		p.first, p.sentFirst = number, at
	}
	p.bytes += size
	p.packets++
	p.last, p.sentLast, p.lastSize = number, at, size
}

func (p *probe) received(number uint64, size int, at int64) {
	if p.state == probeIdle || p.bytes == 0 || number < p.first || number > p.last {
		return
	}
	if p.arrived == 0 {
		p.arrivedFirst, p.arrivedLast, p.firstSize = at, at, size
	}
	p.arrived++
	p.arrivedBytes += size
	p.arrivedFirst, p.arrivedLast = min(p.arrivedFirst, at), max(p.arrivedLast, at)
}

// found is what a probe measured.
type found struct {
	rate float64 // 0: nothing
	room bool    // all of what was sent came through
}

// result ends the probe when feedback has had its time.
func (p *probe) result(at, response int64, next uint64, loss float64) (found, bool) {
	if p.state != probeWaiting || at-p.sentLast < response+100_000 {
		return found{}, false
	}
	p.state, p.until = probeIdle, next
	arriving, sending := p.arrivedLast-p.arrivedFirst, p.sentLast-p.sentFirst
	if p.arrived < probePackets || sending <= 0 || arriving <= 0 {
		p.after(at, false)
		return found{}, true
	}
	sent := float64(p.bytes-p.lastSize) * 8e6 / float64(sending)
	came := float64(p.arrivedBytes-p.firstSize) * 8e6 / float64(arriving)
	f := found{rate: min(sent, came), room: came > probeSent*(1-loss)*sent}
	return f, true
}

func (p *probe) after(at int64, room bool) {
	p.next, p.step = at+probePause, probeStep
	if room {
		p.next, p.step = at+probeAgain, probeStepMost
	}
}

// probed takes the result.
func (e *Estimator) probed(at int64, f found) {
	e.trend.reset()
	if f.rate == 0 {
		return
	}
	e.probe.after(at, f.rate > probeGain*e.rate)
	if !f.room {
		e.learnCapacity(f.rate)
		e.rate = min(e.rate, max(probeTrust*e.rate, growthFull*f.rate))
		f.rate *= probeFull
	} else if f.rate > e.capacity {
		e.capacity = 0
	}
	e.rate = min(most, max(e.rate, f.rate))
}

// Padding is how many bytes of padding to send now, most often none. wanted is the rate that would be made use of; call
// it every 10 to 20 ms while that is above the estimate.
func (e *Estimator) Padding(now time.Time, wanted float64) int {
	at, p := e.micros(now), &e.probe
	switch {
	case !e.started:
		return 0
	case e.silent > 0:
		if at-e.last >= silenceLook {
			return 1
		}
		return 0
	case p.state == probeWaiting:
		if at-p.sentLast > silence+e.response {
			p.state = probeIdle
			p.after(at, false)
		}
		return 0
	case p.state == probeIdle:
		if wanted <= e.Rate() || !e.calm(at) {
			return 0
		}
		*p = probe{state: probeSending, begun: at, step: p.step, aim: min(wanted*probeMargin, max(p.step, probeStep)*e.Rate())}
	case at-p.begun >= probeLength && p.packets > probePackets:
		p.state = probeWaiting
		return 0
	}
	return max(0, int(p.aim*float64(at-p.begun+10_000)/8e6)-p.bytes)
}

// Probing reports that padding is due again soon.
func (e *Estimator) Probing() bool { return e.probe.state == probeSending }

// Rising reports that more will be known in a moment: the last probe found room and another one follows, or is under way.
func (e *Estimator) Rising(now time.Time) bool {
	p := &e.probe
	return p.step == probeStepMost && (p.pending() || e.micros(now) < p.next+probeAgain)
}

// calm: nothing happens that would be mistaken for the effect of a probe.
func (e *Estimator) calm(at int64) bool {
	quiet := at-e.fed > silence+e.response // whatever the queue was, it is gone
	return at >= e.probe.next && (e.decreased == 0 || at-e.decreased >= probeCalm) &&
		(quiet || e.trend.state() != usageOver && e.trend.queue() < queueHold)
}
