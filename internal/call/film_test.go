package call

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/webm"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// shoot hands the frames of a file to a recorder, as a track that begins at this time would, and returns how many.
func shoot(t *testing.T, r *Recorder, file string, id TrackID, began time.Time) int {
	t.Helper()
	f, err := os.Open("../../testdata/media/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tracks, err := openTracks(f)
	if err != nil {
		t.Fatal(err)
	}
	codec, media := tracks[0].codec, tracks[0].media
	id.Codec = codec
	info, _ := codecNamed(codec)
	at := time.Duration(0)
	for n := 0; ; n++ {
		data, lasts, err := media.next()
		if errors.Is(err, io.EOF) {
			r.end(id)
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		ticks := uint32(at.Seconds() * float64(info.params.ClockRate))
		r.frame(Frame{Track: id, Key: keyFrame(codec, data), Timestamp: 77 + ticks, Arrived: began.Add(at), Data: data})
		at += lasts
	}
}

func recorder(t *testing.T, layout Layout) *Recorder {
	t.Helper()
	r, err := NewRecorder(filepath.Join(t.TempDir(), "new"), layout)
	if err != nil {
		t.Fatal(err)
	}
	r.names = func(ref olmkeys.Ref) string { return "Name of " + ref.Device }
	return r
}

func (r *Recorder) closed(t *testing.T) []RecordedFile {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return r.Files()
}

// shown asks ffprobe for something of each stream of a kind.
func streams(t *testing.T, path, kind, what string) []string {
	t.Helper()
	if _, err := exec.LookPath("ffprobe"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("ffprobe is not installed, so the recording cannot be judged; hint: apt-get install ffmpeg")
	}
	out, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-count_packets", "-select_streams", kind, "-show_entries", what, "-of", "csv=p=0", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", path, err, out)
	}
	return strings.Fields(strings.ReplaceAll(string(out), " ", "_"))
}

// TestFilms: a participant whose connection was lost for ten seconds is one file, which decodes, with a track a source.
func TestFilms(t *testing.T) {
	began := time.Now()
	for _, file := range []string{"vp8.ivf", "vp9.ivf", "av1.ivf", "h264.h264"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			r := recorder(t, PerParticipant)
			from := olmkeys.Ref{User: "@ann:x", Device: "DEV"}
			pictures, sounds := 0, 0
			for i := range 2 {
				at := began.Add(time.Duration(i) * 20 * time.Second)
				sounds += shoot(t, r, "opus.ogg", TrackID{From: from, Source: wire.SourceMic, Serial: 2 * i}, at)
				pictures += shoot(t, r, file, TrackID{From: from, Source: wire.SourceCamera, Serial: 2*i + 1}, at.Add(300*time.Millisecond))
			}
			made := r.closed(t)
			extension := ".webm"
			if file == "h264.h264" {
				extension = ".mkv"
			}
			if len(made) != 1 || filepath.Base(made[0].Path) != "ann-DEV"+extension || made[0].Name != "Name of DEV" || len(made[0].Tracks) != 2 || made[0].Bytes == 0 {
				t.Fatalf("%+v", made)
			}
			path := made[0].Path
			if got, want := streams(t, path, "v", "stream=nb_read_frames"), fmt.Sprint(pictures); len(got) != 1 || got[0] != want {
				t.Errorf("%v pictures, not %s", got, want)
			}
			if got, want := streams(t, path, "a", "stream=nb_read_packets"), fmt.Sprint(sounds); len(got) != 1 || got[0] != want {
				t.Errorf("%v packets of sound, not %s", got, want)
			}
			if got := streams(t, path, "v", "stream_tags=title"); len(got) != 1 || got[0] != `"Name_of_DEV,_camera"` {
				t.Errorf("%v", got)
			}
			var start, length float64
			if _, err := fmt.Sscan(streams(t, path, "v", "stream=start_time")[0], &start); err != nil || start < 0.29 || start > 0.31 {
				t.Errorf("the picture begins at %v, %v", start, err)
			}
			if _, err := fmt.Sscan(streams(t, path, "v", "format=duration")[0], &length); err != nil || length < 20 || length > 40 {
				t.Errorf("it is %v s long, %v", length, err)
			}
		})
	}
}

// TestFilmOfAll: one file, a track a source of each.
func TestFilmOfAll(t *testing.T) {
	r := recorder(t, PerCall)
	began := time.Now()
	ann, ben := olmkeys.Ref{User: "@ann:x", Device: "A"}, olmkeys.Ref{User: "@ben:x", Device: "B"}
	sound := shoot(t, r, "opus.ogg", TrackID{From: ann, Source: wire.SourceMic}, began)
	picture := shoot(t, r, "vp8.ivf", TrackID{From: ann, Source: wire.SourceCamera, Serial: 1}, began)
	other := shoot(t, r, "vp9.ivf", TrackID{From: ben, Source: wire.SourceScreen, Serial: 2}, began)
	made := r.closed(t)
	if len(made) != 1 || filepath.Base(made[0].Path) != "meeting.webm" || len(made[0].Tracks) != 3 {
		t.Fatalf("%+v", made)
	}
	if got := streams(t, made[0].Path, "v", "stream=nb_read_frames"); len(got) != 2 || got[0] != fmt.Sprint(picture) || got[1] != fmt.Sprint(other) {
		t.Errorf("%v pictures, not %d and %d", got, picture, other)
	}
	if got := streams(t, made[0].Path, "a", "stream=nb_read_packets"); len(got) != 1 || got[0] != fmt.Sprint(sound) {
		t.Errorf("%v packets, not %d", got, sound)
	}
}

