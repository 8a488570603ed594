package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/webhook"
	"github.com/grotto-meet/grotto/internal/wire"
)

// bench is a running API over rooms that people can join.
type bench struct {
	*testing.T
	api    *api
	server *httptest.Server
	store  *store.Store
	key    string
	client *rest.Client
}

func newBench(t *testing.T, change func(*Config)) *bench {
	t.Helper()
	kept, err := store.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	hooks := webhook.New(webhook.Config{Store: kept, Private: true})

	recorder := NewRecorder(kept, hooks, slog.New(slog.NewTextHandler(t.Output(), nil)))
	signer := token.NewSigner(bytes.Repeat([]byte{7}, 32))
	rooms := room.New(room.Config{ServerName: "meet.example", Notice: recorder.Notice,
		Auth: &token.Verifier{Secret: bytes.Repeat([]byte{7}, 32)}})
	cfg := Config{Store: kept, Rooms: rooms, Hooks: hooks, Signer: signer, Version: "1.2.3", Public: "https://meet.example",
		Network: func(r *http.Request) string { return r.RemoteAddr[:strings.LastIndex(r.RemoteAddr, ":")] }}
	if change != nil {
		change(&cfg)
	}
	handler, a, err := newAPI(cfg)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(Root, handler)
	mux.Handle("/v1/signal", rooms)
	b := &bench{T: t, api: a, store: kept, server: httptest.NewServer(mux)}
	t.Cleanup(b.server.Close)
	running, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { recorder.Run(running); close(done) }()
	t.Cleanup(func() { rooms.Shutdown(canceled()); stop(); <-done })
	b.key = b.newKey(All)
	b.client = &rest.Client{Server: b.server.URL, Key: b.key}
	return b
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func (b *bench) newKey(scopes ...string) string {
	b.Helper()
	kept, key := NewKey("test", scopes, time.Time{})
	if _, err := b.store.CreateAPIKey(b.Context(), kept); err != nil {
		b.Fatal(err)
	}
	return key
}

// ask sends a request by hand.
func (b *bench) ask(method, path, key, body string) (status int, text string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answer.StatusCode, string(read)
}

// somebodyIn joins a room, as far as the server can tell.
func (b *bench) somebodyIn(slug, token string) *websocket.Conn {
	b.Helper()
	ws, _, err := websocket.DefaultDialer.DialContext(b.Context(), "ws"+strings.TrimPrefix(b.server.URL, "http")+"/v1/signal", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = ws.Close() })
	say(b, ws, &wire.Hello{ID: 1, Version: wire.Version, Room: slug, Token: token})
	hear[*wire.Welcome](b, ws)
	key := func(id string, fallback bool) wire.SignedKey {
		return wire.SignedKey{KeyID: id, Key: make(wire.Base64, 32), Sig: make(wire.Base64, 64), Fallback: fallback}
	}
	say(b, ws, &wire.Join{ID: 2, JoinID: make(wire.Base64, 16), CallKeys: make(wire.Base64, 96), Sig: make(wire.Base64, 64),
		Proof: make(wire.Base64, 32), OneTimeKeys: []wire.SignedKey{key("AAAAAQ", false)}, FallbackKey: key("AAAAAg", true)})
	hear[*wire.Joined](b, ws)
	return ws
}

func say(b *bench, ws *websocket.Conn, m wire.ClientMessage) {
	b.Helper()
	text, err := wire.Encode(m)
	if err != nil {
		b.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, text); err != nil {
		b.Fatal(err)
	}
}

// hear waits for a message of this kind.
func hear[M wire.ServerMessage](b *bench, ws *websocket.Conn) M {
	b.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			b.Fatal(err)
		}
		m, err := wire.DecodeServer(text)
		if err != nil {
			b.Fatal(err)
		}
		if is, ok := m.(M); ok {
			return is
		}
		if bad, ok := m.(*wire.Error); ok {
			b.Fatal(bad)
		}
	}
}

// eventually is for what the recorder does behind our backs.
func (b *bench) eventually(what string, is func() bool) {
	b.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.Fatal(what)
}

func decoded[T any](b *bench, text string) (value T) {
	b.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		b.Fatalf("%v: %s", err, text)
	}
	return value
}

var discard = slog.New(slog.DiscardHandler)

// eventOfDocs is the one that docs/api.md shows.
var eventOfDocs = room.Event{Kind: room.CallEnded, Slug: "weekly", Call: "bac1c8cfd6dde4ebf2f900070e151c23"}
