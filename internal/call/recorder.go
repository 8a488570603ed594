package call

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4/pkg/media/oggwriter"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Recorder writes each track into a file of its own: IVF for video, Ogg for sound. It goes into Config.
// Recorder; Close it when the call is over.
type Recorder struct {
	dir string

	mu    sync.Mutex
	files map[TrackID]frameWriter // nil: the track has ended, or its file could not be made
	err   error                   // the first
}

type frameWriter interface {
	write(Frame) (written bool, err error)
	close() error
}

// NewRecorder makes the directory if it is not there.
func NewRecorder(dir string) (*Recorder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, plainPathError(err))
	}
	return &Recorder{dir: dir, files: map[TrackID]frameWriter{}}, nil
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
	return r.err
}

func (r *Recorder) closeFile(id TrackID) {
	if w := r.files[id]; w != nil {
		if err := w.close(); err != nil {
			r.fail(err)
		}
	}
}

func (r *Recorder) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *Recorder) open(f Frame) (frameWriter, error) {
	if f.Track.Codec == wire.CodecOpus {
		file, err := r.create(f.Track, "ogg")
		if err != nil {
			return nil, err
		}
		return newOggFile(file)
	}
	if !f.Key {
		return nil, nil
	}
	file, err := r.create(f.Track, "ivf")
	if err != nil {
		return nil, err
	}
	return newIVFFile(file, f)
}

// create makes a file that was not there before. Its name says source, user and device; display names, which anybody
// may choose, stay out of file names.
func (r *Recorder) create(id TrackID, extension string) (*os.File, error) {
	local, _, _ := strings.Cut(strings.TrimPrefix(id.From.User, "@"), ":")
	base := fmt.Sprintf("%s-%s-%s", id.Source, fileName(local), fileName(id.From.Device))
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

type oggFile struct{ writer *oggwriter.OggWriter }

func newOggFile(file *os.File) (*oggFile, error) {
	w, err := oggwriter.NewWith(file, audioClock, 2)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &oggFile{w}, nil
}

func (w *oggFile) write(f Frame) (bool, error) {
	err := w.writer.WriteRTP(&rtp.Packet{Header: rtp.Header{Timestamp: f.Timestamp}, Payload: f.Data})
	return err == nil, err
}

func (w *oggFile) close() error { return w.writer.Close() }
