package olmkeys

import (
	"bytes"
	"slices"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// peer is another device in the call. Everything kept about it dies with its join id.
type peer struct {
	ref   Ref
	state PeerState
	dev   *device // nil: refused; then nothing else of this is used
	shut  bool    // valid to the others, but we share nothing with it and accept nothing; then dev and proof are all there is

	met   bool   // its identity was remembered when it came
	keeps bool   // it says that it keeps its identity
	name  string // as it calls itself
	pins  pinState

	proof    []byte    // the last that it announced
	proven   bool      // one of the present link
	stranger bool      // of another secret: only what it takes to come in is used
	proveBy  time.Time // when it is taken to be a stranger
	telling  tellState
	relinked time.Time // two of its changes of the link were acted upon in the relinkEvery before

	sessions pairSessions
	dial     dialState

	kemOut   *kemSecret // ours to it
	kemNamed bool       // it has named kemOut, so the ciphertext need not ride along
	kemIn    []*kemSecret

	owed     bool      // the newest sender key is to be sent as soon as there is a session
	shared   bool      // it was sent a sender key
	answerAt time.Time // when its request is answered
	sharedAt time.Time

	keys    receiverKeys
	outside outsideKeys        // in their place, where keys come from outside
	opener  *mediacrypt.Opener // of data frames
	data    dataState
	ask     askState

	mediaOpens bool // the last that was reported of its media is that a frame opened ...
	mediaKID   mediacrypt.KeyID

	private  []heldMessage // of ours, that wait for a session or may have to go out again
	said     uint32        // the last one's number
	heardSeq uint32        // that of the last one heard of it
	heard    bucket        // how much of what it says is handed on

	claims claims

	untold   []untold // messages that wait for a session
	sas      *sasRun  // the verification by emoji, if one is going on
	qr       qrState
	requests bucket // of the peer's, to compare

	departed bool // to be removed at the end of the event
}

// valid says whether we share with the device and listen to it.
func (p *peer) valid() bool { return p.dev != nil && !p.shut && !p.stranger }

// listed says whether it is a participant to everybody who is told of it, blocked by us or not: what the roster hash is of.
func (p *peer) listed() bool { return p.dev != nil && !p.stranger }

// next is when runPeerTimers has something to do for the peer.
func (p *peer) next() time.Time {
	if !p.valid() {
		return time.Time{}
	}
	t := earlier(p.keys.next(), p.answerAt)
	t = earlier(t, p.outside.next())
	t = earlier(t, p.dial.next())
	t = earlier(t, p.ask.next())
	t = earlier(t, p.verificationNext())
	t = earlier(t, p.nextPrivate())
	t = earlier(t, p.pins.next())
	return earlier(t, p.data.next())
}

func (a *Agent) runPeerTimers(p *peer) {
	if !p.valid() {
		return
	}
	a.drop(p, p.keys.expire(a.now))
	a.drop(p, p.outside.expire(a.now))
	a.runDial(p)
	if due(p.answerAt, a.now) {
		a.answer(p)
	}
	a.runAsk(p)
	a.runVerification(p)
	if due(p.pins.next(), a.now) {
		p.pins.owed = false // who is in trouble now is remembered after it
		a.remember(p)
	}
	p.data.expire(a.now)
	a.expirePrivate(p)
}

// rosterChanged: leaves first. Who leaves and comes back in one batch is somebody who left and somebody new.
func (a *Agent) rosterChanged(ev RosterChanged) {
	for _, ref := range ev.Left {
		if p := a.peers[ref]; p != nil {
			a.remove(p)
		} else if ref != a.self && len(a.gone) < maxGone {
			a.gone[ref] = struct{}{} // it may yet be announced
		}
	}
	for _, announced := range ev.Joined {
		a.admit(announced)
	}
	for _, announced := range ev.Joined {
		if p := a.peers[announced.Ref]; p != nil && p.valid() {
			a.deliverEarly(p)
		}
	}
}

func (a *Agent) newPeer(ref Ref) *peer {
	p := &peer{ref: ref}
	a.peers[ref] = p
	i, _ := slices.BinarySearchFunc(a.order, ref, comparePeer)
	a.order = slices.Insert(a.order, i, p)
	return p
}

func comparePeer(p *peer, ref Ref) int { return compareRefs(p.ref, ref) }

func (a *Agent) admit(announced Announced) {
	ref := announced.Ref
	if ref == a.self || a.peers[ref] != nil {
		return // ourselves; or known already, and a device cannot change what it announced
	}
	_, removed := a.watch.removed[ref.JoinID]
	if _, left := a.gone[ref]; left || removed || len(a.gone) >= maxGone || len(a.peers) >= maxPeers {
		a.fault(ErrReplaced)
		a.emit(Show{From: ref, State: StateRefused})
		return
	}
	for _, old := range slices.Clone(a.order) {
		if old.ref.User == ref.User && old.ref.Device == ref.Device {
			a.remove(old) // replaced by a new join, whether or not the server said so
		}
	}
	p := a.newPeer(ref)
	d, err := checkAnnouncement(a.config.Room, a.config.Call, &a.link, announced)
	if d == nil {
		a.fault(err)
		a.show(p, StateRefused)
		return
	}
	p.dev, p.proof = d, bytes.Clone(announced.Proof)
	p.proven, p.stranger = err == nil, err != nil
	if d.ed25519 == a.account.ed25519 || d.curve25519 == a.account.curve25519 {
		a.fault(ErrAnnouncement) // our own keys: in a join that was not ended, or copied; others list both
		p.shut, a.watch.changed = true, true
		a.show(p, StateRefused)
		return
	}
	if err != nil {
		a.fault(err)
	}
	if own := a.trust.pins[identityKey(d.ed25519)]; own != nil {
		p.met = true
		if own.Blocked {
			p.shut = true
			a.watch.changed = true
			a.forgetEarly(ref)
			a.show(p, StateBlocked)
			return
		}
	}
	p.keys = newReceiverKeys(a.scheduleOf(ref))
	p.opener = mediacrypt.NewOpener()
	if p.stranger {
		a.show(p, StateWrongSecret)
		return
	}
	a.enter(p)
}

// enter makes a device a member.
func (a *Agent) enter(p *peer) {
	a.watch.changed = true
	p.claims = claims{heardAt: a.now}
	p.heard = bucket{rate: heardPerSecond}
	a.show(p, StateWaiting)
	if a.outside != nil {
		p.outside.over = noGenerationYet
		if k, have := a.outside.of(p.ref.User); have {
			a.openOutside(p, k) // only the newest: whoever comes now has it, or has been left out
		}
		return
	}
	p.ask.begin(a.now)
	if a.joinAt.IsZero() {
		a.joinAt = a.now.Add(joinWindow)
	}
	if dialsFirst(a.self, p.ref) {
		p.dial.at = a.now
	} else {
		p.dial.at = a.now.Add(dialPatience)
	}
}

// remove ends a join for good. Who could open what we send makes us send under a new generation.
func (a *Agent) remove(p *peer) {
	delete(a.peers, p.ref)
	if i, found := slices.BinarySearchFunc(a.order, p.ref, comparePeer); found {
		a.order = slices.Delete(slices.Clone(a.order), i, i+1)
	}
	if len(a.gone) < maxGone {
		a.gone[p.ref] = struct{}{}
	}
	a.forgetEarly(p.ref)
	if p.listed() {
		a.watch.changed = true
		a.warn(p, "")
		a.endVerification(p, VerifyByThem)
	}
	a.emit(DropDevice{From: p.ref})
	a.rotateWithout(p.ref)
}

// rotateWithout makes a new generation if the device could open what is sealed with ours: at once, or at the next slot.
func (a *Agent) rotateWithout(ref Ref) {
	if a.outside != nil || !a.sender.everHeld(ref) || !a.rotateAt.IsZero() {
		return
	}
	a.rotateAt = a.now
	if slot := a.sender.rotated.Add(rotationSlot); !a.sender.rotated.IsZero() && slot.After(a.now) {
		a.rotateAt = slot
	}
}

// show tells the tile, when there is something new to tell.
func (a *Agent) show(p *peer, s PeerState) {
	if p.state != s {
		p.state = s
		a.emit(Show{From: p.ref, State: s})
	}
}

// showHealthy says that keys went both ways. Not earlier: what we say on hearing of it must be readable to the peer.
func (a *Agent) showHealthy(p *peer) {
	if _, _, have := p.keys.newest(); have && p.shared {
		a.show(p, a.trustOf(p))
		a.remember(p)
	}
}

// admitted is the peer whose messages and frames are listened to, or nil.
func (a *Agent) admitted(ref Ref) *peer {
	if p := a.peers[ref]; p != nil && p.valid() {
		return p
	}
	a.fault(ErrNotAdmitted)
	return nil
}

func (a *Agent) members() []Ref { return a.refs((*peer).valid) }

// holders are those who may have our keys: members who have proven that they have the present link.
func (a *Agent) holders() []Ref { return a.refs((*peer).mayHold) }

func (p *peer) mayHold() bool { return p.valid() && p.proven }

func (a *Agent) refs(which func(*peer) bool) (refs []Ref) {
	for _, p := range a.order {
		if which(p) {
			refs = append(refs, p.ref)
		}
	}
	return refs
}

// Messages of devices that the roster does not show yet.
const (
	earlyLife    = 10 * time.Second
	maxEarly     = 256
	maxEarlyPeer = 16
)

type earlyMessage struct {
	envelope Envelope
	until    time.Time
}

func (a *Agent) holdEarly(from Ref, e Envelope) {
	if a.earlyLen >= maxEarly || len(a.early[from]) >= maxEarlyPeer {
		a.fault(ErrTooMany)
		return
	}
	a.early[from] = append(a.early[from], earlyMessage{envelope: e, until: a.now.Add(earlyLife)})
	a.earlyLen++
}

func (a *Agent) deliverEarly(p *peer) {
	list := a.early[p.ref]
	a.forgetEarly(p.ref)
	for _, m := range list {
		a.receive(p, m.envelope)
	}
}

func (a *Agent) forgetEarly(ref Ref) {
	a.earlyLen -= len(a.early[ref])
	delete(a.early, ref)
}

func (a *Agent) expireEarly() {
	for ref, list := range a.early {
		rest := slices.DeleteFunc(list, func(m earlyMessage) bool { return due(m.until, a.now) })
		a.earlyLen -= len(list) - len(rest)
		if len(rest) == 0 {
			delete(a.early, ref)
		} else {
			a.early[ref] = rest
		}
	}
}
