package olmkeys

import (
	"bytes"
	"cmp"
	"crypto/ecdh"
	"crypto/mlkem"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/crypto/goolm/crypto"
)

const (
	callKeysLabel  = "grotto v1 call keys"
	signatureLabel = "grotto call keys v1 "

	ed25519Size    = 32
	curve25519Size = 32
	signatureSize  = 64
	proofSize      = sha256.Size
	ekSize         = mlkem.EncapsulationKeySize768 // 1,184
	deviceIDSize   = 10
	maxLocalpart   = 64
	maxServerName  = 230 // a Matrix id has at most 255 bytes
)

// compareRefs orders by user, device, join id, bytewise.
func compareRefs(a, b Ref) int {
	return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Device, b.Device), bytes.Compare(a.JoinID[:], b.JoinID[:]))
}

// String names the participant, for people and logs.
func (r Ref) String() string { return r.User + " " + r.Device + " " + r.JoinID.String() }

// callKeys is what a device announces: all that its peers need to reach it, bound to one call and one join.
type callKeys struct {
	room       string
	call       CallID
	ref        Ref
	ed25519    [ed25519Size]byte
	curve25519 [curve25519Size]byte
	ek         []byte
}

func (k *callKeys) encode() []byte {
	b := []byte(callKeysLabel)
	b = lp(b, k.room)
	b = lp(b, k.call[:])
	b = lp(b, k.ref.User)
	b = lp(b, k.ref.Device)
	b = append(b, k.ref.JoinID[:]...)
	b = append(b, k.ed25519[:]...)
	b = append(b, k.curve25519[:]...)
	return append(b, k.ek...)
}

// parseCallKeys reads the format and nothing more: lengths, not meaning. The whole input must be used up.
func parseCallKeys(b []byte) (callKeys, error) {
	r := byteReader{rest: b}
	var k callKeys
	label := r.take(len(callKeysLabel))
	k.room = string(r.lp())
	call := r.lp()
	k.ref.User = string(r.lp())
	k.ref.Device = string(r.lp())
	copy(k.ref.JoinID[:], r.take(len(k.ref.JoinID)))
	copy(k.ed25519[:], r.take(ed25519Size))
	copy(k.curve25519[:], r.take(curve25519Size))
	k.ek = bytes.Clone(r.take(ekSize))
	if !r.done() || string(label) != callKeysLabel || len(call) != len(k.call) {
		return callKeys{}, fmt.Errorf("%w: call keys", ErrMalformed)
	}
	copy(k.call[:], call)
	return k, nil
}

// byteReader takes a binary format apart. After the first shortage everything it returns is empty and done is false.
type byteReader struct {
	rest  []byte
	short bool
}

func (r *byteReader) take(n int) []byte {
	if r.short || len(r.rest) < n {
		r.short = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *byteReader) lp() []byte {
	n := r.take(2)
	if r.short {
		return nil
	}
	return r.take(int(n[0])<<8 | int(n[1]))
}

func (r *byteReader) done() bool { return !r.short && len(r.rest) == 0 }

// device is an announcement that was found valid.
type device struct {
	callKeys
	encapsulation *mlkem.EncapsulationKey768
	hash          [sha256.Size]byte // of call_keys
}

// checkAnnouncement decides whether a device is spoken with. ErrAnnouncement means that anybody may have made it;
// ErrProof, with the device, that it did sign it, but does not have this meeting's secret.
func checkAnnouncement(room string, call CallID, l *link, a Announced) (*device, error) {
	k, err := parseCallKeys(a.CallKeys)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAnnouncement, err)
	}
	switch {
	case k.room != room || k.call != call:
		return nil, fmt.Errorf("%w: of another call", ErrAnnouncement)
	case k.ref != a.Ref:
		return nil, fmt.Errorf("%w: of another device", ErrAnnouncement)
	case !validUser(k.ref.User) || !validDevice(k.ref.Device):
		return nil, fmt.Errorf("%w: ids", ErrAnnouncement)
	case !validCurve25519(k.curve25519[:]):
		return nil, fmt.Errorf("%w: Curve25519 key", ErrAnnouncement)
	case !verify(k.ed25519[:], callKeysMessage(a.CallKeys), a.Sig):
		return nil, fmt.Errorf("%w: signature", ErrAnnouncement)
	}
	ek, err := mlkem.NewEncapsulationKey768(k.ek)
	if err != nil {
		return nil, fmt.Errorf("%w: ML-KEM key", ErrAnnouncement)
	}
	d := &device{callKeys: k, encapsulation: ek, hash: sha256.Sum256(a.CallKeys)}
	if !l.proves(a.CallKeys, a.Proof) {
		return d, ErrProof
	}
	return d, nil
}

// callKeysMessage is what sig signs. A text, so that it can never be the signed JSON of Matrix nor a data frame.
func callKeysMessage(callKeys []byte) []byte {
	sum := sha256.Sum256(callKeys)
	return []byte(signatureLabel + base64.RawStdEncoding.EncodeToString(sum[:]))
}

// verify refuses, beside wrong signatures, malleable ones and keys that are not canonical or of small order.
func verify(key, message, sig []byte) bool {
	return len(sig) == signatureSize && crypto.Ed25519PublicKey(key).Verify(message, sig)
}

// lowOrderScalar is any scalar: X25519 clamps it to a multiple of 8, which sends exactly the points of low order to zero.
var lowOrderScalar = func() *ecdh.PrivateKey {
	k, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{1}, curve25519Size))
	if err != nil {
		panic("olmkeys: " + err.Error())
	}
	return k
}()

// validCurve25519 refuses points of low order, which make a session predictable, and second spellings of a point
// (RFC 7748 §5 masks the top bit and reduces modulo p), under which one key would look like two.
func validCurve25519(key []byte) bool {
	if len(key) != curve25519Size || key[31]&0x80 != 0 {
		return false
	}
	if key[31] == 0x7f && key[0] >= 0xed && len(bytes.Trim(key[1:31], "\xff")) == 0 {
		return false // p = 2^255 - 19 and above
	}
	public, err := ecdh.X25519().NewPublicKey(key)
	if err != nil {
		return false
	}
	_, err = lowOrderScalar.ECDH(public)
	return err == nil
}

// validUser says whether s is @<localpart>:<server_name>, the localpart [a-z0-9._=/+-]{1,64}.
func validUser(s string) bool {
	rest, ok := strings.CutPrefix(s, "@")
	if !ok {
		return false
	}
	local, server, ok := strings.Cut(rest, ":")
	return ok && local != "" && len(local) <= maxLocalpart && only(local, "._=/+-", false) && validServerName(server)
}

// validRoom says whether s is !<slug>:<server_name>. Matrix rooms have wider slugs than ours.
func validRoom(s string) bool {
	rest, ok := strings.CutPrefix(s, "!")
	if !ok {
		return false
	}
	slug, server, ok := strings.Cut(rest, ":")
	return ok && slug != "" && len(slug) <= maxServerName && only(slug, "._=/+-", true) && validServerName(server)
}

// validDevice says whether s is 10 x [A-Z0-9].
func validDevice(s string) bool {
	return len(s) == deviceIDSize && s == strings.ToUpper(s) && only(s, "", true)
}

// validServerName: a host name or IP address, and perhaps a port.
func validServerName(s string) bool {
	return s != "" && len(s) <= maxServerName && only(s, ".-:[]", true)
}

func only(s, extra string, upper bool) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', upper && c >= 'A' && c <= 'Z', strings.IndexByte(extra, c) >= 0:
		default:
			return false
		}
	}
	return true
}
