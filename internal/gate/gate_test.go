package gate

import (
	"bufio"
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}

func request(from string, said ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = from
	r.Header["X-Forwarded-For"] = said
	return r
}

// S2: nobody gets another's share of the limits, or all of them, by what it writes into a header.
func TestS2_WhoAsks(t *testing.T) {
	for name, c := range map[string]struct {
		from string
		said []string
		want string
	}{
		"nobody between":                     {"203.0.113.7:5", nil, "203.0.113.7"},
		"a stranger who says it is another":  {"203.0.113.7:5", []string{"198.51.100.9"}, "203.0.113.7"},
		"a proxy":                            {"10.1.2.3:5", []string{"198.51.100.9"}, "198.51.100.9"},
		"a client that lied to the proxy":    {"10.1.2.3:5", []string{"192.0.2.1, 198.51.100.9"}, "198.51.100.9"},
		"two proxies":                        {"10.1.2.3:5", []string{"192.0.2.1, 198.51.100.9, 10.9.9.9"}, "198.51.100.9"},
		"two headers":                        {"10.1.2.3:5", []string{"192.0.2.1", "198.51.100.9"}, "198.51.100.9"},
		"a port":                             {"10.1.2.3:5", []string{"198.51.100.9:4711"}, "198.51.100.9"},
		"IPv6":                               {"[2001:db8:1::1]:5", []string{"[2001:db8:2::9]:4711"}, "2001:db8:2::9"},
		"IPv6 without a port":                {"[2001:db8:1::1]:5", []string{"2001:db8:2::9"}, "2001:db8:2::9"},
		"no address":                         {"10.1.2.3:5", []string{"198.51.100.9, unknown"}, "10.1.2.3"},
		"a proxy's own request":              {"10.1.2.3:5", nil, "10.1.2.3"},
		"IPv4 that came by an IPv6 socket":   {"[::ffff:10.1.2.3]:5", []string{"::ffff:198.51.100.9"}, "198.51.100.9"},
		"an unnamed proxy on this very host": {"127.0.0.1:5", []string{"198.51.100.9"}, "127.0.0.1"},
	} {
		var got netip.Addr
		New(Config{Trusted: proxies}).Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = Client(r) })).
			ServeHTTP(httptest.NewRecorder(), request(c.from, c.said...))
		if got.String() != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
	if got := Client(request("203.0.113.7:5", "198.51.100.9")); got.String() != "203.0.113.7" {
		t.Errorf("without a gate: %v", got)
	}
}

// S2: who has a whole network of IPv6 is one.
func TestS2_NetworkOfMany(t *testing.T) {
	one, same, other := request("[2001:db8:2::1]:5"), request("[2001:db8:2::2:9]:5"), request("[2001:db8:3::1]:5")
	if Network(one) != Network(same) || Network(one) == Network(other) {
		t.Errorf("%v %v %v", Network(one), Network(same), Network(other))
	}
}

// S2: one network that floods is refused; others, this machine, and the same one a moment later are not.
func TestS2_RequestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Config{})
		h := g.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
		ask := func(from string) int {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, request(from))
			if w.Code == http.StatusTooManyRequests && (w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "hint: ")) {
				t.Errorf("%v %s", w.Header(), w.Body)
			}
			return w.Code
		}
		passed := 0
		for range 2 * requestsBurst {
			if ask("[2001:db8:7::1]:1") == http.StatusNoContent {
				passed++
			}
		}
		if passed != requestsBurst {
			t.Errorf("%d passed", passed)
		}
		for from, want := range map[string]int{
			"[2001:db8:7::2]:1":   http.StatusTooManyRequests, // a neighbour is the same subscriber
			"[2001:db8:7:1::1]:1": http.StatusNoContent,
			"203.0.113.7:1":       http.StatusNoContent,
			"127.0.0.1:1":         http.StatusNoContent,
		} {
			if got := ask(from); got != want {
				t.Errorf("%s: %d", from, got)
			}
		}
		time.Sleep(time.Second)
		if got := ask("[2001:db8:7::1]:1"); got != http.StatusNoContent {
			t.Errorf("a second later: %d", got)
		}
		if g.Refused().Rate != requestsBurst+1 {
			t.Errorf("%+v", g.Refused())
		}
		for range requestsBurst + 10 {
			if got := ask("127.0.0.1:1"); got != http.StatusNoContent {
				t.Fatalf("this machine: %d", got)
			}
		}
	})
}

