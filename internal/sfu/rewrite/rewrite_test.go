package rewrite

import (
	"bytes"
	"testing"
)

// vp8 is a payload descriptor with all its fields, and one byte of a frame.
func vp8(picture uint16, level, temporal, keyIndex uint8, start bool) []byte {
	first := byte(0x80)
	if start {
		first |= 0x10
	}
	return []byte{first, 0xf0, 0x80 | byte(picture>>8), byte(picture), level, temporal<<6 | keyIndex&0x1f, 0x11}
}

func read(codec Codec, number uint64, timestamp uint32, payload []byte) *Packet {
	p := &Packet{Number: number, Timestamp: timestamp, Marker: true}
	p.Read(codec, payload)
	return p
}

func TestReadDescriptors(t *testing.T) {
	for _, test := range []struct {
		name    string
		codec   Codec
		payload []byte
		want    Packet
	}{
		{"vp8 bare", VP8, []byte{0x10, 0x11}, Packet{Start: true}},
		{"vp8 in a frame", VP8, []byte{0x00, 0x11}, Packet{}},
		{"vp8 short id", VP8, []byte{0x90, 0x80, 0x7f, 0}, Packet{Start: true, picture: 127, pictureBits: 7, pictureAt: 2}},
		{"vp8 all", VP8, []byte{0x90, 0xf0, 0xff, 0xfe, 9, 0xa3, 0}, Packet{Start: true, Temporal: 2, Up: 2, picture: 0x7ffe, pictureBits: 15, pictureAt: 2,
			level: 9, levelAt: 4, keyIndex: 3, keyIndexAt: 5}},
		{"vp8 cut", VP8, []byte{0x90, 0xf0, 0xff}, Packet{}},
		{"vp9 one layer", VP9, []byte{0x8c, 0x81, 0x02, 0}, Packet{Start: true, End: true, picture: 0x102, pictureBits: 15, pictureAt: 1}},
		{"vp9 flexible", VP9, []byte{0xbc, 5, 0x52, 0}, Packet{Start: true, End: true, Temporal: 2, Spatial: 1, Up: maxTemporal, picture: 5, pictureBits: 7, pictureAt: 1}},
		{"vp9 not flexible", VP9, []byte{0xa8, 5, 0x20, 77}, Packet{Start: true, Temporal: 1, picture: 5, pictureBits: 7, pictureAt: 1, level: 77, levelAt: 3}},
		{"vp9 cut", VP9, []byte{0xa8, 5}, Packet{}},
		{"other", Other, []byte{0xff, 0xff}, Packet{}},
		{"nothing", VP8, nil, Packet{Empty: true}},
	} {
		var p Packet
		p.Read(test.codec, test.payload)
		if p != test.want {
			t.Errorf("%s:\n%+v, want\n%+v", test.name, p, test.want)
		}
	}
}

func TestHead(t *testing.T) {
	e := Edit{Picture: 0x7fff, Level: 2, KeyIndex: 31}
	for _, test := range []struct {
		codec         Codec
		payload, want []byte
	}{
		{VP8, vp8(0, 255, 1, 1, true), vp8(0x7fff, 1, 1, 0, true)},
		{VP8, []byte{0x90, 0x80, 0x05, 1}, []byte{0x90, 0x80, 0x04, 1}},
		{VP8, []byte{0x10, 0x11}, nil},
		{VP9, []byte{0xa8, 0x80, 0, 0x20, 77, 9, 9, 9, 9}, []byte{0xa8, 0xff, 0xff, 0x20, 79, 9, 9, 9}},
	} {
		var head [MaxHead]byte
		p := read(test.codec, 1, 0, test.payload)
		n := e.Head(p, test.payload, &head)
		if !bytes.Equal(head[:n], test.want) {
			t.Errorf("% x, want % x", head[:n], test.want)
		}
	}
}

func TestFirstStreamKeepsItsNumbers(t *testing.T) {
	var w Rewriter
	p := read(VP8, 70000, 5, vp8(9, 9, 0, 0, true))
	w.Begin(2, p, p.Timestamp, AllLayers, 0)
	for _, step := range []struct {
		in   uint64
		want int // -1: not sent
	}{{70000, 4464}, {70003, 4467}, {70002, 4466}, {70002, -1}, {70003, -1}, {69999, -1}, {70001, 4465}} {
		number, edit, _, ok := w.Forward(read(VP8, step.in, 5, vp8(9, 9, 0, 0, true)))
		if ok != (step.want >= 0) || ok && (int(number) != step.want || *edit != Edit{Top: AllLayers}) {
			t.Errorf("%d: %d %v", step.in, number, ok)
		}
	}
}

