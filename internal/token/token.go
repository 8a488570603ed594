// Package token makes and checks join tokens: signed notes (JWT, RFC 7519) by which somebody who knows people vouches for them to this
// server.
//
// A [Signer] makes them, a [Verifier] admits by them: it is a [room.Authenticator]. Both have a secret (HS256), made by
// [NewSecret] or read by [ReadSecret]; a Verifier may have a public key (EdDSA) as well, of a program that signs elsewhere and never shows its own.
//
// A token says for which room it is, what its bearer may do there and until when; it may say who that is by an id of
// whoever made it, of which others in the room see a keyed hash alone. It has no name: names are sealed.
//
// A signer of [NewOwnSigner] may say more: the user id as it stands, for people whom this server itself has looked at (package bridge). Its secret is
// another one, which never leaves the server: that of HS256 may be shared with programs that vouch for people of theirs and for nobody else.
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
	"strings"
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

	// MaxExternalID is in bytes, of a device as well.
	MaxExternalID = 255
	// OwnPrefix is what a [Claims].Localpart begins with, and no other user id of this server does: guests are guest-…, external ids u-….
	OwnPrefix = "mx"

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

	// Of [NewOwnSigner] alone:
	Localpart      string // of the user id; begins with OwnPrefix
	ExternalDevice string // which device it is, to whoever made the token
	Vouched        bool   // walks past the waiting room
}

// own says whether there is something that the server alone may say.
func (c *Claims) own() bool { return c.Localpart != "" || c.ExternalDevice != "" || c.Vouched }

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
	own    bool
	now    func() time.Time
}

// NewSigner signs with a secret.
func NewSigner(secret []byte) *Signer {
	return &Signer{method: jwt.SigningMethodHS256, key: secret, now: time.Now}
}

// NewOwnSigner signs with the secret that the server shares with nobody, [Verifier].Own.
func NewOwnSigner(secret []byte) *Signer {
	s := NewSigner(secret)
	s.own = true
	return s
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

	User           string `json:"user,omitempty"`
	ExternalDevice string `json:"external_device,omitempty"`
	Vouched        bool   `json:"vouched,omitempty"`

	own bool // by its signature
}

const (
	keyID  = "kid" // of the head, RFC 7515 §4.1.4
	ownKey = "own"
)

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
	case len(c.ExternalDevice) > MaxExternalID:
		return Signed{}, fmt.Errorf("%w: the external device has more than %d bytes", ErrClaims, MaxExternalID)
	case c.own() && !s.own:
		return Signed{}, fmt.Errorf("%w: only the server's own signer says so much", ErrClaims)
	case c.Localpart != "" && !ownLocalpart(c.Localpart):
		return Signed{}, fmt.Errorf("%w: the localpart of a user id begins with %s here", ErrClaims, OwnPrefix)
	case !c.Expires.After(now) || c.Expires.Sub(now) > MaxLife:
		return Signed{}, fmt.Errorf("%w: it lasts until a moment in the next %d days", ErrClaims, MaxLife/(24*time.Hour))
	case !c.NotBefore.Before(c.Expires):
		return Signed{}, fmt.Errorf("%w: it ends before it begins", ErrClaims)
	}
	var id [idSize]byte
	_, _ = rand.Read(id[:]) // it never fails
	text := payload{Room: c.Room, Role: c.Role, ExternalID: c.ExternalID, User: c.Localpart, ExternalDevice: c.ExternalDevice, Vouched: c.Vouched, RegisteredClaims: jwt.RegisteredClaims{
		Audience: jwt.ClaimStrings{Audience}, ID: hex.EncodeToString(id[:]), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(c.Expires)}}
	if !c.NotBefore.IsZero() {
		text.NotBefore = jwt.NewNumericDate(c.NotBefore)
	}
	unsigned := jwt.NewWithClaims(s.method, text)
	if s.own {
		unsigned.Header[keyID] = ownKey
	}
	token, err := unsigned.SignedString(s.key)
	if err != nil {
		return Signed{}, fmt.Errorf("token: %w", err)
	}
	return Signed{Token: token, ID: text.ID, Expires: text.ExpiresAt.Time}, nil
}

func ownLocalpart(l string) bool {
	return strings.HasPrefix(l, OwnPrefix) && wire.ValidUserID("@"+l+":localhost")
}

func known(r wire.Role) bool {
	switch r {
	case wire.RoleOwner, wire.RoleModerator, wire.RoleParticipant, wire.RoleViewer:
		return true
	}
	return false
}
