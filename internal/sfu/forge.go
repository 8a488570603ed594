package sfu

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// Forgery is a packet that a hostile SFU sends: on the track it came on, or on another one of the room.
type Forgery struct {
	Publisher, Label string // of the track; both empty: the one that the packet came on
	Packet           rtp.Packet
}

// forge sends what [Config.Forge] makes of a packet. Sequence numbers are made here so that receivers find nothing wrong
// with them: a packet that was lost on its way leaves a gap, one that the forger left out does not.
func (s *source) forge(up *upTrack, remote *webrtc.TrackRemote, packet *rtp.Packet, values extensionValues) {
	number, fresh := uint64(0), true
	var stream *upStream
	if up != nil {
		stream = up.stream(remote)
	}
	if stream != nil {
		number, fresh = stream.sequence.accept(packet.SequenceNumber)
	}
	if !fresh {
		return
	}
	var own []rtp.Packet
	for _, f := range s.peer.sfu.config.Forge(s.tapPacket(up, packet), packet) {
		if f.Label == "" {
			own = append(own, f.Packet)
		} else if to := s.peer.room.track(f.Publisher, f.Label); to != nil {
			stream := to.largest()
			stream.forged.insert(stream, f.Packet, &values)
		}
	}
	if stream != nil {
		stream.forged.replace(stream, number, own, &values)
	}
}

// forgedNumbers turns the numbers of a stream's packets into those of what is sent in their place.
type forgedNumbers struct {
	mu      sync.Mutex
	newest  uint64
	offset  uint64            // added to numbers from now on
	offsets map[uint64]uint64 // added to those that are missing still
}

// replace sends packets in the place of the one with that number. For one that comes late there is one place only.
func (n *forgedNumbers) replace(s *upStream, number uint64, packets []rtp.Packet, values *extensionValues) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.newest != 0 && number < n.newest {
		if offset, missing := n.offsets[number]; missing && len(packets) > 0 {
			n.send(s, number+offset, &packets[0], values)
		}
		delete(n.offsets, number)
		return
	}
	if n.offsets == nil {
		n.offsets = map[uint64]uint64{}
	}
	for missing := n.newest + 1; n.newest != 0 && missing < number && number-missing < 1000; missing++ {
		n.offsets[missing] = n.offset
	}
	n.newest = number
	for i := range packets {
		n.send(s, number+n.offset+uint64(i), &packets[i], values)
	}
	n.offset += uint64(len(packets)) - 1 // of none: one less
}

// insert sends a packet behind all others.
func (n *forgedNumbers) insert(s *upStream, packet rtp.Packet, values *extensionValues) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.offset++
	n.send(s, n.newest+n.offset, &packet, values)
}

func (n *forgedNumbers) send(s *upStream, number uint64, packet *rtp.Packet, values *extensionValues) {
	packet.SequenceNumber = uint16(number)
	s.deliver(packet, number, values, time.Now())
}

// largest is the encoding that those are sent who are sent the most.
func (up *upTrack) largest() *upStream { return up.streams[pickLive(len(up.streams)-1, up.live())] }

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
