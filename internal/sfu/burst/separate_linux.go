//go:build linux && (amd64 || arm64)

package burst

import (
	"net"
	"runtime"
	"syscall"
	"unsafe"
)

// separate has the kernel give the first so many of the sockets of one port what is no lone report, all that comes from one address to
// the same, and lone reports to the next one. It is false where it cannot.
func separate(all []*net.UDPConn, readers int) bool {
	const attachReusePort = 51 // SO_ATTACH_REUSEPORT_CBPF, Linux 4.5 (socket(7))
	raw, err := all[0].SyscallConn()
	if err != nil {
		return false
	}
	filter := separation(uint32(readers))
	program := syscall.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	var errno syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, errno = syscall.RawSyscall6(syscall.SYS_SETSOCKOPT, fd, syscall.SOL_SOCKET, attachReusePort, uintptr(unsafe.Pointer(&program)), unsafe.Sizeof(program), 0)
	})
	runtime.KeepAlive(filter)
	return err == nil && errno == 0
}

// Instructions of classic BPF (linux/filter.h).
const (
	loadByte   = syscall.BPF_LD | syscall.BPF_B | syscall.BPF_ABS
	loadHalf   = syscall.BPF_LD | syscall.BPF_H | syscall.BPF_ABS
	loadLength = syscall.BPF_LD | syscall.BPF_W | syscall.BPF_LEN
	and        = syscall.BPF_ALU | syscall.BPF_AND
	add        = syscall.BPF_ALU | syscall.BPF_ADD
	multiply   = syscall.BPF_ALU | syscall.BPF_MUL
	shiftLeft  = syscall.BPF_ALU | syscall.BPF_LSH
	shiftRight = syscall.BPF_ALU | syscall.BPF_RSH
	modulo     = syscall.BPF_ALU | 0x90 // BPF_MOD, which package syscall has no name for on all architectures
	keep       = syscall.BPF_MISC | syscall.BPF_TAX
	ifEqual    = syscall.BPF_JMP | syscall.BPF_JEQ
	ifAtLeast  = syscall.BPF_JMP | syscall.BPF_JGE
	ifMore     = syscall.BPF_JMP | syscall.BPF_JGT
	ifOverKept = ifMore | syscall.BPF_X
	jump       = syscall.BPF_JMP | syscall.BPF_JA
	answer     = syscall.BPF_RET
	answerThat = syscall.BPF_RET | syscall.BPF_A
)

// What is looked at. A load of what is not there ends the program, with 0.
const (
	packetHead = 0           // of the datagram's payload
	packetKind = 1           // RTCP's packet type
	packetSize = 2           // RTCP's length: words of four bytes less one
	network    = 0xfff0_0000 // SKF_NET_OFF: of the IP header
	portAfter4 = network + 20
	portAfter6 = network + 40 // extension headers make it a worse choice of socket, no wrong one

	receiverReport = 201
	transportKind  = 205 // with format 15 transport-wide feedback
	payloadKind    = 206 // with format 15 REMB
	formatMask     = 0x1f
	formatReport   = 15
	sealMost       = 20          // bytes that SRTCP adds: 14 with its older profiles
	spread         = 0x9e37_79b1 // 2^32 by the golden ratio
)

// separation is the program. A report is lone if nothing follows it in its datagram that somebody may wait for: in compound packets
// requests come behind receiver reports (RFC 3550 §6.1).
func separation(readers uint32) []syscall.SockFilter {
	return []syscall.SockFilter{
		{Code: loadByte, K: packetHead},
		{Code: ifAtLeast, K: rtpFirst, Jf: 16},
		{Code: ifMore, K: rtpLast, Jt: 15},
		{Code: loadByte, K: packetKind},
		{Code: ifEqual, K: receiverReport, Jt: 5},
		{Code: ifEqual, K: transportKind, Jt: 1},
		{Code: ifEqual, K: payloadKind, Jf: 11},
		{Code: loadByte, K: packetHead},
		{Code: and, K: formatMask},
		{Code: ifEqual, K: formatReport, Jf: 8},
		// 10: it is a report
		{Code: loadHalf, K: packetSize},
		{Code: add, K: 1},
		{Code: shiftLeft, K: 2},
		{Code: add, K: sealMost},
		{Code: keep},
		{Code: loadLength},
		{Code: ifOverKept, Jt: 1},
		{Code: answer, K: readers},
		// 18: it is something else
		{Code: loadByte, K: network},
		{Code: and, K: 0xf0},
		{Code: ifEqual, K: 4 << 4, Jf: 2},
		{Code: loadHalf, K: portAfter4},
		{Code: jump, K: 1},
		{Code: loadHalf, K: portAfter6},
		{Code: multiply, K: spread},
		{Code: shiftRight, K: 16},
		{Code: modulo, K: readers},
		{Code: answerThat},
	}
}
