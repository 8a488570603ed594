package call

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/webm"
	"github.com/grotto-meet/grotto/internal/wire"
)

const ebmlMagic = "\x1a\x45\xdf\xa3"

const webmHint = "ffmpeg -i in.mp4 -c:v libvpx -deadline realtime -c:a libopus out.webm"

// maxWaiting is how many frames of a track may wait until those of another are read.
const maxWaiting = 512

// webmFile gives its frames to a reader for each track, which may be in different goroutines.
type webmFile struct {
	mu     sync.Mutex
	taken  sync.Cond
	blocks *webm.Reader
	queues map[int][]webm.Block // of the tracks that are read
	only   int                  // the one track that is read; -1: all are
	err    error
}

// webmReader is a mediaReader of one track.
type webmReader struct {
	from     *webmFile
	track    int
	codec    wire.Codec
	sets     []byte // of H.264
	size     int    // of the size before each of its units
	ahead    *webm.Block
	interval time.Duration
}

func newWebMReaders(r io.Reader) ([]opened, error) {
	blocks, err := webm.NewReader(r)
	if err != nil {
		return nil, webmError(err)
	}
	file := &webmFile{blocks: blocks, queues: map[int][]webm.Block{}, only: -1}
	file.taken.L = &file.mu
	var all []opened
	for i, t := range blocks.Tracks() {
		if strings.HasPrefix(string(t.Codec), "S_") {
			continue // subtitles
		}
		v := &webmReader{from: file, track: i, interval: ivfDefaultInterval}
		for name, codec := range webmCodecs {
			if codec == t.Codec {
				v.codec = name
			}
		}
		switch {
		case v.codec == "":
			return nil, &Error{Class: ErrMedia, What: fmt.Sprintf("holds a track of %q, which cannot be sent", t.Codec), Hint: webmHint}
		case t.Encoded:
			return nil, &Error{Class: ErrMedia, What: "holds a track that is compressed or encrypted once more", Hint: "ffmpeg -i in.mkv -c copy out.mkv"}
		case v.codec == wire.CodecH264:
			if err := v.readSets(t.Private); err != nil {
				return nil, err
			}
		case v.codec == wire.CodecOpus:
			v.interval = 20 * time.Millisecond
		}
		file.queues[i] = nil
		all = append(all, opened{v.codec, v})
	}
	if len(all) == 0 {
		return nil, &Error{Class: ErrMedia, What: "holds neither pictures nor sound", Hint: webmHint}
	}
	return all, nil
}

func (v *webmReader) readSets(record []byte) error {
	var ok bool
	if v.sets, v.size, ok = readAVC(record); !ok {
		return &Error{Class: ErrMedia, What: "holds H.264 without its parameter sets", Hint: webmHint}
	}
	set, ok := readSequenceSet(h264Unit(v.sets, nalSequenceSet, nalSequenceSet))
	if !ok || set.profile != profileBaseline { // see annexBReader
		return &Error{Class: ErrMedia, What: fmt.Sprintf("is H.264 of profile %d, and only baseline (66) can be sent", set.profile), Hint: annexBHint}
	}
	return nil
}

func webmError(err error) error {
	if errors.Is(err, webm.ErrFormat) {
		return &Error{Class: ErrMedia, What: "cannot be read as WebM: " + strings.TrimPrefix(err.Error(), webm.ErrFormat.Error()+": "), Hint: "check how the file was made", Err: err}
	}
	return err
}

// next gives a track's next block, and keeps those of the others that it meets.
func (f *webmFile) next(track int) (webm.Block, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		if waiting := f.queues[track]; len(waiting) > 0 {
			f.queues[track] = waiting[1:]
			f.taken.Broadcast()
			return waiting[0], nil
		}
		if f.err != nil {
			return webm.Block{}, f.err
		}
		if f.crowded() {
			f.taken.Wait()
			continue
		}
		b, err := f.blocks.Next()
		if err != nil {
			f.err = err
			f.taken.Broadcast()
			continue
		}
		if _, read := f.queues[b.Track]; read && (f.only < 0 || f.only == b.Track) {
			f.queues[b.Track] = append(f.queues[b.Track], b)
		}
	}
}

func (f *webmFile) crowded() bool {
	for _, waiting := range f.queues {
		if len(waiting) >= maxWaiting {
			return true
		}
	}
	return false
}

// peek reads one frame ahead: only the next one says how long this one lasts.
func (v *webmReader) peek() error {
	for v.ahead == nil {
		b, err := v.from.next(v.track)
		if err != nil {
			return err
		}
		if len(b.Data) > 0 {
			v.ahead = &b
		}
	}
	return nil
}

// lead implements late.
func (v *webmReader) lead() time.Duration {
	if v.peek() != nil {
		return 0
	}
	return min(v.ahead.At, ivfMaxInterval)
}

func (v *webmReader) next() ([]byte, time.Duration, error) {
	if err := v.peek(); err != nil {
		return nil, 0, webmError(err)
	}
	now := v.ahead
	v.ahead = nil
	switch err := v.peek(); {
	case err == nil && v.ahead.At > now.At:
		v.interval = min(max(v.ahead.At-now.At, ivfMinInterval), ivfMaxInterval)
	case err != nil && !errors.Is(err, io.EOF):
		return nil, 0, webmError(err)
	}
	interval := v.interval
	if v.codec == wire.CodecOpus {
		interval = max(interval, opusDuration(now.Data)) // of rounded times, the packet knows better
	}
	if v.codec != wire.CodecH264 {
		return now.Data, interval, nil
	}
	frame, ok := fromAVC(v.sets, v.size, now.Data)
	if !ok {
		return nil, 0, &Error{Class: ErrMedia, What: "holds a frame of H.264 that is cut off", Hint: "check how the file was made"}
	}
	return frame, interval, nil
}
