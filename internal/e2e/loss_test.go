package e2e

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
)

// settle is how long a call may take to begin: see TestJoinFast for how long it takes.
const settle = 3 * time.Second

// packetsPerSecond is what plain comes to.
const packetsPerSecond = 60

// TestLoss: what is lost on the way is sent again, in either direction; at most two freezes of over half a second remain.
func TestLoss(t *testing.T) {
	for _, c := range []struct {
		badnet.Conditions
		share float64 // of frames that are shown, at least
	}{
		{badnet.Conditions{Loss: 0.01}, 0.99},
		{badnet.Conditions{Loss: 0.05, Delay: 25 * time.Millisecond}, 0.97},
		{badnet.Conditions{Loss: 0.05, Burst: 4, Delay: 25 * time.Millisecond}, 0.97},
		{badnet.Conditions{Loss: 0.10, Delay: 25 * time.Millisecond}, 0.95},
		{badnet.Conditions{Loss: 0.10, Burst: 5, Delay: 50 * time.Millisecond}, 0.90},
		{badnet.Conditions{Delay: 50 * time.Millisecond, Jitter: 60 * time.Millisecond}, 0.99},
		{badnet.Conditions{Delay: 20 * time.Millisecond, Reorder: 0.05}, 0.99},
		{badnet.Conditions{Loss: 0.03, Delay: 150 * time.Millisecond, Jitter: 30 * time.Millisecond, Reorder: 0.02}, 0.90},
	} {
		for _, d := range []badnet.Direction{badnet.Up, badnet.Down} {
			t.Run(fmt.Sprintf("%s %+v", d, c.Conditions), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBubble(t)
					defer b.close()
					sender, viewer := b.join("sender"), b.join("viewer")
					line := viewer.link
					if d == badnet.Up {
						line = sender.link
					}
					line.SetOne(d, c.Conditions)
					line.SetOne(1-d, badnet.Conditions{Delay: c.Delay})
					sender.publish(&camera{layers: plain})
					time.Sleep(settle)
					begin := time.Now()
					time.Sleep(30 * time.Second)
					got := viewer.screen("sender").between(begin, time.Now())
					t.Logf("%+v, line %+v", got, line.Stats(d))
					if got.share < c.share || len(got.freezes) > 2 {
						t.Errorf("%.1f %% of the frames were shown, with freezes of %v", 100*got.share, got.freezes)
					}
					if again := float64(line.Stats(badnet.Down).Passed) / (settle + 30*time.Second).Seconds() / packetsPerSecond; d == badnet.Down && again > 1.25 {
						t.Errorf("%.2f times the packets that would do", again)
					}
				})
			})
		}
	}
}

// TestLinkDown: a line that is dead for five seconds is used again within two after it is back.
func TestLinkDown(t *testing.T) {
	for _, who := range []string{"sender", "viewer"} {
		t.Run(who, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t)
				defer b.close()
				sender, viewer := b.join("sender"), b.join("viewer")
				line := map[string]*badnet.Link{"sender": sender.link, "viewer": viewer.link}[who]
				sender.publish(&camera{layers: plain})
				time.Sleep(settle)
				line.Set(badnet.Conditions{Down: true})
				time.Sleep(5 * time.Second)
				line.Set(badnet.Conditions{})
				back := time.Now()
				time.Sleep(2 * time.Second)
				recovered := viewer.screen("sender").between(back, time.Now())
				begin := time.Now()
				time.Sleep(10 * time.Second)
				got := viewer.screen("sender").between(begin, time.Now())
				t.Logf("at first %+v, then %+v", recovered, got)
				if recovered.frames == 0 || got.share < 0.99 || len(got.freezes) > 0 {
					t.Errorf("at first %+v, then %+v", recovered, got)
				}
				for _, p := range b.people {
					if p.failed != nil {
						t.Error(p.failed)
					}
				}
			})
		})
	}
}

// TestAddressChange: a router on the way forgets, and gives out other ports. Within five seconds the SFU has followed.
func TestAddressChange(t *testing.T) {
	for _, who := range []string{"sender", "viewer"} {
		t.Run(who, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t)
				defer b.close()
				sender, viewer := b.join("sender"), b.join("viewer")
				sender.publish(&camera{layers: plain})
				time.Sleep(settle)
				map[string]*person{"sender": sender, "viewer": viewer}[who].rebind()
				begin := time.Now()
				time.Sleep(10 * time.Second)
				at := viewer.screen("sender").between(begin, time.Now())
				begin = time.Now()
				time.Sleep(10 * time.Second)
				got := viewer.screen("sender").between(begin, time.Now())
				t.Logf("at first %+v, then %+v", at, got)
				if at.share < 0.5 || got.share < 0.99 || len(got.freezes) > 0 {
					t.Errorf("at first %+v, then %+v", at, got)
				}
			})
		})
	}
}

// TestJoinFast: the first frame of everybody visible is there within a second on a quick line, and within two at 100 ms
// there and back with 2 % loss.
func TestJoinFast(t *testing.T) {
	const publishers = 4
	for _, c := range []struct {
		badnet.Conditions
		within time.Duration
	}{
		{badnet.Conditions{}, time.Second},
		{badnet.Conditions{Loss: 0.02, Delay: 50 * time.Millisecond}, 2 * time.Second},
	} {
		t.Run(fmt.Sprintf("%+v", c.Conditions), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t)
				defer b.close()
				for i := range publishers {
					b.join(fmt.Sprint(i)).publish(&camera{layers: plain})
				}
				time.Sleep(settle)
				var all []time.Duration
				for range 15 {
					viewer := b.join("viewer")
					viewer.link.Set(c.Conditions)
					begin := time.Now()
					time.Sleep(3 * time.Second)
					for i := range publishers {
						took := viewer.screen(fmt.Sprint(i)).first().Sub(begin)
						if all = append(all, took); took < 0 || took > c.within {
							t.Errorf("the first frame came after %v", took)
						}
					}
					viewer.close()
				}
				slices.Sort(all)
				t.Logf("half of them within %v, all within %v", all[len(all)/2], all[len(all)-1])
			})
		})
	}
}
