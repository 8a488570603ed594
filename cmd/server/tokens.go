package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/wire"
)

// secretName is of what signs join tokens, in the store.
const secretName = "token-secret"

// tokens are who makes and who checks join tokens.
type tokens struct {
	signer   *token.Signer
	verifier *token.Verifier
}

// openTokens takes the secret from the file that is set, else the one that is kept, which is made at first.
func openTokens(ctx context.Context, f *config.Settings, kept *store.Store, log *slog.Logger) (t tokens, err error) {
	var secret []byte
	if f.TokenSecret != "" {
		secret, err = token.ReadSecret(f.TokenSecret)
		err = tokenProblem(err)
	} else {
		secret, err = kept.Secret(ctx, secretName, token.NewSecret)
		err = storeProblem(err)
	}
	if err != nil {
		return t, err
	}
	t = tokens{token.NewSigner(secret), &token.Verifier{Secret: secret, Only: f.TokenOnly, Revoked: kept.Revoked, Log: log}}
	if f.TokenPublicKey != "" {
		if t.verifier.Public, err = token.ReadPublic(f.TokenPublicKey); err != nil {
			return t, hinted{err, "openssl genpkey -algorithm ed25519 makes a key, and openssl pkey -pubout its public half"}
		}
	}
	return t, nil
}

func tokenProblem(err error) error {
	if err == nil {
		return nil
	}
	hint := "--token-secret names a file with a secret; without it one is made and kept in the folder for data"
	if errors.Is(err, token.ErrWeak) {
		hint = "make a new one: openssl rand -base64 32"
	}
	return hinted{err, hint}
}

// tokenCommand makes a join token.
type tokenCommand struct {
	Room       string        `arg:"" help:"The room's name, or * for every room."`
	Role       wire.Role     `enum:"owner,moderator,participant,viewer," default:"" placeholder:"ROLE" help:"owner, moderator, participant or viewer. Without it the room decides."`
	For        time.Duration `default:"1h" placeholder:"1h" help:"How long it is valid, and so how long a call with it lasts. Default: ${default}."`
	ExternalID string        `name:"external-id" placeholder:"ID" help:"Who it is for, as you call them. All devices with the same id are one person's."`
	JSON       bool          `name:"json" help:"Print it with its id and end, as JSON."`
}

// run prints a token that the server with these settings admits by.
func (c *tokenCommand) run(ctx context.Context, f *config.Loaded, log *slog.Logger, stdout io.Writer) error {
	folder, err := openData(f, log)
	if err != nil {
		return err
	}
	if folder == "" && f.TokenSecret == "" {
		return hinted{errors.New("there is no secret that the server has, too"), "--data names the server's folder, or --token-secret its secret"}
	}
	kept, err := openStore(ctx, f, folder, log)
	if err != nil {
		return err
	}
	defer kept.Close()
	t, err := openTokens(ctx, &f.Settings, kept, log)
	if err != nil {
		return err
	}
	signed, err := t.signer.Sign(token.Claims{Room: c.Room, Role: c.Role, ExternalID: c.ExternalID, Expires: time.Now().Add(c.For)})
	if err != nil {
		return hinted{err, "grotto-server token --help"}
	}
	if c.JSON {
		return json.NewEncoder(stdout).Encode(struct {
			Token   string    `json:"token"`
			ID      string    `json:"id"`
			Expires time.Time `json:"expires"`
		}{signed.Token, signed.ID, signed.Expires})
	}
	fmt.Fprintln(stdout, signed.Token)
	return nil
}
