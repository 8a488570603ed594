package mediacrypt

// replayWindow remembers which of the latest counters were accepted, as a bitmap in a ring of blocks (RFC 6479). The
// zero value is ready: nothing seen, counters start at 0. It is not safe for concurrent use.
type replayWindow struct {
	highest uint64 // the largest counter marked; 0 also before the first
	ring    [windowBlocks]uint64
}

const (
	// windowSize is how far below the highest counter a frame may still come: some 20 s of a camera and a
	// microphone together.
	windowSize = 4096

	blockBits = 64
	// windowBlocks is one more than the window has, so that the block being filled is never one that is still
	// asked about (RFC 6479 §2).
	windowBlocks = windowSize/blockBits + 1
)

// fresh says whether ctr may be accepted: neither marked nor below the window.
func (w *replayWindow) fresh(ctr uint64) bool {
	if ctr > w.highest {
		return true
	}
	if w.highest-ctr >= windowSize {
		return false
	}
	return w.ring[ctr/blockBits%windowBlocks]&(1<<(ctr%blockBits)) == 0
}

// mark records ctr, for which fresh was true, and moves the window up if it is a new highest.
func (w *replayWindow) mark(ctr uint64) {
	if ctr > w.highest {
		block := w.highest / blockBits
		// Blocks entered since are cleared, at most each of the ring once.
		for range min(ctr/blockBits-block, windowBlocks) {
			block++
			w.ring[block%windowBlocks] = 0
		}
		w.highest = ctr
	}
	w.ring[ctr/blockBits%windowBlocks] |= 1 << (ctr % blockBits)
}
