package call

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Ogg, RFC 3533 §6, and Opus in it, RFC 7845.
const (
	oggMagic          = "OggS"
	oggPageHeaderSize = 27
	oggSegmentFull    = 255 // a lacing value below this one ends a packet
	oggMaxPacket      = 1 << 20
	opusHead          = "OpusHead"
	opusTags          = "OpusTags"
)

// oggReader gives the Opus packets of an Ogg file. Pion's reader gives pages; most files keep a second of packets in one.
// Checksums are not looked at: a damaged packet is for the listener's decoder to conceal, as a lost one is.
type oggReader struct {
	r       *bufio.Reader
	lacing  []byte // of the current page, not yet read
	partial []byte // a packet that goes on
}

func newOggReader(r io.Reader) (wire.Codec, mediaReader, error) {
	o := &oggReader{r: bufio.NewReader(r)}
	head, err := o.packet()
	if err != nil && !errors.Is(err, io.EOF) {
		return "", nil, err
	}
	if !bytes.HasPrefix(head, []byte(opusHead)) {
		return "", nil, &Error{Class: ErrMedia, What: "is an Ogg file whose first stream is not Opus", Hint: "ffmpeg -i in.ogg -vn -c:a libopus out.ogg"}
	}
	return wire.CodecOpus, o, nil
}

// next skips the tags and gives the next packet of sound.
func (o *oggReader) next() ([]byte, time.Duration, error) {
	for {
		p, err := o.packet()
		if err != nil {
			return nil, 0, err
		}
		if len(p) == 0 || bytes.HasPrefix(p, []byte(opusTags)) {
			continue
		}
		if d := opusDuration(p); d > 0 {
			return p, d, nil
		}
	}
}

func (o *oggReader) packet() ([]byte, error) {
	for {
		if len(o.lacing) == 0 {
			if err := o.page(); err != nil {
				return nil, err
			}
			continue
		}
		n := o.lacing[0]
		o.lacing = o.lacing[1:]
		if len(o.partial)+int(n) > oggMaxPacket {
			return nil, &Error{Class: ErrMedia, What: "holds a packet that is too large for Opus", Hint: "check how the file was made"}
		}
		start := len(o.partial)
		o.partial = append(o.partial, make([]byte, n)...)
		if _, err := io.ReadFull(o.r, o.partial[start:]); err != nil {
			return nil, oggCut(err)
		}
		if n < oggSegmentFull {
			p := o.partial
			o.partial = nil
			return p, nil
		}
	}
}

func (o *oggReader) page() error {
	var head [oggPageHeaderSize]byte
	if _, err := io.ReadFull(o.r, head[:]); errors.Is(err, io.ErrUnexpectedEOF) {
		return oggCut(err)
	} else if err != nil {
		return err
	}
	if string(head[:4]) != oggMagic {
		return &Error{Class: ErrMedia, What: "has something else where an Ogg page should start", Hint: "check how the file was made"}
	}
	o.lacing = make([]byte, head[26])
	if _, err := io.ReadFull(o.r, o.lacing); err != nil {
		return oggCut(err)
	}
	return nil
}

func oggCut(err error) error {
	return &Error{Class: ErrMedia, What: "is cut off inside an Ogg page", Hint: "check how the file was made", Err: err}
}

// opusDuration reads a packet's play time from its first bytes, RFC 6716 §3.1; 0 if they make no sense.
func opusDuration(p []byte) time.Duration {
	if len(p) == 0 {
		return 0
	}
	var frame time.Duration
	switch config := p[0] >> 3; {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		frame = [...]time.Duration{10, 20, 40, 60}[config%4] * time.Millisecond
	case config < 16: // hybrid: 10, 20 ms
		frame = [...]time.Duration{10, 20}[config%2] * time.Millisecond
	default: // CELT: 2.5, 5, 10, 20 ms
		frame = 2500 * time.Microsecond << (config % 4)
	}
	frames := time.Duration(1)
	switch p[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(p) < 2 {
			return 0
		}
		frames = time.Duration(p[1] & 0x3f)
	}
	if d := frame * frames; d <= 120*time.Millisecond {
		return d
	}
	return 0
}
