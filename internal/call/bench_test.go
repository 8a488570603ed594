package call

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// BenchmarkFirstFrame is how long after joining the first frame of somebody who talks has opened, on loopback.
func BenchmarkFirstFrame(b *testing.B) {
	w, secret := newWorld(b), newSecret()
	a := w.join(secret, Config{Name: "A"}, "opus.ogg", "vp8.ivf")
	eventually(b, "A sends", func() bool { return len(a.Report().Sent) > 1 })
	var all []float64
	for range b.N {
		c := w.join(secret, Config{Name: "B"})
		eventually(b, "a frame opens", func() bool { return c.opened("A", wire.SourceMic) > 0 && c.opened("A", wire.SourceCamera) > 0 })
		for _, t := range c.Report().Tracks {
			all = append(all, float64(t.FirstFrameMS))
		}
		c.Leave()
	}
	slices.Sort(all)
	b.ReportMetric(all[len(all)/2], "p50-ms")
	b.ReportMetric(all[len(all)-1], "max-ms")
}

// switches notes, for each sender, when it learned that somebody left and when it sealed with another generation.
type switches struct {
	mu      sync.Mutex
	left    map[string]time.Time // device, and when it began to leave
	waiting map[*session][]time.Time
	sealing map[*session]uint32
	took    []time.Duration
}

func (x *switches) observe(s *session, e olmkeys.Effect) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch e := e.(type) {
	case olmkeys.DropDevice:
		if at, ok := x.left[e.From.Device]; ok {
			x.waiting[s] = append(x.waiting[s], at)
		}
	case olmkeys.SealWith:
		generation := uint32(e.KID >> 16)
		if generation > x.sealing[s] {
			for _, at := range x.waiting[s] {
				x.took = append(x.took, time.Since(at))
			}
			delete(x.waiting, s)
		}
		x.sealing[s] = generation
	}
}

// BenchmarkSwitch is real: so many clients without media, a join and a leave at a time, all in this process and on this
// machine's cores. It is the time from a leave to each sender's next key.
func BenchmarkSwitch(b *testing.B) {
	// A leave among 100 is 3 s of work for the 99 together: two cores cannot do that every second.
	for _, load := range []struct {
		size, times int
		every       time.Duration
	}{{25, 20, time.Second}, {100, 8, 6 * time.Second}} {
		size, times := load.size, load.times
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			w, secret := newWorld(b), newSecret()
			x := &switches{left: map[string]time.Time{}, waiting: map[*session][]time.Time{}, sealing: map[*session]uint32{}}
			enter := func() *Call {
				c, err := Join(context.Background(), Config{Link: w.link(secret), Name: "N", observe: x.observe})
				if err != nil {
					b.Fatal(err)
				}
				return c
			}
			var here []*Call
			for range size {
				here = append(here, enter())
			}
			b.Cleanup(func() {
				var ending sync.WaitGroup
				for _, c := range here {
					ending.Go(c.Leave)
				}
				ending.Wait()
			})
			for began := time.Now(); ; {
				ready := 0
				for _, p := range here[0].Report().Participants {
					if p.State == olmkeys.StateNew {
						ready++
					}
				}
				if ready >= size-1 {
					break
				}
				if time.Since(began) > 2*time.Minute {
					b.Fatalf("only %d of %d have come together", ready, size)
				}
				<-time.After(100 * time.Millisecond)
			}
			b.ResetTimer()
			tick := time.NewTicker(load.every)
			defer tick.Stop()
			for range times {
				<-tick.C
				leaver := here[1]
				here = append(here[:1:1], here[2:]...)
				x.mu.Lock()
				x.left[leaver.device()] = time.Now()
				x.mu.Unlock()
				go leaver.Leave()
				here = append(here, enter())
			}
			<-time.After(2 * time.Second)
			b.StopTimer()
			x.mu.Lock()
			defer x.mu.Unlock()
			slices.Sort(x.took)
			if len(x.took) < times*size/2 {
				b.Fatalf("%d switches for %d leaves among %d", len(x.took), times, size)
			}
			at := func(p float64) float64 {
				return float64(x.took[min(len(x.took)-1, int(math.Ceil(p*float64(len(x.took)))))].Milliseconds())
			}
			b.ReportMetric(at(0.5), "p50-ms")
			b.ReportMetric(at(0.99), "p99-ms")
		})
	}
}
