package api

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
)

// waiting is how many events may wait for the disk. Rooms do not.
const waiting = 4096

// Recorder carries what happens in calls to the store, where sessions of rooms that somebody made are kept, and to the webhooks.
// [NewRecorder] makes one. Its Notice never waits: should the disk be so slow that thousands of events wait, further ones are dropped,
// and the log says so.
type Recorder struct {
	store  *store.Store
	hooks  Hooks
	log    *slog.Logger
	events chan room.Event
}

// NewRecorder makes one; it does nothing before Run.
func NewRecorder(s *store.Store, hooks Hooks, log *slog.Logger) *Recorder {
	return &Recorder{s, hooks, log, make(chan room.Event, waiting)}
}

// Notice takes an event, see [room.Config].
func (r *Recorder) Notice(e room.Event) {
	if e.Kind == room.ParticipantRemoved {
		return // they have left, and that is recorded
	}
	select {
	case r.events <- e:
	default:
		r.log.Error("an event is not recorded: the database is too slow", "event", e.Kind)
	}
}

// finish is how long what has happened already may take when the server stops.
const finish = 3 * time.Second

// Run records until ctx ends, and then what had happened by then.
func (r *Recorder) Run(ctx context.Context) {
	for {
		select {
		case e := <-r.events:
			r.record(context.WithoutCancel(ctx), e)
		case <-ctx.Done():
			rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), finish)
			defer cancel()
			for {
				select {
				case e := <-r.events:
					r.record(rest, e)
				default:
					return
				}
			}
		}
	}
}

func (r *Recorder) record(ctx context.Context, e room.Event) {
	main, _, breakout := strings.Cut(e.Slug, breakoutMark)
	made, err := r.store.Room(ctx, main)
	session := sessionOf(e, made.ID)
	if err == nil && !breakout && (e.Kind == room.CallBegan || e.Kind == room.CallEnded) {
		if err := r.store.PutSession(ctx, session); err != nil {
			r.log.Error("a session is not recorded", "error", err)
		}
	}
	hooks, err := r.store.Webhooks(ctx)
	if err != nil {
		r.log.Error("webhooks are not told", "error", err)
		return
	}
	event := told(e, session)
	for _, hook := range hooks {
		if hook.Disabled || len(hook.Events) > 0 && !slices.Contains(hook.Events, event.Type) {
			continue
		}
		if err := r.hooks.Send(ctx, hook, event); err != nil {
			r.log.Error("a webhook is not told", "error", err)
		}
	}
}

// told is what webhooks are told of it.
func told(e room.Event, session store.Session) rest.Event {
	event := rest.Event{Timestamp: e.At.UTC(), Data: rest.EventData{RoomID: session.RoomID, FriendlyURL: e.Slug, SessionID: e.Call}}
	who := shownParticipant(e.Participant, e.Slug, e.Call)
	switch e.Kind {
	case room.CallBegan:
		event.Type = rest.SessionStarted
	case room.CallEnded:
		event.Type = rest.SessionEnded
		ended := shownSession(session)
		event.Data.Session = &ended
	case room.ParticipantJoined:
		event.Type, event.Data.Participant = rest.ParticipantJoined, &who
	case room.ParticipantLeft:
		event.Type, event.Data.Participant = rest.ParticipantLeft, &who
	}
	return event
}
