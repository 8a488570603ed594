package rest

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
)

// secretSize is of the secret in a link (docs/crypto.md, section 2).
const secretSize = 16

// WithSecret makes a room's link whole: with a secret that is drawn here and that the server does not learn. Everybody who shall meet
// needs the same one, so draw it once and keep it with the room.
func WithSecret(link string) (string, error) { return withSecret(rand.Reader, link) }

func withSecret(random io.Reader, link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return "", errors.New("rest: this is not the link of a room")
	}
	if u.Fragment != "" {
		return "", errors.New("rest: the link has a secret already")
	}
	var secret [secretSize]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return "", errors.New("rest: no randomness")
	}
	return link + "#" + base64.RawURLEncoding.EncodeToString(secret[:]), nil
}

// WithToken puts a join token into a link, whole or not.
func WithToken(link, token string) (string, error) {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return "", errors.New("rest: this is not the link of a room") // the error of url.Parse would repeat the secret
	}
	q := u.Query()
	q.Set("token", token)
	u.RawQuery = q.Encode()
	return u.String(), nil
}
