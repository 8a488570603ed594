package call

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/grotto-meet/grotto/internal/wire"
)

// vp8Packets splits frames of these sizes, 3,000 ticks apart.
func vp8Packets(sizes ...int) (frames [][]*rtp.Packet) {
	p := rtp.NewPacketizer(mtu, 96, 1, &codecs.VP8Payloader{}, rtp.NewFixedSequencer(65530), videoClock)
	for i, n := range sizes {
		frames = append(frames, p.Packetize(bytes.Repeat([]byte{byte(i + 1)}, n), 3000))
	}
	return frames
}

func assembled(packets ...[]*rtp.Packet) (frames []sealedFrame) {
	codec, _ := codecNamed(wire.CodecVP8)
	a := newAssembler(codec)
	for _, list := range packets {
		for _, p := range list {
			frames = append(frames, a.push(p)...)
		}
	}
	return append(frames, a.flush()...)
}

// TestAssembler: frames come out whole, in order and over the wrap of sequence numbers, or not at all.
func TestAssembler(t *testing.T) {
	sizes := []int{3000, 100, 3000, 100, 100}
	f := vp8Packets(sizes...)
	backwards := []*rtp.Packet{f[2][2], f[2][0], f[2][1]}
	got := assembled(f[0], f[1], backwards, f[3], f[4])
	if len(got) != len(f) {
		t.Fatalf("%d frames of %d", len(got), len(f))
	}
	for i, frame := range got {
		if want := sizes[i]; len(frame.data) != want || frame.loss || frame.data[0] != byte(i+1) {
			t.Errorf("frame %d: %d bytes, loss %v", i, len(frame.data), frame.loss)
		}
	}
}

// TestAssemblerFrameWithoutEnd: the sender dropped the end of a frame before it numbered the packets. There is no gap,
// and still no half frame comes out, nor one that ran into the next; what follows says that something is missing.
func TestAssemblerFrameWithoutEnd(t *testing.T) {
	f := vp8Packets(100, 3000, 100, 100, 100)
	f[1] = f[1][:1]
	next := f[1][0].SequenceNumber
	for _, list := range f[2:] {
		for _, p := range list {
			next++
			p.SequenceNumber = next
		}
	}
	got := assembled(f...)
	if len(got) < 3 {
		t.Fatalf("%d frames", len(got))
	}
	for i, frame := range got {
		if len(frame.data) != 100 || len(bytes.Trim(frame.data, string(frame.data[:1]))) > 0 || frame.loss != (i == 1) {
			t.Errorf("frame %d: %d bytes, loss %v", i, len(frame.data), frame.loss)
		}
	}
}
