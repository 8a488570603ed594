package room

import "time"

// Rates of one session. They leave room for a rotation among 200 people every second (200 shares of 2.4 kB) and stop a
// client that floods.
const (
	messagesPerSecond  = 50
	messagesBurst      = 300
	bytesPerSecond     = 512 << 10
	bytesBurst         = 4 << 20
	dataPerSecond      = 64 << 10 // sealed data goes to everybody: a byte in is up to 200 out
	dataBurst          = 256 << 10
	claimsPerSecond    = 40 // of other devices' one-time keys
	claimsBurst        = 400
	provesPerSecond    = 1 // changed proofs, which go to everybody
	provesBurst        = 10
	moderatesPerSecond = 5 // changes of the room and of roles, which go to everybody
	moderatesBurst     = 60
	knocksPerSecond    = 0.1 // of one who waits to be let in
	knocksBurst        = 3
	refusalsBurst      = 50 // rate_limited answers before the session is ended
	refusalsPerSecond  = 1
)

// bucket is a token bucket; it starts full.
type bucket struct {
	rate, burst float64
	level       float64
	at          time.Time
}

func newBucket(now time.Time, rate, burst float64) bucket {
	return bucket{rate: rate, burst: burst, level: burst, at: now}
}

// take spends n if there is as much.
func (b *bucket) take(now time.Time, n int) bool {
	b.level = min(b.burst, b.level+b.rate*now.Sub(b.at).Seconds())
	b.at = now
	if b.level < float64(n) {
		return false
	}
	b.level -= float64(n)
	return true
}

// budget is all the buckets of a session.
type budget struct {
	messages, bytes, data, claims, proves, moderates, knocks, refusals bucket
}

func newBudget(now time.Time) budget {
	return budget{
		messages:  newBucket(now, messagesPerSecond, messagesBurst),
		bytes:     newBucket(now, bytesPerSecond, bytesBurst),
		data:      newBucket(now, dataPerSecond, dataBurst),
		claims:    newBucket(now, claimsPerSecond, claimsBurst),
		proves:    newBucket(now, provesPerSecond, provesBurst),
		moderates: newBucket(now, moderatesPerSecond, moderatesBurst),
		knocks:    newBucket(now, knocksPerSecond, knocksBurst),
		refusals:  newBucket(now, refusalsPerSecond, refusalsBurst),
	}
}
