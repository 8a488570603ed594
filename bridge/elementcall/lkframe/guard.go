package lkframe

// What is remembered of a stream: frames of up to lag ticks of RTP's clock before the newest (5 s of video, 9 s of
// sound), and no more than remembered of them.
const (
	lag        = 450_000
	remembered = 1024
)

// guard tells frames of one SSRC that came before. A frame is its timestamp and count, which its IV names. All that is no
// longer remembered is at or below the floor, and nothing there is accepted.
type guard struct {
	newest, floor uint32 // timestamps
	begun         bool
	seen          map[uint64]bool
	order         [remembered]uint64 // of those in seen, a ring
	next          int
}

func (g *guard) accept(id uint64) bool {
	timestamp := uint32(id >> 32)
	if !g.begun {
		g.begun, g.newest, g.floor = true, timestamp, timestamp-lag
	}
	if !after(timestamp, g.floor) || g.seen[id] {
		return false
	}
	if after(timestamp, g.newest) {
		g.newest = timestamp
		g.raise(timestamp - lag)
	}
	if len(g.seen) == remembered {
		oldest := g.order[g.next]
		delete(g.seen, oldest)
		g.raise(uint32(oldest >> 32))
	}
	g.seen[id], g.order[g.next] = true, id
	g.next = (g.next + 1) % remembered
	return true
}

func (g *guard) raise(floor uint32) {
	if after(floor, g.floor) {
		g.floor = floor
	}
}

// after: timestamps come round.
func after(a, b uint32) bool { return int32(a-b) > 0 }
