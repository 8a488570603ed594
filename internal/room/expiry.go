package room

import (
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// lastUntil ends the session with the token it came with. call.mu is held.
func (s *session) lastUntil(moment time.Time) {
	if !moment.IsZero() {
		s.expiry = time.AfterFunc(time.Until(moment), s.expire)
	}
}

// expired is asked at each message as well: timers stand still while a machine sleeps, and go on where they were.
func (s *session) expired(now time.Time) bool {
	if s.who.Expires.IsZero() || now.Before(s.who.Expires) {
		return false
	}
	s.expire()
	return true
}

func (s *session) expire() {
	s.end(wire.CodeTokenExpired, "the join token has expired; ask for a new link")
}

// EndToken ends the sessions that came with a token, and says how many there were.
func (s *Server) EndToken(id string) int {
	if id == "" { // of all who came without one
		return 0
	}
	var all []*session
	s.mu.Lock()
	for _, sess := range s.sessions {
		if sess.who.TokenID == id {
			all = append(all, sess)
		}
	}
	s.mu.Unlock()
	for _, sess := range all {
		sess.end(wire.CodeRemoved, "the join token was revoked")
	}
	return len(all)
}
