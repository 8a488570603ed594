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

// Listen opens a TCP port. With a TLS configuration (nil: plain HTTP) media is what comes over TCP as ICE's frames do; it is nil
// without. All that is sealed by TLS goes to the page, TURN included, which package node tells apart.
func Listen(ctx context.Context, addr string, config *tls.Config) (page, media net.Listener, err error) {
	tcp, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil || config == nil {
		return tcp, nil, err
	}
	branch := split.NewBranch(tcp.Addr())
	return tls.NewListener(split.Share(tcp, branch, isFrame), config), branch, nil
}

// isFrame: a frame (RFC 4571) begins with its length, of which ICE's first packets leave the upper byte at 0 to 6; TLS begins with 22
// and HTTP with a letter.
func isFrame(first byte) bool { return first < 8 }

// base is the configuration that certificates go into.
func base() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"}, // WebSockets need it, and the page is three files
	}
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
