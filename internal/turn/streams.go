package turn

import (
	"net"
	"sync"
	"time"
)

const (
	// MaxStreams are the TCP connections that one listener holds at a time.
	MaxStreams = 2048

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
	closed bool
}

func newStreams(l net.Listener) *streams {
	return &streams{Listener: l, room: make(chan struct{}, MaxStreams), open: map[*stream]struct{}{}}
}

// Accept waits for a place, then for a connection: others wait in the kernel's queue.
func (l *streams) Accept() (net.Conn, error) {
	l.room <- struct{}{}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	s := &stream{Conn: conn, of: l}
	_ = conn.SetDeadline(time.Now().Add(greetTimeout))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = conn.Close()
	}
	l.open[s] = struct{}{}
	return s, nil
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
		s.of.mu.Unlock()
		<-s.of.room
	})
	return err
}
