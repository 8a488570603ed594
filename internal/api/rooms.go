package api

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
)

// roles of a room that names none.
var roles = []string{"owner", "moderator", "participant", "viewer"}

// breakoutMark stands in the names of breakout rooms, behind that of the room they belong to.
const breakoutMark = "--"

// liveName is what /rooms/live means: no room of ours is called so.
const liveName = "live"

// Named and what follows are exported only since huma sees no other embedded types.
type Named struct {
	Room string `path:"room" maxLength:"64" doc:"Its id or its friendly_url."`
	host string // by which the caller reached us
}

// Resolve notes how we were called, for links.
func (n *Named) Resolve(ctx huma.Context) []error {
	n.host = origin(ctx)
	return nil
}

type Called struct{ host string }

func (c *Called) Resolve(ctx huma.Context) []error {
	c.host = origin(ctx)
	return nil
}

func origin(ctx huma.Context) string {
	scheme := "http://"
	if ctx.TLS() != nil || ctx.Header("X-Forwarded-Proto") == "https" { // who sends that wrongly is misled alone
		scheme = "https://"
	}
	return scheme + ctx.Host()
}

func (a *api) rooms() {
	const tag = "Rooms"
	huma.Register(a.huma, operation(http.MethodGet, "/rooms", "list-rooms", tag, RoomsRead, "List rooms", missing),
		func(ctx context.Context, in *struct {
			Listing
			Called
		}) (*answer[rest.Page[rest.Room]], error) {
			list, total, err := a.Store.Rooms(ctx, in.page())
			if err != nil {
				return nil, a.failed(err, "room to list after")
			}
			return bodied(rest.Page[rest.Room]{TotalCount: total, Data: each(list, func(r store.Room) rest.Room { return a.shown(r, in.host) })}, nil)
		})
	huma.Register(a.huma, operation(http.MethodPost, "/rooms", "create-room", tag, RoomsWrite, "Make a room", created, clashing, checked),
		func(ctx context.Context, in *struct {
			Called
			Body rest.RoomSettings
		}) (*answer[rest.Room], error) {
			var r store.Room
			if err := change(&r, in.Body); err != nil {
				return nil, err
			}
			if r.Slug == "" {
				r.Slug = drawnName()
			}
			r, err := a.Store.CreateRoom(ctx, r)
			if err != nil {
				return nil, a.failed(err, "room")
			}
			return bodied(a.shown(r, in.host), nil)
		})
	huma.Register(a.huma, operation(http.MethodGet, "/rooms/{room}", "get-room", tag, RoomsRead, "Get a room", missing),
		func(ctx context.Context, in *Named) (*answer[rest.Room], error) {
			r, err := a.Store.Room(ctx, in.Room)
			if err != nil {
				return nil, a.failed(err, "room")
			}
			return bodied(a.shown(r, in.host), nil)
		})
	huma.Register(a.huma, operation(http.MethodPatch, "/rooms/{room}", "update-room", tag, RoomsWrite, "Change a room", missing, clashing, checked),
		func(ctx context.Context, in *struct {
			Named
			Body rest.RoomSettings
		}) (*answer[rest.Room], error) {
			r, err := a.Store.UpdateRoom(ctx, in.Room, func(r *store.Room) error { return change(r, in.Body) })
			if err != nil {
				return nil, a.failed(err, "room")
			}
			if err := a.Rooms.SetRoom(r.Slug, in.Body.IsClosed, in.Body.IsLocked); err != nil && !errors.Is(err, room.ErrNoCall) {
				return nil, a.failed(err, "room")
			}
			return bodied(a.shown(r, in.host), nil)
		})
	huma.Register(a.huma, operation(http.MethodDelete, "/rooms/{room}", "delete-room", tag, RoomsWrite, "Forget a room", missing),
		func(ctx context.Context, in *Named) (*struct{}, error) {
			if err := a.Store.DeleteRoom(ctx, in.Room); err != nil {
				return nil, a.failed(err, "room")
			}
			return nil, nil
		})
	huma.Register(a.huma, operation(http.MethodGet, "/roles", "list-roles", tag, RoomsRead, "List the roles that there are, the highest first"),
		func(context.Context, *struct{}) (*answer[rest.Page[string]], error) {
			return bodied(rest.Page[string]{TotalCount: len(roles), Data: roles}, nil)
		})
}

