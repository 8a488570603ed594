// Package gate bounds what one network may take of the page's port, so that whoever floods it leaves it to the others.
//
// [New] makes a [Gate]; its [Gate.Listener] bounds connections, its [Gate.Handler] requests, and WebSockets as long as they are open. A network is
// what package turn counts as one address. [Client] is who asks, also behind proxies that the operator trusts: what others write
// into X-Forwarded-For counts for nothing.
//
// # Limits
//
// [MaxConnections] a network, [MaxOpen] requests and WebSockets of it at a time, [requestsPerSecond] requests and [socketsPerSecond] new WebSockets, after
// a burst. [MaxInAll] connections of everybody. This machine itself is not bounded: a proxy on it that is not trusted by name stands for everybody.
//
// # Does not protect
//
// Against many networks at a time, and against packets that are no connections.
package gate

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/bucket"
	"github.com/grotto-meet/grotto/internal/turn"
)

// Bounds of one network. They leave room for an office of some three hundred behind one address, all of whom load the page and join at once, and come back
// at once after a restart.
const (
	MaxConnections = 2048
	MaxOpen        = 1024
	MaxInAll       = 32768 // connections of all networks

	requestsPerSecond = 100
	requestsBurst     = 3000
	socketsPerSecond  = 20
	socketsBurst      = 400

	retryAfter = "2" // seconds, for who is refused

	sweepAt = 1024 // networks that are remembered before those at rest are forgotten
)

var (
	ofRequests = bucket.Limit{Rate: requestsPerSecond, Burst: requestsBurst}
	ofSockets  = bucket.Limit{Rate: socketsPerSecond, Burst: socketsBurst} // new WebSockets
)

// Config of a [Gate]. The zero value trusts nobody.
type Config struct {
	Trusted []netip.Prefix // proxies whose X-Forwarded-For is believed
	Times   int            // what the bounds of one network are multiplied by; 1 if 0, none of them if less
	InAll   int            // connections of all networks; MaxInAll if 0 or more than that
	Log     *slog.Logger   // is told once of a proxy that is not trusted; may be nil
}

// Gate counts. It is safe for concurrent use.
type Gate struct {
	config Config
	hinted sync.Once

	// These are MaxConnections, MaxOpen and MaxInAll, but in tests and where they are multiplied.
	maxConnections, maxOpen, maxInAll int
	ofRequests, ofSockets             bucket.Limit

	mu          sync.Mutex
	networks    map[netip.Prefix]*network
	sweep       int // so many networks, and those at rest are forgotten
	connections int // of all
	refused     Refused
}

// Refused is how many were turned away since the start.
type Refused struct {
	Connections uint64 // too many of one network, or of all
	Requests    uint64 // too many at a time
	Rate        uint64 // too many a second
}

// network is what one network has, and may have.
type network struct {
	connections, open int
	requests, sockets bucket.Bucket
}

// New makes a gate through which nobody has come.
func New(config Config) *Gate {
	times := config.Times
	switch {
	case times == 0:
		times = 1
	case times < 0 || times > MaxInAll: // more than there may be in all
		times = MaxInAll
	}
	inAll := config.InAll
	if inAll <= 0 || inAll > MaxInAll {
		inAll = MaxInAll
	}
	return &Gate{config: config, maxConnections: times * MaxConnections, maxOpen: times * MaxOpen, maxInAll: inAll,
		ofRequests: ofRequests.Times(float64(times)), ofSockets: ofSockets.Times(float64(times)),
		networks: map[netip.Prefix]*network{}, sweep: sweepAt}
}

// Refused says how many were turned away.
func (g *Gate) Refused() Refused {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refused
}

// of gives what is known of a network. The lock is held.
func (g *Gate) of(from netip.Prefix) *network {
	n := g.networks[from]
	if n != nil {
		return n
	}
	if len(g.networks) >= g.sweep {
		now := time.Now()
		for prefix, n := range g.networks {
			if n.connections == 0 && n.open == 0 && n.requests.Full(now) && n.sockets.Full(now) {
				delete(g.networks, prefix)
			}
		}
		g.sweep = max(sweepAt, 2*len(g.networks))
	}
	n = new(network)
	g.networks[from] = n
	return n
}

