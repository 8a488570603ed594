package olmkeys

import (
	"bytes"
	"fmt"
	"slices"
	"time"
)

// Remembered identities. A pin is by Ed25519 key; user ids are the server's word and names the peer's own, so that both
// serve only to notice that somebody goes by one under which another key is remembered.

// maxPins bounds what strangers can make us remember. What a person did (verify, block) is remembered beyond it.
const maxPins = 4096

// Each pin is written to disk, so one who changes its name all the time is not followed at once each time.
const (
	pinsAtOnce = 4
	pinEvery   = 10 * time.Second
)

type identityKey [ed25519Size]byte

// pinState is how often a device was pinned by itself.
type pinState struct {
	count int
	at    time.Time // from when on it may be again
	owed  bool
}

// may says whether to pin it now; if not, it is owed.
func (s *pinState) may(now time.Time) bool {
	s.owed = s.count >= pinsAtOnce && now.Before(s.at)
	return !s.owed
}

func (s *pinState) next() time.Time {
	if !s.owed {
		return time.Time{}
	}
	return s.at
}

// trust is whom we remember, from earlier calls and from this one.
type trust struct {
	pins  map[identityKey]*pinned
	users map[string]map[identityKey]struct{}
	names map[string]map[identityKey]struct{} // folded
	keeps bool                                // we keep our identity, and are told what to remember
}

type pinned struct {
	Pin
	folded string
}

func newTrust(known []Pin, keeps bool) (trust, error) {
	t := trust{
		pins: make(map[identityKey]*pinned), keeps: keeps,
		users: make(map[string]map[identityKey]struct{}), names: make(map[string]map[identityKey]struct{}),
	}
	for _, pin := range known {
		if len(pin.Identity) != ed25519Size {
			return trust{}, fmt.Errorf("%w: a known identity of %d bytes", ErrConfig, len(pin.Identity))
		}
		t.put(pin)
	}
	return t, nil
}

// put remembers a pin in place of the one of the same key; whether that changes anything.
func (t *trust) put(pin Pin) bool {
	key := identityKey(pin.Identity)
	pin.Identity = bytes.Clone(pin.Identity)
	if old := t.pins[key]; old != nil {
		if old.User == pin.User && old.Name == pin.Name && old.Verified == pin.Verified && old.Blocked == pin.Blocked {
			return false
		}
		unnote(t.users, old.User, key)
		unnote(t.names, old.folded, key)
	}
	now := &pinned{Pin: pin, folded: foldName(pin.Name)}
	t.pins[key] = now
	note(t.users, now.User, key)
	note(t.names, now.folded, key)
	return true
}

func note(index map[string]map[identityKey]struct{}, by string, key identityKey) {
	if by == "" {
		return
	}
	if index[by] == nil {
		index[by] = make(map[identityKey]struct{})
	}
	index[by][key] = struct{}{}
}

func unnote(index map[string]map[identityKey]struct{}, by string, key identityKey) {
	delete(index[by], key)
	if len(index[by]) == 0 {
		delete(index, by)
	}
}

// impostor says whether somebody else is remembered under this user id or name, and this identity is not.
func (t *trust) impostor(key identityKey, user, name string) bool {
	own, folded := t.pins[key], foldName(name)
	return (own == nil || own.User != user) && len(t.users[user]) > 0 ||
		(own == nil || own.folded != folded) && len(t.names[folded]) > 0
}

// Healthy says whether keys went both ways: the device's frames open, and what we say it can open. How far it is trusted
// is another matter: [StateChangedKey] is healthy too.
func (s PeerState) Healthy() bool {
	switch s {
	case StateNew, StateKnown, StateVerified, StateChangedKey, StateOutside:
		return true
	default:
		return false
	}
}

