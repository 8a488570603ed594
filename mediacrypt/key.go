package mediacrypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
)

// KeyID is SFrame's KID: the generation of a sender key and the index of its ratchet, generation<<16 | index
// (RFC 9605 §5.1 with R = 16).
type KeyID uint64

// indexBits is R of RFC 9605 §5.1.
const indexBits = 16

// maxKeyID is the largest KID that NewKeyID makes: 32 bits of generation, 16 of index. Larger ones would share
// their Generation with smaller ones.
const maxKeyID KeyID = 1<<(32+indexBits) - 1

// NewKeyID puts a KID together.
func NewKeyID(generation uint32, index uint16) KeyID {
	return KeyID(generation)<<indexBits | KeyID(index)
}

// Generation is the upper part of the KID.
func (k KeyID) Generation() uint32 { return uint32(k >> indexBits) }

// Index is the lower 16 bits of the KID.
func (k KeyID) Index() uint16 { return uint16(k) }

// String is "generation/index".
func (k KeyID) String() string { return fmt.Sprintf("%d/%d", k>>indexBits, k.Index()) }

// KeySize is the length of a base key in bytes.
const KeySize = 32

// BaseKey is the secret that frame keys are derived from (base_key in RFC 9605). No way of printing or encoding it
// shows its bytes; [BaseKey.Bytes] does.
type BaseKey [KeySize]byte

const redacted = "mediacrypt.BaseKey(redacted)"

// Bytes returns a copy of the secret bytes.
func (k BaseKey) Bytes() []byte { return append([]byte(nil), k[:]...) }

// String does not show the key.
func (k BaseKey) String() string { return redacted }

// GoString does not show the key.
func (k BaseKey) GoString() string { return redacted }

// Format does not show the key, whatever the verb.
func (k BaseKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText does not show the key; JSON uses it too, and so do slog's handlers.
func (k BaseKey) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// The sizes of the suite, RFC 9605 §4.5: Nn and Nt.
const (
	nonceSize = 12
	tagSize   = 16
)

// suite is a GCM cipher suite of RFC 9605 §4.5. There is one; the type exists so that the tests can run the known
// answers of the RFC's other one through the same lines.
type suite struct {
	id      uint16
	hash    func() hash.Hash
	keySize int // Nk
}

// aes256gcm is AES_256_GCM_SHA512_128.
var aes256gcm = suite{id: 0x0005, hash: sha512.New, keySize: 32}

const (
	keyLabel  = "SFrame 1.0 Secret key "
	saltLabel = "SFrame 1.0 Secret salt "
)

// schedule holds what RFC 9605 §4.4.2 derives; secret is kept only for the vectors.
type schedule struct {
	secret []byte
	key    []byte
	salt   [nonceSize]byte
}

// label is prefix || KID || suite, as HKDF-Expand takes it.
func (s suite) label(prefix string, kid KeyID) string {
	b := binary.BigEndian.AppendUint64([]byte(prefix), uint64(kid))
	return string(binary.BigEndian.AppendUint16(b, s.id))
}

// derive runs the key schedule. hkdf refuses only lengths that do not occur, hence the panics.
func (s suite) derive(kid KeyID, baseKey []byte) schedule {
	secret, err := hkdf.Extract(s.hash, baseKey, nil)
	if err != nil {
		panic("mediacrypt: " + err.Error())
	}
	key, err := hkdf.Expand(s.hash, secret, s.label(keyLabel, kid), s.keySize)
	if err != nil {
		panic("mediacrypt: " + err.Error())
	}
	salt, err := hkdf.Expand(s.hash, secret, s.label(saltLabel, kid), nonceSize)
	if err != nil {
		panic("mediacrypt: " + err.Error())
	}
	return schedule{secret: secret, key: key, salt: [nonceSize]byte(salt)}
}

func (s schedule) aead() cipher.AEAD {
	block, err := aes.NewCipher(s.key)
	if err != nil {
		panic("mediacrypt: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("mediacrypt: " + err.Error())
	}
	return aead
}

// frameCipher is a schedule ready for use, with room for a nonce and associated data: arguments of an interface
// method escape, so on the stack they would cost two allocations a frame. Its owner's lock guards the room.
type frameCipher struct {
	aead  cipher.AEAD
	salt  [nonceSize]byte
	nonce [nonceSize]byte
	aad   [MaxHeaderSize + metadataSize]byte
}

// metadataSize is the length of "metadata" in the words of RFC 9605 §4.4.3: source and codec.
const metadataSize = 2

func newFrameCipher(kid KeyID, key BaseKey) frameCipher {
	s := aes256gcm.derive(kid, key[:])
	return frameCipher{aead: s.aead(), salt: s.salt}
}

// setNonce computes salt XOR CTR, the counter as wide as the salt (RFC 9605 §4.4.3).
func (c *frameCipher) setNonce(ctr uint64) {
	c.nonce = c.salt
	low := c.nonce[nonceSize-8:]
	binary.BigEndian.PutUint64(low, binary.BigEndian.Uint64(low)^ctr)
}

// setAAD puts header || source || codec together and returns it.
func (c *frameCipher) setAAD(header []byte, src Source, codec Codec) []byte {
	aad := append(c.aad[:0], header...)
	return append(aad, byte(src), byte(codec))
}
