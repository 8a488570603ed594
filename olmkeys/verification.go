package olmkeys

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hmac"
	"errors"
	"io"
	"slices"
	"time"
)

// verifyLife is how long a verification may take from its request on (Matrix, "m.key.verification.request").
const verifyLife = 10 * time.Minute

// requestsPerSecond bounds how often a device can call upon our person.
const requestsPerSecond = 5

// sasState is what a run waits for.
type sasState int

const (
	sasAsking    sasState = iota // we asked; for their ready
	sasAsked                     // they asked; for our person
	sasReady                     // we agreed; for their start
	sasStarted                   // we sent the start; for their accept
	sasAccepted                  // we sent the accept; for their key
	sasCommitted                 // we have their commitment and sent our key; for their key
	sasCompare                   // our person compares; for our person, and for their MAC
	sasSettled                   // both are there, and right; for their done
)

// sasRun is one verification with one peer by emoji, from the request to its end. Who sends the start is not always
// who asked.
type sasRun struct {
	exchange   sasExchange
	state      sasState
	until      time.Time
	starter    bool
	start      startMessage
	private    *ecdh.PrivateKey
	commitment []byte // theirs, if we started
	matched    bool   // our person said so, and our MAC is sent
	theirMAC   bool   // has come, and is right
}

// verifyStep does what our person wants.
func (a *Agent) verifyStep(ev Verify) {
	p := a.admitted(ev.With)
	if p == nil {
		return
	}
	r := p.sas
	switch ev.Step {
	case VerifyRequest:
		switch {
		case r == nil:
			p.qr.settle()
			a.askToVerify(p)
		case r.state == sasAsked:
			r.state = sasReady
			a.tell(p, typeVerifyReady, verifyReadyMessage{FromDevice: a.self.Device, Methods: []string{methodSAS}, Transaction: r.exchange.transaction})
			a.emit(Verification{With: p.ref, State: VerifyWaiting})
		}
	case VerifyMatch:
		switch {
		case r != nil && r.state == sasCompare && !r.matched:
			a.sendMACs(p)
		case r == nil && p.qr.asked:
			a.qrConfirmed(p)
		}
	case VerifyMismatch:
		// Whatever the other side made of the run meanwhile: a person saw that something is wrong.
		p.qr = qrState{}
		if r != nil {
			a.failVerification(p, cancelSAS, VerifyDiffers)
		} else {
			a.verificationFailed(p, VerifyDiffers)
		}
	case VerifyCancel:
		switch {
		case r != nil:
			a.failVerification(p, cancelUser, VerifyByUs)
		case p.qr.asked:
			p.qr = qrState{}
			a.verificationFailed(p, VerifyByUs)
		}
	default:
		a.fault(ErrMalformed)
	}
}

func (a *Agent) askToVerify(p *peer) {
	var id [16]byte
	if _, err := io.ReadFull(a.config.Rand, id[:]); err != nil {
		a.fault(err)
		return
	}
	r := &sasRun{state: sasAsking, until: a.now.Add(verifyLife)}
	r.exchange.transaction = secretEncoding.EncodeToString(id[:])
	p.sas = r
	a.tell(p, typeVerifyRequest, verifyRequestMessage{FromDevice: a.self.Device, Methods: []string{methodSAS},
		Timestamp: uint64(max(0, a.now.UnixMilli())), Transaction: r.exchange.transaction})
	a.emit(Verification{With: p.ref, State: VerifyWaiting})
}

// failVerification ends a run and tells the other side why.
func (a *Agent) failVerification(p *peer, code cancelCode, reason VerifyReason) {
	a.tell(p, typeVerifyCancel, cancelMessage{Code: code, Reason: cancelReasons[code], Transaction: p.sas.exchange.transaction})
	p.sas = nil
	a.verificationFailed(p, reason)
}

// verificationFailed tells our person. What was verified before is so no longer if somebody may stand in between, or if
// the other side does not keep to the protocol. A server can make it look so by dropping a message, and cannot make
// anything look verified: it is for the people to compare again.
func (a *Agent) verificationFailed(p *peer, reason VerifyReason) {
	if reason == VerifyDiffers || reason == VerifyBadFormat {
		a.unverified(p)
	}
	a.emit(Verification{With: p.ref, State: VerifyCancelled, Reason: reason})
}

// endVerification is for a peer that departs or is blocked.
func (a *Agent) endVerification(p *peer, reason VerifyReason) {
	if p.sas != nil || p.qr.asked {
		p.sas, p.qr = nil, qrState{}
		a.verificationFailed(p, reason)
	}
}

func (a *Agent) runVerification(p *peer) {
	if p.sas != nil && due(p.sas.until, a.now) {
		a.failVerification(p, cancelTimeout, VerifyTimeout)
	}
	if due(p.qr.until, a.now) {
		p.qr.code, p.qr.until = nil, time.Time{}
	}
	if due(p.qr.askedUntil, a.now) {
		p.qr.settle()
		a.verificationFailed(p, VerifyTimeout)
	}
}

