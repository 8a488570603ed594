package bwe

const (
	// Loss is judged over that many packets and that long, or over fewer after lossPatience.
	lossPackets  = 40
	lossLength   = 400_000 // microseconds
	lossPatience = 1_500_000

	// lossHeavy is the share above what the path loses anyway that only a full queue explains.
	lossHeavy = 0.10
	// lossWindows in a row are believed without a queue.
	lossWindows = 3
	// lossMost is the share that no path loses anyway.
	lossMost = 0.35
	// lossSmoothing is the weight of a new figure in what the path loses anyway.
	lossSmoothing = 0.2
	// lossInVain is the share of the loss that remains when sending less did not help.
	lossInVain = 0.7
)

// losses tells the loss of a full queue from that of a bad path: the latter does not pass when less is sent.
type losses struct {
	received, lost int
	since          int64
	inherent       float64 // what the path loses whatever is sent
	heavy          int     // windows in a row that were
	before         float64 // at the last decrease; 0: its effect is known
	rate           float64 // before it
}

// count takes the figures of one feedback packet and reports whether a window is full.
func (l *losses) count(received, lost int, now int64) bool {
	if l.received+l.lost == 0 {
		l.since = now
	}
	l.received, l.lost = l.received+received, l.lost+lost
	n, length := l.received+l.lost, now-l.since
	return n > 0 && (n >= lossPackets && length >= lossLength || length >= lossPatience && n >= lossPackets/3)
}

// judge ends a window. queued says that there is a queue, which explains loss; settled that all of the window was sent
// after the last decrease. It returns by what share too much was sent, and what to go back to if the last decrease was in
// vain. Without a queue it takes some windows: a few packets may be lost together by chance.
func (l *losses) judge(queued, settled bool, rate float64) (excess, restore float64) {
	share := float64(l.lost) / float64(l.received+l.lost)
	l.received, l.lost = 0, 0
	if !settled {
		return 0, 0
	}
	before := l.before
	l.before = 0
	if before > 0 && !queued && share > lossInVain*before && share < lossMost {
		l.inherent = share
		return 0, l.rate
	}
	heavy := share > l.inherent+lossHeavy
	if !heavy {
		l.heavy = 0
	} else if l.heavy++; queued || l.heavy >= lossWindows {
		excess = share - l.inherent
		l.before, l.rate = share, rate
	}
	if !queued {
		l.inherent += lossSmoothing * (min(share, lossMost) - l.inherent)
	}
	return excess, 0
}
