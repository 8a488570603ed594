package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Prefix of all paths.
const Prefix = "/api/v1"

const (
	maxAnswer = 8 << 20
	timeout   = 30 * time.Second
)

// Client calls a server's API. It is safe for concurrent use.
type Client struct {
	Server string       // https://meet.example.org
	Key    string       // of the API: grotto-server api-key create
	HTTP   *http.Client // one with a timeout if nil
}

// Error is a refusal.
type Error struct {
	Status  int           `json:"status"`
	Detail  string        `json:"detail"`
	Reasons []ErrorReason `json:"errors"`
}

// ErrorReason says which part of a request is wrong.
type ErrorReason struct {
	Message  string `json:"message"`
	Location string `json:"location"` // body.topic
}

func (e *Error) Error() string {
	text := fmt.Sprintf("rest: %d: %s", e.Status, e.Detail)
	for _, r := range e.Reasons {
		text += "; " + strings.TrimSpace(r.Location+" "+r.Message)
	}
	return text
}

// Listing says which part of a list is wanted.
type Listing struct {
	Limit  int    // at most 100; 0 is 100
	After  string // id of the last one seen
	Newest bool   // the newest first
}

func (l Listing) query() string {
	q := url.Values{}
	if l.Limit > 0 {
		q.Set("limit", strconv.Itoa(l.Limit))
	}
	if l.After != "" {
		q.Set("after", l.After)
	}
	if l.Newest {
		q.Set("order", "desc")
	}
	return "?" + q.Encode()
}

// Rooms lists rooms.
func (c *Client) Rooms(ctx context.Context, l Listing) (Page[Room], error) {
	return call[Page[Room]](ctx, c, "GET", path("rooms")+l.query(), nil)
}

// Room gives one by its id or friendly_url.
func (c *Client) Room(ctx context.Context, room string) (Room, error) {
	return call[Room](ctx, c, "GET", path("rooms", room), nil)
}

// CreateRoom makes one. Its link wants a secret: [WithSecret].
func (c *Client) CreateRoom(ctx context.Context, s RoomSettings) (Room, error) {
	return call[Room](ctx, c, "POST", path("rooms"), s)
}

// UpdateRoom changes what is set in s.
func (c *Client) UpdateRoom(ctx context.Context, room string, s RoomSettings) (Room, error) {
	return call[Room](ctx, c, "PATCH", path("rooms", room), s)
}

// DeleteRoom forgets a room. Who is in it stays until the meeting ends.
func (c *Client) DeleteRoom(ctx context.Context, room string) error {
	return c.do(ctx, "DELETE", path("rooms", room), nil, nil)
}

// CreateToken makes a join token.
func (c *Client) CreateToken(ctx context.Context, room string, s TokenSettings) (Token, error) {
	return call[Token](ctx, c, "POST", path("rooms", room, "token"), s)
}

// RevokeToken has a token refused from now on, and ends the sessions that it opened.
func (c *Client) RevokeToken(ctx context.Context, id string) error {
	return c.do(ctx, "DELETE", path("tokens", id), nil, nil)
}

// LiveRooms lists the rooms with somebody in them.
func (c *Client) LiveRooms(ctx context.Context) (Page[LiveRoom], error) {
	return call[Page[LiveRoom]](ctx, c, "GET", path("rooms", "live"), nil)
}

// LiveRoom gives one; an *[Error] with status 404 if nobody is in it.
func (c *Client) LiveRoom(ctx context.Context, room string) (LiveRoom, error) {
	return call[LiveRoom](ctx, c, "GET", path("rooms", room, "live"), nil)
}

// Participants lists who is in a room.
func (c *Client) Participants(ctx context.Context, room string) (Page[Participant], error) {
	return call[Page[Participant]](ctx, c, "GET", path("rooms", room, "live", "participants"), nil)
}

// Remove takes somebody out of a room.
func (c *Client) Remove(ctx context.Context, room, participant string) error {
	return c.do(ctx, "DELETE", path("rooms", room, "live", "participants", participant), nil, nil)
}

