package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/grotto-meet/grotto/bridge"
	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/gate"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/token"
)

// ownSecretName is of what signs join tokens of people of Matrix, in the store. Unlike the secret of the others it is shared with nobody.
const ownSecretName = "own-token-secret"

// openSignIn is for people of Matrix; nil without a bridge. From now on the verifier takes its tokens.
func openSignIn(ctx context.Context, f *config.Settings, kept *store.Store, matrix *bridge.Bridge, verifier *token.Verifier, log *slog.Logger) (*bridge.SignIn, error) {
	if matrix == nil {
		return nil, nil
	}
	bot, err := matrix.Bot()
	if err != nil {
		return nil, bridgeProblem(err)
	}
	secret, err := kept.Secret(ctx, ownSecretName, token.NewSecret)
	if err != nil {
		return nil, storeProblem(err)
	}
	s := bridge.NewSignIn(bridge.SignInConfig{Homeserver: f.MatrixHomeserver, ServerName: bot.Homeserver(), Federation: f.MatrixFederation, Client: f.MatrixClientURL,
		Public: matrix.Public(), Bot: bot, Links: matrix, Signer: token.NewOwnSigner(secret), Network: networkOf, Times: unless0(f.NetworkLimits), Log: log})
	verifier.Own, verifier.Still = secret, s.Still
	return s, nil
}

// networkOf is what limits are for; empty for this machine itself, as in package gate.
func networkOf(r *http.Request) string {
	if gate.Client(r).IsLoopback() {
		return ""
	}
	return gate.Network(r).String()
}

func mountSignIn(n *node.Node, s *bridge.SignIn) {
	if s == nil {
		return
	}
	for _, path := range bridge.SignInPaths() {
		n.Handle(path, s.Handler())
	}
}
