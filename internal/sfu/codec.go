package sfu

import (
	"fmt"
	"strings"

	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/keyframe"
)

// codec is what the SFU knows of one codec. Opus stands alone (no RED: a redundant frame is not one sealed frame); VP9 is
// profile 0 only and H.264 constrained baseline in packetization mode 1 only, since a name in a track list cannot tell profiles
// apart, and these every decoder has.
type codec struct {
	name        string // as in UpTrack.Codec
	kind        webrtc.RTPCodecType
	capability  webrtc.RTPCodecCapability
	payloadType webrtc.PayloadType // in our offers; in the client's offers it is the client's choice
	rtx         webrtc.PayloadType // retransmission (RFC 4588); 0: none
	keyFrame    func(payload []byte) bool
}

const (
	audioClock    = 48000
	audioChannels = 2
	videoClock    = 90000
)

// askedAgain lets receivers ask for packets again (RFC 4585 §4.2).
var askedAgain = webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBNACK}

// videoFeedback asks for that and for key frames (RFC 5104).
var videoFeedback = []webrtc.RTCPFeedback{
	askedAgain, {Type: webrtc.TypeRTCPFBNACK, Parameter: "pli"}, {Type: webrtc.TypeRTCPFBCCM, Parameter: "fir"},
}

// codecs in the order of our offers.
var codecs = []*codec{
	{name: "opus", kind: webrtc.RTPCodecTypeAudio, payloadType: 111, capability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: audioClock, Channels: audioChannels, SDPFmtpLine: "minptime=10;useinbandfec=1",
		RTCPFeedback: []webrtc.RTCPFeedback{askedAgain},
	}},
	video("vp8", webrtc.MimeTypeVP8, "", 96, 97, keyframe.VP8),
	video("vp9", webrtc.MimeTypeVP9, "profile-id=0", 98, 99, keyframe.VP9),
	video("av1", webrtc.MimeTypeAV1, "", 45, 46, keyframe.AV1),
	video("h264", webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", 102, 103, keyframe.H264),
}

func video(name, mime, fmtp string, payloadType, rtx webrtc.PayloadType, keyFrame func([]byte) bool) *codec {
	return &codec{name: name, kind: webrtc.RTPCodecTypeVideo, payloadType: payloadType, rtx: rtx, keyFrame: keyFrame,
		capability: webrtc.RTPCodecCapability{MimeType: mime, ClockRate: videoClock, SDPFmtpLine: fmtp, RTCPFeedback: videoFeedback}}
}

// codecNamed returns nil for a codec that is not forwarded.
func codecNamed(name string) *codec {
	for _, c := range codecs {
		if c.name == name {
			return c
		}
	}
	return nil
}

// encoding is the codec's name in an a=rtpmap line.
func (c *codec) encoding() string {
	_, name, _ := strings.Cut(c.capability.MimeType, "/")
	return name
}

// forwarded says whether a payload type with these parameters is of the one profile that is forwarded. RFC 9628 §6.1: VP9's is
// 0 where none is given. RFC 6184 §8.1: H.264's mode is then 0, and its profile-level-id is of three bytes, the last the level.
func (c *codec) forwarded(parameters map[string]string) bool {
	switch c.name {
	case "vp9":
		id, given := parameters["profile-id"]
		return !given || id == "0"
	case "h264":
		return parameters["packetization-mode"] == "1" && strings.HasPrefix(strings.ToLower(parameters["profile-level-id"]), "42e0")
	}
	return true
}

func (c *codec) parameters() webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{RTPCodecCapability: c.capability, PayloadType: c.payloadType}
}

func (c *codec) retransmission() webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{PayloadType: c.rtx, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeRTX, ClockRate: c.capability.ClockRate, SDPFmtpLine: fmt.Sprintf("apt=%d", c.payloadType),
	}}
}

// KeyFrame reports whether an RTP payload starts a key frame of the codec with that name, see [keyframe.Begins].
func KeyFrame(codec string, payload []byte) bool { return keyframe.Begins(codec, payload) }

// equalMIME: media types compare without case.
func equalMIME(a, b string) bool { return strings.EqualFold(a, b) }
