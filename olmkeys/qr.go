package olmkeys

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A QR code carries what the emoji stand for: whoever scans it from the other's screen has the hashes of both devices'
// call_keys from there and not from the server. The secret in it says which scan it was, to the device that showed it;
// whether it was the right person who scanned, that device's person must say.
const (
	qrPrefix     = "grotto:v1:"
	qrSecretSize = 16
	qrSize       = 2*sha256.Size + qrSecretSize
	typeScanned  = "grotto.qr.scanned"
)

// qrState is the code that we show a peer, and its scan of an earlier one that our person has yet to confirm.
type qrState struct {
	code       []byte // the secret in it; nil: none is shown, or it was scanned
	until      time.Time
	asked      bool
	askedUntil time.Time
}

// settle ends the waiting for our person.
func (q *qrState) settle() { q.asked, q.askedUntil = false, time.Time{} }

// qrCode is the content of a code.
type qrCode struct {
	shower, scanner [sha256.Size]byte // SHA-256(call_keys)
	secret          [qrSecretSize]byte
}

func (c *qrCode) String() string {
	b := slices.Concat(c.shower[:], c.scanner[:], c.secret[:])
	return qrPrefix + secretEncoding.EncodeToString(b)
}

func parseQR(text string) (c qrCode, err error) {
	encoded, ok := strings.CutPrefix(text, qrPrefix)
	b, err := secretEncoding.DecodeString(encoded)
	if !ok || err != nil || len(b) != qrSize || len(encoded) != secretEncoding.EncodedLen(qrSize) {
		return c, fmt.Errorf("%w: QR code", ErrMalformed)
	}
	r := byteReader{rest: b}
	copy(c.shower[:], r.take(len(c.shower)))
	copy(c.scanner[:], r.take(len(c.scanner)))
	copy(c.secret[:], r.take(len(c.secret)))
	return c, nil
}

// scannedMessage tells the device whose code was scanned.
type scannedMessage struct {
	V               int   `json:"v"`
	Call            Bytes `json:"call"`
	SenderJoinID    Bytes `json:"sender_join_id"`
	RecipientJoinID Bytes `json:"recipient_join_id"`
	Secret          Bytes `json:"secret"`
}

func parseScanned(b []byte) (m scannedMessage, err error) {
	o, err := parseObject(b)
	if err != nil {
		return m, err
	}
	m = scannedMessage{
		V:               int(o.u32("v")),
		Call:            o.bytes("call", len(CallID{})),
		SenderJoinID:    o.bytes("sender_join_id", len(JoinID{})),
		RecipientJoinID: o.bytes("recipient_join_id", len(JoinID{})),
		Secret:          o.bytes("secret", qrSecretSize),
	}
	if m.V != messageVersion && o.err == nil {
		o.fail("v")
	}
	return m, o.done()
}

func (a *Agent) ownHash() [sha256.Size]byte { return sha256.Sum256(a.announcement.CallKeys) }

// qrWanted makes a code for one device and one scan, in place of the one before.
func (a *Agent) qrWanted(with Ref) {
	p := a.admitted(with)
	if p == nil {
		return
	}
	c := qrCode{shower: a.ownHash(), scanner: p.dev.hash}
	if _, err := io.ReadFull(a.config.Rand, c.secret[:]); err != nil {
		a.fault(err)
		return
	}
	p.qr.code, p.qr.until = bytes.Clone(c.secret[:]), a.now.Add(verifyLife)
	a.emit(QR{With: p.ref, Text: c.String()})
}

// qrScanned compares what the other's screen says with what the server said.
func (a *Agent) qrScanned(ev QRScanned) {
	p := a.admitted(ev.With)
	if p == nil {
		return
	}
	a.leaveRun(p)
	p.qr.settle()
	c, err := parseQR(ev.Text)
	if err != nil {
		// Some other code was in front of the camera: nothing is said about the device.
		a.emit(Verification{With: p.ref, State: VerifyCancelled, Reason: VerifyBadFormat})
		return
	}
	own := a.ownHash()
	if subtle.ConstantTimeCompare(c.shower[:], p.dev.hash[:])&subtle.ConstantTimeCompare(c.scanner[:], own[:]) != 1 {
		a.verificationFailed(p, VerifyDiffers)
		return
	}
	a.tell(p, typeScanned, scannedMessage{
		V: messageVersion, Call: a.config.Call[:], SenderJoinID: a.self.JoinID[:], RecipientJoinID: p.ref.JoinID[:], Secret: c.secret[:],
	})
	a.verified(p)
	a.emit(Verification{With: p.ref, State: VerifyDone})
}

// scannedReceived: the device has scanned our code. Our person must confirm that the right one did: a code on a screen
// can be photographed from afar.
func (a *Agent) scannedReceived(p *peer, content []byte) error {
	m, err := parseScanned(content)
	switch {
	case err != nil:
		return err
	case !a.addressed(p, m.Call, m.SenderJoinID, m.RecipientJoinID):
		return ErrOtherCall
	case p.qr.code == nil || subtle.ConstantTimeCompare(m.Secret, p.qr.code) != 1:
		return ErrVerification
	}
	a.leaveRun(p)
	p.qr = qrState{asked: true, askedUntil: a.now.Add(verifyLife)}
	a.emit(Verification{With: p.ref, State: VerifyCompare})
	return nil
}

func (a *Agent) qrConfirmed(p *peer) {
	p.qr = qrState{}
	a.verified(p)
	a.emit(Verification{With: p.ref, State: VerifyDone})
}

// leaveRun ends a verification by emoji in favour of a code.
func (a *Agent) leaveRun(p *peer) {
	if p.sas != nil {
		a.tell(p, typeVerifyCancel, cancelMessage{Code: cancelUser, Reason: cancelReasons[cancelUser], Transaction: p.sas.exchange.transaction})
		p.sas = nil
	}
}
