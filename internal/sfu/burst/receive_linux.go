//go:build linux && (amd64 || arm64)

package burst

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// batch is how many packets one call gives at most: a large frame and what came beside it.
const batch = 16

// receiver reads one socket: all that has come, in one system call, and without telling the scheduler of it. Who tells it wakes
// its monitor each time a server that is mostly idle reads a packet, and that costs ten times what the packet does.
type receiver struct {
	raw      syscall.RawConn
	call     func(fd uintptr) bool
	once     bool // do not wait
	messages [batch]message
	buffers  [batch]syscall.Iovec
	names    [batch][syscall.SizeofSockaddrInet6]byte
	n        int
	errno    syscall.Errno
}

// message is struct mmsghdr (recvmmsg(2)).
type message struct {
	syscall.Msghdr
	size uint32
	_    [4]byte
}

// newReceiver returns nil where package net has to do it.
func newReceiver(udp *net.UDPConn) *receiver {
	raw, err := udp.SyscallConn()
	if err != nil {
		return nil
	}
	r := &receiver{raw: raw}
	r.prepare()
	r.call = func(fd uintptr) bool {
		r.receive(fd)
		return r.once || r.errno != syscall.EAGAIN
	}
	return r
}

func (r *receiver) prepare() {
	for i := range r.messages {
		m := &r.messages[i]
		m.Name = &r.names[i][0]
		m.Iov, m.Iovlen = &r.buffers[i], 1
	}
}

// receive takes what has come, and does not wait.
func (r *receiver) receive(fd uintptr) {
	for i := range r.messages {
		r.messages[i].Namelen = syscall.SizeofSockaddrInet6
	}
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&r.messages)), batch, syscall.MSG_DONTWAIT, 0, 0)
	r.n, r.errno = int(n), errno
}

// into is where the packet of that place in the next batch goes.
func (r *receiver) into(i int, b []byte) {
	r.buffers[i].Base = &b[0]
	r.buffers[i].SetLen(len(b))
}

// read waits for packets and returns how many there are.
func (r *receiver) read() (int, error) {
	if err := r.raw.Read(r.call); err != nil {
		return 0, err
	}
	if r.errno != 0 {
		return 0, r.errno
	}
	return r.n, nil
}

// more is read without waiting: 0 if nothing has come.
func (r *receiver) more() int {
	r.once = true
	n, err := r.read()
	r.once = false
	if err != nil {
		return 0
	}
	return n
}

// packet is the size of one that was read, and whose it is: a sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)).
func (r *receiver) packet(i int) (size int, from netip.AddrPort) {
	size = int(r.messages[i].size)
	name := &r.names[i]
	port := binary.BigEndian.Uint16(name[2:])
	if binary.NativeEndian.Uint16(name[:]) == syscall.AF_INET {
		return size, netip.AddrPortFrom(netip.AddrFrom4([4]byte(name[4:8])), port)
	}
	addr := netip.AddrFrom16([16]byte(name[8:24])).Unmap()
	if scope := binary.NativeEndian.Uint32(name[24:]); scope != 0 {
		addr = addr.WithZone(strconv.Itoa(int(scope))) // package net takes numbers, too
	}
	return size, netip.AddrPortFrom(addr, port)
}

// nap sleeps without telling the scheduler, which would wake others meanwhile. It must be short: nobody else uses the processor.
func nap(d time.Duration) {
	span := syscall.NsecToTimespec(int64(d))
	_, _, _ = syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&span)), 0, 0)
}
