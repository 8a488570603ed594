package room

import (
	"context"
	"errors"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// session is one client's stay in a call, over as many sockets as it takes.
type session struct {
	server *Server
	call   *call
	user   string
	who    Identity
	guest  bool // the user id was made up here
	device string
	resume string // token; a secret
	lent   string // the session's name to the relay
	out    outbox

	handling turn   // one request at a time, also while sockets change
	lastID   uint64 // under handling: the last request handled
	budget   budget // under handling

	// Under call.mu:
	member    *member     // nil before Join
	role      wire.Role   // given by who vouches for them, or in this call before; by order of arrival if empty
	admitted  bool        // was let in, now or earlier in this call
	expelled  bool        // does not keep its role
	removedBy string      // id of the [Participant] who did that; empty if no moderator did
	knocking  *knocking   // while it waits to be let in
	away      *time.Timer // ends the session; nil while there is a socket
	expiry    *time.Timer // ends it with its token; nil if there is no end
	ended     bool
}

// turn is a mutex held for as long as the SFU takes. Unlike with sync.Mutex, a bubble of testing/synctest can tell that
// whoever waits for it waits.
type turn chan struct{}

func (t turn) take() { t <- struct{}{} }
func (t turn) give() { <-t }

// push queues a message; a client too slow for it loses its session. Locks may be held.
func (s *session) push(m wire.ServerMessage) {
	if !s.out.push(m) {
		go s.tooSlow()
	}
}

func (s *session) pushShared(m shared) {
	if !s.out.pushShared(m) {
		go s.tooSlow()
	}
}

func (s *session) tooSlow() {
	s.end(wire.CodeSlowConsumer, "messages were not read as fast as they came")
}

// end says bye and takes the session out of the call, for everybody to see.
func (s *session) end(code wire.Code, text string) {
	why, ok := leavings[code]
	if !ok {
		why = Lost
	}
	if s.remove(nil, why) {
		s.out.finish(&wire.Bye{Code: code, Message: text}, code, code == wire.CodeSlowConsumer)
		s.server.endings.note(code)
		s.server.cfg.Log.Info("session ended", "room", s.call.logName, "why", string(code))
	}
}

// remove takes the session out of everything, once. With a timer it does so only while that timer stands.
func (s *session) remove(expired *time.Timer, why Leaving) bool {
	c := s.call
	s.server.mu.Lock()
	c.mu.Lock()
	if s.ended || expired != nil && s.away != expired {
		c.mu.Unlock()
		s.server.mu.Unlock()
		return false
	}
	s.ended = true
	if s.away != nil {
		s.away.Stop()
	}
	if s.expiry != nil {
		s.expiry.Stop()
	}
	var peer MediaPeer
	c.order.remember(s)
	c.endKnock(s)
	if s.member != nil {
		peer = s.member.peer
		if why == Expelled && s.removedBy != "" {
			why = Removed
			c.order.shutOut(s.member.seen())
		}
		c.leave(s.member, why)
	}
	s.server.forget(s)
	c.mu.Unlock()
	s.server.mu.Unlock()
	s.server.cfg.Relay.Revoke(s.lent)
	if peer != nil {
		peer.Close()
	}
	return true
}

// dropped notes that a socket is gone, and gives the client 30 s to come back.
func (s *session) dropped(sock socket) {
	s.call.mu.Lock()
	defer s.call.mu.Unlock()
	if !s.out.detach(sock) || s.ended {
		return
	}
	// AfterFunc runs in a goroutine that waits for call.mu, so timer is set before it is read.
	var timer *time.Timer
	timer = time.AfterFunc(resumeWindow, func() {
		s.call.mu.Lock()
		expired := timer
		s.call.mu.Unlock()
		if s.remove(expired, Lost) {
			s.server.endings.noteExpired()
			s.server.cfg.Log.Info("session expired", "room", s.call.logName)
		}
	})
	s.away = timer
}

type taking int

const (
	gone taking = iota // the session has ended
	lost               // messages that the client has not seen are no longer kept
	taken
)

// take goes on with another socket. session.handling is held.
func (s *session) take(m *wire.Resume, sock socket) taking {
	s.call.mu.Lock()
	defer s.call.mu.Unlock()
	if s.ended {
		return gone
	}
	old, ok := s.out.resume(sock, m.Seq, &wire.Resumed{ID: m.ID, LastID: s.lastID})
	if !ok {
		return lost
	}
	if s.away != nil {
		s.away.Stop()
		s.away = nil
	}
	if old != nil {
		go old.Close(wire.CodeReplaced) // may wait for the network
	}
	return taken
}

// serve runs one socket from its first message to its end. This goroutine waits nearly all its life, and so little lies on its stack
// that the first 2 KiB last: all else is done apart.
func (s *Server) serve(sock socket) {
	d := &dialogue{server: s, sock: sock}
	for d.next() {
	}
}

// dialogue is what is said on one socket.
type dialogue struct {
	server *Server
	sock   socket
	sess   *session // nil before the first message
}

// next handles one message, and reports whether another may come.
func (d *dialogue) next() bool {
	err := d.sock.Wait()
	return apart(func() bool { return d.handle(err) })
}

func (d *dialogue) handle(err error) bool {
	if err == nil {
		err = d.read()
	}
	if err == nil {
		return true
	}
	if d.sess != nil {
		d.sess.dropped(d.sock)
	}
	hangUp(d.sock, err)
	s := d.server
	s.mu.Lock()
	delete(s.open, d.sock)
	s.mu.Unlock()
	d.sock.Abort()
	s.sockets.Done()
	return false
}

// read takes a message: the first says which session this is.
func (d *dialogue) read() error {
	text, err := d.sock.Read()
	if err != nil {
		return err
	}
	if d.sess == nil {
		d.sess, err = d.server.begin(d.sock, text)
		return err
	}
	if bad := d.sess.handle(d.sock, text); bad != nil {
		return bad
	}
	return nil
}

// accept counts a socket in; it is false when the server stops.
func (s *Server) accept(sock socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.open[sock] = nil
	s.sockets.Add(1)
	return true
}

// apart runs f on a stack of its own.
func apart[T any](f func() T) T {
	done := make(chan T, 1)
	go func() { done <- f() }()
	return <-done
}

// begin finds or makes the session that the first message asks for.
func (s *Server) begin(sock socket, text []byte) (*session, error) {
	m, err := wire.DecodeClient(text)
	if err != nil {
		if bad, ok := errors.AsType[*wire.Error](err); ok {
			s.endings.noteRefused(bad.Code)
		}
		return nil, err
	}
	var sess *session
	var refused *wire.Error
	switch m := m.(type) {
	case *wire.Hello:
		ctx, cancel := context.WithTimeout(context.Background(), helloTimeout)
		defer cancel()
		sess, refused = s.hello(ctx, m, sock)
	case *wire.Resume:
		sess, refused = s.resumeSession(m, sock)
	default:
		refused = &wire.Error{Code: wire.CodeBadMessage, Message: "the first message is hello or resume"}
	}
	if refused != nil {
		s.endings.noteRefused(refused.Code)
		refused.ID = wire.ID(m)
		return nil, refused
	}
	s.mu.Lock()
	s.open[sock] = sess
	s.mu.Unlock()
	return sess, nil
}

// hangUp says why, if there is something to say, and reads on until the other side has closed: a socket closed with
// bytes unread resets the connection, and the reason would not arrive.
func hangUp(sock socket, err error) {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		if sock.Write(encode(e)) == nil {
			sock.Close(e.Code)
			for sock.Wait() == nil {
				if _, err := sock.Read(); err != nil && !errors.As(err, new(*wire.Error)) {
					return
				}
			}
		}
	}
}
