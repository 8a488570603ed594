// Package icetcp lets clients reach a UDP media port over TCP (RFC 6544, passive side), where their network drops UDP.
//
// [New] takes a listener and serves it until [Bridge.Close]. Each connection gets a UDP socket that is connected to the media port;
// frames (RFC 4571) go in as datagrams and datagrams come out as frames. So the media port sees one more UDP client, on this
// machine, and nothing there has to know about TCP.
//
// # Limits
//
// [MaxConns] connections, [MaxPerAddress] from one address, or one /64 of IPv6. The first frame must be a STUN message and come within 10 s; who is
// silent for 40 s is dropped, and so is who reads nothing for 10 s. Frames of more than [MaxFrame] bytes end the connection.
package icetcp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Limits of a [Bridge].
const (
	MaxConns      = 2048
	MaxPerAddress = 256 // an office behind one address
	MaxFrame      = 1600
)

const (
	firstTimeout  = 10 * time.Second
	silentTimeout = 40 * time.Second // ICE gives a connection up before that
	writeTimeout  = 10 * time.Second

	lengthBytes = 2 // RFC 4571 §2
	readBuffer  = 4 << 10
)

// Bridge serves one listener. Make it with [New].
type Bridge struct {
	listener net.Listener
	dial     func() (net.Conn, error)
	running  sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	from   map[netip.Prefix]int
	closed bool
}

// New takes the listener over. Dial makes a UDP socket that is connected to the media port.
func New(listener net.Listener, dial func() (net.Conn, error)) *Bridge {
	b := &Bridge{listener: listener, dial: dial, conns: map[net.Conn]struct{}{}, from: map[netip.Prefix]int{}}
	b.running.Go(b.accept)
	return b
}

// Close ends all connections and waits until nothing runs any more.
func (b *Bridge) Close() error {
	err := b.listener.Close()
	b.mu.Lock()
	b.closed = true
	for c := range b.conns {
		_ = c.Close()
	}
	b.mu.Unlock()
	b.running.Wait()
	return err
}

// Conns is how many connections there are.
func (b *Bridge) Conns() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.conns)
}

func (b *Bridge) accept() {
	for {
		c, err := b.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of descriptors, most likely: others may end
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if !b.enter(c) {
			_ = c.Close()
			continue
		}
		b.running.Go(func() {
			defer b.leave(c)
			b.serve(c)
		})
	}
}

// network is what counts as one address: of IPv6 the 64 bits that a subscriber has at least.
func network(addr net.Addr) netip.Prefix {
	tcp, _ := addr.(*net.TCPAddr)
	ip := tcp.AddrPort().Addr().Unmap()
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	prefix, _ := ip.Prefix(bits) // fails for no address at all, which is one network then
	return prefix
}

func (b *Bridge) enter(c net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	from := network(c.RemoteAddr())
	if b.closed || len(b.conns) >= MaxConns || b.from[from] >= MaxPerAddress {
		return false
	}
	b.conns[c] = struct{}{}
	b.from[from]++
	return true
}

func (b *Bridge) leave(c net.Conn) {
	_ = c.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.conns, c)
	from := network(c.RemoteAddr())
	if b.from[from]--; b.from[from] == 0 {
		delete(b.from, from)
	}
}

// serve carries frames in, and starts what carries them out once the first one has shown that it is ICE that comes.
func (b *Bridge) serve(c net.Conn) {
	in := bufio.NewReaderSize(c, readBuffer)
	buffer := make([]byte, MaxFrame)
	_ = c.SetReadDeadline(time.Now().Add(firstTimeout))
	frame, err := readFrame(in, buffer)
	if err != nil || !isSTUN(frame) {
		return
	}
	media, err := b.dial()
	if err != nil {
		return
	}
	defer media.Close()
	b.running.Go(func() {
		defer c.Close()
		carryOut(c, media)
	})
	for err == nil {
		_, _ = media.Write(frame) // it is UDP: what cannot be sent is lost
		_ = c.SetReadDeadline(time.Now().Add(silentTimeout))
		frame, err = readFrame(in, buffer)
	}
}

// isSTUN: RFC 8489 §5, the magic cookie included.
func isSTUN(b []byte) bool {
	return len(b) >= 20 && b[0] < 2 && binary.BigEndian.Uint32(b[4:]) == 0x2112a442
}

var errTooLong = errors.New("icetcp: frame too long")

func readFrame(in *bufio.Reader, buffer []byte) ([]byte, error) {
	var length [lengthBytes]byte
	if _, err := io.ReadFull(in, length[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if n > len(buffer) {
		return nil, errTooLong
	}
	_, err := io.ReadFull(in, buffer[:n])
	return buffer[:n], err
}

// carryOut writes what the media port sends. While the client does not read, the socket of the media port's packets fills up, and
// they are lost as on any line that is too slow.
func carryOut(c, media net.Conn) {
	buffer := make([]byte, lengthBytes+MaxFrame)
	for {
		n, err := media.Read(buffer[lengthBytes:])
		if errors.Is(err, syscall.ECONNREFUSED) { // of an earlier packet
			continue
		}
		if err != nil {
			return
		}
		binary.BigEndian.PutUint16(buffer, uint16(n))
		_ = c.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := c.Write(buffer[:lengthBytes+n]); err != nil {
			return
		}
	}
}
