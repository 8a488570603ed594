package room

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/grotto-meet/grotto/internal/wire"
)

const helloText = `{"type":"hello","id":1,"version":1,"room":"blue-harbour"}`

// overPipe runs a test against a real WebSocket over an in-memory connection, where time is the bubble's.
func overPipe(t *testing.T, run func(t *testing.T, s *Server, dial func(http.Header) (*websocket.Conn, *http.Response, error))) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: s}
		go server.Serve(listener)
		var open []net.Conn
		run(t, s, func(head http.Header) (*websocket.Conn, *http.Response, error) {
			d := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				open = append(open, ours)
				listener.conns <- theirs
				return ours, nil
			}}
			return d.Dial("ws://meet.example/v1/signal", head)
		})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, conn := range open {
			conn.Close()
		}
		s.Shutdown(ctx)
		server.Close()
	})
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

type dialer = func(http.Header) (*websocket.Conn, *http.Response, error)

func mustDial(t *testing.T, dial dialer) *websocket.Conn {
	t.Helper()
	ws, _, err := dial(nil)
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

func write(t *testing.T, ws *websocket.Conn, kind int, text string) {
	t.Helper()
	if err := ws.WriteMessage(kind, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, ws *websocket.Conn) wire.ServerMessage {
	t.Helper()
	_, text, err := ws.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	m, err := wire.DecodeServer(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestS3_Origins(t *testing.T) {
	for origin, allowed := range map[string]bool{
		"":                           true, // a program
		"http://meet.example":        true,
		"https://meet.example":       true,
		"https://MEET.example":       true,
		"https://meet.example:8443":  false,
		"https://evil.example":       false,
		"https://meet.example.evil":  false,
		"https://evil/meet.example":  false,
		"https://meet.example@evil/": false,
		"null":                       false,
		"file://":                    false,
	} {
		overPipe(t, func(t *testing.T, _ *Server, dial dialer) {
			head := http.Header{}
			if origin != "" {
				head.Set("Origin", origin)
			}
			_, response, err := dial(head)
			if allowed != (err == nil) {
				t.Errorf("origin %q: %v", origin, err)
			}
			if !allowed && (response == nil || response.StatusCode != http.StatusForbidden) {
				t.Errorf("origin %q: %+v", origin, response)
			}
		})
	}
}

func TestS3_NamedOrigins(t *testing.T) {
	s := New(Config{Origins: []string{"https://a.example", "http://localhost:3000"}})
	for origin, allowed := range map[string]bool{"https://a.example": true, "http://localhost:3000": true, "http://a.example": false,
		"https://a.example:8443": false, "https://b.example": false, "null": false, "http://meet.example": true} {
		r := httptest.NewRequest(http.MethodGet, "http://meet.example/v1/signal", nil)
		r.Header.Set("Origin", origin)
		if s.letsIn(r) != allowed {
			t.Errorf("%s: %v", origin, !allowed)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "http://meet.example/v1/signal", nil)
	r.Header["Origin"] = []string{"https://a.example", "https://b.example"}
	if s.letsIn(r) {
		t.Error("two origins are let in")
	}
}

func TestNotAWebSocket(t *testing.T) {
	w := httptest.NewRecorder()
	New(Config{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/signal", nil))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "hint: ") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestS2_FramesThatAreNotMessages(t *testing.T) {
	for name, c := range map[string]struct {
		kind   int
		text   string
		code   wire.Code
		status int
	}{
		"binary":        {websocket.BinaryMessage, helloText, wire.CodeBadMessage, websocket.ClosePolicyViolation},
		"too large":     {websocket.TextMessage, strings.Repeat(" ", wire.MaxMessageSize+1), wire.CodeTooLarge, websocket.CloseMessageTooBig},
		"invalid UTF-8": {websocket.TextMessage, "\xff", wire.CodeBadMessage, websocket.ClosePolicyViolation},
	} {
		for _, first := range []bool{true, false} {
			overPipe(t, func(t *testing.T, _ *Server, dial dialer) {
				ws := mustDial(t, dial)
				if !first {
					write(t, ws, websocket.TextMessage, helloText)
					read(t, ws)
				}
				write(t, ws, c.kind, c.text)
				if e, ok := read(t, ws).(*wire.Error); !ok || e.Code != c.code || e.ID != 0 {
					t.Errorf("%s: %+v", name, e)
				}
				if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, c.status) {
					t.Errorf("%s: closed with %v", name, err)
				}
			})
		}
	}
}

func TestLargestMessagePasses(t *testing.T) {
	overPipe(t, func(t *testing.T, _ *Server, dial dialer) {
		ws := mustDial(t, dial)
		write(t, ws, websocket.TextMessage, helloText+strings.Repeat(" ", wire.MaxMessageSize-len(helloText)))
		if _, ok := read(t, ws).(*wire.Welcome); !ok {
			t.Error("no welcome")
		}
	})
}

// A socket that says nothing is closed after 10 s, even if it answers pings.
func TestS2_SilenceBeforeHello(t *testing.T) {
	overPipe(t, func(t *testing.T, _ *Server, dial dialer) {
		ws := mustDial(t, dial)
		began := time.Now()
		_, _, err := ws.ReadMessage()
		if took := time.Since(began); err == nil || took != helloTimeout {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// A session's socket lives on pongs alone, as a throttled page has it, and dies of silence.
func TestPongsKeepASocket(t *testing.T) {
	for _, answers := range []bool{true, false} {
		overPipe(t, func(t *testing.T, _ *Server, dial dialer) {
			ws := mustDial(t, dial)
			write(t, ws, websocket.TextMessage, helloText)
			read(t, ws)
			began := time.Now()
			if !answers {
				ws.SetPingHandler(func(string) error { return nil })
			}
			const patience = 10 * time.Minute
			_ = ws.SetReadDeadline(began.Add(patience))
			_, _, err := ws.ReadMessage()
			want := silence
			if answers {
				want = patience
			}
			if took := time.Since(began); err == nil || took != want {
				t.Errorf("answers %v: %v after %v", answers, err, took)
			}
		})
	}
}

func TestStoppedServerTakesNoSockets(t *testing.T) {
	overPipe(t, func(t *testing.T, s *Server, dial dialer) {
		s.Shutdown(t.Context())
		_, response, err := dial(nil)
		if err == nil || response == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
			t.Errorf("%+v %v", response, err)
		}
	})
}

// A socket that is only there costs the smallest stack there is, also when it has answered pings. The next size would be 4 KiB.
func TestS2_SocketsWaitOnSmallStacks(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector takes stack")
	}
	s := New(Config{Participants: smallStacks})
	server := httptest.NewServer(s)
	defer server.Close()
	before := stacks()
	for range smallStacks {
		ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		if err := ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		write(t, ws, websocket.TextMessage, helloText)
		read(t, ws)
	}
	if each := (int64(stacks()) - int64(before)) / smallStacks; each > 3<<10 { // less than before: a test before has left large ones
		t.Errorf("%d bytes of stack for each", each)
	}
}

const smallStacks = 300

// stacks is the memory of all goroutines' stacks, after those that can be smaller are.
func stacks() uint64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.StackInuse
}

// overTCP opens a real socket and says hello.
func overTCP(t *testing.T) (*Server, *websocket.Conn) {
	s := New(Config{})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	write(t, ws, websocket.TextMessage, helloText)
	read(t, ws)
	return s, ws
}

// The reason for a close must arrive though the client is still sending. Where the system throws away what it has received
// when a reset comes (RFC 9112 §9.6; Linux does not), a plain close would lose it.
func TestErrorArrivesOverTCP(t *testing.T) {
	_, ws := overTCP(t)
	go func() {
		for range 2000 {
			if ws.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("x", 1000))) != nil {
				return
			}
		}
	}()
	if e, ok := read(t, ws).(*wire.Error); !ok || e.Code != wire.CodeBadMessage {
		t.Errorf("%+v", e)
	}
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("closed with %v", err)
	}
}

func TestByeArrivesOverTCP(t *testing.T) {
	s, ws := overTCP(t)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.Shutdown(context.Background())
	}()
	for range 100 {
		if ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping","id":2,"seq":0}`)) != nil {
			break
		}
	}
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			t.Fatalf("no bye before %v", err)
		}
		if strings.Contains(string(text), `"bye"`) {
			break
		}
	}
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("closed with %v", err)
	}
	<-stopped
}

// The handler must have returned, or each idle socket keeps 12 KiB of net/http's; and an idle socket has one goroutine.
func TestS2_IdleSocketsAreCheap(t *testing.T) {
	overPipe(t, func(t *testing.T, s *Server, dial dialer) {
		const sockets = 10
		before := runtime.NumGoroutine()
		for range sockets {
			ws := mustDial(t, dial)
			write(t, ws, websocket.TextMessage, helloText)
			read(t, ws)
		}
		synctest.Wait()
		if got := runtime.NumGoroutine() - before; got > sockets {
			t.Errorf("%d goroutines for %d idle sockets", got, sockets)
		}
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for stack := range strings.SplitSeq(string(stacks), "\n\n") { // of this bubble, not of the tests before
			if strings.Contains(stack, "synctest bubble") && strings.Contains(stack, "net/http.(*conn).serve") {
				t.Fatal("the handler has not returned")
			}
		}
	})
}
