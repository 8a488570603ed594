// Package room is the server's half of signalling: who is in a room, what they may ask, and the relay between them.
//
// [New] makes a [Server]; [Server.ServeHTTP] takes WebSockets. Everything a client can say is in package wire.
//
// A room is a name (a slug) that always exists; a call is the period in which it is occupied, from the first hello to
// the end of the last session, with a call id of its own. A session is one client's stay: it outlives its WebSocket by
// [wire.ResumeSeconds], so that a dropped socket neither changes the roster nor costs new keys.
//
// Who moderates is a matter of this package alone (moderation.go): the first who joins, whom a moderator makes one, whom the
// [Authenticator] names. Keys know no roles.
//
// The relay is blind. Announced keys, Olm messages and data frames are bytes here: bounded in size and rate, stamped with
// the session they came from, never read, changed or stored longer than a resume needs. A client must not believe the
// stamp, the roster or anything else said here where it can check: that is what package olmkeys is for.
//
// Locks, always taken in this order: session.handling, Server.mu, call.mu, outbox.mu. The SFU is called under none but
// session.handling.
package room

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Limits of a server's rooms. What one message may hold is bounded in package wire.
const (
	DefaultParticipants = 200 // sessions in a room, unless configured
	resumeWindow        = wire.ResumeSeconds * time.Second
	helloTimeout        = 10 * time.Second // a socket that says nothing is closed
	silence             = 3 * wire.PingEverySeconds * time.Second
)

// Config of a [Server]. The zero value works: no media, open rooms, nothing logged.
type Config struct {
	ServerName   string        // behind the colon of user and room ids; "localhost" if empty
	Version      string        // of the program, shown in Welcome
	Rooms        []string      // slugs admitted to; every slug if empty
	Participants int           // sessions a room; DefaultParticipants if 0
	Auth         Authenticator // Open if nil
	// Terms looks up what holds in a room, not of a breakout room. A *[wire.Error] refuses everybody; nothing special holds if nil.
	Terms    func(ctx context.Context, slug string) (Terms, error)
	Media    Media       // no media if nil: publishing is answered unsupported
	Relay    Relay       // none if nil
	NoLevels []string    // slugs of rooms in which audio levels are not read
	Origins  []string    // of pages that may connect, beside those of this host
	Notice   func(Event) // hears of calls and who is in them; nobody does if nil
	// Vouch gives the join token of who opens a WebSocket signed in, for a hello without one; empty if they are not. Nobody is if nil.
	Vouch func(*http.Request) string
	Log   *slog.Logger
	Rand  io.Reader // of ids and tokens; crypto/rand if nil
}

// Server holds the rooms. It is safe for concurrent use.
type Server struct {
	cfg     Config
	logKey  [32]byte
	sockets sync.WaitGroup
	endings endings

	mu       sync.Mutex
	calls    map[string]*call    // by slug; only the occupied ones
	sessions map[string]*session // by resume token; only those that have not ended
	open     map[socket]*session // nil before hello
	closing  bool
	stops    atomic.Int64  // Unix time in ns at which draining ends; 0: the server does not drain
	drained  chan struct{} // not nil once no call may begin; closed when the last one is over
	peers    uint64        // names given to media peers
}

// New makes a server without rooms: they come with the people.
func New(cfg Config) *Server {
	if cfg.ServerName == "" {
		cfg.ServerName = "localhost"
	}
	if cfg.Participants == 0 {
		cfg.Participants = DefaultParticipants
	}
	if cfg.Auth == nil {
		cfg.Auth = Open{}
	}
	if cfg.Terms == nil {
		cfg.Terms = func(context.Context, string) (Terms, error) { return Terms{}, nil }
	}
	if cfg.Media == nil {
		cfg.Media = noMedia{}
	}
	if cfg.Relay == nil {
		cfg.Relay = noRelay{}
	}
	if cfg.Notice == nil {
		cfg.Notice = func(Event) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	s := &Server{cfg: cfg, calls: map[string]*call{}, sessions: map[string]*session{}, open: map[socket]*session{}}
	s.fill(s.logKey[:])
	return s
}

// Shutdown says bye to everybody, waits until they have heard it or ctx ends, and closes what is left.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.closing = true
	sessions := make([]*session, 0, len(s.sessions))
	for _, sess := range s.sessions {
		sessions = append(sessions, sess)
	}
	var waiting []socket // those that have not said hello
	for sock, sess := range s.open {
		if sess == nil {
			waiting = append(waiting, sock)
		}
	}
	s.mu.Unlock()
	for _, sess := range sessions {
		sess.end(wire.CodeShuttingDown, "the server stops; come back in a moment")
	}
	for _, sock := range waiting {
		sock.Close(wire.CodeShuttingDown)
	}
	gone := make(chan struct{})
	go func() {
		s.sockets.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		for sock := range s.open {
			sock.Abort()
		}
	}
}

