package sfu

import (
	"slices"
	"testing"

	"github.com/pion/rtp"
)

// wire records what a downtrack sends.
type wire struct{ numbers []uint16 }

func (w *wire) WriteRTP(h *rtp.Header, _ []byte) (int, error) {
	w.numbers = append(w.numbers, h.SequenceNumber)
	return 0, nil
}

func (w *wire) Write([]byte) (int, error) { panic("not used") }

// A publisher that makes one sequence number arrive twice, with other bytes, must not make us encrypt both: see sequence.
func TestNoSequenceNumberGoesOutTwice(t *testing.T) {
	s := &SFU{}
	owner := &Peer{id: "A", sfu: s}
	up := newUpTrack(owner, UpTrack{MID: "0", Label: "cam", Codec: "vp8"}, func(*upStream) {})
	early, late := &wire{}, &wire{}
	attach := func(w *wire) {
		d := newDownTrack(up, &Peer{sfu: s})
		d.writer, d.open = w, true
		up.attach(d)
	}
	send := func(numbers ...uint16) {
		for i, n := range numbers {
			up.streams[0].forward(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: n}, Payload: []byte{0x10, 0x10, byte(i)}}, extensionValues{})
		}
	}
	attach(early)
	send(65534, 65535, 65534, 1, 0, 1)
	attach(late)
	send(2, 65533, 65532, 2, 3, 0) // for the late one nothing before 2: its rollover counter begins there
	if want := []uint16{65534, 65535, 1, 0, 2, 3}; !slices.Equal(early.numbers, want) {
		t.Errorf("sent %v, want %v", early.numbers, want)
	}
	if want := []uint16{2, 3}; !slices.Equal(late.numbers, want) {
		t.Errorf("sent %v to the late one, want %v", late.numbers, want)
	}
	up.end()
	send(4)
	if slices.Contains(early.numbers, 4) {
		t.Error("sent after the end")
	}
	if up.attach(&downTrack{up: up}) {
		t.Error("attached after the end")
	}
}
