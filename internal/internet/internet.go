// Package internet connects to public addresses only, for requests whose target somebody else names: they are no way into the server's own network.
//
// [Dialer] and [Transport] look at the address that is dialled and not at the name, which can lead elsewhere from one moment to the next. [Public] tells
// addresses apart.
//
// # Does not protect
//
// What stands at a public address is asked, whoever it belongs to. Whoever uses this bounds how often, follows no redirects and reads no more than they need.
package internet

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrPrivate says that an address is not on the internet.
var ErrPrivate = errors.New("the address is not on the internet, but in a network of its own")

// Dialer connects to public addresses.
func Dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || !Public(at.Addr()) {
			return ErrPrivate
		}
		return nil
	}}
}

// Transport has each step end in time, by a dialer of one's choice.
func Transport(dialer *net.Dialer, timeout time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // it would dial for us
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    timeout,
		ResponseHeaderTimeout:  timeout,
		MaxResponseHeaderBytes: 16 << 10,
		MaxIdleConns:           16,
		IdleConnTimeout:        time.Minute,
		ForceAttemptHTTP2:      true,
	}
}

// special are networks that netip does not tell apart: RFC 6890 and its registry.
var special = func() (all []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// Public says whether an address is one of the internet.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}
