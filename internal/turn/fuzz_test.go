package turn

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v4"
)

// FuzzSTUN: whatever a stranger sends, and whatever attributes somebody with credentials puts into a request of whatever kind, a
// stranger is sent little more than it sent, nothing leads anywhere but to the media port, and others are answered.
func FuzzSTUN(f *testing.F) {
	attributes := func(setters ...stun.Setter) []byte { return stun.MustBuild(setters...).Raw[header:] }
	raw := func(kind stun.AttrType, value ...byte) stun.Setter {
		return stun.RawAttribute{Type: kind, Value: value}
	}
	udp, tcp := raw(stun.AttrRequestedTransport, 17, 0, 0, 0), raw(stun.AttrRequestedTransport, 6, 0, 0, 0)
	peer := raw(stun.AttrXORPeerAddress, 0, 1, 0x21, 0x13, 0xea, 0x12, 0xd5, 0x45) // 203.0.113.7:1
	local := raw(stun.AttrXORPeerAddress, 0, 1, 0x21, 0x13, 0x5e, 0x12, 0xa4, 0x43)
	channel := raw(stun.AttrChannelNumber, 0x40, 0, 0, 0)
	data := raw(stun.AttrData, 'd')
	const allocates, refreshes, permits, binds, sends = 3, 4, 8, 9, 6
	for kind, list := range map[byte][][]byte{
		allocates: {attributes(udp), attributes(tcp), attributes(udp, raw(stun.AttrLifetime, 0xff, 0xff, 0xff, 0xff)), {0, 0x19, 0xff}},
		refreshes: {attributes(raw(stun.AttrLifetime, 0, 0, 0, 0)), nil},
		permits:   {attributes(peer), attributes(local), attributes(peer, local)},
		binds:     {attributes(channel, peer), attributes(channel), attributes(peer)},
		sends:     {attributes(peer, data), attributes(local, data), attributes(data)},
	} {
		for _, seed := range list {
			f.Add(kind, seed, []byte{0x40, 0, 0, 1, 'c'})
			f.Add(kind, seed, attributesOf(stun.MethodAllocate, seed))
		}
	}

	conn := &wire{in: make(chan packet), out: make(chan packet, 64), done: make(chan struct{})}
	media := netip.AddrPortFrom(public, 1)
	s, err := New(Config{UDP: conn, Peers: func() []netip.AddrPort { return []netip.AddrPort{media} },
		Dial: func(context.Context) (net.Conn, error) { return nil, errors.New("nobody there") }})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	username, password := s.Grant("room", "member")
	integrity := stun.NewLongTermIntegrity(username, realm, password)
	f.Fuzz(func(t *testing.T, kind byte, attributes, stranger []byte) {
		stranger = stranger[:min(len(stranger), 1200)]
		conn.in <- packet{stranger, strangerAddr}
		greeting := conn.asks(t, strangerAddr, attributesOf(stun.MethodBinding, nil), len(stranger))
		if greeting.Type != stun.BindingSuccess {
			t.Fatal(greeting)
		}
		refusal := conn.asks(t, memberAddr, attributesOf(stun.MethodAllocate, stun.MustBuild(udp).Raw[header:]), 0)
		m := stun.MustBuild(stun.TransactionID, stun.NewType(stun.Method(kind), stun.ClassRequest), stun.NewUsername(username), stun.NewRealm(realm))
		if nonce, err := refusal.Get(stun.AttrNonce); err == nil {
			m.Add(stun.AttrNonce, nonce)
		}
		m.Raw = append(m.Raw, attributes[:min(len(attributes), 1000)]...)
		m.Raw = append(m.Raw, make([]byte, -len(m.Raw)&3)...)
		m.Length = uint32(len(m.Raw) - header)
		m.WriteHeader()
		if err := integrity.AddTo(m); err != nil {
			t.Fatal(err)
		}
		conn.in <- packet{m.Raw, memberAddr}
		conn.asks(t, memberAddr, attributesOf(stun.MethodBinding, nil), -1)
		if n := s.Allocations(); n > 1 {
			t.Fatalf("%d relays of one address", n)
		}
	})
}

const (
	header = 20
	// more is how much larger than a request the answer is at most: a nonce, a realm, an address.
	more = 200
)

func attributesOf(method stun.Method, attributes []byte) []byte {
	m := stun.MustBuild(stun.TransactionID, stun.NewType(method, stun.ClassRequest))
	m.Raw = append(m.Raw, attributes...)
	m.Length = uint32(len(m.Raw) - header)
	m.WriteHeader()
	return m.Raw
}

type packet struct {
	b    []byte
	addr net.Addr
}

var (
	wireAddr     = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3478}
	strangerAddr = &net.UDPAddr{IP: net.IPv4(198, 51, 100, 1), Port: 5000}
	memberAddr   = &net.UDPAddr{IP: net.IPv4(198, 51, 100, 2), Port: 5000}
)

// wire is a socket without a network: what nobody takes out is lost.
type wire struct {
	in, out chan packet
	done    chan struct{}
}

// asks sends a request and returns the answer. What comes before it answers something of so many bytes; -1: of any.
func (w *wire) asks(t *testing.T, from net.Addr, request []byte, before int) *stun.Message {
	t.Helper()
	w.in <- packet{request, from}
	for timeout := time.After(deadline); ; {
		select {
		case p := <-w.out:
			var m stun.Message
			if m.Raw = p.b; p.addr == from && m.Decode() == nil && bytes.Equal(m.TransactionID[:], request[8:header]) {
				return &m
			}
			if before >= 0 && (p.addr != from || len(p.b) > before+more) {
				t.Errorf("%d bytes to %v for %d from %v", len(p.b), p.addr, before, from)
			}
		case <-timeout:
			t.Fatal("no answer")
		}
	}
}

func (w *wire) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case p := <-w.in:
		return copy(b, p.b), p.addr, nil
	case <-w.done:
		return 0, nil, net.ErrClosed
	}
}

func (w *wire) WriteTo(b []byte, to net.Addr) (int, error) {
	select {
	case w.out <- packet{bytes.Clone(b), to}:
	default:
	}
	return len(b), nil
}

func (w *wire) Close() error {
	select {
	case <-w.done:
	default:
		close(w.done)
	}
	return nil
}

func (w *wire) LocalAddr() net.Addr              { return wireAddr }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
