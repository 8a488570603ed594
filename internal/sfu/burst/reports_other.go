//go:build !linux || !(amd64 || arm64)

package burst

import "net"

// There are none here.
type (
	quiet   struct{}
	reports struct{}
)

func separate([]*net.UDPConn, int) bool { return false }
func newQuiet(*net.UDPConn) *quiet      { return nil }
func newReports(*Conn, *quiet) *reports { return nil }
func (*quiet) close()                   { panic("burst: there is none") }
func (*reports) look()                  { panic("burst: there is none") }
