//go:build !linux || !(amd64 || arm64)

package burst

import (
	"net"
	"net/netip"
	"time"
)

const batch = 1

type receiver struct{}

func newReceiver(*net.UDPConn) *receiver { return nil }

func (*receiver) into(int, []byte)                 { panic("burst: there is none") }
func (*receiver) read() (int, error)               { panic("burst: there is none") }
func (*receiver) more() int                        { panic("burst: there is none") }
func (*receiver) packet(int) (int, netip.AddrPort) { panic("burst: there is none") }

func nap(d time.Duration) { time.Sleep(d) }
