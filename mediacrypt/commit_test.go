package mediacrypt

import (
	"crypto/aes"
	"encoding/binary"
	"errors"
	"math/bits"
	"testing"
)

// AES-GCM does not commit to its key: who holds two keys can make one ciphertext that is authentic under both. The
// defence is that nobody here tries keys: a header names one KID, and a KID has one key.
func TestF12_FrameForTwoKeys(t *testing.T) {
	first, second := baseKey(1), baseKey(2)
	kidA, kidB := NewKeyID(0, 1), NewKeyID(0, 2)
	sealed := frameForTwoKeys(t, Header{KID: kidA}, aes256gcm.derive(kidA, first[:]), aes256gcm.derive(kidB, second[:]))

	// An opener that tries each of its keys in turn would show what the second key makes of it.
	opened := 0
	for _, s := range []schedule{aes256gcm.derive(kidA, first[:]), aes256gcm.derive(kidB, second[:])} {
		c := frameCipher{aead: s.aead(), salt: s.salt}
		c.setNonce(0)
		h, n, _ := ParseHeader(sealed)
		if _, err := c.aead.Open(nil, c.nonce[:], sealed[n:], c.setAAD(h.Append(nil), SourceMic, CodecOpus)); err == nil {
			opened++
		}
	}
	if opened != 2 {
		t.Fatalf("the frame opens under %d keys: this test proves nothing", opened)
	}

	o := NewOpener()
	if err := errors.Join(o.Add(kidA, first), o.Add(kidB, second)); err != nil {
		t.Fatal(err)
	}
	if err := o.Add(kidA, second); !errors.Is(err, ErrKeyConflict) {
		t.Errorf("a second key under one KID: %v", err)
	}
	if _, h, err := o.Open(nil, SourceMic, CodecOpus, sealed); err != nil || h.KID != kidA {
		t.Errorf("under the key it names: %v, %v", h, err)
	}
	o = openerWith(t, kidB, second)
	if _, _, err := o.Open(nil, SourceMic, CodecOpus, sealed); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("where only the other key is: %v", err)
	}
}

// frameForTwoKeys makes header || block || block || tag such that the tag is right under both keys, at counter 0. With
// H the hash key of a cipher, A the associated data, L the lengths and E the encrypted initial counter, GCM's tag
// over the blocks C1, C2 is A*H^4 + C1*H^3 + C2*H^2 + L*H + E. We take C1 = 0 and solve for C2.
func frameForTwoKeys(t *testing.T, h Header, a, b schedule) []byte {
	t.Helper()
	header := h.Append(nil)
	aad := append(append([]byte(nil), header...), byte(SourceMic), byte(CodecOpus))
	constant := func(s schedule) (sum, square gf128) {
		block, err := aes.NewCipher(s.key)
		if err != nil {
			t.Fatal(err)
		}
		var zero, mask [16]byte
		block.Encrypt(zero[:], zero[:])
		block.Encrypt(mask[:], append(append([]byte(nil), s.salt[:]...), 0, 0, 0, 1))
		var padded, lengths [16]byte
		copy(padded[:], aad)
		binary.BigEndian.PutUint64(lengths[:], uint64(len(aad))*8)
		binary.BigEndian.PutUint64(lengths[8:], 32*8)
		hash := gfFrom(zero)
		square = hash.mul(hash)
		sum = gfFrom(padded).mul(square.mul(square)).add(gfFrom(lengths).mul(hash)).add(gfFrom(mask))
		return sum, square
	}
	sumA, squareA := constant(a)
	sumB, squareB := constant(b)
	c2 := sumA.add(sumB).mul(squareA.add(squareB).inverse())
	tag := sumA.add(c2.mul(squareA))
	sealed := append(header, make([]byte, 16)...)
	sealed = append(sealed, c2.bytes()...)
	return append(sealed, tag.bytes()...)
}

// gf128 is an element of GCM's field, bit-reversed so that x is the shift to the left: slow and plain.
type gf128 struct{ hi, lo uint64 }

func gfFrom(b [16]byte) gf128 {
	return gf128{lo: bits.Reverse64(binary.BigEndian.Uint64(b[:8])), hi: bits.Reverse64(binary.BigEndian.Uint64(b[8:]))}
}

func (a gf128) bytes() []byte {
	b := binary.BigEndian.AppendUint64(nil, bits.Reverse64(a.lo))
	return binary.BigEndian.AppendUint64(b, bits.Reverse64(a.hi))
}

func (a gf128) add(b gf128) gf128 { return gf128{a.hi ^ b.hi, a.lo ^ b.lo} }

// mul reduces by x^128 + x^7 + x^2 + x + 1.
func (a gf128) mul(b gf128) (sum gf128) {
	for range 128 {
		if b.lo&1 == 1 {
			sum = sum.add(a)
		}
		b = gf128{b.hi >> 1, b.lo>>1 | b.hi<<63}
		carry := a.hi >> 63
		a = gf128{a.hi<<1 | a.lo>>63, a.lo<<1 ^ carry*0x87}
	}
	return sum
}

// inverse is the power 2^128 - 2.
func (a gf128) inverse() gf128 {
	result := gf128{lo: 1}
	for range 127 {
		a = a.mul(a)
		result = result.mul(a)
	}
	return result
}
