package mediacrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"testing"
)

// The attacks of docs/threat-model.md on frames, by their ids. Each is shown to work once without its defence.

var (
	testKID = NewKeyID(3, 17)
	testKey = baseKey(1)
)

func TestF1_FlippedBytes(t *testing.T) {
	vs := readVectors(t)
	byName := map[string]frameVector{}
	for _, v := range vs.Frames {
		byName[v.Name] = v
	}
	for _, a := range vs.Rejects {
		v := byName[a.Of]
		o := openerWith(t, KeyID(v.KID), BaseKey(v.BaseKey))
		frame, _, err := o.Open(nil, a.Source, a.Codec, a.Sealed)
		if err == nil || frame != nil || errorName(err) != a.Error {
			t.Errorf("%s: %x, %v, want %s", a.Name, frame, err, a.Error)
		}
		// Nothing of the attempt stays: the true frame still opens.
		if _, _, err := o.Open(nil, v.Source, v.Codec, v.Sealed); err != nil {
			t.Errorf("after %s: %v", a.Name, err)
		}
	}
	// Every single bit of some frames, beyond what the file has.
	for _, name := range []string{"vp8 key", "h264 key", "h264 header escaped"} {
		v := byName[name]
		o := openerWith(t, KeyID(v.KID), BaseKey(v.BaseKey))
		for bit := range len(v.Sealed) * 8 {
			b := bytes.Clone(v.Sealed)
			b[bit/8] ^= 1 << (bit % 8)
			if _, _, err := o.Open(nil, v.Source, v.Codec, b); err == nil {
				t.Errorf("%s opens with bit %d flipped", name, bit)
			}
		}
	}
}

func TestF1_WithoutTheTagFlippedBytesReachTheDecoder(t *testing.T) {
	v := readVectors(t).Frames[0]
	b := bytes.Clone(v.Ciphertext)
	b[0] ^= 1
	block, err := aes.NewCipher(v.Key)
	if err != nil {
		t.Fatal(err)
	}
	// GCM encrypts with a counter that starts at nonce || 2.
	plain := make([]byte, len(v.Frame))
	cipher.NewCTR(block, append(bytes.Clone(v.Nonce), 0, 0, 0, 2)).XORKeyStream(plain, b[:len(plain)])
	if plain[0] != v.Frame[0]^1 || !bytes.Equal(plain[1:], v.Frame[1:]) {
		t.Fatal("the attack does not even work without a tag: this test proves nothing")
	}
}

func TestF1_KeyBitOfThePrefixMustBeTheFrames(t *testing.T) {
	for _, codec := range []Codec{CodecVP8, CodecAV1, CodecH264} {
		for _, key := range []bool{true, false} {
			frame := testFrame(codec, key, 64)
			sealed := sealAt(t, testKID, testKey, 0, SourceCamera, codec, frame)
			rest, _, err := cutPrefix(codec, sealed)
			if err != nil {
				t.Fatal(err)
			}
			other := kindKey
			if key {
				other = kindDelta
			}
			forged := append(appendPrefix(nil, codec, other, len(rest)), rest...)
			if codec == CodecH264 {
				forged = append(forged, h264End)
			}
			// The tag does not cover the prefix: without the comparison the frame would pass.
			s := aes256gcm.derive(testKID, testKey[:])
			c := frameCipher{aead: s.aead(), salt: s.salt}
			c.setNonce(0)
			forgedRest, _, err := cutPrefix(codec, forged)
			if err != nil {
				t.Fatal(err)
			}
			h, n, _ := ParseHeader(forgedRest)
			aad := c.setAAD(h.Append(nil), SourceCamera, codec)
			if _, err := c.aead.Open(nil, c.nonce[:], forgedRest[n:], aad); err != nil {
				t.Fatal("the tag alone caught it: this test proves nothing")
			}
			o := openerWith(t, testKID, testKey)
			dst := make([]byte, 0, 256)
			if _, _, err := o.Open(dst, SourceCamera, codec, forged); !errors.Is(err, ErrAuthentication) {
				t.Errorf("%v key=%v: %v", codec, key, err)
			}
			if left := dst[:len(frame)]; bytes.Contains(left, frame[1:]) {
				t.Errorf("%v: the refused frame is left in the caller's buffer", codec)
			}
			if _, _, err := o.Open(nil, SourceCamera, codec, sealed); err != nil {
				t.Errorf("%v: the true frame no longer opens: %v", codec, err)
			}
		}
	}
}
