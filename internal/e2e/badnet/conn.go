package badnet

import (
	"net"
	"net/netip"
	"sync"
)

// queue of packets that have arrived and were not read yet: a socket's buffer.
const connQueue = 4096

// Conn is a server's socket with a [Link] in front of it for each client's IP address. Make it with [Wrap].
type Conn struct {
	net.PacketConn
	seed uint64
	in   chan datagram
	done chan struct{}

	mu      sync.Mutex
	links   map[netip.Addr]*Link
	rebound map[netip.Addr]int
	hidden  map[netip.AddrPort]netip.AddrPort // what the server sees of clients that have rebound, and what they are
}

// portsApart is how far an address changes: more than a client uses ports.
const portsApart = 1000

type datagram struct {
	packet []byte
	from   net.Addr
}

// Wrap takes the socket over.
func Wrap(inner net.PacketConn, seed uint64) *Conn {
	c := &Conn{PacketConn: inner, seed: seed, in: make(chan datagram, connQueue), done: make(chan struct{}), links: map[netip.Addr]*Link{},
		rebound: map[netip.Addr]int{}, hidden: map[netip.AddrPort]netip.AddrPort{}}
	go c.read()
	return c
}

// Link is the line of the client with that IP address.
func (c *Conn) Link(client netip.Addr) *Link {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.links[client]
	if l == nil {
		l = newLink(c.seed, uint64(len(c.links)))
		c.links[client] = l
	}
	return l
}

// Rebind changes the ports that the server sees of a client; what is sent to the old ones is lost.
func (c *Conn) Rebind(client netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rebound[client]++
	for seen, real := range c.hidden {
		if real.Addr() == client {
			delete(c.hidden, seen)
		}
	}
}

func addrPort(addr net.Addr) netip.AddrPort {
	a := addr.(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// seen is what the server is told of a client's address.
func (c *Conn) seen(real netip.AddrPort) netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.rebound[real.Addr()]
	if n == 0 {
		return real
	}
	seen := netip.AddrPortFrom(real.Addr(), real.Port()+uint16(n*portsApart))
	c.hidden[seen] = real
	return seen
}

// real is where a packet of the server's goes, if anywhere.
func (c *Conn) real(seen netip.AddrPort) (netip.AddrPort, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rebound[seen.Addr()] == 0 {
		return seen, true
	}
	real, ok := c.hidden[seen]
	return real, ok
}

func (c *Conn) read() {
	defer close(c.done)
	b := make([]byte, maxDatagram)
	for {
		n, from, err := c.PacketConn.ReadFrom(b)
		if err != nil {
			return
		}
		client := addrPort(from)
		c.Link(client.Addr()).send(Up, b[:n], func(packet []byte) {
			select {
			case c.in <- datagram{append([]byte(nil), packet...), net.UDPAddrFromAddrPort(c.seen(client))}:
			default: // nobody reads as fast as that
			}
		})
	}
}

// ReadFrom gives the next packet that made it.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case d := <-c.in:
		return copy(b, d.packet), d.from, nil
	case <-c.done:
		return 0, nil, net.ErrClosed
	}
}

// WriteTo sends a packet on its way.
func (c *Conn) WriteTo(b []byte, to net.Addr) (int, error) {
	if client, ok := c.real(addrPort(to)); ok {
		c.Link(client.Addr()).send(Down, b, func(packet []byte) {
			_, _ = c.PacketConn.WriteTo(packet, net.UDPAddrFromAddrPort(client))
		})
	}
	return len(b), nil
}

// Close closes the socket and ends the links.
func (c *Conn) Close() error {
	err := c.PacketConn.Close()
	<-c.done
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.links {
		l.close()
	}
	return err
}
