package main

import (
	"math/bits"
	"time"
)

// latencies is a histogram of durations in nanoseconds: 32 steps an octave, so 3 % of error.
type latencies struct {
	count [64 * steps]uint64
	max   time.Duration
}

const steps = 32

func slotOf(d time.Duration) int {
	v := uint64(max(d, 1))
	octave := bits.Len64(v) - 1
	if octave < 5 {
		return int(v)
	}
	return (octave-5)*steps + int(v>>(octave-5))
}

// durationOf is the lower end of a slot.
func durationOf(slot int) time.Duration {
	if slot < 2*steps {
		return time.Duration(slot)
	}
	return time.Duration(slot%steps+steps) << (slot/steps - 1)
}

func (l *latencies) add(d time.Duration) {
	l.count[slotOf(d)]++
	l.max = max(l.max, d)
}

func (l *latencies) merge(other *latencies) {
	for i, n := range other.count {
		l.count[i] += n
	}
	l.max = max(l.max, other.max)
}

// quantile gives 0 where nothing was added.
func (l *latencies) quantile(q float64) time.Duration {
	var total, passed uint64
	for _, n := range l.count {
		total += n
	}
	for slot, n := range l.count {
		if passed += n; n > 0 && float64(passed) >= q*float64(total) {
			return durationOf(slot)
		}
	}
	return 0
}
