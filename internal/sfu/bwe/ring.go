package bwe

import "time"

const (
	// A ring begins small, since most receivers of a large room are sent little, and doubles while it forgets packets
	// that feedback may still tell of.
	ringSmallest = 128
	ringLargest  = 8192 // 1.5 s of 5,400 packets a second
	ringMemory   = 1500 * time.Millisecond
)

// packet is what is remembered of one that was sent.
type packet struct {
	at    uint32 // microseconds, wraps after 71 minutes
	size  uint16
	state packetState
}

type packetState uint8

const (
	packetUnknown packetState = iota
	packetLost
	packetReceived
	packetRepeated // sent once more under its number, before anything was told of it
)

// ring remembers the newest packets by their number.
type ring struct {
	slots []packet
	next  uint64 // number of the next packet
	known uint64 // feedback has told of all before this one
}

func (r *ring) put(at int64, size int) (number uint64) {
	if len(r.slots) == 0 {
		r.slots = make([]packet, ringSmallest)
	}
	if n := uint64(len(r.slots)); r.next >= n && r.next-n >= r.known && n < ringLargest {
		if oldest := r.slots[r.next%n]; uint32(at)-oldest.at < uint32(ringMemory.Microseconds()) {
			r.grow()
		}
	}
	number = r.next
	r.slots[number%uint64(len(r.slots))] = packet{at: uint32(at), size: uint16(min(size, 1<<16-1))}
	r.next++
	return number
}

func (r *ring) grow() {
	old := r.slots
	r.slots = make([]packet, 2*len(old))
	for n := r.next - uint64(len(old)); n < r.next; n++ {
		r.slots[n%uint64(len(r.slots))] = old[n%uint64(len(old))]
	}
}

// find returns the packet with the number that the receiver knows by its last 16 bits; nil if it is forgotten or was
// never sent.
func (r *ring) find(short uint16) (number uint64, p *packet) {
	if r.next == 0 {
		return 0, nil
	}
	behind := uint64(uint16(r.next-1) - short)
	if behind >= r.next || behind >= uint64(len(r.slots)) {
		return 0, nil
	}
	number = r.next - 1 - behind
	return number, &r.slots[number%uint64(len(r.slots))]
}
