package sfu

import (
	"math/rand/v2"
	"testing"

	"github.com/pion/rtp"
)

// TestFrameOfOneSize: the packets of a frame that is cut into even parts are made one size, whichever of them are a byte larger.
func TestFrameOfOneSize(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var f frameSize
	for frame := range uint32(2000) {
		least, first := 1+random.IntN(1200), 0
		for i := range 2 + random.IntN(8) {
			h := rtp.Header{Version: 2, SSRC: frame % 3, Timestamp: frame / 3}
			payload := least + random.IntN(2)
			f.align(&h, payload)
			padded := payload + int(h.PaddingSize)
			if h.PaddingSize > alignment+1 || h.Padding != (h.PaddingSize > 0) {
				t.Fatalf("%d bytes of padding", h.PaddingSize)
			}
			if i == 0 {
				first = padded
			}
			if padded != first {
				t.Fatalf("%d bytes become %d, those before %d", payload, padded, first)
			}
		}
	}
}

// TestLastOfFrame: a last packet that is much smaller stays so, which the kernel allows.
func TestLastOfFrame(t *testing.T) {
	var f frameSize
	for _, payload := range []int{1000, 1000, 300} {
		h := rtp.Header{Version: 2, SSRC: 1, Timestamp: 1}
		if f.align(&h, payload); int(h.PaddingSize) > alignment {
			t.Errorf("%d bytes and %d of padding", payload, h.PaddingSize)
		}
	}
}
