package olmkeys

import (
	"slices"
	"time"
)

const (
	maxOutbox = 16 // messages to one device that wait for a session, or may have to go out again
	maxAgain  = 2  // times that a message goes out again
)

// outgoing is an Olm message that waits for a session; or, if it is kept, for a sign that the peer can read the one it
// went out on.
type outgoing struct {
	kind    string
	message any
	until   time.Time
	keep    bool         // it may go out twice: the peer knows it again
	on      *pairSession // that it was sent on; nil: it waits
	again   int          // how often it was sent anew
}

// tell sends a message now, or as soon as there is a session.
func (a *Agent) tell(p *peer, kind string, m any) {
	a.post(p, outgoing{kind: kind, message: m, until: a.now.Add(verifyLife)})
}

// post puts a message into the peer's outbox; false if too many wait there already.
func (a *Agent) post(p *peer, o outgoing) bool {
	if len(p.outbox) >= maxOutbox {
		sent := slices.IndexFunc(p.outbox, func(o outgoing) bool { return o.on != nil })
		if sent < 0 {
			a.fault(ErrTooMany)
			return false
		}
		p.outbox = slices.Delete(p.outbox, sent, sent+1)
	}
	p.outbox = append(p.outbox, o)
	a.sendOutbox(p)
	if p.sessions.usable() == nil && p.dial.next().IsZero() {
		p.dial.plan(a.now)
	}
	return true
}

// sendOutbox sends what waits, in order, once there is a session.
func (a *Agent) sendOutbox(p *peer) {
	session := p.sessions.usable()
	if session == nil {
		return
	}
	for i := range p.outbox {
		if o := &p.outbox[i]; o.on == nil {
			o.on = session
			a.send(p, session, o.kind, o.message)
		}
	}
	p.outbox = slices.DeleteFunc(p.outbox, func(o outgoing) bool { return !o.keep })
}

// answered: the peer wrote on this session. It can read what was sent on it. What was sent on another it may not have
// been able to read: it dials anew then. That goes out again.
func (p *peer) answered(on *pairSession) {
	p.outbox = slices.DeleteFunc(p.outbox, func(o outgoing) bool { return o.on == on })
	for i := range p.outbox {
		if o := &p.outbox[i]; o.on != nil && o.again < maxAgain {
			o.on = nil
			o.again++
		}
	}
}

// expireOutbox gives up on what could not be sent.
func (a *Agent) expireOutbox(p *peer) {
	p.outbox = slices.DeleteFunc(p.outbox, func(o outgoing) bool {
		over := due(o.until, a.now)
		if over && o.on == nil {
			a.fault(ErrUndelivered)
		}
		return over
	})
}

func (p *peer) nextOutbox() (t time.Time) {
	for _, o := range p.outbox {
		t = earlier(t, o.until)
	}
	return t
}
