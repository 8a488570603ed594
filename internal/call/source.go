package call

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Media is a track to publish: of a WebM or Matroska file, of an IVF with VP8, VP9, AV1 or H.264, of an H.264 byte stream,
// or of an Ogg with Opus. OpenMedia and OpenStream make them.
type Media struct {
	Path   string
	Source wire.Source
	Codec  wire.Codec
	// Make stands in for a file: it is called when a frame is due and says how long until the next. key asks for one that
	// can be decoded without those before it.
	Make func(key bool) (frame []byte, duration time.Duration)

	track  int     // of those in the file
	stream *stream // what is sent once; nil for a file that is sent over and over
	live   *Live   // ... or as it comes
}

// mediaReader gives one encoder frame after the other, with the time until the next one; io.EOF at the end.
type mediaReader interface {
	next() (frame []byte, duration time.Duration, err error)
}

// late is what a mediaReader also is whose first frame comes some time after the file's other tracks began.
type late interface{ lead() time.Duration }

// OpenMedia looks into files that are to be sent over and over, and gives each track a source, as Arrange does.
func OpenMedia(paths []string) ([]Media, error) {
	var all []Media
	for _, path := range paths {
		tracks, err := probe(path)
		if err != nil {
			return nil, err
		}
		for i, codec := range tracks {
			all = append(all, Media{Path: path, Codec: codec, track: i})
		}
	}
	return all, Arrange(all)
}

// Arrange gives each track a source: the first video is the camera, the second the screen, the first sound the microphone,
// the second the screen's sound.
func Arrange(media []Media) error {
	sources := map[bool][]wire.Source{
		true:  {wire.SourceCamera, wire.SourceScreen},
		false: {wire.SourceMic, wire.SourceScreenAudio},
	}
	for i, m := range media {
		video := m.Codec != wire.CodecOpus
		if len(sources[video]) == 0 {
			return &Error{Class: ErrMedia, What: fmt.Sprintf("%s: too many tracks of this kind", m.Path),
				Hint: "at most two videos (camera, screen) and two of sound (microphone, the screen's sound)"}
		}
		media[i].Source = sources[video][0]
		sources[video] = sources[video][1:]
	}
	return nil
}

// probe tells a file's codecs from its first bytes and reads it to its end: a file that breaks off is better refused
// before the call than in it.
func probe(path string) ([]wire.Codec, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{Class: ErrMedia, What: fmt.Sprintf("%s: %v", path, plainPathError(err)), Hint: "name a WebM, IVF, .h264 or Ogg file that exists and can be read", Err: err}
	}
	defer f.Close()
	tracks, err := openTracks(f)
	if err != nil {
		return nil, named(path, err)
	}
	codecs := make([]wire.Codec, len(tracks))
	for i := range tracks {
		codecs[i] = tracks[i].codec
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, &Error{Class: ErrMedia, What: path + ": cannot be read twice, which looping needs", Hint: "grotto publish sends what comes from a pipe", Err: err}
		}
		media, err := openTrack(f, i)
		frames := 0
		for ; err == nil; frames++ {
			_, _, err = media.next()
		}
		if errors.Is(err, io.EOF) {
			if frames > 1 { // the round that met the end was counted too
				continue
			}
			err = &Error{Class: ErrMedia, What: "holds no frame", Hint: "check how the file was made"}
		}
		return nil, named(path, err)
	}
	return codecs, nil
}

// named puts the file's name before what is wrong with it.
func named(path string, err error) error {
	if problem, ok := errors.AsType[*Error](err); ok {
		with := *problem
		with.What = path + ": " + problem.What
		return &with
	}
	return &Error{Class: ErrMedia, What: fmt.Sprintf("%s: %v", path, plainPathError(err)), Hint: "check that the file can still be read", Err: err}
}

func plainPathError(err error) error {
	if pathError := (*os.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err // the path was said already
	}
	return err
}

// opened is a track of a file or a pipe.
type opened struct {
	codec wire.Codec
	media mediaReader
}

// openTracks reads the head of a file or a pipe. The tracks of a WebM may be read by a goroutine each.
func openTracks(r io.Reader) ([]opened, error) {
	buffered := bufio.NewReader(r)
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &Error{Class: ErrMedia, What: "cannot be read: " + plainPathError(err).Error(), Hint: "name a WebM, IVF, .h264 or Ogg file", Err: err}
	}
	one := func(codec wire.Codec, media mediaReader, err error) ([]opened, error) {
		return []opened{{codec, media}}, err
	}
	switch {
	case bytes.Equal(magic, []byte(ebmlMagic)):
		return newWebMReaders(buffered)
	case bytes.Equal(magic, []byte(ivfMagic)):
		return one(newIVFReader(buffered))
	case bytes.Equal(magic, []byte(oggMagic)):
		return one(newOggReader(buffered))
	case bytes.HasPrefix(magic, nalStart), bytes.HasPrefix(magic, nalLongStart):
		return one(newAnnexBReader(buffered))
	}
	return nil, &Error{Class: ErrMedia, What: "is neither WebM, IVF, H.264 nor Ogg",
		Hint: "ffmpeg -i in.mp4 -c:v libvpx -deadline realtime -c:a libopus out.webm"}
}

// openTrack is openTracks for who reads only one of them.
func openTrack(r io.Reader, track int) (mediaReader, error) {
	all, err := openTracks(r)
	if err != nil {
		return nil, err
	}
	if track >= len(all) {
		return nil, &Error{Class: ErrMedia, What: "has fewer tracks than before", Hint: "leave the file as it is while it is sent"}
	}
	if w, ok := all[track].media.(*webmReader); ok {
		w.from.only = w.track
	}
	return all[track].media, nil
}

// loop reads a track of a file over and over.
type loop struct {
	file  *os.File
	track int
	media mediaReader
}

func openLoop(m Media) (*loop, error) {
	f, err := os.Open(m.Path)
	if err != nil {
		return nil, &Error{Class: ErrMedia, What: fmt.Sprintf("%s: %v", m.Path, plainPathError(err)), Err: err}
	}
	l := &loop{file: f, track: m.track}
	if err := l.rewind(); err != nil {
		f.Close()
		return nil, err
	}
	return l, nil
}

// rewind goes to the first frame, which in every file that an encoder made is a key frame.
func (l *loop) rewind() error {
	if _, err := l.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	media, err := openTrack(l.file, l.track)
	l.media = media
	return err
}

// next gives the next frame; after the last comes the first.
func (l *loop) next() ([]byte, time.Duration, error) {
	frame, duration, err := l.media.next()
	if errors.Is(err, io.EOF) {
		if err = l.rewind(); err == nil {
			frame, duration, err = l.media.next()
		}
	}
	if err != nil {
		return nil, 0, named(l.file.Name(), err)
	}
	return frame, duration, nil
}

func (l *loop) close() { _ = l.file.Close() }
