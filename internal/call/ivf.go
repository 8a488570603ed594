package call

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// IVF, as ffmpeg and libvpx write it: little-endian, a file header, then each frame behind its size and time.
const (
	ivfMagic           = "DKIF"
	ivfHeaderSize      = 32
	ivfFrameHeaderSize = 12
	ivfMaxFrame        = 16 << 20 // a larger one is a broken file, not a picture
)

// Bounds on the time between two frames: a file with a broken time base must neither spin nor stall.
const (
	ivfMinInterval     = time.Millisecond
	ivfMaxInterval     = 5 * time.Second
	ivfDefaultInterval = time.Second / 30 // for the last frame, whose successor is missing
)

// ivfReader reads frames and the times between them. Pion's reader gives neither the time base applied nor a bound on
// the size of a frame.
type ivfReader struct {
	r        *bufio.Reader
	tick     float64 // seconds
	ahead    *ivfFrame
	interval time.Duration
}

type ivfFrame struct {
	pts  uint64
	data []byte
}

func newIVFReader(r io.Reader) (wire.Codec, mediaReader, error) {
	v := &ivfReader{r: bufio.NewReader(r), interval: ivfDefaultInterval}
	var head [ivfHeaderSize]byte
	if _, err := io.ReadFull(v.r, head[:]); err != nil {
		return "", nil, &Error{Class: ErrMedia, What: "is cut off inside the IVF header", Hint: "check how the file was made"}
	}
	fourCC := string(head[8:12])
	den, num := binary.LittleEndian.Uint32(head[16:]), binary.LittleEndian.Uint32(head[20:])
	if den == 0 || num == 0 {
		return "", nil, &Error{Class: ErrMedia, What: "is an IVF file with a time base of zero", Hint: "check how the file was made"}
	}
	v.tick = float64(num) / float64(den)
	if n := binary.LittleEndian.Uint16(head[6:]); n > ivfHeaderSize {
		if _, err := v.r.Discard(int(n) - ivfHeaderSize); err != nil {
			return "", nil, &Error{Class: ErrMedia, What: "is cut off inside the IVF header", Hint: "check how the file was made"}
		}
	}
	for _, c := range codecTable {
		if c.video && c.fourCC == fourCC {
			return c.wire, v, nil
		}
	}
	return "", nil, &Error{Class: ErrMedia, What: fmt.Sprintf("is an IVF file with the codec %q, which cannot be sent", fourCC),
		Hint: "VP80, VP90, AV01 and H264 can: ffmpeg -i in.mp4 -c:v libvpx -deadline realtime out.ivf"}
}

func (v *ivfReader) next() ([]byte, time.Duration, error) {
	if v.ahead == nil {
		f, err := v.read()
		if err != nil {
			return nil, 0, err
		}
		v.ahead = f
	}
	now := v.ahead
	after, err := v.read()
	switch {
	case err == nil && after.pts > now.pts:
		seconds := float64(after.pts-now.pts) * v.tick
		v.interval = time.Duration(min(max(seconds, ivfMinInterval.Seconds()), ivfMaxInterval.Seconds()) * float64(time.Second))
	case err != nil && !errors.Is(err, io.EOF):
		return nil, 0, err
	}
	v.ahead = after
	return now.data, v.interval, nil
}

// read gives the next frame that is not empty.
func (v *ivfReader) read() (*ivfFrame, error) {
	for {
		var head [ivfFrameHeaderSize]byte
		if _, err := io.ReadFull(v.r, head[:]); errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, &Error{Class: ErrMedia, What: "is cut off inside a frame's header", Hint: "check how the file was made"}
		} else if err != nil {
			return nil, err
		}
		size := binary.LittleEndian.Uint32(head[:])
		if size > ivfMaxFrame {
			return nil, &Error{Class: ErrMedia, What: fmt.Sprintf("claims a frame of %d bytes", size), Hint: "check how the file was made"}
		}
		data := make([]byte, size)
		if _, err := io.ReadFull(v.r, data); err != nil {
			return nil, &Error{Class: ErrMedia, What: "is cut off inside a frame", Hint: "check how the file was made"}
		}
		if size > 0 {
			return &ivfFrame{pts: binary.LittleEndian.Uint64(head[4:]), data: data}, nil
		}
	}
}
