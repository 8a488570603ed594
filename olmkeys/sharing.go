package olmkeys

import (
	"io"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// The rhythm of answering requests.
const (
	answerEvery      = 2 * time.Second // one device
	answersPerSecond = 20              // all devices
)

// sealWith starts using the generation and index now sealed with, for media and for data.
func (a *Agent) sealWith() {
	g := a.sender.sealing()
	kid := mediacrypt.NewKeyID(g.number, uint16(g.ratchet.Counter))
	if a.sealer != nil && kid <= a.sealer.KID() {
		// Counters start at 0 for each SealWith: the same KID again would be the same nonces again.
		panic("olmkeys: sealing again under a KID that was used")
	}
	a.emit(SealWith{KID: uint64(kid), BaseKey: a.sender.base(labelMedia)})
	sealer, err := mediacrypt.NewSealer(kid, a.sender.base(labelData).Media())
	if err != nil {
		panic("olmkeys: " + err.Error()) // only for a KID wider than 48 bits
	}
	a.sealer = sealer
}

// rotate makes a generation for those who are here. It closes what is sent switchDelay later to those who are not. Whoever
// was asleep when it was due has waited already: nobody who has left opens what we say after waking.
func (a *Agent) rotate() {
	var late time.Duration
	if due(a.rotateAt, a.now) {
		late = a.now.Sub(a.rotateAt)
		a.rotateAt, a.sender.rotated = time.Time{}, a.now
	}
	to := a.holders() // also who has just joined: nothing was sealed with this generation yet
	if err := a.sender.rotate(a.now, to); err != nil {
		a.fault(err)
		return
	}
	a.sender.newest().hasten(late)
	a.shareWith(to)
}

// advance steps the ratchet that is sealed with; those who hold it follow by themselves.
func (a *Agent) advance() {
	if !a.sender.advance(a.now) {
		a.rotate()
		return
	}
	if a.sender.newest() == a.sender.sealing() {
		a.sealWith()
	}
}

// joinAdvance gives the sender key to those who joined, one advance for all of them.
func (a *Agent) joinAdvance() {
	a.joinAt = time.Time{}
	var to []Ref
	for _, ref := range a.holders() {
		if !a.sender.holds(ref) {
			to = append(to, ref)
		}
	}
	if len(to) > 0 {
		a.shareWith(to)
	}
}

// shareWith addresses the newest generation to the devices, and sends it to those with whom there is a session. The
// others get it as soon as there is one.
func (a *Agent) shareWith(to []Ref) {
	s, ok := a.newestState(to)
	if !ok {
		return
	}
	for _, ref := range to {
		p := a.peers[ref]
		p.owed = true
		a.sendShare(p, s)
	}
}

// newestState advances where the ratchet's holders require it, and seals with the new index where it is in use.
func (a *Agent) newestState(to []Ref) (shareState, bool) {
	s, advanced, ok := a.sender.share(a.now, a.sender.newest(), to)
	if !ok {
		// No further index: a new generation, for the members and for these.
		if err := a.sender.rotate(a.now, a.holders()); err != nil {
			a.fault(err)
			return shareState{}, false
		}
		for _, ref := range a.holders() {
			a.peers[ref].owed = true
		}
		a.deliverAll()
		return shareState{}, false
	}
	if advanced && a.sender.newest() == a.sender.sealing() {
		a.sealWith()
	}
	return s, true
}

func (a *Agent) deliverAll() {
	for _, p := range a.order {
		if p.mayHold() && p.owed {
			a.deliver(p)
		}
	}
}

// deliver sends what is owed to a peer with whom there is a session now.
func (a *Agent) deliver(p *peer) {
	if s, ok := a.newestState([]Ref{p.ref}); ok {
		a.sendShare(p, s)
	}
}

// sendShare wraps and encrypts a share. Without a session it stays owed.
func (a *Agent) sendShare(p *peer, s shareState) {
	session := p.sessions.usable()
	if session == nil {
		return
	}
	if p.kemOut == nil {
		p.kemOut = encapsulate(p.dev, a.self)
	}
	m := shareMessage{
		V: messageVersion, Room: a.config.Room, Call: a.config.Call[:],
		SenderJoinID: a.self.JoinID[:], RecipientJoinID: p.ref.JoinID[:],
		LinkID: s.link[:], Generation: s.generation, Index: s.index,
		R: make(Bytes, freshSize), KEMID: p.kemOut.id[:], SeenKEMID: p.seenKEM(),
	}
	if s.link == a.link.id {
		m.Change = a.relink.change
	}
	if _, err := io.ReadFull(a.config.Rand, m.R); err != nil {
		a.fault(err) // without fresh bytes nothing is sent; it stays owed
		return
	}
	if !p.kemNamed {
		m.CT = p.kemOut.ct
	}
	m.State = p.kemOut.seal(m.R, s)
	if !a.send(p, session, typeShare, m) {
		return
	}
	p.owed, p.shared, p.sharedAt = false, true, a.now
	if p.state == StateWaiting {
		a.showHealthy(p)
	}
}

// request asks a peer for its sender key, or plans a dial if there is no session to ask on.
func (a *Agent) request(p *peer) {
	session := p.sessions.usable()
	if session == nil {
		p.ask.unsent = true
		p.dial.plan(a.now)
		return
	}
	p.ask.unsent = false
	m := requestMessage{
		V: messageVersion, Call: a.config.Call[:],
		SenderJoinID: a.self.JoinID[:], RecipientJoinID: p.ref.JoinID[:], KEMID: p.seenKEM(),
	}
	if generation, index, ok := p.keys.newest(); ok {
		m.Generation, m.Index = &generation, &index
	}
	a.send(p, session, typeRequest, m)
}

func (a *Agent) send(p *peer, session *pairSession, kind string, m any) bool {
	content, err := encodeMessage(m)
	if err == nil {
		content, err = sealPayload(a.account, a.self.User, p.dev, kind, content)
	}
	var e Envelope
	if err == nil {
		e.Olm, e.Body, err = session.encrypt(content)
	}
	if err != nil {
		a.fault(err)
		return false
	}
	e.SenderKey = string(curveID(a.account.curve25519[:]))
	a.messages = append(a.messages, OutgoingMessage{To: p.ref, Envelope: e})
	return true
}

// answer sends a peer who asked the newest generation, and the one still sealed with if it was a holder of that.
func (a *Agent) answer(p *peer) {
	if !a.answers.take(a.now) {
		p.answerAt = a.answers.ready(a.now)
		return
	}
	p.answerAt = time.Time{}
	if g := a.sender.sealing(); g != a.sender.newest() {
		if s, _, ok := a.sender.share(a.now, g, []Ref{p.ref}); ok {
			a.sendShare(p, s)
		}
	}
	p.owed = true
	a.deliver(p)
	a.missed()
}

// install gives keys to the frames' key ring and to our own opener of data frames.
func (a *Agent) install(p *peer, keys []keyChange) {
	for _, k := range keys {
		if err := p.opener.Add(k.kid, k.data.Media()); err != nil {
			a.fault(err)
			continue
		}
		a.emit(OpenWith{From: p.ref, KID: uint64(k.kid), BaseKey: k.media})
	}
	if len(keys) > 0 {
		a.retryData(p)
	}
}

func (a *Agent) drop(p *peer, kids []mediacrypt.KeyID) {
	for _, kid := range kids {
		p.opener.Drop(kid)
		a.emit(DropKey{From: p.ref, KID: uint64(kid)})
	}
}
