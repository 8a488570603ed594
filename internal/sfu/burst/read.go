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
	if c.config.Quiet {
		c.divide()
	}
	for _, udp := range append(c.more[:len(c.more):len(c.more)], c.UDPConn) {
		c.readers.Go(func() {
			if r := newReceiver(udp); r == nil || !c.readBatches(r) {
				c.readSingly(udp)
			}
		})
	}
}

// divide makes half of the sockets quiet ones. Where that does not go they are closed: nothing can have come yet.
func (c *Conn) divide() {
	all := append([]*net.UDPConn{c.UDPConn}, c.more...)
	readers := (len(all) + 1) / 2
	separated := readers < len(all) && separate(all, readers)
	c.more = c.more[:readers-1]
	for _, udp := range all[readers:] {
		if !separated {
			_ = udp.Close()
		} else if q := newQuiet(udp); q != nil {
			c.quiet = append(c.quiet, q)
		} else {
			c.more = append(c.more, udp)
		}
	}
	if len(c.quiet) > 0 {
		c.reports = newReports(c, c.quiet[0])
		c.lone.sender = newSender(c.quiet[0], addrPort(c.UDPConn))
	}
}

func addrPort(udp *net.UDPConn) netip.AddrPort { return udp.LocalAddr().(*net.UDPAddr).AddrPort() }

// inbox is where a receiver's packets go.
type inbox struct {
	conn     *Conn
	receiver *receiver
	held     [batch]*datagram
	scratch  []byte
}

func newInbox(c *Conn, r *receiver) *inbox {
	in := &inbox{conn: c, receiver: r, scratch: make([]byte, MaxDatagram)}
	for i := range in.held {
		in.held[i] = c.free.Get().(*datagram)
		r.into(i, in.held[i].b[:])
	}
	return in
}

// deal gives away the first n packets.
func (in *inbox) deal(n int) {
	for i := range n {
		held := in.held[i]
		held.n, held.from = in.receiver.packet(i)
		if d := in.conn.came(held, in.scratch); d != held {
			in.held[i] = d
			in.receiver.into(i, d.b[:])
		}
	}
}

// readBatches returns when the socket is closed. It is false if the system cannot do it.
func (c *Conn) readBatches(r *receiver) bool {
	in := newInbox(c, r)
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
		c.attend(in, n)
		c.passed()
	}
}

// restWait and restTurns are how long a reader waits for the rest of a frame, see attend.
const (
	restWait  = 100 * time.Microsecond
	restTurns = 2
)

// attend gives away what came, and what follows it at once: publishers send a frame in one go. To wait for that as for anything else
// would wake threads for each packet, and once more for the timer that sends what waits for its frame's end.
func (c *Conn) attend(in *inbox, n int) {
	c.attending.Add(1)
	in.deal(n)
	for turns := restTurns; n < batch && turns > 0 && c.pending.Load() > 0; turns-- {
		nap(restWait)
		if n = in.receiver.more(); n > 0 {
			in.deal(n)
		}
	}
	c.attending.Add(-1)
	if c.pending.Load() > 0 {
		c.timer.Reset(c.config.Delay)
	}
}

// passed is called when what came has been dealt with.
func (c *Conn) passed() {
	c.ReadReports()
	if c.config.Passed != nil {
		c.config.Passed()
	}
}

// ReadReports reads the lone reports that have come, see [Config].Quiet.
func (c *Conn) ReadReports() {
	if c.reports != nil {
		c.reports.look()
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
		c.passed()
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
