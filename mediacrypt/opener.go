package mediacrypt

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"sync"
)

// Opener opens the frames of one sender (one join of one device), of all its tracks. It is safe for concurrent use. Never
// share one among senders: their KIDs are alike.
type Opener struct {
	mu        sync.Mutex
	keys      map[KeyID]*openKey
	dropped   map[KeyID]struct{}
	unescaped []byte // room for a sealed frame of H.264
}

type openKey struct {
	cipher frameCipher
	window replayWindow
	digest [sha256.Size]byte // of the base key, to know it again without keeping it
}

// NewOpener makes an Opener without keys, like the zero value.
func NewOpener() *Opener {
	return new(Opener)
}

// Add installs a base key; its frame key is derived here, once. The same key again changes nothing, and above all does
// not reset the replay window. Another key under a KID in use is [ErrKeyConflict], and a KID that was dropped stays so:
// [ErrKeyDropped].
func (o *Opener) Add(kid KeyID, key BaseKey) error {
	if kid > maxKeyID {
		return ErrKeyID
	}
	digest := sha256.Sum256(key[:])
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, gone := o.dropped[kid]; gone {
		return ErrKeyDropped
	}
	if old, ok := o.keys[kid]; ok {
		if subtle.ConstantTimeCompare(old.digest[:], digest[:]) == 0 {
			return ErrKeyConflict
		}
		return nil
	}
	if o.keys == nil { // the zero value
		o.keys = map[KeyID]*openKey{}
	}
	o.keys[kid] = &openKey{cipher: newFrameCipher(kid, key), digest: digest}
	return nil
}

// Drop forgets the key of a KID for good, with its window; the KID itself is remembered, so that a replayed share cannot
// bring the key back with an empty window.
func (o *Opener) Drop(kid KeyID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.keys, kid)
	if o.dropped == nil {
		o.dropped = map[KeyID]struct{}{}
	}
	o.dropped[kid] = struct{}{}
}

// Has says whether a key is installed under kid.
func (o *Opener) Has(kid KeyID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, ok := o.keys[kid]
	return ok
}

// Open appends the opened frame to dst and returns the extended slice; dst must not overlap sealed. src and codec are
// what the receiver expects of this track. The errors are [*UnknownKeyError], [ErrReplay], [ErrAuthentication],
// [ErrMalformed], [ErrEmpty], [ErrCodec] and [ErrSource]; h is set where the frame had a header, also beside an error,
// but it is the sender's word only when err is nil. No error changes the Opener.
func (o *Opener) Open(dst []byte, src Source, codec Codec, sealed []byte) (frame []byte, h Header, err error) {
	if len(sealed) == 0 {
		return nil, Header{}, ErrEmpty
	}
	if err := check(src, codec); err != nil {
		return nil, Header{}, err
	}
	rest, told, err := cutPrefix(codec, sealed)
	if err != nil {
		return nil, Header{}, err
	}

	o.mu.Lock()
	defer o.mu.Unlock()
	if codec == CodecH264 {
		if rest, err = unescape(o.unescaped[:0], rest); err != nil {
			return nil, Header{}, err
		}
		o.unescaped = rest
	}
	h, n, err := ParseHeader(rest)
	if err != nil {
		return nil, Header{}, err
	}
	if h.KID > maxKeyID || len(rest)-n < tagSize {
		return nil, h, ErrMalformed
	}
	key, ok := o.keys[h.KID]
	if !ok {
		_, gone := o.dropped[h.KID]
		return nil, h, &UnknownKeyError{KID: h.KID, Dropped: gone}
	}
	// Before the cipher, so that a replayed flood costs a bit test each.
	if !key.window.fresh(h.CTR) {
		return nil, h, ErrReplay
	}
	key.cipher.setNonce(h.CTR)
	aad := key.cipher.setAAD(rest[:n], src, codec)
	out, err := key.cipher.aead.Open(dst, key.cipher.nonce[:], rest[n:], aad)
	if err != nil {
		return nil, h, ErrAuthentication
	}
	if err := agree(codec, told, out[len(dst):]); err != nil {
		return nil, h, err
	}
	// Last, and only now: a frame refused above must not use up the counter of the true one.
	key.window.mark(h.CTR)
	return out, h, nil
}

// agree holds the opened frame against what the prefix told: the prefix is not authenticated, the frame is. Of a
// frame refused here nothing is left in the caller's buffer.
func agree(codec Codec, told kind, frame []byte) error {
	if len(frame) == 0 {
		return ErrEmpty
	}
	if kindOf(codec, frame) != told {
		clear(frame)
		return ErrAuthentication
	}
	return nil
}

// Format shows how many keys there are and nothing secret, whatever the verb.
func (o *Opener) Format(f fmt.State, _ rune) {
	o.mu.Lock()
	n := len(o.keys)
	o.mu.Unlock()
	_, _ = io.WriteString(f, fmt.Sprintf("mediacrypt.Opener(%d keys)", n))
}
