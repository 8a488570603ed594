package node

import (
	"net"
	"sync"
	"time"
)

// sniffTimeout is for the TLS handshake and the first byte behind it.
const sniffTimeout = 10 * time.Second

// Share makes the page's TLS listener serve TURN as well, so that networks which let nothing but HTTPS pass let media pass. What it
// returns is for the HTTP server. The first byte tells: STUN begins with two zero bits (RFC 8489 §5), HTTP with a letter.
func (n *Node) Share(page net.Listener) net.Listener {
	if n.relay == nil || n.relay.secure == nil {
		return page
	}
	s := &shared{Listener: page, handovers: newHandovers()}
	go s.sort(n.relay.secure)
	return s
}

// shared gives the connections that speak HTTP.
type shared struct {
	net.Listener
	*handovers
}

func (s *shared) Accept() (net.Conn, error) { return s.handovers.Accept() }
func (s *shared) Addr() net.Addr            { return s.Listener.Addr() }

func (s *shared) Close() error {
	err := s.Listener.Close()
	_ = s.handovers.Close()
	return err
}

func (s *shared) sort(turn *handovers) {
	for {
		conn, err := s.Listener.Accept()
		if err != nil {
			s.handovers.fail(err)
			return
		}
		go func() {
			c := &sniffed{Conn: conn}
			_ = conn.SetDeadline(time.Now().Add(sniffTimeout))
			if _, err := conn.Read(c.first[:]); err != nil {
				_ = conn.Close()
				return
			}
			_ = conn.SetDeadline(time.Time{})
			c.pending = true
			if c.first[0]>>6 == 0 {
				turn.hand(c)
			} else {
				s.hand(c)
			}
		}()
	}
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

func (h *handovers) hand(c net.Conn) {
	select {
	case h.conns <- c:
	case <-h.done:
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
