package mediacrypt

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// slowWindow is the rule in the stupidest words.
type slowWindow struct {
	highest uint64
	seen    map[uint64]bool
}

func (w *slowWindow) fresh(ctr uint64) bool {
	return !w.seen[ctr] && (ctr > w.highest || w.highest-ctr < windowSize)
}

func (w *slowWindow) mark(ctr uint64) {
	w.seen[ctr] = true
	w.highest = max(w.highest, ctr)
}

func TestWindowAgainstMap(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		var fast replayWindow
		slow := slowWindow{seen: map[uint64]bool{}}
		accepted := 0
		for range 5000 {
			ctr := nextCounter(r, slow.highest)
			got, want := fast.fresh(ctr), slow.fresh(ctr)
			if got != want {
				t.Fatalf("seed %d: fresh(%d) = %v with highest %d, want %v", seed, ctr, got, slow.highest, want)
			}
			if got {
				accepted++
				fast.mark(ctr)
				slow.mark(ctr)
			}
		}
		if accepted < 500 || accepted > 4999 {
			t.Fatalf("seed %d: %d accepted, the orders tried are too tame", seed, accepted)
		}
	}
}

// nextCounter goes a little up, anywhere into the window, around its lower edge, or far up.
func nextCounter(r *rand.Rand, highest uint64) uint64 {
	switch r.IntN(20) {
	case 0:
		return highest + r.Uint64N(3*windowSize)
	case 1:
		return highest + windowBlocks*blockBits + r.Uint64N(3) - 1
	case 2, 3, 4:
		return highest - min(highest, windowSize-2+r.Uint64N(4))
	case 5, 6, 7, 8, 9:
		return highest - min(highest, r.Uint64N(windowSize+200))
	}
	return highest + r.Uint64N(4)
}

func TestWindowAtTheEnds(t *testing.T) {
	var w replayWindow
	for _, ctr := range []uint64{0, 1<<64 - 1, 1<<64 - windowSize} {
		if !w.fresh(ctr) {
			t.Errorf("%d is not fresh", ctr)
		}
		w.mark(ctr)
		if w.fresh(ctr) {
			t.Errorf("%d is fresh after it was marked", ctr)
		}
	}
	if w.fresh(1<<64 - windowSize - 1) {
		t.Error("a counter below the window is fresh")
	}
}

func TestWindowEveryOrderOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	order := r.Perm(windowSize)
	accepted := make([]int, windowSize)
	var w replayWindow
	for _, ctr := range slices.Concat(order, order) {
		if w.fresh(uint64(ctr)) {
			w.mark(uint64(ctr))
			accepted[ctr]++
		}
	}
	for ctr, n := range accepted {
		if n != 1 {
			t.Fatalf("%d was accepted %d times", ctr, n)
		}
	}
}
