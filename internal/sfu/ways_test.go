package sfu

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// needs skips where the machine lacks what a client of this network type uses: Pion connects from no loopback address over TCP.
func needs(t *testing.T, network webrtc.NetworkType) {
	t.Helper()
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range interfaces {
		ip := netip.MustParsePrefix(a.String()).Addr()
		switch {
		case network == webrtc.NetworkTypeUDP4, network == webrtc.NetworkTypeTCP4,
			network == webrtc.NetworkTypeUDP6 && ip == netip.IPv6Loopback(),
			network == webrtc.NetworkTypeTCP6 && ip.Is6() && ip.IsGlobalUnicast():
			return
		}
	}
	t.Skipf("this machine has no address for %v", network)
}

// Two people meet over every way there is, each with a network that has nothing else.
func TestWays(t *testing.T) {
	for name, c := range map[string]struct {
		network webrtc.NetworkType
		shared  bool // TCP is on a port of its own
	}{
		"UDP over IPv4":            {webrtc.NetworkTypeUDP4, false},
		"UDP over IPv6":            {webrtc.NetworkTypeUDP6, false},
		"TCP over IPv4":            {webrtc.NetworkTypeTCP4, false},
		"TCP over IPv6":            {webrtc.NetworkTypeTCP6, false},
		"TCP over the page's port": {webrtc.NetworkTypeTCP4, true},
	} {
		t.Run(name, func(t *testing.T) {
			networks := []webrtc.NetworkType{c.network}
			needs(t, c.network)
			config := Config{Addr: ":0", TCP: true}
			if c.shared {
				var err error
				if config.Streams, err = net.Listen("tcp", ":0"); err != nil {
					t.Fatal(err)
				}
			}
			s := newSFU(t, config)
			room := s.Room("r")
			a := joinWith(t, room, "A", clientOver(t, networks))
			b := joinWith(t, room, "B", clientOver(t, networks))
			a.add("cam", "vp8")
			a.add("mic", "opus")
			a.publish()
			b.next("key frame", func(p packet) bool { return p.Label == "cam" && KeyFrame(p.Codec, p.Payload) })
			b.next("sound", func(p packet) bool { return p.Label == "mic" })
			a.restart()
			b.peer.Restart()
			b.goesOn("camera after a restart")
			for _, pc := range []*webrtc.PeerConnection{a.pub, b.sub} {
				moved(t, pc, 0)
				pair, err := pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
				if err != nil || pair == nil {
					t.Fatalf("%v %v", pair, err)
				}
				if v6 := netip.MustParseAddr(pair.Remote.Address).Is6(); v6 != networks6(networks) || pair.Remote.Protocol.String() != strings.ToLower(name[:3]) {
					t.Errorf("over %v", pair)
				}
				if other := pair.Remote.Port != addrPort(s.Addr()).Port(); other != c.shared {
					t.Errorf("over port %d", pair.Remote.Port)
				}
			}
		})
	}
}

func networks6(networks []webrtc.NetworkType) bool {
	return networks[0] == webrtc.NetworkTypeUDP6 || networks[0] == webrtc.NetworkTypeTCP6
}

// nat forwards to a port, for one client, from a socket that it can be made to change.
type nat struct {
	inside *net.UDPConn
	to     *net.UDPAddr

	mu     sync.Mutex
	out    map[netip.AddrPort]*net.UDPConn // by the client's address
	closed bool
}

func newNAT(t *testing.T) *nat {
	t.Helper()
	inside, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	n := &nat{inside: inside, out: map[netip.AddrPort]*net.UDPConn{}}
	t.Cleanup(n.close)
	return n
}

func (n *nat) addr() string { return n.inside.LocalAddr().String() }

func (n *nat) run(to net.Addr) {
	n.to = to.(*net.UDPAddr)
	b := make([]byte, 2000)
	for {
		size, from, err := n.inside.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		if out := n.mapping(from); out != nil {
			_, _ = out.Write(b[:size])
		}
	}
}

func (n *nat) mapping(client netip.AddrPort) *net.UDPConn {
	n.mu.Lock()
	defer n.mu.Unlock()
	if out := n.out[client]; out != nil || n.closed {
		return out
	}
	out, err := net.DialUDP("udp4", nil, n.to)
	if err != nil {
		return nil
	}
	n.out[client] = out
	go func() {
		b := make([]byte, 2000)
		for {
			size, err := out.Read(b)
			if err != nil {
				return
			}
			_, _ = n.inside.WriteToUDPAddrPort(b[:size], client)
		}
	}()
	return out
}

// forget makes the next packet of each client leave from another port; what comes to the old one is lost.
func (n *nat) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for client, out := range n.out {
		_ = out.Close()
		delete(n.out, client)
	}
}

func (n *nat) close() {
	n.forget()
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	_ = n.inside.Close()
}

// A NAT gives both connections other ports in mid-call, and nobody tells the clients.
func TestFollowsAClientThroughItsNAT(t *testing.T) {
	n := newNAT(t)
	s := newSFU(t, Config{PublicIPs: []string{n.addr()}, PublicOnly: true})
	go n.run(s.Addr())
	a, b := join(t, s.Room("r"), "A"), join(t, s.Room("r"), "B")
	a.add("cam", "vp8")
	a.publish()
	b.goesOn("camera")
	n.forget()
	b.goesOn("camera after the change")
	for _, c := range []*client{a, b} {
		select {
		case err := <-c.failed:
			t.Errorf("%s: %v", c.id, err)
		default:
		}
	}
}

func TestFollower(t *testing.T) {
	a, b, c := netip.MustParseAddrPort("192.0.2.1:1"), netip.MustParseAddrPort("192.0.2.1:2"), netip.MustParseAddrPort("192.0.2.1:3")
	type check struct {
		from      netip.AddrPort
		nominated bool
		after     time.Duration
		follow    bool
	}
	const ping = 2500 * time.Millisecond
	for name, checks := range map[string][]check{
		"before the choice":         {{a, false, 0, false}, {b, false, ping, false}, {b, false, ping, false}},
		"several pairs, one chosen": {{a, true, 0, false}, {b, false, 0, false}, {a, false, ping, false}, {b, false, ping, false}, {a, false, 0, false}},
		"another port":              {{a, true, 0, false}, {a, false, ping, false}, {b, false, ping, false}, {b, false, ping, true}, {b, false, ping, false}},
		"and back":                  {{a, true, 0, false}, {b, false, ping, false}, {b, false, ping, true}, {a, false, ping, false}, {a, false, ping, true}},
		"too soon":                  {{a, true, 0, false}, {b, false, 0, false}, {b, false, 0, false}, {b, false, quietFor, true}},
		"two others in turn":        {{a, true, 0, false}, {b, false, ping, false}, {c, false, ping, false}, {b, false, ping, false}, {c, false, ping, false}},
		"nominated elsewhere":       {{a, true, 0, false}, {b, true, 0, false}, {a, false, ping, false}, {b, false, ping, false}},
	} {
		var f follower
		now := time.Unix(0, 0)
		for i, step := range checks {
			now = now.Add(step.after)
			if follow := f.check(step.from, step.nominated, now); follow != step.follow {
				t.Errorf("%s, step %d: %v", name, i, follow)
			}
		}
	}
}
