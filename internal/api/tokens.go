package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/wire"
)

const defaultLife = 3600 // seconds

func (a *api) tokens() {
	const tag = "Tokens"
	huma.Register(a.huma, operation(http.MethodPost, "/rooms/{room}/token", "create-token", tag, TokenWrite,
		"Make a join token: it lets somebody into the room, with a role and an end", missing, clashing, checked, created),
		func(ctx context.Context, in *struct {
			Named
			Body *rest.TokenSettings
		}) (*answer[rest.Token], error) {
			var s rest.TokenSettings
			set(&s, in.Body)
			return bodied(a.newToken(ctx, in.Room, in.host, s))
		})
	huma.Register(a.huma, operation(http.MethodDelete, "/tokens/{token}", "revoke-token", tag, TokenWrite,
		"Refuse a join token from now on, and end the sessions that it opened"),
		func(ctx context.Context, in *struct {
			Token string `path:"token" maxLength:"128" doc:"Its id."`
		}) (*struct{}, error) {
			// A token that was made elsewhere is not known here, and its end neither: it is kept as revoked as long as tokens can live.
			if err := a.Store.RevokeToken(ctx, store.RevokedToken{ID: in.Token, Expires: a.now().Add(token.MaxLife)}); err != nil {
				return nil, a.failed(err, "token")
			}
			a.Rooms.EndToken(in.Token)
			return nil, nil
		})
}

func (a *api) newToken(ctx context.Context, name, host string, s rest.TokenSettings) (rest.Token, error) {
	if a.Signer == nil {
		return rest.Token{}, refuse(http.StatusConflict, "this server does not sign join tokens; hint: who has the private key signs them")
	}
	r, err := a.Store.Room(ctx, name)
	if err != nil {
		return rest.Token{}, a.failed(err, "room")
	}
	if s.Role == "" {
		s.Role = r.DefaultRole
	} else if len(r.Roles) > 0 && !slices.Contains(r.Roles, s.Role) {
		return rest.Token{}, wrong(http.StatusUnprocessableEntity, "body.role", "it is not one of the room's roles: "+strings.Join(r.Roles, ", "))
	}
	if s.ExpiresIn == 0 {
		s.ExpiresIn = defaultLife
	}
	signed, err := a.Signer.Sign(token.Claims{Room: r.Slug, Role: wire.Role(s.Role), ExternalID: s.ExternalID,
		Expires: a.now().Add(time.Duration(s.ExpiresIn) * time.Second)})
	if err != nil {
		return rest.Token{}, wrong(http.StatusUnprocessableEntity, "body", err.Error())
	}
	link, err := rest.WithToken(a.link(host, &r), signed.Token)
	if err != nil {
		return rest.Token{}, a.failed(err, "token")
	}
	return rest.Token{ID: signed.ID, Token: signed.Token, Link: link, ExpiresAt: signed.Expires.UTC()}, nil
}
