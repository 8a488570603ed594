package sfu

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/sfu/bwe"
	"github.com/grotto-meet/grotto/internal/sfu/pace"
)

const numbersID = 3 // of the extension with the transport-wide number

// sentAt is a packet that left, and when.
type sentAt struct {
	rtp.Packet
	number uint16 // transport-wide
	at     time.Duration
}

// narrow is a subscriber with a video on a line that is known to be narrow.
type narrow struct {
	began    time.Time
	up       *upTrack
	down     *downTrack
	asked    atomic.Int32 // key frames
	sequence uint16
	time     uint32

	mu   sync.Mutex
	sent []sentAt
}

func newNarrow(t *testing.T, codec string, rate float64) *narrow {
	n := &narrow{began: time.Now()}
	s := &SFU{}
	n.up = newUpTrack(&Peer{id: "A", sfu: s, news: newNews()}, UpTrack{MID: "0", Label: "track", Codec: codec}, func(*upStream) { n.asked.Add(1) })
	t.Cleanup(n.up.end)
	peer := newPeer(s, "B", Callbacks{})
	t.Cleanup(peer.sub.way.clear)
	peer.sub.way.pacing.out = n
	peer.sub.way.pacer.SetRate(rate)
	n.down = newDownTrack(n.up, peer)
	n.down.writer, n.down.open, n.down.ssrc, n.down.numbers = n, true, 7, numbersID
	n.up.attach(n.down)
	return n
}

func (n *narrow) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	number := h.GetExtension(numbersID)
	n.sent = append(n.sent, sentAt{rtp.Packet{Header: h.Clone(), Payload: append([]byte{}, payload...)}, uint16(number[0])<<8 | uint16(number[1]), time.Since(n.began)})
	return len(payload), nil
}

func (n *narrow) Write([]byte) (int, error) { panic("not used") }

// take returns what has left since the last time.
func (n *narrow) take() []sentAt {
	n.mu.Lock()
	defer n.mu.Unlock()
	sent := n.sent
	n.sent = nil
	return sent
}

// frame brings in VP8 of so many packets of 1,000 bytes.
func (n *narrow) frame(packets int, key bool, temporal byte) {
	n.time += 3000
	for i := range packets {
		n.sequence++
		payload := make([]byte, 1000)
		copy(payload, []byte{0x80, 0xe0, 0x80 | byte(n.time/3000>>8)&0x7f, byte(n.time / 3000), 0, temporal<<6 | 0x20, 1, byte(n.sequence)})
		if i == 0 {
			payload[0] |= 0x10
		}
		if key {
			payload[6] = 0
		}
		n.up.streams[0].forward(&rtp.Packet{Header: rtp.Header{Version: 2, Marker: i == packets-1, SequenceNumber: n.sequence, Timestamp: n.time}, Payload: payload}, extensionValues{})
	}
}

// TestKeyFramesArePaced: one leaves as fast as the line carries it, under numbers that say when it left, whole and in order.
func TestKeyFramesArePaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, packets = 400e3, 20
		n := newNarrow(t, "vp8", rate)
		n.frame(packets, true, 0)
		time.Sleep(time.Second)
		n.frame(1, false, 0)
		synctest.Wait()
		sent := n.take()
		if len(sent) != packets+1 {
			t.Fatalf("%d packets left", len(sent))
		}
		for i, p := range sent {
			if p.SequenceNumber != uint16(i+1) || p.number != uint16(i) || p.Payload[7] != byte(i+1) || p.SSRC != 7 || len(p.Payload) != 1000 || p.Marker != (i >= packets-1) {
				t.Errorf("packet %d: %v, number %d", i, p.Header, p.number)
			}
		}
		all := time.Duration(packets * (1000 + packetCost + bwe.Overhead) * 8 / rate * 1e9)
		if last := sent[packets-1].at; last < all-100*time.Millisecond || last > all {
			t.Errorf("the last one left after %v of %v", last, all)
		}
		if sent[packets].at != time.Second {
			t.Errorf("a usual frame waits: %v", sent[packets].at)
		}
		if load := pace.Load(n.down.subscriber.sub.way.pacing.load.Load()); load != pace.Light {
			t.Errorf("afterwards it is %v", load)
		}
	})
}

