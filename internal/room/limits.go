package room

import "github.com/grotto-meet/grotto/internal/bucket"

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

var (
	ofMessages  = bucket.Limit{Rate: messagesPerSecond, Burst: messagesBurst}
	ofBytes     = bucket.Limit{Rate: bytesPerSecond, Burst: bytesBurst}
	ofData      = bucket.Limit{Rate: dataPerSecond, Burst: dataBurst}
	ofClaims    = bucket.Limit{Rate: claimsPerSecond, Burst: claimsBurst}
	ofProves    = bucket.Limit{Rate: provesPerSecond, Burst: provesBurst}
	ofModerates = bucket.Limit{Rate: moderatesPerSecond, Burst: moderatesBurst}
	ofKnocks    = bucket.Limit{Rate: knocksPerSecond, Burst: knocksBurst}
	ofRefusals  = bucket.Limit{Rate: refusalsPerSecond, Burst: refusalsBurst}
)

// budget is all the buckets of a session.
type budget struct {
	messages, bytes, data, claims, proves, moderates, knocks, refusals bucket.Bucket
}
