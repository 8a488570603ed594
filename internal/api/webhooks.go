package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/store"
)

// maxWebhooks bounds what one event costs.
const maxWebhooks = 20

// secretSize of a webhook, and its mark: Standard Webhooks has both.
const (
	secretSize = 32
	secretMark = "whsec_"
)

type Hooked struct {
	Webhook string `path:"webhook" maxLength:"64" doc:"Its id."`
}

func (a *api) webhooks() {
	const tag = "Webhooks"
	huma.Register(a.huma, operation(http.MethodGet, "/events", "list-events", tag, Webhooks, "List the events that there are"),
		func(context.Context, *struct{}) (*answer[rest.Page[string]], error) {
			return bodied(rest.Page[string]{TotalCount: len(rest.Events), Data: rest.Events}, nil)
		})
	huma.Register(a.huma, operation(http.MethodGet, "/webhooks", "list-webhooks", tag, Webhooks, "List webhooks"),
		func(ctx context.Context, _ *struct{}) (*answer[rest.Page[rest.Webhook]], error) {
			all, err := a.Store.Webhooks(ctx)
			if err != nil {
				return nil, a.failed(err, "webhook")
			}
			return bodied(rest.Page[rest.Webhook]{TotalCount: len(all), Data: each(all, shownWebhook)}, nil)
		})
	huma.Register(a.huma, operation(http.MethodPost, "/webhooks", "create-webhook", tag, Webhooks, "Make a webhook. Its secret is shown this once.", created, clashing, checked),
		func(ctx context.Context, in *struct{ Body rest.WebhookSettings }) (*answer[rest.Webhook], error) {
			return bodied(a.newWebhook(ctx, in.Body))
		})
	huma.Register(a.huma, operation(http.MethodGet, "/webhooks/{webhook}", "get-webhook", tag, Webhooks, "Get a webhook", missing),
		func(ctx context.Context, in *Hooked) (*answer[rest.Webhook], error) {
			w, err := a.Store.Webhook(ctx, in.Webhook)
			if err != nil {
				return nil, a.failed(err, "webhook")
			}
			return bodied(shownWebhook(w), nil)
		})
	huma.Register(a.huma, operation(http.MethodPatch, "/webhooks/{webhook}", "update-webhook", tag, Webhooks, "Change a webhook", missing, checked),
		func(ctx context.Context, in *struct {
			Hooked
			Body rest.WebhookSettings
		}) (*answer[rest.Webhook], error) {
			w, err := a.Store.UpdateWebhook(ctx, in.Webhook, func(w *store.Webhook) error { return a.changeWebhook(w, in.Body) })
			if err != nil {
				return nil, a.failed(err, "webhook")
			}
			return bodied(shownWebhook(w), nil)
		})
	huma.Register(a.huma, operation(http.MethodDelete, "/webhooks/{webhook}", "delete-webhook", tag, Webhooks, "Forget a webhook, and what waits for it", missing),
		func(ctx context.Context, in *Hooked) (*struct{}, error) {
			if err := a.Store.DeleteWebhook(ctx, in.Webhook); err != nil {
				return nil, a.failed(err, "webhook")
			}
			return nil, nil
		})
	huma.Register(a.huma, operation(http.MethodGet, "/webhooks/{webhook}/deliveries", "list-deliveries", tag, Webhooks, "List what a webhook has not taken yet", missing),
		func(ctx context.Context, in *struct {
			Hooked
			Listing
		}) (*answer[rest.Page[rest.Delivery]], error) {
			return bodied(a.deliveries(ctx, in.Webhook, in.Listing))
		})
	huma.Register(a.huma, operation(http.MethodPost, "/webhooks/{webhook}/test", "test-webhook", tag, Webhooks, "Send an event of the type test", missing, nothing),
		func(ctx context.Context, in *Hooked) (*struct{}, error) {
			w, err := a.Store.Webhook(ctx, in.Webhook)
			if err == nil {
				err = a.Hooks.Send(ctx, w, rest.Event{Type: rest.Test, Timestamp: a.now().UTC()})
			}
			if err != nil {
				return nil, a.failed(err, "webhook")
			}
			return nil, nil
		})
}

func (a *api) newWebhook(ctx context.Context, s rest.WebhookSettings) (rest.Webhook, error) {
	if s.URL == nil {
		return rest.Webhook{}, wrong(http.StatusUnprocessableEntity, "body.url", "it is missing")
	}
	all, err := a.Store.Webhooks(ctx)
	if err != nil {
		return rest.Webhook{}, a.failed(err, "webhook")
	}
	if len(all) >= maxWebhooks {
		return rest.Webhook{}, refuse(http.StatusConflict, "there are 20 webhooks, which is as many as there may be; hint: delete one")
	}
	var secret [secretSize]byte
	_, _ = rand.Read(secret[:]) // it never fails
	w := store.Webhook{Secret: secretMark + base64.StdEncoding.EncodeToString(secret[:])}
	if err := a.changeWebhook(&w, s); err != nil {
		return rest.Webhook{}, err
	}
	if w, err = a.Store.CreateWebhook(ctx, w); err != nil {
		return rest.Webhook{}, a.failed(err, "webhook")
	}
	is := shownWebhook(w)
	is.Secret = w.Secret
	return is, nil
}

func (a *api) changeWebhook(w *store.Webhook, s rest.WebhookSettings) error {
	if s.URL != nil {
		if err := a.Hooks.Check(*s.URL); err != nil {
			return wrong(http.StatusUnprocessableEntity, "body.url", err.Error())
		}
	}
	set(&w.URL, s.URL)
	set(&w.Events, s.Events)
	set(&w.Disabled, s.Disabled)
	return nil
}

func (a *api) deliveries(ctx context.Context, id string, l Listing) (page rest.Page[rest.Delivery], err error) {
	if _, err := a.Store.Webhook(ctx, id); err != nil {
		return page, a.failed(err, "webhook")
	}
	all, err := a.Store.Deliveries(ctx, id, store.Page{})
	if err != nil {
		return page, a.failed(err, "webhook")
	}
	list, err := a.Store.Deliveries(ctx, id, l.page())
	if err != nil {
		return page, a.failed(err, "delivery to list after")
	}
	return rest.Page[rest.Delivery]{TotalCount: len(all), Data: each(list, func(d store.Delivery) rest.Delivery {
		return rest.Delivery{ID: d.ID, Event: d.Event, CreatedAt: d.Created, NextTry: d.Next, Tries: d.Tries, Problem: d.Problem}
	})}, nil
}

func shownWebhook(w store.Webhook) rest.Webhook {
	events := w.Events
	if len(events) == 0 {
		events = rest.Events
	}
	return rest.Webhook{ID: w.ID, URL: w.URL, Events: events, Disabled: w.Disabled, CreatedAt: w.Created}
}
