package webhook

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

var errPrivate = errors.New("the address is not on the internet, but in a network of its own; hint: the server's setting webhook-private allows that")

// Check says why nothing may be sent to an address. Where a name leads is looked at with each connection.
func (s *Sender) Check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("write https://host/path")
	case u.User != nil:
		return errors.New("it holds a password, which would be shown to others; the signature says who we are")
	case s.cfg.Private:
		return nil
	case u.Scheme != "https":
		return errors.New("events go over HTTPS only; hint: the server's setting webhook-private allows others")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !public(ip) || u.Hostname() == "localhost" {
		return errPrivate
	}
	return nil
}

// newTransport connects to public addresses only. It looks at the address that is dialled and not at the name, which can lead elsewhere
// from one moment to the next.
func newTransport(private bool) *http.Transport {
	dialer := &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); !private && (err != nil || !public(at.Addr())) {
			return errPrivate
		}
		return nil
	}}
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

func public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}
