package keyframe

import (
	"bytes"
	"slices"
	"testing"

	pion "github.com/pion/rtp/codecs"
)

func TestBegins(t *testing.T) {
	for _, test := range []struct {
		name, codec string
		payload     []byte
		want        bool
	}{
		{"vp8 key", "vp8", []byte{0x10, 0x10, 0, 0, 0x9d}, true},
		{"vp8 delta", "vp8", []byte{0x10, 0x11}, false},
		{"vp8 key, later packet of it", "vp8", []byte{0x00, 0x10}, false},
		{"vp8 key, second partition", "vp8", []byte{0x11, 0x10}, false},
		{"vp8 key, 7-bit picture id", "vp8", []byte{0x90, 0x80, 0x11, 0x10}, true},
		{"vp8 delta, 7-bit picture id", "vp8", []byte{0x90, 0x80, 0x10, 0x11}, false},
		{"vp8 key, 15-bit picture id", "vp8", []byte{0x90, 0x80, 0x81, 0x11, 0x10}, true},
		{"vp8 key, everything", "vp8", []byte{0x90, 0xf0, 0x81, 0x11, 0x01, 0x21, 0x10}, true},
		{"vp8 delta, everything", "vp8", []byte{0x90, 0xf0, 0x80, 0x10, 0x00, 0x20, 0x11}, false},
		{"vp8 descriptor only", "vp8", []byte{0x90, 0xf0, 0x81, 0x11, 0x01, 0x21}, false},
		{"vp8 cut in the descriptor", "vp8", []byte{0x90, 0x80}, false},
		{"vp9 key, one layer", "vp9", []byte{0x8c, 0x11, 0xff}, true},
		{"vp9 delta", "vp9", []byte{0xcc, 0x11, 0xff}, false},
		{"vp9 key, later packet", "vp9", []byte{0x84, 0x11, 0xff}, false},
		{"vp9 key, base layer", "vp9", []byte{0xac, 0x11, 0x00, 0xff}, true},
		{"vp9 key, base layer, 15-bit id", "vp9", []byte{0xac, 0x81, 0x11, 0x00, 0xff}, true},
		{"vp9 key, upper layer", "vp9", []byte{0xac, 0x11, 0x03, 0xff}, false},
		{"vp9 key, base layer, no id", "vp9", []byte{0x2c, 0x20, 0xff}, true},
		{"vp9 cut before the layers", "vp9", []byte{0xac, 0x81}, false},
		{"av1 new sequence", "av1", []byte{0x18, 0x0a}, true},
		{"av1 goes on", "av1", []byte{0x10, 0x32}, false},
		{"av1 fragment", "av1", []byte{0x98, 0x32}, false},
		{"av1 header only", "av1", []byte{0x18}, false},
		{"opus", "opus", []byte{0x10, 0x10}, false},
		{"h264 parameter set", "h264", []byte{0x67, 0x42, 0xe0}, true},
		{"h264 parameter sets together", "h264", []byte{0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce}, true},
		{"h264 parameter sets and slice together", "h264", []byte{0x78, 0, 1, 0x67, 0, 1, 0x68, 0, 1, 0x65}, true},
		{"h264 behind a delimiter", "h264", []byte{0x78, 0, 2, 0x09, 0xf0, 0, 1, 0x06, 0, 1, 0x67}, true},
		{"h264 picture parameter set", "h264", []byte{0x68, 0xce, 0x3c}, false},
		{"h264 slice of a key frame", "h264", []byte{0x65, 0x88, 0x80}, false},
		{"h264 first fragment of a key frame", "h264", []byte{0x7c, 0x85, 0x88, 0x80}, false},
		{"h264 later fragment", "h264", []byte{0x7c, 0x05, 0x67, 0x67}, false},
		{"h264 delta", "h264", []byte{0x41, 0x9a, 0x67}, false},
		{"h264 delta aggregated", "h264", []byte{0x58, 0, 1, 0x41, 0, 1, 0x67}, false},
		{"h264 aggregation of nothing", "h264", []byte{0x78, 0, 0, 0x67}, false},
		{"h264 cut behind a delimiter", "h264", []byte{0x78, 0, 3, 0x09, 0xf0}, false},
		{"h264 delimiter only", "h264", []byte{0x78, 0, 1, 0x09}, false},
		{"h264 header only", "h264", []byte{0x67}, false},
		{"unknown", "vp7", []byte{0x10, 0x10}, false},
		{"empty vp8", "vp8", nil, false},
		{"empty vp9", "vp9", nil, false},
		{"empty av1", "av1", nil, false},
		{"empty h264", "h264", nil, false},
	} {
		if got := Begins(test.codec, test.payload); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// FuzzKeyFrame holds the detector against Pion's full parsers.
func FuzzKeyFrame(f *testing.F) {
	f.Add([]byte{0x90, 0xf0, 0x81, 0x11, 0x01, 0x21, 0x10})
	f.Fuzz(func(t *testing.T, payload []byte) {
		var vp8 pion.VP8Packet
		frame, err := vp8.Unmarshal(payload)
		want := err == nil && vp8.S == 1 && vp8.PID == 0 && len(frame) > 0 && frame[0]&1 == 0
		if got := Begins("vp8", payload); got != want {
			t.Errorf("vp8 %x: %v, want %v", payload, got, want)
		}
		var vp9 pion.VP9Packet
		if _, err := vp9.Unmarshal(payload); err == nil && len(payload) > 1 {
			want := !vp9.P && vp9.B && (!vp9.L || vp9.SID == 0)
			if got := Begins("vp9", payload); got != want {
				t.Errorf("vp9 %x: %v, want %v", payload, got, want)
			}
		} else {
			Begins("vp9", payload)
		}
		if got, want := Begins("av1", payload), len(payload) > 1 && payload[0]&0x88 == 0x08; got != want {
			t.Errorf("av1 %x: %v, want %v", payload, got, want)
		}
		if got := Begins("h264", payload); got && !h264HasParameterSet(payload) {
			t.Errorf("h264 %x: %v", payload, got)
		}
	})
}

// h264HasParameterSet takes the payload apart with Pion's parser. What that refuses as a whole may still begin well.
func h264HasParameterSet(payload []byte) bool {
	var h264 pion.H264Packet
	units, err := h264.Unmarshal(payload)
	return err != nil || slices.ContainsFunc([]byte{0x07, 0x27, 0x47, 0x67, 0x87, 0xa7, 0xc7, 0xe7}, func(header byte) bool {
		return bytes.Contains(units, []byte{0, 0, 0, 1, header})
	})
}
