package burst

import (
	"net"
	"net/netip"
	"sync"
)

// Dest is an address that is written to often. Make it with [Conn.Dest]. Its methods may be called from any goroutine.
type Dest struct {
	conn *Conn
	udp  *net.UDPConn
	addr netip.AddrPort

	mu      sync.Mutex
	sender  *sender // nil where package net sends
	buf     []byte  // the run that waits
	size    int     // of each packet but the last
	packets int
	closed  bool // the last one is shorter: nothing fits behind it
	listed  bool // among those that the timer looks at; under Conn.mu
}

// Dest begins with nothing waiting. There should be one for an address, or packets overtake each other.
func (c *Conn) Dest(addr netip.AddrPort) *Dest {
	// Not all through one socket's locks.
	if n := len(c.quiet); n > 0 {
		return &Dest{conn: c, udp: c.UDPConn, addr: addr, sender: newSender(c.quiet[int(addr.Port())%n], addr)}
	}
	udp := c.UDPConn
	if i := int(addr.Port()) % (len(c.more) + 1); i > 0 {
		udp = c.more[i-1]
	}
	return &Dest{conn: c, udp: udp, addr: addr, sender: newSender(outletOf(udp), addr)}
}

func outletOf(udp *net.UDPConn) outlet {
	if raw, err := udp.SyscallConn(); err == nil {
		return raw
	}
	return nil
}

// Write sends a packet, now or in a moment. It does not keep b.
func (d *Dest) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn.plain.Load() || !d.conn.mayWait(b) {
		return len(b), d.write(b)
	}
	last := b[1]&markerBit != 0
	if d.packets > 0 && !d.takes(len(b)) {
		d.send()
	}
	if d.packets == 0 {
		if last { // it is the whole frame
			return len(b), d.write(b)
		}
		d.size = len(b)
		d.conn.await(d)
	}
	d.buf = append(d.buf, b...)
	d.packets++
	d.closed = len(b) < d.size
	if last {
		d.send()
	}
	return len(b), nil
}

func (d *Dest) takes(size int) bool {
	return !d.closed && size <= d.size && d.packets < maxRun && len(d.buf)+size <= maxRunBytes
}

// write sends one packet at once.
func (d *Dest) write(b []byte) error {
	d.conn.stats.packets.Add(1)
	d.conn.stats.calls.Add(1)
	if d.sender != nil {
		return d.sender.send(b, 0)
	}
	_, err := d.udp.WriteToUDPAddrPort(b, d.addr)
	return err
}

// send sends what waits, with the lock held: what follows must not overtake.
func (d *Dest) send() {
	n := d.packets
	if n == 1 {
		_ = d.write(d.buf)
	} else if err := d.segments(); err != nil {
		if cannotSegment(err) {
			d.conn.plain.Store(true)
		}
		for rest := d.buf; len(rest) > 0; {
			m := min(d.size, len(rest))
			_ = d.write(rest[:m])
			rest = rest[m:]
		}
	}
	d.buf, d.packets, d.closed = d.buf[:0], 0, false
	d.conn.awaited()
}

func (d *Dest) segments() error {
	var err error
	switch {
	case d.conn.plain.Load():
		return errPlain
	case d.sender != nil:
		err = d.sender.send(d.buf, d.size)
	default:
		err = writeSegments(d.udp, d.buf, d.size, d.addr)
	}
	if err == nil {
		d.conn.stats.packets.Add(uint64(d.packets))
		d.conn.stats.calls.Add(1)
	}
	return err
}

// flush sends what has waited long enough.
func (d *Dest) flush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.packets > 0 {
		d.send()
	}
}
