// Package token makes and checks join tokens: signed notes (JWT, RFC 7519) by which somebody who knows people vouches for them to this
// server.
//
// A [Signer] makes them, a [Verifier] admits by them: it is a [room.Authenticator]. Both have a secret (HS256), made by
// [NewSecret] or read by [ReadSecret]; a Verifier may have a public key (EdDSA) as well, of a program that signs elsewhere and never shows its own.
//
// A token says for which room it is, what its bearer may do there and until when; it may say who that is by an id of
// whoever made it, of which others in the room see a keyed hash alone. It has no name: names are sealed.
//
// # Does not protect
//
// A token is the server's affair: it opens the door and no key. Who has a token and not the part of the link behind the # hears
// and sees nothing, and who has the link needs no token for the keys. Whoever holds the secret makes anybody anything.
package token

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	// Audience is what a token must be meant for: a secret that is shared with other programs signs other things, too.
	Audience = "grotto"
	// AnyRoom stands for every room of the server.
	AnyRoom = "*"

	// DefaultLife and MaxLife are of tokens made here.
	DefaultLife = time.Hour
	MaxLife     = 366 * 24 * time.Hour

	// MaxExternalID is in bytes.
	MaxExternalID = 255

	idSize = 16
)

// ErrClaims says that a token cannot be made as asked.
var ErrClaims = errors.New("token: bad claims")

// Claims are what a token says.
type Claims struct {
	Room       string    // slug, or AnyRoom
	Role       wire.Role // by order of arrival, or as the room has it, if empty
	ExternalID string    // who it is, to whoever made the token; may be empty
	NotBefore  time.Time // at once if zero
	Expires    time.Time // after DefaultLife if zero
}

// Signed is a token and what is kept of it.
type Signed struct {
	Token   string // a secret
	ID      string // by which it is revoked
	Expires time.Time
}

// Signer makes tokens. It is safe for concurrent use.
type Signer struct {
	method jwt.SigningMethod
	key    any
	now    func() time.Time
}

// NewSigner signs with a secret.
func NewSigner(secret []byte) *Signer {
	return &Signer{method: jwt.SigningMethodHS256, key: secret, now: time.Now}
}

// NewKeySigner signs with a private key, for a [Verifier] with the public one.
func NewKeySigner(key ed25519.PrivateKey) *Signer {
	return &Signer{method: jwt.SigningMethodEdDSA, key: key, now: time.Now}
}

// payload is the JSON of a token.
type payload struct {
	jwt.RegisteredClaims
	Room       string    `json:"room"`
	Role       wire.Role `json:"role,omitempty"`
	ExternalID string    `json:"external_id,omitempty"`
}

// Sign makes a token. The error is [ErrClaims].
func (s *Signer) Sign(c Claims) (Signed, error) {
	now := s.now()
	if c.Expires.IsZero() {
		c.Expires = now.Add(DefaultLife)
	}
	switch {
	case c.Room != AnyRoom && !wire.ValidSlug(c.Room):
		return Signed{}, fmt.Errorf("%w: %q is not the name of a room", ErrClaims, c.Room)
	case c.Role != "" && !known(c.Role):
		return Signed{}, fmt.Errorf("%w: there is no role %q", ErrClaims, c.Role)
	case len(c.ExternalID) > MaxExternalID:
		return Signed{}, fmt.Errorf("%w: the external id has more than %d bytes", ErrClaims, MaxExternalID)
	case !c.Expires.After(now) || c.Expires.Sub(now) > MaxLife:
		return Signed{}, fmt.Errorf("%w: it lasts until a moment in the next %d days", ErrClaims, MaxLife/(24*time.Hour))
	case !c.NotBefore.Before(c.Expires):
		return Signed{}, fmt.Errorf("%w: it ends before it begins", ErrClaims)
	}
	var id [idSize]byte
	_, _ = rand.Read(id[:]) // it never fails
	text := payload{Room: c.Room, Role: c.Role, ExternalID: c.ExternalID, RegisteredClaims: jwt.RegisteredClaims{
		Audience: jwt.ClaimStrings{Audience}, ID: hex.EncodeToString(id[:]), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(c.Expires)}}
	if !c.NotBefore.IsZero() {
		text.NotBefore = jwt.NewNumericDate(c.NotBefore)
	}
	token, err := jwt.NewWithClaims(s.method, text).SignedString(s.key)
	if err != nil {
		return Signed{}, fmt.Errorf("token: %w", err)
	}
	return Signed{Token: token, ID: text.ID, Expires: text.ExpiresAt.Time}, nil
}

func known(r wire.Role) bool {
	switch r {
	case wire.RoleOwner, wire.RoleModerator, wire.RoleParticipant, wire.RoleViewer:
		return true
	}
	return false
}