// TestFewerPicturesWhileManyWait: those that no others need are left out meanwhile, without a gap.
func TestFewerPicturesWhileManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNarrow(t, "vp8", 300e3)
		n.frame(15, true, 0)
		left := map[byte]int{}
		for i := range 60 {
			time.Sleep(time.Second / 30)
			n.frame(1, false, byte(i%2))
		}
		time.Sleep(time.Second)
		for i, p := range n.take() {
			if p.SequenceNumber != uint16(i+1) {
				t.Fatalf("packet %d is number %d", i, p.SequenceNumber)
			}
			if p.at < 200*time.Millisecond {
				continue
			}
			left[p.Payload[5]>>6]++
		}
		if left[1] == 0 || left[1] > left[0]-3 {
			t.Errorf("left by temporal layer: %v", left)
		}
		if n.asked.Load() > 1 {
			t.Errorf("asked for %d key frames", n.asked.Load())
		}
	})
}

// TestFloodEnds: a publisher that sends without end is sent on up to the end of a picture, and then from a key frame on.
func TestFloodEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNarrow(t, "vp8", 100e3)
		n.frame(2, true, 0)
		for range 200 {
			n.frame(10, false, 0)
		}
		time.Sleep(time.Second)
		n.frame(3, false, 0) // cannot be decoded any more
		n.frame(3, true, 0)
		n.frame(3, false, 0)
		time.Sleep(time.Second)
		sent := n.take()
		if most := pace.Most/1000 + 100; len(sent) > most || len(sent) < most/2 {
			t.Fatalf("%d packets left", len(sent))
		}
		for i, p := range sent {
			if p.SequenceNumber != uint16(i+1) {
				t.Fatalf("packet %d is number %d", i, p.SequenceNumber)
			}
		}
		if end := sent[len(sent)-7]; !end.Marker || sent[len(sent)-6].Payload[6] != 0 {
			t.Errorf("the last picture has no end, or no key frame follows: %v", end.Header)
		}
		if n.asked.Load() == 0 {
			t.Error("asked for no key frame")
		}
		if out := n.down.subscriber.sfu.Stats().PacketsLeftOut; out < 1000 {
			t.Errorf("%d packets are counted that were left out", out)
		}
	})
}

// TestSoundDoesNotWait: neither for pictures, nor for itself.
func TestSoundDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNarrow(t, "opus", 10e3)
		for i := range 50 {
			n.up.streams[0].forward(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i)}, Payload: make([]byte, 100)}, extensionValues{})
		}
		if sent := n.take(); len(sent) != 50 {
			t.Errorf("%d packets left", len(sent))
		}
	})
}

// TestNothingLeavesAfterTheEnd: what waits when a subscriber leaves is forgotten.
func TestNothingLeavesAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNarrow(t, "vp8", 100e3)
		n.frame(20, true, 0)
		w := &n.down.subscriber.sub.way
		w.clear()
		n.take()
		time.Sleep(time.Second)
		if sent := n.take(); len(sent) > 0 {
			t.Errorf("%d packets left that had waited", len(sent))
		}
		w.pacer.SetRate(100e3)
		n.frame(20, false, 0)
		n.take()
		time.Sleep(time.Second)
		if sent := n.take(); len(sent) > 0 {
			t.Errorf("%d packets left that came too late to wait", len(sent))
		}
	})
}

// TestPacingCostsNothing: once there was a burst, the next one allocates nothing.
func TestPacingCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // so that the timer never fires
		n := newNarrow(t, "vp8", 100e3)
		w := &n.down.subscriber.sub.way
		h, payload, now := &n.down.header, make([]byte, 1000), time.Now()
		burst := func() {
			for range 20 {
				*h = rtp.Header{Version: 2, Extensions: n.down.values[:0]}
				if _, _, err := w.admit(h, payload, numbersID, classPicture, now); err != nil {
					t.Fatal(err)
				}
			}
			now = now.Add(time.Second)
			for ok := true; ok; {
				_, _, ok = w.leave(now)
			}
		}
		burst()
		if allocs := testing.AllocsPerRun(100, burst); allocs > 0 {
			t.Errorf("%v allocations a burst", allocs)
		}
	})
}
