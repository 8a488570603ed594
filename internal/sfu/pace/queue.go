package pace

import (
	"encoding/binary"
	"slices"
)

const (
	// kept is how much memory an empty queue keeps.
	kept = 32 << 10
	// head is the packet's size, and what it counts as.
	head = 4
)

// queue is a row of packets in one piece of memory.
type queue struct {
	b       []byte
	first   int // where the first one is
	packets int
	cost    int // of all
}

// put returns the place of a packet of that size at the end.
func (q *queue) put(size, cost int) []byte {
	if q.first > 0 && len(q.b)+head+size > cap(q.b) {
		q.b, q.first = q.b[:copy(q.b, q.b[q.first:])], 0
	}
	q.b = binary.BigEndian.AppendUint16(q.b, uint16(size))
	q.b = binary.BigEndian.AppendUint16(q.b, uint16(cost))
	at := len(q.b)
	q.b = slices.Grow(q.b, size)[:at+size]
	q.packets++
	q.cost += cost
	return q.b[at:]
}

// take returns the first packet, which is valid until the next put or rest, and its cost.
func (q *queue) take() (b []byte, cost int) {
	size := int(binary.BigEndian.Uint16(q.b[q.first:]))
	cost = int(binary.BigEndian.Uint16(q.b[q.first+2:]))
	b = q.b[q.first+head:][:size]
	q.first += head + size
	q.packets--
	q.cost -= cost
	return b, cost
}

// rest is called when nothing waits.
func (q *queue) rest(long bool) {
	q.b, q.first = q.b[:0], 0
	if long || cap(q.b) > kept {
		q.b = nil
	}
}
