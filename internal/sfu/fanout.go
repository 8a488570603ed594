package sfu

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// maxPacket is more than any packet that arrives in one datagram of a usual network.
const maxPacket = 1500

// source is what comes in for one MID of a publisher: one packet read from it is parsed once and given to all subscribers.
type source struct {
	peer  *Peer
	track atomic.Pointer[upTrack] // what it is announced as; nil: packets are dropped
	ssrc  atomic.Uint32           // of the newest stream; 0 before the first packet

	stream *webrtc.TrackRemote // the newest one, under the publisher's lock
}

// read forwards until the stream ends.
func (s *source) read(remote *webrtc.TrackRemote, ids extensionIDs) {
	stats, tap := &s.peer.sfu.stats, s.peer.sfu.config.Tap
	buffer := make([]byte, maxPacket)
	var packet rtp.Packet
	for {
		n, _, err := remote.Read(buffer)
		if err != nil && n == 0 { // with n > 0 it is a packet of a payload type nobody negotiated
			return
		}
		if packet.Unmarshal(buffer[:n]) != nil {
			stats.dropped.Add(1)
			continue
		}
		stats.packetsIn.Add(1)
		stats.bytesIn.Add(uint64(len(packet.Payload)))
		up := s.track.Load()
		if tap != nil {
			tap(s.tapPacket(up, &packet))
		}
		if s.peer.sfu.config.Forge != nil {
			s.forge(up, &packet, ids.read(&packet.Header))
			continue
		}
		if err != nil || up == nil || !up.carries(remote) || !up.forward(&packet, ids.read(&packet.Header)) {
			stats.dropped.Add(1)
		}
	}
}

func (s *source) tapPacket(up *upTrack, packet *rtp.Packet) TapPacket {
	t := TapPacket{Room: s.peer.room.id, Publisher: s.peer.id, SSRC: packet.SSRC, PayloadType: packet.PayloadType, Payload: packet.Payload}
	if up != nil {
		t.Label, t.Codec = up.Label, up.Codec
	}
	return t
}

// reports passes the publisher's sender reports on.
func (s *source) reports(receiver *webrtc.RTPReceiver) {
	if !s.peer.sfu.enter() {
		return
	}
	defer s.peer.sfu.running.Done()
	buffer := make([]byte, maxPacket)
	for {
		n, _, err := receiver.Read(buffer)
		if err != nil {
			return
		}
		packets, err := rtcp.Unmarshal(buffer[:n])
		if err != nil {
			continue
		}
		for _, p := range packets {
			report, ok := p.(*rtcp.SenderReport)
			if up := s.track.Load(); ok && up != nil && report.SSRC == s.ssrc.Load() {
				up.report(report)
			}
		}
	}
}

// upTrack is an announced track and who gets it.
type upTrack struct {
	UpTrack
	owner *Peer
	codec *codec
	keys  *keyRequests // nil for audio

	stream   atomic.Pointer[webrtc.TrackRemote] // the one stream that makes this track; nil before its first packet
	sequence sequence                           // of that stream, used by the goroutine that reads it
	history  *history                           // nil for audio: it is not sent again

	forged forgedNumbers // for tests

	mu    sync.Mutex
	ended bool
	downs atomic.Pointer[[]*downTrack] // replaced, never changed: forward reads it without the lock
}

func newUpTrack(owner *Peer, announced UpTrack, askKeyFrame func()) *upTrack {
	up := &upTrack{UpTrack: announced, owner: owner, codec: codecNamed(announced.Codec)}
	if up.codec.keyFrame != nil {
		up.keys = newKeyRequests(askKeyFrame)
		up.history = &history{}
	}
	up.downs.Store(new([]*downTrack))
	owner.sfu.stats.upTracks.Add(1)
	return up
}

// carries: packets of another stream or of another codec are not this track's.
func (up *upTrack) carries(remote *webrtc.TrackRemote) bool {
	return up.stream.Load() == remote && equalMIME(remote.Codec().MimeType, up.codec.capability.MimeType)
}

// forward gives a packet to all subscribers, unless it was there before or comes too late.
func (up *upTrack) forward(packet *rtp.Packet, values extensionValues) bool {
	number, ok := up.sequence.accept(packet.SequenceNumber)
	if !ok {
		return false
	}
	key := up.codec.keyFrame != nil && up.codec.keyFrame(packet.Payload)
	if key {
		up.owner.sfu.stats.keyFrames.Add(1)
	}
	if up.history != nil {
		up.history.put(number, packet, &values)
	}
	for _, d := range *up.downs.Load() {
		if d.write(packet, number, &values) && key {
			up.keys.passed(d)
		}
	}
	return true
}

// report gives a sender report to all subscribers.
func (up *upTrack) report(from *rtcp.SenderReport) {
	for _, d := range *up.downs.Load() {
		if r := d.report(from); r != nil {
			d.subscriber.sub.writeRTCP(r)
		}
	}
}

// attach reports whether the track is still there to be forwarded.
func (up *upTrack) attach(d *downTrack) bool {
	up.mu.Lock()
	defer up.mu.Unlock()
	if up.ended {
		return false
	}
	downs := append(slices.Clone(*up.downs.Load()), d)
	up.downs.Store(&downs)
	return true
}

func (up *upTrack) detach(d *downTrack) {
	up.mu.Lock()
	downs := slices.DeleteFunc(slices.Clone(*up.downs.Load()), func(other *downTrack) bool { return other == d })
	up.downs.Store(&downs)
	up.mu.Unlock()
	if up.keys != nil {
		up.keys.passed(d)
	}
}

// end stops forwarding at once; subscribers renegotiate in their own time.
func (up *upTrack) end() {
	up.mu.Lock()
	defer up.mu.Unlock()
	if up.ended {
		return
	}
	up.ended = true
	up.downs.Store(new([]*downTrack))
	if up.keys != nil {
		up.keys.stop()
	}
	up.owner.sfu.stats.upTracks.Add(-1)
}
