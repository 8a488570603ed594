//go:build linux && (amd64 || arm64)

package burst

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"unsafe"
)

// sender sends to one address without what package net does for each packet: it makes no address, does not wait where the
// socket is full, and does not tell the scheduler of a system call, which would wake it to look at one of three microseconds.
type sender struct {
	out     outlet
	family  int
	call    func(fd uintptr) bool
	name    [syscall.SizeofSockaddrInet6]byte
	iov     syscall.Iovec
	message syscall.Msghdr
	control []byte
	errno   syscall.Errno
}

// outlet is what a sender needs of a socket: a part of syscall.RawConn.
type outlet interface {
	Control(func(fd uintptr)) error
	Write(func(fd uintptr) (done bool)) error
}

// newSender returns nil where package net has to do it.
func newSender(out outlet, to netip.AddrPort) *sender {
	const soDomain = 39 // SO_DOMAIN
	if out == nil {
		return nil
	}
	s := &sender{out: out, control: *newControl()}
	err := out.Control(func(fd uintptr) { s.family, _ = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, soDomain) })
	if err != nil || !s.address(to) {
		return nil
	}
	s.message.Name = &s.name[0]
	s.message.Iov, s.message.Iovlen = &s.iov, 1
	s.message.Control = &s.control[0]
	s.call = func(fd uintptr) bool {
		_, _, s.errno = syscall.RawSyscall6(syscall.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&s.message)), syscall.MSG_DONTWAIT, 0, 0, 0)
		return true // also when it is full: what cannot be sent now is lost, and nobody waits
	}
	return s
}

// address writes down a sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)), as the socket's family wants it.
func (s *sender) address(to netip.AddrPort) bool {
	binary.NativeEndian.PutUint16(s.name[:], uint16(s.family))
	binary.BigEndian.PutUint16(s.name[2:], to.Port())
	switch {
	case to.Addr().Zone() != "":
		return false
	case s.family == syscall.AF_INET && to.Addr().Unmap().Is4():
		ip := to.Addr().Unmap().As4()
		copy(s.name[4:], ip[:])
		s.message.Namelen = syscall.SizeofSockaddrInet4
	case s.family == syscall.AF_INET6:
		ip := to.Addr().As16() // maps IPv4
		copy(s.name[8:], ip[:])
		s.message.Namelen = syscall.SizeofSockaddrInet6
	default:
		return false
	}
	return true
}

// send sends one packet, or several of the size given if that is not 0.
func (s *sender) send(buf []byte, size int) error {
	s.iov.Base = &buf[0]
	s.iov.SetLen(len(buf))
	s.message.Controllen = 0
	if size > 0 {
		binary.NativeEndian.PutUint16(s.control[syscall.CmsgLen(0):], uint16(size))
		s.message.SetControllen(len(s.control))
	}
	err := s.out.Write(s.call)
	if err == nil && s.errno != 0 {
		return s.errno
	}
	return err
}
