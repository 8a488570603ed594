package sfu

import (
	"math/rand/v2"
	"testing"
)

// The window against a map that remembers everything, over streams that jump, repeat, wrap and come late.
func TestSequenceAgainstMap(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		var window sequence
		seen := map[uint64]bool{}
		newest := uint64(1<<20 + random.IntN(1<<16)) // the sender's own count
		base, _ := window.accept(uint16(newest))
		offset := newest - base
		seen[newest] = true
		for range 50000 {
			n := newest
			switch random.IntN(20) {
			case 0:
				n += uint64(random.IntN(1 << 15))
			case 1, 2, 3:
				n -= uint64(random.IntN(2 * sequenceWindow))
			default:
				n++
			}
			want := !seen[n] && (n > newest || newest-n < sequenceWindow)
			extended, ok := window.accept(uint16(n))
			if ok != want || ok && extended+offset != n {
				t.Fatalf("seed %d: packet %d of newest %d: %v as %d, want %v", seed, n, newest, ok, extended+offset, want)
			}
			if ok {
				seen[n] = true
				newest = max(newest, n)
			}
		}
	}
}
