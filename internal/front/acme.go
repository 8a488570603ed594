package front

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

const (
	// firstRetry and lastRetry are the pauses after failures, each twice the one before. Let's Encrypt takes five failures an hour,
	// and an attempt may be two.
	firstRetry = 10 * time.Minute
	lastRetry  = time.Hour

	checkEvery = time.Hour // of the certificate's age
	late       = 5         // so many parts of a certificate's life are left when it should have been renewed: it is, with a third left
)

// ACME says whom to ask for what.
type ACME struct {
	Domain    string
	Folder    string // keeps keys and certificates; private to this user
	Email     string // for the authority's warnings; may be empty
	Directory string // of the authority; Let's Encrypt's if empty
	Log       *slog.Logger
}

// Authority gets a certificate for one domain and renews it. Only [Authority.Run] asks for one: what strangers write into their handshakes makes no
// orders, which authorities count.
type Authority struct {
	domain string
	log    *slog.Logger
	http   func(http.Handler) http.Handler
	// get asks the manager.
	get   func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	ready atomic.Bool // get has a certificate, and does not wait
	until atomic.Int64
	again chan struct{}
}

// NewAuthority asks nobody yet.
func NewAuthority(config ACME) *Authority {
	a := &Authority{domain: config.Domain, log: config.Log, again: make(chan struct{}, 1)}
	manager := &autocert.Manager{
		Prompt: autocert.AcceptTOS,
		Cache:  autocert.DirCache(config.Folder),
		Email:  config.Email,
		Client: &acme.Client{DirectoryURL: config.Directory, HTTPClient: &http.Client{Transport: &located{next: http.DefaultTransport}}, UserAgent: "grotto-server"},
		HostPolicy: func(_ context.Context, host string) error {
			if name, _, err := net.SplitHostPort(host); err == nil { // of a request on another port than 80
				host = name
			}
			if !a.isDomain(host) {
				return errOtherName
			}
			return nil
		},
	}
	a.get, a.http = manager.GetCertificate, manager.HTTPHandler
	return a
}

var (
	errOtherName = errors.New("front: not our domain")
	errNotYet    = errors.New("front: no certificate yet")
)

func (a *Authority) isDomain(name string) bool {
	return strings.EqualFold(strings.TrimSuffix(name, "."), a.domain)
}

// TLS is the configuration for [Listen]. The authority's question may come by it (TLS-ALPN-01, RFC 8737).
func (a *Authority) TLS() *tls.Config {
	config := base()
	config.NextProtos = append(config.NextProtos, acme.ALPNProto)
	config.GetCertificate = a.certificate
	return config
}

// HTTP answers the authority's question on port 80 (HTTP-01, RFC 8555 §8.3), and leaves the rest to another handler.
func (a *Authority) HTTP(rest http.Handler) http.Handler { return a.http(rest) }

func (a *Authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	switch {
	case !a.isDomain(hello.ServerName):
		return nil, errOtherName
	case len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acme.ALPNProto:
		return a.get(hello)
	case !a.ready.Load():
		return nil, errNotYet
	}
	return a.get(a.hello())
}

// hello is that of a client that takes ECDSA, as all do that can join. For others there would be a second certificate.
func (a *Authority) hello() *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{ServerName: a.domain, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}
}

// Run gets a certificate, tries again where that fails, and looks after its renewal until ctx ends. The ports must be served.
func (a *Authority) Run(ctx context.Context) {
	retry := firstRetry
	var last time.Time // the certificate's end
	for {
		certificate, err := a.get(a.hello())
		pause := checkEvery
		switch {
		case err != nil:
			a.log.Error("no certificate", "domain", a.domain, "error", err, "hint", a.hint(), "next", retry)
			pause, retry = retry, min(2*retry, lastRetry)
		case !certificate.Leaf.NotAfter.Equal(last):
			last = certificate.Leaf.NotAfter
			a.until.Store(last.Unix())
			a.ready.Store(true)
			a.log.Info("certificate", "domain", a.domain, "until", last)
		case time.Until(last) < last.Sub(certificate.Leaf.NotBefore)/late:
			a.log.Error("the certificate could not be renewed", "domain", a.domain, "until", last, "hint", a.hint())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		case <-a.again:
		}
	}
}

// Again makes Run look now, and not when its pause is over: somebody has mended what kept the authority from us.
func (a *Authority) Again() {
	select {
	case a.again <- struct{}{}:
	default:
	}
}

// Until is when the certificate that is served ends; zero before there is one.
func (a *Authority) Until() time.Time {
	if !a.ready.Load() {
		return time.Time{}
	}
	return time.Unix(a.until.Load(), 0)
}

func (a *Authority) hint() string {
	return fmt.Sprintf("%s must lead to this machine in the DNS, by each address that is given there, and TCP port 443 or 80 must be open to everybody", a.domain)
}
