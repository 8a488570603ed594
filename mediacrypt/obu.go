package mediacrypt

// OBU types, AV1 §6.2.2.
const (
	obuSequenceHeader    = 1
	obuTemporalDelimiter = 2
	obuFrame             = 6
	obuPadding           = 15
)

// The OBU header byte, AV1 §5.3.2.
const (
	obuForbidden = 0x80
	obuTypeShift = 3
	obuTypeMask  = 0x0f
	obuExtension = 0x04
	obuHasSize   = 0x02
	obuReserved  = 0x01
)

const (
	maxLEB128Bytes = 8         // AV1 §4.10.5
	maxLEB128      = 1<<32 - 1 // likewise: larger values are not allowed
	leb128More     = 1 << 7    // another byte follows
	leb128Mask     = leb128More - 1
)

type obuHeader struct {
	typ     byte
	hasSize bool
	size    uint64 // 0 without a size field
	length  int    // of header, extension and size field
}

// parseOBUHeader is strict: the forbidden and the reserved bit must be 0, which every encoder heeds.
func parseOBUHeader(b []byte) (h obuHeader, ok bool) {
	if len(b) == 0 || b[0]&(obuForbidden|obuReserved) != 0 {
		return obuHeader{}, false
	}
	h = obuHeader{typ: b[0] >> obuTypeShift & obuTypeMask, hasSize: b[0]&obuHasSize != 0, length: 1}
	if b[0]&obuExtension != 0 {
		h.length++
	}
	if len(b) < h.length {
		return obuHeader{}, false
	}
	if h.hasSize {
		size, n, ok := parseLEB128(b[h.length:])
		if !ok {
			return obuHeader{}, false
		}
		h.size, h.length = size, h.length+n
	}
	return h, true
}

// hasSequenceHeader walks the OBUs from the front. An OBU that is not well formed, and one without a size, ends the
// walk; what was seen before it decides.
func hasSequenceHeader(frame []byte) bool {
	for {
		h, ok := parseOBUHeader(frame)
		if !ok {
			return false
		}
		if h.typ == obuSequenceHeader {
			return true
		}
		if !h.hasSize || h.size > uint64(len(frame)-h.length) {
			return false
		}
		frame = frame[h.length+int(h.size):]
	}
}

func appendLEB128(dst []byte, v uint64) []byte {
	for v >= leb128More {
		dst = append(dst, byte(v)|leb128More)
		v >>= 7
	}
	return append(dst, byte(v))
}

// parseLEB128 reads a number of at most eight bytes and 32 bits; zeros at its end are allowed, as the standard does.
func parseLEB128(b []byte) (v uint64, n int, ok bool) {
	for n < len(b) && n < maxLEB128Bytes {
		c := b[n]
		v |= uint64(c&leb128Mask) << (7 * n)
		n++
		if c&leb128More == 0 {
			return v, n, v <= maxLEB128
		}
	}
	return 0, 0, false
}
