package sfu

import (
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// written is a webrtc.TrackLocalWriter.
type written []rtp.Packet

func (w *written) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	*w = append(*w, rtp.Packet{Header: *h, Payload: slices.Clone(payload)})
	return len(payload), nil
}

func (w *written) Write(b []byte) (int, error) { return len(b), nil }

// picture is VP8's picture id, as path writes it.
func picture(p rtp.Packet) uint16 { return uint16(p.Payload[2]&0x7f)<<8 | uint16(p.Payload[3]) }

// TestAnotherSSRC: a stream that goes on under another SSRC, with numbers and timestamps that begin anew behind the former ones, is one
// stream to the subscribers, from its next key frame on.
func TestAnotherSSRC(t *testing.T) {
	p := newPath(t, 1)
	p.frame()
	var got written
	d := (*p.video.downs.Load())[0]
	d.writer = &got
	for range 5 {
		p.frame()
	}
	last, total := got[len(got)-1], len(got)

	const former, began = videoSSRC, 7
	p.ssrc, p.sequence = videoSSRC+1, began
	p.intake.late(p.in, p.next(pathPayload, false, false), time.Now())
	if len(got) != total {
		t.Errorf("%d packets of pictures that nobody can decode", len(got)-total)
	}
	keys := p.video.streams[0].keys
	keys.mu.Lock()
	_, waits := keys.waiting[d]
	keys.mu.Unlock()
	if !waits {
		t.Error("nobody asks for a key frame")
	}
	p.intake.late(p.in, p.next(pathPayload, true, true), time.Now())
	for range 3 {
		p.frame()
	}
	if len(got) != total+1+3*6 {
		t.Fatalf("%d packets, want one and three frames", len(got)-total)
	}
	for i, packet := range got[total:] {
		if packet.SequenceNumber != last.SequenceNumber+1+uint16(i) {
			t.Errorf("packet %d after the change has number %d, the last before it %d", i, packet.SequenceNumber, last.SequenceNumber)
		}
	}
	first := got[total]
	if ahead := int32(first.Timestamp - last.Timestamp); ahead <= 0 || ahead > videoClock {
		t.Errorf("the timestamp goes on by %d", ahead)
	}
	if picture(first) != picture(last)+1 {
		t.Errorf("picture %d after %d", picture(first), picture(last))
	}
	if p.in.account.Due(time.Hour) {
		t.Error("what lies between the former numbers and the new ones is asked for")
	}

	// What still comes under the former one is late.
	total = len(got)
	again := p.packet
	again.SSRC, again.SequenceNumber = former, last.SequenceNumber+100
	again.Payload = frame("vp8", true)
	b, err := again.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	p.intake.late(p.in, b, time.Now())
	p.intake.link.receiving.Lock()
	p.intake.receive(&again.Header, b, time.Now())
	p.intake.link.receiving.Unlock()
	if p.frame(); len(got) != total+6 || got[total].SequenceNumber != got[total-1].SequenceNumber+1 {
		t.Error("the former SSRC is taken for the stream")
	}
}

// TestRestart: numbers that begin anew pass once each, and are taken for none of those before.
func TestRestart(t *testing.T) {
	for _, next := range []uint16{0, 1, 999, 1000, 1001, 65535} {
		var s sequence
		before, _ := s.accept(1000)
		s.restart(next)
		first, ok := s.accept(next)
		if !ok || first < before+1<<16 || uint16(first) != next {
			t.Errorf("%d after 1000 is %d, %v", next, first, ok)
		}
		if _, ok := s.accept(next); ok {
			t.Errorf("%d passes twice", next)
		}
		if second, ok := s.accept(next + 1); !ok || second != first+1 {
			t.Errorf("behind %d comes %d, %v", first, second, ok)
		}
		if late, ok := s.accept(next - 1); !ok || late != first-1 {
			t.Errorf("before %d comes %d, %v", first, late, ok)
		}
	}
}
