package room

import (
	"slices"
	"strings"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	// succession is how long a call is without a moderator before somebody becomes one: a page that is loaded anew is back
	// by then.
	succession = 10 * time.Second
	// maxFormer bounds who of those that have left come back as what they were.
	maxFormer = 512
	// breakoutMark stands between the name of a room and that of a breakout room of it.
	breakoutMark = "--"
)

// order is what moderators have set, and what stands in for them. call.mu guards it.
type order struct {
	locked  bool
	waiting bool // who comes has to knock

	knocking  []*knocking
	lastKnock uint64
	former    []former    // oldest first
	shut      []string    // user ids of those who were vouched for and removed by a moderator: they knock like anybody
	vacant    *time.Timer // somebody becomes moderator when it fires; nil while there is one, or nobody at all
}

// knocking is somebody who waits to be let in.
type knocking struct {
	sess *session
	id   uint64 // of the request
	is   wire.Knocker
}

// former is somebody who was in this call and may come back without asking.
type former struct {
	resume string
	role   wire.Role
}

func rank(r wire.Role) int {
	switch r {
	case wire.RoleOwner:
		return 3
	case wire.RoleModerator:
		return 2
	case wire.RoleParticipant:
		return 1
	case wire.RoleViewer:
		return 0
	}
	return 0
}

func moderates(r wire.Role) bool { return rank(r) >= rank(wire.RoleModerator) }

// mainRoom is the room that a breakout room belongs to, or the room itself.
func mainRoom(slug string) string {
	main, _, _ := strings.Cut(slug, breakoutMark)
	return main
}

// remember keeps the role of somebody who leaves, under the token that only that client knows.
func (o *order) remember(s *session) {
	if !s.admitted || s.expelled || s.member == nil {
		return
	}
	if len(o.former) == maxFormer {
		o.former = o.former[1:]
	}
	o.former = append(o.former, former{s.resume, s.member.is.Role})
}

// shutOut notes whom a moderator removed, for the rest of the call: whoever vouches for them was not asked.
func (o *order) shutOut(who Participant) {
	if who.Vouched && len(o.shut) < maxFormer {
		o.shut = append(o.shut, who.User)
	}
}

// recall gives a session the role of the one that it takes the place of. A viewer stays one. Whoever is vouched for has the role that is theirs now.
func (o *order) recall(s, old *session, token string) {
	var role wire.Role
	if old != nil && old.member != nil {
		role = old.member.is.Role
	} else {
		for _, f := range o.former {
			if token != "" && f.resume == token {
				role = f.role
			}
		}
	}
	if role == "" {
		return
	}
	s.admitted = true
	if !s.who.Vouched || s.who.Role == "" {
		s.role = role
	}
}

// keep calls the succession off.
func (o *order) keep() {
	if o.vacant != nil {
		o.vacant.Stop()
		o.vacant = nil
	}
}

// moderated says whether somebody is there who can let people in; call.mu is held, as in all that follows.
func (c *call) moderated() bool {
	for _, m := range c.members {
		if moderates(m.is.Role) {
			return true
		}
	}
	return false
}

func (c *call) roleOf(s *session) wire.Role {
	switch {
	case s.role != "":
		return s.role
	case c.terms.DefaultRole != "":
		return c.terms.DefaultRole
	case len(c.members) == 0:
		return wire.RoleModerator
	}
	return wire.RoleParticipant
}

// lockedOut refuses those whom a moderator shut out. Who was here before may come back.
func (c *call) lockedOut(s *session) *wire.Error {
	if !c.order.locked || s.admitted || moderates(s.role) {
		return nil
	}
	return &wire.Error{Code: wire.CodeLocked, Message: "the meeting is locked", Hint: "ask somebody who is there to open it"}
}

// vouched says whether somebody walks past the waiting room.
func (c *call) vouched(s *session) bool {
	return s.who.Vouched && !slices.Contains(c.order.shut, s.user)
}

