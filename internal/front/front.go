// Package front is what stands between the network and a server's handlers: its TCP ports and its certificate.
//
// [Listen] opens the port of the page. With TLS it is the only TCP port that is needed: HTTPS, WebSockets, TURN over TLS and media
// over TCP are told apart by their first bytes. A certificate comes from files ([OpenFiles]), which are read again when they
// change, or from a certificate authority ([NewAuthority]), which is asked by ACME (RFC 8555). [Redirect] is for port 80.
//
// # Does not protect
//
// Whoever answers for the domain's name in the DNS can get a certificate of their own. Media is sealed all the same; the page is not.
package front

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"

	"github.com/grotto-meet/grotto/internal/split"
)

// Ports are what comes in at one TCP port.
type Ports struct {
	Page net.Listener // and TURN, which package node tells apart

	// Without TLS there are none of these.
	Media  net.Listener // what comes over TCP as ICE's frames do
	Astray net.Listener // plain HTTP where HTTPS is meant, see [Astray]
}

// Close closes them.
func (p Ports) Close() {
	for _, l := range []net.Listener{p.Page, p.Media, p.Astray} {
		if l != nil {
			_ = l.Close()
		}
	}
}

// Listen opens a TCP port. With a TLS configuration (nil: plain HTTP) what is sealed by TLS goes to the page. Guard, if not nil, sees
// each connection first.
func Listen(ctx context.Context, addr string, config *tls.Config, guard func(net.Listener) net.Listener) (Ports, error) {
	tcp, err := ListenTCP(ctx, addr)
	if err != nil {
		return Ports{}, err
	}
	if guard != nil {
		tcp = guard(tcp)
	}
	if config == nil {
		return Ports{Page: tcp}, nil
	}
	media, astray := split.NewBranch(tcp.Addr()), split.NewBranch(tcp.Addr())
	rest := split.Share(split.Share(tcp, media, isFrame), astray, isLetter)
	return Ports{Page: tls.NewListener(rest, config), Media: media, Astray: astray}, nil
}

// isFrame: a frame (RFC 4571) begins with its length, of which ICE's first packets leave the upper byte at 0 to 6; TLS begins with 22
// and HTTP with a letter.
func isFrame(first byte) bool { return first < 8 }

func isLetter(first byte) bool { return first >= 'A' && first <= 'Z' }

// base is the configuration that certificates go into.
func base() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"}, // WebSockets need it, and the page is three files
	}
}

// Astray tells who speaks plain HTTP to the port of HTTPS what to do, where the page's name is not known.
func Astray() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "This port speaks HTTPS.\nhint: begin the address with https://", http.StatusBadRequest)
	})
}

// Redirect sends everybody to the page. The host is ours, whatever the request says.
func Redirect(host string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "HTTPS only", http.StatusForbidden)
			return
		}
		w.Header().Set("Location", fmt.Sprintf("https://%s%s", host, r.URL.RequestURI()))
		w.WriteHeader(http.StatusMovedPermanently)
	})
}
