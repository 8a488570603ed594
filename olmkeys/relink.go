package olmkeys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// Changing the link: a fresh secret goes by Olm to those who remain, they prove that they have it, and every sender
// begins a generation under it, which it shares with those who have proven. Who has only the old link gets nothing more.

const (
	linkLife    = 10 * time.Second // until then a member has to prove, and keys under the old link may be used
	maxOldLinks = 4

	tellEvery   = 2 * time.Second // between two tellings of a secret to a device that does not prove, doubling ...
	tellEveryTo = 30 * time.Second
	maxTells    = 8

	relinkEvery    = 2 * time.Second // between the changes of one device that are acted upon, after two at once
	relinksPerSec  = 4               // ... of all devices
	maxChangeAhead = 64              // changes that may have been missed

	expelledLife = time.Minute // a secret made without knowing of a removal may go round for so long
	maxExpelled  = 128
)

// relink is what is known of the link's changes.
type relink struct {
	change   uint32 // how often the link was changed in this call
	old      []oldLink
	telling  *secretMessage // the secret that we made; nil if the link is not ours
	via      *link          // ... in place of this one: who of among proves that it has it is told ours
	among    []Ref
	heard    []heardSecret
	expelled []expelled
	accepts  bucket
	learns   bucket // of higher counts of changes
}

type oldLink struct {
	id    linkID
	until time.Time
}

type heardSecret struct {
	from Ref
	secretMessage
}

// expelled is a device that a member removed.
type expelled struct {
	id    JoinID
	until time.Time
	mine  bool // we changed the link to keep it out
}

// tellState is where we are with telling one device the secret that we made.
type tellState struct {
	left  int
	at    time.Time
	pause time.Duration
}

// removeAll says a removal, and with a secret changes the link.
func (a *Agent) removeAll(ev Remove) {
	switch {
	case ev.Secret != nil && a.outside != nil:
		a.fault(ErrKeySource)
		return
	case len(ev.Devices) > maxRemoval, len(ev.Devices) == 0 && ev.Secret == nil, a.watch.left, a.relink.change == math.MaxUint32:
		a.fault(ErrMalformed)
		return
	}
	var m removeBody
	for _, ref := range ev.Devices {
		if ref == a.self {
			a.fault(ErrMalformed)
			return
		}
		m.JoinIDs = append(m.JoinIDs, ref.JoinID)
	}
	var next link
	if ev.Secret != nil {
		var err error
		if next, err = newLink(ev.Secret, a.config.Room); err != nil || next.id == a.link.id {
			a.fault(ErrMalformed) // the same secret keeps nobody out
			return
		}
	}
	if len(m.JoinIDs) > 0 {
		body, err := json.Marshal(m)
		if err != nil {
			panic("olmkeys: " + err.Error()) // texts
		}
		if ev.Secret != nil && len(a.unsaid) > 0 {
			a.unsaidAt = a.now // newcomers are told with the secret
			a.sayWaiting()
		}
		if ev.Secret == nil {
			a.sayToAll(SayToAll{Kind: kindRemove, Body: body})
		} else {
			if err := a.removeDevices(body, a.self); err != nil {
				a.fault(err) // of somebody who is not here
			}
			a.say(SayToAll{Kind: kindRemove, Body: body})
		}
	}
	if ev.Secret == nil {
		return
	}
	a.endJoins() // so that they are told nothing
	for _, id := range m.JoinIDs {
		a.expel(id, true)
	}
	to := a.members()
	a.changeLink(ev.Secret, next, a.link.id)
	for _, ref := range to {
		a.beginTelling(a.peers[ref])
	}
}

// expel notes a removal, for the message that carries a secret.
func (a *Agent) expel(id JoinID, mine bool) {
	r := &a.relink
	r.expelled = slices.DeleteFunc(r.expelled, func(e expelled) bool {
		if e.id == id && e.mine {
			mine = true
		}
		return e.id == id || due(e.until, a.now)
	})
	r.expelled = append(r.expelled, expelled{id: id, until: a.now.Add(expelledLife), mine: mine})
	r.expelled = r.expelled[max(0, len(r.expelled)-maxExpelled):]
}

// changeLink makes a secret the meeting's. Who is told it is up to the caller.
func (a *Agent) changeLink(secret Secret, next link, replaced linkID) {
	m := &secretMessage{
		V: messageVersion, Call: a.config.Call[:], SenderJoinID: a.self.JoinID[:],
		LinkID: replaced[:], Change: a.relink.change + 1, Secret: Bytes(bytes.Clone(secret)),
	}
	for _, e := range a.relink.expelled {
		if !due(e.until, a.now) {
			m.Removed = append(m.Removed, e.id[:]...)
		}
	}
	a.adopt(next, secret, m.Change, Ref{})
	a.relink.telling = m
}

