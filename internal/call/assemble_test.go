package call

import (
	"bytes"
	"slices"
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

func assembled(packets ...[]*rtp.Packet) []sealedFrame { return assembledOf(wire.CodecVP8, packets...) }

func assembledOf(name wire.Codec, packets ...[]*rtp.Packet) (frames []sealedFrame) {
	codec, _ := codecNamed(name)
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

// F16: each spatial layer of a picture is a sealed frame of its own: with all layers, and with the upper ones left out by
// the SFU, which then marks the end of the picture itself. A layer that lacks its end takes none of the others with it.
func TestF16_LayersAreFramesOfTheirOwn(t *testing.T) {
	const pictures, layers = 4, 3
	picture := func(codec wire.Codec, payloader rtp.Payloader, n, upTo int) (packets []*rtp.Packet) {
		for layer := range upTo {
			frame := bytes.Repeat([]byte{byte(16*n + layer)}, 1500+layer)
			if codec == wire.CodecAV1 {
				frame = append([]byte{0x32, 0x80 | byte(len(frame)&0x7f), byte(len(frame) >> 7)}, frame...)
			}
			for _, payload := range payloader.Payload(mtu, frame) {
				packets = append(packets, &rtp.Packet{Header: rtp.Header{Version: 2, Timestamp: uint32(n * 3000)}, Payload: payload})
			}
		}
		packets[len(packets)-1].Marker = true
		return packets
	}
	for _, codec := range []wire.Codec{wire.CodecVP9, wire.CodecAV1} {
		for upTo := 1; upTo <= layers; upTo++ {
			var payloader rtp.Payloader = newVP9Payloader()
			if codec == wire.CodecAV1 {
				payloader = &codecs.AV1Payloader{}
			}
			var list []*rtp.Packet
			for n := range pictures {
				list = append(list, picture(codec, payloader, n, upTo)...)
			}
			for i, p := range list {
				p.SequenceNumber = uint16(65530 + i)
			}
			got := assembledOf(codec, list)
			if len(got) != pictures*upTo {
				t.Fatalf("%s, %d layers: %d frames", codec, upTo, len(got))
			}
			for i, f := range got {
				want := byte(16*(i/upTo) + i%upTo)
				if f.loss || f.timestamp != uint32(i/upTo*3000) || f.data[len(f.data)-1] != want || bytes.Count(f.data, []byte{want}) < 1500 {
					t.Errorf("%s, %d layers, frame %d: %d bytes, loss %v", codec, upTo, i, len(f.data), f.loss)
				}
			}
		}
	}
	broken := picture(wire.CodecVP9, newVP9Payloader(), 1, layers)
	broken = append(broken[:1], broken[2:]...) // the end of the lowest
	after := picture(wire.CodecVP9, newVP9Payloader(), 2, 1)
	for i, p := range append(broken, after...) {
		p.SequenceNumber = uint16(i)
	}
	got := assembledOf(wire.CodecVP9, broken, after)
	if len(got) != layers || got[0].data[0] != 17 || !got[layers-1].loss {
		t.Errorf("%d frames", len(got))
	}
}

// TestAssemblerGivesAFrameOnce: it goes on from a key frame behind a gap, but not where the builder went on by itself
// meanwhile; the frame would be taken for a replay.
func TestAssemblerGivesAFrameOnce(t *testing.T) {
	codec, _ := codecNamed(wire.CodecVP8)
	for _, gap := range []bool{false, true} {
		f := vp8Packets(100, 3000, 3000, 100)
		if gap {
			f[1] = f[1][1:]
		}
		a := newAssembler(codec)
		var got []sealedFrame
		for _, p := range slices.Concat(f...) {
			got = append(got, a.push(p)...)
		}
		got = append(append(got, a.begin(slices.Concat(f[2], f[3]))...), a.flush()...)
		var came []byte
		for _, frame := range got {
			came = append(came, frame.data[0])
		}
		if want := map[bool][]byte{false: {1, 2, 3, 4}, true: {3, 4}}[gap]; !bytes.Equal(came, want) {
			t.Errorf("gap %v: frames %v, not %v", gap, came, want)
		}
	}
}
