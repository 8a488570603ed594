package room

import (
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	// goneFor is how long after somebody left by themselves a moderator's word on them counts. Who is removed reads so from the others, sealed, and can be
	// gone before that word comes here: it would be a way around it.
	goneFor = 30 * time.Second
	maxGone = 32 // of a call
)

type goneMember struct {
	m  *member
	at time.Time
}

// leftAlone notes somebody who left by themselves.
func (c *call) leftAlone(m *member) {
	if len(c.gone) == maxGone {
		c.gone = c.gone[1:]
	}
	c.gone = append(c.gone, goneMember{m, time.Now()})
}

// lately finds who left by themselves a moment ago.
func (c *call) lately(d *wire.Device) *member {
	for _, g := range c.gone {
		if sameDevice(&g.m.is.Device, d) && time.Since(g.at) < goneFor {
			return g.m
		}
	}
	return nil
}

// removeGone is [session.expel] for who has left meanwhile: nothing is to be ended, but they do not walk in again, and who hears of the call hears it.
func (s *session) removeGone(m *member) {
	s.call.order.shutOut(m.sess)
	s.call.notice(Event{Kind: ParticipantRemoved, At: time.Now(), Participant: m.seen(), Reason: Removed, By: s.member.id})
}
