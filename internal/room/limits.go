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

// limit is how much of something there may be, a second and at once.
type limit struct{ rate, burst float64 }

// bucket is a token bucket; the zero value is full. It is only the moment at which it would be full again: a session has eight.
type bucket struct{ full time.Time }

// take spends n if there is as much.
func (b *bucket) take(now time.Time, l limit, n int) bool {
	full := b.full
	if full.Before(now) {
		full = now
	}
	full = full.Add(seconds(float64(n) / l.rate))
	if full.Sub(now) > seconds(l.burst/l.rate) {
		return false
	}
	b.full = full
	return true
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

var (
	ofMessages  = limit{messagesPerSecond, messagesBurst}
	ofBytes     = limit{bytesPerSecond, bytesBurst}
	ofData      = limit{dataPerSecond, dataBurst}
	ofClaims    = limit{claimsPerSecond, claimsBurst}
	ofProves    = limit{provesPerSecond, provesBurst}
	ofModerates = limit{moderatesPerSecond, moderatesBurst}
	ofKnocks    = limit{knocksPerSecond, knocksBurst}
	ofRefusals  = limit{refusalsPerSecond, refusalsBurst}
)

// budget is all the buckets of a session.
type budget struct {
	messages, bytes, data, claims, proves, moderates, knocks, refusals bucket
}
