package call

import (
	"bytes"
	"encoding/binary"
	"time"
)

// NAL unit types (H.264 table 7-1) and the packets of RFC 6184 §5.2.
const (
	nalTypeMask     = 0x1f
	nalSlice        = 1
	nalIDR          = 5
	nalInformation  = 6
	nalSequenceSet  = 7
	nalPictureSet   = 8
	nalDelimiter    = 9
	nalFirstReserve = 14 // to 18: belong to the picture that follows (§7.4.1.2.3)
	nalLastReserve  = 18
	nalAggregation  = 24 // STAP-A
	nalFragment     = 28 // FU-A

	fragmentStart = 0x80 // S
)

var (
	nalStart     = []byte{0, 0, 1}
	nalLongStart = []byte{0, 0, 0, 1}
)

// h264Units makes a byte stream of RTP payloads. Pion's depacketizer keeps fragments of a frame that was lost and puts
// them before the next; this one keeps nothing. What it cannot read it leaves out, and the frame will not open.
type h264Units struct{}

// Unmarshal implements rtp.Depacketizer.
func (h264Units) Unmarshal(p []byte) ([]byte, error) {
	if len(p) == 0 {
		return nil, nil
	}
	switch typ := p[0] & nalTypeMask; {
	case typ < nalAggregation:
		return append(bytes.Clone(nalLongStart), p...), nil
	case typ == nalAggregation:
		return aggregated(p[1:]), nil
	case typ == nalFragment && len(p) > 1:
		if p[1]&fragmentStart == 0 {
			return p[2:], nil
		}
		return append(append(bytes.Clone(nalLongStart), p[0]&^nalTypeMask|p[1]&nalTypeMask), p[2:]...), nil
	}
	return nil, nil
}

func aggregated(p []byte) (stream []byte) {
	for len(p) > 2 {
		n := int(binary.BigEndian.Uint16(p))
		if p = p[2:]; n > len(p) {
			break
		}
		stream = append(append(stream, nalLongStart...), p[:n]...)
		p = p[n:]
	}
	return stream
}

// IsPartitionHead implements rtp.Depacketizer: whether the payload begins a sealed frame, which a picture parameter set and
// an IDR slice do not, since a sequence parameter set stands before them.
func (h264Units) IsPartitionHead(p []byte) bool {
	if len(p) < 2 {
		return false
	}
	typ := p[0] & nalTypeMask
	switch {
	case typ == nalFragment && p[1]&fragmentStart == 0:
		return false
	case typ == nalFragment:
		typ = p[1] & nalTypeMask
	case typ == nalAggregation && len(p) > 3:
		typ = p[3] & nalTypeMask
	}
	return typ != nalIDR && typ != nalPictureSet
}

// IsPartitionTail implements rtp.Depacketizer.
func (h264Units) IsPartitionTail(marker bool, _ []byte) bool { return marker }

// nextUnit cuts the first NAL unit off a byte stream; nil when there is none.
func nextUnit(stream []byte) (unit, rest []byte) {
	i := bytes.Index(stream, nalStart)
	if i < 0 {
		return nil, nil
	}
	unit = stream[i+len(nalStart):]
	end := bytes.Index(unit, nalStart)
	if end < 0 {
		return unit, nil
	}
	return bytes.TrimRight(unit[:end], "\x00"), unit[end:]
}

// h264Unit finds the first unit of a frame whose type lies in this range.
func h264Unit(frame []byte, first, last byte) []byte {
	for unit, rest := nextUnit(frame); unit != nil; unit, rest = nextUnit(rest) {
		if len(unit) > 0 && unit[0]&nalTypeMask >= first && unit[0]&nalTypeMask <= last {
			return unit
		}
	}
	return nil
}

// h264KeyFrame: all slices of an IDR picture are IDR slices (H.264 §7.4.1.2.4).
func h264KeyFrame(frame []byte) bool {
	slice := h264Unit(frame, nalSlice, nalIDR)
	return slice != nil && slice[0]&nalTypeMask == nalIDR
}

// sequenceSet is what a sequence parameter set says.
type sequenceSet struct {
	profile       uint8
	width, height uint16
	interval      time.Duration // of frames; 0: it does not say
}

// Profiles whose parameter sets have no chroma format, H.264 §7.3.2.1.1.
const (
	profileBaseline = 66
	profileMain     = 77
	profileExtended = 88
)

// readSequenceSet reads a NAL unit of that type, H.264 §7.3.2.1.1.
func readSequenceSet(unit []byte) (sequenceSet, bool) {
	r := bitReader{data: bytes.ReplaceAll(unit, []byte{0, 0, 3}, []byte{0, 0})} // §7.4.1: escapes
	if r.read(8)&nalTypeMask != nalSequenceSet {
		return sequenceSet{}, false
	}
	s := sequenceSet{profile: uint8(r.read(8))}
	if s.profile != profileBaseline && s.profile != profileMain && s.profile != profileExtended {
		return s, !r.short
	}
	r.read(16)                      // constraints, level
	r.readUVLC()                    // seq_parameter_set_id
	r.readUVLC()                    // log2_max_frame_num_minus4
	switch order := r.readUVLC(); { // pic_order_cnt_type
	case order == 0:
		r.readUVLC()
	case order == 1:
		r.read(1)
		r.readUVLC()
		r.readUVLC()
		for n := r.readUVLC(); n > 0 && !r.short; n-- {
			r.readUVLC()
		}
	}
	r.readUVLC() // max_num_ref_frames
	r.read(1)    // gaps_in_frame_num_value_allowed_flag
	width, height := 16*(r.readUVLC()+1), 16*(r.readUVLC()+1)
	fields := uint32(1)
	if !r.flag() { // frame_mbs_only_flag
		fields = 2
		r.read(1)
	}
	height *= fields
	r.read(1)     // direct_8x8_inference_flag
	if r.flag() { // frame_cropping_flag
		width -= 2 * (r.readUVLC() + r.readUVLC())
		height -= 2 * fields * (r.readUVLC() + r.readUVLC())
	}
	s.width, s.height = uint16(width), uint16(height)
	if r.flag() {
		s.interval = r.readTiming()
	}
	return s, !r.short
}

// readTiming reads as much of the usability information as says how long a frame lasts, H.264 §E.1.1.
func (r *bitReader) readTiming() time.Duration {
	const explicitAspect = 255
	if r.flag() && r.read(8) == explicitAspect {
		r.read(32)
	}
	if r.flag() { // overscan_info_present_flag
		r.read(1)
	}
	if r.flag() { // video_signal_type_present_flag
		r.read(4)
		if r.flag() { // colour_description_present_flag
			r.read(24)
		}
	}
	if r.flag() { // chroma_loc_info_present_flag
		r.readUVLC()
		r.readUVLC()
	}
	if !r.flag() { // timing_info_present_flag
		return 0
	}
	tick, scale := r.read(32), r.read(32)
	if r.short || tick == 0 || scale == 0 {
		return 0
	}
	return time.Duration(2 * float64(tick) / float64(scale) * float64(time.Second)) // a tick is a field
}
