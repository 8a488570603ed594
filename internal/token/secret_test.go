package token

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsAreRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	made := NewSecret()
	if err := os.WriteFile(path, append(bytes.Clone(made), '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if read, err := ReadSecret(path); err != nil || !bytes.Equal(read, made) {
		t.Error(err)
	}
	if bytes.Equal(made, NewSecret()) {
		t.Error("the same secret twice")
	}
}

func TestWeakSecrets(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "short": "correct horse battery staple", "spaces": "secret" + strings.Repeat(" ", 40), "repeated": strings.Repeat("changeme", 8), "digits": strings.Repeat("1234567890", 4),
	} {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSecret(path); !errors.Is(err, ErrWeak) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadSecret(filepath.Join(t.TempDir(), "nowhere", "secret")); err == nil || errors.Is(err, ErrWeak) {
		t.Error(err)
	}
}

func TestPublicKeys(t *testing.T) {
	public, private, _ := ed25519.GenerateKey(nil)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	write := func(kind string, der []byte, err error) string {
		path := filepath.Join(t.TempDir(), "key.pem")
		if err = errors.Join(err, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if got, readErr := ReadPublic(write("PUBLIC KEY", der, err)); readErr != nil || !got.Equal(public) {
		t.Error(readErr)
	}
	der, err = x509.MarshalPKIXPublicKey(other.Public())
	for name, path := range map[string]string{"of another kind": write("PUBLIC KEY", der, err), "no key": write("PUBLIC KEY", []byte("x"), nil), "nowhere": filepath.Join(t.TempDir(), "x")} {
		if _, err := ReadPublic(path); err == nil {
			t.Error(name)
		}
	}
	der, err = x509.MarshalPKCS8PrivateKey(private)
	if _, err := ReadPublic(write("PRIVATE KEY", der, err)); err == nil {
		t.Error("a private key was taken for a public one")
	}
}
