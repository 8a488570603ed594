package room

import (
	"cmp"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// What is asked about is not there, or not any more.
var (
	ErrNoCall        = errors.New("room: nobody is in this room")
	ErrNoParticipant = errors.New("room: this participant is not in the room")
)

// LiveRoom is a room with somebody in it.
type LiveRoom struct {
	Slug         string
	Call         string    // id of the call, in hex
	Began        time.Time // when the first joined
	Participants int
	Waiting      int // to be let in
	Locked       bool
	WaitingRoom  bool
}

// Participant is a device in a call. What they are called is not here: that is sealed.
type Participant struct {
	ID             string // made here, new with each join; it says nothing elsewhere
	User           string
	Device         string
	Role           wire.Role
	ExternalID     string // see [Identity]
	ExternalDevice string // likewise
	Vouched        bool
	Since          time.Time
	Away           bool // no socket at the moment
}

func (m *member) seen() Participant {
	return Participant{ID: m.id, User: m.is.User, Device: m.is.Device.Device, Role: m.is.Role, ExternalID: m.sess.who.ExternalID,
		ExternalDevice: m.sess.who.ExternalDevice, Vouched: m.sess.who.Vouched, Since: m.since, Away: m.sess.away != nil}
}

// Live lists the rooms that somebody has joined, by name.
func (s *Server) Live() []LiveRoom {
	var all []LiveRoom
	s.mu.Lock()
	for _, c := range s.calls {
		c.mu.Lock()
		if len(c.members) > 0 {
			all = append(all, LiveRoom{Slug: c.slug, Call: hex.EncodeToString(c.callID[:]), Began: c.tally.Began, Participants: len(c.members),
				Waiting: len(c.order.knocking), Locked: c.order.locked, WaitingRoom: c.order.waiting})
		}
		c.mu.Unlock()
	}
	s.mu.Unlock()
	slices.SortFunc(all, func(a, b LiveRoom) int { return cmp.Compare(a.Slug, b.Slug) })
	return all
}

// Participants lists who is in a room, in the order of joining; nobody if the room is empty.
func (s *Server) Participants(slug string) []Participant {
	c := s.called(slug)
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]Participant, 0, len(c.members))
	for _, m := range c.members {
		all = append(all, m.seen())
	}
	return all
}

// Expel ends somebody's session, by the id of a [Participant]. They can come back unless the room is locked, or has a waiting room.
// The others' keys change because somebody left, as they always do.
func (s *Server) Expel(slug, participant string) error {
	var who *session
	err := s.onMember(slug, participant, func(m *member) {
		m.sess.expelled = true
		who = m.sess
	})
	if err == nil {
		who.end(wire.CodeRemoved, "who runs this server removed you from the meeting")
	}
	return err
}

// SetRole gives somebody a role, whatever their rank is and whoever gave them the one they have. Who only views from now on sends nothing more.
func (s *Server) SetRole(slug, participant string, role wire.Role) error {
	var peer MediaPeer
	err := s.onMember(slug, participant, func(m *member) {
		if m.is.Role == role {
			return
		}
		m.sess.call.setRole(m, role)
		if role == wire.RoleViewer {
			peer = m.peer
		}
	})
	if peer != nil {
		peer.Unpublish()
	}
	return err
}

// AskMute has somebody's client switch the microphone, camera or screen off. Only a client can: one that was changed does not.
func (s *Server) AskMute(slug, participant string, source wire.Source) error {
	return s.onMember(slug, participant, func(m *member) { m.sess.push(&wire.SwitchOff{Source: source}) })
}

// End ends the sessions of everybody in a room, those who wait too.
func (s *Server) End(slug string) error {
	c := s.called(slug)
	if c == nil {
		return ErrNoCall
	}
	c.endFor(wire.CodeCallEnded, "who runs this server ended the meeting")
	return nil
}

// SetRoom locks a room in which somebody is, or has people knock, as a moderator could; nil leaves as it is.
func (s *Server) SetRoom(slug string, locked, waiting *bool) error {
	c := s.called(slug)
	if c == nil {
		return ErrNoCall
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	lock, knock := c.order.locked, c.order.waiting
	if locked != nil {
		lock = *locked
	}
	if waiting != nil {
		knock = *waiting
	}
	c.setRoom(lock, knock)
	return nil
}

func (s *Server) called(slug string) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[slug]
}

// onMember runs f under the call's lock.
func (s *Server) onMember(slug, participant string, f func(*member)) error {
	c := s.called(slug)
	if c == nil {
		return ErrNoCall
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		if m.id == participant {
			f(m)
			return nil
		}
	}
	return ErrNoParticipant
}
