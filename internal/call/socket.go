package call

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/websocket"

	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	dialTimeout   = 10 * time.Second
	writeTimeout  = 10 * time.Second
	pingEvery     = wire.PingEverySeconds * time.Second
	silenceLimit  = 5 * pingEvery / 2 // no word of the server for so long: the socket is dead, whatever TCP believes
	incomingQueue = 64
)

// socket is one WebSocket. A goroutine reads it; writes come from the session's goroutine only.
type socket struct {
	conn     *websocket.Conn
	incoming chan wire.ServerMessage // closed when the socket is done; then err says why
	err      error
}

func dial(ctx context.Context, link Link) (*socket, error) {
	// Once there is a connection the dialer waits for the answer on it whatever becomes of the context.
	release := func() bool { return true }
	dialer := websocket.Dialer{HandshakeTimeout: dialTimeout, Proxy: http.ProxyFromEnvironment,
		NetDialContext: func(dialing context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(dialing, network, addr)
			if err == nil {
				release = context.AfterFunc(ctx, func() { _ = conn.Close() })
			}
			return conn, err
		}}
	conn, answer, err := dialer.DialContext(ctx, link.Signal, nil)
	release()
	if err != nil {
		return nil, dialError(link, answer, err)
	}
	conn.SetReadLimit(wire.MaxServerMessage)
	s := &socket{conn: conn, incoming: make(chan wire.ServerMessage, incomingQueue)}
	go s.read()
	return s, nil
}

func dialError(link Link, answer *http.Response, err error) error {
	host := link.Signal
	if u, parseErr := url.Parse(link.Signal); parseErr == nil {
		host = u.Host
	}
	e := &Error{Class: ErrConnect, What: fmt.Sprintf("no Grotto server answers at %s", host), Err: err,
		Hint: "check the link's address, and that the server runs"}
	var op *net.OpError
	var untrusted *tls.CertificateVerificationError
	switch {
	case answer != nil && answer.StatusCode == http.StatusTooManyRequests:
		e.What = fmt.Sprintf("%s takes no more connections of this network now", host)
		e.Hint = "try again in a moment; who runs the server can raise network-limits"
	case answer != nil && answer.StatusCode == http.StatusServiceUnavailable:
		e.What = fmt.Sprintf("the server at %s stops or begins just now", host)
		e.Hint = "try again in a moment"
	case answer != nil:
		e.What = fmt.Sprintf("%s answers %s where a Grotto server's signalling should be", host, answer.Status)
		e.Hint = "check the link's address; a proxy in between must pass WebSockets"
	case errors.As(err, &untrusted):
		e.What = fmt.Sprintf("the certificate of %s is not trusted (%v)", host, untrusted.Err)
		e.Hint = "check the link's address; a certificate of one's own has to be known to this machine"
	case errors.As(err, &op):
		e.What += " (" + op.Err.Error() + ")"
	}
	return e
}

// read hands messages to the session until the socket ends. A message that is not in the protocol ends it: to go on
// would be to guess.
func (s *socket) read() {
	defer close(s.incoming)
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(silenceLimit)); err != nil {
			s.err = err
			return
		}
		_, text, err := s.conn.ReadMessage()
		if err != nil {
			s.err = err
			return
		}
		m, err := wire.DecodeServer(text)
		if err != nil {
			s.err = fmt.Errorf("the server sent something that is not in the protocol: %w", err)
			_ = s.conn.Close()
			return
		}
		s.incoming <- m
	}
}

func (s *socket) write(text []byte) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return s.conn.WriteMessage(websocket.TextMessage, text)
}

// close ends the socket and lets its reader go.
func (s *socket) close() {
	_ = s.conn.Close()
	for range s.incoming { // the reader may wait for room in the queue
	}
}
