package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/login"
	"github.com/grotto-meet/grotto/internal/token"
)

// passwordFile is in the folder for data.
const passwordFile = "admin-password"

// openLogin is for who signs in with a browser: moderators where there is a provider, operators there and by password where
// there is a folder for it.
func openLogin(f *config.Settings, folder string, signer *token.Signer, log *slog.Logger) (*login.Login, error) {
	cfg := login.Config{Signer: signer, Secure: f.TLS() || strings.HasPrefix(f.OIDCRedirect, "https://"), Log: log}
	if folder != "" {
		cfg.Password = &login.Password{Path: filepath.Join(folder, passwordFile)}
	}
	if f.OIDCIssuer != "" {
		secret, err := clientSecret(f.OIDCClientSecret)
		if err != nil {
			return nil, hinted{err, "--oidc-client-secret names a file with what the provider gave you; leave it out for a public client"}
		}
		cfg.Provider = &login.Provider{Issuer: f.OIDCIssuer, ClientID: f.OIDCClientID, ClientSecret: secret, Redirect: f.OIDCRedirect,
			Moderators: f.OIDCModerator, Operators: f.OIDCOperator}
		if origin := f.Origin(); cfg.Provider.Redirect == "" && origin != "" {
			cfg.Provider.Redirect = origin + login.Path + "callback"
		}
	}
	return login.New(cfg), nil
}

func clientSecret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	secret := bytes.TrimSpace(text)
	if len(secret) == 0 {
		return "", fmt.Errorf("%s is empty", path)
	}
	return string(secret), nil
}

// adminCommand is for operators.
type adminCommand struct {
	Password struct {
		JSON bool `name:"json" help:"Print it with its end, as JSON."`
	} `cmd:"" help:"Make a password that opens the operator's page, /admin, once and within an hour. The server may run meanwhile."`
}

func (c *adminCommand) run(f *config.Loaded, log *slog.Logger, stdout io.Writer) error {
	folder, err := openData(f, log)
	if err != nil {
		return err
	}
	if folder == "" {
		return hinted{errors.New("there is no folder that the server reads, too"), "--data names the server's"}
	}
	p := login.Password{Path: filepath.Join(folder, passwordFile)}
	password, err := p.Make()
	if err != nil {
		return hinted{err, "--data names a folder that this user can write"}
	}
	if c.Password.JSON {
		return json.NewEncoder(stdout).Encode(struct {
			Password string    `json:"password"`
			Until    time.Time `json:"until"`
		}{password, time.Now().Add(login.PasswordLife)})
	}
	fmt.Fprintln(stdout, password)
	return nil
}
