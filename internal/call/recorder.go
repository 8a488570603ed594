package call

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4/pkg/media/oggwriter"

	"github.com/grotto-meet/grotto/internal/webm"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// Layout is how a recording is divided into files.
type Layout int

// The layouts.
const (
	PerParticipant Layout = iota // a WebM file each, with all that they send; Matroska where it is H.264
	PerCall                      // one file with the tracks of all
	PerTrack                     // IVF for video, Ogg for sound, as it came
)

// Recorder writes what opens into files. It goes into Config.Recorder; Close it when the call is over.
type Recorder struct {
	dir    string
	layout Layout
	names  func(olmkeys.Ref) string
	failed chan struct{} // closed with the first error
	bytes  atomic.Int64  // of frames

	mu    sync.Mutex
	files map[TrackID]frameWriter // nil: the track has ended, or its file could not be made
	films map[filmID]*film
	made  []RecordedFile
	err   error // the first
}

// filmID is whose a film is: nobody's where it is everybody's.
type filmID struct {
	user, device string
	number       int
}

// RecordedFile is a file of a recording.
type RecordedFile struct {
	Path   string   `json:"path"`
	User   string   `json:"user,omitempty"` // whose it is; "": everybody's
	Device string   `json:"device,omitempty"`
	Name   string   `json:"name,omitempty"`
	Tracks []string `json:"tracks"` // by source and codec
	Bytes  int64    `json:"bytes"`
}

type frameWriter interface {
	write(Frame) (written bool, err error)
	close() error
}

// NewRecorder makes the directory if it is not there.
func NewRecorder(dir string, layout Layout) (*Recorder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, plainPathError(err))
	}
	return &Recorder{dir: dir, layout: layout, files: map[TrackID]frameWriter{}, films: map[filmID]*film{}, failed: make(chan struct{}),
		names: func(olmkeys.Ref) string { return nameless }}, nil
}

// Failed is closed when something could not be written; Close says what.
func (r *Recorder) Failed() <-chan struct{} { return r.failed }

// Bytes is how much was recorded so far.
func (r *Recorder) Bytes() int64 { return r.bytes.Load() }

// Files lists what was made, once it is closed.
func (r *Recorder) Files() []RecordedFile {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]RecordedFile{}, r.made...)
}

// frame writes a frame and says whether it went into a file: video before its first key frame does not.
func (r *Recorder) frame(f Frame) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, known := r.files[f.Track]
	if !known {
		var err error
		if w, err = r.open(f); err != nil {
			w = nil
			r.fail(err)
		}
		if w == nil && err == nil {
			return false // not yet a key frame
		}
		r.files[f.Track] = w
	}
	if w == nil {
		return false
	}
	written, err := w.write(f)
	if err != nil {
		r.fail(err)
	}
	r.bytes.Add(int64(len(f.Data)))
	return written
}

// end closes a track's file when the track is over.
func (r *Recorder) end(id TrackID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closeFile(id)
	r.files[id] = nil
}

// Close closes all files and gives the first error of all that was done.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.files {
		r.closeFile(id)
	}
	clear(r.files)
	for id, f := range r.films {
		if err := f.finish(r.names); err != nil {
			r.fail(err)
		}
		r.finished(id, f)
	}
	clear(r.films)
	slices.SortFunc(r.made, func(a, b RecordedFile) int { return strings.Compare(a.Path, b.Path) })
	return r.err
}

// finished gives a file that WebM cannot be its other name, and takes note of it.
func (r *Recorder) finished(id filmID, f *film) {
	made := RecordedFile{Path: f.file.Name(), User: id.user, Device: id.device}
	if base, ok := strings.CutSuffix(made.Path, ".webm"); ok && f.h264 {
		other := base + ".mkv"
		if _, err := os.Lstat(other); errors.Is(err, os.ErrNotExist) && os.Rename(made.Path, other) == nil {
			made.Path = other
		}
	}
	for _, key := range f.order {
		made.Tracks = append(made.Tracks, fmt.Sprintf("%s (%s)", key.source, key.codec))
		if id.device != "" {
			made.Name = r.names(f.tracks[key].ref)
		}
	}
	r.note(made)
}

func (r *Recorder) note(made RecordedFile) {
	if info, err := os.Stat(made.Path); err == nil {
		made.Bytes = info.Size()
	}
	r.made = append(r.made, made)
}

func (r *Recorder) closeFile(id TrackID) {
	w := r.files[id]
	if w == nil {
		return
	}
	if err := w.close(); err != nil {
		r.fail(err)
	}
	if p, ok := w.(interface{ path() string }); ok {
		r.note(RecordedFile{Path: p.path(), User: id.From.User, Device: id.From.Device, Name: r.names(id.From),
			Tracks: []string{fmt.Sprintf("%s (%s)", id.Source, id.Codec)}})
	}
}

func (r *Recorder) fail(err error) {
	if r.err == nil {
		r.err = err
		close(r.failed)
	}
}

