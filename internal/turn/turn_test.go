package turn

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
)

const deadline = 5 * time.Second

var quiet = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled, ScopeLevels: map[string]logging.LogLevel{}}

// public is what our media port is offered by: an address that no machine has (RFC 5737).
var public = netip.MustParseAddr("203.0.113.7")

// bench is a server in front of a media port that echoes.
type bench struct {
	*Server
	t      *testing.T
	media  netip.AddrPort // as offered
	target *net.UDPConn
	udp    string
	tcp    string
	now    atomic.Int64
}

func newBench(t *testing.T, change ...func(*bench)) *bench {
	t.Helper()
	b := &bench{t: t, target: listenUDP(t)}
	b.now.Store(1_800_000_000)
	b.media = netip.AddrPortFrom(public, port(b.target))
	go echo(b.target)
	udp := listenUDP(t)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.udp, b.tcp = udp.LocalAddr().String(), tcp.Addr().String()
	b.Server, err = prepare(Config{UDP: udp, Streams: []net.Listener{tcp}, Now: func() time.Time { return time.Unix(b.now.Load(), 0) },
		Peers: func() []netip.AddrPort { return []netip.AddrPort{b.media} },
		Dial: func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", b.target.LocalAddr().String())
		}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(b)
	}
	if err := b.serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func listenUDP(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func port(c *net.UDPConn) uint16 { return c.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

func echo(c *net.UDPConn) {
	b := make([]byte, 2000)
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		_, _ = c.WriteToUDPAddrPort(b[:n], from)
	}
}

// client logs in over UDP, or over TCP.
func (b *bench) client(username, password string, stream bool) *turn.Client {
	b.t.Helper()
	addr, conn := b.udp, net.PacketConn(nil)
	if stream {
		addr = b.tcp
		tcp, err := net.Dial("tcp", addr)
		if err != nil {
			b.t.Fatal(err)
		}
		conn = turn.NewSTUNConn(tcp)
	} else {
		conn = listenUDP(b.t)
	}
	c, err := turn.NewClient(&turn.ClientConfig{TURNServerAddr: addr, Conn: conn, Username: username, Password: password, Realm: realm, LoggerFactory: quiet})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := c.Listen(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		c.Close()
		_ = conn.Close()
	})
	return c
}

// allocated is a relay of a session of its own.
func (b *bench) allocated(name string, stream bool) (*turn.Client, net.PacketConn) {
	b.t.Helper()
	username, password := b.Grant("room", name)
	c := b.client(username, password, stream)
	relay, err := c.Allocate()
	if err != nil {
		b.t.Fatal(err)
	}
	return c, relay
}

// answers sends to the media port through a relay and waits for the echo.
func (b *bench) answers(relay net.PacketConn) error {
	b.t.Helper()
	if _, err := relay.WriteTo([]byte("media"), net.UDPAddrFromAddrPort(b.media)); err != nil {
		return err
	}
	_ = relay.SetReadDeadline(time.Now().Add(deadline))
	buffer := make([]byte, 100)
	n, from, err := relay.ReadFrom(buffer)
	if err != nil {
		return err
	}
	if string(buffer[:n]) != "media" || from.String() != b.media.String() {
		b.t.Errorf("%q from %v", buffer[:n], from)
	}
	return nil
}

func TestRelays(t *testing.T) {
	for name, stream := range map[string]bool{"UDP": false, "TCP": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			_, relay := b.allocated("a", stream)
			for range 3 {
				if err := b.answers(relay); err != nil {
					t.Fatal(err)
				}
			}
			if n := b.Allocations(); n != 1 {
				t.Errorf("%d allocations", n)
			}
		})
	}
}

