package mediacrypt

import (
	"fmt"
	"testing"
)

// Sizes: an Opus frame, one packet, a small and a large video frame.
var benchSizes = []int{100, 1200, 3000, 60000}

func BenchmarkSeal(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, err := NewSealer(testKID, testKey)
			if err != nil {
				b.Fatal(err)
			}
			frame := testFrame(CodecVP8, false, n)
			dst := make([]byte, 0, n+MaxOverhead)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Seal(dst, SourceCamera, CodecVP8, frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			o := openerWith(b, testKID, testKey)
			sealed := sealAt(b, testKID, testKey, 1000, SourceCamera, CodecVP8, testFrame(CodecVP8, false, n))
			dst := make([]byte, 0, n)
			window := &o.keys[testKID].window
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := o.Open(dst, SourceCamera, CodecVP8, sealed); err != nil {
					b.Fatal(err)
				}
				window.ring[1000/blockBits] = 0 // so that the one frame opens again
			}
		})
	}
}

func BenchmarkBareAEADSeal(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			aead := bareAEAD(b, make([]byte, aes256gcm.keySize))
			nonce, aad := make([]byte, nonceSize), make([]byte, 6)
			frame, dst := make([]byte, n), make([]byte, 0, n+MaxOverhead)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				aead.Seal(dst, nonce, frame, aad)
			}
		})
	}
}

func BenchmarkBareAEADOpen(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			aead := bareAEAD(b, make([]byte, aes256gcm.keySize))
			nonce, aad := make([]byte, nonceSize), make([]byte, 6)
			sealed := aead.Seal(nil, nonce, make([]byte, n), aad)
			dst := make([]byte, 0, n)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := aead.Open(dst, nonce, sealed, aad); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