// trustOf is what a tile says of somebody whose keys work.
func (a *Agent) trustOf(p *peer) PeerState {
	key := identityKey(p.dev.ed25519)
	switch own := a.trust.pins[key]; {
	case a.trust.impostor(key, p.ref.User, p.name):
		return StateChangedKey
	case own != nil && own.Verified:
		return StateVerified
	case p.met:
		return StateKnown
	}
	return StateNew
}

// retrust shows anew how far everybody is trusted, after something was learned.
func (a *Agent) retrust() {
	for _, p := range a.order {
		if p.valid() && p.state.Healthy() && p.state != StateOutside {
			a.show(p, a.trustOf(p))
		}
	}
}

// remember pins a device that keeps its identity, and what it goes by now. Who goes by what is another's is not
// remembered by itself; nor is who keeps no identity, for it will never come back under this one.
func (a *Agent) remember(p *peer) {
	own := a.trust.pins[identityKey(p.dev.ed25519)]
	switch {
	case !a.trust.keeps || !p.state.Healthy() || a.trustOf(p) == StateChangedKey:
	case own == nil && (!p.keeps || len(a.trust.pins) >= maxPins):
	case p.pins.may(a.now):
		if a.pin(p, own != nil && own.Verified, false) {
			p.pins.count++
			p.pins.at = a.now.Add(pinEvery)
		}
	}
}

// pin remembers a device by what it goes by now; whether that is news.
func (a *Agent) pin(p *peer, verified, blocked bool) bool {
	pin := Pin{Identity: bytes.Clone(p.dev.ed25519[:]), User: p.ref.User, Name: p.name, Verified: verified, Blocked: blocked}
	if own := a.trust.pins[identityKey(p.dev.ed25519)]; own != nil && p.name == "" {
		pin.Name = own.Name
	}
	if !a.trust.put(pin) {
		return false
	}
	if a.trust.keeps {
		a.emit(Pinned{Pin: pin})
	}
	a.retrust()
	return true
}

// verified: a person compared keys with the device and found them the same. From now on it is what it goes by.
func (a *Agent) verified(p *peer) {
	if p.valid() {
		a.pin(p, true, false)
	}
}

// unverified takes an earlier verification back.
func (a *Agent) unverified(p *peer) {
	if !p.valid() {
		return
	}
	if own := a.trust.pins[identityKey(p.dev.ed25519)]; own != nil && own.Verified {
		pin := own.Pin
		pin.Verified = false
		a.trust.put(pin)
		if a.trust.keeps {
			a.emit(Pinned{Pin: pin})
		}
		a.retrust()
	}
}

// named takes note of what a peer calls itself now.
func (a *Agent) named(p *peer, name string) {
	if name == p.name {
		return
	}
	p.name = name
	if p.state.Healthy() && p.state != StateOutside {
		a.show(p, a.trustOf(p))
	}
	a.remember(p)
}

// block shuts an identity out, in all its joins that are here.
func (a *Agent) block(ref Ref) {
	p := a.peers[ref]
	if p == nil || !p.valid() {
		a.fault(ErrNotAdmitted)
		return
	}
	own := a.trust.pins[identityKey(p.dev.ed25519)]
	a.pin(p, own != nil && own.Verified, true)
	for _, twin := range slices.Clone(a.order) {
		if twin.dev != nil && !twin.shut && twin.dev.ed25519 == p.dev.ed25519 {
			a.shutOut(twin)
		}
	}
}

// shutOut drops all that we have of a device but its announcement: the others go on listing it, and so must we.
func (a *Agent) shutOut(p *peer) {
	a.warn(p, "")
	a.endVerification(p, VerifyByUs)
	a.forgetEarly(p.ref)
	*p = peer{
		ref: p.ref, state: p.state, dev: p.dev, shut: true, departed: p.departed,
		proof: p.proof, proven: p.proven, stranger: p.stranger, proveBy: p.proveBy,
	}
	a.emit(DropDevice{From: p.ref})
	a.show(p, StateBlocked)
	a.rotateWithout(p.ref)
}
