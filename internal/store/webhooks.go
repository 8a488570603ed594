package store

import (
	"context"
	"database/sql"
	"time"
)

// maxPending bounds what waits for one webhook; the oldest goes first.
const maxPending = 10_000

// Webhook is an address that is told what happens.
type Webhook struct {
	ID       string // made by [Store.CreateWebhook]
	URL      string
	Secret   string
	Events   []string // all if empty
	Disabled bool
	Created  time.Time
}

const webhookColumns = "id, url, secret, events, disabled, created"

func readWebhook(from row) (Webhook, error) {
	var w Webhook
	var events string
	var created int64
	if err := from.Scan(&w.ID, &w.URL, &w.Secret, &events, &w.Disabled, &created); err != nil {
		return Webhook{}, err
	}
	w.Created = fromMillis(created)
	var err error
	w.Events, err = fromTexts(events)
	return w, err
}

// CreateWebhook keeps one, and gives it with its id and time.
func (s *Store) CreateWebhook(ctx context.Context, w Webhook) (Webhook, error) {
	w.ID, w.Created = newID(), now()
	_, err := s.db.ExecContext(ctx, "INSERT INTO webhook ("+webhookColumns+") VALUES (?, ?, ?, ?, ?, ?)",
		w.ID, w.URL, w.Secret, texts(w.Events), w.Disabled, millis(w.Created))
	if err != nil {
		return Webhook{}, known(err)
	}
	return w, nil
}

// Webhook finds one by its id.
func (s *Store) Webhook(ctx context.Context, id string) (Webhook, error) {
	w, err := readWebhook(s.db.QueryRowContext(ctx, "SELECT "+webhookColumns+" FROM webhook WHERE id = ?", id))
	return w, known(err)
}

// Webhooks lists all.
func (s *Store) Webhooks(ctx context.Context) ([]Webhook, error) {
	return list(ctx, s, readWebhook, "SELECT "+webhookColumns+" FROM webhook ORDER BY seq")
}

// UpdateWebhook changes one as one step, as [Store.UpdateRoom] does.
func (s *Store) UpdateWebhook(ctx context.Context, id string, f func(*Webhook) error) (Webhook, error) {
	var w Webhook
	var refused error
	err := s.change(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		if w, err = readWebhook(tx.QueryRowContext(ctx, "SELECT "+webhookColumns+" FROM webhook WHERE id = ?", id)); err != nil {
			return err
		}
		created := w.Created
		if refused = f(&w); refused != nil {
			return refused
		}
		w.ID, w.Created = id, created
		_, err = tx.ExecContext(ctx, "UPDATE webhook SET (url, secret, events, disabled) = (?, ?, ?, ?) WHERE id = ?",
			w.URL, w.Secret, texts(w.Events), w.Disabled, id)
		return err
	})
	switch {
	case refused != nil:
		return Webhook{}, refused
	case err != nil:
		return Webhook{}, err
	}
	return w, nil
}

// DeleteWebhook forgets one, and what waits for it.
func (s *Store) DeleteWebhook(ctx context.Context, id string) error {
	return s.changeOne(ctx, "DELETE FROM webhook WHERE id = ?", id)
}

// Delivery is an event that a webhook has not taken yet.
type Delivery struct {
	ID        string // made by [Store.AddDelivery] if empty; the receiver tells by it what it had already
	WebhookID string
	Event     string // its type
	Body      []byte // JSON
	Created   time.Time
	Next      time.Time // when to try
	Tries     int
	Problem   string // of the last try
}

const deliveryColumns = "id, webhook_id, event, body, created, next, tries, problem"

func readDelivery(from row) (Delivery, error) {
	var d Delivery
	var created, next int64
	if err := from.Scan(&d.ID, &d.WebhookID, &d.Event, &d.Body, &created, &next, &d.Tries, &d.Problem); err != nil {
		return Delivery{}, err
	}
	d.Created, d.Next = fromMillis(created), fromMillis(next)
	return d, nil
}

// AddDelivery puts an event in the outbox. [ErrNotFound]: its webhook is gone.
func (s *Store) AddDelivery(ctx context.Context, d Delivery) (Delivery, error) {
	if d.ID == "" {
		d.ID = newID()
	}
	if d.Created.IsZero() {
		d.Created = now()
	}
	err := s.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO delivery ("+deliveryColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			d.ID, d.WebhookID, d.Event, d.Body, millis(d.Created), millis(d.Next), d.Tries, d.Problem); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM delivery WHERE seq IN (SELECT seq FROM delivery WHERE webhook_id = ? ORDER BY seq DESC LIMIT -1 OFFSET ?)",
			d.WebhookID, maxPending)
		return err
	})
	return d, err
}

// far is further off than any try: the clock went back since.
const far = 48 * time.Hour

// Due lists what is to be tried now, what waits longest first. What waits for a disabled webhook is not due. A clock that went back
// puts nothing off.
func (s *Store) Due(ctx context.Context, at time.Time, limit int) ([]Delivery, error) {
	return list(ctx, s, readDelivery, "SELECT d.id, d.webhook_id, d.event, d.body, d.created, d.next, d.tries, d.problem FROM delivery d "+
		"JOIN webhook w ON w.id = d.webhook_id WHERE (d.next <= ? OR d.next > ?) AND w.disabled = 0 ORDER BY d.next, d.seq LIMIT ?", millis(at), millis(at.Add(far)), limit)
}

// NextDue says when the next try is due; zero: nothing waits.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var next int64
	err := s.db.QueryRowContext(ctx, "SELECT coalesce(min(d.next), 0) FROM delivery d JOIN webhook w ON w.id = d.webhook_id WHERE w.disabled = 0").Scan(&next)
	return fromMillis(next), known(err)
}

// Deliveries lists what waits for one webhook.
func (s *Store) Deliveries(ctx context.Context, webhookID string, p Page) ([]Delivery, error) {
	return page(ctx, s, p, readDelivery, deliveryColumns, "delivery", "webhook_id = ?", webhookID)
}

// Retry puts a delivery off after a try that failed.
func (s *Store) Retry(ctx context.Context, id string, next time.Time, problem string) error {
	return s.changeOne(ctx, "UPDATE delivery SET next = ?, tries = tries + 1, problem = ? WHERE id = ?", millis(next), problem, id)
}

// EndDelivery takes a delivery out: it was taken, or is given up.
func (s *Store) EndDelivery(ctx context.Context, id string) error {
	return s.changeOne(ctx, "DELETE FROM delivery WHERE id = ?", id)
}
