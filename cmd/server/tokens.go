package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/wire"
)

// secretFile is in the folder for data.
const secretFile = "token-secret"

// tokens are who makes and who checks join tokens.
type tokens struct {
	signer   *token.Signer
	verifier *token.Verifier
}

// openTokens takes the secret from the file that is set, else from the data folder, else one for this run.
func openTokens(f *config.Settings, folder string, log *slog.Logger) (t tokens, err error) {
	var secret []byte
	switch {
	case f.TokenSecret != "":
		secret, err = token.ReadSecret(f.TokenSecret)
	case folder != "":
		secret, err = token.OpenSecret(filepath.Join(folder, secretFile))
	default:
		secret = token.NewSecret()
	}
	if err != nil {
		return t, tokenProblem(err)
	}
	t = tokens{token.NewSigner(secret), &token.Verifier{Secret: secret, Only: f.TokenOnly, Log: log}}
	if f.TokenPublicKey != "" {
		if t.verifier.Public, err = token.ReadPublic(f.TokenPublicKey); err != nil {
			return t, hinted{err, "openssl genpkey -algorithm ed25519 makes a key, and openssl pkey -pubout its public half"}
		}
	}
	return t, nil
}

func tokenProblem(err error) error {
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
func (c *tokenCommand) run(f *config.Loaded, log *slog.Logger, stdout io.Writer) error {
	folder, err := openData(f, log)
	if err != nil {
		return err
	}
	if folder == "" && f.TokenSecret == "" {
		return hinted{errors.New("there is no secret that the server has, too"), "--data names the server's folder, or --token-secret its secret"}
	}
	t, err := openTokens(&f.Settings, folder, log)
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