// drawnName is of a room that nobody named: 50 bits, so that nobody comes upon it.
func drawnName() string {
	text := strings.ToLower(rand.Text())
	return text[:3] + "-" + text[3:7] + "-" + text[7:10]
}

// change does to a room what is set.
func change(r *store.Room, s rest.RoomSettings) error {
	if s.E2EE != nil && !*s.E2EE {
		return wrong(http.StatusUnprocessableEntity, "body.e2ee_enabled", "meetings are always end-to-end encrypted: there is no code that sends media in the clear; leave it out, or true")
	}
	if s.Transcription != nil && *s.Transcription {
		return wrong(http.StatusUnprocessableEntity, "body.transcription_enabled", "the server has nothing but sealed sound: it cannot write down what is said; captions_enabled lets people do so on their own devices")
	}
	set(&r.Privacy, s.Privacy)
	set(&r.Slug, s.FriendlyURL)
	set(&r.Topic, s.Topic)
	set(&r.Description, s.Description)
	set(&r.ExternalID, s.ExternalID)
	set(&r.MaxParticipants, s.MaxParticipants)
	set(&r.Roles, s.Roles)
	set(&r.DefaultRole, s.DefaultRole)
	set(&r.WaitingRoom, s.IsLocked)
	set(&r.Locked, s.IsClosed)
	if s.SessionLength != nil {
		r.SessionLength = time.Duration(*s.SessionLength) * time.Minute
	}
	switch {
	case r.Slug == liveName:
		return wrong(http.StatusUnprocessableEntity, "body.friendly_url", "rooms/live lists what is live; choose another name")
	case strings.Contains(r.Slug, breakoutMark):
		return wrong(http.StatusUnprocessableEntity, "body.friendly_url", "-- stands in the names of breakout rooms; use single hyphens")
	case r.DefaultRole != "" && len(r.Roles) > 0 && !slices.Contains(r.Roles, r.DefaultRole):
		return wrong(http.StatusUnprocessableEntity, "body.default_role", "it is not one of the room's roles: "+strings.Join(r.Roles, ", "))
	}
	slices.SortFunc(r.Roles, func(x, y string) int { return slices.Index(roles, x) - slices.Index(roles, y) })
	r.Roles = slices.Compact(r.Roles)
	eachFeature(&s.FeatureSettings, func(name string, v reflect.Value) {
		if v.IsNil() {
			return
		}
		r.Off = slices.DeleteFunc(r.Off, func(off string) bool { return off == name })
		if !v.Elem().Bool() {
			r.Off = append(r.Off, name)
		}
	})
	return nil
}

func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// shown is a room as the API tells it.
func (a *api) shown(r store.Room, host string) rest.Room {
	is := rest.Room{ID: r.ID, Link: a.link(host, &r), Privacy: r.Privacy, FriendlyURL: r.Slug, Topic: r.Topic, Description: r.Description,
		ExternalID: r.ExternalID, MaxParticipants: r.MaxParticipants, Roles: r.Roles, DefaultRole: r.DefaultRole, IsLocked: r.WaitingRoom,
		IsClosed: r.Locked, SessionLength: int(r.SessionLength / time.Minute), CreatedAt: r.Created, UpdatedAt: r.Updated}
	if len(is.Roles) == 0 {
		is.Roles = roles
	}
	is.E2EE = true
	eachFeature(&is.Features, func(name string, v reflect.Value) { v.SetBool(!slices.Contains(r.Off, name)) })
	return is
}

// link is a room's, without its secret.
func (a *api) link(host string, r *store.Room) string {
	if a.Public != "" {
		host = a.Public
	}
	link := host + "/r/" + r.Slug
	if slices.Contains(r.Off, joinScreen) {
		link += "?lobby=off" // see web/src/ui/lobby/direct.ts
	}
	return link
}

// joinScreen is the one feature that pages cannot hear of in time from the server: it stands in the link.
const joinScreen = "join_screen"

// eachFeature gives the fields of a struct that stand for features.
func eachFeature(in any, f func(name string, field reflect.Value)) {
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("feature"); name != "" {
			f(name, v.Field(i))
		}
	}
}

func each[A, B any](list []A, f func(A) B) []B {
	all := make([]B, len(list))
	for i := range list {
		all[i] = f(list[i])
	}
	return all
}
