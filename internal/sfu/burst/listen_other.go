//go:build !linux

package burst

import "net"

// Listen opens one socket: other systems do not balance between several of one port.
func Listen(network, addr string, _ int) ([]*net.UDPConn, error) {
	conn, err := net.ListenPacket(network, addr)
	if err != nil {
		return nil, err
	}
	return []*net.UDPConn{conn.(*net.UDPConn)}, nil
}
