package doctor

import (
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// udp(7): UDP_SEGMENT, since Linux 4.18; package syscall has no name for it.
const (
	solUDP     = 17
	udpSegment = 103
)

// unsynchronised is STA_UNSYNC of adjtimex(2): nobody sets the clock.
const unsynchronised = 0x40

func clock(r *Report) {
	var state syscall.Timex
	if _, err := syscall.Adjtimex(&state); err != nil {
		r.skip("system clock", "the system does not say whether it is set")
		return
	}
	if state.Status&unsynchronised != 0 {
		r.warn("system clock", "timedatectl set-ntp true, unless this machine gets its time from its host", "nothing on this machine sets it: certificates and tokens need it")
		return
	}
	r.ok("system clock", "it is set")
}

// room is how much is free for who is not root.
func room(dir string) (uint64, bool) {
	var disk syscall.Statfs_t
	if syscall.Statfs(dir, &disk) != nil {
		return 0, false
	}
	return disk.Bavail * uint64(disk.Bsize), true
}

// buffers: the kernel grants a socket this much at most.
func buffers(r *Report) {
	var small []string
	for _, name := range []string{"rmem_max", "wmem_max"} {
		text, err := os.ReadFile("/proc/sys/net/core/" + name)
		if err != nil {
			continue // it is not shown in some containers
		}
		if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && n < leastBuffer {
			small = append(small, "net.core."+name+"="+strconv.Itoa(leastBuffer))
		}
	}
	if len(small) > 0 {
		r.warn("UDP buffers", "sysctl -w "+strings.Join(small, " "), "they are small: packets are lost where a key frame goes to many at once")
		return
	}
	r.ok("UDP buffers", "large enough")
}

// segments: whether the kernel takes the packets of a frame in one call.
func segments(r *Report) {
	c, err := net.ListenUDP("udp", nil)
	if err != nil {
		r.fail("segmentation", "allow the program to open UDP sockets", "no UDP socket: %v", short(err))
		return
	}
	defer c.Close()
	asked := syscall.EINVAL
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			asked, _ = syscall.SetsockoptInt(int(fd), solUDP, udpSegment, 0).(syscall.Errno)
		})
	}
	if asked != 0 {
		r.warn("segmentation", "Linux 4.18 or newer has UDP_SEGMENT", "the kernel takes packets one at a time (%v): sending costs more", asked)
		return
	}
	r.ok("segmentation", "the kernel takes the packets of a frame in one call (UDP_SEGMENT)")
}