// S2: open WebSockets count until they close, and those that are opened anew are fewer a second than requests.
func TestS2_ManySockets(t *testing.T) {
	g := New(Config{})
	g.maxOpen = 3
	var open []net.Conn
	h := g.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		open = append(open, c)
	}))
	ask := func(from string) int {
		r := request(from)
		r.Header.Set("Upgrade", "WebSocket")
		w := httptest.NewRecorder()
		h.ServeHTTP(hijackable{w}, r)
		return w.Code
	}
	for range 3 {
		ask("203.0.113.7:1")
	}
	if got := ask("203.0.113.7:1"); got != http.StatusTooManyRequests || len(open) != 3 {
		t.Errorf("one too many: %d with %d", got, len(open))
	}
	if ask("203.0.113.8:1"); len(open) != 4 {
		t.Error("another network is kept out")
	}
	for range 2 { // the second time is nobody's place
		_ = open[0].Close()
	}
	if ask("203.0.113.7:1"); len(open) != 5 {
		t.Error("a place that became free is not given")
	}
	if got := ask("203.0.113.7:1"); got != http.StatusTooManyRequests {
		t.Error("closing twice gave two places")
	}
	g.maxOpen = socketsBurst + 10
	before := len(open)
	for range socketsBurst + 10 {
		ask("203.0.113.9:1")
	}
	if n := len(open) - before; n != socketsBurst {
		t.Errorf("%d were opened at once", n)
	}
}

type hijackable struct{ *httptest.ResponseRecorder }

func (hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	ours, _ := net.Pipe()
	return ours, nil, nil
}

// S2: connections that say nothing are bounded as well, one network's and all.
func TestS2_ManyConnections(t *testing.T) {
	g := New(Config{Trusted: proxies, InAll: 6})
	g.maxConnections = 2
	enter := func(ip string) net.Conn {
		return g.enter(from{net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 1))})
	}
	first := enter("203.0.113.7")
	enter("203.0.113.7")
	if enter("203.0.113.7") != nil {
		t.Error("one too many")
	}
	if enter("203.0.113.8") == nil {
		t.Error("another network is kept out")
	}
	for range 3 {
		if enter("10.0.0.1") == nil {
			t.Error("a proxy is bounded as one client")
		}
	}
	if enter("203.0.113.9") != nil || g.Refused().Connections != 2 {
		t.Errorf("too many in all: %+v", g.Refused())
	}
	for range 2 {
		_ = first.Close()
	}
	if enter("203.0.113.7") == nil || enter("203.0.113.9") != nil {
		t.Error("closing twice gave two places, or none")
	}
}

type from struct{ addr net.Addr }

func (from) Read([]byte) (int, error)         { return 0, net.ErrClosed }
func (from) Write([]byte) (int, error)        { return 0, net.ErrClosed }
func (from) Close() error                     { return nil }
func (from) LocalAddr() net.Addr              { return nil }
func (f from) RemoteAddr() net.Addr           { return f.addr }
func (from) SetDeadline(time.Time) error      { return nil }
func (from) SetReadDeadline(time.Time) error  { return nil }
func (from) SetWriteDeadline(time.Time) error { return nil }

// Networks at rest are forgotten: who comes from ever new ones does not fill the memory.
func TestNetworksAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Config{})
		h := g.Handler(http.NotFoundHandler())
		for i := range 20 * sweepAt {
			addr := netip.AddrFrom4([4]byte{byte(20 + i>>16), byte(i >> 8), byte(i), 1})
			h.ServeHTTP(httptest.NewRecorder(), request(netip.AddrPortFrom(addr, 1).String()))
			if i%10 == 0 {
				time.Sleep(time.Second / requestsPerSecond)
			}
		}
		if n := len(g.networks); n > 2*sweepAt {
			t.Errorf("%d are remembered", n)
		}
	})
}

// A proxy that is not trusted is told of, once.
func TestHintOfAProxy(t *testing.T) {
	var log bytes.Buffer
	g := New(Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	h := g.Handler(http.NotFoundHandler())
	h.ServeHTTP(httptest.NewRecorder(), request("203.0.113.7:1", "192.0.2.1"))
	if log.Len() > 0 {
		t.Errorf("of a stranger: %s", &log)
	}
	for range 2 {
		h.ServeHTTP(httptest.NewRecorder(), request("172.17.0.1:1", "192.0.2.1"))
	}
	if strings.Count(log.String(), "--trusted-proxy") != 1 || strings.Contains(log.String(), "192.0.2.1") {
		t.Error(log.String())
	}
}

// Where most people are behind one address, an operator gives it more, or all.
func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for times, want := range map[int]int{0: requestsBurst, 1: requestsBurst, 2: 2 * requestsBurst, -1: 3 * requestsBurst} {
			g := New(Config{Times: times})
			passed := 0
			h := g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed++ }))
			for range 3 * requestsBurst {
				h.ServeHTTP(httptest.NewRecorder(), request("203.0.113.7:1"))
			}
			if passed != want {
				t.Errorf("%d times: %d passed", times, passed)
			}
		}
	})
}
