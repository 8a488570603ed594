package burst

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"unsafe"
)

// udp(7): UDP_SEGMENT, since Linux 4.18; package syscall has no name for it.
const (
	solUDP     = 17
	udpSegment = 103
)

// controls are control messages in use: the kernel reads them while a call lasts.
var controls = sync.Pool{New: func() any { return newControl() }}

// newControl is a control message with a u16 for the segment's size.
func newControl() *[]byte {
	b := make([]byte, syscall.CmsgSpace(2))
	h := (*syscall.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = solUDP, udpSegment
	h.SetLen(syscall.CmsgLen(2))
	return &b
}

// writeSegments sends buf as packets of the size given, the last of which may be shorter.
func writeSegments(udp *net.UDPConn, buf []byte, size int, addr netip.AddrPort) error {
	control := controls.Get().(*[]byte)
	defer controls.Put(control)
	binary.NativeEndian.PutUint16((*control)[syscall.CmsgLen(0):], uint16(size))
	_, _, err := udp.WriteMsgUDPAddrPort(buf, *control, addr)
	return err
}

// canSegment asks the kernel. 0 is the default: no segmentation unless a call asks for it.
func canSegment(udp *net.UDPConn) bool {
	raw, err := udp.SyscallConn()
	if err != nil {
		return false
	}
	var asked error
	err = raw.Control(func(fd uintptr) { asked = syscall.SetsockoptInt(int(fd), solUDP, udpSegment, 0) })
	return err == nil && asked == nil
}

// cannotSegment tells a device that does not do it (EIO, as some tunnels and old drivers answer) from a passing error.
func cannotSegment(err error) bool {
	return errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EOPNOTSUPP)
}
