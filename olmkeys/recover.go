package olmkeys

import "time"

// After an outage: pauses have grown to half a minute by then, and nobody should wait that long for keys once messages
// are delivered again. Two things tell that they are.
//
//   - The program says so: [Resumed].
//   - One who was asked twice in vain answers. So that this shows soon, one of those who have not is tried every probeEvery,
//     whoever's pause was the longest, and however many there are.
//
// Then all others are tried at once. Neither can be made a flood of: a device is never asked or dialled more often than
// the first pauses allow, and who answered what we asked, but whose frames still do not open, is not hurried. That is
// what forged frames look like.

const probeEvery = askEvery

// stuck: the peer was asked or dialled in vain.
func (p *peer) stuck() bool {
	return p.valid() && (p.ask.vain > 0 && p.ask.lacking(&p.keys) || p.undialled())
}

func (p *peer) undialled() bool { return p.sessions.usable() == nil && !p.dial.last.IsZero() }

// tried is when the peer was last asked or dialled.
func (p *peer) tried() time.Time {
	if p.ask.last.After(p.dial.last) {
		return p.ask.last
	}
	return p.dial.last
}

// probeLater is called when somebody was tried.
func (a *Agent) probeLater() {
	if a.probeAt.IsZero() {
		a.probeAt = a.now.Add(probeEvery)
	}
}

// runProbe tries the one who waited longest.
func (a *Agent) runProbe() {
	if !due(a.probeAt, a.now) {
		return
	}
	a.probeAt = time.Time{}
	var longest *peer
	for _, p := range a.order {
		if p.stuck() && (longest == nil || p.tried().Before(longest.tried())) {
			longest = p
		}
	}
	switch {
	case longest == nil:
	case !due(longest.tried().Add(probeEvery), a.now):
		a.probeAt = longest.tried().Add(probeEvery)
	default:
		a.probeLater()
		a.tryAgain(longest)
	}
}

func (a *Agent) tryAgain(p *peer) {
	if p.undialled() || p.dial.again {
		p.dial.claiming, p.dial.until, p.dial.at = false, time.Time{}, a.now // an answer this late will not come
		a.runDial(p)
	}
	if p.ask.vain > 0 && p.ask.lacking(&p.keys) {
		a.ask(p)
	}
}

// hurry tries everybody who was tried in vain, as soon as the shortest pause allows.
func (a *Agent) hurry() {
	for _, p := range a.order {
		if !p.stuck() {
			continue
		}
		if p.ask.vain > 1 || p.ask.vain > 0 && due(p.ask.last.Add(askEvery), a.now) {
			p.ask.pause = askEvery
			p.ask.plan(a.now)
		}
		if !p.dial.claiming && (p.undialled() || p.dial.again) {
			p.dial.backoff = 0
			p.dial.plan(a.now)
		}
	}
}
