package mediacrypt

import (
	"cmp"
	"slices"
	"sync"
)

const (
	// orderMemory is how many frames an Order compares with, and how many in a row it refuses before it believes that
	// the sender's clock has begun anew.
	orderMemory = 64

	// maxLateTicks is how far behind the newest frame's timestamp a frame may still come: 64 frames of 20 ms at the
	// 48 kHz that RTP counts Opus in (RFC 7587 §4.1). What is later than that is not played in its place any more.
	maxLateTicks = orderMemory * 960
)

// Order sees to it that the sound of one source of one sender is played in the order in which it was sealed: timestamps
// decide when a frame is played, the server writes them, and so they must agree with the frames' positions (KID, then
// CTR), which are authenticated. Keep one for each sound source beside the sender's [Opener], not in the track: it must
// outlive tracks. The zero value is ready and safe for concurrent use.
type Order struct {
	mu      sync.Mutex
	started bool
	track   uint64
	floor   *Header                   // the highest position before this track; nil on the first
	recent  [orderMemory]orderedFrame // the highest that this track accepted, in order of position
	n       int
	behind  int // refused in a row, since they lie behind in time though ahead in position
}

type orderedFrame struct {
	position  Header
	timestamp uint32
}

// Accept takes the position and RTP timestamp of a frame that has opened, and the track it came on: a number that is
// new whenever the timestamps begin anew (another receiver, another SSRC). A frame that would be heard out of order is
// [ErrOrder] and changes nothing that was accepted; drop it.
//
//   - On a new track a frame must lie above every position that the tracks before it had.
//   - A frame must be among the 64 highest accepted, at most 1.28 s behind the newest, and above and below exactly
//     those of the 64 that are earlier and later by timestamp (RFC 3550 serials, modulo 2^32). Of frames with the same
//     timestamp the later one must be above.
//   - Timestamps that fall behind for 64 frames in a row while positions rise are a sender's clock that began anew, or
//     that ran more than 2^31 ticks in a pause. They are taken like a new track.
func (o *Order) Accept(position Header, timestamp uint32, track uint64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := orderedFrame{position, timestamp}
	if !o.started || track != o.track {
		if o.started && position.compare(o.highest().position) <= 0 {
			return ErrOrder
		}
		o.begin(f, track)
		return nil
	}
	if o.agrees(f) {
		o.insert(f)
		o.behind = 0
		return nil
	}
	if position.compare(o.highest().position) <= 0 {
		return ErrOrder
	}
	if o.behind++; o.behind < orderMemory {
		return ErrOrder
	}
	o.begin(f, track)
	return nil
}

// highest is only asked once a frame was accepted.
func (o *Order) highest() orderedFrame { return o.recent[o.n-1] }

func (o *Order) begin(f orderedFrame, track uint64) {
	if o.started {
		floor := o.highest().position
		o.floor = &floor
	}
	o.started, o.track, o.behind = true, track, 0
	o.recent[0], o.n = f, 1
}

func (o *Order) agrees(f orderedFrame) bool {
	if o.floor != nil && f.position.compare(*o.floor) <= 0 {
		return false
	}
	if o.n == orderMemory && f.position.compare(o.recent[0].position) < 0 {
		return false
	}
	if late := o.highest().timestamp - f.timestamp; late < 1<<31 && late > maxLateTicks {
		return false
	}
	for _, other := range o.recent[:o.n] {
		above := f.position.compare(other.position)
		if above > 0 && f.timestamp == other.timestamp {
			continue // Firefox begins so; a player takes one of the two
		}
		if above == 0 || above != compareTimestamps(f.timestamp, other.timestamp) {
			return false
		}
	}
	return true
}

// insert keeps the memory in order; the lowest goes when it is full.
func (o *Order) insert(f orderedFrame) {
	if o.n == orderMemory {
		copy(o.recent[:], o.recent[1:])
		o.n--
	}
	at, _ := slices.BinarySearchFunc(o.recent[:o.n], f, func(a, b orderedFrame) int {
		return a.position.compare(b.position)
	})
	copy(o.recent[at+1:o.n+1], o.recent[at:o.n])
	o.recent[at] = f
	o.n++
}

// compare orders frames as their sender sealed them: generation, index, counter.
func (h Header) compare(other Header) int {
	return cmp.Or(cmp.Compare(h.KID, other.KID), cmp.Compare(h.CTR, other.CTR))
}

// compareTimestamps is -1 if a is earlier than b, 1 if it is later, and 0 if they are equal or 2^31 apart, which is
// neither.
func compareTimestamps(a, b uint32) int {
	switch d := a - b; {
	case d == 0 || d == 1<<31:
		return 0
	case d < 1<<31:
		return 1
	}
	return -1
}
