package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
)

type Period struct {
	From time.Time `query:"from" doc:"Sessions that began then or later."`
	To   time.Time `query:"to" doc:"Sessions that began before."`
}

func (a *api) sessions() {
	const tag = "Sessions"
	huma.Register(a.huma, operation(http.MethodGet, "/sessions", "list-sessions", tag, StatsRead, "List when rooms were occupied, without names", missing),
		func(ctx context.Context, in *Listing) (*answer[rest.Page[rest.Session]], error) {
			return bodied(a.sessionsOf(ctx, "", *in))
		})
	huma.Register(a.huma, operation(http.MethodGet, "/rooms/{room}/sessions", "list-room-sessions", tag, StatsRead, "List when a room was occupied, without names", missing),
		func(ctx context.Context, in *struct {
			Named
			Listing
		}) (*answer[rest.Page[rest.Session]], error) {
			r, err := a.Store.Room(ctx, in.Room)
			if err != nil {
				return nil, a.failed(err, "room")
			}
			return bodied(a.sessionsOf(ctx, r.ID, in.Listing))
		})
	type one struct {
		Session string `path:"session" maxLength:"64"`
	}
	huma.Register(a.huma, operation(http.MethodGet, "/sessions/{session}", "get-session", tag, StatsRead, "Get a session", missing),
		func(ctx context.Context, in *one) (*answer[rest.Session], error) {
			s, err := a.Store.Session(ctx, in.Session)
			if err != nil {
				return nil, a.failed(err, "session")
			}
			return bodied(a.shownSession(s), nil)
		})
	huma.Register(a.huma, operation(http.MethodPost, "/sessions/{session}/end", "end-session", tag, LiveWrite, "End a meeting for everybody", missing, nothing),
		func(_ context.Context, in *one) (*struct{}, error) {
			for _, r := range a.Rooms.Live() {
				if r.Call == in.Session {
					return nil, a.problem(a.Rooms.End(r.Slug))
				}
			}
			return nil, refuse(http.StatusNotFound, "this session has ended, or there was none")
		})
	huma.Register(a.huma, operation(http.MethodGet, "/statistics", "get-statistics", tag, StatsRead, "Sum up the sessions of all rooms"),
		func(ctx context.Context, in *Period) (*answer[rest.Statistics], error) {
			return bodied(a.statistics(ctx, "", *in))
		})
	huma.Register(a.huma, operation(http.MethodGet, "/rooms/{room}/statistics", "get-room-statistics", tag, StatsRead, "Sum up the sessions of a room", missing),
		func(ctx context.Context, in *struct {
			Named
			Period
		}) (*answer[rest.Statistics], error) {
			r, err := a.Store.Room(ctx, in.Room)
			if err != nil {
				return nil, a.failed(err, "room")
			}
			return bodied(a.statistics(ctx, r.ID, in.Period))
		})
}

func (a *api) sessionsOf(ctx context.Context, roomID string, l Listing) (rest.Page[rest.Session], error) {
	list, total, err := a.Store.Sessions(ctx, roomID, l.page())
	if err != nil {
		return rest.Page[rest.Session]{}, a.failed(err, "session to list after")
	}
	return rest.Page[rest.Session]{TotalCount: total, Data: each(list, a.shownSession)}, nil
}

func (a *api) statistics(ctx context.Context, roomID string, p Period) (rest.Statistics, error) {
	s, err := a.Store.Statistics(ctx, roomID, p.From, p.To)
	if err != nil {
		return rest.Statistics{}, a.failed(err, "room")
	}
	return rest.Statistics{Sessions: s.Sessions, PeakParticipants: s.Peak, TotalParticipants: s.Total, ParticipantSeconds: s.Seconds}, nil
}

func (a *api) shownSession(s store.Session) rest.Session {
	is := shownSession(s)
	is.Live = is.EndedAt == nil && slices.ContainsFunc(a.Rooms.Live(), func(r room.LiveRoom) bool { return r.Call == s.ID })
	return is
}

func shownSession(s store.Session) rest.Session {
	is := rest.Session{ID: s.ID, RoomID: s.RoomID, FriendlyURL: s.Slug, StartedAt: s.Began, PeakParticipants: s.Peak, TotalParticipants: s.Total,
		ParticipantSeconds: s.Seconds}
	if !s.Ended.IsZero() {
		is.EndedAt = &s.Ended
	}
	return is
}

// sessionOf is what an event says of its session.
func sessionOf(e room.Event, roomID string) store.Session {
	s := store.Session{ID: e.Call, RoomID: roomID, Slug: e.Slug, Began: e.Tally.Began.UTC(), Peak: e.Tally.Peak, Total: e.Tally.Total,
		Seconds: int64(e.Tally.Spent / time.Second)}
	if e.Kind == room.CallEnded {
		s.Ended = e.At.UTC()
	}
	return s
}