// open is nil where nothing can be decoded from this frame on.
func (r *Recorder) open(f Frame) (frameWriter, error) {
	if !f.Key {
		return nil, nil
	}
	if r.layout != PerTrack {
		t, err := r.take(f)
		if t == nil {
			return nil, err
		}
		return t, nil
	}
	name := fmt.Sprintf("%s-%s", f.Track.Source, owner(f.Track))
	if f.Track.Codec == wire.CodecOpus {
		file, err := r.create(name, "ogg")
		if err != nil {
			return nil, err
		}
		return newOggFile(file)
	}
	file, err := r.create(name, "ivf")
	if err != nil {
		return nil, err
	}
	return newIVFFile(file, f)
}

// take finds the film that a track belongs to, or makes it. One whose list of tracks is full is followed by another.
func (r *Recorder) take(f Frame) (*take, error) {
	name := r.names(f.Track.From)
	id, title, base, room := filmID{f.Track.From.User, f.Track.From.Device, 1}, name, owner(f.Track), roomForOne
	if r.layout == PerCall {
		id, title, base, room = filmID{number: 1}, "Meeting", "meeting", roomForAll
	}
	for ; ; id.number++ {
		film, known := r.films[id]
		if !known {
			if _, ok := webmTrack(f.Track.Codec, f.Data); !ok {
				return nil, nil
			}
			file, err := r.create(base, "webm")
			if err != nil {
				return nil, err
			}
			if film, err = newFilm(file, title, f.arrival(), room); err != nil {
				return nil, errors.Join(err, file.Close())
			}
			r.films[id] = film
		}
		t, err := film.begin(f, name)
		if !known || !errors.Is(err, webm.ErrFull) { // what does not fit into an empty one fits into none
			return t, err
		}
	}
}

// owner names a participant in file names. Display names, which anybody may choose, stay out of them.
func owner(id TrackID) string {
	local, _, _ := strings.Cut(strings.TrimPrefix(id.From.User, "@"), ":")
	return fileName(local) + "-" + fileName(id.From.Device)
}

// create makes a file that was not there before.
func (r *Recorder) create(base, extension string) (*os.File, error) {
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		file, err := os.OpenFile(filepath.Join(r.dir, name+"."+extension), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if !errors.Is(err, os.ErrExist) {
			return file, err
		}
	}
}

// fileName keeps what no file system minds.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
}

// ivfFile writes IVF with the RTP clock as its time base.
type ivfFile struct {
	file   *os.File
	frames uint32
	clock  clock
}

func newIVFFile(file *os.File, first Frame) (*ivfFile, error) {
	codec, _ := codecNamed(first.Track.Codec)
	// A size of zero where a key frame does not say it: players take it from the stream anyway.
	width, height, _ := frameSize(first.Track.Codec, first.Data)
	head := make([]byte, 0, ivfHeaderSize)
	head = append(head, ivfMagic...)
	head = binary.LittleEndian.AppendUint16(head, 0) // version
	head = binary.LittleEndian.AppendUint16(head, ivfHeaderSize)
	head = append(head, codec.fourCC...)
	head = binary.LittleEndian.AppendUint16(head, width)
	head = binary.LittleEndian.AppendUint16(head, height)
	head = binary.LittleEndian.AppendUint32(head, codec.params.ClockRate)
	head = binary.LittleEndian.AppendUint32(head, 1)
	head = binary.LittleEndian.AppendUint32(head, 0) // frames: written by close
	head = binary.LittleEndian.AppendUint32(head, 0)
	_, err := file.Write(head)
	return &ivfFile{file: file}, err
}

const ivfFrameCountAt = 24

func (w *ivfFile) write(f Frame) (bool, error) {
	head := binary.LittleEndian.AppendUint32(make([]byte, 0, ivfFrameHeaderSize), uint32(len(f.Data)))
	head = binary.LittleEndian.AppendUint64(head, w.clock.since(f.Timestamp))
	if _, err := w.file.Write(append(head, f.Data...)); err != nil {
		return false, err
	}
	w.frames++
	return true, nil
}

func (w *ivfFile) path() string { return w.file.Name() }

func (w *ivfFile) close() error {
	_, err := w.file.WriteAt(binary.LittleEndian.AppendUint32(nil, w.frames), ivfFrameCountAt)
	return errors.Join(err, w.file.Close())
}

// clock makes 64 bits of RTP's 32, which wrap after half a day of video; it never goes back.
type clock struct {
	started bool
	last    uint32
	ticks   uint64
}

func (c *clock) since(timestamp uint32) uint64 {
	if step := int32(timestamp - c.last); c.started && step > 0 {
		c.ticks += uint64(step)
		c.last = timestamp
	} else if !c.started {
		c.started, c.last = true, timestamp
	}
	return c.ticks
}

type oggFile struct {
	writer *oggwriter.OggWriter
	name   string
}

func (w *oggFile) path() string { return w.name }

func newOggFile(file *os.File) (*oggFile, error) {
	w, err := oggwriter.NewWith(file, audioClock, 2)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &oggFile{w, file.Name()}, nil
}

// write leaves out what is no Opus packet (RFC 6716 §3.4), an empty one for instance: nobody may end others' recording by a frame.
func (w *oggFile) write(f Frame) (bool, error) {
	if opusDuration(f.Data) == 0 {
		return false, nil
	}
	err := w.writer.WriteRTP(&rtp.Packet{Header: rtp.Header{Timestamp: f.Timestamp}, Payload: f.Data})
	return err == nil, err
}

func (w *oggFile) close() error { return w.writer.Close() }