// elsewhere are the places that a relay must not reach, each with a listener of ours on a port that stands for what may be there:
// the signalling, metrics, the TURN port itself, another host's services.
func TestS1_RelaysLeadToTheMediaPortOnly(t *testing.T) {
	forbidden := listenUDP(t) // reachable for the server, if it sent there
	p := port(forbidden)
	for name, peer := range map[string]netip.AddrPort{
		"loopback":              netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), p),
		"loopback, another":     netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), p),
		"unspecified":           netip.AddrPortFrom(netip.MustParseAddr("0.0.0.0"), p),
		"private 10":            netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), p),
		"private 172":           netip.AddrPortFrom(netip.MustParseAddr("172.16.0.1"), p),
		"private 192":           netip.AddrPortFrom(netip.MustParseAddr("192.168.0.1"), p),
		"carrier":               netip.AddrPortFrom(netip.MustParseAddr("100.64.0.1"), p),
		"link-local, metadata":  netip.AddrPortFrom(netip.MustParseAddr("169.254.169.254"), 80),
		"multicast":             netip.AddrPortFrom(netip.MustParseAddr("224.0.0.251"), 5353),
		"broadcast":             netip.AddrPortFrom(netip.MustParseAddr("255.255.255.255"), p),
		"public":                netip.AddrPortFrom(netip.MustParseAddr("198.51.100.1"), p),
		"own address, other":    netip.AddrPortFrom(public, p),
		"own address, port 0":   netip.AddrPortFrom(public, 0),
		"next address":          netip.AddrPortFrom(public.Next(), p),
		"media port, elsewhere": netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 0), // its port is set below
	} {
		t.Run(name, func(t *testing.T) {
			dialled := make(chan netip.AddrPort, 100)
			b := newBench(t, func(b *bench) {
				safe := b.dial
				b.dial = func(p netip.AddrPort) (net.Conn, error) {
					dialled <- p
					return safe(p)
				}
			})
			if name == "media port, elsewhere" {
				peer = netip.AddrPortFrom(peer.Addr(), b.media.Port())
			}
			c, relay := b.allocated("a", false)
			permission := c.CreatePermission(net.UDPAddrFromAddrPort(peer))
			if own := peer.Addr() == public; (permission == nil) != own {
				t.Errorf("permission: %v", permission)
			}
			_, _ = relay.WriteTo([]byte("attack"), net.UDPAddrFromAddrPort(peer))
			if err := b.answers(relay); err != nil { // and so what was sent before has been handled
				t.Fatal(err)
			}
			for len(dialled) > 0 {
				if to := <-dialled; to != b.media {
					t.Errorf("went to %v", to)
				}
			}
		})
	}
	if got := heard(t, forbidden); got != "" {
		t.Errorf("%q arrived where nothing may", got)
	}
}

