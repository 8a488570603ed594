package sfu

import (
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
)

// TestHistory: whatever came within the span can be taken, up to the limit, and what is older need not be; a slow stream
// keeps few packets and a fast one no more than the limit. Numbers wrap.
func TestHistory(t *testing.T) {
	for rate, slots := range map[int]int{20: historyFirst, 180: 256, 5000: historySize} {
		h, now := &history{}, time.Unix(0, 0)
		var values extensionValues
		const first = 1<<16 + 65000
		for i := range 20 * rate {
			now = now.Add(time.Second / time.Duration(rate))
			number := uint64(first + i)
			h.put(&rewrite.Packet{Number: number}, []byte{byte(i)}, &values, now)
			for _, back := range []int{0, 1, min(rate, historySize) - 2} {
				var k keptPacket
				if want := number - uint64(back); back <= i && (!h.take(want, &k) || k.packet.Number != want || k.payload[0] != byte(i-back)) {
					t.Fatalf("%d a second: packet %d back of %d: got %d", rate, back, i, k.packet.Number)
				}
			}
		}
		if len(h.slots) != slots {
			t.Errorf("%d a second: %d slots, want %d", rate, len(h.slots), slots)
		}
		if h.take(uint64(first+20*rate-historySize-1), &keptPacket{}) {
			t.Errorf("%d a second: something older than all slots", rate)
		}
	}
}
