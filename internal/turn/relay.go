package turn

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

const (
	allocate = stun.MethodAllocate

	firstPort = 49152 // of relayed addresses, as RFC 8656 §7.2 has it
	maxPacket = 1600  // what the TURN library reads
	queued    = 64    // packets on their way to the client
)

var (
	errOnlyMedia = errors.New("turn: relays lead to the media port only")
	errQuota     = errors.New("turn: the session is over, or there are too many relays")
)

// relays makes the relays of a server.
type relays struct{ server *Server }

// Validate, AllocatePacketConn, AllocateListener and AllocateConn make it a turn.RelayAddressGenerator.
func (relays) Validate() error { return nil }

func (g relays) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	s := g.server
	local := s.address(c.Network == "udp6")
	if !local.IsValid() {
		return nil, nil, fmt.Errorf("turn: no media over %s", c.Network)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	granted := s.sessions[c.UserID]
	if !s.hasRoom(granted) {
		return nil, nil, errQuota
	}
	s.ports = (s.ports + 1) % (1<<16 - firstPort)
	addr := net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, firstPort+s.ports))
	r := &relay{server: s, session: granted, local: addr, ways: map[netip.AddrPort]net.Conn{}, in: make(chan received, queued), done: make(chan struct{})}
	granted.relays[r] = struct{}{}
	s.relays[addr] = r
	return r, addr, nil
}

func (relays) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errOnlyMedia
}

func (relays) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errOnlyMedia }

// address is one of ours for the client to be told: relays have none.
func (s *Server) address(v6 bool) netip.Addr {
	for _, own := range s.peers() {
		if own.Addr().Is6() == v6 {
			return own.Addr()
		}
	}
	return netip.Addr{}
}

// relay is the relayed side of an allocation: a net.PacketConn that reaches our media port, under each address that it is
// offered by, and nothing else. There is a socket for each of those addresses once it is used: ICE tells them apart.
type relay struct {
	server  *Server
	session *session
	local   *net.UDPAddr
	in      chan received
	done    chan struct{}
	once    sync.Once

	from    netip.Prefix // the client's; with settled under the server's lock
	settled bool         // counted as that client's

	mu     sync.Mutex
	ways   map[netip.AddrPort]net.Conn
	closed bool
}

type received struct {
	packet *[maxPacket]byte
	size   int
	from   netip.AddrPort
}

var packets = sync.Pool{New: func() any { return new([maxPacket]byte) }}

// ReadFrom waits for the next packet from the media port.
func (r *relay) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case p := <-r.in:
		n := copy(b, p.packet[:p.size])
		packets.Put(p.packet)
		return n, net.UDPAddrFromAddrPort(p.from), nil
	case <-r.done:
		return 0, nil, net.ErrClosed
	}
}

// WriteTo sends to the media port. What is meant for elsewhere is dropped without a word.
func (r *relay) WriteTo(b []byte, addr net.Addr) (int, error) {
	udp, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, errOnlyMedia
	}
	peer := netip.AddrPortFrom(udp.AddrPort().Addr().Unmap(), uint16(udp.Port))
	if !r.server.permits(peer) {
		return len(b), nil
	}
	way, err := r.way(peer)
	if err != nil {
		return 0, err
	}
	_, _ = way.Write(b) // it is UDP: what cannot be sent is lost
	return len(b), nil
}

// way gives the socket for a peer address, and makes it the first time.
func (r *relay) way(peer netip.AddrPort) (net.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, net.ErrClosed
	}
	if way := r.ways[peer]; way != nil {
		return way, nil
	}
	way, err := r.server.dial(peer)
	if err != nil {
		return nil, fmt.Errorf("turn: way to the media port: %w", err)
	}
	r.ways[peer] = way
	go r.receive(way, peer)
	return way, nil
}

func (r *relay) receive(way net.Conn, peer netip.AddrPort) {
	for {
		packet := packets.Get().(*[maxPacket]byte)
		n, err := way.Read(packet[:])
		if errors.Is(err, syscall.ECONNREFUSED) { // of an earlier packet; later ones may be heard
			continue
		}
		if err != nil {
			return
		}
		select {
		case r.in <- received{packet, n, peer}:
		case <-r.done:
			return
		}
	}
}

// Close ends the relay; the TURN library then ends its allocation.
func (r *relay) Close() error {
	r.once.Do(func() {
		close(r.done)
		r.mu.Lock()
		r.closed = true
		for _, way := range r.ways {
			_ = way.Close()
		}
		r.mu.Unlock()
		s := r.server
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(r.session.relays, r)
		delete(s.relays, r.local)
		if !r.settled {
			return
		}
		if s.from[r.from]--; s.from[r.from] == 0 {
			delete(s.from, r.from)
		}
	})
	return nil
}

// LocalAddr and the deadlines make it a net.PacketConn; nobody sets deadlines.
func (r *relay) LocalAddr() net.Addr              { return r.local }
func (r *relay) SetDeadline(time.Time) error      { return nil }
func (r *relay) SetReadDeadline(time.Time) error  { return nil }
func (r *relay) SetWriteDeadline(time.Time) error { return nil }
