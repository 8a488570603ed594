package call

import (
	"encoding/binary"
	"errors"

	"github.com/pion/rtp/codecs/vp9"

	"github.com/grotto-meet/grotto/internal/wire"
)

var errNoSize = errors.New("call: the frame does not say its size")

// frameSize reads the picture's size from a key frame. What came from a peer may lie; the caller only writes it down.
func frameSize(codec wire.Codec, frame []byte) (width, height uint16, err error) {
	switch codec {
	case wire.CodecVP8:
		// RFC 6386 §9.1: 3 bytes of tag, the start code, then 14 bits each with 2 bits of scaling above.
		if !keyFrame(codec, frame) || len(frame) < 10 || [3]byte(frame[3:6]) != [3]byte{0x9d, 0x01, 0x2a} {
			return 0, 0, errNoSize
		}
		return binary.LittleEndian.Uint16(frame[6:]) & 0x3fff, binary.LittleEndian.Uint16(frame[8:]) & 0x3fff, nil
	case wire.CodecVP9:
		var h vp9.Header
		if err := h.Unmarshal(frame); err != nil || h.NonKeyFrame || h.FrameSize == nil {
			return 0, 0, errNoSize
		}
		return h.Width(), h.Height(), nil
	case wire.CodecAV1:
		return av1Size(sequenceHeader(frame))
	case wire.CodecH264:
		set, ok := readSequenceSet(h264Unit(frame, nalSequenceSet, nalSequenceSet))
		if !ok || set.width == 0 || !keyFrame(codec, frame) {
			return 0, 0, errNoSize
		}
		return set.width, set.height, nil
	}
	return 0, 0, errNoSize
}

// bitReader reads big-endian bits; past the end it gives zeros and sets short.
type bitReader struct {
	data  []byte
	pos   int
	short bool
}

func (r *bitReader) read(n int) uint32 {
	var v uint32
	for range n {
		v <<= 1
		if r.pos/8 >= len(r.data) {
			r.short = true
			continue
		}
		v |= uint32(r.data[r.pos/8]>>(7-r.pos%8)) & 1
		r.pos++
	}
	return v
}

func (r *bitReader) flag() bool { return r.read(1) == 1 }

// readUVLC reads the variable length code of the AV1 specification, §4.10.3, which is that of H.264, §9.1.
func (r *bitReader) readUVLC() uint32 {
	zeros := 0
	for !r.short && !r.flag() {
		zeros++
	}
	if zeros >= 32 {
		return 1<<32 - 1
	}
	return 1<<zeros - 1 + r.read(zeros)
}

// av1Size reads the largest frame size from a sequence header, AV1 specification §5.5.1.
func av1Size(header []byte) (width, height uint16, err error) {
	r := bitReader{data: header}
	r.read(3) // seq_profile
	r.read(1) // still_picture
	if r.flag() {
		r.read(5) // reduced_still_picture_header: seq_level_idx only
	} else {
		r.skipOperatingPoints()
	}
	widthBits, heightBits := int(r.read(4))+1, int(r.read(4))+1
	width, height = uint16(r.read(widthBits)), uint16(r.read(heightBits))
	if r.short {
		return 0, 0, errNoSize
	}
	return width + 1, height + 1, nil
}

func (r *bitReader) skipOperatingPoints() {
	delayBits := 0 // of the decoder model, if there is one
	if r.flag() {  // timing_info_present_flag, §5.5.3
		r.read(32)    // num_units_in_display_tick
		r.read(32)    // time_scale
		if r.flag() { // equal_picture_interval
			r.readUVLC()
		}
		if r.flag() { // decoder_model_info_present_flag, §5.5.4
			delayBits = int(r.read(5)) + 1
			r.read(32) // num_units_in_decoding_tick
			r.read(5)  // buffer_removal_time_length_minus_1
			r.read(5)  // frame_presentation_time_length_minus_1
		}
	}
	displayDelay := r.flag() // initial_display_delay_present_flag
	for points := r.read(5) + 1; points > 0; points-- {
		r.read(12)         // operating_point_idc
		if r.read(5) > 7 { // seq_level_idx
			r.read(1) // seq_tier
		}
		if delayBits > 0 && r.flag() { // operating_parameters_info, §5.5.5
			r.read(delayBits)
			r.read(delayBits)
			r.read(1)
		}
		if displayDelay && r.flag() {
			r.read(4)
		}
	}
}
