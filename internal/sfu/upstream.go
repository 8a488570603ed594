package sfu

import (
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// upStream is one of the streams that make a track: all of it, or one encoding of a video that comes in several sizes.
type upStream struct {
	up    *upTrack
	index int    // in upTrack.streams
	rid   string // "" for the only one

	remote   atomic.Pointer[webrtc.TrackRemote] // nil before its first packet
	sequence sequence                           // used by the goroutine that reads it
	history  *history                           // nil for audio: it is not sent again
	keys     *keyRequests                       // nil for audio
}

func newUpStream(up *upTrack, index int, rid string, askKeyFrame func(*upStream)) *upStream {
	s := &upStream{up: up, index: index, rid: rid}
	if up.codec.keyFrame != nil {
		s.keys = newKeyRequests(func() { askKeyFrame(s) })
		s.history = &history{}
	}
	return s
}

// forward gives a packet to all subscribers, unless it was there before or comes too late.
func (s *upStream) forward(packet *rtp.Packet, values extensionValues) bool {
	number, ok := s.sequence.accept(packet.SequenceNumber)
	if !ok {
		return false
	}
	key := s.up.codec.keyFrame != nil && s.up.codec.keyFrame(packet.Payload)
	if key {
		s.up.owner.sfu.stats.keyFrames.Add(1)
	}
	if s.history != nil {
		s.history.put(number, packet, &values)
	}
	for _, d := range *s.up.downs.Load() {
		if d.write(s, packet, number, &values) && key {
			s.keys.passed(d)
		}
	}
	return true
}
