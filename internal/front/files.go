package front

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// lookEvery is how often files are looked at. Whoever renews them needs to tell nobody.
	lookEvery = time.Minute

	leastRSA = 2048 // bits
)

// Files are a certificate's. Make them with [OpenFiles].
type Files struct {
	cert, key, domain string
	current           atomic.Pointer[tls.Certificate]

	looking sync.Mutex
	read    [2]stamp // of the files as they were read, also if they were no good
}

// stamp tells a file from what it was before.
type stamp struct {
	changed time.Time
	size    int64
}

// OpenFiles reads a certificate chain and its key. If a domain is named, the certificate must be for it.
func OpenFiles(cert, key, domain string) (*Files, error) {
	f := &Files{cert: cert, key: key, domain: domain}
	if err := f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

// TLS is the configuration for [Listen].
func (f *Files) TLS() *tls.Config {
	config := base()
	config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.current.Load(), nil }
	return config
}

// Watch reads the files again when they change, until ctx ends. What is no good is told and not taken: the old one stays.
func (f *Files) Watch(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		f.Look(log)
	}
}

// Look reads the files again now, if they have changed.
func (f *Files) Look(log *slog.Logger) {
	switch changed, err := f.reload(); {
	case err != nil:
		log.Warn("the certificate's files have changed and are not taken", "error", err)
	case changed:
		log.Info("new certificate", "until", f.current.Load().Leaf.NotAfter)
	}
}

// reload reads the files if they are others than last time.
func (f *Files) reload() (changed bool, err error) {
	f.looking.Lock()
	defer f.looking.Unlock()
	if f.read == f.stamps() {
		return false, nil
	}
	return true, f.load()
}

func (f *Files) stamps() [2]stamp { return [2]stamp{stampOf(f.cert), stampOf(f.key)} }

func (f *Files) load() error {
	f.read = f.stamps() // before the files: what changes meanwhile is read again
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("front: %w", err)
	}
	if err := fit(&pair, f.domain); err != nil {
		return err
	}
	f.current.Store(&pair)
	return nil
}

// Until is when the certificate that is served ends.
func (f *Files) Until() time.Time { return f.current.Load().Leaf.NotAfter }

// stampOf is zero for what is not there.
func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// Reasons not to take a certificate.
var (
	ErrWeak    = errors.New("front: weak key")
	ErrExpired = errors.New("front: certificate has expired")
	ErrDomain  = errors.New("front: certificate is for another name")
)

func fit(pair *tls.Certificate, domain string) error {
	leaf := pair.Leaf
	if key, ok := leaf.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < leastRSA {
		return fmt.Errorf("%w: RSA with %d bits, %d are the least", ErrWeak, key.N.BitLen(), leastRSA)
	}
	if time.Now().After(leaf.NotAfter) {
		return fmt.Errorf("%w: on %s", ErrExpired, leaf.NotAfter.Format(time.DateOnly))
	}
	if domain == "" {
		return nil
	}
	if err := leaf.VerifyHostname(domain); err != nil {
		return fmt.Errorf("%w: not for %s but for %v", ErrDomain, domain, names(leaf))
	}
	return nil
}

func names(leaf *x509.Certificate) []string {
	all := leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		all = append(all, ip.String())
	}
	return all
}
