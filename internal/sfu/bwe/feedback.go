package bwe

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrFeedback is feedback that breaks its format.
var ErrFeedback = errors.New("bwe: malformed transport-wide feedback")

// Sizes in a feedback packet (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
const (
	feedbackHeader = 20 // RTCP header, two SSRCs, base number, count, reference time, feedback count
	chunkSize      = 2
	deltaUnit      = 250   // microseconds
	referenceUnit  = 64000 // microseconds
)

// status of a packet, two bits.
const (
	statusLost  = 0
	statusSmall = 1 // received, the time since the previous one is in one byte
	statusLarge = 2 // in two bytes, signed
)

// report is the head of a feedback packet.
type report struct {
	base      uint16 // number of the first packet
	count     int
	reference uint32 // 24 bits of 64 ms
	chunks    []byte
	deltas    []byte
}

func readReport(b []byte) (report, error) {
	if len(b) < feedbackHeader {
		return report{}, fmt.Errorf("%w: %d bytes", ErrFeedback, len(b))
	}
	r := report{
		base:      binary.BigEndian.Uint16(b[12:]),
		count:     int(binary.BigEndian.Uint16(b[14:])),
		reference: binary.BigEndian.Uint32(b[16:]) >> 8,
		chunks:    b[feedbackHeader:],
	}
	// The deltas follow the chunks; only counting the packets tells how many chunks there are.
	rest := r.chunks
	for left := r.count; left > 0; rest = rest[chunkSize:] {
		if len(rest) < chunkSize {
			return report{}, fmt.Errorf("%w: chunks break off", ErrFeedback)
		}
		left -= chunk(binary.BigEndian.Uint16(rest)).count()
	}
	r.chunks, r.deltas = r.chunks[:len(r.chunks)-len(rest)], rest
	return r, nil
}

// each calls for the packets in the order of their numbers; at is microseconds since the reference time. What was told
// before an error was told by a packet that breaks off.
func (r report) each(packet func(number uint16, received bool, at int64)) error {
	number, at, deltas, left := r.base, int64(0), r.deltas, r.count
	for chunks := r.chunks; left > 0; chunks = chunks[chunkSize:] {
		c := chunk(binary.BigEndian.Uint16(chunks))
		for i := range min(c.count(), left) {
			switch c.status(i) {
			case statusSmall:
				if len(deltas) < 1 {
					return fmt.Errorf("%w: deltas break off", ErrFeedback)
				}
				at += int64(deltas[0]) * deltaUnit
				deltas = deltas[1:]
				packet(number, true, at)
			case statusLarge:
				if len(deltas) < 2 {
					return fmt.Errorf("%w: deltas break off", ErrFeedback)
				}
				at += int64(int16(binary.BigEndian.Uint16(deltas))) * deltaUnit
				deltas = deltas[2:]
				packet(number, true, at)
			case statusLost:
				packet(number, false, 0)
			default:
				return fmt.Errorf("%w: status %d", ErrFeedback, c.status(i))
			}
			number++
		}
		left -= c.count()
	}
	return nil
}

// chunk is the status of some packets (§3.1.3, §3.1.4): a run of one status, or a vector.
type chunk uint16

func (c chunk) count() int {
	switch {
	case c>>15 == 0: // run length
		return int(c & 0x1fff)
	case c>>14&1 == 0:
		return 14 // of one bit
	default:
		return 7 // of two bits
	}
}

func (c chunk) status(i int) int {
	switch {
	case c>>15 == 0:
		return int(c >> 13 & 3)
	case c>>14&1 == 0:
		return int(c >> (13 - i) & 1)
	default:
		return int(c >> (12 - 2*i) & 3)
	}
}
