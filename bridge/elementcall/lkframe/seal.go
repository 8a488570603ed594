package lkframe

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"math"
	"sync"
)

// Sealer seals a participant's frames under one key. An IV is never used twice under it: each track has a [Stream].
type Sealer struct {
	aead  cipher.AEAD
	index byte

	mu   sync.Mutex
	used map[uint32]bool // SSRCs
}

// NewSealer seals under the key with this index.
func NewSealer(key []byte, index byte) (*Sealer, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead: aead, index: index, used: map[uint32]bool{}}, nil
}

// Stream is one track under one key. Use it from one goroutine.
type Stream struct {
	sealer *Sealer
	codec  Codec
	ssrc   uint32
	count  uint64
}

// Stream begins a track, with a number in its IVs that no other track under this key has.
func (s *Sealer) Stream(codec Codec) *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b [4]byte
	for {
		_, _ = rand.Read(b[:]) // never fails
		if ssrc := binary.BigEndian.Uint32(b[:]); !s.used[ssrc] {
			s.used[ssrc] = true
			return &Stream{sealer: s, codec: codec, ssrc: ssrc}
		}
	}
}

// Seal seals a frame with this RTP timestamp. LiveKit reduces the count in the IV by 65,535; ours never comes round, so
// that no IV does.
func (s *Stream) Seal(frame []byte, timestamp uint32) ([]byte, error) {
	if s.count > math.MaxUint32 {
		return nil, ErrExhausted
	}
	iv := makeIV(s.ssrc, timestamp, uint32(s.count))
	s.count++
	return s.sealer.seal(s.codec, iv, frame)
}

func makeIV(ssrc, timestamp, count uint32) (iv [ivSize]byte) {
	binary.BigEndian.PutUint32(iv[0:], ssrc)
	binary.BigEndian.PutUint32(iv[4:], timestamp)
	binary.BigEndian.PutUint32(iv[8:], timestamp-count)
	return iv
}

func (s *Sealer) seal(codec Codec, iv [ivSize]byte, frame []byte) ([]byte, error) {
	n, ok := clearLength(codec, frame)
	if !ok {
		return nil, ErrCodec
	}
	header, body := frame[:n:n], frame[n:]
	if codec == H264 {
		header = longStartCodes(header)
	}
	sealed := s.aead.Seal(make([]byte, 0, len(body)+tagSize+tailSize), iv[:], body, header)
	sealed = append(append(sealed, iv[:]...), ivSize, s.index)
	if codec == H264 {
		sealed = escape(sealed)
	}
	return append(header, sealed...), nil
}
