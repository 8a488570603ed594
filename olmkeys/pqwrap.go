package olmkeys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/mlkem"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

const (
	freshSize       = 32                      // r, inside Olm
	kemIDSize       = 8                       // SHA-256(ct), the first bytes
	ctSize          = mlkem.CiphertextSize768 // 1,088
	sealedStateSize = stateSize + 16          // AES-GCM's tag
	maxKEMSecrets   = 4                       // ML-KEM secrets kept of one sender
	pqWrapLabel     = "grotto v1 pq wrap"     //
	gcmNonceSize    = 12                      // all zero: each key is used once
	wrapKeySize     = 32                      // AES-256
	aadSize         = 2 * 4                   // u32 generation || u32 index
)

type kemID [kemIDSize]byte

func newKEMID(ct []byte) kemID {
	sum := sha256.Sum256(ct)
	return kemID(sum[:kemIDSize])
}

// kemSecret is what ML-KEM agreed on between one sender and one recipient, for all shares in that direction.
type kemSecret struct {
	id   kemID
	ct   []byte
	salt [sha256.Size]byte
	ss   []byte
}

// wrapSalt binds a wrap to the key exchange, to both ends and to the call.
func wrapSalt(ek, ct []byte, sender, recipient Ref, room string, call CallID) [sha256.Size]byte {
	b := lp(nil, ek)
	b = lp(b, ct)
	for _, end := range []Ref{sender, recipient} {
		b = lp(b, end.User)
		b = lp(b, end.Device)
		b = append(b, end.JoinID[:]...)
	}
	b = lp(b, room)
	b = lp(b, call[:])
	return sha256.Sum256(b)
}

// encapsulate makes the secret for all shares from sender to d.
func encapsulate(d *device, sender Ref) *kemSecret {
	ss, ct := d.encapsulation.Encapsulate()
	return &kemSecret{id: newKEMID(ct), ct: ct, ss: ss, salt: wrapSalt(d.ek, ct, sender, d.ref, d.room, d.call)}
}

// decapsulate opens the ciphertext of a share. ML-KEM rejects implicitly: a forged ct gives a secret nobody has.
func decapsulate(dk *mlkem.DecapsulationKey768, ct []byte, sender, recipient Ref, room string, call CallID) (*kemSecret, error) {
	ss, err := dk.Decapsulate(ct)
	if err != nil {
		return nil, fmt.Errorf("%w: ML-KEM ciphertext", ErrUnwrap)
	}
	ek := dk.EncapsulationKey().Bytes()
	return &kemSecret{id: newKEMID(ct), ct: ct, ss: ss, salt: wrapSalt(ek, ct, sender, recipient, room, call)}, nil
}

// wrapKey needs both: r, which only Olm protects, and ss, which only ML-KEM protects.
func (k *kemSecret) wrapKey(r []byte) []byte {
	ikm := append(append(make([]byte, 0, len(r)+len(k.ss)), r...), k.ss...)
	key, err := hkdf.Key(sha256.New, ikm, k.salt[:], pqWrapLabel, wrapKeySize)
	if err != nil {
		panic("olmkeys: " + err.Error()) // only for lengths that do not occur
	}
	return key
}

func wrapAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("olmkeys: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("olmkeys: " + err.Error())
	}
	return aead
}

func wrapAAD(generation, index uint32) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, aadSize), generation)
	return binary.BigEndian.AppendUint32(b, index)
}

// seal wraps a ratchet's state. r must be fresh: the nonce is zero because no key is used twice.
func (k *kemSecret) seal(r []byte, s shareState) []byte {
	return wrapAEAD(k.wrapKey(r)).Seal(nil, make([]byte, gcmNonceSize), s.state[:], wrapAAD(s.generation, s.index))
}

func (k *kemSecret) open(r, sealed []byte, generation, index uint32) (shareState, error) {
	b, err := wrapAEAD(k.wrapKey(r)).Open(nil, make([]byte, gcmNonceSize), sealed, wrapAAD(generation, index))
	if err != nil || len(b) != stateSize {
		return shareState{}, ErrUnwrap
	}
	return shareState{generation: generation, index: index, state: [stateSize]byte(b)}, nil
}
