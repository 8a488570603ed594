package call

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

const patience = 20 * time.Second

// world is a whole server in this process, whose SFU is looked into and whose signalling can be cut.
type world struct {
	t    testing.TB
	page net.Listener
	slug string
	udp  string
	log  *slog.Logger
	tap  capture
	wrap func(net.Conn) net.Conn // looks into a connection, if set

	front string                                         // where clients go in the place of page
	with  func(*node.Config)                             // changes the server's configuration
	forge func(sfu.TapPacket, *rtp.Packet) []sfu.Forgery // what the SFU sends; nil: what it is sent

	mu      sync.Mutex
	node    *node.Node
	handler http.Handler
	conns   []net.Conn
	deaf    bool
}

func newWorld(t testing.TB) *world { return newWorldWith(t, nil) }

func newWorldWith(t testing.TB, forge func(sfu.TapPacket, *rtp.Packet) []sfu.Forgery) *world {
	t.Helper()
	return startWorld(&world{t: t, forge: forge})
}

func newWorldLogging(t testing.TB, log *slog.Logger) *world {
	t.Helper()
	return startWorld(&world{t: t, log: log})
}

func startWorld(w *world) *world {
	t := w.t
	t.Helper()
	w.slug, w.udp = "room-"+fmt.Sprint(time.Now().UnixNano()), ":0"
	var err error
	if w.page, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	w.start()
	server := &http.Server{Handler: w}
	go func() { _ = server.Serve(w) }()
	t.Cleanup(func() {
		w.stop()
		_ = server.Close()
	})
	return w
}

// start runs a server that knows nothing, on the ports of the one before.
func (w *world) start() {
	w.t.Helper()
	config := node.Config{UDP: w.udp, Tap: w.tap.packet, Forge: w.forge, Log: w.log}
	if w.with != nil {
		w.with(&config)
	}
	n, err := node.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.node, w.handler = n, n.Handler()
	w.udp = fmt.Sprintf(":%d", n.MediaAddr().(*net.UDPAddr).Port)
}

func (w *world) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_ = w.node.Close(ctx)
}

// cut ends every connection and, while deaf, refuses new ones.
func (w *world) cut(deaf bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deaf = deaf
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

func (w *world) hear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deaf = false
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	handler, deaf := w.handler, w.deaf
	w.mu.Unlock()
	if deaf {
		http.Error(rw, "cut", http.StatusServiceUnavailable)
		return
	}
	handler.ServeHTTP(rw, r)
}

// Accept, Close and Addr make the world the listener of its server, so that it knows the connections to cut.
func (w *world) Accept() (net.Conn, error) {
	c, err := w.page.Accept()
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, c)
	if w.wrap != nil {
		c = w.wrap(c)
	}
	return c, nil
}

func (w *world) Close() error   { return w.page.Close() }
func (w *world) Addr() net.Addr { return w.page.Addr() }

func newSecret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

func (w *world) link(secret string) Link {
	w.t.Helper()
	l, err := ParseLink(fmt.Sprintf("http://%s/r/%s#%s", cmp.Or(w.front, w.Addr().String()), w.slug, secret))
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// join enters the world's room; the call ends with the test.
func (w *world) join(secret string, config Config, files ...string) *Call {
	w.t.Helper()
	return w.joinAt(w.link(secret), config, files...)
}

func (w *world) joinAt(link Link, config Config, files ...string) *Call {
	w.t.Helper()
	for i, f := range files {
		files[i] = "../../testdata/media/" + f
	}
	media, err := OpenMedia(files)
	if err != nil {
		w.t.Fatal(err)
	}
	config.Link, config.Publish = link, media
	if config.OnNotice == nil {
		config.OnNotice = func(text string) { w.t.Logf("%s: %s", config.Name, text) }
	}
	c, err := Join(context.Background(), config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Leave)
	return c
}

// eventually waits for a condition that other goroutines bring about.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// opened is how many frames of this participant's source have opened.
func (c *Call) opened(name string, source wire.Source) (n int) {
	for _, t := range c.Report().Tracks {
		if t.Name == name && t.Source == source {
			n += t.FramesOpened
		}
	}
	return n
}

// fallsSilent waits until nothing of somebody's sound has come for half a second: 25 frames of one who goes on.
func fallsSilent(t testing.TB, c *Call, name string) {
	t.Helper()
	stops(t, c, name, wire.SourceMic)
}

// stops waits until nothing of a source has come for half a second.
func stops(t testing.TB, c *Call, name string, source wire.Source) {
	t.Helper()
	came, since := c.opened(name, source), time.Now()
	eventually(t, "the "+string(source)+" of "+name+" stops", func() bool {
		if now := c.opened(name, source); now != came {
			came, since = now, time.Now()
		}
		return time.Since(since) > 500*time.Millisecond
	})
}

func (c *Call) state(name string) olmkeys.PeerState {
	for _, p := range c.Report().Participants {
		if p.Name == name {
			return p.State
		}
	}
	return ""
}

// capture is what a hostile SFU keeps: every packet, after SRTP.
type capture struct {
	mu      sync.Mutex
	packets []captured
}

type captured struct {
	at      time.Time
	label   string
	codec   string
	payload []byte
}

func (c *capture) packet(p sfu.TapPacket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.packets = append(c.packets, captured{time.Now(), p.Label, p.Codec, bytes.Clone(p.Payload)})
}

func (c *capture) all() []captured {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.packets)
}

// contains looks for bytes in each packet and across the border of two that followed each other.
func (c *capture) contains(needle []byte) bool {
	tails := map[string][]byte{}
	for _, p := range c.all() {
		joined := append(tails[p.label], p.payload...)
		if bytes.Contains(joined, needle) {
			return true
		}
		tails[p.label] = bytes.Clone(joined[max(0, len(joined)-len(needle)):])
	}
	return false
}
