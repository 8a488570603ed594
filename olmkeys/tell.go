package olmkeys

// maxUntold bounds what waits for a session with one peer.
const maxUntold = 64

// untold is a message that waits until there is a session to send it on.
type untold struct {
	kind    string
	message any
}

// tell sends a message now, or as soon as there is a session; false if too many are waiting already.
func (a *Agent) tell(p *peer, kind string, m any) bool {
	if session := p.sessions.usable(); session != nil && len(p.untold) == 0 {
		return a.send(p, session, kind, m)
	}
	if len(p.untold) >= maxUntold {
		a.fault(ErrTooMany)
		return false
	}
	p.untold = append(p.untold, untold{kind, m})
	p.dial.plan(a.now)
	return true
}

// tellRest sends what had to wait, in order.
func (a *Agent) tellRest(p *peer) {
	session := p.sessions.usable()
	if session == nil {
		return
	}
	rest := p.untold
	p.untold = nil
	for _, u := range rest {
		a.send(p, session, u.kind, u.message)
	}
}
