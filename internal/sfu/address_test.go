package sfu

import (
	"net/netip"
	"testing"
)

// Media over TCP on another port is offered there by each address once.
func TestAddressesOverTCP(t *testing.T) {
	s := &SFU{tcpPort: 443}
	a, b := netip.MustParseAddrPort("203.0.113.7:8081"), netip.MustParseAddrPort("203.0.113.7:9000")
	if got := s.overTCP([]netip.AddrPort{a, b}); len(got) != 1 || got[0].String() != "203.0.113.7:443" {
		t.Error(got)
	}
	s.tcpPort = 0
	if got := s.overTCP([]netip.AddrPort{a, b}); len(got) != 2 || got[0] != a {
		t.Error(got)
	}
}
