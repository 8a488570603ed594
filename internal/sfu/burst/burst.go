// Package burst is a UDP socket that sends the packets of a video frame to one receiver in one system call. Give a [Conn],
// made by [New], to a mux in place of the [net.UDPConn]; it costs nothing else.
//
// A system call costs ten times what sealing a packet costs, and the kernel charges it by the packet sent, not by the
// bytes. With UDP_SEGMENT (Linux 4.18) it takes a run of packets of one size, the last of which may be shorter, and cuts it
// up itself. So RTP packets of the payload types that [Config].Bundle names, written to a [Dest], wait for those that
// follow them: until the frame is complete (the marker bit, RFC 3550 §5.1, which SRTP leaves in the clear), or until a run is
// full, or for [Config].Delay at most. All else is sent at once, and so is everything where the kernel cannot do it.
//
// A Conn can have several sockets on one port ([Listen]), each read by a goroutine of its own: the kernel gives all that
// comes from one address to one of them. What [Config].Take does not take goes through one queue to whoever reads the Conn.
//
// # Limits
//
// 64 packets and 60,000 bytes a run. A packet that waited and could not be sent is lost without an error: it is UDP.
// Packets to one Dest leave in the order in which they were written, those that do not wait excepted. Nobody waits for a full
// socket: what does not fit is lost.
package burst

import (
	"errors"
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
)

// Config says what may wait. The zero value lets nothing wait.
type Config struct {
	Bundle func(payloadType uint8) bool // of RTP packets
	Delay  time.Duration                // 0: DefaultDelay

	// Take is given every packet that comes, and a buffer of as many bytes as a packet may have for its own use during the
	// call. True: the packet is done with. It is called by one goroutine a socket. Nil: it never is.
	Take func(packet, scratch []byte, from netip.AddrPort) bool

	// Passed is called by readers when they have dealt with what came and before they wait for more.
	Passed func()

	// Quiet leaves half of the sockets, which [Listen] has opened, to sending, and does without the wake-ups that package net adds to
	// that: it asks to be told of everything, so that a thread wakes for each packet that has left. And RTCP waits that nobody waits for: a
	// receiver report, transport-wide feedback or REMB that comes alone. Receivers send some ten a second each, at times of their own.
	// They are read when anything else comes, and when the owner calls [Conn.ReadReports].
	Quiet bool
}

// Conn is a net.PacketConn. Its methods may be called from any goroutine.
type Conn struct {
	*net.UDPConn
	more      []*net.UDPConn // on the same port
	config    Config
	plain     atomic.Bool  // the kernel does not segment
	pending   atomic.Int64 // how many have something that waits
	attending atomic.Int64 // how many readers wait for the rest of a frame
	timer     *time.Timer  // flushes
	mu        sync.Mutex
	waiting   []*Dest // those that have, and some that had
	flushed   []*Dest // scratch of flush
	flushing  sync.Mutex

	left    chan *datagram // what readers leave; nil: there are none
	free    sync.Pool
	done    chan struct{}
	once    sync.Once
	readers sync.WaitGroup
	quiet   []*quiet // that send; none: the others do
	reports *reports // nil: they come as all else does
	lone    struct {
		sync.Mutex
		*sender // nil: package net sends
	}
	stats struct{ packets, calls atomic.Uint64 }
}

// New takes the sockets over, which are bound to one port: close the Conn, not them.
func New(udp *net.UDPConn, config Config, more ...*net.UDPConn) *Conn {
	if config.Delay == 0 {
		config.Delay = DefaultDelay
	}
	c := &Conn{UDPConn: udp, more: more, config: config, done: make(chan struct{})}
	if config.Bundle == nil || !canSegment(udp) {
		c.plain.Store(true)
	}
	c.timer = time.AfterFunc(time.Hour, c.flush)
	c.timer.Stop()
	c.readAll()
	return c
}

// WriteTo sends a packet at once, as does WriteToAddrPort: what is to wait goes to a [Dest].
func (c *Conn) WriteTo(b []byte, addr net.Addr) (int, error) {
	if udp, ok := addr.(*net.UDPAddr); ok {
		return c.WriteToAddrPort(b, udp.AddrPort())
	}
	return c.UDPConn.WriteTo(b, addr)
}

// WriteToAddrPort sends a packet at once.
func (c *Conn) WriteToAddrPort(b []byte, addr netip.AddrPort) (int, error) {
	c.stats.packets.Add(1)
	c.stats.calls.Add(1)
	c.lone.Lock()
	defer c.lone.Unlock()
	if c.lone.sender != nil && c.lone.address(addr) {
		return len(b), c.lone.send(b, 0)
	}
	return c.WriteToUDPAddrPort(b, addr)
}

// Stats is how many packets were sent, in how many system calls.
func (c *Conn) Stats() (packets, calls uint64) { return c.stats.packets.Load(), c.stats.calls.Load() }

// Close drops what waits, closes the sockets and waits for their readers.
func (c *Conn) Close() error {
	c.once.Do(func() {
		close(c.done)
		c.timer.Stop()
	})
	err := c.UDPConn.Close()
	for _, udp := range c.more {
		_ = udp.Close()
	}
	c.readers.Wait()
	for _, q := range c.quiet {
		q.close()
	}
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

// errPlain is not told to anybody.
var errPlain = errors.New("burst: segments are sent one by one")

// await is called when something begins to wait, with d's lock held.
func (c *Conn) await(d *Dest) {
	c.mu.Lock()
	if !d.listed {
		d.listed = true
		c.waiting = append(c.waiting, d)
	}
	c.mu.Unlock()
	if c.pending.Add(1) == 1 && c.attending.Load() == 0 {
		c.timer.Reset(c.config.Delay)
	}
}

// awaited is called when it has been sent. Frames are complete most of the time before the timer fires: a wake-up saved.
func (c *Conn) awaited() {
	if c.pending.Add(-1) == 0 {
		c.timer.Stop()
		if c.pending.Load() > 0 { // somebody has set it between these two lines
			c.timer.Reset(c.config.Delay)
		}
	}
}

// flush is the timer's.
func (c *Conn) flush() {
	c.flushing.Lock() // it may fire once more meanwhile
	defer c.flushing.Unlock()
	c.mu.Lock()
	c.waiting, c.flushed = c.flushed[:0], c.waiting
	due := c.flushed
	for _, d := range due {
		d.listed = false
	}
	c.mu.Unlock()
	for i, d := range due {
		d.flush()
		due[i] = nil
	}
	if c.pending.Load() > 0 && !c.closed() { // written behind our back
		c.timer.Reset(c.config.Delay)
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