func (g *Gate) trusts(ip netip.Addr) bool {
	for _, prefix := range g.config.Trusted {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// ---- connections ----

// Listener gives those connections that there is a place for; others are closed. Proxies that are trusted have all the places.
func (g *Gate) Listener(l net.Listener) net.Listener { return &listener{l, g} }

type listener struct {
	net.Listener
	gate *Gate
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.gate.enter(conn); c != nil {
			return c, nil
		}
		_ = conn.Close()
	}
}

// enter gives nil to one too many.
func (g *Gate) enter(c net.Conn) net.Conn {
	ip := address(c.RemoteAddr())
	from := turn.Network(c.RemoteAddr())
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.of(from)
	if g.connections >= g.maxInAll || n.connections >= g.maxConnections && !ip.IsLoopback() && !g.trusts(ip) {
		g.refused.Connections++
		return nil
	}
	n.connections++
	g.connections++
	return &conn{Conn: c, left: func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.connections--
		n.connections--
	}}
}

// conn tells once that it is closed.
type conn struct {
	net.Conn
	once sync.Once
	left func()
}

func (c *conn) Close() error {
	c.once.Do(c.left)
	return c.Conn.Close()
}

func address(addr net.Addr) netip.Addr {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap()
}

// ---- requests ----

type clientKey struct{}

// Client is whose request this is. Without a gate before it, it is who is connected.
func Client(r *http.Request) netip.Addr {
	if ip, ok := r.Context().Value(clientKey{}).(netip.Addr); ok {
		return ip
	}
	return connected(r)
}

// Network is what [Client] counts as: of IPv6 one machine has all of a /64.
func Network(r *http.Request) netip.Prefix { return networkOf(Client(r)) }

func networkOf(ip netip.Addr) netip.Prefix {
	return turn.Network(net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, 0)))
}

// connected is zero for what is no address.
func connected(r *http.Request) netip.Addr {
	both, _ := netip.ParseAddrPort(r.RemoteAddr)
	return both.Addr().Unmap().WithZone("")
}

// client reads what trusted proxies say of each other, from the one that is connected: each adds, at the end, whom it heard.
func (g *Gate) client(r *http.Request) netip.Addr {
	ip := connected(r)
	said := r.Header.Values("X-Forwarded-For")
	if len(said) == 0 {
		return ip
	}
	if !g.trusts(ip) {
		if g.config.Log != nil && (ip.IsLoopback() || ip.IsPrivate()) {
			g.hinted.Do(func() {
				g.config.Log.Warn("a proxy is before this server that is not trusted: limits are for all who come through it at once", "hint", "name its address with --trusted-proxy")
			})
		}
		return ip
	}
	hops := strings.Split(strings.Join(said, ","), ",")
	for i := len(hops) - 1; i >= 0 && g.trusts(ip); i-- {
		next, ok := hop(strings.TrimSpace(hops[i]))
		if !ok {
			break // whoever wrote this is as far as we know
		}
		ip = next
	}
	return ip
}

// hop is an address, with a port as some proxies write it.
func hop(text string) (netip.Addr, bool) {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap().WithZone(""), true
	}
	ip, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return ip.Unmap().WithZone(""), err == nil
}

// Handler lets requests through up to the limits. Others are answered 429.
func (g *Gate) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ip := g.client(r)
		r = r.WithContext(context.WithValue(r.Context(), clientKey{}, ip))
		if ip.IsLoopback() {
			next.ServeHTTP(w, r)
			return
		}
		n, why := g.begin(ip, strings.EqualFold(r.Header.Get("Upgrade"), "websocket"))
		if n == nil {
			w.Header().Set("Retry-After", retryAfter)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			http.Error(w, why+"\nhint: try again in a moment", http.StatusTooManyRequests)
			return
		}
		answer := &answer{ResponseWriter: w, gate: g, network: n}
		defer answer.done()
		next.ServeHTTP(answer, r)
	})
}

// begin gives nil, and why, to one too many.
func (g *Gate) begin(ip netip.Addr, isSocket bool) (n *network, why string) {
	from := networkOf(ip)
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	n = g.of(from)
	switch {
	case n.open >= g.maxOpen:
		g.refused.Requests++
		return nil, "too many connections from this network"
	case !n.requests.Take(now, g.ofRequests, 1), isSocket && !n.sockets.Take(now, g.ofSockets, 1):
		g.refused.Rate++
		return nil, "too many requests from this network"
	}
	n.open++
	return n, ""
}

func (g *Gate) end(n *network) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n.open--
}