func (c *call) mayJoin(s *session, fail failure) wire.ServerMessage {
	if refused := c.lockedOut(s); refused != nil {
		return fail(refused.Code, refused.Message, refused.Hint)
	}
	if c.order.waiting && !s.admitted && !c.vouched(s) && !moderates(s.role) {
		return fail(wire.CodeKnockFirst, "this meeting has a waiting room", "send knock; join when it is answered")
	}
	return nil
}

// succeed sees to it that a call has a moderator: if there is none in a while, the one who is there longest becomes one.
func (c *call) succeed() {
	if c.terms.DefaultRole != "" || c.moderated() || c.order.vacant != nil {
		return
	}
	// AfterFunc runs in a goroutine that waits for call.mu, so timer is set before it is read.
	var timer *time.Timer
	timer = time.AfterFunc(succession, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.order.vacant != timer {
			return
		}
		c.order.vacant = nil
		c.appoint()
	})
	c.order.vacant = timer
}

// appoint makes the one who is there longest moderator. Where there are viewers at most, nobody is left to ask: the room
// is as it began again.
func (c *call) appoint() {
	if c.moderated() {
		return
	}
	for _, m := range c.members {
		if m.is.Role == wire.RoleParticipant {
			c.setRole(m, wire.RoleModerator)
			return
		}
	}
	c.setRoom(c.begins())
}

// setRole tells everybody, and the new moderator who waits.
func (c *call) setRole(m *member, role wire.Role) {
	before := m.is.Role
	m.is.Role = role
	c.tell(&wire.RoleChanged{Device: m.is.Device, Role: role}, nil)
	switch {
	case moderates(role) && !moderates(before):
		c.order.keep()
		c.tellKnocks(m)
	case moderates(before):
		c.succeed()
	}
}

// setRoom tells everybody. Who waits when there is nothing to wait for comes in.
func (c *call) setRoom(locked, waiting bool) {
	if c.order.locked == locked && c.order.waiting == waiting {
		return
	}
	c.order.locked, c.order.waiting = locked, waiting
	c.tell(&wire.RoomState{Locked: locked, WaitingRoom: waiting}, nil)
	if locked {
		c.answerKnocks(&wire.Error{Code: wire.CodeLocked, Message: "the meeting was locked"})
	} else if !waiting {
		c.answerKnocks(nil)
	}
}

// answerKnocks answers everybody who waits: with the refusal, or by letting them in.
func (c *call) answerKnocks(refusal *wire.Error) {
	for len(c.order.knocking) > 0 {
		c.answerKnock(c.order.knocking[0], refusal)
	}
}

func (c *call) answerKnock(k *knocking, refusal *wire.Error) {
	if refusal == nil {
		k.sess.admitted = true
		k.sess.push(&wire.OK{ID: k.id})
	} else {
		k.sess.push(&wire.Error{ID: k.id, Code: refusal.Code, Message: refusal.Message, Hint: refusal.Hint})
	}
	c.endKnock(k.sess)
}

// endKnock takes somebody off the list.
func (c *call) endKnock(s *session) {
	if s.knocking == nil {
		return
	}
	for i, k := range c.order.knocking {
		if k == s.knocking {
			c.order.knocking = append(c.order.knocking[:i:i], c.order.knocking[i+1:]...)
			break
		}
	}
	s.knocking = nil
	c.tellAllKnocks()
}

func (c *call) tellAllKnocks() {
	text := share(c.knocks())
	for _, m := range c.members {
		if moderates(m.is.Role) {
			m.sess.pushShared(text)
		}
	}
}

// tellKnocks tells somebody new to it who waits, if anybody does.
func (c *call) tellKnocks(m *member) {
	if len(c.order.knocking) > 0 {
		m.sess.push(c.knocks())
	}
}

func (c *call) knocks() *wire.Knocks {
	list := &wire.Knocks{}
	for _, k := range c.order.knocking {
		list.Waiting = append(list.Waiting, k.is)
	}
	return list
}

// views says whether the session only views.
func (s *session) views() bool {
	s.call.mu.Lock()
	defer s.call.mu.Unlock()
	return s.member != nil && s.member.is.Role == wire.RoleViewer
}
