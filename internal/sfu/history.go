package sfu

import (
	"sync"

	"github.com/pion/rtp"
)

// historySize is how many packets of a track can be sent again: a second and a half of 4 Mbit/s. A power of two, since
// sequence numbers wrap.
const historySize = 512

// history keeps the newest packets of a track, once for all its subscribers. One goroutine puts, any may take. The zero
// value is ready; memory comes with the packets.
type history struct {
	mu    sync.RWMutex
	slots [historySize]keptPacket
}

type keptPacket struct {
	number    uint64 // extended; 0: empty
	timestamp uint32
	marker    bool
	payload   []byte
	values    [extensionCount][]byte
}

func (h *history) put(number uint64, packet *rtp.Packet, values *extensionValues) {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := &h.slots[number%historySize]
	if k.number > number {
		return // it came so late that its place is taken
	}
	k.number, k.timestamp, k.marker = number, packet.Timestamp, packet.Marker
	k.payload = append(k.payload[:0], packet.Payload...)
	for e := range values {
		k.values[e] = append(k.values[e][:0], values[e]...)
	}
}

// take copies the packet with that sequence number, if it is still there.
func (h *history) take(sequence uint16, into *keptPacket) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	k := &h.slots[sequence%historySize]
	if k.number == 0 || uint16(k.number) != sequence {
		return false
	}
	into.number, into.timestamp, into.marker = k.number, k.timestamp, k.marker
	into.payload = append(into.payload[:0], k.payload...)
	for e := range k.values {
		into.values[e] = append(into.values[e][:0], k.values[e]...)
	}
	return true
}
