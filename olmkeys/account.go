package olmkeys

import (
	"encoding/base64"
	"fmt"
	"slices"

	"maunium.net/go/mautrix/crypto/goolm/account"
	"maunium.net/go/mautrix/crypto/goolm/session"
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"
)

// How many one-time keys the server holds for us. An account keeps 100 and silently loses the oldest beyond, so half
// of them may be on their way, claimed and not yet used, while the server has the other half.
const (
	oneTimeKeysTarget = 50
	oneTimeKeysLow    = 25
	maxKeyIDSize      = 64
)

// ownAccount is our Olm account: the identity keys, one-time keys and fallback key. It is the only part that signs,
// and with [pairSession] the only part that touches goolm's Olm.
type ownAccount struct {
	olm          *account.Account
	ed25519      [ed25519Size]byte
	curve25519   [curve25519Size]byte
	fallbackUsed bool
}

func newOwnAccount() (*ownAccount, error) {
	acc, err := account.NewAccount()
	if err != nil {
		return nil, fmt.Errorf("olmkeys: new account: %w", err)
	}
	if err := acc.GenFallbackKey(); err != nil {
		return nil, fmt.Errorf("olmkeys: new account: %w", err)
	}
	return &ownAccount{
		olm:        acc,
		ed25519:    [ed25519Size]byte(acc.IdKeys.Ed25519.PublicKey),
		curve25519: [curve25519Size]byte(acc.IdKeys.Curve25519.PublicKey),
	}, nil
}

// use signs with a kept identity from here on; nothing may have been signed yet.
func (o *ownAccount) use(i *Identity) {
	o.olm.IdKeys.Ed25519 = i.keys()
	o.ed25519 = [ed25519Size]byte(o.olm.IdKeys.Ed25519.PublicKey)
}

func (o *ownAccount) sign(message []byte) []byte {
	sig, err := o.olm.IdKeys.Ed25519.Sign(message)
	if err != nil {
		panic("olmkeys: signing: " + err.Error()) // no input makes Ed25519 fail
	}
	return sig
}

// signedKeyMessage is Matrix's canonical JSON of a one-time key, so that the same signature serves in a Matrix room.
func signedKeyMessage(key []byte, fallback bool) []byte {
	if fallback {
		return []byte(`{"fallback":true,"key":"` + base64.RawStdEncoding.EncodeToString(key) + `"}`)
	}
	return []byte(`{"key":"` + base64.RawStdEncoding.EncodeToString(key) + `"}`)
}

func (o *ownAccount) signedKey(keyID string, key []byte, fallback bool) SignedKey {
	return SignedKey{KeyID: keyID, Key: key, Sig: o.sign(signedKeyMessage(key, fallback)), Fallback: fallback}
}

// newOneTimeKeys makes n keys, or as many as the account has room for.
func (o *ownAccount) newOneTimeKeys(n int) ([]SignedKey, error) {
	n = min(n, account.MaxOneTimeKeys-len(o.olm.OTKeys))
	if n <= 0 {
		return nil, nil
	}
	if err := o.olm.GenOneTimeKeys(uint(n)); err != nil {
		return nil, fmt.Errorf("olmkeys: one-time keys: %w", err)
	}
	keys := make([]SignedKey, 0, n)
	for _, k := range slices.Backward(o.olm.OTKeys[:n]) { // the account puts new ones in front
		keys = append(keys, o.signedKey(k.KeyIDEncoded(), k.Key.PublicKey, false))
	}
	o.olm.MarkKeysAsPublished()
	return keys, nil
}

func (o *ownAccount) fallbackKey() SignedKey {
	k := o.olm.CurrentFallbackKey
	return o.signedKey(k.KeyIDEncoded(), k.Key.PublicKey, true)
}

// rotateFallbackKey makes a new fallback key; the one before stays good until forgetOldFallbackKey.
func (o *ownAccount) rotateFallbackKey() (SignedKey, error) {
	if err := o.olm.GenFallbackKey(); err != nil {
		return SignedKey{}, fmt.Errorf("olmkeys: fallback key: %w", err)
	}
	o.fallbackUsed = false
	return o.fallbackKey(), nil
}

func (o *ownAccount) forgetOldFallbackKey() { o.olm.ForgetOldFallbackKey() }

// dial starts a session with a device whose signed one-time key the server handed out.
func (o *ownAccount) dial(d *device, key SignedKey) (*pairSession, error) {
	if len(key.KeyID) > maxKeyIDSize || !validCurve25519(key.Key) ||
		!verify(d.ed25519[:], signedKeyMessage(key.Key, key.Fallback), key.Sig) {
		return nil, ErrSignedKey
	}
	s, err := o.olm.NewOutboundSession(curveID(d.curve25519[:]), curveID(key.Key))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignedKey, err)
	}
	return &pairSession{olm: s, id: s.ID()}, nil
}

// accept makes a session of a pre-key message that the device with this Curve25519 key sent, and decrypts the message.
// goolm does not check a MAC when it makes the session, so nothing of ours changes before the message has decrypted;
// only then is the one-time key gone.
func (o *ownAccount) accept(curve25519 []byte, body string) (s *pairSession, plaintext []byte, err error) {
	defer recoverOlm(&err)
	from := curveID(curve25519)
	in, err := o.olm.NewInboundSessionFrom(&from, body)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
	plaintext, err = in.Decrypt(body, id.OlmMsgTypePreKey)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
	if err := o.olm.RemoveOneTimeKeys(in); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
	if used := in.(*session.OlmSession).BobOneTimeKey; used.Equal(o.olm.CurrentFallbackKey.Key.PublicKey) {
		o.fallbackUsed = true
	}
	return &pairSession{olm: in, id: in.ID()}, plaintext, nil
}

// recoverOlm turns a panic of goolm, which is not audited, into an error: peers' bytes must not stop the program.
func recoverOlm(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: panic in goolm", errOlmPanic)
	}
}

var errOlmPanic = fmt.Errorf("%w: its session is given up", ErrUndecryptable)

func curveID(key []byte) id.Curve25519 {
	return id.Curve25519(base64.RawStdEncoding.EncodeToString(key))
}

// pairSession is one Olm session with one device.
type pairSession struct {
	olm      olm.Session
	id       id.SessionID
	received uint64 // when a message was last received on it: a count, not a time; 0 never
}

func (s *pairSession) encrypt(plaintext []byte) (kind int, body string, err error) {
	defer recoverOlm(&err)
	t, b, err := s.olm.Encrypt(plaintext)
	if err != nil {
		return 0, "", fmt.Errorf("olmkeys: encrypting: %w", err)
	}
	return int(t), string(b), nil
}

func (s *pairSession) decrypt(kind int, body string) (plaintext []byte, err error) {
	defer recoverOlm(&err)
	plaintext, err = s.olm.Decrypt(body, id.OlmMsgType(kind))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
	return plaintext, nil
}

// matches says whether the pre-key message belongs to this session.
func (s *pairSession) matches(body string) (ok bool) {
	var err error
	defer recoverOlm(&err)
	ok, err = s.olm.MatchesInboundSession(body)
	return ok && err == nil
}
