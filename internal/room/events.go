package room

import (
	"encoding/hex"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// EventKind is what an [Event] tells.
type EventKind string

// The kinds. A call begins for those who hear of it with the first who joins, not with who only looks in.
const (
	CallBegan          EventKind = "call_began"
	CallEnded          EventKind = "call_ended"
	ParticipantJoined  EventKind = "participant_joined"
	ParticipantLeft    EventKind = "participant_left"
	ParticipantRemoved EventKind = "participant_removed" // by a moderator, after they had left by themselves: of those there is a ParticipantLeft already
)

// Leaving is why a participant left.
type Leaving string

// The reasons.
const (
	Left     Leaving = "left"     // on their own
	Removed  Leaving = "removed"  // by a moderator
	Expelled Leaving = "expelled" // by who controls the server: see [Server.Expel], [Server.EndToken]
	Replaced Leaving = "replaced" // by another session of the same device
	Expired  Leaving = "expired"  // with the token they came with
	Over     Leaving = "over"     // with everybody else: the meeting was ended, its time is over or the server stops
	Lost     Leaving = "lost"     // did not come back, was too slow or too fast
)

// leavings are the reasons by what clients are told. CodeRemoved is a moderator's doing if there is one, see [session.removedBy].
var leavings = map[wire.Code]Leaving{
	wire.CodeRemoved: Expelled, wire.CodeReplaced: Replaced, wire.CodeTokenExpired: Expired,
	wire.CodeCallEnded: Over, wire.CodeCalledBack: Over, wire.CodeTimeOver: Over, wire.CodeShuttingDown: Over,
}

// Event is something that happened in a call. [Config.Notice] gets them in their order, under locks: it must neither wait nor
// ask the [Server] anything.
type Event struct {
	Kind        EventKind
	At          time.Time
	Slug        string
	Call        string // id of the call, in hex
	Participant Participant
	Reason      Leaving // of ParticipantLeft
	By          string  // id of the [Participant] who did it, where that is a moderator; of ParticipantRemoved, too
	Tally       Tally   // of the call until now
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
		c.notice(Event{Kind: CallBegan, At: m.since})
	}
	c.notice(Event{Kind: ParticipantJoined, At: m.since, Participant: m.seen()})
}

func (c *call) went(m *member, why Leaving) {
	now := time.Now()
	c.tally.Spent += now.Sub(m.since)
	e := Event{Kind: ParticipantLeft, At: now, Participant: m.seen(), Reason: why}
	switch why {
	case Removed:
		e.By = m.sess.removedBy
	case Left:
		c.leftAlone(m)
	}
	c.notice(e)
}

// over is called when nobody is left.
func (c *call) over() {
	if c.tally.Total > 0 {
		c.notice(Event{Kind: CallEnded, At: time.Now()})
	}
}

func (c *call) notice(e Event) {
	e.Slug, e.Call, e.Tally = c.slug, hex.EncodeToString(c.callID[:]), c.tally
	c.server.cfg.Notice(e)
}
