package lkframe

import (
	"bytes"
	"crypto/cipher"
	"encoding/binary"
	"sync"
)

// indices is how many keys a participant may have at once.
const indices = 256

// Ring opens the frames of one participant. The zero value has no keys. It may be used from any goroutine.
type Ring struct {
	mu   sync.Mutex
	keys [indices]*ringKey
}

type ringKey struct {
	key  []byte
	aead cipher.AEAD

	mu   sync.Mutex
	seen map[uint32]*guard // by SSRC
}

// maxStreams bounds the SSRCs of one key; of further ones nothing opens before the next key.
const maxStreams = 256

// Set takes a key. Setting the one that is there changes nothing, or what came under it could come again.
func (r *Ring) Set(index byte, key []byte) error {
	aead, err := newAEAD(key)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.keys[index]; k != nil && bytes.Equal(k.key, key) {
		return nil
	}
	r.keys[index] = &ringKey{key: bytes.Clone(key), aead: aead, seen: map[uint32]*guard{}}
	return nil
}

// Clear forgets all keys.
func (r *Ring) Clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = [indices]*ringKey{}
}

// Open opens a frame of this participant.
func (r *Ring) Open(codec Codec, frame []byte) ([]byte, error) {
	n, ok := clearLength(codec, frame)
	if !ok {
		return nil, ErrMalformed
	}
	header, body := frame[:n:n], frame[n:]
	if codec == H264 {
		body = unescape(body)
	}
	if len(body) < tagSize+tailSize || body[len(body)-2] != ivSize {
		return nil, ErrMalformed
	}
	r.mu.Lock()
	k := r.keys[body[len(body)-1]]
	r.mu.Unlock()
	if k == nil {
		return nil, ErrUnknownKey
	}
	iv := body[len(body)-tailSize : len(body)-2]
	opened, err := k.aead.Open(header, iv, body[:len(body)-tailSize], header)
	if err != nil {
		return nil, ErrOpen
	}
	if !k.accept([ivSize]byte(iv)) {
		return nil, ErrReplayed
	}
	return opened, nil
}

// accept notes an IV that opened a frame; false if it did before, or is too old to tell.
func (k *ringKey) accept(iv [ivSize]byte) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	ssrc := binary.BigEndian.Uint32(iv[:])
	g := k.seen[ssrc]
	if g == nil {
		if len(k.seen) == maxStreams {
			return false
		}
		g = &guard{seen: map[uint64]bool{}}
		k.seen[ssrc] = g
	}
	return g.accept(binary.BigEndian.Uint64(iv[4:]))
}

// Injected says whether a frame is not a participant's but the server's own, put in where a track is muted or begins: it
// ends with the trailer that the server named on joining. It is not sealed, and of no use.
func Injected(frame, trailer []byte) bool {
	return len(trailer) > 0 && bytes.HasSuffix(frame, trailer)
}
