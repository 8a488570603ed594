package mediacrypt

import (
	"fmt"
	"io"
	"slices"
	"sync"
)

// maxFrames is how many frames one base key seals: with 96-bit nonces and 2^32 messages AES-GCM keeps its bounds
// (NIST SP 800-38D §8.3; RFC 9605 §9.2 asks that a limit be kept).
const maxFrames = 1 << 32

// Sealer seals frames under one base key. It owns the counter and is safe for concurrent use: all tracks of a sender
// share one Sealer. Make it with [NewSealer].
type Sealer struct {
	kid KeyID

	mu     sync.Mutex
	next   uint64 // CTR of the next frame
	cipher frameCipher
}

// NewSealer makes a Sealer whose counter starts at 0. A base key may have one Sealer in its life; the package doc says
// why.
func NewSealer(kid KeyID, key BaseKey) (*Sealer, error) {
	if kid > maxKeyID {
		return nil, ErrKeyID
	}
	return &Sealer{kid: kid, cipher: newFrameCipher(kid, key)}, nil
}

// KID is the KID that the frames carry.
func (s *Sealer) KID() KeyID { return s.kid }

// Count is how many frames were sealed.
func (s *Sealer) Count() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next
}

// Seal appends the sealed frame to dst and returns the extended slice. The frame must be complete, as the encoder made it,
// and must not overlap dst. An empty frame is [ErrEmpty]: drop it. After 2^32 frames it is [ErrExhausted].
func (s *Sealer) Seal(dst []byte, src Source, codec Codec, frame []byte) ([]byte, error) {
	if len(frame) == 0 {
		return nil, ErrEmpty
	}
	if err := check(src, codec); err != nil {
		return nil, err
	}
	k := kindOf(codec, frame)

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= maxFrames {
		return nil, ErrExhausted
	}
	h := Header{KID: s.kid, CTR: s.next}
	s.next++ // before anything can panic: a CTR is never taken twice

	dst = slices.Grow(dst, MaxOverhead+len(frame))
	header := h.Append(s.cipher.aad[:0])
	aad := s.cipher.setAAD(header, src, codec)
	dst = appendPrefix(dst, codec, k, len(header)+len(frame)+tagSize)
	from := len(dst)
	dst = append(dst, header...)
	s.cipher.setNonce(h.CTR)
	dst = s.cipher.aead.Seal(dst, s.cipher.nonce[:], frame, aad)
	if codec == CodecH264 {
		dst = appendNALEnd(dst, from)
	}
	return dst, nil
}

// Format shows the KID and nothing secret, whatever the verb.
func (s *Sealer) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "mediacrypt.Sealer("+s.kid.String()+")")
}
