package call

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
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

// switches notes, for each sender, when somebody began to leave and when the sender seals with another generation.
type switches struct {
	mu      sync.Mutex
	left    map[string]time.Time // device, and when it began to leave
	waiting map[*session][]time.Time
	sealing map[*session]uint32
	took    []time.Duration

	// A client in a browser is looked at from outside: by when another has its next key.
	browser  string // its device
	watcher  *session
	browsers struct {
		waiting []time.Time
		sealing uint32
		took    []time.Duration
	}
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
	case olmkeys.OpenWith:
		b := &x.browsers
		if s != x.watcher || e.From.Device != x.browser || uint32(e.KID>>16) <= b.sealing {
			return
		}
		b.sealing = uint32(e.KID >> 16)
		for _, at := range b.waiting {
			b.took = append(b.took, time.Since(at))
		}
		b.waiting = nil
	}
}

// leaves notes that a device begins to leave.
func (x *switches) leaves(device string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.left[device] = time.Now()
	x.browsers.waiting = append(x.browsers.waiting, time.Now())
}

// BenchmarkSwitch is real: so many clients without media and a page in Chromium, a join and a leave at a time, all on this
// machine's cores. It is the time from a leave to each sender's next key; the page's, until another member has it.
func BenchmarkSwitch(b *testing.B) {
	// A leave among 100 is 3 s of work for the 99 together: two cores cannot do that every second, and the server among
	// them then answers nobody. A hundred devices of their own have no such limit; TestK15_Churn is their minute.
	for _, load := range []struct {
		size, times int
		every       time.Duration
	}{{25, 20, time.Second}, {100, 8, 6 * time.Second}} {
		b.Run(fmt.Sprint(load.size), func(b *testing.B) { benchmarkSwitch(b, load.size, load.times, load.every) })
	}
}

func benchmarkSwitch(b *testing.B, size, times int, every time.Duration) {
	w, secret := newWorld(b), newSecret()
	x := &switches{left: map[string]time.Time{}, waiting: map[*session][]time.Time{}, sealing: map[*session]uint32{}}
	enter := func() *Call {
		for began := time.Now(); ; { // a server that a hundred others keep busy may not answer at once
			c, err := Join(context.Background(), Config{Link: w.link(secret), Name: "N", observe: x.observe})
			if err == nil {
				return c
			}
			if time.Since(began) > time.Minute {
				b.Fatal(err)
			}
		}
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
	device := chromium(b, fmt.Sprintf("http://%s/r/%s#%s", w.Addr(), w.slug, secret))
	var watcher *session
	if err := here[0].inSession(func(s *session) error { watcher = s; return nil }); err != nil {
		b.Fatal(err)
	}
	x.mu.Lock()
	x.browser, x.watcher = device, watcher
	x.mu.Unlock()
	together := func() {
		for began := time.Now(); ; {
			ready := 0
			for _, p := range here[0].Report().Participants {
				if p.State == olmkeys.StateNew {
					ready++
				}
			}
			if ready >= size {
				return
			}
			if time.Since(began) > 2*time.Minute {
				b.Fatalf("only %d of %d have come together", ready, size)
			}
			<-time.After(100 * time.Millisecond)
		}
	}
	together()
	b.ResetTimer()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for range times {
		<-tick.C
		leaver := here[1]
		here = append(here[:1:1], here[2:]...)
		x.leaves(leaver.device())
		go leaver.Leave()
		here = append(here, enter())
	}
	b.StopTimer()
	together()
	<-time.After(2 * time.Second)
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.took) < times*size/2 {
		b.Fatalf("%d switches for %d leaves among %d", len(x.took), times, size)
	}
	report := func(took []time.Duration, unit string) {
		slices.Sort(took)
		at := func(p float64) float64 {
			return float64(took[min(len(took)-1, int(math.Ceil(p*float64(len(took)))))].Milliseconds())
		}
		b.ReportMetric(at(0.5), "p50-"+unit)
		b.ReportMetric(at(0.99), "p99-"+unit)
	}
	report(x.took, "ms")
	if len(x.browsers.took) == 0 {
		b.Fatal("the browser never changed its key")
	}
	report(x.browsers.took, "chromium-ms")
}

// chromium joins with a page in a browser and gives its device id.
func chromium(b *testing.B, link string) string {
	if _, err := exec.LookPath("chromium"); err != nil && os.Getenv("CHROMIUM") == "" {
		b.Skip("chromium is missing")
	}
	node := exec.Command("node", "../../web/test/bench/member.mjs", link)
	node.Stderr = os.Stderr
	in, err := node.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := node.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = node.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("the browser did not join: %v", err)
	}
	return strings.TrimSpace(line)
}