// A receiver that is switched from one encoding to another sees one stream.
func TestSwitch(t *testing.T) {
	var w Rewriter
	a := read(VP8, 65536+100, 1000, vp8(0x7fff, 255, 0, 31, true))
	w.Begin(0, a, a.Timestamp, AllLayers, 0)
	w.Forward(a)
	b := read(VP8, 65536+40000, 777, vp8(5, 6, 0, 7, true))
	w.Begin(1, b, 4000, AllLayers, 0)
	number, edit, begins, ok := w.Forward(b)
	var head [MaxHead]byte
	n := edit.Head(b, vp8(5, 6, 0, 7, true), &head)
	if want := vp8(0, 0, 0, 0, true); !ok || !begins || number != 101 || b.Timestamp+edit.Timestamp != 4000 || !bytes.Equal(head[:n], want) {
		t.Errorf("%d %+v % x", number, edit, head[:n])
	}
	if !w.Late(0, a) || !w.Late(1, b) || w.Late(0, read(VP8, a.Number+1, 0, nil)) || w.Late(2, b) {
		t.Error("what is late")
	}
	for number, want := range map[uint16]uint8{100: 0, 101: 1} {
		if stream, _, _, ok := w.Find(number); !ok || stream != want {
			t.Errorf("%d is of stream %d", number, stream)
		}
	}
	if _, _, _, ok := w.Find(102); ok {
		t.Error("found what was not sent")
	}
	if _, _, _, ok := w.Find(99); ok {
		t.Error("found what was not sent")
	}
}

func TestDropClosesGaps(t *testing.T) {
	var w Rewriter
	step := func(number uint64, picture uint16, send bool) int {
		p := read(VP8, number, uint32(picture)*3000, vp8(picture, 0, 0, 0, true))
		if !w.Begun() {
			w.Begin(0, p, p.Timestamp, AllLayers, 0)
		}
		if !send {
			w.Drop(p, VP8)
			return -1
		}
		out, edit, _, ok := w.Forward(p)
		if !ok {
			return -2
		}
		return int(out)<<8 | int(picture+edit.Picture)
	}
	for _, s := range []struct {
		number  uint64
		picture uint16
		send    bool
		want    int
	}{
		{1000, 10, true, 1000<<8 | 10},
		{1001, 11, false, -1},
		{1002, 11, false, -1}, // one picture, two packets
		{1003, 12, true, 1001<<8 | 11},
		{1005, 14, true, 1003<<8 | 13}, // one is missing
		{1006, 15, false, -1},
		{1004, 13, true, 1002<<8 | 12}, // here it is
		{1007, 16, true, 1004<<8 | 14},
		{1001, 11, true, -2}, // left out is left out
		{1004, 13, true, -2}, // twice
	} {
		if got := step(s.number, s.picture, s.send); got != s.want {
			t.Errorf("%d: %x, want %x", s.number, got, s.want)
		}
	}
}

func TestLayersEndThePicture(t *testing.T) {
	var w Rewriter
	packet := func(number uint64, spatial uint8, last bool) *Packet {
		return &Packet{Number: number, Start: true, End: true, Spatial: spatial, Marker: last}
	}
	p := packet(100, 0, false)
	w.Begin(0, p, 0, 1, 0b11)
	for i, want := range []bool{false, true} {
		p := packet(100+uint64(i), uint8(i), false)
		if _, edit, _, ok := w.Forward(p); !ok || edit.Marker(p) != want {
			t.Errorf("layer %d: marker %v", i, !want)
		}
	}
	w.Drop(packet(102, 2, true), VP9)
	p = packet(103, 0, false)
	w.Layers(p, 0, 0b1)
	number, edit, begins, _ := w.Forward(p)
	if number != 102 || !edit.Marker(p) || edit.Active != 0b1 || !begins {
		t.Errorf("%d %+v %v", number, edit, begins)
	}
}

// A row of missing packets that is too long for SRTP's rollover counter is closed.
func TestHugeGap(t *testing.T) {
	var w Rewriter
	p := &Packet{Number: 70000}
	w.Begin(0, p, 0, AllLayers, 0)
	first, _, _, _ := w.Forward(p)
	next, _, _, ok := w.Forward(&Packet{Number: 70000 + maxGap + 1})
	if !ok || next != first+1 {
		t.Errorf("%d after %d", next, first)
	}
}
