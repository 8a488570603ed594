package bwe

import (
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
)

// TestAgain: a packet that was sent twice under one number counts as lost, and when it came tells nothing: the rate and the
// queue are what they would be without it.
func TestAgain(t *testing.T) {
	const gap, trip, again = 20 * time.Millisecond, 30 * time.Millisecond, 90 * time.Millisecond
	var e Estimator
	recorder := twcc.NewRecorder(1)
	now, came := time.Unix(100, 0), map[time.Duration]uint16{}
	begun := now
	at := func() time.Duration { return now.Sub(begun) }
	for i := range 1000 {
		now = now.Add(gap)
		number := e.Sent(now, 100)
		if i%10 == 3 {
			came[at()+again+trip] = number
		} else {
			came[at()+trip] = number
		}
		if i%10 == 7 { // asked for, and sent again
			e.Again(number - 4)
		}
		for t := at() - gap; t < at(); t += time.Millisecond {
			if n, ok := came[t]; ok {
				recorder.Record(2, n, t.Microseconds()+1e6)
			}
		}
		if i%5 == 4 {
			for _, p := range recorder.BuildFeedbackPacket() {
				b, err := p.Marshal()
				if err != nil {
					t.Fatal(err)
				}
				if err := e.Feedback(now, b); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if queue := e.trend.queue(); queue > 5000 {
		t.Errorf("a queue of %d us, where there is none", queue)
	}
	if loss := e.Loss(); loss < 0.05 || loss > 0.15 {
		t.Errorf("%.0f %% lost, want 10", 100*loss)
	}
}
