package call

import (
	"encoding/binary"

	"github.com/pion/rtp/codecs"
	"github.com/pion/rtp/codecs/av1/obu"
)

// A picture of a layered stream (scalability mode L2 or L3) is one encoder frame a spatial layer, all under one
// timestamp, and each was sealed by itself: an SFU leaves out upper ones. So what the sample builder takes for one frame
// is cut at their borders.

// vp9Layers is the VP9 depacketizer, but each payload is a record: u8 flags of the descriptor || u32 length || payload.
// The sample builder strings them together.
type vp9Layers struct{ codecs.VP9Packet }

const recordHead = 5

// Unmarshal implements rtp.Depacketizer. What cannot be read is a record without a beginning.
func (l *vp9Layers) Unmarshal(packet []byte) ([]byte, error) {
	payload, err := l.VP9Packet.Unmarshal(packet)
	flags := byte(0)
	if err == nil {
		flags = packet[0]
	}
	record := binary.BigEndian.AppendUint32([]byte{flags}, uint32(len(payload)))
	return append(record, payload...), nil
}

// cutVP9 takes a picture apart. Lost says that a layer without its end or its beginning was left out.
func cutVP9(picture []byte) (frames [][]byte, lost bool) {
	var frame []byte
	open := false
	for len(picture) >= recordHead {
		flags, n := picture[0], int(binary.BigEndian.Uint32(picture[1:]))
		if n > len(picture)-recordHead {
			return frames, true
		}
		payload := picture[recordHead : recordHead+n]
		picture = picture[recordHead+n:]
		if flags&vp9Begin != 0 {
			lost = lost || open
			frame, open = nil, true
		}
		if !open {
			lost = true
			continue
		}
		if frame = append(frame, payload...); flags&vp9End != 0 {
			frames = append(frames, frame)
			open = false
		}
	}
	return frames, lost || open
}

// cutAV1 takes a temporal unit apart, which the depacketizer gave with sizes: behind each frame OBU, which is where a
// sealed frame's clear prefix ends. What is not well formed is left to be refused whole.
func cutAV1(unit []byte) (frames [][]byte) {
	from := 0
	for at := from; at < len(unit); {
		h, err := obu.ParseOBUHeader(unit[at:])
		if err != nil || !h.HasSizeField {
			break
		}
		size, n, err := obu.ReadLeb128(unit[at+h.Size():])
		body := at + h.Size() + int(n)
		if err != nil || size > uint(len(unit)-body) {
			break
		}
		at = body + int(size)
		if h.Type == obu.OBUFrame {
			frames, from = append(frames, unit[from:at]), at
		}
	}
	if from < len(unit) {
		frames = append(frames, unit[from:])
	}
	return frames
}
