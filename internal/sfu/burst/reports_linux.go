//go:build linux && (amd64 || arm64)

package burst

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// quiet is a socket that is not in the poller of package net. That wakes a thread for each packet that comes to a socket, whether anybody
// waits for it or not, and for each that has left it.
type quiet struct {
	mu     sync.RWMutex
	fd     int
	closed bool
}

// newQuiet takes a socket over, or returns nil.
func newQuiet(udp *net.UDPConn) *quiet {
	q := &quiet{fd: -1}
	raw, err := udp.SyscallConn()
	if err != nil || raw.Control(func(fd uintptr) { q.fd = duplicate(fd) }) != nil || q.fd < 0 {
		return nil
	}
	_ = udp.Close() // which takes it out of the poller
	return q
}

func duplicate(fd uintptr) int {
	n, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
	if errno != 0 {
		return -1
	}
	return int(n)
}

// Control and Write make it an outlet.
func (q *quiet) Control(f func(fd uintptr)) error {
	return q.Write(func(fd uintptr) bool { f(fd); return true })
}

func (q *quiet) Write(f func(fd uintptr) bool) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		return net.ErrClosed
	}
	f(uintptr(q.fd))
	return nil
}

func (q *quiet) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		_ = syscall.Close(q.fd)
	}
}

// reports reads the socket that lone reports come to, see [Config].Quiet.
type reports struct {
	from *quiet
	read atomic.Int64 // when it was, last, since began

	mu    sync.Mutex
	inbox *inbox
	call  func(fd uintptr) bool
}

// began is the zero of the times that are kept.
var began = time.Now()

const (
	reportsPause = 2 * time.Millisecond // between two looks
	reportsCalls = 16                   // at a look, so that media does not wait long
)

func newReports(c *Conn, from *quiet) *reports {
	r := &receiver{}
	r.prepare()
	return &reports{from: from, inbox: newInbox(c, r), call: func(fd uintptr) bool { r.receive(fd); return true }}
}

// look reads what has come, unless somebody did just now or is about it.
func (r *reports) look() {
	now := int64(time.Since(began))
	if now-r.read.Load() < int64(reportsPause) || !r.mu.TryLock() {
		return
	}
	defer r.mu.Unlock()
	r.read.Store(now)
	for range reportsCalls {
		in := r.inbox.receiver
		if r.from.Write(r.call) != nil || in.errno != 0 {
			return
		}
		if r.inbox.deal(in.n); in.n < batch {
			return
		}
	}
}
