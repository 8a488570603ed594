package burst

import (
	"net"
	"net/netip"
	"time"
)

const (
	maxDatagram = 8192 // that anybody here reads
	maxLeft     = 256  // packets in the queue; more are dropped, as a full socket does

	readPause = 10 * time.Millisecond // after an error
)

// datagram is what a reader left to others.
type datagram struct {
	b    [maxDatagram]byte
	n    int
	from netip.AddrPort
}

// readMore begins to read the other sockets, and then the first one, too, since a Conn is read in one place.
func (c *Conn) readMore() {
	if len(c.more) == 0 {
		return
	}
	c.left = make(chan *datagram, maxLeft)
	c.free.New = func() any { return new(datagram) }
	for _, udp := range append(c.more[:len(c.more):len(c.more)], c.UDPConn) {
		c.readers.Go(func() { c.read(udp) })
	}
}

func (c *Conn) read(udp *net.UDPConn) {
	scratch := make([]byte, maxDatagram)
	d := c.free.Get().(*datagram)
	for {
		n, from, err := udp.ReadFromUDPAddrPort(d.b[:])
		switch {
		case c.closed():
			return
		case err != nil: // nothing that ends a socket; but it must not be asked without end either
			time.Sleep(readPause)
			continue
		}
		from = unmapped(from)
		if c.config.Take != nil && c.config.Take(d.b[:n], scratch, from) {
			continue
		}
		d.n, d.from = n, from
		select {
		case c.left <- d:
			d = c.free.Get().(*datagram)
		default:
		}
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
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		from = unmapped(from)
		if err != nil || c.config.Take == nil || !c.config.Take(b[:n], c.scratch, from) {
			return n, from, err
		}
	}
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
