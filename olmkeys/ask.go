package olmkeys

import (
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// The rhythm of asking a sender for its key.
const (
	firstKeyPatience = 2500 * time.Millisecond // for the first share of somebody who is silent
	frameNoKey       = time.Second             // frames came before the first share: it should be on its way
	unknownPatience  = 300 * time.Millisecond  // a KID is unknown: likewise
	failedFrames     = 3                       // frames that failed ...
	failedFor        = 500 * time.Millisecond  // ... and none verified for this long: ask, and say so
	askEvery         = 2 * time.Second         // doubling ...
	askEveryTo       = 30 * time.Second        // ... up to this; a verified frame resets it, and see recover.go
)

// askState is where we are with asking one sender.
type askState struct {
	at        time.Time // when to ask
	last      time.Time
	pause     time.Duration
	unsent    bool // asked while there was no session
	vain      int  // times asked since the last answer
	failed    int  // frames failed since the last that verified
	missing   bool // a KID came that only a share can explain
	missingIn uint32
	since     time.Time // the first failed or unknown frame since the last that verified
	troubleAt time.Time // when the tile says so
}

func (s *askState) next() time.Time { return earlier(s.at, s.troubleAt) }

// begin waits for the first share.
func (s *askState) begin(now time.Time) { s.plan(now.Add(firstKeyPatience)) }

func (s *askState) plan(at time.Time) {
	if again := s.last.Add(s.pause); !s.last.IsZero() && again.After(at) {
		at = again
	}
	s.at = earlier(s.at, at)
}

func (s *askState) trouble(now time.Time) {
	if s.since.IsZero() {
		s.since = now
	}
	if s.troubleAt.IsZero() && (s.missing || s.failed >= failedFrames) {
		s.troubleAt = s.since.Add(failedFor)
	}
}

// unknown: something came that cannot be opened without a share.
func (s *askState) unknown(now time.Time, generation uint32, patience time.Duration) {
	s.missing, s.missingIn = true, max(s.missingIn, generation)
	s.trouble(now)
	s.plan(now.Add(patience))
}

// fail: a frame did not verify though there was a key.
func (s *askState) fail(now time.Time) {
	s.failed++
	s.trouble(now)
	if s.failed >= failedFrames {
		s.plan(s.since.Add(failedFor))
	}
}

// opened: a frame verified.
func (s *askState) opened(generation uint32) {
	if s.missing && generation < s.missingIn {
		s.failed, s.since, s.troubleAt = 0, time.Time{}, time.Time{}
		return // the newer one is still missing
	}
	*s = askState{}
}

// answered: a share arrived. What is missing still will show again; the pause stays.
func (s *askState) answered() { *s = askState{last: s.last, pause: s.pause} }

// lacking says whether asking makes sense.
func (s *askState) lacking(k *receiverKeys) bool {
	_, _, have := k.newest()
	return !have || s.missing || s.failed >= failedFrames
}

func (a *Agent) runAsk(p *peer) {
	if due(p.ask.troubleAt, a.now) {
		p.ask.troubleAt = time.Time{}
		if p.state.Healthy() || len(p.outside.open) > 0 {
			a.show(p, StateCannotDecrypt)
		}
	}
	if !due(p.ask.at, a.now) {
		return
	}
	p.ask.at = time.Time{}
	if a.outside == nil && p.ask.lacking(&p.keys) {
		a.ask(p)
	}
}

func (a *Agent) ask(p *peer) {
	p.ask.at, p.ask.last = time.Time{}, a.now
	p.ask.vain++
	p.ask.pause = min(max(2*p.ask.pause, askEvery), askEveryTo)
	p.ask.plan(a.now)
	a.probeLater()
	a.request(p)
}

func (a *Agent) keyWanted(from Ref, kid mediacrypt.KeyID) {
	if p := a.admitted(from); p != nil {
		p.mediaOpens = false
		a.want(p, kid)
	}
}

// want derives the key if it can be, or sees to it that a share is asked for.
func (a *Agent) want(p *peer, kid mediacrypt.KeyID) wanted {
	if a.outside != nil {
		return a.wantOutside(p, kid)
	}
	result, install := p.keys.want(a.now, kid)
	a.install(p, install)
	if result != wantedShare {
		return result
	}
	patience := unknownPatience
	if _, _, have := p.keys.newest(); !have {
		patience = frameNoKey
	}
	p.ask.unknown(a.now, kid.Generation(), patience)
	return result
}

func (a *Agent) frameOpened(from Ref, kid mediacrypt.KeyID) {
	if p := a.admitted(from); p != nil {
		a.opened(p, kid)
		p.mediaOpens, p.mediaKID = true, kid
	}
}

// opened: a frame or data frame under this KID verified.
func (a *Agent) opened(p *peer, kid mediacrypt.KeyID) {
	if a.outside != nil {
		a.openedOutside(p, kid)
		return
	}
	install, drop := p.keys.opened(a.now, kid)
	p.ask.opened(kid.Generation())
	a.showHealthy(p)
	a.drop(p, drop)
	a.install(p, install)
}

func (a *Agent) frameFailed(from Ref) {
	if p := a.admitted(from); p != nil {
		p.mediaOpens = false
		p.ask.fail(a.now)
	}
}

// dataTrouble: the key is asked for, but the tile does not tell of data frames while media opens. The frames' ring
// reports again only after it reported a failure, so a forger of data could have a tile say that nothing opens.
func (p *peer) dataTrouble(told time.Time) {
	if p.mediaOpens && p.opener.Has(p.mediaKID) {
		p.ask.troubleAt = told
	}
}
