// Package bucket bounds how often something may happen, by token buckets that are one moment each: there are eight of them in every
// session, and one or two for every network that was heard of.
package bucket

import "time"

// Limit is how much there may be, a second and at once.
type Limit struct{ Rate, Burst float64 }

// Times is so many times as much.
func (l Limit) Times(n float64) Limit { return Limit{n * l.Rate, n * l.Burst} }

// Bucket is what is left of a [Limit]. The zero value is full. It is not safe for concurrent use.
type Bucket struct{ full time.Time } // the moment at which it is full again

// Full says whether all is there, so that there is nothing to remember.
func (b Bucket) Full(now time.Time) bool { return !b.full.After(now) }

// Wait says how long until n are to be had; 0: now.
func (b Bucket) Wait(now time.Time, l Limit, n int) time.Duration {
	return max(0, b.after(now, l, n).Sub(now)-l.depth())
}

// Take spends n if there is as much.
func (b *Bucket) Take(now time.Time, l Limit, n int) bool {
	full := b.after(now, l, n)
	if full.Sub(now) > l.depth() {
		return false
	}
	b.full = full
	return true
}

// depth is how long an empty one takes to be full.
func (l Limit) depth() time.Duration { return seconds(l.Burst / l.Rate) }

// after is when it is full again after n more.
func (b Bucket) after(now time.Time, l Limit, n int) time.Time {
	if b.Full(now) {
		return now.Add(seconds(float64(n) / l.Rate))
	}
	return b.full.Add(seconds(float64(n) / l.Rate))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
