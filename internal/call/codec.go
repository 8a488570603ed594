package call

import (
	"github.com/pion/rtp/codecs/av1/obu"
	"github.com/pion/rtp/codecs/vp9"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/mediacrypt"
)

// RTP clock rates, RFC 7587 §4.1 and RFC 7741 §4.1 (VP9 and AV1 use the same).
const (
	audioClock = 48000
	videoClock = 90000
)

// codecInfo is what this package knows about a codec.
type codecInfo struct {
	wire   wire.Codec
	crypt  mediacrypt.Codec
	params webrtc.RTPCodecParameters
	video  bool
	fourCC string // in IVF files
}

var videoFeedback = []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}}

// h264Parameters: constrained baseline, and units may be fragmented (RFC 6184 §8.1).
const h264Parameters = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"

// codecTable lists the codecs in the order in which they are offered.
var codecTable = []codecInfo{
	{wire.CodecOpus, mediacrypt.CodecOpus, parameters(webrtc.MimeTypeOpus, audioClock, 2, 111, "minptime=10;useinbandfec=1", videoFeedback[:1]), false, ""},
	{wire.CodecVP8, mediacrypt.CodecVP8, parameters(webrtc.MimeTypeVP8, videoClock, 0, 96, "", videoFeedback), true, "VP80"},
	{wire.CodecVP9, mediacrypt.CodecVP9, parameters(webrtc.MimeTypeVP9, videoClock, 0, 98, "profile-id=0", videoFeedback), true, "VP90"},
	{wire.CodecAV1, mediacrypt.CodecAV1, parameters(webrtc.MimeTypeAV1, videoClock, 0, 45, "", videoFeedback), true, "AV01"},
	{wire.CodecH264, mediacrypt.CodecH264, parameters(webrtc.MimeTypeH264, videoClock, 0, 102, h264Parameters, videoFeedback), true, "H264"},
}

func parameters(mime string, clock uint32, channels uint16, pt webrtc.PayloadType, fmtp string, fb []webrtc.RTCPFeedback) webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mime, ClockRate: clock, Channels: channels, SDPFmtpLine: fmtp, RTCPFeedback: fb},
		PayloadType:        pt,
	}
}

func codecNamed(name wire.Codec) (codecInfo, bool) {
	for _, c := range codecTable {
		if c.wire == name {
			return c, true
		}
	}
	return codecInfo{}, false
}

// sourceOf gives the number that is authenticated with each frame of the source.
func sourceOf(name wire.Source) (mediacrypt.Source, bool) {
	switch name {
	case wire.SourceMic:
		return mediacrypt.SourceMic, true
	case wire.SourceCamera:
		return mediacrypt.SourceCamera, true
	case wire.SourceScreen:
		return mediacrypt.SourceScreen, true
	case wire.SourceScreenAudio:
		return mediacrypt.SourceScreenAudio, true
	}
	return 0, false
}

// keyFrame tells whether an encoder's frame can be decoded without the ones before it. Audio always can.
func keyFrame(codec wire.Codec, frame []byte) bool {
	switch codec {
	case wire.CodecVP8: // RFC 6386 §9.1: bit 0 is 0 in a key frame
		return len(frame) > 0 && frame[0]&1 == 0
	case wire.CodecVP9:
		var h vp9.Header
		return h.Unmarshal(frame) == nil && !h.ShowExistingFrame && !h.NonKeyFrame
	case wire.CodecAV1:
		return sequenceHeader(frame) != nil
	case wire.CodecH264:
		return h264KeyFrame(frame)
	default:
		return true
	}
}

// sequenceHeader finds the payload of the sequence header OBU that stands in each AV1 key frame, nil if there is none.
func sequenceHeader(unit []byte) []byte {
	for len(unit) > 0 {
		h, err := obu.ParseOBUHeader(unit)
		if err != nil {
			return nil
		}
		unit = unit[h.Size():]
		size := uint(len(unit))
		if h.HasSizeField {
			n, read, err := obu.ReadLeb128(unit)
			if err != nil || n > uint(len(unit))-read {
				return nil
			}
			unit, size = unit[read:], n
		}
		if h.Type == obu.OBUSequenceHeader {
			return unit[:size]
		}
		unit = unit[size:]
	}
	return nil
}
