package room

import (
	"maps"
	"sync"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Stats is a snapshot of what a server has, and of what it ended since it was made.
type Stats struct {
	Calls, Sessions, Sockets int
	Ended                    map[wire.Code]uint64 // sessions, by what their clients were told: slow_consumer are those that did not read
	Expired                  uint64               // sessions whose clients did not come back
	Refused                  map[wire.Code]uint64 // who was not let in, and requests that came too fast, by what they were told
}

// endings are sessions that did not leave by themselves.
type endings struct {
	mu      sync.Mutex
	by      map[wire.Code]uint64
	expired uint64
	refused map[wire.Code]uint64
}

func (e *endings) note(why wire.Code) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.by == nil {
		e.by = map[wire.Code]uint64{}
	}
	e.by[why]++
}

func (e *endings) noteRefused(why wire.Code) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refused == nil {
		e.refused = map[wire.Code]uint64{}
	}
	e.refused[why]++
}

func (e *endings) noteExpired() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.expired++
}

// Stats says how it is now.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	now := Stats{Calls: len(s.calls), Sessions: len(s.sessions), Sockets: len(s.open)}
	s.mu.Unlock()
	s.endings.mu.Lock()
	defer s.endings.mu.Unlock()
	now.Ended, now.Expired, now.Refused = maps.Clone(s.endings.by), s.endings.expired, maps.Clone(s.endings.refused)
	return now
}
