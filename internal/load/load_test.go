package load

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/node"
)

// A meeting of three: all that is sent is opened by all others, and what the process used is there.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	n, err := node.New(node.Config{UDP: ":0", Web: http.NotFoundHandler()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(n.Handler())
	defer func() {
		server.Close()
		_ = n.Close(context.Background())
	}()
	link, err := call.ParseLink(server.URL + "/r/some-room#AAECAwQFBgcICQoLDA0ODw")
	if err != nil {
		t.Fatal(err)
	}
	steps := map[string]int{}
	config := Config{Link: link, Publishers: 2, Subscribers: 1, For: 2 * time.Second, Video: 300_000,
		Progress: func(step string, done, of int) { steps[step] = of }}
	if runtime.GOOS == "linux" {
		config.PID = os.Getpid()
	}
	got, err := Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v %+v", got, got.Server)
	if steps["joining"] != 3 || steps["measuring"] != 2 {
		t.Error(steps)
	}
	for name, m := range map[string]struct {
		Media
		rate int64
	}{"video": {got.Video, pictures}, "audio": {got.Audio, sounds}} {
		// Neither everything nor nothing: this machine may be too busy to send on time, and forwards what it sends.
		if m.Sent < m.rate*2 || m.Sent > m.rate*2*2+4 || m.Expected != 2*m.Sent || m.Opened > m.Expected || m.Loss > 0.1 || m.Loss < 0 {
			t.Errorf("%s: %+v", name, m.Media)
		}
		if l := m.Latency; l.P50 <= 0 || l.P99 < l.P50 || l.Max < l.P99*0.98 {
			t.Errorf("%s: %+v", name, l)
		}
	}
	if got.Server != nil && (got.Server.Cores <= 0 || got.Server.RSS <= 1) {
		t.Errorf("%+v", got.Server)
	}
	if config.PID = -1; runtime.GOOS == "linux" {
		if _, err := Run(t.Context(), config); !errors.Is(err, ErrProcess) {
			t.Error(err)
		}
	}
}

// The quantiles are within a hundredth.
func TestHistogram(t *testing.T) {
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Error("of nothing")
	}
	for i := range 10_000 {
		h.add(time.Duration(i+1) * 10 * time.Microsecond)
	}
	for q, want := range map[float64]float64{0.5: 50, 0.99: 99, 0.01: 1, 1: 100} {
		if got := h.quantile(q).Seconds() * 1000; math.Abs(got-want) > 0.011*want {
			t.Errorf("%v: %v instead of %v ms", q, got, want)
		}
	}
	h.add(0)
	h.add(time.Hour)
	if h.most != time.Hour || h.all != 10_002 {
		t.Errorf("%v of %d", h.most, h.all)
	}
}

// Frames carry their stamps, and key frames are larger.
func TestFrames(t *testing.T) {
	m := maker{run: &run{start: time.Now()}, from: 7, kind: video, size: 1000}
	sizes := map[bool]int{}
	for i := range uint32(20) {
		b, apart := m.frame(i == 10)
		s, ok := read(b)
		if key := s.Head&1 == 0; !ok || s.From != 7 || s.Number != i || key != (i == 0 || i == 10) || apart != time.Second/pictures {
			t.Errorf("%d: %+v", i, s)
		} else {
			sizes[key] += len(b)
		}
	}
	if sizes[true]*9 < 3*sizes[false] {
		t.Error(sizes)
	}
	if _, ok := read([]byte{1, 2, 3}); ok {
		t.Error("what is no frame of ours was read")
	}
}
