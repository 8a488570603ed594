package e2e

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/e2e/badnet"
	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/wire"
)

// patience is for what must happen; nothing waits that long when all is well.
const patience = 30 * time.Second

// world is a whole server in this process behind a bad network, for Go clients, in real time.
type world struct {
	t    *testing.T
	rig  *badnet.Rig
	url  string
	node *node.Node
}

func newWorld(t *testing.T) *world {
	t.Helper()
	n, err := node.New(node.Config{UDP: ":0", Web: http.NotFoundHandler()})
	must(t, err)
	inner := httptest.NewServer(n.Handler())
	rig := badnet.New(n.MediaAddr().(*net.UDPAddr), 1)
	front := relay.New("ws" + strings.TrimPrefix(inner.URL, "http") + node.SignalPath)
	front.FromServer(rig.FromServer)
	front.FromClient(rig.FromClient)
	outer := httptest.NewServer(front)
	t.Cleanup(func() {
		outer.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := n.Close(ctx); err != nil {
			t.Error(err)
		}
		inner.Close()
		rig.Close()
	})
	return &world{t: t, rig: rig, url: outer.URL + "/r/some-room#AAECAwQFBgcICQoLDA0ODw", node: n}
}

// attendee is a Go client and what it saw.
type attendee struct {
	*call.Call
	line *badnet.Line

	mu     sync.Mutex
	frames []call.Frame // of cameras, without their data
	sounds []uint32     // their timestamps
}

func (w *world) join(name string, files ...string) *attendee {
	w.t.Helper()
	for i := range files {
		files[i] = "../../testdata/media/" + files[i]
	}
	media, err := call.OpenMedia(files)
	must(w.t, err)
	link, err := call.ParseLink(w.url)
	must(w.t, err)
	a := &attendee{}
	a.Call, err = call.Join(context.Background(), call.Config{Link: link, Name: name, Publish: media, OnFrame: a.frame,
		OnNotice: func(text string) { w.t.Logf("%s: %s", name, text) }})
	must(w.t, err)
	w.t.Cleanup(a.Leave)
	a.line = w.rig.Line(a.Report().Device)
	return a
}

func (a *attendee) frame(f call.Frame) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f.Track.Source == wire.SourceCamera {
		f.Data = nil
		a.frames = append(a.frames, f)
	} else {
		a.sounds = append(a.sounds, f.Timestamp)
	}
}

// pictures is how many came so far.
func (a *attendee) pictures() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.frames)
}

// until waits for a condition that other goroutines bring about.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	within(t, patience, what, condition)
}

func within(t *testing.T, patience time.Duration, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// handles are the files and sockets of this process, as far as the system tells.
func handles() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}

// settled waits until no more goroutines and sockets are there than before.
func settled(t *testing.T, goroutines, sockets int) {
	t.Helper()
	until(t, "everything has ended", func() bool {
		http.DefaultClient.CloseIdleConnections()
		return runtime.NumGoroutine() <= goroutines && handles() <= sockets
	})
}
