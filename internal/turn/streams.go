package turn

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// MaxStreams are the TCP connections that one listener holds at a time, MaxPerAddress those from one address: an office.
	MaxStreams    = 2048
	MaxPerAddress = 256

	greetTimeout = 10 * time.Second // for the first bytes, a TLS handshake included
	idleTimeout  = 11 * time.Minute // a relay is refreshed every 10 minutes at the latest
	writeTimeout = 10 * time.Second
)

// streams is a listener whose connections are bounded in number and in how long they may be silent.
type streams struct {
	net.Listener
	room chan struct{} // a place each

	mu     sync.Mutex
	open   map[*stream]struct{}
	from   map[netip.Addr]int
	closed bool
}

func newStreams(l net.Listener) *streams {
	return &streams{Listener: l, room: make(chan struct{}, MaxStreams), open: map[*stream]struct{}{}, from: map[netip.Addr]int{}}
}

// Accept waits for a place, then for a connection: others wait in the kernel's queue.
func (l *streams) Accept() (net.Conn, error) {
	l.room <- struct{}{}
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			<-l.room
			return nil, err
		}
		if s := l.enter(conn); s != nil {
			_ = conn.SetDeadline(time.Now().Add(greetTimeout))
			return s, nil
		}
		_ = conn.Close()
	}
}

// enter gives nil to one too many.
func (l *streams) enter(conn net.Conn) *stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &stream{Conn: conn, of: l}
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		s.from = tcp.AddrPort().Addr().Unmap()
	}
	if l.closed || l.from[s.from] >= MaxPerAddress {
		return nil
	}
	l.from[s.from]++
	l.open[s] = struct{}{}
	return s
}

func (l *streams) closeAll() {
	l.mu.Lock()
	l.closed = true
	var all []*stream
	for s := range l.open {
		all = append(all, s)
	}
	l.mu.Unlock()
	for _, s := range all {
		_ = s.Close()
	}
}

// stream gives each step a deadline.
type stream struct {
	net.Conn
	of   *streams
	from netip.Addr
	once sync.Once
}

func (s *stream) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if err == nil {
		_ = s.SetReadDeadline(time.Now().Add(idleTimeout))
	}
	return n, err
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
		delete(s.of.open, s)
		if s.of.from[s.from]--; s.of.from[s.from] == 0 {
			delete(s.of.from, s.from)
		}
		s.of.mu.Unlock()
		<-s.of.room
	})
	return err
}
