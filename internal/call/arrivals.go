package call

import "time"

// arrivals remembers when the newest frames were whole: the assembler gives a frame only when the next one begins.
type arrivals struct {
	newest int
	frames [64]struct {
		timestamp uint32
		at        time.Time
	}
}

// note is called with the RTP timestamp of each packet.
func (a *arrivals) note(timestamp uint32, now time.Time) {
	for i := range a.frames {
		if f := &a.frames[i]; f.timestamp == timestamp && !f.at.IsZero() {
			f.at = now
			return
		}
	}
	a.newest = (a.newest + 1) % len(a.frames)
	a.frames[a.newest].timestamp, a.frames[a.newest].at = timestamp, now
}

// of is zero for a frame that is not remembered.
func (a *arrivals) of(timestamp uint32) time.Time {
	for i := range a.frames {
		if f := &a.frames[i]; f.timestamp == timestamp {
			return f.at
		}
	}
	return time.Time{}
}
