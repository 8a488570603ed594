package call

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/internal/wire"
)

// probed counts the frames of a file with ffprobe, which decodes them; packets where asked, since a decoder of Opus
// drops the pre-skip (RFC 7845 §4.2) and so some frames.
func probed(t *testing.T, path, what string) int {
	t.Helper()
	if _, err := exec.LookPath("ffprobe"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("ffprobe is not installed, so the recording cannot be judged; hint: apt-get install ffmpeg")
	}
	out, err := exec.Command("ffprobe", "-v", "error", "-count_"+what, "-show_entries", "stream=nb_read_"+what, "-of", "csv=p=0", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", path, err, out)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatalf("%s: ffprobe says %q", path, out) // also where it complained about a frame
	}
	return n
}

// TestRecordingIsPlayable: each codec, recorded by somebody who joins in the middle.
func TestRecordingIsPlayable(t *testing.T) {
	for _, file := range []string{"vp8.ivf", "vp9.ivf", "av1.ivf", "h264.h264"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			w, secret := newWorld(t), newSecret()
			w.join(secret, Config{Name: "A"}, file, "opus.ogg")
			dir := t.TempDir()
			recorder, err := NewRecorder(dir, PerTrack)
			if err != nil {
				t.Fatal(err)
			}
			b := w.join(secret, Config{Name: "B", Recorder: recorder})
			eventually(t, "B opens picture and sound", func() bool {
				return b.opened("A", wire.SourceCamera) > 40 && b.opened("A", wire.SourceMic) > 100
			})
			b.Leave()
			if err := recorder.Close(); err != nil {
				t.Fatal(err)
			}
			for _, track := range b.Report().Tracks {
				what, pattern := "frames", "camera-*.ivf"
				if track.Source == wire.SourceMic {
					what, pattern = "packets", "mic-*.ogg"
				}
				files, _ := filepath.Glob(filepath.Join(dir, pattern))
				if len(files) != 1 {
					t.Fatalf("%s: %v", track.Source, files)
				}
				if n := probed(t, files[0], what); n != track.FramesWritten {
					t.Errorf("%s: %d %s in the file, %d written", track.Source, n, what, track.FramesWritten)
				}
				if track.FramesOpened != track.FramesWritten+track.FramesEarly {
					t.Errorf("%s: %d opened, %d written, %d before the first key frame", track.Source, track.FramesOpened, track.FramesWritten, track.FramesEarly)
				}
			}
		})
	}
}

// A member seals what is no sound at all: it is left out, and the recording goes on.
func TestRecordingOutlivesNonsense(t *testing.T) {
	r, err := NewRecorder(t.TempDir(), PerTrack)
	if err != nil {
		t.Fatal(err)
	}
	id := TrackID{Source: wire.SourceMic, Codec: wire.CodecOpus}
	for i, frame := range []struct {
		data    string
		written bool
	}{{"\x78abc", true}, {"", false}, {"GROTTO", false}, {"\x7b\x00", false}, {"\x78abc", true}} {
		if r.frame(Frame{Track: id, Key: true, Timestamp: uint32(960 * i), Data: []byte(frame.data)}) != frame.written {
			t.Errorf("frame %d: written %v", i, !frame.written)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
