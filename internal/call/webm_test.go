package call

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/webm"
)

// clip is a file of testdata, by its frames.
type clip struct {
	opened
	frames [][]byte
	at     []time.Duration
}

func readClip(t testing.TB, name string) clip {
	t.Helper()
	file, err := os.ReadFile("../../testdata/media/" + name)
	if err != nil {
		t.Fatal(err)
	}
	tracks, err := openTracks(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	c := clip{opened: tracks[0]}
	for at := time.Duration(0); ; {
		frame, lasts, err := c.media.next()
		if errors.Is(err, io.EOF) {
			return c
		}
		if err != nil {
			t.Fatal(err)
		}
		c.frames, c.at = append(c.frames, frame), append(c.at, at)
		at += lasts
	}
}

// webmOf makes a WebM of files of testdata.
func webmOf(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	var clips []clip
	var tracks []webm.Track
	for _, name := range names {
		c := readClip(t, name)
		track, ok := webmTrack(c.codec, c.frames[0])
		if !ok {
			t.Fatal(name)
		}
		clips, tracks = append(clips, c), append(tracks, track)
	}
	s, err := webm.NewStream(&b, webm.Info{}, tracks)
	if err != nil {
		t.Fatal(err)
	}
	for next := make([]int, len(clips)); ; {
		first := -1
		for i, c := range clips {
			if next[i] < len(c.frames) && (first < 0 || c.at[next[i]] < clips[first].at[next[first]]) {
				first = i
			}
		}
		if first < 0 {
			return b.Bytes()
		}
		c, n := clips[first], next[first]
		if err := s.Frame(first, c.at[n], keyFrame(c.codec, c.frames[n]), webmFrame(c.codec, [][]byte{c.frames[n]})); err != nil {
			t.Fatal(err)
		}
		next[first]++
	}
}

// TestWebMGivesFrames: what goes into a WebM comes out of it, for each codec, at its pace.
func TestWebMGivesFrames(t *testing.T) {
	for _, names := range [][]string{{"vp8.ivf", "opus.ogg"}, {"vp9.ivf"}, {"av1.ivf", "opus.ogg"}, {"h264.h264", "opus.ogg"}} {
		tracks, err := openTracks(bytes.NewReader(webmOf(t, names...)))
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			want := readClip(t, name)
			if tracks[i].codec != want.codec {
				t.Errorf("%s: it is %s now", name, tracks[i].codec)
			}
			at := time.Duration(0)
			for n, frame := range want.frames {
				got, lasts, err := tracks[i].media.next()
				if err != nil {
					t.Fatalf("%s, frame %d: %v", name, n, err)
				}
				if !bytes.Equal(got, frame) {
					t.Fatalf("%s, frame %d: %d bytes, not %d", name, n, len(got), len(frame))
				}
				if off := (at - want.at[n]).Abs(); off > 5*time.Millisecond {
					t.Fatalf("%s, frame %d: off by %v", name, n, off)
				}
				at += lasts
			}
			if _, _, err := tracks[i].media.next(); !errors.Is(err, io.EOF) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestWebMRefused: what cannot be sent is said with a reason.
func TestWebMRefused(t *testing.T) {
	for what, tracks := range map[string][]webm.Track{
		"A_VORBIS":       {{Codec: "A_VORBIS"}},
		"parameter sets": {{Codec: webm.H264}},
		"neither":        {{Codec: "S_TEXT/UTF8"}},
	} {
		var b bytes.Buffer
		if _, err := webm.NewStream(&b, webm.Info{}, tracks); err != nil {
			t.Fatal(err)
		}
		if _, err := openTracks(&b); !errors.Is(err, ErrMedia) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestTracksAreReadInStep: a track that is read slowly holds the other back, or all of a film might be kept.
func TestTracksAreReadInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		s, err := webm.NewStream(&b, webm.Info{}, []webm.Track{{Codec: webm.VP8}, {Codec: webm.Opus}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range maxWaiting + 1 {
			if err := s.Frame(i/maxWaiting, time.Duration(i)*time.Millisecond, true, []byte{1}); err != nil {
				t.Fatal(err)
			}
		}
		tracks, err := openTracks(&b)
		if err != nil {
			t.Fatal(err)
		}
		file, came := tracks[0].media.(*webmReader).from, false
		go func() {
			_, err := file.next(1)
			came = err == nil
		}()
		synctest.Wait()
		if came {
			t.Error("the sound was read past all pictures")
		}
		if _, err := file.next(0); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !came {
			t.Error("the sound is stuck")
		}
	})
}
