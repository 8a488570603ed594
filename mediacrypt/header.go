package mediacrypt

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Header is the SFrame header: which key, and which frame under it (RFC 9605 §4.3).
type Header struct {
	KID KeyID
	CTR uint64
}

// MaxHeaderSize is the length of the longest SFrame header: the config byte and two numbers of eight bytes.
const MaxHeaderSize = 1 + 8 + 8

// The config byte is X KKK Y CCC: with the flag set, the three bits hold the length less one of the number that
// follows, else the number itself.
const (
	extended  = 0x08
	kidShift  = 4
	fieldMask = 0x07
	maxInline = 7
)

// Append appends the encoded header. Numbers of 0 to 7 go into the config byte; others take as few bytes as they
// can, as the RFC demands.
func (h Header) Append(dst []byte) []byte {
	at := len(dst)
	dst = append(dst, 0)
	var kid, ctr byte
	dst, kid = appendNumber(dst, uint64(h.KID))
	dst, ctr = appendNumber(dst, h.CTR)
	dst[at] = kid<<kidShift | ctr
	return dst
}

// appendNumber returns the four bits that belong into the config byte; the flag of both fields is their upper bit.
func appendNumber(dst []byte, v uint64) ([]byte, byte) {
	if v <= maxInline {
		return dst, byte(v)
	}
	n := (bits.Len64(v) + 7) / 8
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], v)
	return append(dst, b[8-n:]...), extended | byte(n-1)
}

// ParseHeader reads the header at the start of b and returns its length. "The value MUST be encoded with the
// minimum number of bytes required" (RFC 9605 §4.3), so any other encoding is [ErrMalformed]: each (KID, CTR) has
// one header only.
func ParseHeader(b []byte) (h Header, n int, err error) {
	if len(b) == 0 {
		return Header{}, 0, fmt.Errorf("%w: no SFrame header", ErrMalformed)
	}
	config := b[0]
	kid, rest, ok := parseNumber(b[1:], config>>kidShift)
	if !ok {
		return Header{}, 0, fmt.Errorf("%w: bad KID", ErrMalformed)
	}
	ctr, rest, ok := parseNumber(rest, config)
	if !ok {
		return Header{}, 0, fmt.Errorf("%w: bad CTR", ErrMalformed)
	}
	return Header{KID: KeyID(kid), CTR: ctr}, len(b) - len(rest), nil
}

func parseNumber(b []byte, field byte) (v uint64, rest []byte, ok bool) {
	low := field & fieldMask
	if field&extended == 0 {
		return uint64(low), b, true
	}
	n := int(low) + 1
	if len(b) < n {
		return 0, nil, false
	}
	for _, c := range b[:n] {
		v = v<<8 | uint64(c)
	}
	minimal := v > maxInline && b[0] != 0
	return v, b[n:], minimal
}
