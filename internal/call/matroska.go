package call

import (
	"encoding/binary"

	"github.com/grotto-meet/grotto/internal/webm"
	"github.com/grotto-meet/grotto/internal/wire"
)

// What a frame looks like on the wire, and in WebM and Matroska.

var webmCodecs = map[wire.Codec]webm.Codec{
	wire.CodecOpus: webm.Opus, wire.CodecVP8: webm.VP8, wire.CodecVP9: webm.VP9, wire.CodecAV1: webm.AV1, wire.CodecH264: webm.H264,
}

// webmTrack describes a track by its first frame, which is a key frame; false if that lacks what a decoder needs.
func webmTrack(codec wire.Codec, frame []byte) (webm.Track, bool) {
	t := webm.Track{Codec: webmCodecs[codec]}
	if codec == wire.CodecOpus {
		t.Private = webm.OpusPrivate(2)
		return t, true
	}
	width, height, _ := frameSize(codec, frame) // where it is not said, players take it from the stream
	t.Width, t.Height = int(width), int(height)
	switch codec {
	case wire.CodecAV1:
		t.Private = av1Private(frame)
		return t, t.Private != nil
	case wire.CodecH264:
		t.Private = h264Private(frame)
		return t, t.Private != nil
	}
	return t, true
}

// av1Private is an AV1CodecConfigurationRecord: it names the profile, and leaves all else to the sequence header that
// follows. Browsers send 8 bits, 4:2:0.
func av1Private(frame []byte) []byte {
	const (
		version     = 0x81
		anyLevel    = 31
		subsampled  = 0x0c // both ways
		headerOBU   = 1<<3 | 2
		profileBits = 5
	)
	header := sequenceHeader(frame)
	if len(header) == 0 || len(header) > 127 {
		return nil
	}
	record := []byte{version, header[0]>>profileBits<<profileBits | anyLevel, subsampled, 0, headerOBU, byte(len(header))}
	return append(record, header...)
}

// maxSet is how long a parameter set of H.264 may be: a sender chooses it, and it has to fit among a file's tracks. Those of
// encoders have some ten bytes.
const maxSet = 512

// h264Private is an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1) of one set of each kind.
func h264Private(frame []byte) []byte {
	sequence := h264Unit(frame, nalSequenceSet, nalSequenceSet)
	picture := h264Unit(frame, nalPictureSet, nalPictureSet)
	if len(sequence) < 4 || picture == nil || len(sequence) > maxSet || len(picture) > maxSet {
		return nil
	}
	record := append([]byte{1}, sequence[1:4]...)
	record = append(record, 0xff, 0xe1) // sizes of four bytes; one sequence set
	record = append(binary.BigEndian.AppendUint16(record, uint16(len(sequence))), sequence...)
	record = append(record, 1)
	return append(binary.BigEndian.AppendUint16(record, uint16(len(picture))), picture...)
}

// webmFrame is a picture, of one frame a layer, or sound.
func webmFrame(codec wire.Codec, layers [][]byte) []byte {
	var data []byte
	switch codec {
	case wire.CodecH264:
		for _, frame := range layers {
			for unit, rest := nextUnit(frame); unit != nil; unit, rest = nextUnit(rest) {
				data = append(binary.BigEndian.AppendUint32(data, uint32(len(unit))), unit...)
			}
		}
		return data
	case wire.CodecVP9:
		return superframe(layers)
	}
	if len(layers) == 1 {
		return layers[0]
	}
	for _, frame := range layers {
		data = append(data, frame...)
	}
	return data
}

// superframe joins the frames of one picture (VP9 bitstream specification, annex B), of which only the last is shown.
func superframe(frames [][]byte) []byte {
	const most = 8
	if len(frames) == 1 || len(frames) > most {
		return frames[len(frames)-1]
	}
	marker := byte(0b110_11_000 | len(frames) - 1) // sizes of four bytes
	index := []byte{marker}
	var data []byte
	for _, f := range frames {
		data = append(data, f...)
		index = binary.LittleEndian.AppendUint32(index, uint32(len(f)))
	}
	return append(append(data, index...), marker)
}

// fromAVC makes a byte stream of units behind their sizes; the sets stand before a key frame, as encoders put them.
func fromAVC(sets []byte, sizeBytes int, frame []byte) ([]byte, bool) {
	var stream []byte
	for len(frame) > 0 {
		if len(frame) < sizeBytes {
			return nil, false
		}
		n := 0
		for _, b := range frame[:sizeBytes] {
			n = n<<8 | int(b)
		}
		frame = frame[sizeBytes:]
		if n > len(frame) {
			return nil, false
		}
		if n > 0 {
			stream = append(append(stream, nalLongStart...), frame[:n]...)
		}
		frame = frame[n:]
	}
	if h264KeyFrame(stream) && h264Unit(stream, nalSequenceSet, nalSequenceSet) == nil {
		stream = append(append([]byte{}, sets...), stream...)
	}
	return stream, true
}

// readAVC reads an AVCDecoderConfigurationRecord into a byte stream of its sets.
func readAVC(record []byte) (sets []byte, sizeBytes int, ok bool) {
	if len(record) < 7 || record[0] != 1 {
		return nil, 0, false
	}
	sizeBytes = int(record[4]&3) + 1
	counts := []int{int(record[5] & 0x1f), -1}
	rest := record[6:]
	for i, n := range counts {
		if i == 1 {
			if len(rest) == 0 {
				return nil, 0, false
			}
			n, rest = int(rest[0]), rest[1:]
		}
		for range n {
			if len(rest) < 2 {
				return nil, 0, false
			}
			size := int(binary.BigEndian.Uint16(rest))
			if rest = rest[2:]; size > len(rest) {
				return nil, 0, false
			}
			sets = append(append(sets, nalLongStart...), rest[:size]...)
			rest = rest[size:]
		}
	}
	return sets, sizeBytes, true
}
