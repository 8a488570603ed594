package room

import (
	"encoding/hex"
	"time"
)

// EventKind is what an [Event] tells.
type EventKind string

// The kinds. A call begins for those who hear of it with the first who joins, not with who only looks in.
const (
	CallBegan         EventKind = "call_began"
	CallEnded         EventKind = "call_ended"
	ParticipantJoined EventKind = "participant_joined"
	ParticipantLeft   EventKind = "participant_left"
)

// Event is something that happened in a call. [Config.Notice] gets them in their order, under locks: it must neither wait nor
// ask the [Server] anything.
type Event struct {
	Kind        EventKind
	At          time.Time
	Slug        string
	Call        string // id of the call, in hex
	Participant Participant
	Tally       Tally // of the call until now
}

// Tally is what a call was, without names.
type Tally struct {
	Began time.Time
	Peak  int           // most participants at a time
	Total int           // joins
	Spent time.Duration // of all participants together, those who have left
}

func (c *call) came(m *member) {
	m.since = time.Now()
	began := c.tally.Total == 0
	if began {
		c.tally.Began = m.since
	}
	c.tally.Total++
	c.tally.Peak = max(c.tally.Peak, len(c.members))
	if began {
		c.notice(CallBegan, m.since, Participant{})
	}
	c.notice(ParticipantJoined, m.since, m.seen())
}

func (c *call) went(m *member) {
	now := time.Now()
	c.tally.Spent += now.Sub(m.since)
	c.notice(ParticipantLeft, now, m.seen())
}

// over is called when nobody is left.
func (c *call) over() {
	if c.tally.Total > 0 {
		c.notice(CallEnded, time.Now(), Participant{})
	}
}

func (c *call) notice(kind EventKind, at time.Time, who Participant) {
	c.server.cfg.Notice(Event{Kind: kind, At: at, Slug: c.slug, Call: hex.EncodeToString(c.callID[:]), Participant: who, Tally: c.tally})
}
