// Package burst is a UDP socket that sends the packets of a video frame to one receiver in one system call. Give a [Conn],
// made by [New], to a mux in place of the [net.UDPConn]; it costs nothing else.
//
// A system call costs ten times what sealing a packet costs, and the kernel charges it by the packet sent, not by the
// bytes. With UDP_SEGMENT (Linux 4.18) it takes a run of packets of one size, the last of which may be shorter, and cuts it
// up itself. So RTP packets of the payload types that [Config].Bundle names wait for those that follow them to the same
// address: until the frame is complete (the marker bit, RFC 3550 §5.1, which SRTP leaves in the clear), or until a run is
// full, or for [Config].Delay at most. All else is sent at once, and so is everything where the kernel cannot do it.
//
// # Limits
//
// 64 packets and 60,000 bytes a run. A packet that waited and could not be sent is lost without an error: it is UDP.
// Packets to one address leave in the order in which they were written, those that do not wait excepted.
package burst

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// DefaultDelay is how long a packet waits for the next one of its frame. Publishers pace a large frame over some
	// milliseconds; waiting for all of it would be delay that people see.
	DefaultDelay = time.Millisecond

	maxRun      = 64     // UDP_MAX_SEGMENTS of the kernels before 6.9
	maxRunBytes = 60_000 // below the largest datagram, 65,507
	shards      = 16
)

// Config says what may wait. The zero value lets nothing wait.
type Config struct {
	Bundle func(payloadType uint8) bool                  // of RTP packets
	Delay  time.Duration                                 // 0: DefaultDelay
	Take   func(packet []byte, from netip.AddrPort) bool // true: what was read is done with; nil: it never is
}

// Conn is a net.PacketConn. Its methods may be called from any goroutine.
type Conn struct {
	*net.UDPConn
	config  Config
	plain   atomic.Bool // the kernel does not segment
	shards  [shards]shard
	waiting chan struct{} // somebody waits: one place
	done    chan struct{}
	once    sync.Once
	stats   struct{ packets, calls atomic.Uint64 }
}

// shard keeps the runs of some addresses.
type shard struct {
	mu   sync.Mutex
	runs map[netip.AddrPort]*run
}

// run is what waits for one address.
type run struct {
	buf     []byte
	size    int // of each packet but the last
	packets int
	closed  bool // the last one is shorter: nothing fits behind it
	idle    int  // flushes at which there was nothing
}

// idleFlushes is how many flushes an address may sit out before its buffer is given back.
const idleFlushes = 1000

// New takes the socket over: close the Conn, not the socket.
func New(udp *net.UDPConn, config Config) *Conn {
	if config.Delay == 0 {
		config.Delay = DefaultDelay
	}
	c := &Conn{UDPConn: udp, config: config, waiting: make(chan struct{}, 1), done: make(chan struct{})}
	for i := range c.shards {
		c.shards[i].runs = map[netip.AddrPort]*run{}
	}
	if config.Bundle == nil || !canSegment(udp) {
		c.plain.Store(true)
	}
	go c.flushing()
	return c
}

// ReadFromAddrPort reads one packet that [Config].Take leaves.
func (c *Conn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port()) // a socket of both families maps IPv4
		if err != nil || c.config.Take == nil || !c.config.Take(b[:n], from) {
			return n, from, err
		}
	}
}

// ReadFrom does the same.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteTo sends a packet, now or in a moment.
func (c *Conn) WriteTo(b []byte, addr net.Addr) (int, error) {
	if udp, ok := addr.(*net.UDPAddr); ok {
		return c.WriteToAddrPort(b, udp.AddrPort())
	}
	return c.UDPConn.WriteTo(b, addr)
}

// WriteToAddrPort sends a packet, now or in a moment. It does not keep b.
func (c *Conn) WriteToAddrPort(b []byte, addr netip.AddrPort) (int, error) {
	if c.plain.Load() || !c.mayWait(b) {
		c.stats.packets.Add(1)
		c.stats.calls.Add(1)
		return c.WriteToUDPAddrPort(b, addr)
	}
	c.add(b, addr)
	return len(b), nil
}

