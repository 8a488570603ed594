// Package keyframe tells from an RTP payload whether a key frame begins with it. [Begins] judges by the payload descriptor and,
// for VP8 and H.264, by what sealed frames leave readable, so it works for those who have no key as well.
//
// # Limits
//
// It is the sender's word: what begins with it need not be a key frame to a decoder. Which packet ends it the marker says.
package keyframe

// Begins reports whether an RTP payload starts a key frame of the codec with that name: vp8, vp9, av1 or h264. For other codecs
// it is false.
func Begins(codec string, payload []byte) bool {
	switch codec {
	case "vp8":
		return VP8(payload)
	case "vp9":
		return VP9(payload)
	case "av1":
		return AV1(payload)
	case "h264":
		return H264(payload)
	}
	return false
}

// VP8 reads the payload descriptor of RFC 7741 §4.2 and the P bit of the payload header (§4.3), which the clear
// prefix of a sealed frame repeats.
//
//	 0 1 2 3 4 5 6 7
//	|X|R|N|S|R| PID |   X: the next byte is there
//	|I|L|T|K| RSV   |   I: picture id, L: TL0PICIDX, T or K: one byte together
//	|M| PictureID   |   M: 15 bits instead of 7
func VP8(p []byte) bool {
	const (
		extended, start, partition        = 0x80, 0x10, 0x07
		pictureID, levelID, layerOrKeyIdx = 0x80, 0x40, 0x30
		longID, inter                     = 0x80, 0x01
	)
	if len(p) < 2 || p[0]&start == 0 || p[0]&partition != 0 {
		return false
	}
	n := 1
	if p[0]&extended != 0 {
		bits := p[1]
		n++
		if bits&pictureID != 0 {
			if len(p) <= n {
				return false
			}
			if p[n]&longID != 0 {
				n++
			}
			n++
		}
		if bits&levelID != 0 {
			n++
		}
		if bits&layerOrKeyIdx != 0 {
			n++
		}
	}
	return len(p) > n && p[n]&inter == 0
}

// VP9 reads the payload descriptor of RFC 9628 §4.2: the start (B) of a frame that is not inter-predicted (P = 0)
// in the lowest spatial layer.
//
//	|I|P|L|F|B|E|V|Z|
//	|M| PictureID   |   if I; two bytes if M
//	| TID |U| SID |D|   if L
func VP9(p []byte) bool {
	const (
		pictureID, inter, layers, begin = 0x80, 0x40, 0x20, 0x08
		longID, spatialID               = 0x80, 0x0e
	)
	if len(p) < 2 || p[0]&inter != 0 || p[0]&begin == 0 {
		return false
	}
	if p[0]&layers == 0 {
		return true
	}
	n := 1
	if p[0]&pictureID != 0 {
		if p[1]&longID != 0 {
			n++
		}
		n++
	}
	return len(p) > n && p[n]&spatialID == 0
}

// AV1 reads the aggregation header |Z|Y|W W|N|-|-|-| of the AV1 RTP payload format §4.4: N marks the first packet
// of a coded video sequence. Z (continuation of an earlier packet's OBU) excludes it.
func AV1(p []byte) bool {
	const continued, newSequence = 0x80, 0x08
	return len(p) >= 2 && p[0]&newSequence != 0 && p[0]&continued == 0
}

// H264 looks for a sequence parameter set (RFC 6184 §5.4), behind a delimiter or supplemental information at most: by
// itself or first in an aggregation packet. A sealed key frame begins with one, and it is too small to be fragmented; so
// what begins with an IDR slice, whole or in fragments (FU-A), is not the start of a frame that anybody could decode.
//
//	|F|NRI|  Type   |  Type 1 to 23: a NAL unit; 24: STAP-A, units each behind two bytes of size
func H264(p []byte) bool {
	const (
		typeMask                             = 0x1f
		information, parameterSet, delimiter = 6, 7, 9
		aggregation, sizeBytes               = 24, 2
	)
	if len(p) < 2 {
		return false
	}
	if p[0]&typeMask != aggregation {
		return p[0]&typeMask == parameterSet
	}
	for p = p[1:]; len(p) > sizeBytes; {
		size := int(p[0])<<8 | int(p[1])
		switch p[sizeBytes] & typeMask {
		case parameterSet:
			return size > 0
		case information, delimiter:
		default:
			return false
		}
		if size == 0 || size > len(p)-sizeBytes {
			return false
		}
		p = p[sizeBytes+size:]
	}
	return false
}
