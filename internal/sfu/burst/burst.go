// Package burst is a UDP socket that sends the packets of a video frame to one receiver in one system call. Give a [Conn],
// made by [New], to a mux in place of the [net.UDPConn]; it costs nothing else.
//
// A system call costs ten times what sealing a packet costs, and the kernel charges it by the packet sent, not by the
// bytes. With UDP_SEGMENT (Linux 4.18) it takes a run of packets of one size, the last of which may be shorter, and cuts it
// up itself. So RTP packets of the payload types that [Config].Bundle names wait for those that follow them to the same
// address: until the frame is complete (the marker bit, RFC 3550 §5.1, which SRTP leaves in the clear), or until a run is
// full, or for [Config].Delay at most. All else is sent at once, and so is everything where the kernel cannot do it.
//
// A Conn can have several sockets on one port ([Listen]), each read by a goroutine of its own: the kernel gives all that
// comes from one address to one of them. What [Config].Take does not take goes through one queue to whoever reads the Conn.
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
	Bundle func(payloadType uint8) bool // of RTP packets
	Delay  time.Duration                // 0: DefaultDelay

	// Take is given every packet that comes, and a buffer of as many bytes as a packet may have for its own use during the
	// call. True: the packet is done with. It is called by one goroutine a socket. Nil: it never is.
	Take func(packet, scratch []byte, from netip.AddrPort) bool
}

// Conn is a net.PacketConn. Its methods may be called from any goroutine.
type Conn struct {
	*net.UDPConn
	more    []*net.UDPConn // on the same port
	config  Config
	plain   atomic.Bool // the kernel does not segment
	shards  [shards]shard
	pending atomic.Int64 // runs in which something waits
	timer   *time.Timer  // flushes
	sweeper *time.Timer
	scratch []byte

	left    chan *datagram // what the other sockets' readers leave; nil: there are none
	free    sync.Pool
	done    chan struct{}
	once    sync.Once
	readers sync.WaitGroup
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
	used    bool // since the last sweep
}

// sweepEvery is how long an address that nothing is sent to keeps its buffer, at least.
const sweepEvery = time.Minute

// New takes the sockets over, which are bound to one port: close the Conn, not them.
func New(udp *net.UDPConn, config Config, more ...*net.UDPConn) *Conn {
	if config.Delay == 0 {
		config.Delay = DefaultDelay
	}
	c := &Conn{UDPConn: udp, more: more, config: config, scratch: make([]byte, maxDatagram), done: make(chan struct{})}
	for i := range c.shards {
		c.shards[i].runs = map[netip.AddrPort]*run{}
	}
	if config.Bundle == nil || !canSegment(udp) {
		c.plain.Store(true)
	}
	c.timer = time.AfterFunc(time.Hour, c.flush)
	c.timer.Stop()
	c.sweeper = time.AfterFunc(sweepEvery, c.sweep)
	c.readMore()
	return c
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

// Close drops what waits, closes the sockets and waits for their readers.
func (c *Conn) Close() error {
	c.once.Do(func() {
		close(c.done)
		c.timer.Stop()
		c.sweeper.Stop()
	})
	err := c.UDPConn.Close()
	for _, udp := range c.more {
		_ = udp.Close()
	}
	c.readers.Wait()
	return err
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
	last := b[1]&markerBit != 0
	if r.packets == 0 {
		r.size, r.used = len(b), true
		if last { // it is the whole frame
			c.stats.packets.Add(1)
			c.stats.calls.Add(1)
			_, _ = c.WriteToUDPAddrPort(b, addr)
			return
		}
		if c.pending.Add(1) == 1 {
			c.timer.Reset(c.config.Delay)
		}
	}
	r.buf = append(r.buf, b...)
	r.packets++
	r.closed = len(b) < r.size
	if last {
		c.send(r, addr)
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
	r.buf, r.packets, r.closed = r.buf[:0], 0, false
	if c.pending.Add(-1) == 0 {
		// Frames are complete most of the time before the timer fires: a wake-up saved. Somebody may have set it between
		// these two lines for what waits again.
		c.timer.Stop()
		if c.pending.Load() > 0 {
			c.timer.Reset(c.config.Delay)
		}
	}
}

func (c *Conn) sendEach(r *run, addr netip.AddrPort) {
	c.stats.calls.Add(uint64(r.packets))
	for rest := r.buf; len(rest) > 0; {
		n := min(r.size, len(rest))
		_, _ = c.WriteToUDPAddrPort(rest[:n], addr)
		rest = rest[n:]
	}
}

// flush sends what has waited long enough. It is the timer's.
func (c *Conn) flush() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for addr, r := range s.runs {
			if r.packets > 0 {
				c.send(r, addr)
			}
		}
		s.mu.Unlock()
	}
	if c.pending.Load() > 0 && !c.closed() { // written behind our back
		c.timer.Reset(c.config.Delay)
	}
}

// sweep gives back the buffers of those who are gone.
func (c *Conn) sweep() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for addr, r := range s.runs {
			if r.packets == 0 && !r.used {
				delete(s.runs, addr)
			}
			r.used = false
		}
		s.mu.Unlock()
	}
	if !c.closed() {
		c.sweeper.Reset(sweepEvery)
	}
}

func (c *Conn) closed() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

func (c *Conn) shard(addr netip.AddrPort) *shard {
	a := addr.Addr().As16()
	return &c.shards[(addr.Port()^uint16(a[15]))%shards]
}
