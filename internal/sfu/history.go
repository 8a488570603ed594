package sfu

import (
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
)

const (
	// historySize is how many packets of a track can be sent again, at most and at first. Powers of two, since sequence
	// numbers wrap.
	historySize  = 512
	historyFirst = 64
	// historySpan is how far back a request can reach: a packet of a longer ago is too late for any picture.
	historySpan = time.Second
)

// history keeps the newest packets of a track, once for all its subscribers: as many as came in historySpan. One goroutine
// puts, any may take. The zero value is ready; memory comes with the packets.
type history struct {
	mu    sync.RWMutex
	slots []keptPacket
}

type keptPacket struct {
	packet  rewrite.Packet // its Number is 0 where there is none
	at      time.Time
	payload []byte
	values  [extensionCount][]byte
}

func (h *history) put(packet *rewrite.Packet, payload []byte, values *extensionValues, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.slot(packet.Number)
	if k == nil || k.packet.Number != 0 && k.packet.Number < packet.Number && now.Sub(k.at) < historySpan && len(h.slots) < historySize {
		h.grow()
		k = h.slot(packet.Number)
	}
	if k.packet.Number > packet.Number {
		return // it came so late that its place is taken
	}
	k.packet, k.at = *packet, now
	k.payload = append(k.payload[:0], payload...)
	for e := range values {
		k.values[e] = append(k.values[e][:0], values[e]...)
	}
}

func (h *history) slot(number uint64) *keptPacket {
	if len(h.slots) == 0 {
		return nil
	}
	return &h.slots[number%uint64(len(h.slots))]
}

func (h *history) grow() {
	old := h.slots
	h.slots = make([]keptPacket, max(historyFirst, 2*len(old)))
	for _, k := range old {
		if k.packet.Number != 0 {
			*h.slot(k.packet.Number) = k
		}
	}
}

// take copies the packet with that extended sequence number, if it is still there.
func (h *history) take(number uint64, into *keptPacket) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	k := h.slot(number)
	if k == nil || k.packet.Number != number {
		return false
	}
	into.packet = k.packet
	into.payload = append(into.payload[:0], k.payload...)
	for e := range k.values {
		into.values[e] = append(into.values[e][:0], k.values[e]...)
	}
	return true
}
