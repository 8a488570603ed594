package gate

import "time"

// bucket is a token bucket: the moment at which it would be full again. The zero value is full.
type bucket struct{ full time.Time }

func (b *bucket) isFull(now time.Time) bool { return !b.full.After(now) }

// take spends one if there is one.
func (b *bucket) take(now time.Time, rate, burst float64) bool {
	full := b.full
	if full.Before(now) {
		full = now
	}
	full = full.Add(time.Duration(float64(time.Second) / rate))
	if full.Sub(now) > time.Duration(burst/rate*float64(time.Second)) {
		return false
	}
	b.full = full
	return true
}