// beginTelling: the device may know the secret that we made.
func (a *Agent) beginTelling(p *peer) {
	p.telling = tellState{left: maxTells, at: a.now}
	a.tellSecret(p)
}

// tellSecret sends the secret to a device that was a member when we made it.
func (a *Agent) tellSecret(p *peer) {
	session := p.sessions.usable()
	if session == nil {
		p.dial.plan(a.now)
		p.telling.at = a.now.Add(tellEvery)
		return
	}
	m := *a.relink.telling
	m.RecipientJoinID = p.ref.JoinID[:]
	a.send(p, session, typeSecret, m)
	p.telling.left--
	p.telling.pause = min(max(2*p.telling.pause, tellEvery), tellEveryTo)
	p.telling.at = a.now.Add(p.telling.pause)
	if p.telling.left == 0 {
		p.telling = tellState{}
	}
}

// adopt goes over to a link: proves that we have it, and seals under it from switchDelay on.
func (a *Agent) adopt(next link, secret Secret, change uint32, by Ref) {
	r := &a.relink
	r.old = append(r.old, oldLink{id: a.link.id, until: a.now.Add(linkLife)})
	for len(r.old) > maxOldLinks {
		a.forgetLink()
	}
	r.change, r.telling, r.via, r.among = change, nil, nil, nil
	a.link = next
	a.announcement.Proof = a.link.proof(a.announcement.CallKeys)
	a.sender.schedule = a.scheduleOf(a.self)
	a.emit(Prove{Proof: a.announcement.Proof})
	a.emit(SecretChanged{Secret: bytes.Clone(secret), By: by})
	var proven []*peer
	for _, p := range a.order {
		if p.dev == nil {
			continue
		}
		if !p.shut {
			p.keys.relink(a.scheduleOf(p.ref))
		}
		p.proven, p.owed, p.telling = false, false, tellState{}
		p.answerAt = time.Time{}
		if a.link.provenBy(p) {
			proven = append(proven, p)
		} else if p.listed() && p.proveBy.IsZero() {
			p.proveBy = a.now.Add(linkLife)
		}
	}
	a.rotateAt = a.now
	a.rotate() // before anybody has proven, so that each gets it when it has
	for _, p := range proven {
		a.proved(p)
	}
}

func (a *Agent) scheduleOf(owner Ref) schedule {
	return newSchedule(&a.link, a.config.Room, a.config.Call, owner)
}

// provenBy says whether the device's last proof is of this link.
func (l *link) provenBy(p *peer) bool { return l.proves(p.dev.encode(), p.proof) }

// proofReceived: one under another secret is kept, for that secret may be on its way to us.
func (a *Agent) proofReceived(ev ProofReceived) {
	if a.outside != nil {
		a.fault(ErrKeySource)
		return
	}
	p := a.peers[ev.From]
	if p == nil || p.dev == nil || len(ev.Proof) != proofSize {
		a.fault(ErrNotAdmitted)
		return
	}
	p.proof = bytes.Clone(ev.Proof)
	if !p.proven && a.link.provenBy(p) {
		a.proved(p)
	}
	a.tellVia(p)
}

// tellVia tells a device our secret if it was a member before and has the link that ours is in place of.
func (a *Agent) tellVia(p *peer) {
	r := &a.relink
	if r.via != nil && !p.proven && !p.shut && p.telling.left == 0 && slices.Contains(r.among, p.ref) && r.via.provenBy(p) {
		a.beginTelling(p)
	}
}

// proved lets a device have what we seal under the present link.
func (a *Agent) proved(p *peer) {
	p.proven, p.proveBy, p.telling = true, time.Time{}, tellState{}
	stranger := p.stranger
	p.stranger = false
	if p.shut {
		a.watch.changed = true
		return
	}
	if stranger {
		a.enter(p)
		a.deliverEarly(p)
		return
	}
	if a.joinAt.IsZero() {
		a.joinAt = a.now.Add(joinWindow)
	}
}

// lapse takes a device for one that does not have the meeting's link any more, until it proves otherwise.
func (a *Agent) lapse(p *peer) {
	p.stranger, p.proveBy = true, time.Time{}
	a.watch.changed = true
	a.warn(p, "")
	if p.shut {
		return
	}
	a.drop(p, p.keys.endAll())
	a.endVerification(p, VerifyByThem)
	p.qr, p.untold = qrState{}, nil
	p.shared, p.owed = false, false
	p.dial, p.ask, p.data.held = dialState{}, askState{}, nil
	p.private = nil
	a.show(p, StateWrongSecret)
	a.rotateWithout(p.ref)
}

