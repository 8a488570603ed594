package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/grotto-meet/grotto/internal/config"
)

// Bounds of what a connection may take before it has said anything of use.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeader      = 16 << 10
)

func newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0), // it names the addresses of people
	}
}

// listen opens the TCP socket, with TLS if there is a certificate.
func listen(ctx context.Context, f *config.Settings) (net.Listener, error) {
	var certificate tls.Certificate
	if f.TLS() {
		var err error
		if certificate, err = tls.LoadX509KeyPair(f.TLSCert, f.TLSKey); err != nil {
			return nil, hinted{fmt.Errorf("HTTPS: %w", err), "--tls-cert and --tls-key name PEM files that belong together"}
		}
	}
	tcp, err := new(net.ListenConfig).Listen(ctx, "tcp", f.Listen)
	if err != nil {
		return nil, socketProblem(err, f.Listen, "--listen")
	}
	if !f.TLS() {
		return tcp, nil
	}
	return tls.NewListener(tcp, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"}, // WebSockets need it, and the page is three files
	}), nil
}
