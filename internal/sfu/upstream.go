package sfu

import (
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu/bwe"
	"github.com/grotto-meet/grotto/internal/sfu/depdesc"
	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
)

// upStream is one of the streams that make a track: all of it, or one encoding of a video that comes in several sizes.
type upStream struct {
	up    *upTrack
	index int    // in upTrack.streams
	rid   string // "" for the only one

	descriptor rewrite.Codec // of its payloads

	remote   atomic.Pointer[webrtc.TrackRemote] // nil before its first packet
	ssrc     atomic.Uint32                      // of its packets; 0 before the first
	sequence sequence                           // used by the goroutine that reads it
	history  *history                           // nil for audio: it is not sent again
	keys     *keyRequests                       // nil for audio

	// What is read of a packet, by the goroutine that reads the stream.
	packet    rewrite.Packet
	frames    depdesc.Reader
	frame     depdesc.Descriptor
	described bool // frame is the packet's

	epoch  uint32        // counts the SSRCs it has had; used by the goroutine that reads it
	forged forgedNumbers // for tests

	meter  meter
	moment atomic.Pointer[moment] // the last report's; nil before the first
	live   atomic.Bool            // it sends
	hushed bool                   // a voice that is not forwarded now
	watch  streamWatch            // under the track's lock
}

func newUpStream(up *upTrack, index int, rid string, askKeyFrame func(*upStream)) *upStream {
	s := &upStream{up: up, index: index, rid: rid, descriptor: descriptorOf(up.codec)}
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
	s.deliver(packet, number, &values, time.Now())
	return true
}

// moved is called before the first packet under another SSRC. Nothing that was known of timestamps and pictures holds, so all
// who are sent the stream begin it again.
func (s *upStream) moved(next uint16) {
	s.sequence.restart(next)
	s.epoch++
	s.moment.Store(nil)
	s.frames = depdesc.Reader{}
}

// deliver gives a packet to those who are to have it.
func (s *upStream) deliver(packet *rtp.Packet, number uint64, values *extensionValues, now time.Time) {
	s.read(packet, number, values[extensionDescriptor], now)
	if s.history != nil {
		s.history.put(&s.packet, packet.Payload, values, now)
	}
	if s.ssrc.Load() != packet.SSRC {
		s.ssrc.Store(packet.SSRC)
	}
	if !s.live.Load() {
		s.live.Store(true)
		if s.up.encodings() {
			s.up.retarget()
		}
	}
	if s.keys == nil {
		if !s.up.speakers.heard(s.up, values[extensionAudioLevel], now) {
			s.hush()
			return
		}
		s.hushed = false
	}
	for _, d := range *s.up.downs.Load() {
		d.write(s, packet, values, now)
	}
}

// read makes s.packet. All sound may be begun with.
func (s *upStream) read(packet *rtp.Packet, number uint64, descriptor []byte, now time.Time) {
	p := &s.packet
	*p = rewrite.Packet{Number: number, Timestamp: packet.Timestamp, Marker: packet.Marker}
	p.Read(s.descriptor, packet.Payload)
	s.described = len(descriptor) > 0 && s.frames.Read(descriptor, &s.frame) == nil
	if s.described {
		describe(p, &s.frame, s.frames.Structure(), s.descriptor)
	}
	if s.keys == nil {
		p.Key = true
		return
	}
	if p.Key = s.up.codec.keyFrame(packet.Payload); p.Key {
		s.up.owner.sfu.stats.keyFrames.Add(1)
	}
	s.meter.count(p.Spatial, p.Temporal, len(packet.Payload)+packetCost+bwe.Overhead, p.Marker, now)
}