// heard is what has arrived at a socket.
func heard(t *testing.T, c *net.UDPConn) string {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	b := make([]byte, 100)
	n, err := c.Read(b)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
		t.Fatal(err)
	}
	return string(b[:max(n, 0)])
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// The attack succeeds where the rule is switched off: so the tests above can fail.
func TestS1_WithoutTheRuleTheAttackSucceeds(t *testing.T) {
	forbidden := listenUDP(t)
	b := newBench(t, func(b *bench) {
		b.permits = func(netip.AddrPort) bool { return true }
		b.dial = func(p netip.AddrPort) (net.Conn, error) { return net.Dial("udp", p.String()) }
	})
	_, relay := b.allocated("a", false)
	if _, err := relay.WriteTo([]byte("attack"), forbidden.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	_ = forbidden.SetReadDeadline(time.Now().Add(deadline))
	buffer := make([]byte, 100)
	if n, err := forbidden.Read(buffer); err != nil || string(buffer[:n]) != "attack" {
		t.Errorf("%q %v", buffer[:n], err)
	}
}

// Two who relay do not reach each other, and nobody reaches a relay.
func TestS1_RelaysDoNotReachRelays(t *testing.T) {
	b := newBench(t)
	_, first := b.allocated("a", false)
	_, second := b.allocated("b", false)
	_, _ = first.WriteTo([]byte("attack"), second.LocalAddr())
	if err := b.answers(first); err != nil {
		t.Fatal(err)
	}
	if err := b.answers(second); err != nil { // the first packet it hears is its own echo
		t.Fatal(err)
	}
}

// RFC 6062 would open TCP connections from here to anywhere.
func TestS1_NoRelayToTCP(t *testing.T) {
	b := newBench(t)
	username, password := b.Grant("room", "a")
	if c, err := b.client(username, password, true).AllocateTCP(); err == nil {
		_ = c.Close()
		t.Error("a TCP relay was made")
	}
}

func TestS1_Credentials(t *testing.T) {
	b := newBench(t)
	username, password := b.Grant("blue", "a")
	other, otherPassword := b.Grant("blue", "b")
	_, inGreen := b.Grant("green", "c")
	later := strings.Replace(username, "18", "19", 1)
	for name, login := range map[string][2]string{
		"none":            {"", ""},
		"wrong password":  {username, "x"},
		"somebody else's": {username, otherPassword},
		"another room's":  {username, inGreen},
		"longer expiry":   {later, password},
		"unknown session": {strings.Replace(username, ":a", ":z", 1), password},
		"no expiry":       {"a", password},
	} {
		if _, err := b.client(login[0], login[1], false).Allocate(); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if b.Allocations() != 0 {
		t.Errorf("%d allocations", b.Allocations())
	}
	relay, err := b.client(username, password, false).Allocate()
	if err != nil {
		t.Fatal(err)
	}
	b.now.Add(int64(Lifetime/time.Second) + 1)
	if _, err := b.client(other, otherPassword, false).Allocate(); err == nil {
		t.Error("taken after the expiry")
	}
	if err := b.answers(relay); err != nil { // permissions are still given
		t.Errorf("a relay ended while its session lives: %v", err)
	}
}

// A room's name is part of what the password is made of.
func TestS1_CredentialsAreBoundToTheRoom(t *testing.T) {
	b := newBench(t)
	username, blue := b.Grant("blue", "a")
	again, green := b.Grant("green", "a")
	if username != again || blue == green {
		t.Errorf("%s %s %s %s", username, again, blue, green)
	}
	if _, err := b.client(username, blue, false).Allocate(); err == nil {
		t.Error("the password of the other room was taken")
	}
}

func TestS1_RevokedWithTheSession(t *testing.T) {
	for name, stream := range map[string]bool{"UDP": false, "TCP": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			_, relay := b.allocated("a", stream)
			if err := b.answers(relay); err != nil {
				t.Fatal(err)
			}
			username, password := b.Grant("room", "b")
			b.Revoke("a")
			b.Revoke("b")
			b.Revoke("b")
			if b.Allocations() != 0 {
				t.Errorf("%d allocations", b.Allocations())
			}
			if _, err := b.client(username, password, stream).Allocate(); err == nil {
				t.Error("taken after the end of the session")
			}
			_, _ = relay.WriteTo([]byte("late"), net.UDPAddrFromAddrPort(b.media))
			_ = relay.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			if n, _, err := relay.ReadFrom(make([]byte, 100)); err == nil {
				t.Errorf("%d bytes after the end of the session", n)
			}
		})
	}
}

func TestS1_Quota(t *testing.T) {
	b := newBench(t)
	username, password := b.Grant("room", "a")
	var last net.PacketConn
	for i := range MaxAllocations {
		relay, err := b.client(username, password, false).Allocate()
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		last = relay
	}
	if _, err := b.client(username, password, false).Allocate(); err == nil {
		t.Error("one more than allowed")
	}
	_, other := b.allocated("b", false) // is not the first one's matter
	if err := b.answers(other); err != nil {
		t.Error(err)
	}
	_ = last.Close()
	if _, err := b.client(username, password, false).Allocate(); err != nil {
		t.Errorf("no place after one was given back: %v", err)
	}
}

