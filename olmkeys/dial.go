package olmkeys

import "time"

// The rhythm of dialling: beginning an Olm session with a key that the server hands out.
const (
	dialPatience  = 2 * time.Second // how long the larger device waits for the smaller to dial
	claimPatience = 5 * time.Second // how long an answer to ClaimKeys may take
	dialBackoff   = 2 * time.Second // between dials of one device, doubling
	dialBackoffTo = 30 * time.Second

	refreshFallbackEvery = 5 * time.Minute // a used fallback key is replaced, at most this often
	forgetFallbackAfter  = time.Minute     // messages under the replaced one may be on their way
)

// dialState is where we are with dialling one device.
type dialState struct {
	at       time.Time // when to dial
	again    bool      // although there is a session: it does not work
	claiming bool
	until    time.Time // when a claim has failed
	backoff  time.Duration
	last     time.Time
}

func (d *dialState) next() time.Time { return earlier(d.at, d.until) }

// plan dials at the time given, but not before the pause since the last dial.
func (d *dialState) plan(at time.Time) {
	if d.claiming {
		return
	}
	if pause := d.last.Add(max(d.backoff, dialBackoff)); !d.last.IsZero() && pause.After(at) {
		at = pause
	}
	d.at = earlier(d.at, at)
}

func (a *Agent) runDial(p *peer) {
	if due(p.dial.until, a.now) {
		a.dialFailed(p)
	}
	if !due(p.dial.at, a.now) {
		return
	}
	p.dial.at = time.Time{}
	if p.sessions.usable() != nil && !p.dial.again {
		return
	}
	p.dial.claiming, p.dial.last = true, a.now
	p.dial.until = a.now.Add(claimPatience)
	p.dial.backoff = min(max(2*p.dial.backoff, dialBackoff), dialBackoffTo)
	a.claims = append(a.claims, p.ref)
	a.probeLater()
}

// dialFailed tries again later: the server had no key, gave a wrong one, or did not answer.
func (a *Agent) dialFailed(p *peer) {
	p.dial.claiming, p.dial.until = false, time.Time{}
	if p.sessions.usable() == nil || p.dial.again {
		p.dial.plan(a.now)
	}
}

// redial begins a new session because the old ones do not work. What is owed or asked for goes out on the new one.
func (a *Agent) redial(p *peer) {
	p.dial.again = true
	p.dial.plan(a.now)
}

func (a *Agent) keysClaimed(ev KeysClaimed) {
	answered := make(map[Ref]bool)
	answers := false // again, after an outage
	for _, c := range ev.Keys {
		p := a.peers[c.Device]
		if p == nil || !p.valid() || !p.dial.claiming || answered[c.Device] {
			a.fault(ErrUnexpectedKeys)
			continue
		}
		answered[c.Device] = true
		s, err := a.account.dial(p.dev, c.Key)
		if err != nil {
			a.fault(err)
			a.dialFailed(p)
			continue
		}
		answers = answers || p.undialled() && p.dial.backoff > dialBackoff
		again := p.dial.again
		p.dial = dialState{last: p.dial.last, backoff: p.dial.backoff}
		p.sessions.dialled(s)
		if again || p.ask.unsent {
			a.request(p) // whatever else: it makes the peer receive on the new session, and answer on it
		}
		a.sendWaiting(p)
	}
	if answers {
		a.hurry()
	}
}

// keyCount keeps the server in one-time keys.
func (a *Agent) keyCount(ev KeyCount) {
	if ev.OneTimeKeys < 0 || ev.OneTimeKeys >= oneTimeKeysLow {
		return
	}
	keys, err := a.account.newOneTimeKeys(oneTimeKeysTarget - ev.OneTimeKeys)
	if err != nil {
		a.fault(err)
		return
	}
	if len(keys) > 0 {
		a.emit(UploadKeys{OneTimeKeys: keys})
	}
}

// noteFallback plans to replace the fallback key once a session has begun with it.
func (a *Agent) noteFallback() {
	if !a.account.fallbackUsed || !a.fallbackAt.IsZero() {
		return
	}
	a.fallbackAt = a.now
	if again := a.lastRefresh.Add(refreshFallbackEvery); !a.lastRefresh.IsZero() && again.After(a.now) {
		a.fallbackAt = again
	}
}

func (a *Agent) refreshFallbackKey() {
	if due(a.forgetAt, a.now) {
		a.forgetAt = time.Time{}
		a.account.forgetOldFallbackKey()
	}
	if !due(a.fallbackAt, a.now) {
		return
	}
	a.fallbackAt, a.lastRefresh = time.Time{}, a.now
	key, err := a.account.rotateFallbackKey()
	if err != nil {
		a.fault(err)
		return
	}
	a.forgetAt = a.now.Add(forgetFallbackAfter)
	a.emit(UploadKeys{OneTimeKeys: []SignedKey{}, FallbackKey: &key})
}
