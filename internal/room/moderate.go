package room

import (
	"strings"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// knock puts somebody on the list of those who wait; the answer comes when a moderator gives it.
func (s *session) knock(now time.Time, m *wire.Knock, fail failure) wire.ServerMessage {
	c := s.call
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case s.ended:
		return nil
	case s.member != nil:
		return fail(wire.CodeAlreadyJoined, "this session has joined already", "")
	case s.knocking != nil:
		return fail(wire.CodeBadMessage, "this session waits already", "wait for the answer to the first knock")
	case !s.budget.knocks.Take(now, ofKnocks, 1):
		return errRate
	}
	if refused := c.lockedOut(s); refused != nil {
		return fail(refused.Code, refused.Message, refused.Hint)
	}
	if !c.order.waiting || s.admitted || c.vouched(s) {
		return &wire.OK{ID: m.ID}
	}
	if len(c.order.knocking) >= wire.MaxKnocking {
		return fail(wire.CodeRoomFull, "too many people wait to be let in", "try again in a moment")
	}
	c.order.lastKnock++
	s.knocking = &knocking{sess: s, id: m.ID,
		is: wire.Knocker{Knock: c.order.lastKnock, User: s.user, Device: s.device, Body: m.Body}}
	c.order.knocking = append(c.order.knocking, s.knocking)
	c.tellAllKnocks()
	return nil
}

// moderate does what only moderators may. What takes the server's lock, or the SFU, comes when the call's is free again.
func (s *session) moderate(now time.Time, m wire.ClientMessage, fail failure) wire.ServerMessage {
	answer, then := s.decide(now, m, fail)
	if then != nil {
		then()
	}
	return answer
}

func (s *session) decide(now time.Time, m wire.ClientMessage, fail failure) (answer wire.ServerMessage, then func()) {
	c := s.call
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case s.ended:
		return nil, nil
	case s.member == nil:
		return fail(wire.CodeNotJoined, "this needs a join first", "send join after welcome"), nil
	case !moderates(s.member.is.Role):
		return fail(wire.CodeNotAllowed, "this is for moderators", "ask a moderator"), nil
	case !s.budget.moderates.Take(now, ofModerates, 1):
		return errRate, nil
	}
	ok := &wire.OK{ID: wire.ID(m)}
	switch m := m.(type) {
	case *wire.Admit:
		return s.admit(m, fail), nil
	case *wire.SetRoom:
		c.setRoom(m.Locked, m.WaitingRoom)
		return ok, nil
	case *wire.SetRole:
		return s.setRole(m, fail)
	case *wire.Expel:
		return s.expel(m, fail)
	case *wire.EndCall:
		if m.Breakouts {
			return ok, s.endBreakouts
		}
		s.push(ok) // before bye
		return nil, s.endCall
	case *wire.TellBreakout:
		if !strings.HasPrefix(m.Room, c.slug+breakoutMark) {
			return fail(wire.CodeNotAllowed, "this is no breakout room of yours", ""), nil
		}
		return ok, func() { s.tellBreakout(m) }
	}
	return fail(wire.CodeUnsupported, "this server does not do that", ""), nil
}

func (s *session) admit(m *wire.Admit, fail failure) wire.ServerMessage {
	for _, k := range s.call.order.knocking {
		if k.is.Knock != m.Knock {
			continue
		}
		if m.Admit {
			s.call.answerKnock(k, nil)
		} else {
			s.call.answerKnock(k, &wire.Error{Code: wire.CodeNotAdmitted, Message: "you were not let in",
				Hint: "ask somebody who is in the meeting"})
		}
		return &wire.OK{ID: m.ID}
	}
	return fail(wire.CodeUnknownDevice, "nobody waits under this number", "another moderator may have answered, or they left")
}

func (s *session) setRole(m *wire.SetRole, fail failure) (wire.ServerMessage, func()) {
	c := s.call
	to := c.find(&m.Device)
	own := rank(s.member.is.Role)
	switch {
	case to == nil:
		return fail(wire.CodeUnknownDevice, "that participant has left", ""), nil
	case rank(m.Role) > own, to != s.member && rank(to.is.Role) >= own:
		return fail(wire.CodeNotAllowed, "roles are given to those below oneself, up to one's own", ""), nil
	case to == s.member && !moderates(m.Role) && !c.otherModerator(s.member):
		return fail(wire.CodeNotAllowed, "nobody else moderates", "make somebody a moderator first"), nil
	}
	c.setRole(to, m.Role)
	if m.Role == wire.RoleViewer && to.peer != nil {
		return &wire.OK{ID: m.ID}, to.peer.Unpublish
	}
	return &wire.OK{ID: m.ID}, nil
}

func (c *call) otherModerator(than *member) bool {
	for _, m := range c.members {
		if m != than && moderates(m.is.Role) {
			return true
		}
	}
	return false
}

func (s *session) expel(m *wire.Expel, fail failure) (wire.ServerMessage, func()) {
	who := s.call.find(&m.Device)
	switch {
	case who == nil:
		return s.removeGone(m, fail), nil
	case rank(who.is.Role) >= rank(s.member.is.Role):
		return fail(wire.CodeNotAllowed, "moderators do not expel each other", ""), nil
	}
	who.sess.expelled, who.sess.removedBy = true, s.member.id
	return &wire.OK{ID: m.ID}, func() { who.sess.end(wire.CodeRemoved, "a moderator removed you from the meeting") }
}

// endCall ends the sessions of everybody, those who wait too. What comes after it is another call.
func (s *session) endCall() {
	s.call.endFor(wire.CodeCallEnded, "a moderator ended the meeting")
}

// endBreakouts calls back everybody who is in a breakout room of this one.
func (s *session) endBreakouts() {
	for _, c := range s.call.breakouts() {
		c.endFor(wire.CodeCalledBack, "the breakout rooms are over")
	}
}

// breakouts are the occupied breakout rooms of a room.
func (c *call) breakouts() (all []*call) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for slug, of := range c.server.calls {
		if strings.HasPrefix(slug, c.slug+breakoutMark) {
			all = append(all, of)
		}
	}
	return all
}

// tellBreakout passes a word on to everybody in a breakout room: it opens for whom it is meant.
func (s *session) tellBreakout(m *wire.TellBreakout) {
	s.server.mu.Lock()
	c := s.server.calls[m.Room]
	s.server.mu.Unlock()
	if c == nil {
		return // whoever it was for has left
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tell(&wire.FromMain{Body: m.Body}, nil)
}

func (c *call) everybody() []*session {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*session, 0, len(c.sessions))
	for sess := range c.sessions {
		all = append(all, sess)
	}
	return all
}