// hello opens a session, and the call if the room was empty.
func (s *Server) hello(ctx context.Context, m *wire.Hello, sock socket) (*session, *wire.Error) {
	if !wire.ValidSlug(m.Room) {
		return nil, &wire.Error{Code: wire.CodeBadRoom, Message: "this is not the name of a room",
			Hint: "a name has 3 to 64 characters of a-z, 0-9 and -"}
	}
	token := m.Token
	if token == "" {
		token = sock.Vouched()
	}
	terms, who, refused := s.admits(ctx, token, m.Room)
	if refused != nil {
		return nil, refused
	}
	sess := &session{server: s, handling: make(turn, 1), device: m.Device, resume: s.token(), lent: s.token(), lastID: m.ID}
	if sess.device == "" {
		sess.device = s.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 10)
	}
	sess.who = who
	sess.guest = who.Localpart == ""
	sess.role = who.Role
	sess.user = s.userID(who.Localpart)
	old := s.replaced(m, sess)
	switch {
	case old != nil:
		sess.user = old.user
	case sess.guest:
		sess.user = s.userID("guest-" + s.letters("abcdefghijklmnopqrstuvwxyz0123456789", 8))
	}
	if err := s.enter(sess, old, m, sock, terms); err != nil {
		return nil, err
	}
	if old != nil { // only now, so that the call does not end in between
		old.end(wire.CodeReplaced, "this device came back on another connection")
	}
	return sess, nil
}

func (s *Server) userID(localpart string) string { return "@" + localpart + ":" + s.cfg.ServerName }

// enter puts a session into its call, in addition to the one it will replace, and queues its Welcome.
func (s *Server) enter(sess, old *session, m *wire.Hello, sock socket, terms Terms) *wire.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return &wire.Error{Code: wire.CodeShuttingDown, Message: "the server stops", Hint: "try again in a moment"}
	}
	c := s.calls[m.Room]
	if c == nil && s.drained != nil && !s.goesOn(m.Room) {
		return &wire.Error{Code: wire.CodeShuttingDown, Message: "the server stops when its calls are over", Hint: "try again in a moment"}
	}
	if c == nil {
		c = newCall(s, m.Room, terms)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.terms = terms
	if len(c.sessions) >= c.limit() && old == nil {
		return &wire.Error{Code: wire.CodeRoomFull, Message: "the room is full", Hint: "try again when someone has left"}
	}
	if refused := c.late(); refused != nil {
		return refused
	}
	c.order.recall(sess, old, m.Replaces)
	if refused := c.lockedOut(sess); refused != nil {
		return refused
	}
	if s.calls[m.Room] == nil { // not before somebody may come in
		s.calls[m.Room] = c
		s.cfg.Log.Info("call begins", "room", c.logName)
	}
	sess.call = c
	sess.lastUntil(sess.who.Expires)
	c.sessions[sess] = struct{}{}
	s.sessions[sess.resume] = sess
	sess.out.attach(sock)
	sess.push(&wire.Welcome{ID: m.ID, Version: wire.Version, Server: s.cfg.Version, Room: c.id, Call: c.callID[:],
		User: sess.user, DeviceID: sess.device, Resume: sess.resume, ResumeSecs: wire.ResumeSeconds, Off: terms.Off,
		ICEServers: s.cfg.Relay.Grant(sock.Host(), hex.EncodeToString(c.callID[:]), sess.lent)})
	return nil
}

// replaced finds the session that a hello takes the place of: the one whose resume token it names, or the same device
// of the same known user. A guest's device id alone proves nothing: everybody in the room sees it.
func (s *Server) replaced(m *wire.Hello, by *session) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.sessions[m.Replaces]; old != nil && old.call.slug == m.Room && old.guest == by.guest {
		if by.guest || old.user == by.user {
			return old
		}
	}
	c := s.calls[m.Room]
	if by.guest || c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for old := range c.sessions {
		if old.user == by.user && old.device == m.Device && !old.guest {
			return old
		}
	}
	return nil
}

// resumeSession puts a new socket under a session.
func (s *Server) resumeSession(m *wire.Resume, sock socket) (*session, *wire.Error) {
	s.mu.Lock()
	sess := s.sessions[m.Token]
	s.mu.Unlock()
	unknown := &wire.Error{Code: wire.CodeResumeUnknown, Message: "there is no session to resume",
		Hint: "say hello anew; a session is kept for 30 s after its socket dropped, and not over a restart of the server"}
	if sess == nil {
		return nil, unknown
	}
	// A request of the old socket may still be at work: its id has to be in LastID, or it would be handled twice.
	sess.handling.take()
	defer sess.handling.give()
	switch sess.take(m, sock) {
	case taken:
		s.cfg.Log.Info("session resumed", "room", sess.call.logName)
		return sess, nil
	case lost:
		sess.end(wire.CodeResumeUnknown, "too much was missed")
	}
	return nil, unknown
}

// forget removes an ended session, and its call if it was the last. Both locks are held by the caller.
func (s *Server) forget(sess *session) {
	c := sess.call
	delete(s.sessions, sess.resume)
	delete(c.sessions, sess)
	if len(c.sessions) == 0 {
		c.order.keep()
		c.stopCount()
	}
	if len(c.sessions) == 0 && s.calls[c.slug] == c {
		delete(s.calls, c.slug)
		c.over()
		s.cfg.Log.Info("call ends", "room", c.logName)
		s.settleDrain()
	}
}

func (s *Server) fill(b []byte) {
	if _, err := io.ReadFull(s.cfg.Rand, b); err != nil {
		panic("room: no randomness: " + err.Error())
	}
}

func (s *Server) token() string {
	var b [24]byte
	s.fill(b[:])
	return hex.EncodeToString(b[:])
}

// letters draws n characters of an alphabet, without bias.
func (s *Server) letters(alphabet string, n int) string {
	out := make([]byte, 0, n)
	limit := 256 - 256%len(alphabet)
	var b [1]byte
	for len(out) < n {
		if s.fill(b[:]); int(b[0]) < limit {
			out = append(out, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(out)
}
