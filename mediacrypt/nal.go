package mediacrypt

import (
	"bytes"
	"fmt"
	"slices"
)

// NAL unit types, H.264 table 7-1: 1 to 5 are coded slices.
const (
	nalTypeMask = 0x1f
	nalSlice    = 1
	nalIDR      = 5
)

const (
	// h264KeyPrefix is a sequence parameter set (constrained baseline, level 3.1, 640x480 whatever the picture's size, no
	// re-ordering and says so, so that nobody rewrites it), a picture parameter set, and the beginning of an IDR slice: its NAL unit
	// header, first macroblock 0, an I slice, picture parameter set 0 (H.264 §7.3.2.1, §7.3.2.2, §7.3.3).
	h264KeyPrefix = "\x00\x00\x00\x01\x67\x42\xe0\x1f\xda\x02\x80\xf6\x80\x78\x44\x23\x50" +
		"\x00\x00\x00\x01\x68\xce\x3c\x80" +
		"\x00\x00\x00\x01\x65\x88\x80"
	// h264DeltaPrefix is the beginning of a P slice of the same. Both end in a byte that is not 0, so what must be escaped
	// behind them depends on nothing before.
	h264DeltaPrefix = "\x00\x00\x00\x01\x41\x9a"
	// h264End is rbsp_trailing_bits (§7.3.2.11). Packetizers cut zeros off the end of a unit; this is none.
	h264End = 0x80

	// nalEscape, emulation_prevention_three_byte (§7.4.1), stands between two zeros and any byte up to itself.
	nalEscape = 0x03
)

var (
	nalStart = []byte{0, 0, 1}
	twoZeros = nalStart[:2]
)

// startsWithIDR says whether the first slice of the frame is an IDR slice: then all are (H.264 §7.4.1.2.4).
func startsWithIDR(frame []byte) bool {
	for {
		i := bytes.Index(frame, nalStart)
		if i < 0 || i+len(nalStart) == len(frame) {
			return false
		}
		frame = frame[i+len(nalStart):]
		if typ := frame[0] & nalTypeMask; typ >= nalSlice && typ <= nalIDR {
			return typ == nalIDR
		}
	}
}

// appendNALEnd makes what stands at from the inside of a NAL unit, and ends the unit. Escapes are rare in ciphertext, one
// in four million bytes.
func appendNALEnd(b []byte, from int) []byte {
	for {
		i := bytes.Index(b[from:], twoZeros)
		if i < 0 || from+i+len(twoZeros) == len(b) {
			return append(b, h264End)
		}
		from += i + len(twoZeros)
		if b[from] <= nalEscape {
			b = slices.Insert(b, from, nalEscape)
			from++ // the byte behind may be the first of two zeros again
		}
	}
}

// cutH264Prefix leaves the escapes in; unescape takes them out.
func cutH264Prefix(b []byte) ([]byte, kind, error) {
	k := kindDelta
	rest, ok := bytes.CutPrefix(b, []byte(h264DeltaPrefix))
	if !ok {
		k = kindKey
		rest, ok = bytes.CutPrefix(b, []byte(h264KeyPrefix))
	}
	if !ok {
		return nil, kindUntold, fmt.Errorf("%w: not the H.264 prefix", ErrMalformed)
	}
	if rest, ok = bytes.CutSuffix(rest, []byte{h264End}); !ok {
		return nil, kindUntold, fmt.Errorf("%w: the NAL unit has no end", ErrMalformed)
	}
	return rest, k, nil
}

// unescape appends to dst what stood in the NAL unit before it was escaped; nothing else than what appendNALEnd makes is
// taken, so a frame has one form.
func unescape(dst, b []byte) ([]byte, error) {
	for {
		i := bytes.Index(b, twoZeros)
		if i < 0 || i+len(twoZeros) == len(b) {
			return append(dst, b...), nil
		}
		i += len(twoZeros)
		dst = append(dst, b[:i]...)
		b = b[i:]
		switch {
		case b[0] > nalEscape:
		case b[0] == nalEscape && len(b) > 1 && b[1] <= nalEscape:
			b = b[1:]
		default:
			return nil, fmt.Errorf("%w: bad escape in the NAL unit", ErrMalformed)
		}
	}
}
