// Package repair decides which RTP packets of a stream to ask for again (RFC 4585 §6.2.1): the ones that others have
// overtaken, soon, then in longer and longer pauses, until they come or are given up.
//
// An [Asker] is told of every packet that arrives, also of those that come again over RTX, and says what is due. It has no
// clock of its own. Its zero value is ready. It is for one goroutine.
package repair

import (
	"slices"
	"time"
)

const (
	// Overtaken packets often come a little later by themselves.
	firstAfter = 10 * time.Millisecond
	// The pause after the first request, near a usual round trip; each further one is half as long again.
	pauseAtFirst = 60 * time.Millisecond
	pauseAtMost  = 250 * time.Millisecond
	// GiveUp is how long a packet is asked for.
	GiveUp = time.Second
	// What is further behind the newest packet has no reader any more; and a jump that far is another stream's start.
	window = 512
	// Of so many packets missing at once a new key frame is the better cure.
	mostMissing = 256
)

// Asker keeps account of one stream.
type Asker struct {
	// GiveUp is how long a packet is asked for, if that is not [GiveUp].
	GiveUp time.Duration

	started bool
	newest  uint16
	missing []missing // in the order of their numbers
}

type missing struct {
	sequence uint16
	since    time.Time
	due      time.Time
	pause    time.Duration
}

// Got is called with the sequence number of each packet.
func (a *Asker) Got(sequence uint16, now time.Time) {
	switch ahead := int16(sequence - a.newest); {
	case !a.started || ahead > window || ahead < -window:
		a.started, a.newest, a.missing = true, sequence, a.missing[:0]
	case ahead <= 0:
		a.missing = slices.DeleteFunc(a.missing, func(m missing) bool { return m.sequence == sequence })
	default:
		for s := a.newest + 1; s != sequence; s++ {
			a.missing = append(a.missing, missing{s, now, now.Add(firstAfter), pauseAtFirst})
		}
		a.newest = sequence
		if len(a.missing) > mostMissing {
			a.missing = a.missing[:0]
		}
	}
}

// Due appends the numbers to ask for now, and gives up on old ones.
func (a *Asker) Due(now time.Time, into []uint16) []uint16 {
	giveUp := GiveUp
	if a.GiveUp > 0 {
		giveUp = a.GiveUp
	}
	a.missing = slices.DeleteFunc(a.missing, func(m missing) bool { return now.Sub(m.since) > giveUp })
	for i := range a.missing {
		m := &a.missing[i]
		if m.due.After(now) {
			continue
		}
		into = append(into, m.sequence)
		m.due = now.Add(m.pause)
		m.pause = min(pauseAtMost, m.pause*3/2)
	}
	return into
}

// Next is when something is due; false if nothing will be.
func (a *Asker) Next() (next time.Time, ok bool) {
	for _, m := range a.missing {
		if !ok || m.due.Before(next) {
			next, ok = m.due, true
		}
	}
	return next, ok
}
