package burst

import (
	"context"
	"errors"
	"net"
	"syscall"
)

// Listen opens so many sockets on one port, or one where the system does not balance between them.
func Listen(network, addr string, sockets int) ([]*net.UDPConn, error) {
	if sockets <= 1 {
		return listenOne(network, addr)
	}
	const reusePort = 15 // SO_REUSEPORT, which package syscall has no name for on all architectures
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var asked error
		err := raw.Control(func(fd uintptr) { asked = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, reusePort, 1) })
		return errors.Join(err, asked)
	}}
	// The first one alone, so that a port of another program is refused and not shared with it.
	probe, err := listenOne(network, addr)
	if err != nil {
		return nil, err
	}
	addr = probe[0].LocalAddr().String()
	_ = probe[0].Close()
	var all []*net.UDPConn
	for range sockets {
		conn, err := config.ListenPacket(context.Background(), network, addr)
		if err != nil {
			for _, udp := range all {
				_ = udp.Close()
			}
			return listenOne(network, addr)
		}
		all = append(all, conn.(*net.UDPConn))
	}
	return all, nil
}

func listenOne(network, addr string) ([]*net.UDPConn, error) {
	conn, err := net.ListenPacket(network, addr)
	if err != nil {
		return nil, err
	}
	return []*net.UDPConn{conn.(*net.UDPConn)}, nil
}
