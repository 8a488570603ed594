package reception

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

const ms = time.Millisecond

// asked reads a NACK back.
func asked(t *testing.T, s *Stream, now time.Duration) (numbers []uint16) {
	t.Helper()
	b := s.AppendNACK(nil, 1, 2, now)
	if len(b) == 0 {
		return nil
	}
	var nack rtcp.TransportLayerNack
	if err := nack.Unmarshal(b); err != nil {
		t.Fatal(err)
	}
	if nack.SenderSSRC != 1 || nack.MediaSSRC != 2 {
		t.Fatal(nack)
	}
	for _, pair := range nack.Nacks {
		numbers = append(numbers, pair.PacketList()...)
	}
	return numbers
}

func equal(got []uint16, want ...uint16) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i] != want[i] {
			return false
		}
	}
	return true
}

// TestMissing: a gap across the wrap is asked for after a grace, again with growing pauses, and not without end.
func TestMissing(t *testing.T) {
	s := NewVideo(90000)
	s.Arrived(65533, 0, 0, false)
	s.Arrived(3, 0, ms, false) // 65534, 65535, 0, 1, 2 are missing
	if got := asked(t, s, 2*ms); got != nil {
		t.Error("asked at once", got)
	}
	s.Arrived(0, 0, 3*ms, false) // overtaken
	if got := asked(t, s, 7*ms); !equal(got, 65534, 65535, 1, 2) {
		t.Error(got)
	}
	if s.Due(20 * ms) {
		t.Error("due again too early")
	}
	s.Arrived(1, 0, 30*ms, true)
	if got := asked(t, s, 50*ms); !equal(got, 65534, 65535, 2) {
		t.Error(got)
	}
	n := 0
	for now := 51 * ms; now < time.Minute; now += ms {
		if asked(t, s, now) != nil {
			n++
		}
	}
	if n != videoTries-2 {
		t.Errorf("asked %d times more", n)
	}
	sound := NewAudio(48000)
	sound.Arrived(1, 0, 0, false)
	sound.Arrived(3, 0, 0, false)
	for n = 0; asked(t, sound, time.Duration(n)*time.Second+time.Second) != nil; n++ {
	}
	if n != audioTries {
		t.Errorf("sound was asked for %d times", n)
	}
}

// TestBrokenStream: a jump is not asked for, and nothing grows without bound.
func TestBrokenStream(t *testing.T) {
	s := NewVideo(90000)
	s.Arrived(0, 0, 0, false)
	s.Arrived(1000, 0, 0, false)
	if got := asked(t, s, time.Second); got != nil {
		t.Error(got)
	}
	for i := uint16(1002); i < 3000; i += 2 {
		s.Arrived(i, 0, 0, false)
	}
	if len(s.missing) > maxMissing {
		t.Error(len(s.missing))
	}
	if got := asked(t, s, time.Second); len(got) == 0 || len(got) > 17*maxNACKItems {
		t.Error(len(got))
	}
}

func TestReport(t *testing.T) {
	s := NewVideo(90000)
	if b := AppendReceiverReport(nil, 1, func(b []byte) []byte { return s.AppendReport(b, 7, 0) }); len(b) > 0 {
		t.Error("a report of nothing", b)
	}
	for i := range 100 {
		if i%10 != 5 {
			s.Arrived(uint16(65500+i), uint32(i)*3000, time.Duration(i)*time.Second/30, false)
		}
	}
	s.SenderReport(0x1234_5678_9abc_def0, 4*time.Second)
	b := AppendReceiverReport(nil, 1, func(b []byte) []byte { return s.AppendReport(b, 7, 5*time.Second) })
	var report rtcp.ReceiverReport
	if err := report.Unmarshal(b); err != nil {
		t.Fatal(err)
	}
	r := report.Reports[0]
	if r.SSRC != 7 || r.TotalLost != 10 || r.FractionLost != 25 || r.LastSequenceNumber != 1<<16|63 || r.LastSenderReport != 0x5678_9abc || r.Delay != 65536 || r.Jitter > 2 {
		t.Errorf("%+v", r)
	}
	late := func() rtcp.ReceptionReport {
		var report rtcp.ReceiverReport
		if err := report.Unmarshal(AppendReceiverReport(nil, 1, func(b []byte) []byte { return s.AppendReport(b, 7, 6*time.Second) })); err != nil {
			t.Fatal(err)
		}
		return report.Reports[0]
	}
	if r := late(); r.FractionLost != 0 || r.TotalLost != 10 {
		t.Errorf("%+v", r)
	}
	s.Arrived(uint16(65505&0xffff), 0, 6*time.Second, true) // repaired
	if r := late(); r.TotalLost != 9 {
		t.Errorf("%+v", r)
	}
}

