package sfu

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

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

	// Under the publisher's lock:
	remotes map[string]*webrtc.TrackRemote // the newest one by RID
	taken   bool                           // there was a track before
	wanted  int                            // layers of it, as the publisher was told last
}

func newSource(p *Peer) *source {
	return &source{peer: p, remotes: map[string]*webrtc.TrackRemote{}}
}

// retire ends the track it carries. What was said of its layers goes by the MID, so it holds for the next track.
func (s *source) retire(up *upTrack) {
	s.track.Store(nil)
	up.end()
	up.mu.Lock()
	s.taken, s.wanted = true, up.wanted
	up.mu.Unlock()
}

// read waits until the stream ends. What Pion gives it came before the link was open, or before the stream was known.
func (s *source) read(i *intake, in *inlet) {
	buffer := make([]byte, maxPacket)
	for {
		n, _, err := in.remote.Read(buffer)
		if err != nil && n == 0 { // with n > 0 it is a packet of a payload type nobody negotiated
			return
		}
		i.late(in, buffer[:n], time.Now())
	}
}

// take forwards a packet of one of the streams.
func (s *source) take(in *inlet, packet *rtp.Packet) {
	stats, tap := &s.peer.sfu.stats, s.peer.sfu.config.Tap
	stats.packetsIn.Add(1)
	stats.bytesIn.Add(uint64(len(packet.Payload)))
	up := s.track.Load()
	if tap != nil {
		tap(s.tapPacket(up, packet))
	}
	values := in.ids.read(&packet.Header)
	if s.peer.sfu.config.Forge != nil {
		s.forge(up, in.remote, packet, values)
		return
	}
	if up == nil || !up.take(in, packet, values) {
		stats.dropped.Add(1)
	}
}

func (s *source) tapPacket(up *upTrack, packet *rtp.Packet) TapPacket {
	t := TapPacket{Room: s.peer.room.id, Publisher: s.peer.id, SSRC: packet.SSRC, PayloadType: packet.PayloadType, Payload: packet.Payload}
	if up != nil {
		t.Label, t.Codec = up.Label, up.Codec
	}
	return t
}

// upTrack is an announced track and who gets it.
type upTrack struct {
	UpTrack
	owner    *Peer
	codec    *codec
	speakers *speakers // of the room; nil without one

	streams []*upStream // that make it: one, or one an encoding, the smallest first

	sizes atomic.Pointer[[]Layer] // as last announced

	mu       sync.Mutex
	ended    bool
	wanted   int                          // layers, as the publisher was told last
	hold     *time.Timer                  // not nil while fewer are wanted than that
	looks    *time.Timer                  // after encodings that stop
	pictures uint64                       // so far, see streamWatch
	downs    atomic.Pointer[[]*downTrack] // replaced, never changed: forward reads it without the lock
}

func newUpTrack(owner *Peer, announced UpTrack, askKeyFrame func(*upStream)) *upTrack {
	up := &upTrack{UpTrack: announced, owner: owner, codec: codecNamed(announced.Codec)}
	if owner.room != nil {
		up.speakers = owner.room.speakers
	}
	for i, rid := range announced.rids() {
		up.streams = append(up.streams, newUpStream(up, i, rid, askKeyFrame))
	}
	up.sizes.Store(&announced.Layers)
	up.downs.Store(new([]*downTrack))
	up.wanted = up.layers()
	if up.encodings() {
		up.mu.Lock()
		up.looks = time.AfterFunc(liveCheck, up.look)
		up.mu.Unlock()
	}
	up.reckon()
	owner.sfu.stats.upTracks.Add(1)
	return up
}

// take forwards a packet if it is of this track: of one of its streams, and of its codec.
func (up *upTrack) take(in *inlet, packet *rtp.Packet, values extensionValues) bool {
	s := up.stream(in.remote)
	return s != nil && in.codecs[packet.PayloadType] == up.codec && s.forward(packet, values)
}

func (up *upTrack) stream(remote *webrtc.TrackRemote) *upStream {
	for _, s := range up.streams {
		if s.remote.Load() == remote {
			return s
		}
	}
	return nil
}

// encoding returns nil for a RID that was not announced.
func (up *upTrack) encoding(rid string) *upStream {
	for _, s := range up.streams {
		if s.rid == rid {
			return s
		}
	}
	return nil
}

// report gives a sender report of a stream to those who are sent it.
func (up *upTrack) report(remote *webrtc.TrackRemote, from *rtcp.SenderReport) {
	s := up.stream(remote)
	if s == nil {
		return
	}
	s.moment.Store(momentOf(from))
	for _, d := range *up.downs.Load() {
		if r := d.report(s, from); r != nil {
			d.subscriber.sub.writeRTCP(r)
		}
	}
}

// attach reports whether the track is still there to be forwarded.
func (up *upTrack) attach(d *downTrack) bool {
	up.mu.Lock()
	if up.ended {
		up.mu.Unlock()
		return false
	}
	downs := append(slices.Clone(*up.downs.Load()), d)
	up.downs.Store(&downs)
	up.mu.Unlock()
	up.reckon()
	return true
}

func (up *upTrack) detach(d *downTrack) {
	up.mu.Lock()
	downs := slices.DeleteFunc(slices.Clone(*up.downs.Load()), func(other *downTrack) bool { return other == d })
	up.downs.Store(&downs)
	up.mu.Unlock()
	up.keyFramePassed(d)
	up.reckon()
}

// keyFramePassed: d waits for no key frame any more.
func (up *upTrack) keyFramePassed(d *downTrack) {
	for _, s := range up.streams {
		if s.keys != nil {
			s.keys.passed(d)
		}
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
	for _, timer := range []*time.Timer{up.hold, up.looks} {
		if timer != nil {
			timer.Stop()
		}
	}
	for _, s := range up.streams {
		if s.keys != nil {
			s.keys.stop()
		}
	}
	up.speakers.forget(up)
	up.owner.sfu.stats.upTracks.Add(-1)
}
