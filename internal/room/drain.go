package room

import (
	"context"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Drain lets no call begin, and waits for those that are there to end, or for ctx. People are told of its deadline, join and leave as before, and
// come back after a lost line. What is left then is for [Server.Shutdown].
func (s *Server) Drain(ctx context.Context) {
	s.mu.Lock()
	if s.drained == nil {
		s.drained = make(chan struct{})
		s.settleDrain()
		if end, ok := ctx.Deadline(); ok {
			s.stops.Store(end.UnixNano())
		}
		for _, c := range s.calls {
			c.mu.Lock()
			for _, m := range c.members {
				c.tellOfStop(m)
			}
			c.mu.Unlock()
		}
	}
	drained := s.drained
	s.mu.Unlock()
	select {
	case <-drained:
	case <-ctx.Done():
	}
}

// tellOfStop tells a member, if the server drains, until when. The call's lock is held.
func (c *call) tellOfStop(m *member) {
	if end := c.server.stops.Load(); end != 0 {
		left := max(0, time.Until(time.Unix(0, end)))
		m.sess.push(&wire.Stopping{Seconds: int(left / time.Second)})
	}
}

// Draining says whether no call may begin.
func (s *Server) Draining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drained != nil || s.closing
}

// settleDrain notes that the last call is over. Server.mu is held, as in goesOn.
func (s *Server) settleDrain() {
	if s.drained == nil || len(s.calls) > 0 {
		return
	}
	select {
	case <-s.drained: // somebody was let in when a call was ending
	default:
		close(s.drained)
	}
}

// goesOn says whether a room belongs to a meeting that is going on: people move between it and its breakout rooms.
func (s *Server) goesOn(slug string) bool {
	for other := range s.calls {
		if mainRoom(other) == mainRoom(slug) {
			return true
		}
	}
	return false
}