// Many sessions, as those who do not even join can have, do not help one address to more relays, nor all together.
func TestS1_RelaysOfManySessions(t *testing.T) {
	elsewhere := &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1}
	t.Run("of one address", func(t *testing.T) {
		b := newBench(t, func(b *bench) { b.maxRelaysOfAddress = 2 })
		b.allocated("a", false)
		_, last := b.allocated("b", true)
		username, password := b.Grant("room", "c")
		if _, err := b.client(username, password, false).Allocate(); err == nil {
			t.Error("one more than allowed")
		}
		if !b.withinQuota("c", realm, elsewhere) {
			t.Error("another address has no place")
		}
		_ = last.Close()
		if _, err := b.client(username, password, false).Allocate(); err != nil {
			t.Errorf("no place after one was given back: %v", err)
		}
		for _, name := range []string{"a", "b", "c"} {
			b.Revoke(name)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.from) != 0 || len(b.relays) != 0 {
			t.Errorf("%d addresses and %d relays are counted in the end", len(b.from), len(b.relays))
		}
	})
	t.Run("in all", func(t *testing.T) {
		b := newBench(t, func(b *bench) { b.maxRelays = 2 })
		b.allocated("a", false)
		b.allocated("b", true)
		b.Grant("room", "c")
		if b.withinQuota("c", realm, elsewhere) {
			t.Error("one more than allowed")
		}
		b.Revoke("a")
		if !b.withinQuota("c", realm, elsewhere) {
			t.Error("no place after one was given back")
		}
	})
	t.Run("at the same time", func(t *testing.T) { // all asked before any was counted
		b := newBench(t, func(b *bench) { b.maxRelaysOfAddress, b.maxRelays = 2, 3 })
		b.Grant("room", "a")
		var made []net.Addr
		for i := range 4 {
			_, addr, err := relays{b.Server}.AllocatePacketConn(turn.AllocateListenerConfig{Network: "udp4", UserID: "a"})
			if (err == nil) != (i < 3) {
				t.Fatalf("%d: %v", i, err)
			}
			made = append(made, addr)
		}
		for _, addr := range made[:3] {
			b.settle(elsewhere, addr)
		}
		if n := b.Allocations(); n != 2 {
			t.Errorf("%d allocations", n)
		}
	})
}

// What is no TURN, and who says nothing, costs a place at most.
func TestS1_Garbage(t *testing.T) {
	b := newBench(t)
	for _, garbage := range []string{"", "\x00", "GET / HTTP/1.1\r\n\r\n", strings.Repeat("\x00\x01\xff\xff", 400), strings.Repeat("\x40\x00\xff\xff", 400)} {
		udp, err := net.Dial("udp", b.udp)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = udp.Write([]byte(garbage))
		_ = udp.Close()
		tcp, err := net.Dial("tcp", b.tcp)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = tcp.Write([]byte(garbage))
		_ = tcp.Close()
	}
	for _, stream := range []bool{false, true} {
		_, relay := b.allocated("a", stream)
		if err := b.answers(relay); err != nil {
			t.Error(err)
		}
	}
}

// One address cannot take all places.
func TestS1_TooManyFromOneAddress(t *testing.T) {
	b := newBench(t)
	var held []net.Conn
	for range MaxPerAddress {
		c, err := net.Dial("tcp", b.tcp)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
	}
	more, err := net.Dial("tcp", b.tcp)
	if err != nil {
		t.Fatal(err)
	}
	defer more.Close()
	_ = more.SetReadDeadline(time.Now().Add(deadline))
	if _, err := more.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("one more stays: %v", err)
	}
	_ = held[0].Close()
	b.holds(MaxPerAddress - 1)
	_, relay := b.allocated("a", true)
	if err := b.answers(relay); err != nil {
		t.Error(err)
	}
}

