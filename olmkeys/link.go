package olmkeys

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// SecretSize is the length of a generated link secret in bytes.
const SecretSize = 16

// A secret told aloud is words joined by '-': 8 of them, 103 bits.
const (
	secretWords   = 8
	maxSecretSize = 128
)

var secretEncoding = base64.RawURLEncoding.Strict()

// NewSecret draws a link secret and returns it as it stands in the fragment. A nil reader means crypto/rand.
func NewSecret(random io.Reader) (string, error) {
	var b [SecretSize]byte
	if _, err := io.ReadFull(reader(random), b[:]); err != nil {
		return "", fmt.Errorf("olmkeys: drawing a secret: %w", err)
	}
	return secretEncoding.EncodeToString(b[:]), nil
}

// ParseSecret reads the fragment of a meeting's link, with or without '#': 16 bytes in base64url, or 8 words joined
// by '-'. The words are not looked up: a mistyped one gives another secret, which shows as a wrong secret.
func ParseSecret(fragment string) ([]byte, error) {
	s := strings.TrimPrefix(fragment, "#")
	if b, err := secretEncoding.DecodeString(s); err == nil && len(b) == SecretSize && len(s) == secretEncoding.EncodedLen(SecretSize) {
		return b, nil
	}
	if isWords(s) {
		return []byte(s), nil
	}
	if s == "" {
		return nil, fmt.Errorf("%w: the link has no secret behind '#'; hint: ask for the full link or its %d words", ErrSecret, secretWords)
	}
	return nil, fmt.Errorf("%w: neither 22 characters of base64url nor %d words; hint: copy the whole link, up to its last character", ErrSecret, secretWords)
}

// Fragment is the secret as it stands in a link, without '#'.
func (s Secret) Fragment() string {
	if len(s) == SecretSize {
		return secretEncoding.EncodeToString(s)
	}
	return string(s)
}

func validSecret(secret []byte) bool { return len(secret) == SecretSize || isWords(string(secret)) }

// isWords says whether s is [a-z]+(-[a-z]+){7}.
func isWords(s string) bool {
	if len(s) > maxSecretSize {
		return false
	}
	words := strings.Split(s, "-")
	if len(words) != secretWords {
		return false
	}
	for _, w := range words {
		if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return true
}

// linkID names a link to those who have it.
type linkID [8]byte

// link is what follows from a link's secret.
type link struct {
	prk       [sha256.Size]byte
	tie       [sha256.Size]byte // SHA-256(secret): the smaller of two changes at once counts
	id        linkID
	proofKey  [sha256.Size]byte
	mediaSalt [sha256.Size]byte
	outside   bool // keys come from outside: there is no secret and no proof
}

func newLink(secret []byte, room string) (link, error) {
	if !validSecret(secret) {
		return link{}, fmt.Errorf("%w: %d bytes", ErrSecret, len(secret))
	}
	prk, err := hkdf.Extract(sha256.New, secret, []byte("grotto v1 link"))
	if err != nil {
		return link{}, fmt.Errorf("olmkeys: %w", err)
	}
	l := link{prk: [sha256.Size]byte(prk), tie: sha256.Sum256(secret)}
	for _, part := range []struct {
		label string
		dst   []byte
	}{{"proof", l.proofKey[:]}, {"media", l.mediaSalt[:]}, {"id", l.id[:]}} {
		out, err := hkdf.Expand(sha256.New, prk, string(lp([]byte(part.label), room)), len(part.dst))
		if err != nil {
			return link{}, fmt.Errorf("olmkeys: %w", err)
		}
		copy(part.dst, out)
	}
	return l, nil
}

// proof shows that who made call_keys has the secret. There is none where keys come from outside.
func (l *link) proof(callKeys []byte) []byte {
	if l.outside {
		return nil
	}
	mac := hmac.New(sha256.New, l.proofKey[:])
	mac.Write(callKeys)
	return mac.Sum(nil)
}

// proves says whether who made call_keys has the secret, as we do; or has none, as we do.
func (l *link) proves(callKeys, proof []byte) bool {
	if l.outside {
		return len(proof) == 0
	}
	return len(proof) == proofSize && hmac.Equal(proof, l.proof(callKeys))
}

func reader(r io.Reader) io.Reader {
	if r == nil {
		return rand.Reader
	}
	return r
}
