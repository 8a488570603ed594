package bwe

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

type told struct {
	number   uint16
	received bool
	at       int64
}

func read(t testing.TB, b []byte) ([]told, error) {
	t.Helper()
	r, err := readReport(b)
	if err != nil {
		return nil, err
	}
	var all []told
	err = r.each(func(number uint16, received bool, at int64) {
		all = append(all, told{number, received, at + int64(r.reference)*referenceUnit})
	})
	return all, err
}

// TestAgainstRecorder: what another implementation says of random arrivals is read as it was meant.
func TestAgainstRecorder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		recorder := twcc.NewRecorder(1)
		arrivals := map[uint16]int64{}
		first := uint16(random.Uint32())
		at := int64(1e9)
		last := 0
		for i := range 1 + random.IntN(300) {
			if i > 0 && random.IntN(4) == 0 {
				continue
			}
			at += int64(random.IntN([]int{1000, 100_000}[random.IntN(2)]))
			recorder.Record(2, first+uint16(i), at)
			arrivals[first+uint16(i)], last = at, i
		}
		seen := 0
		for _, p := range recorder.BuildFeedbackPacket() {
			b, err := p.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			all, err := read(t, b)
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range all {
				want, received := arrivals[got.number]
				if got.received != received || received && (got.at-want > deltaUnit || want-got.at > deltaUnit) {
					t.Fatalf("packet %d: %+v, arrived %v at %d", got.number-first, got, received, want)
				}
				seen++
			}
		}
		if seen != last+1 {
			t.Fatalf("told of %d of %d packets", seen, last+1)
		}
	}
}

func TestMalformed(t *testing.T) {
	good := feedback(t)
	for n := range len(good) {
		if _, err := read(t, good[:n]); n < len(good)-2 && !errors.Is(err, ErrFeedback) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	reserved := slices.Clone(good)
	reserved[feedbackHeader] = 0x60 | reserved[feedbackHeader] // run of status 3
	if _, err := read(t, reserved); !errors.Is(err, ErrFeedback) {
		t.Error(err)
	}
	var e Estimator
	e.Sent(time.Now(), 100)
	if err := e.Feedback(time.Now(), good[:10]); !errors.Is(err, ErrFeedback) {
		t.Error(err)
	}
}

// feedback tells of packets 0 to 4, the fourth of which is lost.
func feedback(t testing.TB) []byte {
	t.Helper()
	b, err := (&rtcp.TransportLayerCC{
		Header:            rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 6},
		PacketStatusCount: 5,
		ReferenceTime:     10,
		PacketChunks:      []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: 1, RunLength: 3}, &rtcp.RunLengthChunk{RunLength: 1}, &rtcp.RunLengthChunk{PacketStatusSymbol: 1, RunLength: 1}},
		RecvDeltas:        []*rtcp.RecvDelta{{Type: 1, Delta: 250}, {Type: 1, Delta: 500}, {Type: 1, Delta: 0}, {Type: 1, Delta: 250}},
	}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestForgedNumbers: feedback about packets that were never sent, or told of twice, changes nothing.
func TestForgedNumbers(t *testing.T) {
	now := time.Now()
	var e Estimator
	if err := e.Feedback(now, feedback(t)); err != nil {
		t.Fatal(err)
	}
	if e.Rate() != start || e.ring.slots != nil {
		t.Error("feedback without packets was used")
	}
	for range 3 {
		e.Sent(now, 1000)
	}
	for range 100 {
		now = now.Add(time.Second / 10)
		_ = e.Feedback(now, feedback(t))
	}
	if received := e.losses.received; received != 3 {
		t.Errorf("%d packets received of 3", received)
	}
}

// TestRingGrows: packets are remembered for a second and a half at any rate, and no longer than the ring is.
func TestRingGrows(t *testing.T) {
	var r ring
	at := int64(1e6)
	for range 5000 {
		at += 250 // 4,000 a second
		r.put(at, 100)
	}
	if _, p := r.find(uint16(r.next - 5000)); p == nil {
		t.Error("a packet of 1.2 s ago is forgotten")
	}
	if len(r.slots) > ringLargest {
		t.Error(len(r.slots))
	}
	if _, p := r.find(uint16(r.next)); p != nil {
		t.Error("found what was not sent")
	}
	var slow ring
	for range 5000 {
		at += 20_000
		slow.known = slow.put(at, 100)
	}
	if len(slow.slots) != ringSmallest {
		t.Errorf("%d slots for 50 packets a second", len(slow.slots))
	}
}

// TestNoAllocations: neither for packets nor for feedback.
func TestNoAllocations(t *testing.T) {
	var e Estimator
	now := time.Now()
	recorder := twcc.NewRecorder(1)
	number := uint16(0)
	var reports [][]byte
	for range 100 {
		for range 20 {
			recorder.Record(2, number, int64(number)*1000)
			number++
		}
		for _, p := range recorder.BuildFeedbackPacket() {
			b, _ := p.Marshal()
			reports = append(reports, b)
		}
	}
	send := func() {
		for range 20 {
			now = now.Add(time.Millisecond)
			e.Sent(now, 1000)
		}
		if len(reports) > 0 {
			_ = e.Feedback(now, reports[0])
			reports = reports[1:]
		}
	}
	send()
	if n := testing.AllocsPerRun(50, send); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzFeedback(f *testing.F) {
	f.Add(feedback(f))
	f.Add(make([]byte, feedbackHeader))
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		now := time.Unix(1, 0)
		var e Estimator
		for i := range 300 {
			now = now.Add(time.Duration(i) * time.Millisecond)
			e.Sent(now, 1000)
			e.Padding(now, 1e6)
		}
		for range 3 {
			now = now.Add(time.Second / 10)
			_ = e.Feedback(now, b)
			e.Tick(now)
		}
		if rate := e.Rate(); !(rate >= least && rate <= most) {
			t.Errorf("rate %v", rate)
		}
	})
}
