package main

import (
	"bytes"
	"hash/fnv"

	"github.com/pion/rtp/codecs"

	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/mediacrypt"
)

// counters looks for a counter that sealed two frames: with it an SFU could undo the sealing of both. The encodings of a
// video have one key, so that is where it would happen.
type counters struct {
	streams map[uint32]bool              // SSRCs
	sealed  map[mediacrypt.Header]uint64 // what began the frame: another packet of the same one is a retransmission
	reused  int
}

// note takes the packets that begin a frame of VP8 or H.264.
func (c *counters) note(p sfu.TapPacket) {
	var frame, sealed []byte // what the packet has of them
	switch p.Codec {
	case "vp8":
		frame, sealed = beginVP8(p.Payload)
	case "h264":
		frame, sealed = beginH264(p.Payload)
	}
	h, _, err := mediacrypt.ParseHeader(sealed)
	if err != nil {
		return
	}
	if c.sealed == nil {
		c.streams, c.sealed = map[uint32]bool{}, map[mediacrypt.Header]uint64{}
	}
	sum := fnv.New64a()
	_, _ = sum.Write(frame)
	if before, ok := c.sealed[h]; ok && before != sum.Sum64() {
		c.reused++
	}
	c.streams[p.SSRC] = true
	c.sealed[h] = sum.Sum64()
}

// What stands before a sealed frame: crypto.md, section 7. Both return nothing of packets that begin none.
const (
	vp8DeltaBit, vp8DeltaPrefix, vp8KeyPrefix = 0x01, 1, 10
	h264DeltaPrefix, h264KeyPrefix            = 2, 3 // of the slice
)

func beginVP8(payload []byte) (frame, sealed []byte) {
	var d codecs.VP8Packet
	frame, err := d.Unmarshal(payload)
	if err != nil || d.S == 0 || d.PID != 0 || len(frame) == 0 {
		return nil, nil
	}
	prefix := vp8KeyPrefix
	if frame[0]&vp8DeltaBit != 0 {
		prefix = vp8DeltaPrefix
	}
	if len(frame) < prefix {
		return nil, nil
	}
	return frame, frame[prefix:]
}

// beginH264 reads slices, alone or as the first fragment (RFC 6184 §5.6 and §5.8). The first bytes of one that is sealed are
// in one packet.
func beginH264(payload []byte) (frame, sealed []byte) {
	const typeMask, slice, idr, fuA, start = 0x1f, 1, 5, 28, 0x80
	if len(payload) < mediacrypt.MaxHeaderSize {
		return nil, nil
	}
	frame = payload
	kind := payload[0] & typeMask
	if kind == fuA && payload[1]&start != 0 {
		kind, frame = payload[1]&typeMask, payload[1:]
	}
	switch kind {
	case slice:
		sealed = frame[h264DeltaPrefix:]
	case idr:
		sealed = frame[h264KeyPrefix:]
	default:
		return nil, nil
	}
	return frame, bytes.ReplaceAll(sealed, []byte{0, 0, 3}, []byte{0, 0}) // as far as the header needs it
}
