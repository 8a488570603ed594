package turn

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// MaxStreams are the TCP connections that one listener holds at a time, MaxPerAddress those of one [Network]: an office.
	MaxStreams    = 2048
	MaxPerAddress = 256

	greetTimeout = 10 * time.Second // until there is a relay
	idleTimeout  = 11 * time.Minute // a relay is refreshed every 10 minutes at the latest
	writeTimeout = 10 * time.Second
	acceptPause  = 100 * time.Millisecond
)

// Network is what counts as one address in limits: of IPv6 the 64 bits that a subscriber has at least.
func Network(addr net.Addr) netip.Prefix {
	var ip netip.Addr
	switch a := addr.(type) {
	case *net.TCPAddr:
		ip = a.AddrPort().Addr()
	case *net.UDPAddr:
		ip = a.AddrPort().Addr()
	}
	ip = ip.Unmap()
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	prefix, _ := ip.Prefix(bits) // fails for no address at all, which is one network then
	return prefix
}

// streams is a listener whose connections are bounded in number and in how long they may be silent or without a relay.
type streams struct {
	net.Listener
	greet time.Duration

	mu     sync.Mutex
	open   map[ends]*stream
	from   map[netip.Prefix]int
	closed bool
}

func newStreams(l net.Listener, greet time.Duration) *streams {
	return &streams{Listener: l, greet: greet, open: map[ends]*stream{}, from: map[netip.Prefix]int{}}
}

// Accept gives the next connection that there is a place for. The TURN library ends with the first error that it sees.
func (l *streams) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil, err
		case err != nil: // out of descriptors, most likely: others may end
			time.Sleep(acceptPause)
			continue
		}
		if s := l.enter(conn); s != nil {
			_ = conn.SetDeadline(time.Now().Add(l.greet))
			return s, nil
		}
		_ = conn.Close()
	}
}

// enter gives nil to one too many.
func (l *streams) enter(conn net.Conn) *stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &stream{Conn: conn, of: l, ends: ends{conn.RemoteAddr().String(), conn.LocalAddr().String()}, from: Network(conn.RemoteAddr())}
	if l.closed || len(l.open) >= MaxStreams || l.from[s.from] >= MaxPerAddress {
		return nil
	}
	l.from[s.from]++
	l.open[s.ends] = s
	return s
}

// allocated says whether the connection between these has a relay now.
func (l *streams) allocated(src, dst net.Addr, has bool) {
	l.mu.Lock()
	found := l.open[ends{src.String(), dst.String()}]
	l.mu.Unlock()
	if found != nil {
		found.setAllocated(has)
	}
}

func (l *streams) closeAll() {
	l.mu.Lock()
	l.closed = true
	var all []*stream
	for _, s := range l.open {
		all = append(all, s)
	}
	l.mu.Unlock()
	for _, s := range all {
		_ = s.Close()
	}
}

// ends are the addresses of a connection, the client's first.
type ends struct{ src, dst string }

// stream gives each step a deadline.
type stream struct {
	net.Conn
	of   *streams
	ends ends
	from netip.Prefix
	once sync.Once

	mu  sync.Mutex
	has bool // a relay
}

// Read extends the time of who has a relay only: others would stay for a byte now and then.
func (s *stream) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if err != nil {
		return n, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.has {
		_ = s.SetReadDeadline(time.Now().Add(idleTimeout))
	}
	return n, nil
}

func (s *stream) setAllocated(has bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.has = has
	timeout := idleTimeout
	if !has {
		timeout = s.of.greet
	}
	_ = s.SetReadDeadline(time.Now().Add(timeout))
}

func (s *stream) Write(b []byte) (int, error) {
	_ = s.SetWriteDeadline(time.Now().Add(writeTimeout))
	n, err := s.Conn.Write(b)
	if err != nil { // part of a packet may have gone: what follows could not be read
		_ = s.Close()
	}
	return n, err
}

func (s *stream) Close() error {
	err := s.Conn.Close()
	s.once.Do(func() {
		s.of.mu.Lock()
		if s.of.open[s.ends] == s { // the client may have come again by the same port
			delete(s.of.open, s.ends)
		}
		if s.of.from[s.from]--; s.of.from[s.from] == 0 {
			delete(s.of.from, s.from)
		}
		s.of.mu.Unlock()
	})
	return err
}
