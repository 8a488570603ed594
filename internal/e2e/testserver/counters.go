package main

import (
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

// note takes the packets that begin a frame of VP8.
func (c *counters) note(p sfu.TapPacket) {
	var d codecs.VP8Packet
	frame, err := d.Unmarshal(p.Payload)
	if p.Codec != "vp8" || err != nil || d.S == 0 || d.PID != 0 || len(frame) == 0 {
		return
	}
	const deltaBit, deltaPrefix, keyPrefix = 0x01, 1, 10 // crypto.md, section 7
	prefix := keyPrefix
	if frame[0]&deltaBit != 0 {
		prefix = deltaPrefix
	}
	if len(frame) < prefix {
		return
	}
	h, _, err := mediacrypt.ParseHeader(frame[prefix:])
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
