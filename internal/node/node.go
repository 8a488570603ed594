// Package node joins the parts of a server: rooms, the SFU and the web client.
//
// [New] opens the UDP socket and gives a [Node]; its [Node.Handler] goes into an http.Server of the caller's. It is all
// of the server but flags and TCP sockets, so tests run the same thing in their own process.
package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/web"
)

// Paths of the handler; everything else is the web client's.
const (
	SignalPath = "/v1/signal" // WebSocket
	HealthPath = "/healthz"   // whether the program runs, and which
	LoginPath  = "/login/"    // for people
	ReadyPath  = "/readyz"    // whether calls may begin: 503 where they may not
)

// hsts is sent over TLS only (RFC 6797 §7.2): a year.
const hsts = "max-age=31536000"

// Config of a [Node]. The zero value works and listens for media on [sfu.DefaultAddr].
type Config struct {
	ServerName   string                     // in user and room ids; "localhost" if empty
	Version      string                     // of the program
	Rooms        []string                   // slugs admitted to; every slug if empty
	Participants int                        // sessions a room; room.DefaultParticipants if 0
	Auth         room.Authenticator         // room.Open if nil
	Vouch        func(*http.Request) string // see room.Config; nobody if nil
	Login        http.Handler               // of everything below LoginPath; nobody can sign in if nil
	UDP          string                     // address of the media socket, UDP and TCP; an empty host means every interface
	MediaTCP     net.Listener               // media comes over TCP here, if set, and not at the media socket's port; Close closes it
	PublicIPs    []string                   // IP or IP:PORT that reach the media socket from outside
	PublicOnly   bool                       // clients are told of these only
	Voices       int                        // of a room that are forwarded at a time; sfu.DefaultVoices if 0, all if less
	NoLevels     bool                       // audio levels are not read: nobody is told who speaks, and every voice is forwarded
	NoLevelsIn   []string                   // ... in the rooms with these slugs
	TLS          bool                       // the handler is served over TLS: browsers are told to stay there, and TURN is on that port, too (see Share)
	TURN         string                     // address of TURN over UDP and TCP; none if empty
	TURNOptional bool                       // go without it if the address is taken
	TURNHost     string                     // what clients call it; if empty, what they call the page's server
	Embedders    []string                   // origins of pages that may show a room in a frame, beside the server's own
	Web          http.Handler               // the embedded client if nil
	Notice       func(room.Event)           // see room.Config
	Figures      func() []Metric            // more of them for Metrics; none if nil

	Ready func(context.Context) error // what else calls need, for ReadyPath; nothing if nil
	Log   *slog.Logger                // nothing is logged if nil

	// Terms looks up what holds in a room, see room.Config; nothing special if nil.
	Terms func(ctx context.Context, slug string) (room.Terms, error)

	// Tap sees every media packet as a hostile SFU would. It is for tests.
	Tap func(sfu.TapPacket)
	// Forge makes the SFU a hostile one. It is for tests.
	Forge func(sfu.TapPacket, *rtp.Packet) []sfu.Forgery
}

// Node is a running server without its TCP listener.
type Node struct {
	cfg   Config
	rooms *room.Server
	sfu   *sfu.SFU
	relay *relay // nil: none
	mux   *http.ServeMux

	broken atomic.Bool // as of the last that asked
}