// TestArrivals holds the feedback against what was put in, whatever came and when: each packet is told of, at its time.
func TestArrivals(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		var a Arrivals
		sent := map[uint16]time.Duration{}
		told := map[uint16]time.Duration{}
		now, sequence := time.Duration(random.IntN(1000))*ms, uint16(random.IntN(1<<16))
		var late []uint16
		for range 3000 {
			now += time.Duration(random.IntN(3000)) * time.Microsecond
			if random.IntN(300) == 0 {
				now += time.Duration(random.IntN(20)) * time.Second
			}
			switch random.IntN(12) {
			case 0: // lost
			case 1:
				late = append(late, sequence)
			default:
				a.Arrived(sequence, now)
				sent[sequence] = now
			}
			sequence++
			if len(late) > 3 {
				a.Arrived(late[0], now)
				sent[late[0]] = now
				late = late[1:]
			}
			if random.IntN(50) == 0 {
				feedback(t, &a, told)
			}
		}
		feedback(t, &a, told)
		for sequence, at := range sent {
			if d := told[sequence] - at; d > deltaUnit || d < -deltaUnit {
				t.Fatalf("seed %d: %d came at %v, told as %v", seed, sequence, at, told[sequence])
			}
		}
		if len(told) != len(sent) {
			t.Fatalf("seed %d: %d came, %d told", seed, len(sent), len(told))
		}
	}
}

var feedbackCount uint8

func feedback(t *testing.T, a *Arrivals, told map[uint16]time.Duration) {
	t.Helper()
	feedbackCount = a.feedback
	for more := true; more; {
		var b []byte
		if b, more = a.AppendFeedback(nil, 1, 2); len(b) == 0 {
			return
		}
		var f rtcp.TransportLayerCC
		if err := f.Unmarshal(b); err != nil {
			t.Fatal(err)
		}
		if f.FbPktCount != feedbackCount || int(f.Header.Length) != len(b)/4-1 {
			t.Fatal(f.FbPktCount, feedbackCount, f.Header, len(b))
		}
		feedbackCount++
		at, sequence, deltas := time.Duration(f.ReferenceTime)*referenceUnit, f.BaseSequenceNumber, f.RecvDeltas
		take := func(symbol uint16) {
			if symbol != notReceived {
				at += time.Duration(deltas[0].Delta) * time.Microsecond
				deltas = deltas[1:]
				told[sequence] = at
			}
			sequence++
		}
		for _, chunk := range f.PacketChunks {
			switch c := chunk.(type) {
			case *rtcp.RunLengthChunk:
				for range c.RunLength {
					take(c.PacketStatusSymbol)
				}
			case *rtcp.StatusVectorChunk:
				for _, symbol := range c.SymbolList {
					if sequence-f.BaseSequenceNumber < f.PacketStatusCount {
						take(symbol)
					}
				}
			}
		}
		if sequence-f.BaseSequenceNumber != f.PacketStatusCount || len(deltas) != 0 {
			t.Fatal("count", sequence-f.BaseSequenceNumber, f.PacketStatusCount, len(deltas))
		}
	}
}

// TestNoAllocations: what is done for each packet costs none, and reports go into the caller's buffer.
func TestNoAllocations(t *testing.T) {
	var a Arrivals
	s := NewVideo(90000)
	b := make([]byte, 0, 4096)
	n := uint16(0)
	if allocs := testing.AllocsPerRun(2000, func() {
		n++
		now := time.Duration(n) * ms
		if n%7 != 0 {
			a.Arrived(n, now)
			s.Arrived(n, uint32(n), now, false)
		}
		b = s.AppendNACK(b[:0], 1, 2, now)
		if n%20 == 0 {
			b, _ = a.AppendFeedback(b[:0], 1, 2)
			b = AppendReceiverReport(b[:0], 1, func(b []byte) []byte { return s.AppendReport(b, 2, now) })
		}
	}); allocs != 0 {
		t.Error(allocs)
	}
}