// Stats is how many packets were sent, in how many system calls.
func (c *Conn) Stats() (packets, calls uint64) { return c.stats.packets.Load(), c.stats.calls.Load() }

// Close drops what waits and closes the socket.
func (c *Conn) Close() error {
	c.once.Do(func() { close(c.done) })
	return c.UDPConn.Close()
}

// The first bytes of RTP and RTCP are 128 to 191 (RFC 7983 §7); RTCP's second is 192 to 223 (RFC 5761 §4).
const (
	rtpFirst, rtpLast   = 128, 191
	rtcpFirst, rtcpLast = 192, 223
	rtpHeader           = 12
	markerBit           = 0x80
)

func (c *Conn) mayWait(b []byte) bool {
	return len(b) >= rtpHeader && b[0] >= rtpFirst && b[0] <= rtpLast && (b[1] < rtcpFirst || b[1] > rtcpLast) &&
		c.config.Bundle(b[1]&^markerBit)
}

func (c *Conn) add(b []byte, addr netip.AddrPort) {
	s := c.shard(addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.runs[addr]
	if r == nil {
		r = &run{}
		s.runs[addr] = r
	}
	if r.packets > 0 && !r.takes(len(b)) {
		c.send(r, addr)
	}
	if r.packets == 0 {
		r.size = len(b)
	}
	r.buf = append(r.buf, b...)
	r.packets++
	r.closed = len(b) < r.size
	if b[1]&markerBit != 0 {
		c.send(r, addr)
		return
	}
	select {
	case c.waiting <- struct{}{}:
	default:
	}
}

func (r *run) takes(size int) bool {
	return !r.closed && size <= r.size && r.packets < maxRun && len(r.buf)+size <= maxRunBytes
}

// send is called with the shard's lock held: what follows to this address must not overtake.
func (c *Conn) send(r *run, addr netip.AddrPort) {
	c.stats.packets.Add(uint64(r.packets))
	switch {
	case r.packets == 1:
		c.stats.calls.Add(1)
		_, _ = c.WriteToUDPAddrPort(r.buf, addr)
	case c.plain.Load():
		c.sendEach(r, addr)
	default:
		c.stats.calls.Add(1)
		if err := writeSegments(c.UDPConn, r.buf, r.size, addr); err != nil {
			if cannotSegment(err) {
				c.plain.Store(true)
			}
			c.sendEach(r, addr)
		}
	}
	r.buf, r.packets, r.closed, r.idle = r.buf[:0], 0, false, 0
}

func (c *Conn) sendEach(r *run, addr netip.AddrPort) {
	c.stats.calls.Add(uint64(r.packets))
	for rest := r.buf; len(rest) > 0; {
		n := min(r.size, len(rest))
		_, _ = c.WriteToUDPAddrPort(rest[:n], addr)
		rest = rest[n:]
	}
}

// flushing sends what has waited long enough. It sleeps while nothing waits.
func (c *Conn) flushing() {
	timer := time.NewTimer(c.config.Delay)
	defer timer.Stop()
	for {
		select {
		case <-c.waiting:
		case <-c.done:
			return
		}
		timer.Reset(c.config.Delay)
		select {
		case <-timer.C:
		case <-c.done:
			return
		}
		for i := range c.shards {
			c.flush(&c.shards[i])
		}
	}
}

func (c *Conn) flush(s *shard) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for addr, r := range s.runs {
		if r.packets > 0 {
			c.send(r, addr)
		} else if r.idle++; r.idle > idleFlushes {
			delete(s.runs, addr)
		}
	}
}

func (c *Conn) shard(addr netip.AddrPort) *shard {
	a := addr.Addr().As16()
	return &c.shards[(addr.Port()^uint16(a[15]))%shards]
}
