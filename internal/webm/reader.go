package webm

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"time"
)

// Bounds on what a file may make us keep.
const (
	maxHead  = 1 << 20
	maxFrame = 16 << 20
	maxTrack = 256
)

// ErrFormat is the class of what a Reader cannot read.
var ErrFormat = errors.New("webm: not a file that can be read")

func bad(what string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(what, args...))
}

// Reader gives the frames of a file or a pipe, as they come.
type Reader struct {
	r       *bufio.Reader
	scale   uint64 // nanoseconds a tick
	tracks  []Track
	cluster uint64 // ticks
}

// Block is a frame of the track of that index.
type Block struct {
	Track int
	At    time.Duration
	Data  []byte
}

// NewReader reads up to the list of tracks.
func NewReader(r io.Reader) (*Reader, error) {
	v := &Reader{r: bufio.NewReader(r), scale: uint64(time.Millisecond)}
	id, size, err := v.element()
	if err != nil || id != idEBML || size > maxHead {
		return nil, bad("it does not begin as WebM or Matroska")
	}
	if err := v.skip(size); err != nil {
		return nil, err
	}
	for len(v.tracks) == 0 {
		b, err := v.step()
		switch {
		case errors.Is(err, io.EOF):
			return nil, bad("there is no list of tracks")
		case err != nil:
			return nil, err
		case b != nil:
			return nil, bad("frames stand before the list of tracks")
		}
	}
	return v, nil
}

// Tracks lists what is in it.
func (v *Reader) Tracks() []Track { return v.tracks }

// Next gives the next frame; io.EOF at the end.
func (v *Reader) Next() (Block, error) {
	for {
		b, err := v.step()
		if err != nil {
			return Block{}, err
		}
		if b != nil {
			return *b, nil
		}
	}
}

// step reads one element. Those that hold frames are entered, and never left: it is enough that what they may hold cannot
// be mistaken for what may follow them.
func (v *Reader) step() (*Block, error) {
	id, size, err := v.element()
	if err != nil {
		return nil, err
	}
	switch id {
	case idSegment, idCluster, idBlockGroup:
		return nil, nil
	case idInfo, idTracks:
		data, err := v.data(size, maxHead)
		if err != nil {
			return nil, err
		}
		if id == idInfo {
			return nil, v.readInfo(data)
		}
		return nil, v.readTracks(data)
	case idTimestamp:
		data, err := v.data(size, 8)
		v.cluster = number(data)
		return nil, err
	case idSimpleBlock, idBlock:
		data, err := v.data(size, maxFrame)
		if err != nil {
			return nil, err
		}
		return v.block(data)
	}
	return nil, v.skip(size)
}

// element reads an id, and a size.
func (v *Reader) element() (id uint32, size uint64, err error) {
	first, err := v.r.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	n := 1 + bits.LeadingZeros8(first)
	if n > 4 {
		return 0, 0, bad("an element has no name")
	}
	id = uint32(first)
	for range n - 1 {
		b, err := v.r.ReadByte()
		if err != nil {
			return 0, 0, cut(err)
		}
		id = id<<8 | uint32(b)
	}
	size, err = v.vint()
	return id, size, err
}

// vint reads a number of variable length, RFC 8794 §4. All ones are unknownSize.
func (v *Reader) vint() (uint64, error) {
	first, err := v.r.ReadByte()
	if err != nil {
		return 0, cut(err)
	}
	n := 1 + bits.LeadingZeros8(first)
	if n > 8 {
		return 0, bad("a size has more than eight bytes")
	}
	value := uint64(first) & (1<<(8-n) - 1)
	for range n - 1 {
		b, err := v.r.ReadByte()
		if err != nil {
			return 0, cut(err)
		}
		value = value<<8 | uint64(b)
	}
	if value == 1<<(7*n)-1 {
		return unknownSize, nil
	}
	return value, nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return bad("it is cut off")
	}
	return err
}

func (v *Reader) data(size, most uint64) ([]byte, error) {
	if size > most {
		return nil, bad("an element claims %d bytes", size)
	}
	data := make([]byte, size)
	_, err := io.ReadFull(v.r, data)
	if err != nil {
		return nil, cut(err)
	}
	return data, nil
}

func (v *Reader) skip(size uint64) error {
	if size == unknownSize {
		return bad("an element has no size")
	}
	_, err := io.CopyN(io.Discard, v.r, int64(size))
	if err != nil {
		return cut(err)
	}
	return nil
}

func number(data []byte) (n uint64) {
	for _, b := range data {
		n = n<<8 | uint64(b)
	}
	return n
}

// each goes through the elements of one that is here as a whole.
func each(data []byte, found func(id uint32, data []byte) error) error {
	rest := &Reader{r: bufio.NewReader(bytes.NewReader(data))}
	for {
		id, size, err := rest.element()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		part, err := rest.data(size, uint64(len(data)))
		if err != nil {
			return err
		}
		if err := found(id, part); err != nil {
			return err
		}
	}
}

func (v *Reader) readInfo(data []byte) error {
	return each(data, func(id uint32, data []byte) error {
		if id == idTimestampScale {
			if v.scale = number(data); v.scale == 0 || v.scale > uint64(time.Second) {
				return bad("its clock ticks every %d ns", v.scale)
			}
		}
		return nil
	})
}

func (v *Reader) readTracks(data []byte) error {
	v.tracks = nil
	return each(data, func(id uint32, data []byte) error {
		if id != idTrackEntry {
			return nil
		}
		if len(v.tracks) == maxTrack {
			return bad("it has more than %d tracks", maxTrack)
		}
		var t Track
		err := each(data, func(id uint32, data []byte) error {
			switch id {
			case idTrackNumber:
				t.number = number(data)
			case idCodecID:
				t.Codec = Codec(data)
			case idCodecPrivate:
				t.Private = data
			case idName:
				t.Name = string(data)
			case idContentEncodings:
				t.Encoded = true
			case idVideo:
				return each(data, func(id uint32, data []byte) error {
					switch id {
					case idPixelWidth:
						t.Width = int(number(data) & 0xffff)
					case idPixelHeight:
						t.Height = int(number(data) & 0xffff)
					}
					return nil
				})
			}
			return nil
		})
		v.tracks = append(v.tracks, t)
		return err
	})
}

// block reads the head of a frame, RFC 9559 §10.2; nil if it is of no track that is listed.
func (v *Reader) block(data []byte) (*Block, error) {
	in := &Reader{r: bufio.NewReaderSize(bytes.NewReader(data[:min(8, len(data))]), 16)}
	wanted, err := in.vint()
	if err != nil {
		return nil, err
	}
	at := 1 + bits.LeadingZeros8(data[0]) // bytes of the track's number
	if len(data) < at+3 {
		return nil, bad("a frame has no head")
	}
	const lacing = 0x06
	if data[at+2]&lacing != 0 {
		return nil, bad("several frames stand in one block (lacing); ffmpeg -i in.mkv -c copy out.mkv takes them apart")
	}
	ticks := int64(v.cluster) + int64(int16(binary.BigEndian.Uint16(data[at:])))
	const longest = int64(1) << 62
	if ticks < 0 || ticks > longest/int64(v.scale) {
		ticks = 0
	}
	for i, t := range v.tracks {
		if t.number == wanted {
			return &Block{i, time.Duration(ticks * int64(v.scale)), data[at+3:]}, nil
		}
	}
	return nil, nil
}