// secretReceived notes a member's new secret. It is acted upon at the end of the event, when nobody walks the peers.
func (a *Agent) secretReceived(p *peer, content []byte) error {
	m, err := parseSecret(content)
	if err != nil {
		return err
	}
	if a.outside != nil || !a.addressed(p, m.Call, m.SenderJoinID, m.RecipientJoinID) {
		return ErrOtherCall
	}
	if p.relinked.After(a.now.Add(relinkEvery)) || !a.relink.accepts.take(a.now) {
		return ErrTooMany
	}
	if p.relinked.Before(a.now) {
		p.relinked = a.now
	}
	p.relinked = p.relinked.Add(relinkEvery)
	a.relink.heard = append(a.relink.heard, heardSecret{p.ref, m})
	return nil
}

// takeSecrets acts on the secrets that were heard; whether there was any.
func (a *Agent) takeSecrets() bool {
	heard := a.relink.heard
	a.relink.heard = nil
	for _, h := range heard {
		if err := a.takeSecret(h); err != nil {
			a.fault(err)
		}
	}
	return len(heard) > 0
}

func (a *Agent) takeSecret(h heardSecret) error {
	next, err := newLink(h.Secret, a.config.Room)
	if err != nil {
		return err
	}
	if p := a.peers[h.from]; p == nil || !p.valid() {
		return ErrNotAdmitted
	}
	for b := range slices.Chunk(h.Removed, len(JoinID{})) {
		if err := a.removeJoin(JoinID(b), h.from); err != nil {
			a.fault(err) // of somebody who is not here, and whom the new link keeps out
		}
	}
	a.endJoins()
	r, change := &a.relink, h.Change
	switch ahead := change > r.change && change-r.change > maxChangeAhead; {
	case next.id == a.link.id:
		a.learnChange(next.id[:], change)
		a.emit(Prove{Proof: a.announcement.Proof}) // who tells us again has not seen it
		return nil
	case linkID(h.LinkID) == a.link.id: // it is in place of ours, so it is newer, whatever we were made to count
		change = max(change, r.change)
		if ahead {
			change = r.change + maxChangeAhead
		}
	case ahead:
		return fmt.Errorf("%w: change of the link", ErrMalformed)
	case change < r.change, change == r.change && bytes.Compare(next.tie[:], a.link.tie[:]) > 0:
		return nil // of two changes at once this is the one that does not count; its maker hears of the other
	}
	if linkID(h.LinkID) != a.link.id && slices.ContainsFunc(r.expelled, func(e expelled) bool { return e.mine && !due(e.until, a.now) }) {
		// Its maker did not have our link, so it may have told those whom we removed, in whatever join they are here now.
		r.change = change
		return a.changeAgain(next)
	}
	a.adopt(next, Secret(h.Secret), change, h.from)
	return nil
}

// changeAgain changes the link to a secret that we draw, in place of another member's. It is for those who were members to
// us and to that member: whom only we took for one may be somebody whom that member removed, come back by the old link.
func (a *Agent) changeAgain(other link) error {
	secret := make(Secret, SecretSize)
	if _, err := io.ReadFull(a.config.Rand, secret); err != nil {
		return err
	}
	next, err := newLink(secret, a.config.Room)
	if err != nil {
		return err
	}
	among := a.members()
	a.changeLink(secret, next, other.id)
	a.relink.via, a.relink.among = &other, among
	for _, ref := range among {
		a.tellVia(a.peers[ref])
	}
	return nil
}

// learnChange takes a member's word for how often the link was changed, if it is the same link.
func (a *Agent) learnChange(id []byte, change uint32) {
	r := &a.relink
	if !bytes.Equal(id, a.link.id[:]) || change <= r.change || change-r.change > maxChangeAhead {
		return
	}
	if r.learns.rate = relinksPerSec; r.learns.take(a.now) { // or the count could be driven to its end
		r.change = change
	}
}

// forgetLink ends what is left of the oldest link but ours.
func (a *Agent) forgetLink() {
	id := a.relink.old[0].id
	a.relink.old = a.relink.old[1:]
	for _, p := range a.order {
		if p.dev != nil && !p.shut {
			a.drop(p, p.keys.forget(id))
		}
	}
}

// Unproven is how many members have not shown yet that they have the link that we have.
func (a *Agent) Unproven() (n int) {
	for _, p := range a.order {
		if p.valid() && !p.proven {
			n++
		}
	}
	return n
}

func (a *Agent) runRelink() {
	for len(a.relink.old) > 0 && due(a.relink.old[0].until, a.now) {
		a.forgetLink()
	}
	for _, p := range a.order {
		if due(p.proveBy, a.now) {
			a.lapse(p)
		}
		if p.telling.left > 0 && due(p.telling.at, a.now) {
			a.tellSecret(p)
		}
	}
}

func (a *Agent) nextRelink() (t time.Time) {
	if len(a.relink.old) > 0 {
		t = a.relink.old[0].until
	}
	for _, p := range a.order {
		t = earlier(t, p.proveBy)
		if p.telling.left > 0 {
			t = earlier(t, p.telling.at)
		}
	}
	return t
}