// verificationNext is when runVerification has something to do.
func (p *peer) verificationNext() time.Time {
	t := earlier(p.qr.until, p.qr.askedUntil)
	if p.sas != nil {
		t = earlier(t, p.sas.until)
	}
	return t
}

// The ways in which a message ends a run, beside errors of its format.
var (
	errVerifyUnexpected = errors.New("olmkeys: verification message out of turn")
	errVerifyMethod     = errors.New("olmkeys: verification method not in common")
	errVerifyKeys       = errors.New("olmkeys: verified keys differ")
	errVerifyCommitment = errors.New("olmkeys: verification commitment differs")
)

// verificationReceived takes a message of a peer's. One of no run of ours is dropped, and not answered: it is old.
func (a *Agent) verificationReceived(p *peer, kind string, content []byte) error {
	if kind == typeVerifyRequest {
		return a.verifyRequestReceived(p, content)
	}
	id, err := transactionOf(content)
	if err != nil {
		return err
	}
	r := p.sas
	if r == nil || id != r.exchange.transaction {
		return errNoRun
	}
	switch kind {
	case typeVerifyReady:
		err = a.readyReceived(p, r, content)
	case typeVerifyStart:
		err = a.startReceived(p, r, content)
	case typeVerifyAccept:
		err = a.acceptReceived(p, r, content)
	case typeVerifyKey:
		err = a.keyReceived(p, r, content)
	case typeVerifyMAC:
		err = a.macReceived(p, r, content)
	case typeVerifyDone:
		err = a.doneReceived(p, r, content)
	case typeVerifyCancel:
		return a.cancelReceived(p, content)
	default:
		return ErrMessageType
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errVerifyKeys):
		a.failVerification(p, cancelKeys, VerifyDiffers)
	case errors.Is(err, errVerifyCommitment):
		a.failVerification(p, cancelCommitment, VerifyDiffers)
	case errors.Is(err, errVerifyMethod):
		a.failVerification(p, cancelUnknownMethod, VerifyBadFormat)
	case errors.Is(err, errVerifyUnexpected):
		a.failVerification(p, cancelUnexpected, VerifyBadFormat)
	default:
		a.failVerification(p, cancelInvalid, VerifyBadFormat)
	}
	return ErrVerification
}

// verifyRequestReceived: the device's person wants to compare. The time in it is not looked at: a message lives no
// longer than the join that it is for, and clocks differ.
func (a *Agent) verifyRequestReceived(p *peer, content []byte) error {
	m, err := parseVerifyRequest(content)
	if err != nil {
		return err
	}
	if m.FromDevice != p.ref.Device {
		return ErrVerification
	}
	p.requests.rate = requestsPerSecond
	if !p.requests.take(a.now) {
		return ErrTooMany
	}
	r := p.sas
	both := r != nil && r.state == sasAsking
	if both && dialsFirst(a.self, p.ref) { // whose counts of two that crossed (Matrix says so of starts)
		return nil // ours: it will say that it is ready
	}
	if r != nil && r.exchange.transaction == m.Transaction {
		a.failVerification(p, cancelUnexpected, VerifyBadFormat)
		return ErrVerification
	}
	// A device asks anew only when its earlier run has ended, so ours has, too.
	p.qr.settle()
	p.sas = &sasRun{state: sasAsked, until: a.now.Add(verifyLife)}
	p.sas.exchange.transaction = m.Transaction
	if !slices.Contains(m.Methods, methodSAS) {
		a.failVerification(p, cancelUnknownMethod, VerifyByThem)
		return nil
	}
	if both {
		a.verifyStep(Verify{With: p.ref, Step: VerifyRequest}) // our person has agreed by asking
		return nil
	}
	a.emit(Verification{With: p.ref, State: VerifyRequested})
	return nil
}

func (a *Agent) readyReceived(p *peer, r *sasRun, content []byte) error {
	m, err := parseVerifyReady(content)
	switch {
	case err != nil:
		return err
	case m.FromDevice != p.ref.Device || r.state != sasAsking:
		return errVerifyUnexpected
	case !slices.Contains(m.Methods, methodSAS):
		return errVerifyMethod
	}
	r.state, r.starter = sasStarted, true
	r.start = startMessage{
		FromDevice: a.self.Device, Hashes: []string{sasHash}, KeyAgreements: []string{sasAgreement}, MACs: []string{sasMAC},
		Method: methodSAS, SAS: []string{sasDecimal, sasEmoji}, Transaction: r.exchange.transaction,
	}
	a.tell(p, typeVerifyStart, r.start)
	return nil
}

