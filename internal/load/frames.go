package load

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	pictures      = 30 // a second
	sounds        = 50
	soundSize     = 80 // bytes: 32 kbit/s
	keyFrameTimes = 4  // as large as another picture
	unevenness    = 5  // sizes differ by up to a fifth, as an encoder's do

	// What a VP8 decoder reads at a frame's beginning (RFC 6386 §9.1): only the first bit matters here.
	keyFrameByte, otherByte = 0x10, 0x11
)

// stamp is what stands at the beginning of a frame.
type stamp struct {
	Head   uint8
	From   uint16
	Number uint32
	Made   int64 // ns since the start
}

const stampSize = 1 + 2 + 4 + 8

// maker makes one publisher's frames of one kind.
type maker struct {
	run    *run
	from   uint16
	kind   kind
	size   int
	number uint32
	made   atomic.Int64 // in the time that is measured
}

func (m *maker) media() call.Media {
	if m.kind == video {
		return call.Media{Source: wire.SourceCamera, Codec: wire.CodecVP8, Make: m.frame}
	}
	return call.Media{Source: wire.SourceMic, Codec: wire.CodecOpus, Make: m.frame}
}

func (m *maker) frame(key bool) ([]byte, time.Duration) {
	s := stamp{Head: otherByte, From: m.from, Number: m.number, Made: int64(m.run.now())}
	size, apart := m.size, time.Second/sounds
	if m.kind == video {
		apart = time.Second / pictures
		size += size * (int(m.number%unevenness) - unevenness/2) / (2 * unevenness)
		if key || m.number == 0 {
			s.Head = keyFrameByte
			size *= keyFrameTimes
		}
	}
	m.number++
	if m.run.measured(time.Duration(s.Made)) {
		m.made.Add(1)
	}
	b, _ := binary.Append(nil, binary.BigEndian, s) // of fixed size: no error
	return append(b, make([]byte, max(0, size-stampSize))...), apart
}

// read is false for a frame that is not ours.
func read(frame []byte) (s stamp, ok bool) {
	_, err := binary.Decode(frame, binary.BigEndian, &s)
	return s, err == nil
}
