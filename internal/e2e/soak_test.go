package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/e2e/badnet"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/internal/wire"
)

// soakFor is how long the soaks go on: a minute, or what `make soak` says.
func soakFor(t *testing.T) time.Duration {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	if text := os.Getenv("SOAK"); text != "" {
		d, err := time.ParseDuration(text)
		must(t, err)
		return d
	}
	return time.Minute
}

// level is what there is when all visitors have left.
type level struct {
	goroutines, sockets int
	heap                uint64
}

func (l level) String() string {
	return fmt.Sprintf("%d goroutines, %d files and sockets, %.1f MiB of heap", l.goroutines, l.sockets, float64(l.heap)/(1<<20))
}

// levelNow collects twice: what has a finalizer goes with the second time.
func levelNow() level {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return level{runtime.NumGoroutine(), handles(), m.HeapAlloc}
}

// A level may be above an early one by so much: pools and caches fill.
const (
	moreGoroutines = 4
	moreSockets    = 2
	moreHeap       = 2 << 20
)

func (l level) flat(early level) bool {
	return l.goroutines <= early.goroutines+moreGoroutines && l.sockets <= early.sockets+moreSockets && l.heap <= early.heap*11/10+moreHeap
}

// hostStays is for how many visits somebody stays: descriptions keep a section for each track that ever was.
const hostStays = 12

// TestSoak: Go clients join a call that goes on, send and receive, and leave, over and over. In the end there are no more
// goroutines, sockets and memory than after the first rounds.
func TestSoak(t *testing.T) {
	length := soakFor(t)
	n, err := node.New(node.Config{UDP: ":0", Web: http.NotFoundHandler()})
	must(t, err)
	server := httptest.NewServer(n.Handler())
	defer func() {
		server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = n.Close(ctx)
	}()
	link, err := call.ParseLink(server.URL + "/r/some-room#AAECAwQFBgcICQoLDA0ODw")
	must(t, err)
	join := func(name string, opened chan<- struct{}) *call.Call {
		media, err := call.OpenMedia([]string{"../../testdata/media/vp8.ivf", "../../testdata/media/opus.ogg"})
		must(t, err)
		var once sync.Once
		c, err := call.Join(context.Background(), call.Config{Link: link, Name: name, Publish: media, Network: call.NetworkUDP, OnFrame: func(f call.Frame) {
			if opened != nil && f.Track.Source == wire.SourceCamera {
				once.Do(func() { close(opened) })
			}
		}})
		must(t, err)
		return c
	}
	host := join("host", nil)
	defer func() { host.Leave() }()
	random := rand.New(rand.NewPCG(1, 1))
	visits := 0
	round := func() level {
		const together = 3
		var leaving sync.WaitGroup
		for range together {
			opened := make(chan struct{})
			c := join("visitor", opened)
			select {
			case <-opened:
			case <-time.After(patience):
				t.Fatalf("nothing opened for visitor %d", visits)
			}
			visits++
			stay := time.Duration(random.Int64N(int64(time.Second)))
			leaving.Go(func() {
				<-time.After(stay)
				c.Leave()
			})
		}
		leaving.Wait()
		if visits%hostStays == 0 {
			next := join("host", nil)
			host.Leave()
			if err := host.Err(); err != nil {
				t.Error(err)
			}
			host = next
		}
		return levelNow()
	}
	begin := time.Now()
	var early, last level
	told := begin
	for time.Since(begin) < length || early == (level{}) {
		last = round()
		// The first rounds fill pools. A host who has just come is not whole.
		if early == (level{}) && time.Since(begin) > min(length/4, 2*time.Minute) && visits%hostStays != 0 {
			early = last
			t.Logf("after %v and %d visits: %v", time.Since(begin).Round(time.Second), visits, early)
		}
		if time.Since(told) > length/10 {
			told = time.Now()
			t.Logf("after %v and %d visits: %v", time.Since(begin).Round(time.Second), visits, last)
		}
	}
	until(t, "it is as it was", func() bool { last = levelNow(); return last.flat(early) })
	t.Logf("after %v and %d visits: %v", time.Since(begin).Round(time.Second), visits, last)
}

// TestSoakSwitching: on the virtual network, viewers of a simulcast come, look at it large and small and not at all, over lines
// that change, and leave or drop dead; the SFU has nothing more at the end.
func TestSoakSwitching(t *testing.T) {
	length := soakFor(t)
	var begin, end level
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		random := rand.New(rand.NewPCG(2, 2))
		sender := b.join("sender")
		sender.publish(&camera{layers: simulcast})
		start, visits, switches := time.Now(), 0, 0
		look := func(v *person) {
			v.mu.Lock()
			var videos []sfu.Shown
			for _, d := range v.tracks {
				if random.IntN(4) > 0 {
					size := []int{160, 320, 640, 1280}[random.IntN(4)]
					videos = append(videos, sfu.Shown{MID: d.MID, Width: size, Height: size * 9 / 16, Rank: sfu.RankGrid})
				}
			}
			v.mu.Unlock()
			v.peer.Show(videos, nil)
		}
		told := start
		for time.Since(start) < length || visits < 8 {
			v := b.join(fmt.Sprint("viewer", visits%3))
			visits++
			for range 5 {
				time.Sleep(time.Second + time.Duration(random.Int64N(int64(time.Second))))
				v.link.SetOne(badnet.Down, badnet.Conditions{Rate: []int{0, 300_000, 900_000}[random.IntN(3)], Delay: 30 * time.Millisecond, Loss: 0.01 * float64(random.IntN(3))})
				look(v)
			}
			switches += v.screen("sender").between(start, time.Now()).switches
			if visits%4 == 0 { // it drops dead: the SFU notices
				v.link.Set(badnet.Conditions{Down: true})
				time.Sleep(35 * time.Second)
				v.mu.Lock()
				if v.failed == nil {
					t.Error("a dead viewer is still there")
				}
				v.mu.Unlock()
			}
			v.close()
			time.Sleep(time.Second)
			end = levelNow()
			end.sockets = 0
			if visits == 4 {
				begin = end
			}
			if time.Since(told) > length/5 {
				told = time.Now()
				t.Logf("after %v, %d visits and %d switches: %v", time.Since(start).Round(time.Second), visits, switches, end)
			}
			if s := b.sfu.Stats(); s.Peers != 1 || s.UpTracks != 1 || s.DownTracks != 0 {
				t.Fatalf("left over: %+v", s)
			}
		}
		t.Logf("after %v, %d visits and %d switches: %v; at first %v", time.Since(start).Round(time.Second), visits, switches, end, begin)
		if !end.flat(begin) {
			t.Errorf("%v; at first %v", end, begin)
		}
	})
}
