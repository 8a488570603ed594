package olmkeys

import (
	"bytes"
	"errors"
)

// seenKEM names the newest ciphertext of the peer that we hold, so that it need not send it again.
func (p *peer) seenKEM() Bytes {
	if len(p.kemIn) == 0 {
		return nil
	}
	return bytes.Clone(p.kemIn[len(p.kemIn)-1].id[:])
}

// maxEnvelope bounds an Olm message: what the relay takes.
const maxEnvelope = 16 << 10

// messageReceived: an Olm message, From as the server says.
func (a *Agent) messageReceived(from Ref, e Envelope) {
	if len(e.Body) > maxEnvelope {
		a.fault(ErrMalformed)
		return
	}
	if _, left := a.gone[from]; left || from == a.self {
		a.fault(ErrReplaced)
		return
	}
	p := a.peers[from]
	if p != nil && p.stranger {
		a.fault(ErrNotAdmitted) // unless it has a secret that is on its way to us
	}
	if p == nil || p.stranger {
		a.holdEarly(from, e)
		return
	}
	if p = a.admitted(from); p != nil {
		a.receive(p, e)
	}
}

func (a *Agent) receive(p *peer, e Envelope) {
	if e.SenderKey != string(curveID(p.dev.curve25519[:])) {
		a.fault(ErrEnvelope)
		return
	}
	plaintext, err := p.sessions.decrypt(a.account, p.dev.curve25519[:], e)
	if err != nil {
		a.fault(err)
		a.redial(p)
		return
	}
	p.dial.backoff = 0
	p.answered(p.sessions.usable())
	a.noteFallback()
	m, err := parsePayload(plaintext)
	if err == nil {
		err = m.check(a.account, a.self, p.dev)
	}
	if err == nil {
		switch m.kind {
		case typeShare:
			err = a.shareReceived(p, m.content)
		case typeRequest:
			err = a.requestReceived(p, m.content)
		case typeScanned:
			err = a.scannedReceived(p, m.content)
		case typeData:
			err = a.privateReceived(p, m.content)
		case typeSecret:
			err = a.secretReceived(p, m.content)
		default:
			if isVerification(m.kind) {
				err = a.verificationReceived(p, m.kind, m.content)
			} else {
				err = ErrMessageType
			}
		}
	}
	if err != nil {
		a.fault(err)
	}
	// The peer may have dialled; now there is a session for what had to wait.
	a.sendWaiting(p)
	if p.ask.unsent && p.ask.lacking(&p.keys) {
		a.request(p)
	}
}

// sendWaiting sends what waited for a session.
func (a *Agent) sendWaiting(p *peer) {
	if p.telling.left == maxTells {
		a.tellSecret(p)
	}
	if p.owed {
		a.deliver(p)
	}
	a.tellRest(p)
	a.sendPrivate(p)
}

// addressed checks that a message is from this peer's join to ours, in this call.
func (a *Agent) addressed(p *peer, call, sender, recipient []byte) bool {
	return bytes.Equal(call, a.config.Call[:]) && bytes.Equal(sender, p.ref.JoinID[:]) && bytes.Equal(recipient, a.self.JoinID[:])
}

func (a *Agent) shareReceived(p *peer, content []byte) error {
	if a.outside != nil {
		return ErrKeySource
	}
	m, err := parseShare(content)
	if err != nil {
		return err
	}
	if m.Room != a.config.Room || !a.addressed(p, m.Call, m.SenderJoinID, m.RecipientJoinID) {
		return ErrOtherCall
	}
	a.namedKEM(p, m.SeenKEMID)
	secret, err := a.kemSecretFor(p, kemID(m.KEMID), m.CT)
	if err != nil {
		p.ask.unknown(a.now, m.Generation, unknownPatience) // a request without kem_id brings the ciphertext
		return err
	}
	s, err := secret.open(m.R, m.State, m.Generation, m.Index)
	if err != nil {
		return err
	}
	if !p.hasKEM(secret.id) {
		p.kemIn = append(p.kemIn, secret)
		p.kemIn = p.kemIn[max(0, len(p.kemIn)-maxKEMSecrets):]
	}
	s.link = linkID(m.LinkID)
	if s.link == a.link.id && !p.proven {
		p.ask.unknown(a.now, m.Generation, unknownPatience) // its proof is late; if it lapses, its keys end for good
		return ErrNotAdmitted
	}
	install, drop, err := p.keys.addShare(a.now, s)
	a.drop(p, drop)
	if errors.Is(err, ErrOtherLink) {
		p.ask.unknown(a.now, m.Generation, unknownPatience) // no key is tried on it: when we have that link, we ask
	}
	if err != nil {
		return err
	}
	again := p.ask.vain > 1 // asked in vain, and answers now
	a.learnChange(m.LinkID, m.Change)
	p.ask.answered()
	if again {
		a.hurry()
	}
	a.install(p, install)
	a.showHealthy(p)
	return nil
}

func (p *peer) hasKEM(id kemID) bool {
	for _, k := range p.kemIn {
		if k.id == id {
			return true
		}
	}
	return false
}

// kemSecretFor finds the secret that a share names, or makes it of the ciphertext that came along.
func (a *Agent) kemSecretFor(p *peer, id kemID, ct []byte) (*kemSecret, error) {
	for _, k := range p.kemIn {
		if k.id == id {
			return k, nil
		}
	}
	if ct == nil {
		return nil, ErrUnwrap
	}
	return decapsulate(a.kem, ct, p.ref, a.self, a.config.Room, a.config.Call)
}

// namedKEM notes which of our ciphertexts the peer holds.
func (a *Agent) namedKEM(p *peer, id []byte) {
	if p.kemOut != nil && bytes.Equal(id, p.kemOut.id[:]) {
		p.kemNamed = true
	}
}

func (a *Agent) requestReceived(p *peer, content []byte) error {
	m, err := parseRequest(content)
	if err != nil {
		return err
	}
	if !a.addressed(p, m.Call, m.SenderJoinID, m.RecipientJoinID) {
		return ErrOtherCall
	}
	if a.outside != nil {
		return nil // it came to put a new session to use
	}
	p.kemNamed = false
	a.namedKEM(p, m.KEMID)
	if !p.proven {
		return nil // it is told the secret, if it may know it; a key it gets when it has proven
	}
	if p.owed || !a.sender.holds(p.ref) && !a.joinAt.IsZero() {
		return nil // it gets what it asks for anyway, now or with the join advance
	}
	if p.answerAt.IsZero() {
		p.answerAt = a.now
		if pause := p.sharedAt.Add(answerEvery); p.shared && pause.After(a.now) {
			p.answerAt = pause
		}
	}
	return nil
}
