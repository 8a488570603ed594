package sfu

import (
	"slices"

	"github.com/pion/rtp"
)

// Forgery is a packet that a hostile SFU sends: on the track it came on, or on another one of the room.
type Forgery struct {
	Publisher, Label string // of the track; both empty: the one that the packet came on
	Packet           rtp.Packet
}

// forge sends what [Config.Forge] makes of a packet. Sequence numbers are made here, without gaps, so that receivers
// find nothing wrong with them.
func (s *source) forge(up *upTrack, packet *rtp.Packet, values extensionValues) {
	for _, f := range s.peer.sfu.config.Forge(s.tapPacket(up, packet), packet) {
		to := up
		if f.Label != "" {
			to = s.peer.room.track(f.Publisher, f.Label)
		}
		if to == nil {
			continue
		}
		to.forging.Lock()
		to.forged++
		f.Packet.SequenceNumber = uint16(to.forged)
		key := to.codec.keyFrame != nil && to.codec.keyFrame(f.Packet.Payload)
		for _, d := range *to.downs.Load() {
			if d.write(&f.Packet, to.forged, &values) && key {
				to.keys.passed(d)
			}
		}
		to.forging.Unlock()
	}
}

// track finds a publication by its publisher and label.
func (r *room) track(publisher, label string) *upTrack {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.tracks, func(t *upTrack) bool { return t.owner.id == publisher && t.Label == label })
	if i < 0 {
		return nil
	}
	return r.tracks[i]
}