// New opens the media socket. A socket that cannot be opened is a *[UDPError].
func New(cfg Config) (*Node, error) {
	for _, slug := range cfg.Rooms {
		if !wire.ValidSlug(slug) {
			return nil, fmt.Errorf("node: %q is not the name of a room: 3 to 64 characters of a-z, 0-9 and -", slug)
		}
	}
	embedders := make([]string, len(cfg.Embedders))
	for i, text := range cfg.Embedders {
		origin, err := web.ParseOrigin(text)
		if err != nil {
			return nil, fmt.Errorf("node: %w", err)
		}
		embedders[i] = origin
	}
	if cfg.ServerName != "" && !wire.ValidServerName(cfg.ServerName) {
		return nil, fmt.Errorf("node: %q is not a server name", cfg.ServerName)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	// Loopback is offered along with the interfaces: that is how two people on one machine meet.
	media, err := sfu.New(sfu.Config{Addr: cfg.UDP, TCP: true, Streams: cfg.MediaTCP, IncludeLoopback: true, PublicIPs: cfg.PublicIPs, PublicOnly: cfg.PublicOnly, Voices: cfg.Voices, NoLevels: cfg.NoLevels, Log: cfg.Log, Tap: cfg.Tap, Forge: cfg.Forge})
	if err != nil {
		if op, ok := errors.AsType[*net.OpError](err); ok {
			return nil, &UDPError{Err: op}
		}
		return nil, fmt.Errorf("node: %w", err)
	}
	if cfg.Web == nil {
		cfg.Web = web.Handler(embedders...)
	}
	n := &Node{cfg: cfg, sfu: media, mux: http.NewServeMux()}
	var lend room.Relay
	if n.relay, err = newRelay(cfg, media); err != nil {
		_ = media.Close()
		return nil, err
	}
	if n.relay != nil {
		lend = n.relay
	}
	n.rooms = room.New(room.Config{ServerName: cfg.ServerName, Version: cfg.Version, Rooms: cfg.Rooms,
		Participants: cfg.Participants, Auth: cfg.Auth, Vouch: cfg.Vouch, Media: forwarder{media}, Relay: lend, NoLevels: cfg.NoLevelsIn, Origins: embedders, Notice: cfg.Notice, Terms: cfg.Terms, Log: cfg.Log})
	n.mux.Handle(SignalPath, n.rooms)
	n.mux.HandleFunc(HealthPath, n.health)
	if cfg.Login != nil {
		n.mux.Handle(LoginPath, cfg.Login)
	} else { // an answer all the same: the page asks
		n.mux.HandleFunc("GET "+LoginPath+"state", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, struct{}{}) })
	}
	n.mux.HandleFunc(ReadyPath, n.ready)
	n.mux.Handle("/", cfg.Web)
	return n, nil
}

// TURNError says that the sockets for TURN could not be opened.
type TURNError struct{ Err error }

func (e *TURNError) Error() string { return "node: TURN socket: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *TURNError) Unwrap() error { return e.Err }

// UDPError says that the media socket could not be opened.
type UDPError struct{ Err error }

func (e *UDPError) Error() string { return "node: media socket: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *UDPError) Unwrap() error { return e.Err }

// Handler serves signalling, health and the web client.
func (n *Node) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		harmless(w.Header())
		if n.cfg.TLS {
			w.Header().Set("Strict-Transport-Security", hsts)
		}
		n.mux.ServeHTTP(w, r)
	})
}

// harmless is what every answer says of itself: nothing that it contains is to be run, guessed at, framed or read by pages of others. The
// page allows itself more.
func harmless(head http.Header) {
	head.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// Handle puts another handler beside those of the node, before it is served.
func (n *Node) Handle(pattern string, h http.Handler) { n.mux.Handle(pattern, h) }

// Rooms are what is controlled from outside.
func (n *Node) Rooms() *room.Server { return n.rooms }

// MediaAddr is where the media socket listens.
func (n *Node) MediaAddr() net.Addr { return n.sfu.Addr() }

// Close says bye to everybody, waits for that until ctx ends, and closes the media socket.
func (n *Node) Close(ctx context.Context) error {
	n.rooms.Shutdown(ctx)
	if n.relay != nil {
		_ = n.relay.server.Close() // its sockets are of no use any more, whether or not they close well
	}
	return n.sfu.Close()
}

// Drain lets no call begin, and waits until those that are there are over or ctx ends.
func (n *Node) Drain(ctx context.Context) { n.rooms.Drain(ctx) }

func (n *Node) health(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, struct {
		Status  string `json:"status"`
		Version string `json:"version"`
		Bundle  string `json:"bundle"` // what the page is, see web.Bundle
	}{"ok", n.cfg.Version, web.Bundle()})
}

func (n *Node) ready(w http.ResponseWriter, r *http.Request) {
	status, is := http.StatusOK, "ready"
	if n.rooms.Draining() {
		status, is = http.StatusServiceUnavailable, "draining"
	} else if err := n.need(r.Context()); err != nil {
		status, is = http.StatusServiceUnavailable, "broken"
		if r.Context().Err() == nil && !n.broken.Swap(true) { // why is for the log, once, not for everybody who asks
			n.cfg.Log.Error("calls cannot begin", "error", err)
		}
	} else {
		n.broken.Store(false)
	}
	say(w, status, struct {
		Status string `json:"status"`
	}{is})
}

// need says what keeps calls from beginning.
func (n *Node) need(ctx context.Context) error {
	if n.cfg.Ready == nil {
		return nil
	}
	return n.cfg.Ready(ctx)
}

func say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the reader has gone: nothing to do
}
