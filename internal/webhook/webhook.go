// Package webhook tells the operator's programs what happens: it posts events to addresses, signed, and tries again until they are taken.
//
// [New] makes a [Sender]; [Sender.Send] puts an event into the outbox, which is on the disk, and [Sender.Run] empties it. A receiver checks
// with [Verify], or with any library for Standard Webhooks (https://www.standardwebhooks.com), whose form the requests have:
//
//	POST, Content-Type: application/json
//	webhook-id:        names the event, the same at every try: who has seen it drops it
//	webhook-timestamp: seconds of Unix time of this try
//	webhook-signature: v1, and the base64 of HMAC-SHA256 over "id.timestamp.body" with the webhook's secret
//
// Any answer from 200 to 299 within ten seconds takes an event. A 410 switches the webhook off. Everything else is tried again, later and
// later, for about three days.
//
// # Limits
//
// Events come at least once, and may come out of order: a try that failed lets others pass. Requests go to public addresses over HTTPS
// only, and follow no redirect, so that a webhook is no way into the server's own network; [Config].Private lifts that.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grotto-meet/grotto/internal/internet"
	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/store"
)

const (
	timeout   = 10 * time.Second // of one try
	maxAnswer = 4 << 10          // of which is read, so that the connection can be used again
	atOnce    = 4                // tries side by side
	look      = 5 * time.Minute  // how often the outbox is looked into without a reason: other processes may have put something there
)

// backoff is how long after a failed try the next one comes. After the last an event is given up.
var backoff = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour,
	6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour}

// Config of a [Sender].
type Config struct {
	Store   *store.Store
	Private bool // addresses that are not on the internet, and plain HTTP, are fine
	Version string
	Log     *slog.Logger

	transport http.RoundTripper // of tests; one that keeps to the rules if nil
}

// Sender sends events. It is safe for concurrent use.
type Sender struct {
	cfg    Config
	client *http.Client
	wake   chan struct{}

	taken, failed, givenUp atomic.Uint64
}

// Stats are what became of events since the start.
type Stats struct {
	Taken   uint64 // by their webhook
	Failed  uint64 // tries that were not the last
	GivenUp uint64 // events that nobody took, or whose webhook is switched off
}

// Stats says how it is now.
func (s *Sender) Stats() Stats {
	return Stats{Taken: s.taken.Load(), Failed: s.failed.Load(), GivenUp: s.givenUp.Load()}
}

// New makes a Sender. Nothing is sent before Run.
func New(cfg Config) *Sender {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.transport == nil {
		cfg.transport = newTransport(cfg.Private)
	}
	return &Sender{cfg: cfg, wake: make(chan struct{}, 1), client: &http.Client{Transport: cfg.transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Send puts an event into the outbox. When it returns without an error the event is on the disk.
func (s *Sender) Send(ctx context.Context, hook store.Webhook, event rest.Event) error {
	body, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	if _, err := s.cfg.Store.AddDelivery(ctx, store.Delivery{WebhookID: hook.ID, Event: event.Type, Body: body, Next: time.Now()}); err != nil {
		return err
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// Run empties the outbox until ctx ends.
func (s *Sender) Run(ctx context.Context) {
	for {
		wait := s.round(ctx)
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-time.After(wait):
		}
	}
}

// round tries what is due, and says when to look again.
func (s *Sender) round(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		due, err := s.cfg.Store.Due(ctx, time.Now(), atOnce)
		if err != nil {
			if ctx.Err() == nil {
				s.cfg.Log.Error("the outbox of webhooks cannot be read", "error", err)
			}
			return look
		}
		if len(due) == 0 {
			break
		}
		var tries sync.WaitGroup
		var stuck atomic.Bool
		for _, d := range due {
			tries.Go(func() {
				if err := s.try(ctx, d); err != nil && ctx.Err() == nil {
					s.cfg.Log.Error("the outbox of webhooks cannot be written", "error", err)
					stuck.Store(true)
				}
			})
		}
		tries.Wait()
		if stuck.Load() { // the same would be due at once, and be sent over and over
			return look
		}
	}
	next, err := s.cfg.Store.NextDue(ctx)
	if err != nil || next.IsZero() {
		return look
	}
	return min(look, max(0, time.Until(next)))
}

// errGone is the answer of an address that wants nothing any more.
var errGone = errors.New("410: it wants nothing any more")

// try is one try of a delivery. The error is the outbox's: what became of the try is not written down.
func (s *Sender) try(ctx context.Context, d store.Delivery) error {
	hook, err := s.cfg.Store.Webhook(ctx, d.WebhookID)
	if err != nil {
		return unlessGone(err)
	}
	problem := s.post(ctx, hook, d)
	switch {
	case ctx.Err() != nil: // we stop: the try does not count
		return nil
	case problem == nil:
		s.taken.Add(1)
		err = s.cfg.Store.EndDelivery(ctx, d.ID)
	case errors.Is(problem, errGone):
		s.givenUp.Add(1)
		s.cfg.Log.Warn("a webhook is switched off: its address answered 410", "webhook", hook.ID)
		_, err = s.cfg.Store.UpdateWebhook(ctx, hook.ID, func(w *store.Webhook) error { w.Disabled = true; return nil })
	case d.Tries >= len(backoff):
		s.givenUp.Add(1)
		s.cfg.Log.Warn("an event is given up: a webhook does not take it", "webhook", hook.ID, "event", d.Event)
		err = s.cfg.Store.EndDelivery(ctx, d.ID)
	default:
		s.failed.Add(1)
		err = s.cfg.Store.Retry(ctx, d.ID, time.Now().Add(backoff[d.Tries]), problem.Error())
	}
	return unlessGone(err)
}

// unlessGone: a webhook that was deleted meanwhile took its deliveries with it, and nothing is wrong.
func unlessGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// post is one try. Its errors are shown to whoever has a key for webhooks, so they hold nothing of the answer but its status.
func (s *Sender) post(ctx context.Context, hook store.Webhook, d store.Delivery) error {
	if err := s.Check(hook.URL); err != nil { // the setting may have changed
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(d.Body))
	if err != nil {
		return errors.New("the address is not one")
	}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	signature, err := sign(hook.Secret, d.ID, at, d.Body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "grotto-server/"+s.cfg.Version)
	r.Header.Set(HeaderID, d.ID)
	r.Header.Set(HeaderTimestamp, at)
	r.Header.Set(HeaderSignature, signature)
	answer, err := s.client.Do(r)
	switch {
	case errors.Is(err, internet.ErrPrivate):
		return errPrivate
	case err != nil:
		return errors.New("no connection, or no answer in time")
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer) // what it says does not matter
	switch {
	case answer.StatusCode == http.StatusGone:
		return errGone
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return fmt.Errorf("it answered %d: redirects are not followed; hint: give the address that it leads to", answer.StatusCode)
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return fmt.Errorf("it answered %d", answer.StatusCode)
	}
	return nil
}