func (l *streams) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// holds waits until the server has so many TCP connections.
func (b *bench) holds(n int) {
	b.t.Helper()
	for timeout := time.After(deadline); b.taken[0].count() != n; {
		select {
		case <-timeout:
			b.t.Fatalf("%d connections, want %d", b.taken[0].count(), n)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// A byte now and then does not keep a connection, a relay does.
func TestS1_WithoutARelayAConnectionEnds(t *testing.T) {
	b := newBench(t, func(b *bench) { b.greet = 2 * time.Second })
	_, relay := b.allocated("a", true)
	idle, err := net.Dial("tcp", b.tcp)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if _, err := idle.Write([]byte{0}); err != nil {
		t.Fatal(err)
	}
	_ = idle.SetReadDeadline(time.Now().Add(deadline))
	if _, err := idle.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("a connection that was greeted by a byte stays: %v", err)
	}
	if err := b.answers(relay); err != nil { // it came before the other
		t.Errorf("a connection with a relay: %v", err)
	}
	b.holds(1)
	b.Revoke("a")
	b.holds(0)
}

// What a relay leads to is not asked for with each packet, but is known again after a second.
func TestPeersAreAskedForOnceASecond(t *testing.T) {
	var asked atomic.Int64
	var moved atomic.Bool
	b := newBench(t, func(b *bench) {
		peers := b.config.Peers
		b.config.Peers = func() []netip.AddrPort {
			asked.Add(1)
			if moved.Load() {
				return []netip.AddrPort{netip.AddrPortFrom(public.Next(), b.media.Port())}
			}
			return peers()
		}
	})
	_, relay := b.allocated("a", false)
	for range 10 {
		if err := b.answers(relay); err != nil {
			t.Fatal(err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	moved.Store(true)
	b.now.Add(1)
	if b.isMedia(b.media) || asked.Load() != 2 {
		t.Errorf("the old address is permitted; asked %d times", asked.Load())
	}
}

// flaky has no descriptors at first.
type flaky struct {
	net.Listener
	failures atomic.Int64
}

func (l *flaky) Accept() (net.Conn, error) {
	if l.failures.Add(1) <= 2 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestS1_AFailedAcceptIsNotTheEnd(t *testing.T) {
	b := newBench(t, func(b *bench) { b.config.Streams[0] = &flaky{Listener: b.config.Streams[0]} })
	_, relay := b.allocated("a", true)
	if err := b.answers(relay); err != nil {
		t.Error(err)
	}
}

// When all places are taken, who comes is told so; who has one keeps it.
func TestS1_TooManyInAll(t *testing.T) {
	l := newStreams(nil, greetTimeout)
	enter := func(i int) *stream {
		ip := net.IPv4(10, 0, byte(i>>8), byte(i))
		return l.enter(addressed{remote: &net.TCPAddr{IP: ip, Port: 1}})
	}
	first := enter(0)
	for i := range MaxStreams - 1 {
		if enter(i+1) == nil {
			t.Fatalf("%d: refused", i)
		}
	}
	if enter(MaxStreams) != nil {
		t.Error("one more than allowed")
	}
	_ = first.Close()
	if enter(MaxStreams) == nil {
		t.Error("no place after one was given back")
	}
}

// addressed is a connection of which nothing but the addresses is used.
type addressed struct {
	net.Conn
	remote net.Addr
}

func (c addressed) RemoteAddr() net.Addr { return c.remote }
func (c addressed) LocalAddr() net.Addr  { return &net.TCPAddr{} }
func (c addressed) Close() error         { return nil }

func TestNetwork(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1:5":              "192.0.2.1/32",
		"[::ffff:192.0.2.1]:5":     "192.0.2.1/32",
		"[2001:db8:1:2:3:4:5:6]:5": "2001:db8:1:2::/64",
	} {
		a := netip.MustParseAddrPort(addr)
		if got := Network(net.TCPAddrFromAddrPort(a)).String(); got != want {
			t.Errorf("TCP %s: %s, want %s", addr, got, want)
		}
		if got := Network(net.UDPAddrFromAddrPort(a)).String(); got != want {
			t.Errorf("UDP %s: %s, want %s", addr, got, want)
		}
	}
}

// Close ends everything, the connections too.
func TestClose(t *testing.T) {
	b := newBench(t)
	_, relay := b.allocated("a", true)
	if err := b.answers(relay); err != nil {
		t.Fatal(err)
	}
	idle, err := net.Dial("tcp", b.tcp)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	_ = idle.SetReadDeadline(time.Now().Add(deadline))
	if _, err := idle.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the connection is open: %v", err)
	}
}
