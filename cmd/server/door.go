package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"syscall"
	"time"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/datadir"
	"github.com/grotto-meet/grotto/internal/front"
	"github.com/grotto-meet/grotto/internal/gate"
)

// door is what people come in by.
type door struct {
	front.Ports

	plain        net.Listener // plain HTTP beside the page; nil: none
	plainHandler http.Handler

	certificates
}

func (d *door) close() {
	d.Close()
	if d.plain != nil {
		_ = d.plain.Close()
	}
}

// certificates are where TLS has its certificate from.
type certificates struct {
	tls    *tls.Config                     // nil: no TLS
	tend   func(context.Context)           // looks after it
	again  func()                          // looks now
	until  func() time.Time                // its end; zero before there is one
	answer func(http.Handler) http.Handler // puts what an authority asks over plain HTTP before a handler
}

func newCertificates(f *config.Settings, log *slog.Logger) (certificates, error) {
	c := certificates{tend: func(context.Context) {}, again: func() {}, until: func() time.Time { return time.Time{} }, answer: func(rest http.Handler) http.Handler { return rest }}
	switch {
	case f.ACME():
		authority, err := newAuthority(f, log)
		if err != nil {
			return c, err
		}
		c = certificates{authority.TLS(), authority.Run, authority.Again, authority.Until, authority.HTTP}
	case f.TLS():
		files, err := front.OpenFiles(f.TLSCert, f.TLSKey, f.Domain)
		if err != nil {
			return c, certificateProblem(err)
		}
		c.tls, c.tend = files.TLS(), func(ctx context.Context) { files.Watch(ctx, log) }
		c.again, c.until = func() { files.Look(log) }, files.Until
	}
	return c, nil
}

// openDoor opens the TCP sockets, with TLS if there is or will be a certificate.
func openDoor(ctx context.Context, f *config.Settings, guard *gate.Gate, log *slog.Logger) (*door, error) {
	from, err := newCertificates(f, log)
	if err != nil {
		return nil, err
	}
	d := &door{certificates: from}
	if d.Ports, err = front.Listen(ctx, f.Listen, from.tls, guard.Listener); err != nil {
		return nil, socketProblem(err, f.Listen, "--listen")
	}
	_, port, _ := net.SplitHostPort(d.Page.Addr().String())
	d.plainHandler = front.Redirect(f.Host(port))
	if f.Domain != "" && f.HTTP != config.Off {
		if err := d.openPlain(ctx, f, guard, log); err != nil {
			d.close()
			return nil, err
		}
		d.plainHandler = from.answer(d.plainHandler)
	}
	return d, nil
}

// astray answers plain HTTP at the port of HTTPS.
func (d *door) astray(f *config.Settings) http.Handler {
	if f.Domain != "" {
		return d.plainHandler
	}
	return front.Astray()
}

// openPlain opens the port of plain HTTP. If nobody asked for it, the server does without where another program has it: the
// certificate is to be had by the page's port as well.
func (d *door) openPlain(ctx context.Context, f *config.Settings, guard *gate.Gate, log *slog.Logger) error {
	addr := f.HTTP
	if addr == config.Auto {
		addr = defaultHTTP
	}
	tcp, err := front.ListenTCP(ctx, addr)
	switch {
	case err == nil:
		d.plain = guard.Listener(tcp)
	case f.HTTP == config.Auto && errors.Is(err, syscall.EADDRINUSE):
		log.Warn("nothing leads from plain HTTP to the page: the port is in use", "address", addr)
	default:
		return socketProblem(err, addr, "--http")
	}
	return nil
}

func newAuthority(f *config.Settings, log *slog.Logger) (*front.Authority, error) {
	folder, err := datadir.Open(f.Data)
	if err != nil {
		return nil, dataProblem(err, f.Data)
	}
	return front.NewAuthority(front.ACME{Domain: f.Domain, Folder: filepath.Join(folder, "acme"), Email: f.ACMEEmail, Directory: f.ACMEDirectory, Log: log}), nil
}

// certificateProblem words why a certificate of the operator's own is not taken.
func certificateProblem(err error) error {
	hint := "--tls-cert and --tls-key name PEM files that belong together"
	switch {
	case errors.Is(err, front.ErrWeak):
		hint = "make a new key: openssl ecparam -name prime256v1 -genkey"
	case errors.Is(err, front.ErrExpired):
		hint = "renew it; with --domain alone it is got and renewed by itself"
	case errors.Is(err, front.ErrDomain):
		hint = "--domain and the certificate name the same host"
	}
	return hinted{fmt.Errorf("HTTPS: %w", err), hint}
}
