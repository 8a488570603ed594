package node

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/grotto-meet/grotto/internal/wire"
)

const loopback = "127.0.0.1:0"

func start(t *testing.T, cfg Config) (*Node, *httptest.Server) {
	t.Helper()
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(n.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := n.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return n, server
}

func ask(t *testing.T, ws *websocket.Conn, m wire.ClientMessage) wire.ServerMessage {
	t.Helper()
	text, err := wire.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, text); err != nil {
		t.Fatal(err)
	}
	_, text, err = ws.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	answer, err := wire.DecodeServer(text)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// Rooms and SFU are joined: a description goes through to the SFU, which refuses this one.
func TestSignallingReachesTheSFU(t *testing.T) {
	_, server := start(t, Config{UDP: loopback, ServerName: "meet.example", Version: "0.1"})
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+SignalPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	welcome, ok := ask(t, ws, &wire.Hello{ID: 1, Version: wire.Version, Room: "blue-harbour"}).(*wire.Welcome)
	if !ok || welcome.Room != "!blue-harbour:meet.example" || welcome.Server != "0.1" {
		t.Fatalf("%+v", welcome)
	}
	key := wire.SignedKey{KeyID: "k", Key: make([]byte, 32), Sig: make([]byte, 64)}
	join := &wire.Join{ID: 2, JoinID: make([]byte, 16), CallKeys: []byte("keys"), Sig: make([]byte, 64), FallbackKey: key}
	if joined, ok := ask(t, ws, join).(*wire.Joined); !ok || len(joined.Members) != 1 {
		t.Fatalf("%+v", joined)
	}
	for _, m := range []wire.ClientMessage{
		&wire.Publish{ID: 3, SDP: "v=1", Tracks: []wire.Publication{{MID: "0", Source: wire.SourceMic, Codec: wire.CodecOpus}}},
		&wire.Publish{ID: 4, SDP: "v=1", Tracks: []wire.Publication{{MID: "0", Source: wire.SourceCamera, Codec: wire.CodecH264}}},
	} {
		if e, ok := ask(t, ws, m).(*wire.Error); !ok || e.Code != wire.CodeBadSDP || e.ID != wire.ID(m) || e.Hint == "" {
			t.Errorf("%+v", e)
		}
	}
	if ok, is := ask(t, ws, &wire.SubscribeAnswer{ID: 5, Offer: 9, SDP: "v=0"}).(*wire.OK); !is {
		t.Errorf("an answer nobody waits for: %+v", ok)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, cfg := range map[string]Config{
		"room":        {UDP: loopback, Rooms: []string{"No"}},
		"server name": {UDP: loopback, ServerName: "a b"},
		"embedder":    {UDP: loopback, Embedders: []string{"*"}},
		"public IP":   {UDP: loopback, PublicIPs: []string{"meet.example"}},
	} {
		if n, err := New(cfg); err == nil {
			t.Errorf("%s: taken", name)
			_ = n.Close(t.Context())
		}
	}
}

// A node gives its port back when it is closed, and says which socket it is when it cannot have one.
func TestMediaPort(t *testing.T) {
	first, err := New(Config{UDP: loopback})
	if err != nil {
		t.Fatal(err)
	}
	addr := first.MediaAddr().String()
	if _, err := New(Config{UDP: addr}); !errors.As(err, new(*UDPError)) || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v", err)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	second, err := New(Config{UDP: addr})
	if err != nil {
		t.Fatalf("after a restart: %v", err)
	}
	if err := second.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestRoutes(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for _, tls := range []bool{false, true} {
		n, err := New(Config{UDP: loopback, Web: page, TLS: tls})
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]int{HealthPath: 200, ReadyPath: 200, SignalPath: 400, "/": 418, "/r/blue-harbour": 418, "/v1/other": 418} {
			w := httptest.NewRecorder()
			n.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != want || tls != (w.Header().Get("Strict-Transport-Security") != "") {
				t.Errorf("%s: %d %v", path, w.Code, w.Header())
			}
			for name, value := range map[string]string{"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"} {
				if got := w.Header().Values(name); len(got) != 1 || got[0] != value {
					t.Errorf("%s: %s is %q", path, name, got)
				}
			}
		}
		if err := n.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// Where calls cannot begin, for whatever reason, those who share people out hear of it, and of the reason only the log.
func TestReady(t *testing.T) {
	var broken error
	var log bytes.Buffer
	n, server := start(t, Config{UDP: loopback, Log: slog.New(slog.NewTextHandler(&log, nil)), Ready: func(context.Context) error { return broken }})
	ask := func(want int, text string) {
		t.Helper()
		r, err := http.Get(server.URL + ReadyPath)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if body, err := io.ReadAll(r.Body); err != nil || r.StatusCode != want || string(body) != `{"status":"`+text+`"}`+"\n" {
			t.Errorf("%d %s %v", r.StatusCode, body, err)
		}
	}
	ask(200, "ready")
	broken = errors.New("/var/lib/grotto is full")
	ask(503, "broken")
	ask(503, "broken")
	if strings.Count(log.String(), "grotto is full") != 1 {
		t.Errorf("the log: %s", &log)
	}
	broken = nil
	n.Drain(t.Context())
	ask(503, "draining")
}