// TestFilmUnfinished: of a recorder that dies, what was written plays.
func TestFilmUnfinished(t *testing.T) {
	r := recorder(t, PerParticipant)
	id := TrackID{From: olmkeys.Ref{User: "@ann:x", Device: "DEV"}, Source: wire.SourceCamera}
	n := shoot(t, r, "vp8.ivf", id, time.Now())
	if got := streams(t, filepath.Join(r.dir, "ann-DEV.webm"), "v", "stream=nb_read_frames"); len(got) != 1 || got[0] != fmt.Sprint(n) {
		t.Errorf("%v frames of %d", got, n)
	}
}

// TestLayersAreOnePicture: frames of one time are one block, so that a player shows only the last.
func TestLayersAreOnePicture(t *testing.T) {
	low, high := []byte{0x86, 1, 2}, []byte{0x86, 3, 4, 5}
	joined := webmFrame(wire.CodecVP9, [][]byte{low, high})
	if want := "\x86\x01\x02\x86\x03\x04\x05\xd9\x03\x00\x00\x00\x04\x00\x00\x00\xd9"; string(joined) != want {
		t.Errorf("% x", joined)
	}
	if one := webmFrame(wire.CodecVP9, [][]byte{low}); string(one) != string(low) {
		t.Errorf("% x", one)
	}
	if both := webmFrame(wire.CodecAV1, [][]byte{low, high}); string(both) != string(low)+string(high) {
		t.Errorf("% x", both)
	}
}

// TestRecorderTellsOfFailure: a disk that takes no more is told at once, not in the end.
func TestRecorderTellsOfFailure(t *testing.T) {
	r := recorder(t, PerParticipant)
	if err := os.RemoveAll(r.dir); err != nil {
		t.Fatal(err)
	}
	r.frame(Frame{Track: TrackID{Source: wire.SourceMic, Codec: wire.CodecOpus}, Key: true, Data: []byte{0xfc, 0xff, 0xfe}})
	select {
	case <-r.Failed():
	default:
		t.Error("nothing is said")
	}
	if err := r.Close(); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestHugeSets: a sender whose parameter sets fit into no file is not recorded, and ends nothing.
func TestHugeSets(t *testing.T) {
	r := recorder(t, PerParticipant)
	huge := bytes.Repeat([]byte{0x11}, 2*roomForOne)
	frame := slices.Concat(nalLongStart, []byte{0x67, 66, 0, 31}, huge, nalLongStart, []byte{0x68, 1}, nalLongStart, []byte{0x65, 1})
	if r.frame(Frame{Track: TrackID{Source: wire.SourceCamera, Codec: wire.CodecH264}, Key: true, Data: frame}) {
		t.Error("it was written")
	}
	if made := r.closed(t); len(made) != 0 {
		t.Errorf("%+v", made)
	}
}

// TestTrackThatNeverFits: one that an empty file has no room for is an error, and not one file after the other.
func TestTrackThatNeverFits(t *testing.T) {
	r := recorder(t, PerCall)
	r.names = func(olmkeys.Ref) string { return strings.Repeat("x", roomForAll) }
	r.frame(Frame{Track: TrackID{Source: wire.SourceMic, Codec: wire.CodecOpus}, Key: true, Data: []byte{0xfc, 0xff, 0xfe}})
	if err := r.Close(); !errors.Is(err, webm.ErrFull) || len(r.Files()) != 1 {
		t.Errorf("%v, %+v", err, r.Files())
	}
}

// TestTimesOfFilm: a frame that was held up moves nobody's time, one that was not sets it, and a clock that stood still is
// set anew.
func TestTimesOfFilm(t *testing.T) {
	began := time.Now()
	codec, _ := codecNamed(wire.CodecOpus)
	track := &take{codec: codec, began: began}
	for i, step := range []struct{ sent, arrives, at time.Duration }{
		{0, 300, 300},                       // held up
		{20, 20, 20},                        // not
		{40, 40, 40},                        //
		{60, 900, 60},                       // a slow line
		{80, 20080, 20080},                  // 20 s in which the clock stood
		{100, 20100, 20100},                 //
		{50000, 20120, 20120},               // a clock that leapt
		{50020, 20140 + 1000, 20140},        // late again
		{50040, 20160 + 2999, 20160},        //
		{50060, 20180 + 3001, 20180 + 3001}, // too late to be late
	} {
		stamp := uint32((step.sent*time.Millisecond).Seconds()*audioClock + 0.5)
		got := track.when(Frame{Timestamp: stamp, Arrived: began.Add(step.arrives * time.Millisecond)})
		if off := (got - step.at*time.Millisecond).Abs(); off > time.Millisecond {
			t.Errorf("step %d: at %v, not %v", i, got, step.at*time.Millisecond)
		}
	}
}
