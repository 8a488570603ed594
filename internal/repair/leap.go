package repair

import (
	"slices"
	"time"
)

const (
	// leapAfter is how long a packet before a key frame has been missing when it is given up for it: about a request and its answer.
	leapAfter = 100 * time.Millisecond
	// mostKept packets wait behind a gap.
	mostKept = window
)

// Leap finds the key frame behind a gap from which a picture can go on, so that nobody has to wait for what is missing before
// it: browsers do the same. It is told of every packet that arrives, and keeps those of the newest key frame and behind it while
// something older is missing. P is a packet. Its zero value is ready. It is for one goroutine.
type Leap[P any] struct {
	kept []kept[P] // in the order of their numbers; the first begins a key frame
}

type kept[P any] struct {
	sequence  uint16
	timestamp uint32
	marker    bool
	packet    P
}

// Got is called with each packet, after [Asker.Got]; begins says that a key frame begins with it. It returns the packets to go on
// with, everything before them being given up, when it is time for that.
func (l *Leap[P]) Got(a *Asker, sequence uint16, timestamp uint32, marker, begins bool, packet P, now time.Time) []P {
	k := kept[P]{sequence, timestamp, marker, packet}
	switch {
	case begins && (len(l.kept) == 0 || int16(sequence-l.kept[0].sequence) > 0):
		l.drop()
		l.kept = append(l.kept, k)
	case len(l.kept) == 0 || int16(sequence-l.kept[0].sequence) <= 0:
		return nil
	default:
		l.insert(k)
	}
	first := l.kept[0].sequence
	since, missing := a.oldest(first)
	switch {
	case !missing || len(l.kept) > mostKept:
		if l.whole() || len(l.kept) > mostKept {
			l.drop()
		}
		return nil
	case now.Sub(since) < leapAfter || !l.whole():
		return nil
	}
	a.forget(first)
	var packets []P
	for _, k := range l.kept {
		packets = append(packets, k.packet)
	}
	l.drop()
	return packets
}

func (l *Leap[P]) drop() {
	clear(l.kept)
	l.kept = l.kept[:0]
}

func (l *Leap[P]) insert(k kept[P]) {
	i := len(l.kept)
	for int16(l.kept[i-1].sequence-k.sequence) > 0 {
		i--
	}
	if l.kept[i-1].sequence != k.sequence {
		l.kept = slices.Insert(l.kept, i, k)
	}
}

// whole says whether all packets of the key frame are there.
func (l *Leap[P]) whole() bool {
	for i, k := range l.kept {
		if k.sequence != l.kept[0].sequence+uint16(i) || k.timestamp != l.kept[0].timestamp {
			return false
		}
		if k.marker {
			return true
		}
	}
	return false
}

// oldest is since when a packet before that number is missing; false if none is.
func (a *Asker) oldest(before uint16) (since time.Time, ok bool) {
	if len(a.missing) == 0 || int16(a.missing[0].sequence-before) >= 0 {
		return time.Time{}, false
	}
	return a.missing[0].since, true
}

// forget gives up what is missing before that number.
func (a *Asker) forget(before uint16) {
	a.missing = slices.DeleteFunc(a.missing, func(m missing) bool { return int16(m.sequence-before) < 0 })
}