func (a *Agent) startReceived(p *peer, r *sasRun, content []byte) error {
	m, err := parseStart(content)
	switch {
	case err != nil:
		return err
	case m.FromDevice != p.ref.Device:
		return errVerifyUnexpected
	case r.state == sasStarted && dialsFirst(a.self, p.ref):
		return nil // both started, and the smaller one's counts (Matrix, "m.key.verification.start")
	case r.state != sasReady && r.state != sasStarted:
		return errVerifyUnexpected
	case !m.speaks():
		return errVerifyMethod
	}
	if r.private, err = newSASKey(a.config.Rand); err != nil {
		a.fault(err)
		return err
	}
	r.state, r.starter, r.start = sasAccepted, false, m
	r.exchange.starter, r.exchange.accepter = sideOf(p.ref), sideOf(a.self)
	r.exchange.accepter.public = [curve25519Size]byte(r.private.PublicKey().Bytes())
	sum := commitment(r.exchange.accepter.public, m.canonical())
	a.tell(p, typeVerifyAccept, acceptMessage{
		Commitment: sum[:], Hash: sasHash, KeyAgreement: sasAgreement, MAC: sasMAC, SAS: []string{sasDecimal, sasEmoji},
		Transaction: r.exchange.transaction,
	})
	return nil
}

func (a *Agent) acceptReceived(p *peer, r *sasRun, content []byte) error {
	m, err := parseAccept(content)
	switch {
	case err != nil:
		return err
	case r.state != sasStarted:
		return errVerifyUnexpected
	case !m.chose():
		return errVerifyMethod
	}
	if r.private, err = newSASKey(a.config.Rand); err != nil {
		a.fault(err)
		return err
	}
	r.state, r.commitment = sasCommitted, m.Commitment
	r.exchange.starter, r.exchange.accepter = sideOf(a.self), sideOf(p.ref)
	r.exchange.starter.public = [curve25519Size]byte(r.private.PublicKey().Bytes())
	a.sendKey(p, r)
	return nil
}

func (a *Agent) sendKey(p *peer, r *sasRun) {
	a.tell(p, typeVerifyKey, keyMessage{Key: r.private.PublicKey().Bytes(), Transaction: r.exchange.transaction})
}

func (a *Agent) keyReceived(p *peer, r *sasRun, content []byte) error {
	m, err := parseKey(content)
	switch {
	case err != nil:
		return err
	case r.state != sasAccepted && r.state != sasCommitted:
		return errVerifyUnexpected
	}
	own, theirs := r.exchange.sides(r.starter)
	theirs.public = [curve25519Size]byte(m.Key)
	if theirs.public == own.public {
		return errVerifyKeys // ours, sent back
	}
	if r.starter {
		if sum := commitment(theirs.public, r.start.canonical()); !bytes.Equal(sum[:], r.commitment) {
			return errVerifyCommitment
		}
	}
	if r.exchange.shared, err = sasShared(r.private, m.Key); err != nil {
		return err
	}
	if !r.starter {
		a.sendKey(p, r) // only now that theirs is fixed, too
	}
	r.state, r.private = sasCompare, nil
	b := r.exchange.bytes()
	a.emit(Verification{With: p.ref, State: VerifyCompare, Emoji: emojiOf(b), Decimal: decimalOf(b)})
	return nil
}

// sendMACs: our person saw the same emoji, so we tell the other device our key under what it agreed with us.
func (a *Agent) sendMACs(p *peer) {
	r := p.sas
	own, theirs := r.exchange.sides(r.starter)
	key, keys := r.exchange.macs(own, theirs, a.account.ed25519)
	a.tell(p, typeVerifyMAC, macMessage{Keys: keys, MAC: map[string]Bytes{keyIDPrefix + own.device: key}, Transaction: r.exchange.transaction})
	r.matched = true
	a.emit(Verification{With: p.ref, State: VerifyWaiting})
	a.settle(p, r)
}

func (a *Agent) macReceived(p *peer, r *sasRun, content []byte) error {
	m, err := parseMAC(content, p.ref.Device)
	switch {
	case err != nil:
		return err
	case r.state != sasCompare || r.theirMAC:
		return errVerifyUnexpected
	}
	own, theirs := r.exchange.sides(r.starter)
	key, keys := r.exchange.macs(theirs, own, p.dev.ed25519)
	if !hmac.Equal(m.Keys, keys) || !hmac.Equal(m.MAC[keyIDPrefix+p.ref.Device], key) {
		return errVerifyKeys
	}
	r.theirMAC = true
	a.settle(p, r)
	return nil
}

// settle tells the other side that we are done, once we are: its answer is what makes it verified.
func (a *Agent) settle(p *peer, r *sasRun) {
	if r.matched && r.theirMAC {
		r.state = sasSettled
		a.tell(p, typeVerifyDone, doneMessage{Transaction: r.exchange.transaction})
	}
}

func (a *Agent) doneReceived(p *peer, r *sasRun, content []byte) error {
	if _, err := parseDone(content); err != nil {
		return err
	}
	if r.state != sasSettled {
		return errVerifyUnexpected
	}
	p.sas = nil
	a.verified(p)
	a.emit(Verification{With: p.ref, State: VerifyDone})
	return nil
}

func (a *Agent) cancelReceived(p *peer, content []byte) error {
	m, err := parseCancel(content)
	if err != nil {
		return err
	}
	p.sas = nil
	a.verificationFailed(p, m.Code.reason())
	return nil
}
