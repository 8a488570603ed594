package call

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// maxAhead is how many frames of a stream are read before they are due.
const maxAhead = 64

// stream is a track that is sent once, from a pipe or a file. It outlives sessions: whoever joins again goes on with it.
type stream struct {
	frames chan streamed
	err    error // io.EOF or why it ends, once frames is closed
	once   sync.Once
	over   chan struct{} // closed when all of it was sent
}

type streamed struct {
	wait  time.Duration // before it
	data  []byte
	lasts time.Duration
}

// OpenStream takes the head of what comes from a pipe, or of a file that is to be sent once. The tracks have no source yet:
// see Arrange. Nothing of a stream can be sent again, so that whoever joins later sees something from its next key frame
// on. It is read until it ends, also when the call is over: closing it is the caller's.
func OpenStream(name string, r io.Reader) ([]Media, error) {
	tracks, err := openTracks(r)
	if err != nil {
		return nil, named(name, err)
	}
	var all []Media
	for _, t := range tracks {
		s := &stream{frames: make(chan streamed, maxAhead), over: make(chan struct{})}
		go s.read(name, t.media)
		all = append(all, Media{Path: name, Codec: t.codec, stream: s})
	}
	return all, nil
}

// Sent is closed when all of a stream was sent. Of other media, it is nil.
func (m Media) Sent() <-chan struct{} {
	if m.stream == nil {
		return nil
	}
	return m.stream.over
}

func (s *stream) read(name string, media mediaReader) {
	defer close(s.frames)
	var lead time.Duration
	if l, ok := media.(late); ok {
		lead = l.lead()
	}
	for {
		data, lasts, err := media.next()
		if err != nil {
			if s.err = err; !errors.Is(err, io.EOF) {
				s.err = named(name, err)
			}
			return
		}
		s.frames <- streamed{lead, data, lasts}
		lead = 0
	}
}

// next gives the next frame; io.EOF at the end.
func (s *stream) next(ctx context.Context) ([]byte, time.Duration, error) {
	select {
	case f, more := <-s.frames:
		if !more {
			return nil, 0, s.err
		}
		if f.wait > 0 && wait(ctx, f.wait) != nil {
			return nil, 0, ctx.Err()
		}
		return f.data, f.lasts, nil
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
}

func (s *stream) end() { s.once.Do(func() { close(s.over) }) }
