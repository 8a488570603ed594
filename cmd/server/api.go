package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/grotto-meet/grotto/internal/api"
	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/gate"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/webhook"
)

// apiParts are the REST API and what works behind it.
type apiParts struct {
	config   api.Config
	recorder *api.Recorder
	sender   *webhook.Sender
}

func newAPI(f *config.Settings, kept *store.Store, doors tokens, operator func(*http.Request) bool, log *slog.Logger) *apiParts {
	sender := webhook.New(webhook.Config{Store: kept, Private: f.WebhookPrivate, Version: version, Log: log})
	return &apiParts{recorder: api.NewRecorder(kept, sender, log), sender: sender,
		config: api.Config{Store: kept, Hooks: sender, Signer: doors.signer, Operator: operator, Version: version, Log: log,
			Public: f.Origin(), Network: func(r *http.Request) string { return gate.Network(r).String() }}}
}

// mount puts the API into the node, which it controls.
func (p *apiParts) mount(n *node.Node) error {
	p.config.Rooms = n.Rooms()
	handler, err := api.New(p.config)
	if err == nil {
		n.Handle(api.Root, handler)
	}
	return err
}

// run records and sends until end is called, which waits until what happened is on the disk.
func (p *apiParts) run() (end func()) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.recorder.Run(ctx) })
	running.Go(func() { p.sender.Run(ctx) })
	return func() {
		stop()
		running.Wait()
	}
}
