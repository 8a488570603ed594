package node

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/grotto-meet/grotto/internal/wire"
)

// line is what the text format allows of ours.
var line = regexp.MustCompile(`^(# (HELP grotto_[a-z_]+ [^\n]+|TYPE grotto_[a-z_]+ (gauge|counter))|grotto_[a-z_]+(\{why="[a-z_]+"\})? [0-9.e+]+)$`)

// Who is here is counted, not named; and nothing of it is where the page is.
func TestMetrics(t *testing.T) {
	n, server := start(t, Config{UDP: loopback, TURN: loopback})
	metrics := func() string {
		w := httptest.NewRecorder()
		n.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return w.Body.String()
	}
	has := func(text, want string) {
		t.Helper()
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("no %q in %s", want, text)
		}
	}
	has(metrics(), "grotto_sessions 0")
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+SignalPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	hello := func(ws *websocket.Conn, replaces string) *wire.Welcome {
		t.Helper()
		welcome, ok := ask(t, ws, &wire.Hello{ID: 1, Version: wire.Version, Room: "blue-harbour", Device: "ADA1234567", Replaces: replaces}).(*wire.Welcome)
		if !ok {
			t.Fatal("not welcome")
		}
		return welcome
	}
	welcome := hello(ws, "")
	again, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+SignalPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	hello(again, welcome.Resume)
	text := metrics()
	has(text, "grotto_calls 1")
	has(text, "grotto_sessions 1")
	has(text, `grotto_sessions_ended_total{why="replaced"} 1`)
	for l := range strings.Lines(text) {
		if !line.MatchString(strings.TrimSuffix(l, "\n")) {
			t.Errorf("malformed: %q", l)
		}
	}
	for _, secret := range []string{"blue-harbour", "ADA1234567", "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in it", secret)
		}
	}
	if w := httptest.NewRecorder(); true {
		n.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if strings.Contains(w.Body.String(), "grotto_sessions") {
			t.Error("they are where the page is")
		}
	}
}
