package front

import (
	"context"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// firstInherited is the first descriptor that a supervisor hands over, sd_listen_fds(3).
const firstInherited = 3

// inherited are the TCP sockets that a supervisor opened for this process. They outlive it: whoever connects while the server restarts
// waits for it, and is not refused.
var inherited = sync.OnceValue(func() (all []net.Listener) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil
	}
	count, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil {
		return nil
	}
	for fd := firstInherited; fd < firstInherited+count; fd++ {
		syscall.CloseOnExec(fd)
		file := os.NewFile(uintptr(fd), "inherited")
		if file == nil {
			continue
		}
		if l, err := net.FileListener(file); err == nil { // its own copy of the descriptor
			all = append(all, l)
		}
		_ = file.Close()
	}
	return all
})

// ListenTCP opens a TCP port, or takes the socket that was opened for it.
func ListenTCP(ctx context.Context, addr string) (net.Listener, error) {
	_, port, err := net.SplitHostPort(addr)
	for _, l := range inherited() {
		if _, its, _ := net.SplitHostPort(l.Addr().String()); err == nil && its == port {
			return l, nil
		}
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", addr)
}
