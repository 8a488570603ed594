package webm

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var about = Info{Title: "a meeting", Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Program: "test"}

func newFile(t *testing.T, room int) (*os.File, *Writer) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "test.webm"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	w, err := NewWriter(f, about, room)
	if err != nil {
		t.Fatal(err)
	}
	return f, w
}

func add(t *testing.T, w *Writer, track Track) int {
	t.Helper()
	n, err := w.Add(track)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func contents(t *testing.T, f *os.File) []byte {
	t.Helper()
	b, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readAll(t *testing.T, b []byte) ([]Track, []Block) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []Block
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Tracks(), blocks
		}
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b)
	}
}

var (
	camera = Track{Codec: VP8, Name: "Ann, camera", Width: 640, Height: 360}
	mic    = Track{Codec: Opus, Name: "Ann, microphone", Private: OpusPrivate(2)}
)

// A minute of two tracks, the second of which comes late, and later than it says it was, is read back.
func TestWriterAndReader(t *testing.T) {
	f, w := newFile(t, 4096)
	sound := add(t, w, mic)
	picture := -1
	var want []Block
	put := func(track int, at time.Duration, key bool, data []byte) {
		if err := w.Frame(track, at, key, data); err != nil {
			t.Fatal(err)
		}
		want = append(want, Block{track, at, data})
	}
	for i := range 3000 {
		at := time.Duration(i) * 20 * time.Millisecond
		put(sound, at, true, bytes.Repeat([]byte{byte(i)}, 80))
		if i == 100 {
			picture = add(t, w, camera)
		}
		if picture >= 0 && i%2 == 0 {
			put(picture, at-50*time.Millisecond, i%100 == 0, bytes.Repeat([]byte{byte(i)}, 900))
		}
	}
	if err := w.Frame(sound, time.Second, true, []byte("back in time")); err != nil {
		t.Fatal(err)
	}
	want = append(want, Block{sound, 2999 * 20 * time.Millisecond, []byte("back in time")})
	crashed := contents(t, f)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := contents(t, f)
	tracks, got := readAll(t, whole)
	if len(tracks) != 2 || tracks[1].Codec != VP8 || tracks[1].Width != 640 || tracks[1].Name != camera.Name || !bytes.Equal(tracks[0].Private, mic.Private) {
		t.Errorf("%+v", tracks)
	}
	for track := range 2 {
		of := func(list []Block) (part []Block) {
			for _, b := range list {
				if b.Track == track {
					part = append(part, b)
				}
			}
			return part
		}
		same := func(a, b Block) bool { return a.At == b.At && bytes.Equal(a.Data, b.Data) }
		if !slices.EqualFunc(of(got), of(want), same) {
			t.Errorf("track %d: %d frames came back of %d, or with other times", track, len(of(got)), len(of(want)))
		}
	}
	// What was there when the program died misses at most a second.
	if _, early := readAll(t, crashed); len(early) < len(want)-76 {
		t.Errorf("a crash leaves %d of %d frames", len(early), len(want))
	}
}

// H.264 makes it Matroska, also when it comes later; and a list that is full is said to be.
func TestLateTracks(t *testing.T) {
	f, w := newFile(t, 800)
	add(t, w, mic)
	if !bytes.Contains(contents(t, f)[:64], []byte("webm")) {
		t.Error("sound alone is no WebM")
	}
	add(t, w, Track{Codec: H264, Width: 1, Height: 1})
	if !bytes.Contains(contents(t, f)[:64], []byte("matroska")) {
		t.Error("H.264 is no Matroska")
	}
	added := 2
	for ; ; added++ {
		_, err := w.Add(camera)
		if errors.Is(err, ErrFull) {
			break
		}
		if err != nil || added > 100 {
			t.Fatal(err)
		}
	}
	if err := w.Frame(0, 0, true, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if tracks, blocks := readAll(t, contents(t, f)); len(tracks) != added || len(blocks) != 1 {
		t.Errorf("%d tracks of %d, %d frames", len(tracks), added, len(blocks))
	}
}

func TestStream(t *testing.T) {
	var b bytes.Buffer
	s, err := NewStream(&b, about, []Track{camera, mic})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := s.Frame(i%2, time.Duration(i)*7*time.Second, i == 4, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	tracks, blocks := readAll(t, b.Bytes())
	if len(tracks) != 2 || len(blocks) != 10 || blocks[9].At != 63*time.Second || blocks[9].Track != 1 {
		t.Errorf("%+v\n%+v", tracks, blocks)
	}
}

// What cannot be read is an error, with a reason.
func TestReaderRefuses(t *testing.T) {
	head := func(tracks []byte) []byte {
		return append(appendWideSize(appendID(header(nil), idSegment), unknownSize), tracks...)
	}
	good := head(tracksElement([]Track{mic}))
	for name, b := range map[string][]byte{
		"nothing":   nil,
		"text":      []byte("no film at all"),
		"no tracks": head(nil),
		"cut":       good[:len(good)-3],
		"too large": head(appendWideSize(appendID(nil, idTracks), 1<<40)),
		"early":     head(appendElement(nil, idSimpleBlock, []byte{0x81, 0, 0, 0x80})),
	} {
		if _, err := NewReader(bytes.NewReader(b)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string][]byte{
		"lacing": appendElement(nil, idSimpleBlock, []byte{0x81, 0, 0, 0x86, 1}),
		"short":  appendElement(nil, idSimpleBlock, []byte{0x81}),
		"empty":  appendElement(nil, idSimpleBlock, nil),
	} {
		r, err := NewReader(bytes.NewReader(append(bytes.Clone(good), b...)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file of anybody's is read without a panic, and without end or much memory.
func FuzzReader(f *testing.F) {
	var b bytes.Buffer
	s, err := NewStream(&b, about, []Track{camera, mic})
	if err != nil {
		f.Fatal(err)
	}
	for i := range 4 {
		if err := s.Frame(i%2, time.Duration(i)*time.Second, i%2 == 0, []byte("frame")); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(b.Bytes())
	f.Add(appendElement(header(nil), idTracks, appendTrack(nil, 1, Track{Codec: H264, Private: []byte{1}})))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		total := 0
		for {
			b, err := r.Next()
			if err != nil {
				break
			}
			if b.At < 0 || b.Track >= len(r.Tracks()) {
				t.Fatalf("%+v", b)
			}
			total += len(b.Data)
		}
		if total > len(data) {
			t.Fatalf("%d bytes of frames from %d", total, len(data))
		}
	})
}
