package call

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Media is a file to publish: an IVF with VP8, VP9, AV1 or H.264, an H.264 byte stream, or an Ogg with Opus.
type Media struct {
	Path   string
	Source wire.Source
	Codec  wire.Codec
	// Make stands in for a file: it is called when a frame is due and says how long until the next. key asks for one that
	// can be decoded without those before it.
	Make func(key bool) (frame []byte, duration time.Duration)
}

// mediaReader gives one encoder frame after the other, with the time until the next one; io.EOF at the end.
type mediaReader interface {
	next() (frame []byte, duration time.Duration, err error)
}

// OpenMedia looks into the files and gives each a source: the first video is the camera, the second the screen, the first
// Ogg the microphone, the second the screen's sound.
func OpenMedia(paths []string) ([]Media, error) {
	sources := map[bool][]wire.Source{
		true:  {wire.SourceCamera, wire.SourceScreen},
		false: {wire.SourceMic, wire.SourceScreenAudio},
	}
	var all []Media
	for _, path := range paths {
		codec, err := probe(path)
		if err != nil {
			return nil, err
		}
		video := codec != wire.CodecOpus
		if len(sources[video]) == 0 {
			return nil, &Error{Class: ErrMedia, What: fmt.Sprintf("%s: too many files of this kind", path),
				Hint: "at most two video files (camera, screen) and two Ogg files (microphone, the screen's sound)"}
		}
		all = append(all, Media{Path: path, Source: sources[video][0], Codec: codec})
		sources[video] = sources[video][1:]
	}
	return all, nil
}

// probe tells a file's codec from its first bytes and reads it to its end: a file that breaks off is better refused
// before the call than in it.
func probe(path string) (wire.Codec, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", &Error{Class: ErrMedia, What: fmt.Sprintf("%s: %v", path, plainPathError(err)), Hint: "name an IVF, .h264 or Ogg file that exists and can be read", Err: err}
	}
	defer f.Close()
	codec, r, err := openMedia(f)
	frames := 0
	for ; err == nil; frames++ {
		_, _, err = r.next()
	}
	if errors.Is(err, io.EOF) {
		if frames > 1 { // the round that met the end was counted too
			return codec, nil
		}
		err = &Error{Class: ErrMedia, What: "holds no frame", Hint: "check how the file was made"}
	}
	return "", named(path, err)
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

// openMedia reads the head of an IVF, H.264 or Ogg stream.
func openMedia(f io.ReadSeeker) (wire.Codec, mediaReader, error) {
	var magic [4]byte
	n, err := io.ReadFull(f, magic[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", nil, &Error{Class: ErrMedia, What: "cannot be read: " + plainPathError(err).Error(), Hint: "name an IVF, .h264 or Ogg file", Err: err}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", nil, &Error{Class: ErrMedia, What: "cannot be read twice, which looping needs", Hint: "publish a file, not a pipe", Err: err}
	}
	switch {
	case bytes.Equal(magic[:n], []byte(ivfMagic)):
		return newIVFReader(f)
	case bytes.Equal(magic[:n], []byte(oggMagic)):
		return newOggReader(f)
	case bytes.HasPrefix(magic[:n], nalStart), bytes.HasPrefix(magic[:n], nalLongStart):
		return newAnnexBReader(f)
	}
	return "", nil, &Error{Class: ErrMedia, What: "is neither IVF, H.264 nor Ogg (it starts with neither DKIF, a start code nor OggS)",
		Hint: "video: ffmpeg -i in.mp4 -c:v libvpx -deadline realtime out.ivf; sound: ffmpeg -i in.mp4 -c:a libopus out.ogg"}
}

// loop reads a file over and over.
type loop struct {
	file  *os.File
	media mediaReader
}

func openLoop(m Media) (*loop, error) {
	f, err := os.Open(m.Path)
	if err != nil {
		return nil, &Error{Class: ErrMedia, What: fmt.Sprintf("%s: %v", m.Path, plainPathError(err)), Err: err}
	}
	l := &loop{file: f}
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
	_, media, err := openMedia(l.file)
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
