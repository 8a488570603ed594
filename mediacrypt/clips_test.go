package mediacrypt

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// IVF: a header of 32 bytes, and 12 before each frame, its length first.
const (
	ivfHeaderSize      = 32
	ivfFrameHeaderSize = 12
)

func ivfFrames(t *testing.T, path string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var frames [][]byte
	for b = b[ivfHeaderSize:]; len(b) > 0; {
		end := ivfFrameHeaderSize + int(binary.LittleEndian.Uint32(b))
		frames = append(frames, b[ivfFrameHeaderSize:end])
		b = b[end:]
	}
	return frames
}

// The committed clips are 12 frames of ffmpeg's test picture with a key frame every 5.
func TestClips(t *testing.T) {
	keys := []bool{true, false, false, false, false, true, false, false, false, false, true, false}
	for _, codec := range []Codec{CodecVP8, CodecVP9, CodecAV1, CodecH264} {
		checkClip(t, codec, ivfFrames(t, filepath.Join("testdata", "clips", codec.String()+".ivf")), keys)
	}
}

// missing skips a test that needs a program, except in CI, which has them all.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Larger clips of other encoders, made on the spot; what ffprobe calls a key frame is the oracle.
func TestClipsOfEncoders(t *testing.T) {
	if testing.Short() {
		t.Skip("runs encoders")
	}
	for _, c := range []struct {
		codec Codec
		args  string
	}{
		{CodecVP8, "libvpx -deadline realtime -auto-alt-ref 0 -b:v 300k"},
		{CodecVP9, "libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 300k"},
		{CodecAV1, "libaom-av1 -usage realtime -cpu-used 8 -b:v 300k"},
		{CodecAV1, "libsvtav1 -preset 12 -b:v 300k"},
	} {
		t.Run(strings.Fields(c.args)[0], func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "clip.ivf")
			args := append(strings.Fields("-loglevel error -f lavfi -i testsrc=size=320x240:rate=30 -frames:v 40 -pix_fmt yuv420p -g 15 -c:v"),
				append(strings.Fields(c.args), path)...)
			if out, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
				missing(t, "no ffmpeg with this encoder: %v\n%s", err, out)
			}
			out, err := exec.Command("ffprobe", "-loglevel", "error", "-show_entries", "packet=flags", "-of", "csv=p=0", path).Output()
			if err != nil {
				missing(t, "no ffprobe: %v", err)
			}
			var keys []bool
			for _, flags := range strings.Fields(string(out)) {
				keys = append(keys, strings.HasPrefix(flags, "K"))
			}
			checkClip(t, c.codec, ivfFrames(t, path), keys)
		})
	}
}

// checkClip seals and opens every frame, and holds kinds against keys.
func checkClip(t *testing.T, codec Codec, frames [][]byte, keys []bool) {
	t.Helper()
	if len(frames) != len(keys) || !slices.Contains(keys, true) || !slices.Contains(keys, false) {
		t.Fatalf("%v: %d frames, key frames %v", codec, len(frames), keys)
	}
	s, err := NewSealer(testKID, testKey)
	if err != nil {
		t.Fatal(err)
	}
	o := openerWith(t, testKID, testKey)
	for i, frame := range frames {
		sealed, err := s.Seal(nil, SourceCamera, codec, frame)
		if err != nil {
			t.Fatal(err)
		}
		want := kindUntold
		if codec != CodecVP9 {
			want = map[bool]kind{true: kindKey, false: kindDelta}[keys[i]]
		}
		if _, told, err := cutPrefix(codec, sealed); err != nil || told != want {
			t.Errorf("%v frame %d: the prefix says %v, %v, want %v", codec, i, told, err, want)
		}
		got, h, err := o.Open(nil, SourceCamera, codec, sealed)
		if err != nil || !bytes.Equal(got, frame) || h.CTR != uint64(i) {
			t.Errorf("%v frame %d: %v, %v", codec, i, h, err)
		}
	}
}
