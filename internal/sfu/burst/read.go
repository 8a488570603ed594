package burst

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

// MaxDatagram is the longest that is read; of a longer one the rest is lost. Networks carry 1,500 bytes.
const MaxDatagram = 2048

const (
	maxLeft = 256 // packets in the queue; more are dropped, as a full socket does

	readPause = 10 * time.Millisecond // after an error
)

// datagram is what a reader left to others.
type datagram struct {
	b    [MaxDatagram]byte
	n    int
	from netip.AddrPort
}

// readAll begins to read the sockets, where there are several or packets are taken: a Conn is read in one place.
func (c *Conn) readAll() {
	if len(c.more) == 0 && c.config.Take == nil {
		return
	}
	c.left = make(chan *datagram, maxLeft)
	c.free.New = func() any { return new(datagram) }
	for _, udp := range append(c.more[:len(c.more):len(c.more)], c.UDPConn) {
		c.readers.Go(func() {
			if r := newReceiver(udp); r == nil || !c.readBatches(r) {
				c.readSingly(udp)
			}
		})
	}
}

// readBatches returns when the socket is closed. It is false if the system cannot do it.
func (c *Conn) readBatches(r *receiver) bool {
	scratch := make([]byte, MaxDatagram)
	var held [batch]*datagram
	for i := range held {
		held[i] = c.free.Get().(*datagram)
		r.into(i, held[i].b[:])
	}
	for {
		n, err := r.read()
		switch {
		case c.closed():
			return true
		case errors.Is(err, errors.ErrUnsupported):
			return false
		case err != nil: // nothing that ends a socket; but it must not be asked without end either
			time.Sleep(readPause)
			continue
		}
		for i := range n {
			held[i].n, held[i].from = r.packet(i)
			if d := c.came(held[i], scratch); d != held[i] {
				held[i] = d
				r.into(i, d.b[:])
			}
		}
	}
}

func (c *Conn) readSingly(udp *net.UDPConn) {
	scratch := make([]byte, MaxDatagram)
	d := c.free.Get().(*datagram)
	for {
		n, from, err := udp.ReadFromUDPAddrPort(d.b[:])
		switch {
		case c.closed():
			return
		case err != nil:
			time.Sleep(readPause)
			continue
		}
		d.n, d.from = n, unmapped(from)
		d = c.came(d, scratch)
	}
}

// came offers a packet to Take and to whoever reads the Conn, and returns what the next one may be read into.
func (c *Conn) came(d *datagram, scratch []byte) *datagram {
	if c.config.Take != nil && c.config.Take(d.b[:d.n], scratch, d.from) {
		return d
	}
	select {
	case c.left <- d:
		return c.free.Get().(*datagram)
	default:
		return d
	}
}

// ReadFromAddrPort reads one packet that [Config].Take leaves.
func (c *Conn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	if c.left != nil {
		select {
		case d := <-c.left:
			n, from := copy(b, d.b[:d.n]), d.from
			c.free.Put(d)
			return n, from, nil
		case <-c.done:
			return 0, netip.AddrPort{}, net.ErrClosed
		}
	}
	n, from, err := c.ReadFromUDPAddrPort(b)
	return n, unmapped(from), err
}

// unmapped: a socket of both families maps IPv4.
func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// ReadFrom does the same as [Conn.ReadFromAddrPort].
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}
