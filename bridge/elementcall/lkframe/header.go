package lkframe

import "bytes"

// Codec is what a frame was made by.
type Codec int

// The codecs that LiveKit seals.
const (
	Opus Codec = iota + 1
	VP8
	VP9
	H264
)

// Lengths of what stays clear.
const (
	opusClear     = 1
	vp8KeyClear   = 10
	vp8DeltaClear = 3
	sliceClear    = 2 // of the first slice's unit: its header and a byte
)

// NAL unit types, H.264 table 7-1.
const (
	nalTypeMask = 0x1f
	nalSlice    = 1
	nalIDR      = 5
)

var startCode = []byte{0, 0, 1}

// clearLength is how much of a frame stays clear; false for what LiveKit would not seal.
func clearLength(codec Codec, frame []byte) (int, bool) {
	n := 0
	switch codec {
	case Opus:
		n = opusClear
	case VP8: // RFC 6386 §9.1: bit 0 is 0 in a key frame
		n = vp8DeltaClear
		if len(frame) > 0 && frame[0]&1 == 0 {
			n = vp8KeyClear
		}
	case VP9:
	case H264:
		return sliceLength(frame)
	default:
		return 0, false
	}
	return n, len(frame) >= n
}

// sliceLength goes up to the second byte of the first slice.
func sliceLength(frame []byte) (int, bool) {
	for at := 0; ; {
		i := bytes.Index(frame[at:], startCode)
		if i < 0 {
			return 0, false
		}
		at += i + len(startCode)
		if at+sliceClear > len(frame) {
			return 0, false
		}
		if t := frame[at] & nalTypeMask; t == nalSlice || t == nalIDR {
			return at + sliceClear, true
		}
	}
}

// longStartCodes gives every start code four bytes, as receivers rebuild them: the header is authenticated.
func longStartCodes(header []byte) []byte {
	out := make([]byte, 0, len(header)+len(startCode))
	for at := 0; ; {
		i := bytes.Index(header[at:], startCode)
		if i < 0 {
			return append(out, header[at:]...)
		}
		out = append(out, header[at:at+i]...)
		if len(out) == 0 || out[len(out)-1] != 0 {
			out = append(out, 0)
		}
		out = append(out, startCode...)
		at += i + len(startCode)
	}
}

// escape puts a three where two zeros are followed by what would read as a start code (H.264 §7.4.1).
func escape(body []byte) []byte {
	out := make([]byte, 0, len(body)+len(body)/64)
	zeros := 0
	for _, b := range body {
		if zeros >= 2 && b <= 3 {
			out, zeros = append(out, 3), 0
		}
		out = append(out, b)
		if zeros++; b != 0 {
			zeros = 0
		}
	}
	return out
}

func unescape(body []byte) []byte {
	out := make([]byte, 0, len(body))
	zeros := 0
	for _, b := range body {
		if zeros >= 2 && b == 3 {
			zeros = 0
			continue
		}
		out = append(out, b)
		if zeros++; b != 0 {
			zeros = 0
		}
	}
	return out
}
