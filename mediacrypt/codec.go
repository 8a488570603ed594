package mediacrypt

import (
	"bytes"
	"fmt"
)

// Source says what a track carries. It is authenticated with every frame.
type Source uint8

// The sources. The numbers are part of the format.
const (
	SourceMic         Source = 1
	SourceCamera      Source = 2
	SourceScreen      Source = 3
	SourceScreenAudio Source = 4
	SourceData        Source = 5
)

var sourceNames = [...]string{"unknown", "mic", "camera", "screen", "screen_audio", "data"}

func (s Source) String() string {
	if int(s) < len(sourceNames) {
		return sourceNames[s]
	}
	return fmt.Sprintf("source(%d)", uint8(s))
}

func (s Source) known() bool { return s >= SourceMic && s <= SourceData }

// Codec says how a frame is encoded. It is authenticated with every frame and decides the clear prefix.
type Codec uint8

// The codecs. The numbers are part of the format.
const (
	CodecData Codec = 0
	CodecOpus Codec = 1
	CodecVP8  Codec = 2
	CodecVP9  Codec = 3
	CodecAV1  Codec = 4
	CodecH264 Codec = 5
)

var codecNames = [...]string{"data", "opus", "vp8", "vp9", "av1", "h264"}

func (c Codec) String() string {
	if int(c) < len(codecNames) {
		return codecNames[c]
	}
	return fmt.Sprintf("codec(%d)", uint8(c))
}

func check(src Source, codec Codec) error {
	if !src.known() {
		return fmt.Errorf("%w: %v", ErrSource, src)
	}
	if codec > CodecH264 {
		return fmt.Errorf("%w: %v", ErrCodec, codec)
	}
	return nil
}

// kind is what the prefix tells about a frame.
type kind uint8

const (
	kindUntold kind = iota // Opus, VP9 and data have no prefix
	kindDelta
	kindKey
)

func (k kind) String() string { return [...]string{"untold", "delta", "key"}[k] }

const (
	// vp8KeyPrefix is a well-formed VP8 key frame header (RFC 6386 §9.1): frame tag, start code, 640x480 whatever the
	// picture's size.
	vp8KeyPrefix = "\x10\x00\x00\x9d\x01\x2a\x80\x02\xe0\x01"
	// vp8DeltaPrefix is the first byte of a frame tag with bit 0, "not a key frame", set.
	vp8DeltaPrefix = "\x11"
	vp8NotKeyBit   = 0x01

	// av1KeyPrefix is a sequence header OBU of one byte; the packetizer sees it and starts a coded video sequence.
	av1KeyPrefix       = "\x0a\x01\x00"
	av1SequencePayload = "\x00"

	// maxPrefixSize: VP8 takes 10; AV1 3, 1 and at most 5 for a leb128 of 32 bits; H.264 28, and one byte at the end.
	maxPrefixSize = len(h264KeyPrefix) + 1
)

// MaxOverhead is how much longer than its frame a sealed frame can be, but for the escapes of H.264: a byte or two at times.
const MaxOverhead = maxPrefixSize + MaxHeaderSize + tagSize

// kindOf reads the frame's own key bit; the package doc states the rules.
func kindOf(codec Codec, frame []byte) kind {
	key := false
	switch codec {
	case CodecVP8:
		key = len(frame) > 0 && frame[0]&vp8NotKeyBit == 0
	case CodecAV1:
		key = hasSequenceHeader(frame)
	case CodecH264:
		key = startsWithIDR(frame)
	default:
		return kindUntold
	}
	if key {
		return kindKey
	}
	return kindDelta
}

// appendPrefix appends what stands before a sealed frame of n bytes.
func appendPrefix(dst []byte, codec Codec, k kind, n int) []byte {
	switch {
	case codec == CodecVP8 && k == kindKey:
		return append(dst, vp8KeyPrefix...)
	case codec == CodecVP8:
		return append(dst, vp8DeltaPrefix...)
	case codec == CodecAV1:
		if k == kindKey {
			dst = append(dst, av1KeyPrefix...)
		}
		return appendLEB128(append(dst, obuFrame<<obuTypeShift|obuHasSize), uint64(n))
	case codec == CodecH264 && k == kindKey:
		return append(dst, h264KeyPrefix...)
	case codec == CodecH264:
		return append(dst, h264DeltaPrefix...)
	}
	return dst
}

// cutPrefix checks the prefix and returns the rest, which is the sealed frame (of H.264 still escaped), and what the prefix
// told.
func cutPrefix(codec Codec, b []byte) (rest []byte, k kind, err error) {
	switch codec {
	case CodecVP8:
		return cutVP8Prefix(b)
	case CodecAV1:
		return cutAV1Prefix(b)
	case CodecH264:
		return cutH264Prefix(b)
	}
	return b, kindUntold, nil
}

func cutVP8Prefix(b []byte) ([]byte, kind, error) {
	if rest, ok := bytes.CutPrefix(b, []byte(vp8DeltaPrefix)); ok {
		return rest, kindDelta, nil
	}
	if rest, ok := bytes.CutPrefix(b, []byte(vp8KeyPrefix)); ok {
		return rest, kindKey, nil
	}
	return nil, kindUntold, fmt.Errorf("%w: not the VP8 prefix", ErrMalformed)
}

// cutAV1Prefix accepts what browsers make of our prefix when they take a frame apart and put it together again: see
// the package doc. The size of the frame OBU is read over, not believed.
func cutAV1Prefix(b []byte) ([]byte, kind, error) {
	told := kindDelta
	for {
		h, ok := parseOBUHeader(b)
		if !ok {
			return nil, kindUntold, fmt.Errorf("%w: not an OBU", ErrMalformed)
		}
		body := b[h.length:]
		if h.typ == obuFrame {
			return body, told, nil
		}
		// Something must follow, so these need a size, and a true one.
		if !h.hasSize || h.size > uint64(len(body)) {
			return nil, kindUntold, fmt.Errorf("%w: bad OBU size", ErrMalformed)
		}
		payload := body[:h.size]
		switch {
		case h.typ == obuTemporalDelimiter && len(payload) == 0, h.typ == obuPadding:
		case h.typ == obuSequenceHeader && told == kindDelta && string(payload) == av1SequencePayload:
			told = kindKey
		default:
			return nil, kindUntold, fmt.Errorf("%w: not the AV1 prefix", ErrMalformed)
		}
		b = body[h.size:]
	}
}
