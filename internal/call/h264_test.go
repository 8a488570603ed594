package call

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/mediacrypt"
)

// The committed stream: 60 pictures of 320x240, four slices each, a key frame every 15.
func h264Stream(t testing.TB) []byte {
	t.Helper()
	stream, err := os.ReadFile("../../testdata/media/h264.h264")
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func h264Frames(t testing.TB) (frames [][]byte) {
	t.Helper()
	// A byte at a time, so that every unit is met cut in two.
	codec, media, err := newAnnexBReader(iotest.OneByteReader(bytes.NewReader(h264Stream(t))))
	if err != nil || codec != wire.CodecH264 {
		t.Fatal(codec, err)
	}
	for {
		frame, interval, err := media.next()
		if errors.Is(err, io.EOF) {
			return frames
		}
		if err != nil || interval != time.Second/30 {
			t.Fatal(interval, err)
		}
		frames = append(frames, frame)
	}
}

func TestAnnexBFrames(t *testing.T) {
	frames := h264Frames(t)
	if len(frames) != 60 {
		t.Fatalf("%d frames", len(frames))
	}
	for i, frame := range frames {
		slices := 0
		for unit, rest := nextUnit(frame); unit != nil; unit, rest = nextUnit(rest) {
			if typ := unit[0] & nalTypeMask; typ == nalSlice || typ == nalIDR {
				slices++
			}
		}
		key := i%15 == 0
		if slices != 4 || keyFrame(wire.CodecH264, frame) != key {
			t.Errorf("frame %d: %d slices, key frame %v", i, slices, !key)
		}
		width, height, err := frameSize(wire.CodecH264, frame)
		if key && (width != 320 || height != 240 || err != nil) || !key && err == nil {
			t.Errorf("frame %d: %dx%d, %v", i, width, height, err)
		}
	}
	// Nothing but the form of the start codes has changed.
	plain := func(b []byte) []byte { return bytes.ReplaceAll(b, nalLongStart, nalStart) }
	if !bytes.Equal(plain(bytes.Join(frames, nil)), plain(h264Stream(t))) {
		t.Error("the frames are not the stream")
	}
}

func TestSequenceSets(t *testing.T) {
	for _, test := range []struct {
		name, unit string
		want       sequenceSet
		ok         bool
	}{
		{"of every sealed frame", "\x67\x42\xe0\x1f\xda\x02\x80\xf6\x80\x78\x44\x23\x50", sequenceSet{66, 640, 480, 0}, true},
		// 1920x1080 is cropped from 1920x1088.
		{"cropped, with times", "\x67\x42\xc0\x28\xda\x01\xe0\x08\x9f\x97\x01\x10\x00\x00\x03\x00\x10\x00\x00\x03\x03\xc0\xf1\x83\x2a", sequenceSet{66, 1920, 1080, time.Second / 30}, true},
		{"of a profile that is not read further", "\x67\x64\x00\x1f", sequenceSet{profile: 100}, true},
		{"cut", "\x67\x42\xe0\x1f\xda", sequenceSet{}, false},
		{"no such unit", "\x68\xce\x3c\x80", sequenceSet{}, false},
		{"empty", "", sequenceSet{}, false},
	} {
		if got, ok := readSequenceSet([]byte(test.unit)); ok != test.ok || ok && got != test.want {
			t.Errorf("%s: %+v, %v", test.name, got, ok)
		}
	}
}

func TestAnnexBRefused(t *testing.T) {
	const start = "\x00\x00\x00\x01"
	for name, test := range map[string]struct{ stream, what string }{
		"another profile":  {start + "\x67\x64\x00\x1f\xac", "profile 100"},
		"no parameter set": {start + "\x65\x88\x80", "does not begin with"},
		"H.265":            {start + "\x40\x01\x0c\x01", "does not begin with"},
		"a delimiter only": {start + "\x09\xf0", "has no parameter set"},
		"a start code":     {start, "has no parameter set"},
	} {
		_, err := openTracks(strings.NewReader(test.stream))
		var known *Error
		if !errors.As(err, &known) || !strings.Contains(known.What, test.what) || known.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// sealedH264 is what an assembler gets of the stream: sealed, split, numbered.
func sealedH264(t *testing.T, frames [][]byte) (sealed [][]byte, packets [][]*rtp.Packet) {
	t.Helper()
	sealer, err := mediacrypt.NewSealer(1, mediacrypt.BaseKey{1})
	if err != nil {
		t.Fatal(err)
	}
	packetizer := rtp.NewPacketizer(mtu, 102, 1, &codecs.H264Payloader{}, rtp.NewFixedSequencer(65000), videoClock)
	for _, frame := range frames {
		b, err := sealer.Seal(nil, mediacrypt.SourceCamera, mediacrypt.CodecH264, frame)
		if err != nil {
			t.Fatal(err)
		}
		sealed, packets = append(sealed, b), append(packets, packetizer.Packetize(b, 3000))
	}
	return sealed, packets
}

// TestH264Assembled: pictures of several slices come out of their packets byte by byte as they were sealed.
func TestH264Assembled(t *testing.T) {
	sealed, packets := sealedH264(t, h264Frames(t))
	got := assembledOf(wire.CodecH264, packets...)
	if len(got) != len(sealed) {
		t.Fatalf("%d frames of %d", len(got), len(sealed))
	}
	for i, f := range got {
		if f.loss || !bytes.Equal(f.data, sealed[i]) {
			t.Errorf("frame %d: %d bytes of %d, loss %v", i, len(f.data), len(sealed[i]), f.loss)
		}
	}
}

// TestH264Loss: whichever packet of a key frame is lost, nothing comes out that was not sealed, and the frame after the gap
// says that something is missing. (The sample builder gives up the one behind a gap as well, of every codec.)
func TestH264Loss(t *testing.T) {
	sealed, packets := sealedH264(t, h264Frames(t)[:45])
	const key = 15
	if len(packets[key]) < 3 {
		t.Fatalf("a key frame of %d packets", len(packets[key]))
	}
	for lost := range packets[key] {
		list := append([][]*rtp.Packet(nil), packets...)
		list[key] = append(append([]*rtp.Packet(nil), list[key][:lost]...), list[key][lost+1:]...)
		got := assembledOf(wire.CodecH264, list...)
		if len(got) < len(sealed)-2 {
			t.Errorf("packet %d lost: %d frames of %d", lost, len(got), len(sealed)-1)
		}
		for i, f := range got {
			at := i
			if i >= key {
				at += len(sealed) - len(got)
			}
			if !bytes.Equal(f.data, sealed[at]) || f.loss != (i == key) {
				t.Errorf("packet %d lost, frame %d: %d bytes of %d, loss %v", lost, at, len(f.data), len(sealed[at]), f.loss)
			}
		}
	}
}
