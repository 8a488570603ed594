package room

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Terms are what who runs the server laid down for a room. The zero value is a room like any other. They hold for its breakout rooms, too,
// but that nobody knocks there. What changes holds for those who come after the change, and Locked, Waiting and Length for the next call.
type Terms struct {
	Made         bool // the room was made by who runs the server: it is admitted to whatever [Config.Rooms] names
	Participants int  // at a time; the server's limit if 0 or above that
	Locked       bool // as the call begins: for moderators only
	Waiting      bool // as the call begins: who comes has to knock

	// DefaultRole is that of everybody whom nobody vouched for as something else. Where there is one, nobody becomes moderator by
	// being first or staying longest.
	DefaultRole wire.Role

	Length    time.Duration // of a call, from the first join; no end if 0
	Off       []wire.Feature
	TokenOnly bool
}

// off says whether a feature is switched off. Of most the server sees nothing: only clients see to those.
func (t *Terms) off(f wire.Feature) bool { return slices.Contains(t.Off, f) }

// admits looks up a room's terms, and who somebody is.
func (s *Server) admits(ctx context.Context, token, slug string) (Terms, Identity, *wire.Error) {
	main := mainRoom(slug)
	terms, err := s.cfg.Terms(ctx, main)
	if err != nil {
		e, ok := errors.AsType[*wire.Error](err)
		if !ok {
			s.cfg.Log.Error("a room cannot be looked up", "err", err)
			e = &wire.Error{Code: wire.CodeInternal, Message: "this server cannot look up the room", Hint: "try again; whoever runs the server finds the reason in its log"}
		}
		return Terms{}, Identity{}, refusal(e)
	}
	if !terms.Made && len(s.cfg.Rooms) > 0 && !slices.Contains(s.cfg.Rooms, main) {
		return Terms{}, Identity{}, UnknownRoom()
	}
	if main != slug && terms.off(wire.FeatureBreakoutRooms) {
		return Terms{}, Identity{}, &wire.Error{Code: wire.CodeNotAllowed, Message: "this meeting has no breakout rooms", Hint: "join the meeting itself"}
	}
	who, err := s.cfg.Auth.Admit(ctx, token, main)
	if err != nil {
		return Terms{}, Identity{}, refusal(err)
	}
	if terms.TokenOnly && who.TokenID == "" {
		return Terms{}, Identity{}, TokenNeeded()
	}
	return terms, who, nil
}

// UnknownRoom refuses a room that this server does not have.
func UnknownRoom() *wire.Error {
	return &wire.Error{Code: wire.CodeUnknownRoom, Message: "there is no such room on this server", Hint: "check the link, or ask whoever made the room"}
}

// begins says whether a call begins locked, and with a waiting room.
func (c *call) begins() (locked, waiting bool) {
	if mainRoom(c.slug) != c.slug {
		return false, false
	}
	return c.terms.Locked, c.terms.Waiting
}

// limit is how many there may be; the call's lock is held, as in what follows.
func (c *call) limit() int {
	if most := c.terms.Participants; most > 0 {
		return min(most, c.server.cfg.Participants)
	}
	return c.server.cfg.Participants
}

// count begins the time that a call may take.
func (c *call) count() {
	if c.length > 0 && c.end == nil {
		c.end = time.AfterFunc(c.length, func() {
			c.mu.Lock()
			c.timeOver = true
			c.mu.Unlock()
			for _, of := range append(c.breakouts(), c) {
				of.endFor(wire.CodeTimeOver, "the time of this meeting is over")
			}
		})
	}
}

// late refuses those who come while the others leave. What comes after is another call.
func (c *call) late() *wire.Error {
	if !c.timeOver {
		return nil
	}
	return &wire.Error{Code: wire.CodeTimeOver, Message: "the time of this meeting is over", Hint: "try again when everybody has left"}
}

func (c *call) stopCount() {
	if c.end != nil {
		c.end.Stop()
	}
}

// left is how long the call may still take, in whole seconds; 0: there is no end.
func (c *call) left() int {
	if c.end == nil {
		return 0
	}
	return max(1, int(math.Ceil((c.length - time.Since(c.tally.Began)).Seconds())))
}

// endFor ends the sessions of everybody, those who wait too. The lock is not held. What comes after it is another call.
func (c *call) endFor(code wire.Code, text string) {
	for _, sess := range c.everybody() {
		sess.end(code, text)
	}
}

// mayPublish refuses what the room's terms do not have. A client that names a wrong source gets past: it is sealed what a track shows.
func (c *call) mayPublish(tracks []wire.Publication, fail failure) wire.ServerMessage {
	screen := func(p wire.Publication) bool {
		return p.Source == wire.SourceScreen || p.Source == wire.SourceScreenAudio
	}
	if c.terms.off(wire.FeatureScreenshare) && slices.ContainsFunc(tracks, screen) {
		return fail(wire.CodeNotAllowed, "sharing a screen is switched off in this room", "")
	}
	return nil
}
