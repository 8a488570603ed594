package sfu

import (
	"testing"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/sfu/depdesc"
)

// numbersOnce fails when a number goes out twice.
type numbersOnce struct {
	t       *testing.T
	highest uint64
	used    map[uint64]bool
}

func (w *numbersOnce) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	number := uint64(h.SequenceNumber) | 1<<16
	if w.highest != 0 {
		number = w.highest + uint64(int64(int16(h.SequenceNumber-uint16(w.highest))))
	}
	if w.used[number] {
		w.t.Fatalf("number %d twice", number)
	}
	w.used[number], w.highest = true, max(w.highest, number)
	return len(payload), nil
}

func (w *numbersOnce) Write([]byte) (int, error) { panic("not used") }

// FuzzLayers: whatever publishers write into payloads and dependency descriptors, nothing breaks, and no number goes out
// twice. Each packet is a head of five bytes (stream and marker, step of the sequence number, of the timestamp, size of
// descriptor and payload), then these.
func FuzzLayers(f *testing.F) {
	s := svcStructure()
	key := depdesc.Append(nil, &depdesc.Descriptor{First: true, Last: true, Template: s.Offset, Number: 1, Attached: s, Frame: s.Templates[0]}, s)
	delta := depdesc.Append(nil, &depdesc.Descriptor{First: true, Last: true, Template: s.Offset + 3, Number: 2, Frame: s.Templates[3]}, s)
	packet := func(head [3]byte, descriptor, payload []byte) []byte {
		b := append(head[:], byte(len(descriptor)), byte(len(payload)))
		return append(append(b, descriptor...), payload...)
	}
	f.Add(uint8(2), append(packet([3]byte{0, 1, 1}, key, []byte{0x18, 0x0a}), packet([3]byte{0x80, 1, 0}, delta, []byte{0x10, 0x0a})...))
	f.Add(uint8(1), append(packet([3]byte{0, 1, 1}, nil, vp9Layer(1, 0, 0, true)), packet([3]byte{0x80, 3, 0}, nil, vp9Layer(1, 1, 1, false))...))
	f.Add(uint8(0), append(packet([3]byte{0x80, 1, 1}, nil, []byte{0x90, 0xf0, 0x80, 1, 2, 3, 0x10}), packet([3]byte{0x81, 255, 0}, nil, []byte{0x90, 0xf0, 0xff, 0xff, 2, 3, 0x10})...))
	f.Fuzz(func(t *testing.T, codec uint8, program []byte) {
		server := &SFU{}
		track := UpTrack{MID: "0", Label: "cam", Codec: []string{"vp8", "vp9", "av1"}[codec%3]}
		if codec&0x80 == 0 {
			track.Layers = simulcastLayers
		}
		up := newUpTrack(&Peer{id: "A", sfu: server, news: newNews()}, track, func(*upStream) {})
		defer up.end()
		var downs []*downTrack
		for i := range 3 {
			d := newDownTrack(up, &Peer{sfu: server, news: newNews()})
			d.writer, d.open, d.ids[extensionDescriptor] = &numbersOnce{t: t, used: map[uint64]bool{}}, true, 1
			d.allow(layerChoice{int8(i), int8(i)})
			up.attach(d)
			downs = append(downs, d)
		}
		var numbers [maxEncodings]uint16
		timestamp := uint32(0)
		for len(program) >= 5 {
			head, rest := program[:5], program[5:]
			described, size := int(head[3]), int(head[4])
			if described+size > len(rest) {
				return
			}
			stream := up.streams[int(head[0]&0x0f)%len(up.streams)]
			numbers[stream.index] += uint16(int8(head[1]))
			timestamp += uint32(head[2])
			if choice := head[0] >> 4 & 7; choice < 6 {
				downs[choice%3].allow(layerChoice{int8(choice) - 1, int8(head[2]%4) - 1})
			}
			p := rtp.Packet{Header: rtp.Header{Version: 2, Marker: head[0]&0x80 != 0, SequenceNumber: numbers[stream.index], Timestamp: timestamp}, Payload: rest[described : described+size]}
			var values extensionValues
			values[extensionDescriptor] = rest[:described]
			before := string(p.Payload)
			stream.forward(&p, values)
			if string(p.Payload) != before {
				t.Fatalf("% x became % x", before, p.Payload)
			}
			program = rest[described+size:]
		}
	})
}
