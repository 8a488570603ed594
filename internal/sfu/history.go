package sfu

import (
	"sync"

	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
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
	packet  rewrite.Packet // its Number is 0 where there is none
	payload []byte
	values  [extensionCount][]byte
}

func (h *history) put(packet *rewrite.Packet, payload []byte, values *extensionValues) {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := &h.slots[packet.Number%historySize]
	if k.packet.Number > packet.Number {
		return // it came so late that its place is taken
	}
	k.packet = *packet
	k.payload = append(k.payload[:0], payload...)
	for e := range values {
		k.values[e] = append(k.values[e][:0], values[e]...)
	}
}

// take copies the packet with that extended sequence number, if it is still there.
func (h *history) take(number uint64, into *keptPacket) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	k := &h.slots[number%historySize]
	if k.packet.Number != number {
		return false
	}
	into.packet = k.packet
	into.payload = append(into.payload[:0], k.payload...)
	for e := range k.values {
		into.values[e] = append(into.values[e][:0], k.values[e]...)
	}
	return true
}
