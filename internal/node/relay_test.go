package node

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/pion/turn/v5"

	"github.com/grotto-meet/grotto/internal/wire"
)

// startTLS serves page, signalling and TURN on one port.
func startTLS(t *testing.T, cfg Config) (*Node, *httptest.Server) {
	t.Helper()
	cfg.TLS = true
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(n.Handler())
	certificates := httptest.NewTLSServer(http.NotFoundHandler())
	certificates.Close()
	server.Listener = n.Share(tls.NewListener(server.Listener, &tls.Config{Certificates: certificates.TLS.Certificates}))
	server.Start()
	server.URL = "https" + strings.TrimPrefix(server.URL, "http")
	t.Cleanup(func() {
		server.Close()
		if err := n.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return n, server
}

var anyCertificate = &tls.Config{InsecureSkipVerify: true}

func greet(t *testing.T, url, host string) *wire.Welcome {
	t.Helper()
	dialer := websocket.Dialer{TLSClientConfig: anyCertificate}
	ws, _, err := dialer.Dial("ws"+strings.TrimPrefix(url, "http")+SignalPath, http.Header{"Host": {host}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	welcome, ok := ask(t, ws, &wire.Hello{ID: 1, Version: wire.Version, Room: "blue-harbour"}).(*wire.Welcome)
	if !ok {
		t.Fatal("no welcome")
	}
	return welcome
}

func urls(w *wire.Welcome) (all []string) {
	for _, s := range w.ICEServers {
		all = append(all, s.URL)
	}
	return all
}

// Each relay that a client is told of is there, and takes the credentials that it was told.
func TestRelaysOfAWelcome(t *testing.T) {
	_, server := startTLS(t, Config{UDP: loopback, TURN: loopback})
	host := strings.TrimPrefix(server.URL, "https://")
	w := greet(t, server.URL, host)
	if len(w.ICEServers) != 3 {
		t.Fatalf("%v", urls(w))
	}
	for _, s := range w.ICEServers {
		addr, transport, _ := strings.Cut(s.URL, "?transport=")
		scheme, addr, _ := strings.Cut(addr, ":")
		conn := dialRelay(t, scheme, transport, addr)
		c, err := turn.NewClient(&turn.ClientConfig{TURNServerAddr: addr, Conn: conn, Username: s.Username, Password: s.Credential})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Listen(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Allocate(); err != nil {
			t.Errorf("%s: %v", s.URL, err)
		}
		c.Close()
		_ = conn.Close()
	}
	// And the page is where it was.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: anyCertificate}}
	defer client.CloseIdleConnections()
	r, err := client.Get(server.URL + HealthPath)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Error(r.Status)
	}
}

func dialRelay(t *testing.T, scheme, transport, addr string) net.PacketConn {
	t.Helper()
	if transport == "udp" {
		conn, err := net.ListenPacket("udp4", loopback)
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if scheme == "turns" {
		conn = tls.Client(conn, anyCertificate)
	}
	return turn.NewSTUNConn(conn)
}

func TestRelayNames(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		host string
		want []string
	}{
		"none":           {Config{UDP: loopback}, "meet.example", nil},
		"as the page":    {Config{UDP: loopback, TURN: loopback}, "meet.example:8443", []string{"turn:meet.example:PORT?transport=udp", "turn:meet.example:PORT?transport=tcp"}},
		"without a port": {Config{UDP: loopback, TLS: true}, "meet.example", []string{"turns:meet.example:443?transport=tcp"}},
		"TLS":            {Config{UDP: loopback, TLS: true}, "meet.example:8443", []string{"turns:meet.example:8443?transport=tcp"}},
		"IPv6":           {Config{UDP: loopback, TLS: true}, "[2001:db8::7]", []string{"turns:[2001:db8::7]:443?transport=tcp"}},
		"IPv6 and port":  {Config{UDP: loopback, TLS: true}, "[2001:db8::7]:8443", []string{"turns:[2001:db8::7]:8443?transport=tcp"}},
		"another name":   {Config{UDP: loopback, TLS: true, TURNHost: "turn.example"}, "meet.example:8443", []string{"turns:turn.example:8443?transport=tcp"}},
		"nobody":         {Config{UDP: loopback, TLS: true}, "", nil},
	} {
		n, err := New(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		if n.relay != nil {
			for _, s := range n.relay.Grant(c.host, "call", "session") {
				got = append(got, s.URL)
			}
		}
		for i, want := range c.want {
			if n.relay != nil && n.relay.tcp != nil {
				_, port, _ := net.SplitHostPort(n.relay.tcp.Addr().String())
				c.want[i] = strings.Replace(want, "PORT", port, 1)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if err := n.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A port that is taken is no reason not to start, unless somebody asked for it.
func TestRelayPortTaken(t *testing.T) {
	first, err := New(Config{UDP: loopback, TURN: loopback})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(t.Context())
	taken := first.relay.tcp.Addr().String()
	if _, err := New(Config{UDP: loopback, TURN: taken}); err == nil || !strings.Contains(err.Error(), syscall.EADDRINUSE.Error()) {
		t.Errorf("%v", err)
	}
	second, err := New(Config{UDP: loopback, TURN: taken, TURNOptional: true})
	if err != nil {
		t.Fatal(err)
	}
	if second.relay != nil {
		t.Error("there are two")
	}
	if err := second.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
