// Testserver is a Grotto server for the browser tests: the same node as the real one, with the SFU's hook set, and with
// switches for what a network or a hostile host does. It is built by `make test` and never shipped.
//
// It also serves /test/host, a page that embeds a room (host.html, host.js).
//
// It prints one line of JSON, {"url", "control"}, and serves on loopback until SIGTERM. On the control address:
//
//	GET  /seen                    what passed the SFU, by publication, and how much of it held the plaintext marker
//	POST /worker?patch=NAME       put patches.js before the worker's script: none, marker, identity, keyless, crash
//	POST /drop?seconds=N          cut every connection and refuse signalling for so long; media flows on
//	POST /restart                 stop the server and start one that knows nothing, on the same ports
//	POST /crowd?link=URL&people=N bring so many Go clients into a meeting, each with a camera and a microphone
//
// With -hostile it also misbehaves, by what is asked for with ?value=:
//
//	POST /layers                  pass on no spatial layer above this one
//	POST /flood                   so many forged packets of sound for each true one
//	POST /inject, /replay         silence that nobody sealed; each packet of sound twice
//	POST /hide                    tell this device of nobody who comes
//	POST /speak                   tell everybody that the one who came as this number speaks
//
// With -turn ADDRESS it relays media as well, as the real one does; -embed-origin is the real one's --embed-origin. With -tls the
// page is served over TLS, with TURN on its port: until /restart, and with a certificate whose hash is in the line as "spki".
//
// With -badnet media goes through a bad network, which /net and /rebind control: see badnet.Rig.Handle.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/node"
)

const stopTimeout = 3 * time.Second

// host holds the running node and what is done to it.
type host struct {
	seen *seen
	turn string // where TURN is; empty: nowhere
	tls  bool
	udp  string // where the first node listened, so that the next one does

	embedders []string

	mu      sync.Mutex
	node    *node.Node
	conns   map[net.Conn]struct{}
	deaf    time.Time // signalling is refused until then
	patch   string
	handler http.Handler

	hostile *hostile     // nil without -hostile
	rig     *badnet.Rig  // nil without -badnet
	front   *relay.Relay // nil without either
}

func main() {
	misbehave := flag.Bool("hostile", false, "misbehave on command")
	bad := flag.Bool("badnet", false, "put a bad network before the media port")
	seed := flag.Uint64("seed", 1, "of the bad network's chances")
	h := &host{seen: newSeen(), udp: ":0", conns: map[net.Conn]struct{}{}, patch: "none"}
	flag.StringVar(&h.turn, "turn", "", "serve TURN at this address")
	flag.BoolVar(&h.tls, "tls", false, "serve the page, and TURN beside it, over TLS")
	flag.Func("embed-origin", "this origin may show rooms in a frame", func(origin string) error {
		h.embedders = append(h.embedders, origin)
		return nil
	})
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, h, *misbehave, *bad, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "testserver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, h *host, misbehave, bad bool, seed uint64) error {
	if misbehave {
		h.hostile = newHostile()
	}
	if err := h.start(); err != nil {
		return err
	}
	if bad {
		h.rig = badnet.New(h.node.MediaAddr().(*net.UDPAddr), seed)
	}
	if bad || misbehave {
		front, err := newFront(h)
		if err != nil {
			return err
		}
		h.front = front
	}
	page, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	at := "ws://" + page.Addr().String() + node.SignalPath
	// localhost, not 127.0.0.1: only there browsers treat plain HTTP as secure without further ado.
	line := map[string]string{
		"url":     fmt.Sprintf("http://localhost:%d", page.Addr().(*net.TCPAddr).Port),
		"control": "http://" + control.Addr().String(),
	}
	page = kept{page, h}
	if h.tls {
		over, spki, err := certified(page)
		if err != nil {
			return err
		}
		page = h.node.Share(over)
		line["url"], line["spki"] = strings.Replace(line["url"], "http", "https", 1), spki
	}
	go func() { _ = http.Serve(control, h.controls(at)) }()
	go func() { _ = http.Serve(page, h) }()
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		return err
	}
	<-ctx.Done()
	return h.stop()
}

func (h *host) start() error {
	config := node.Config{UDP: h.udp, TURN: h.turn, TLS: h.tls, Embedders: h.embedders, Tap: h.seen.tap}
	if h.hostile != nil {
		config.Forge = h.hostile.forge
	}
	n, err := node.New(config)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.node, h.handler = n, n.Handler()
	h.udp = fmt.Sprintf(":%d", n.MediaAddr().(*net.UDPAddr).Port)
	return nil
}

func (h *host) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	h.mu.Lock()
	n := h.node
	h.mu.Unlock()
	return n.Close(ctx)
}

// controls is given where signalling is.
func (h *host) controls(at string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /seen", h.seen)
	mux.Handle("POST /crowd", &crowd{signal: at})
	mux.HandleFunc("POST /worker", func(_ http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.patch = r.URL.Query().Get("patch")
	})
	mux.HandleFunc("POST /drop", func(w http.ResponseWriter, r *http.Request) {
		seconds, err := strconv.Atoi(r.URL.Query().Get("seconds"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		h.cut(time.Now().Add(time.Duration(seconds) * time.Second))
	})
	if h.hostile != nil {
		h.hostile.controls(mux, h.front)
	}
	if h.rig != nil {
		h.rig.Handle(mux)
	}
	mux.HandleFunc("POST /restart", func(w http.ResponseWriter, _ *http.Request) {
		err := h.stop()
		h.cut(time.Time{})
		if err == nil {
			err = h.start()
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

// cut closes every connection to the page's address.
func (h *host) cut(deaf time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = deaf
	for c := range h.conns {
		_ = c.Close()
	}
	clear(h.conns)
}

func (h *host) current() http.Handler {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.handler
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	handler, patch, deaf := h.handler, h.patch, time.Now().Before(h.deaf)
	h.mu.Unlock()
	switch {
	case deaf && r.URL.Path == node.SignalPath:
		http.Error(w, "refused by the test", http.StatusServiceUnavailable)
	case strings.HasPrefix(r.URL.Path, "/test/host"):
		serveEmbedder(w, r, handler)
	case h.front != nil && r.URL.Path == node.SignalPath:
		h.front.ServeHTTP(w, r)
	case patch != "none" && isWorker(r.URL.Path):
		servePatched(w, r, handler, patch)
	default:
		handler.ServeHTTP(w, r)
	}
}

// kept is a listener that remembers its connections, so that they can be cut, hijacked ones too.
type kept struct {
	net.Listener
	host *host
}

func (k kept) Accept() (net.Conn, error) {
	c, err := k.Listener.Accept()
	if err != nil {
		return nil, err
	}
	k.host.mu.Lock()
	defer k.host.mu.Unlock()
	k.host.conns[c] = struct{}{}
	return c, nil
}
