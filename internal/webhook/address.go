package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/grotto-meet/grotto/internal/internet"
)

var errPrivate = fmt.Errorf("%w; hint: the server's setting webhook-private allows that", internet.ErrPrivate)

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
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !internet.Public(ip) || u.Hostname() == "localhost" {
		return errPrivate
	}
	return nil
}

// newTransport connects to public addresses only, unless others are allowed.
func newTransport(private bool) *http.Transport {
	if private {
		return internet.Transport(&net.Dialer{Timeout: timeout}, timeout)
	}
	return internet.Transport(internet.Dialer(timeout), timeout)
}
