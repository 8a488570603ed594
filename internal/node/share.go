package node

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/turn"
)

const (
	sniffTimeout = 10 * time.Second // for the TLS handshake and the first byte behind it
	handTimeout  = 5 * time.Second  // for who serves it to take it
	acceptPause  = 100 * time.Millisecond

	// maxSniffed are the connections of one network of which it is not known yet what they are.
	maxSniffed = 256
)

// Share makes the page's TLS listener serve TURN as well, so that networks which let nothing but HTTPS pass let media pass. What it
// returns is for the HTTP server. The first byte tells: STUN begins with two zero bits (RFC 8489 §5), HTTP with a letter.
func (n *Node) Share(page net.Listener) net.Listener {
	if n.relay == nil || n.relay.secure == nil {
		return page
	}
	s := &shared{Listener: page, handovers: newHandovers(), from: map[netip.Prefix]int{}}
	go s.sort(n.relay.secure)
	return s
}

// shared gives the connections that speak HTTP.
type shared struct {
	net.Listener
	*handovers

	mu   sync.Mutex
	from map[netip.Prefix]int // being sniffed
}

func (s *shared) Accept() (net.Conn, error) { return s.handovers.Accept() }
func (s *shared) Addr() net.Addr            { return s.Listener.Addr() }

func (s *shared) Close() error {
	err := s.Listener.Close()
	_ = s.handovers.Close()
	return err
}

func (s *shared) sort(relay *handovers) {
	for {
		conn, err := s.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			s.handovers.fail(err)
			return
		case err != nil: // out of descriptors, most likely: others may end
			time.Sleep(acceptPause)
			continue
		}
		from := turn.Network(conn.RemoteAddr())
		if !s.enter(from) {
			_ = conn.Close()
			continue
		}
		go func() {
			to, c := s.sniff(conn, relay)
			s.leave(from)
			if c != nil {
				to.hand(c)
			}
		}()
	}
}

func (s *shared) enter(from netip.Prefix) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from[from] >= maxSniffed {
		return false
	}
	s.from[from]++
	return true
}

func (s *shared) leave(from netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from[from]--; s.from[from] == 0 {
		delete(s.from, from)
	}
}

// sniff tells whose a connection is. It gives none if nothing comes.
func (s *shared) sniff(conn net.Conn, relay *handovers) (*handovers, *sniffed) {
	c := &sniffed{Conn: conn, pending: true}
	_ = conn.SetDeadline(time.Now().Add(sniffTimeout))
	if _, err := conn.Read(c.first[:]); err != nil {
		_ = conn.Close()
		return nil, nil
	}
	_ = conn.SetDeadline(time.Time{})
	if c.first[0]>>6 == 0 {
		return relay, c
	}
	return s.handovers, c
}

// sniffed gives its first byte once more.
type sniffed struct {
	net.Conn
	first   [1]byte
	pending bool
}

func (c *sniffed) Read(b []byte) (int, error) {
	if c.pending && len(b) > 0 {
		c.pending = false
		return copy(b, c.first[:]), nil
	}
	return c.Conn.Read(b)
}

// handovers is a listener whose connections were accepted elsewhere.
type handovers struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
	err   error // once done is closed
}

func newHandovers() *handovers {
	return &handovers{conns: make(chan net.Conn), done: make(chan struct{})}
}

// hand closes what nobody takes.
func (h *handovers) hand(c net.Conn) {
	timeout := time.NewTimer(handTimeout)
	defer timeout.Stop()
	select {
	case h.conns <- c:
	case <-h.done:
		_ = c.Close()
	case <-timeout.C:
		_ = c.Close()
	}
}

func (h *handovers) fail(err error) {
	h.once.Do(func() {
		h.err = err
		close(h.done)
	})
}

func (h *handovers) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.done:
		return nil, h.err
	}
}

func (h *handovers) Close() error {
	h.fail(net.ErrClosed)
	return nil
}

func (h *handovers) Addr() net.Addr { return &net.TCPAddr{} }
