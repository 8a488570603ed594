package bwe

const (
	bucketLength = 25_000 // microseconds
	bucketCount  = 20
)

// meter is the rate of what arrived in the last half second of the receiver's clock.
type meter struct {
	buckets [bucketCount]uint32 // bytes
	newest  int64               // bucket, counted from the start of the clock
	oldest  int64               // the first one that was counted
	started bool
}

func (m *meter) add(at int64, size int) {
	b := at / bucketLength
	if !m.started || b-m.newest >= bucketCount {
		*m = meter{newest: b, oldest: b, started: true}
	}
	if m.newest-b >= bucketCount || b < 0 {
		return
	}
	for m.newest < b {
		m.newest++
		m.buckets[m.newest%bucketCount] = 0
	}
	m.buckets[b%bucketCount] += uint32(size)
}

// rate is 0 until there is enough to tell. The newest bucket is not full yet.
func (m *meter) rate(buckets int64) float64 {
	n := min(buckets, m.newest-m.oldest, bucketCount-1)
	if n < bucketCount/4 {
		return 0
	}
	var sum uint32
	for b := m.newest - n; b < m.newest; b++ {
		sum += m.buckets[b%bucketCount]
	}
	return float64(sum) * 8 * 1e6 / float64(n*bucketLength)
}
