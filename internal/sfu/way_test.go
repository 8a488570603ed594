package sfu

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/sfu/allot"
)

func marshal(t testing.TB, packets ...rtcp.Packet) []byte {
	t.Helper()
	b, err := rtcp.Marshal(packets)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestReadsTheWay: feedback and estimates are found between other reports.
func TestReadsTheWay(t *testing.T) {
	feedback := &rtcp.TransportLayerCC{
		Header:            rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 5},
		PacketStatusCount: 1,
		PacketChunks:      []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: 1, RunLength: 1}},
		RecvDeltas:        []*rtcp.RecvDelta{{Type: 1, Delta: 250}},
	}
	b := marshal(t, &rtcp.ReceiverReport{SSRC: 1}, feedback, &rtcp.PictureLossIndication{MediaSSRC: 2},
		&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 250_000, SSRCs: []uint32{2}})
	told, limit := 0, 0.0
	readWay(b, func([]byte) { told++ }, func(bits float64) { limit = bits })
	if told != 1 || limit < 240_000 || limit > 250_000 {
		t.Errorf("%d, %v", told, limit)
	}
	for n := range b {
		readWay(b[:n], func([]byte) {}, func(float64) {})
	}
}

func FuzzWay(f *testing.F) {
	f.Add(marshal(f, &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 250_000, SSRCs: []uint32{2}}))
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0x20, 9, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var w way
		now := time.Unix(1, 0)
		for range 20 {
			now = now.Add(20 * time.Millisecond)
			_, _, _ = w.admit(&rtp.Header{}, make([]byte, 1000), 1, classAgain, now)
			w.receive(b, now)
			w.mayRepair(now, 1000)
		}
		if room, _, _ := w.room(now); room.Bits != room.Bits {
			t.Error("not a number")
		}
	})
}

// TestRepairHasItsShare: whoever asks for everything again is not sent more than a quarter of what the way carries.
func TestRepairHasItsShare(t *testing.T) {
	var w way
	now := time.Unix(1, 0)
	for range 50 {
		if !w.mayRepair(now, 1000) {
			t.Fatal("bounded before anything is known of the way")
		}
	}
	_, _, _ = w.admit(&rtp.Header{}, make([]byte, 1000), 1, classAgain, now)
	w.receive([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0x20, 1, 1, 0}, now)
	if !w.estimator.Fed() {
		t.Fatal("the feedback was not understood")
	}
	again := 0
	const seconds = 10
	for range seconds * 1000 {
		now = now.Add(time.Millisecond)
		if w.mayRepair(now, 1000) {
			again++
		}
	}
	if bits := float64(again) * 1064 * 8 / seconds; bits > 1.1*repairShare*w.estimator.Rate() || bits < 0.9*repairShare*w.estimator.Rate() {
		t.Errorf("%.0f bit/s again, of %.0f", bits, w.estimator.Rate())
	}
}

// TestChosen: the last option of a size stands for all its temporal layers.
func TestChosen(t *testing.T) {
	options := []allot.Option{{Spatial: 0, Temporal: 0}, {Spatial: 0, Temporal: 1}, {Spatial: 1, Temporal: 0}, {Spatial: 1, Temporal: 1}}
	for choice, want := range map[int]layerChoice{allot.Paused: noLayers, 0: {0, 0}, 1: {0, 127}, 2: {1, 0}, 3: {1, 127}} {
		if got := chosen(&allot.Track[*downTrack]{Options: options, Choice: choice}); got != want {
			t.Errorf("%d: %v, want %v", choice, got, want)
		}
	}
}

// TestNumbersCostNothing: neither the number nor its record allocates.
func TestNumbersCostNothing(t *testing.T) {
	p := &Peer{sub: &subscriber{}}
	d := &downTrack{subscriber: p, up: &upTrack{codec: codecNamed("vp8")}, numbers: 3, writer: void{}}
	now := time.Now()
	h, payload := &d.header, make([]byte, 1000)
	send := func() {
		now = now.Add(10 * time.Millisecond)
		*h = rtp.Header{Version: 2, Extensions: d.values[:0]}
		_ = d.send(h, payload, classPicture, now)
	}
	send()
	first := h.GetExtension(3)
	if len(first) != 2 || first[0] != 0 || first[1] != 0 {
		t.Fatalf("number %x", first)
	}
	send()
	if second := h.GetExtension(3); second[1] != 1 {
		t.Errorf("number %x", second)
	}
	if n := testing.AllocsPerRun(1000, send); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
