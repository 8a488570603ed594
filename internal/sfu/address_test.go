package sfu

import (
	"net/netip"
	"strings"
	"testing"
)

// What Chromium would refuse the whole description for is not in it.
func TestAddressesThatBrowsersTake(t *testing.T) {
	var all []netip.AddrPort
	for _, text := range strings.Fields(`203.0.113.7:443 10.0.0.7:443 192.168.1.7:443 100.64.0.7:443 127.0.0.1:443 169.254.0.7:443 [2001:db8::7]:443
		[fd00::7]:443 [::1]:443 203.0.113.7:80 203.0.113.7:1023 10.0.0.7:1024 127.0.0.1:8081`) {
		all = append(all, netip.MustParseAddrPort(text))
	}
	var taken []string
	for _, a := range takenByBrowsers(all) {
		taken = append(taken, a.String())
	}
	if got := strings.Join(taken, " "); got != "203.0.113.7:443 [2001:db8::7]:443 203.0.113.7:80 10.0.0.7:1024 127.0.0.1:8081" {
		t.Error(got)
	}
}

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
