package room

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	readBuffer   = 256     // what is longer is read past it
	socketBuffer = 1 << 10 // of writing, out of a pool for as long as it lasts
	writeTimeout = 10 * time.Second
	pingEvery    = wire.PingEverySeconds * time.Second
	closeTimeout = 2 * time.Second // for the other side to answer our close
)

var upgrader = websocket.Upgrader{
	ReadBufferSize:   readBuffer,
	WriteBufferSize:  socketBuffer,
	WriteBufferPool:  &sync.Pool{},
	HandshakeTimeout: writeTimeout,
	Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		hint := "open a WebSocket here, version 13"
		if status == http.StatusForbidden {
			hint = "this server takes WebSockets of its own pages only"
		}
		w.Header().Set("Sec-Websocket-Version", "13")
		http.Error(w, reason.Error()+"\nhint: "+hint, status)
	},
}

// sameOrigin lets in pages of this host, and programs, which send no Origin. A page elsewhere could otherwise use a
// visitor's network position to reach a server behind a firewall.
func sameOrigin(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	u, err := url.Parse(origins[0])
	return len(origins) == 1 && err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// letsIn lets in the origins that the operator has named, too.
func (s *Server) letsIn(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	return sameOrigin(r) || len(origins) == 1 && slices.Contains(s.cfg.Origins, origins[0])
}

// ServeHTTP takes a WebSocket. It returns once the handshake is done: a handler that stays would pin the request and
// its buffers, which is 12 of 17 KiB a connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	closing := s.closing
	s.mu.Unlock()
	if closing {
		w.Header().Set("Retry-After", "2")
		http.Error(w, "the server stops; come back in a moment", http.StatusServiceUnavailable)
		return
	}
	upgrade := upgrader
	upgrade.CheckOrigin = s.letsIn
	conn, err := upgrade.Upgrade(w, r, nil)
	if err != nil {
		return // answered by Upgrade
	}
	ws := newWebSocket(conn)
	ws.host = strings.Clone(r.Host) // alone: the request is not to be kept
	if s.cfg.Vouch != nil {
		ws.vouched = s.cfg.Vouch(r)
	}
	if !s.accept(ws) {
		ws.Close(wire.CodeShuttingDown)
		ws.Abort()
		return
	}
	go s.serve(ws)
}

// webSocket is a [socket] over the network. It pings by itself: a page in the background may be too throttled to.
type webSocket struct {
	conn *websocket.Conn
	host string
	// vouched is the join token of who is signed in.
	vouched string
	kind    int       // of the message that has begun
	text    io.Reader // the rest of it
	pong    atomic.Bool

	writing sync.Mutex // an error can be written while an answer is

	mu     sync.Mutex
	heard  bool // the first message has come
	closed bool // we have said close: the deadline stands
	ping   *time.Timer
}

func newWebSocket(conn *websocket.Conn) *webSocket {
	ws := &webSocket{conn: conn}
	_ = conn.SetReadDeadline(time.Now().Add(helloTimeout)) // fails only on a closed socket, which Read notices
	conn.SetPongHandler(func(string) error {               // on the small stack of Wait
		ws.pong.Store(true)
		return nil
	})
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.ping = time.AfterFunc(pingEvery, ws.sendPing)
	return ws
}

// alive gives the other side so much more time. Before its first message a pong does not count. The lock is held.
func (ws *webSocket) alive(still time.Duration) {
	if ws.heard && !ws.closed {
		_ = ws.conn.SetReadDeadline(time.Now().Add(still))
	}
}

// sendPing also counts the answer to the last one: pongs come soon or never.
func (ws *webSocket) sendPing() {
	ws.mu.Lock()
	if ws.pong.Swap(false) {
		ws.alive(silence - pingEvery)
	}
	ws.mu.Unlock()
	err := ws.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if err == nil && !ws.closed {
		ws.ping.Reset(pingEvery)
	}
}

func (ws *webSocket) Wait() (err error) {
	ws.kind, ws.text, err = ws.conn.NextReader()
	return err
}

func (ws *webSocket) Read() ([]byte, error) {
	// One byte more than the limit tells a message that is too long; the rest of it is never read.
	text, err := io.ReadAll(io.LimitReader(ws.text, wire.MaxMessageSize+1))
	ws.text = nil
	switch {
	case err != nil:
		return nil, err
	case ws.kind != websocket.TextMessage:
		return nil, &wire.Error{Code: wire.CodeBadMessage, Message: "messages are text", Hint: "send JSON in text frames"}
	case len(text) > wire.MaxMessageSize:
		_, err := wire.DecodeClient(text)
		return nil, err
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.heard = true
	ws.alive(silence)
	return text, nil
}

func (ws *webSocket) Write(parts ...[]byte) error {
	text := parts[0]
	if len(parts) > 1 {
		text = nil
		for _, p := range parts {
			text = append(text, p...)
		}
	}
	ws.writing.Lock()
	defer ws.writing.Unlock()
	if err := ws.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return ws.conn.WriteMessage(websocket.TextMessage, text)
}

// Close says why and gives the other side a moment to close, too.
func (ws *webSocket) Close(code wire.Code) {
	ws.mu.Lock()
	closed := ws.closed
	ws.closed = true
	ws.ping.Stop()
	ws.mu.Unlock()
	if closed {
		return
	}
	err := ws.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(closeStatus(code), string(code)),
		time.Now().Add(closeTimeout))
	if errors.Join(err, ws.conn.SetReadDeadline(time.Now().Add(closeTimeout))) != nil {
		ws.Abort()
	}
}

// Host is what the client calls us.
func (ws *webSocket) Host() string { return ws.host }

// Vouched is the join token of who is signed in, or empty.
func (ws *webSocket) Vouched() string { return ws.vouched }

// Abort closes at once.
func (ws *webSocket) Abort() {
	ws.mu.Lock()
	ws.closed = true
	ws.ping.Stop()
	ws.mu.Unlock()
	_ = ws.conn.Close() // nothing is left to do about a socket that does not close
}

// closeStatus maps our code to RFC 6455 §7.4.1.
func closeStatus(code wire.Code) int {
	switch code {
	case "":
		return websocket.CloseNormalClosure
	case wire.CodeShuttingDown:
		return websocket.CloseGoingAway
	case wire.CodeTooLarge:
		return websocket.CloseMessageTooBig
	case wire.CodeInternal:
		return websocket.CloseInternalServerErr
	}
	return websocket.ClosePolicyViolation
}
