package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/wire"
)

type Somebody struct {
	Named
	Participant string `path:"participant" maxLength:"64"`
}

func (a *api) live() {
	const tag = "Live"
	huma.Register(a.huma, operation(http.MethodGet, "/load", "get-load", tag, LiveRead, "How much is going on"),
		func(context.Context, *struct{}) (*answer[rest.Load], error) {
			load := rest.Load{Version: a.Version, Connections: a.Rooms.Stats().Sockets}
			for _, r := range a.Rooms.Live() {
				load.Rooms++
				load.Participants += r.Participants
			}
			return bodied(load, nil)
		})
	huma.Register(a.huma, operation(http.MethodGet, "/rooms/live", "list-live-rooms", tag, LiveRead, "List the rooms with somebody in them"),
		func(ctx context.Context, _ *struct{}) (*answer[rest.Page[rest.LiveRoom]], error) {
			list := each(a.Rooms.Live(), func(r room.LiveRoom) rest.LiveRoom { return a.shownLive(ctx, r) })
			return bodied(rest.Page[rest.LiveRoom]{TotalCount: len(list), Data: list}, nil)
		})
	huma.Register(a.huma, operation(http.MethodGet, "/rooms/live/participants", "list-live-participants", tag, LiveRead, "List who is in any room"),
		func(context.Context, *struct{}) (*answer[rest.Page[rest.Participant]], error) {
			list := []rest.Participant{}
			for _, r := range a.Rooms.Live() {
				list = append(list, a.there(r)...)
			}
			return bodied(rest.Page[rest.Participant]{TotalCount: len(list), Data: list}, nil)
		})
	huma.Register(a.huma, operation(http.MethodGet, "/rooms/{room}/live", "get-live-room", tag, LiveRead, "Get a room with somebody in it", missing),
		func(ctx context.Context, in *Named) (*answer[rest.LiveRoom], error) {
			r, err := a.liveRoom(ctx, in.Room)
			if err != nil {
				return nil, err
			}
			return bodied(a.shownLive(ctx, r), nil)
		})
	huma.Register(a.huma, operation(http.MethodGet, "/rooms/{room}/live/participants", "list-participants", tag, LiveRead, "List who is in a room", missing),
		func(ctx context.Context, in *Named) (*answer[rest.Page[rest.Participant]], error) {
			r, err := a.liveRoom(ctx, in.Room)
			if err != nil {
				return nil, err
			}
			list := a.there(r)
			return bodied(rest.Page[rest.Participant]{TotalCount: len(list), Data: list}, nil)
		})
	huma.Register(a.huma, operation(http.MethodDelete, "/rooms/{room}/live/participants/{participant}", "remove-participant", tag, LiveWrite,
		"Take somebody out of a room. They can come back, unless it is closed or locked.", missing),
		func(ctx context.Context, in *Somebody) (*struct{}, error) {
			slug, err := a.slug(ctx, in.Room)
			if err == nil {
				err = a.Rooms.Expel(slug, in.Participant)
			}
			return nil, a.problem(err)
		})
	huma.Register(a.huma, operation(http.MethodPost, "/rooms/{room}/live/participants/{participant}/mute", "mute-participant", tag, LiveWrite,
		"Ask somebody's client to switch microphone, camera or screen off. A client that somebody changed may not do it; nothing switches on.", missing, checked, nothing),
		func(ctx context.Context, in *struct {
			Somebody
			Body *rest.Mute
		}) (*struct{}, error) {
			source := string(wire.SourceMic)
			if in.Body != nil && in.Body.Source != "" {
				source = in.Body.Source
			}
			slug, err := a.slug(ctx, in.Room)
			if err == nil {
				err = a.Rooms.AskMute(slug, in.Participant, wire.Source(source))
			}
			return nil, a.problem(err)
		})
}

func (a *api) problem(err error) error {
	if err == nil {
		return nil
	}
	return a.failed(err, "room")
}

// slug of a room by its id or name. A room that nobody made has a name only.
func (a *api) slug(ctx context.Context, name string) (string, error) {
	r, err := a.Store.Room(ctx, name)
	switch {
	case err == nil:
		return r.Slug, nil
	case errors.Is(err, store.ErrNotFound) && wire.ValidSlug(name):
		return name, nil
	}
	return "", err
}

func (a *api) liveRoom(ctx context.Context, name string) (room.LiveRoom, error) {
	slug, err := a.slug(ctx, name)
	if err != nil {
		return room.LiveRoom{}, a.failed(err, "room")
	}
	all := a.Rooms.Live()
	i := slices.IndexFunc(all, func(r room.LiveRoom) bool { return r.Slug == slug })
	if i < 0 {
		return room.LiveRoom{}, a.failed(room.ErrNoCall, "")
	}
	return all[i], nil
}

func (a *api) shownLive(ctx context.Context, r room.LiveRoom) rest.LiveRoom {
	made, err := a.Store.Room(ctx, r.Slug)
	if err != nil {
		made.ID = "" // nobody made it
	}
	return rest.LiveRoom{RoomID: made.ID, FriendlyURL: r.Slug, SessionID: r.Call, StartedAt: r.Began.UTC(), Participants: r.Participants,
		Waiting: r.Waiting, IsLocked: r.WaitingRoom, IsClosed: r.Locked}
}

func (a *api) there(r room.LiveRoom) []rest.Participant {
	return each(a.Rooms.Participants(r.Slug), func(p room.Participant) rest.Participant { return shownParticipant(p, r.Slug, r.Call) })
}

func shownParticipant(p room.Participant, slug, call string) rest.Participant {
	return rest.Participant{ID: p.ID, FriendlyURL: slug, SessionID: call, ExternalID: p.ExternalID, ExternalDevice: p.ExternalDevice, Role: string(p.Role),
		JoinedAt: p.Since.UTC(), Away: p.Away, E2EE: true}
}
