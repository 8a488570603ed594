package lkframe

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
)

// KeySize is the size of what participants tell each other.
const KeySize = 16

const (
	ivSize   = 12
	tagSize  = 16
	tailSize = ivSize + 2 // IV, its size, key index
	salt     = "LKFrameEncryptionKey"
	infoSize = 128 // zero bytes
)

// What may be wrong with a frame.
var (
	ErrCodec      = errors.New("lkframe: this codec cannot be sealed")
	ErrMalformed  = errors.New("lkframe: not a sealed frame")
	ErrUnknownKey = errors.New("lkframe: unknown key")
	ErrOpen       = errors.New("lkframe: authentication failed")
	ErrExhausted  = errors.New("lkframe: this key has sealed all it may")
	ErrReplayed   = errors.New("lkframe: came before, or long after its time")
)

func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != KeySize {
		return nil, errors.New("lkframe: a key has 16 bytes")
	}
	derived, err := hkdf.Key(sha256.New, key, []byte(salt), string(make([]byte, infoSize)), KeySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
