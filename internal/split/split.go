// Package split tells apart what comes in at one TCP port, by its first byte.
//
// [Share] takes a listener over and gives one for what it does not take out; what it takes out goes to a [Branch], which is a
// listener as well. A listener of TLS can be shared like one of TCP: then the byte is the first one inside.
//
// # Limits
//
// Of one network (see package turn) 256 connections may be silent at a time, each for 10 s. A connection that nobody accepts for 5 s
// is closed.
package split

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/turn"
)

const (
	sniffTimeout = 10 * time.Second // for the first byte, and the TLS handshake before it
	handTimeout  = 5 * time.Second  // for who serves it to take it
	acceptPause  = 100 * time.Millisecond

	// maxSniffed are the connections of one network of which it is not known yet what they are.
	maxSniffed = 256
)

// Share gives those connections whose first byte is not taken. The others go to the branch.
func Share(l net.Listener, to *Branch, taken func(first byte) bool) net.Listener {
	s := &shared{Listener: l, rest: NewBranch(l.Addr()), to: to, taken: taken, from: map[netip.Prefix]int{}}
	go s.sort()
	return s
}

type shared struct {
	net.Listener
	rest, to *Branch
	taken    func(byte) bool

	mu   sync.Mutex
	from map[netip.Prefix]int // being sniffed
}

func (s *shared) Accept() (net.Conn, error) { return s.rest.Accept() }

func (s *shared) Close() error {
	err := s.Listener.Close()
	_ = s.rest.Close()
	return err
}

func (s *shared) sort() {
	for {
		conn, err := s.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			s.rest.fail(err)
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
			to, c := s.sniff(conn)
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
func (s *shared) sniff(conn net.Conn) (*Branch, *sniffed) {
	c := &sniffed{Conn: conn, pending: true}
	_ = conn.SetDeadline(time.Now().Add(sniffTimeout))
	if _, err := conn.Read(c.first[:]); err != nil {
		_ = conn.Close()
		return nil, nil
	}
	_ = conn.SetDeadline(time.Time{})
	if s.taken(c.first[0]) {
		return s.to, c
	}
	return s.rest, c
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

// Branch is a listener whose connections were accepted elsewhere. Make it with [NewBranch].
type Branch struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
	err   error // once done is closed
}

// NewBranch makes one that says it listens at this address.
func NewBranch(addr net.Addr) *Branch {
	return &Branch{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

// hand closes what nobody takes.
func (b *Branch) hand(c net.Conn) {
	timeout := time.NewTimer(handTimeout)
	defer timeout.Stop()
	select {
	case b.conns <- c:
	case <-b.done:
		_ = c.Close()
	case <-timeout.C:
		_ = c.Close()
	}
}

func (b *Branch) fail(err error) {
	b.once.Do(func() {
		b.err = err
		close(b.done)
	})
}

// Accept gives the next connection.
func (b *Branch) Accept() (net.Conn, error) {
	select {
	case c := <-b.conns:
		return c, nil
	case <-b.done:
		return nil, b.err
	}
}

// Close ends Accept. What comes later is closed at once.
func (b *Branch) Close() error {
	b.fail(net.ErrClosed)
	return nil
}

// Addr is what [NewBranch] was told.
func (b *Branch) Addr() net.Addr { return b.addr }
