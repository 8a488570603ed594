package sfu

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// Forgery is a packet that a hostile SFU sends: on the track it came on, or on another one of the room.
type Forgery struct {
	Publisher, Label string // of the track; both empty: the one that the packet came on
	Packet           rtp.Packet
}

// forge sends what [Config.Forge] makes of a packet. Sequence numbers are made here so that receivers find nothing wrong
// with them: a packet that was lost on its way leaves a gap, one that the forger left out does not.
func (s *source) forge(up *upTrack, packet *rtp.Packet, values extensionValues) {
	number, fresh := uint64(0), true
	if up != nil {
		number, fresh = up.streams[0].sequence.accept(packet.SequenceNumber)
	}
	if !fresh {
		return
	}
	var own []rtp.Packet
	for _, f := range s.peer.sfu.config.Forge(s.tapPacket(up, packet), packet) {
		if f.Label == "" {
			own = append(own, f.Packet)
		} else if to := s.peer.room.track(f.Publisher, f.Label); to != nil {
			to.forged.insert(to, f.Packet, &values)
		}
	}
	if up != nil {
		up.forged.replace(up, number, own, &values)
	}
}

// forgedNumbers turns the numbers of a track's packets into those of what is sent in their place.
type forgedNumbers struct {
	mu      sync.Mutex
	newest  uint64
	offset  uint64            // added to numbers from now on
	offsets map[uint64]uint64 // added to those that are missing still
}

// replace sends packets in the place of the one with that number. For one that comes late there is one place only.
func (n *forgedNumbers) replace(up *upTrack, number uint64, packets []rtp.Packet, values *extensionValues) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.newest != 0 && number < n.newest {
		if offset, missing := n.offsets[number]; missing && len(packets) > 0 {
			n.send(up, number+offset, &packets[0], values)
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
		n.send(up, number+n.offset+uint64(i), &packets[i], values)
	}
	n.offset += uint64(len(packets)) - 1 // of none: one less
}

// insert sends a packet behind all others.
func (n *forgedNumbers) insert(up *upTrack, packet rtp.Packet, values *extensionValues) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.offset++
	n.send(up, n.newest+n.offset, &packet, values)
}

func (n *forgedNumbers) send(up *upTrack, number uint64, packet *rtp.Packet, values *extensionValues) {
	packet.SequenceNumber = uint16(number)
	up.streams[0].deliver(packet, number, values, time.Now())
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
