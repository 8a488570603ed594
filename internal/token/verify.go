package token

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// skew is how far the clock of whoever signs may be ahead of ours. What has expired has expired.
const skew = 30 * time.Second

// Verifier admits by tokens, and those without one as guests unless Only is set. Set its fields before it is used.
type Verifier struct {
	Secret  []byte                                             // of HS256; also the key of the hash that stands for an external id
	Public  ed25519.PublicKey                                  // of EdDSA; none if nil
	Own     []byte                                             // of [NewOwnSigner]; none if nil
	Only    bool                                               // nobody enters without a token
	Revoked func(ctx context.Context, id string) (bool, error) // nothing is if nil
	Now     func() time.Time                                   // time.Now if nil
	Log     *slog.Logger                                       // of why a token was refused, without the token; nothing if nil

	// Still looks again, at each hello, at somebody with a token of [Verifier].Own: they may be nobody any more, or somebody else. The error is as
	// of [room.Authenticator]; nobody looks if nil.
	Still func(ctx context.Context, who room.Identity, slug string) (room.Identity, error)
}

// Admit implements [room.Authenticator].
func (v *Verifier) Admit(ctx context.Context, token, slug string) (room.Identity, error) {
	if token == "" {
		if v.Only {
			return room.Identity{}, room.TokenNeeded()
		}
		return room.Identity{}, nil
	}
	p, err := v.read(token)
	if err == nil {
		err = p.opens(slug)
	}
	if err == nil {
		err = v.standing(ctx, p.ID)
	}
	if err != nil {
		if v.Log != nil {
			v.Log.Info("join token refused", "why", err)
		}
		return room.Identity{}, refusal(err)
	}
	who := room.Identity{Localpart: v.localpart(p.ExternalID), Role: p.Role, ExternalID: p.ExternalID, TokenID: p.ID, Expires: p.ExpiresAt.Time}
	if !p.own {
		return who, nil
	}
	who.Localpart, who.ExternalDevice, who.Vouched = p.User, p.ExternalDevice, p.Vouched
	if v.Still == nil {
		return who, nil
	}
	return v.Still(ctx, who, slug)
}

var (
	errOtherRoom = errors.New("token: for another room")
	errRevoked   = errors.New("token: revoked")
	errForm      = errors.New("token: not in form")
)

// read checks all that has nothing to do with the room. Which key a signature is checked with is said by the algorithm that the
// token names, of the two that there are: a public key is never the secret of the other.
func (v *Verifier) read(token string) (*payload, error) {
	now := v.Now
	if now == nil {
		now = time.Now
	}
	methods := []string{jwt.SigningMethodHS256.Alg()}
	if v.Public != nil {
		methods = append(methods, jwt.SigningMethodEdDSA.Alg())
	}
	parser := jwt.NewParser(jwt.WithValidMethods(methods), jwt.WithAudience(Audience), jwt.WithExpirationRequired(), jwt.WithLeeway(skew),
		jwt.WithTimeFunc(now), jwt.WithStrictDecoding())
	var p payload
	read, err := parser.ParseWithClaims(token, &p, func(t *jwt.Token) (any, error) {
		if _, ok := t.Header["crit"]; ok { // RFC 7515 §4.1.11: we understand none of it
			return nil, errForm
		}
		switch {
		case t.Method == jwt.SigningMethodEdDSA:
			return v.Public, nil
		case t.Header[keyID] == ownKey && v.Own != nil:
			p.own = true // if the signature is
			return v.Own, nil
		}
		return v.Secret, nil
	})
	switch {
	case err != nil:
		return nil, err
	case !now().Before(p.ExpiresAt.Time):
		return nil, jwt.ErrTokenExpired
	case p.Role != "" && !known(p.Role), len(p.ExternalID) > MaxExternalID, len(p.ID) > MaxExternalID, len(p.ExternalDevice) > MaxExternalID,
		p.own && !ownLocalpart(p.User),
		!p.own && (p.User != "" || p.ExternalDevice != "" || p.Vouched): // whoever signed it may not say so
		return nil, errForm
	}
	if p.ID == "" { // so that it can be revoked, too
		sum := sha256.Sum256([]byte(read.Raw))
		p.ID = hex.EncodeToString(sum[:idSize])
	}
	return &p, nil
}

func (p *payload) opens(slug string) error {
	if p.Room != AnyRoom && p.Room != slug {
		return errOtherRoom
	}
	return nil
}

func (v *Verifier) standing(ctx context.Context, id string) error {
	if v.Revoked == nil {
		return nil
	}
	revoked, err := v.Revoked(ctx, id)
	switch {
	case err != nil: // who cannot say that it stands does not let in
		return fmt.Errorf("token: is it revoked? %w", err)
	case revoked:
		return errRevoked
	}
	return nil
}

// localpart is of the user id, which everybody in the room sees: not what the id was made of, and in another server another one.
func (v *Verifier) localpart(externalID string) string {
	if externalID == "" {
		return ""
	}
	mac := hmac.New(sha256.New, v.Secret)
	mac.Write([]byte("grotto user id\x00" + externalID))
	return "u-" + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:idSize-1]))
}

// refusal is what the bearer hears. Of a token that is not ours no more than that.
func refusal(err error) error {
	switch {
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
	case errors.Is(err, jwt.ErrTokenExpired):
		return &wire.Error{Code: wire.CodeTokenExpired, Message: "the join token has expired", Hint: "ask for a new link"}
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return &wire.Error{Code: wire.CodeBadToken, Message: "the join token is not valid yet", Hint: "come back at the time of the meeting"}
	case errors.Is(err, errOtherRoom):
		return &wire.Error{Code: wire.CodeBadToken, Message: "the join token is for another room", Hint: "open the link that it came with"}
	case errors.Is(err, errRevoked):
		return &wire.Error{Code: wire.CodeBadToken, Message: "the join token was revoked", Hint: "ask for a new link"}
	}
	return err // becomes bad_token
}
