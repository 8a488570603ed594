package token

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

const (
	secretSize = 32 // bytes; RFC 7518 §3.2 asks for as many as the hash has
	// fewest different bytes of a secret: of 44 random letters of base64 there are fewer once in 10^20 times, of keys pressed at random often.
	fewest = 12
	// maxSecret bounds what is read of a file that was named by mistake.
	maxSecret = 4 << 10
)

// ErrWeak says that a secret can be guessed.
var ErrWeak = errors.New("token: weak secret")

// NewSecret makes one.
func NewSecret() []byte {
	var b [secretSize]byte
	_, _ = rand.Read(b[:]) // it never fails
	return []byte(base64.RawURLEncoding.EncodeToString(b[:]))
}

// ReadSecret reads the secret in a file: the line as it stands is the key, so that other programs take it over by copying. A weak one is
// an [ErrWeak].
func ReadSecret(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	secret := bytes.TrimSpace(text)
	different := map[byte]bool{}
	for _, b := range secret {
		different[b] = true
	}
	switch {
	case len(text) > maxSecret:
		return nil, fmt.Errorf("token: %s is larger than a secret", path)
	case len(secret) < secretSize:
		return nil, fmt.Errorf("%w: %s has %d bytes, at least %d are needed", ErrWeak, path, len(secret), secretSize)
	case len(different) < fewest:
		return nil, fmt.Errorf("%w: %s repeats %d bytes over and over", ErrWeak, path, len(different))
	}
	return secret, nil
}

// ReadPublic reads an Ed25519 public key (PEM, PKIX), as openssl pkey -pubout writes it.
func ReadPublic(path string) (ed25519.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, fmt.Errorf("token: %s is no public key (PEM)", path)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("token: %s: %w", path, err)
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("token: %s is a key of another kind than Ed25519", path)
	}
	return public, nil
}
