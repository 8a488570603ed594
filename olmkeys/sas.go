package olmkeys

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Matrix's short authentication strings (m.sas.v1): two devices agree on a key of X25519, a person sees the same seven
// emoji on both if nobody stood in between, and each device then authenticates its Ed25519 key under that agreement.
// The one of everything that we speak:
const (
	methodSAS       = "m.sas.v1"
	sasAgreement    = "curve25519-hkdf-sha256"
	sasHash         = "sha256"
	sasMAC          = "hkdf-hmac-sha256.v2"
	sasEmoji        = "emoji"
	sasDecimal      = "decimal"
	sasBytesSize    = 6 // 7 emoji of 6 bits; three numbers of 13 bits are of the first 5 bytes
	emojiCount      = 7
	sasInfoLabel    = "MATRIX_KEY_VERIFICATION_SAS"
	sasMACInfoLabel = "MATRIX_KEY_VERIFICATION_MAC"
	sasKeyIDs       = "KEY_IDS"
	keyIDPrefix     = "ed25519:"
)

// sasSide is one of the two devices in an exchange.
type sasSide struct {
	user, device string
	public       [curve25519Size]byte // for this run only
}

func sideOf(ref Ref) sasSide { return sasSide{user: ref.User, device: ref.Device} }

// sasExchange is what both devices know once the keys are exchanged. The device that sent the start comes first.
type sasExchange struct {
	starter, accepter sasSide
	transaction       string
	shared            []byte
}

func newSASKey(random io.Reader) (*ecdh.PrivateKey, error) {
	var seed [curve25519Size]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return nil, fmt.Errorf("olmkeys: drawing a key to verify with: %w", err)
	}
	k, err := ecdh.X25519().NewPrivateKey(seed[:])
	if err != nil {
		return nil, fmt.Errorf("olmkeys: %w", err)
	}
	return k, nil
}

// sasShared is the agreement; crypto/ecdh refuses one that is all zero, which keys of low order would lead to.
func sasShared(own *ecdh.PrivateKey, theirs []byte) ([]byte, error) {
	public, err := ecdh.X25519().NewPublicKey(theirs)
	if err != nil {
		return nil, fmt.Errorf("%w: key", ErrMalformed)
	}
	shared, err := own.ECDH(public)
	if err != nil {
		return nil, fmt.Errorf("%w: key", ErrMalformed)
	}
	return shared, nil
}

// commitment binds the accepter to its key before it has seen the starter's, or it could try keys until the emoji
// suit it.
func commitment(accepter [curve25519Size]byte, canonicalStart []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte(encoding.EncodeToString(accepter[:])), canonicalStart...))
}

// info is what the string is derived with: both devices, both keys, and this run.
func (x *sasExchange) info() string {
	return strings.Join([]string{
		sasInfoLabel,
		x.starter.user, x.starter.device, encoding.EncodeToString(x.starter.public[:]),
		x.accepter.user, x.accepter.device, encoding.EncodeToString(x.accepter.public[:]),
		x.transaction,
	}, "|") // none of these can hold a '|'
}

func (x *sasExchange) bytes() [sasBytesSize]byte {
	return [sasBytesSize]byte(x.derive(x.info(), sasBytesSize))
}

func (x *sasExchange) derive(info string, n int) []byte {
	b, err := hkdf.Key(sha256.New, x.shared, nil, info, n)
	if err != nil {
		panic("olmkeys: " + err.Error()) // only for lengths beyond 255 hashes
	}
	return b
}

// emojiOf are seven indices into Matrix's list, of six bits each.
func emojiOf(b [sasBytesSize]byte) []int {
	bits := uint64(b[0])<<40 | uint64(b[1])<<32 | uint64(b[2])<<24 | uint64(b[3])<<16 | uint64(b[4])<<8 | uint64(b[5])
	emoji := make([]int, emojiCount)
	for i := range emoji {
		emoji[i] = int(bits >> (42 - 6*i) & 0x3f)
	}
	return emoji
}

// decimalOf are three numbers from 1000 to 9191, of 13 bits each.
func decimalOf(b [sasBytesSize]byte) []int {
	bits := uint64(b[0])<<32 | uint64(b[1])<<24 | uint64(b[2])<<16 | uint64(b[3])<<8 | uint64(b[4])
	return []int{int(bits>>27&0x1fff) + 1000, int(bits>>14&0x1fff) + 1000, int(bits>>1&0x1fff) + 1000}
}

// mac authenticates a value of the device from to the other one. keyID names what is authenticated.
func (x *sasExchange) mac(from, to *sasSide, keyID, value string) []byte {
	key := x.derive(sasMACInfoLabel+from.user+from.device+to.user+to.device+x.transaction+keyID, sha256.Size)
	m := hmac.New(sha256.New, key)
	m.Write([]byte(value))
	return m.Sum(nil)
}

// macs are what the device from says of itself: its Ed25519 key, and that this is the only key.
func (x *sasExchange) macs(from, to *sasSide, ed25519 [ed25519Size]byte) (key, keys []byte) {
	id := keyIDPrefix + from.device
	return x.mac(from, to, id, encoding.EncodeToString(ed25519[:])), x.mac(from, to, sasKeyIDs, id)
}

// sides are the exchange's devices as one of them sees it.
func (x *sasExchange) sides(started bool) (own, theirs *sasSide) {
	if started {
		return &x.starter, &x.accepter
	}
	return &x.accepter, &x.starter
}

// canonical is Matrix's canonical JSON: the struct's fields are in order, and parseStart lets nothing through that
// encoding/json would escape.
func (m *startMessage) canonical() []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic("olmkeys: " + err.Error()) // strings and lists of strings
	}
	return b
}
