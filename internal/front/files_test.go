package front

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pair is a certificate to be made.
type pair struct {
	name string
	key  crypto.Signer // made if nil
	ends time.Time     // in an hour if zero
}

func pairFor(name string) pair { return pair{name: name} }

// writePair writes it into a folder.
func writePair(t *testing.T, dir string, p pair) (certFile, keyFile string) {
	t.Helper()
	var err error
	if p.key == nil {
		if p.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	if p.ends.IsZero() {
		p.ends = time.Now().Add(time.Hour)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{p.name}, NotBefore: p.ends.Add(-2 * time.Hour), NotAfter: p.ends}
	der, err := x509.CreateCertificate(rand.Reader, template, template, p.key.Public(), p.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	return certFile, keyFile
}

func write(t *testing.T, path string, body []byte) {
	t.Helper()
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCertificatesThatAreNotTaken(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pair pair
		want error
	}{
		"another name": {pairFor("other.example.org"), ErrDomain},
		"weak":         {pair{name: "meet.example.org", key: weak}, ErrWeak},
		"expired":      {pair{name: "meet.example.org", ends: time.Now().Add(-time.Minute)}, ErrExpired},
		"good":         {pairFor("*.example.org"), nil},
	} {
		certFile, keyFile := writePair(t, t.TempDir(), c.pair)
		if _, err := OpenFiles(certFile, keyFile, "meet.example.org"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenFiles("none.pem", "none.pem", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// A renewed certificate is served within a minute; one that is no good is told once, and the old one stays.
func TestFilesThatChange(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		certFile, keyFile := writePair(t, dir, pairFor("one.example.org"))
		files, err := OpenFiles(certFile, keyFile, "")
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		ctx, stop := context.WithCancel(t.Context())
		go files.Watch(ctx, slog.New(slog.NewTextHandler(&log, nil)))
		served := func(want string) {
			t.Helper()
			time.Sleep(3 * lookEvery)
			synctest.Wait()
			got, err := files.TLS().GetCertificate(nil)
			if err != nil || got.Leaf.DNSNames[0] != want {
				t.Errorf("%v %v", got, err)
			}
		}
		served("one.example.org")
		if log.Len() > 0 {
			t.Errorf("nothing has changed: %s", &log)
		}
		writePair(t, dir, pairFor("second.example.org"))
		served("second.example.org")
		if err := os.Remove(keyFile); err != nil {
			t.Fatal(err)
		}
		served("second.example.org")
		if n := strings.Count(log.String(), "are not taken"); n != 1 {
			t.Errorf("told %d times:\n%s", n, &log)
		}
		writePair(t, dir, pairFor("the-third.example.org"))
		served("the-third.example.org")
		stop()
	})
}
