//go:build !linux

package burst

import (
	"errors"
	"net"
	"net/netip"
)

func writeSegments(*net.UDPConn, []byte, int, netip.AddrPort) error { return errors.ErrUnsupported }

func canSegment(*net.UDPConn) bool { return false }

func cannotSegment(error) bool { return true }
