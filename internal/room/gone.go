package room

import (
	"slices"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	// goneFor is how long after somebody left by themselves a moderator's word on them counts. Who is removed reads so from the others, sealed, and can be
	// gone before that word comes here: it would be a way around it.
	goneFor = 30 * time.Second
	maxGone = 32 // of a call
)

// goneMember is what a removal needs of somebody, without their session and its buffers.
type goneMember struct {
	seen   Participant
	device wire.Device
	resume string
	at     time.Time
}

// leftAlone notes somebody who left by themselves.
func (c *call) leftAlone(m *member) {
	if len(c.gone) == maxGone {
		c.gone = c.gone[1:]
	}
	c.gone = append(c.gone, goneMember{m.seen(), m.is.Device, m.sess.resume, time.Now()})
}

// lately finds who left by themselves a moment ago.
func (c *call) lately(d *wire.Device) *goneMember {
	for i, g := range c.gone {
		if sameDevice(&g.device, d) && time.Since(g.at) < goneFor {
			return &c.gone[i]
		}
	}
	return nil
}

// removeGone is [session.expel] for who has left meanwhile: nothing is to be ended, but they do not walk in again, nor with their role, and who hears of the call
// hears it.
func (s *session) removeGone(m *wire.Expel, fail failure) wire.ServerMessage {
	c := s.call
	who := c.lately(&m.Device)
	switch {
	case who == nil:
		return fail(wire.CodeUnknownDevice, "that participant has left", "")
	case rank(who.seen.Role) >= rank(s.member.is.Role):
		return fail(wire.CodeNotAllowed, "moderators do not expel each other", "")
	}
	c.order.shutOut(who.seen)
	c.order.former = slices.DeleteFunc(c.order.former, func(f former) bool { return f.resume == who.resume })
	c.notice(Event{Kind: ParticipantRemoved, At: time.Now(), Participant: who.seen, Reason: Removed, By: s.member.id})
	return &wire.OK{ID: m.ID}
}