// Mute asks somebody's client to switch mic, camera or screen off.
func (c *Client) Mute(ctx context.Context, room, participant, source string) error {
	return c.do(ctx, "POST", path("rooms", room, "live", "participants", participant, "mute"), Mute{Source: source}, nil)
}

// Sessions lists those of a room, or of all rooms if it is empty.
func (c *Client) Sessions(ctx context.Context, room string, l Listing) (Page[Session], error) {
	if room == "" {
		return call[Page[Session]](ctx, c, "GET", path("sessions")+l.query(), nil)
	}
	return call[Page[Session]](ctx, c, "GET", path("rooms", room, "sessions")+l.query(), nil)
}

// EndSession ends a meeting for everybody.
func (c *Client) EndSession(ctx context.Context, id string) error {
	return c.do(ctx, "POST", path("sessions", id, "end"), nil, nil)
}

// Statistics of a room, or of all rooms if it is empty; zero times bound nothing.
func (c *Client) Statistics(ctx context.Context, room string, from, to time.Time) (Statistics, error) {
	q := url.Values{}
	for name, t := range map[string]time.Time{"from": from, "to": to} {
		if !t.IsZero() {
			q.Set(name, t.UTC().Format(time.RFC3339))
		}
	}
	where := path("statistics")
	if room != "" {
		where = path("rooms", room, "statistics")
	}
	return call[Statistics](ctx, c, "GET", where+"?"+q.Encode(), nil)
}

// Load is what the server does at the moment.
func (c *Client) Load(ctx context.Context) (Load, error) {
	return call[Load](ctx, c, "GET", path("load"), nil)
}

// Webhooks lists all.
func (c *Client) Webhooks(ctx context.Context) (Page[Webhook], error) {
	return call[Page[Webhook]](ctx, c, "GET", path("webhooks"), nil)
}

// CreateWebhook makes one, and gives it with its secret.
func (c *Client) CreateWebhook(ctx context.Context, s WebhookSettings) (Webhook, error) {
	return call[Webhook](ctx, c, "POST", path("webhooks"), s)
}

// UpdateWebhook changes what is set in s.
func (c *Client) UpdateWebhook(ctx context.Context, id string, s WebhookSettings) (Webhook, error) {
	return call[Webhook](ctx, c, "PATCH", path("webhooks", id), s)
}

// DeleteWebhook forgets one, and what waits for it.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	return c.do(ctx, "DELETE", path("webhooks", id), nil, nil)
}

// Deliveries lists what a webhook has not taken yet.
func (c *Client) Deliveries(ctx context.Context, id string, l Listing) (Page[Delivery], error) {
	return call[Page[Delivery]](ctx, c, "GET", path("webhooks", id, "deliveries")+l.query(), nil)
}

// TestWebhook has an event of the type test sent.
func (c *Client) TestWebhook(ctx context.Context, id string) error {
	return c.do(ctx, "POST", path("webhooks", id, "test"), nil, nil)
}

func path(parts ...string) string {
	var p strings.Builder
	p.WriteString(Prefix)
	for _, part := range parts {
		p.WriteString("/" + url.PathEscape(part))
	}
	return p.String()
}

func call[T any](ctx context.Context, c *Client, method, path string, body any) (answer T, err error) {
	err = c.do(ctx, method, path, body, &answer)
	return answer, err
}

func (c *Client) do(ctx context.Context, method, path string, body, answer any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("rest: %w", err)
		}
		sent = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.Server, "/")+path, sent)
	if err != nil {
		return errors.New("rest: the address of the server is not one; hint: https://meet.example.org")
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	by := c.HTTP
	if by == nil {
		by = &http.Client{Timeout: timeout}
	}
	got, err := by.Do(r)
	if err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, maxAnswer))
	switch {
	case err != nil:
		return fmt.Errorf("rest: %w", err)
	case got.StatusCode >= 300:
		refused := &Error{}
		if json.Unmarshal(text, refused) != nil || refused.Detail == "" {
			refused.Detail = "this is not an answer of the API; hint: is it the address of a Grotto server?"
		}
		refused.Status = got.StatusCode
		return refused
	case answer == nil:
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("rest: not an answer of the API: %w", err)
	}
	return nil
}
