package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"
)

// both runs a test with a file and in memory.
func both(t *testing.T, run func(t *testing.T, s *Store)) {
	t.Run("file", func(t *testing.T) { run(t, openAt(t, filepath.Join(t.TempDir(), "a folder", FileName))) })
	t.Run("memory", func(t *testing.T) {
		s, err := Memory(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		run(t, s)
	})
}

func openAt(t *testing.T, path string) *Store {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestRooms(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		full := Room{Slug: "blue-harbour", Privacy: Private, Topic: "Übersicht", Description: "d", ExternalID: "x-1", MaxParticipants: 12, Roles: []string{"moderator", "viewer"},
			DefaultRole: "viewer", Locked: true, WaitingRoom: true, SessionLength: 90 * time.Minute, Off: []string{"chat", "polls"}}
		made := must(s.CreateRoom(ctx, full))(t)
		if made.ID == "" || made.Created.IsZero() || made.Updated != made.Created {
			t.Errorf("%+v", made)
		}
		full.ID, full.Created, full.Updated = made.ID, made.Created, made.Updated
		for _, name := range []string{made.ID, made.Slug} {
			if got := must(s.Room(ctx, name))(t); !reflect.DeepEqual(got, full) {
				t.Errorf("%s\n%+v\n%+v", name, got, full)
			}
		}
		if _, err := s.CreateRoom(ctx, Room{Slug: "blue-harbour"}); !errors.Is(err, ErrConflict) {
			t.Errorf("a second one: %v", err)
		}
		changed := must(s.UpdateRoom(ctx, "blue-harbour", func(r *Room) error {
			r.ID, r.Topic, r.Off, r.Locked = "another", "later", nil, false
			return nil
		}))(t)
		if got := must(s.Room(ctx, made.ID))(t); !reflect.DeepEqual(got, changed) || got.Topic != "later" || got.Off != nil || got.Locked || got.DefaultRole != "viewer" {
			t.Errorf("%+v\n%+v", got, changed)
		}
		refusal := errors.New("no")
		if _, err := s.UpdateRoom(ctx, made.ID, func(r *Room) error { r.Topic = "never"; return refusal }); err != refusal {
			t.Error(err)
		}
		other := must(s.CreateRoom(ctx, Room{Slug: "red-harbour"}))(t)
		if other.Privacy != Public {
			t.Errorf("%+v", other)
		}
		if _, err := s.UpdateRoom(ctx, other.ID, func(r *Room) error { r.Slug = "blue-harbour"; return nil }); !errors.Is(err, ErrConflict) {
			t.Errorf("a slug of another: %v", err)
		}
		if got := must(s.Room(ctx, made.ID))(t); got.Topic != "later" {
			t.Errorf("%+v", got)
		}
		if err := s.DeleteRoom(ctx, "blue-harbour"); err != nil {
			t.Error(err)
		}
		_, missing := s.Room(ctx, made.ID)
		_, unchanged := s.UpdateRoom(ctx, made.ID, func(*Room) error { return nil })
		for _, err := range []error{missing, unchanged, s.DeleteRoom(ctx, made.ID)} {
			if !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		}
	})
}

func TestPages(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		for _, slug := range []string{"one", "two", "three", "four"} {
			must(s.CreateRoom(t.Context(), Room{Slug: slug}))(t)
		}
		two := must(s.Room(t.Context(), "two"))(t)
		for _, c := range []struct {
			page Page
			want []string
		}{
			{Page{}, []string{"one", "two", "three", "four"}},
			{Page{Limit: 2}, []string{"one", "two"}},
			{Page{Limit: 1, After: two.ID}, []string{"three"}},
			{Page{Limit: 3, Newest: true}, []string{"four", "three", "two"}},
			{Page{After: two.ID, Newest: true}, []string{"one"}},
		} {
			rooms, total, err := s.Rooms(t.Context(), c.page)
			var slugs []string
			for _, r := range rooms {
				slugs = append(slugs, r.Slug)
			}
			if err != nil || total != 4 || !slices.Equal(slugs, c.want) {
				t.Errorf("%+v: %v %d %v", c.page, slugs, total, err)
			}
		}
		if _, _, err := s.Rooms(t.Context(), Page{After: "nobody"}); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestSessions(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		began := now().Add(-time.Hour)
		is := Session{ID: "c1", RoomID: "R", Slug: "blue-harbour", Began: began}
		put := func(is Session) {
			t.Helper()
			if err := s.PutSession(ctx, is); err != nil {
				t.Fatal(err)
			}
		}
		put(is)
		is.Ended, is.Peak, is.Total, is.Seconds = began.Add(time.Minute), 3, 4, 170
		put(is)
		put(Session{ID: "c2", RoomID: "R", Slug: "blue-harbour", Began: began.Add(30 * time.Minute), Peak: 7, Total: 7, Seconds: 30})
		put(Session{ID: "c3", RoomID: "Q", Slug: "red-harbour", Began: began})
		put(Session{ID: "old", RoomID: "R", Slug: "blue-harbour", Began: began.Add(-keepSessions)})
		put(Session{ID: "c3", RoomID: "Q", Slug: "red-harbour", Began: began})
		if got := must(s.Session(ctx, "c1"))(t); got != is {
			t.Errorf("%+v", got)
		}
		list, total, err := s.Sessions(ctx, "R", Page{Newest: true})
		if err != nil || total != 2 || len(list) != 2 || list[0].ID != "c2" || list[1] != is {
			t.Errorf("%v %d %v", list, total, err)
		}
		for _, c := range []struct {
			room     string
			from, to time.Time
			want     Statistics
		}{
			{"R", time.Time{}, time.Time{}, Statistics{2, 11, 7, 200}},
			{"", time.Time{}, time.Time{}, Statistics{3, 11, 7, 200}},
			{"R", time.Time{}, began.Add(time.Minute), Statistics{1, 4, 3, 170}},
			{"R", began.Add(time.Minute), time.Time{}, Statistics{1, 7, 7, 30}},
			{"none", time.Time{}, time.Time{}, Statistics{}},
		} {
			if got := must(s.Statistics(ctx, c.room, c.from, c.to))(t); got != c.want {
				t.Errorf("%+v: %+v", c, got)
			}
		}
	})
}

func TestAccess(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		key := must(s.CreateAPIKey(ctx, APIKey{Name: "ci", Hash: []byte{0, 1}, Scopes: []string{"rooms"}, Expires: now().Add(time.Hour)}))(t)
		used := now().Add(time.Minute)
		for _, at := range []time.Time{used, used.Add(-time.Second)} {
			if err := s.UsedAPIKey(ctx, key.ID, at); err != nil {
				t.Error(err)
			}
		}
		key.LastUsed = used
		if got := must(s.APIKey(ctx, key.ID))(t); !reflect.DeepEqual(got, key) {
			t.Errorf("%+v\n%+v", got, key)
		}
		if all := must(s.APIKeys(ctx))(t); len(all) != 1 || !reflect.DeepEqual(all[0], key) {
			t.Errorf("%+v", all)
		}
		if _, err := s.CreateAPIKey(ctx, APIKey{ID: key.ID, Hash: []byte{1}}); !errors.Is(err, ErrConflict) {
			t.Error(err)
		}
		if err := errors.Join(s.DeleteAPIKey(ctx, key.ID)); err != nil {
			t.Error(err)
		}
		if _, err := s.APIKey(ctx, key.ID); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}

		for _, token := range []RevokedToken{{"expired", now().Add(-keepRevoked - time.Minute)}, {"ended", now().Add(-time.Minute)}, {"forever", time.Time{}}, {"later", now().Add(time.Hour)}, {"later", now().Add(time.Hour)}} {
			if err := s.RevokeToken(ctx, token); err != nil {
				t.Error(err)
			}
		}
		for id, want := range map[string]bool{"expired": false, "ended": true, "forever": true, "later": true, "other": false} {
			if got := must(s.Revoked(ctx, id))(t); got != want {
				t.Errorf("%s: %v", id, got)
			}
		}
		if list := must(s.RevokedTokens(ctx))(t); len(list) != 2 || list[0].ID != "forever" || list[1].Expires.IsZero() {
			t.Errorf("%+v", list)
		}
	})
}

func TestWebhooks(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		hook := must(s.CreateWebhook(ctx, Webhook{URL: "https://example.org", Secret: "s", Events: []string{"session.began"}}))(t)
		if got := must(s.Webhook(ctx, hook.ID))(t); !reflect.DeepEqual(got, hook) {
			t.Errorf("%+v\n%+v", got, hook)
		}
		at := now()
		first := must(s.AddDelivery(ctx, Delivery{WebhookID: hook.ID, Event: "session.began", Body: []byte("{}"), Next: at}))(t)
		second := must(s.AddDelivery(ctx, Delivery{ID: "twice", WebhookID: hook.ID, Next: at.Add(time.Second), Body: []byte{}}))(t)
		if _, err := s.AddDelivery(ctx, Delivery{WebhookID: "gone", Body: []byte{}}); !errors.Is(err, ErrNotFound) {
			t.Errorf("for no webhook: %v", err)
		}
		if _, err := s.AddDelivery(ctx, second); !errors.Is(err, ErrConflict) {
			t.Errorf("twice: %v", err)
		}
		if due := must(s.Due(ctx, at, 10))(t); len(due) != 1 || !reflect.DeepEqual(due[0], first) {
			t.Errorf("%+v\n%+v", due, first)
		}
		if err := s.Retry(ctx, first.ID, at.Add(time.Minute), "500"); err != nil {
			t.Error(err)
		}
		if next := must(s.NextDue(ctx))(t); !next.Equal(at.Add(time.Second)) {
			t.Error(next)
		}
		if err := s.EndDelivery(ctx, second.ID); err != nil {
			t.Error(err)
		}
		if waiting := must(s.Deliveries(ctx, hook.ID, Page{}))(t); len(waiting) != 1 || waiting[0].Tries != 1 || waiting[0].Problem != "500" {
			t.Errorf("%+v", waiting)
		}
		must(s.UpdateWebhook(ctx, hook.ID, func(w *Webhook) error { w.Disabled = true; return nil }))(t)
		if due := must(s.Due(ctx, at.Add(time.Hour), 10))(t); len(due) != 0 || !must(s.NextDue(ctx))(t).IsZero() {
			t.Errorf("%+v", due)
		}
		if err := s.DeleteWebhook(ctx, hook.ID); err != nil {
			t.Error(err)
		}
		if err := s.EndDelivery(ctx, first.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("it outlived its webhook: %v", err)
		}
		if all := must(s.Webhooks(ctx))(t); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}

func TestSecret(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for range 2 {
			n := byte(0)
			if got := must(s.Secret(ctx, "secret", func() []byte { n++; return []byte{1, n} }))(t); !slices.Equal(got, []byte{1, 1}) {
				t.Errorf("%v", got)
			}
		}
	})
}

// Two processes, or the calls of one, change the same things at a time.
func TestManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	stores := []*Store{openAt(t, path), openAt(t, path)}
	must(stores[0].CreateRoom(t.Context(), Room{Slug: "blue-harbour"}))(t)
	const each = 20
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for range each {
				if _, err := stores[i%2].UpdateRoom(t.Context(), "blue-harbour", func(r *Room) error { r.MaxParticipants++; return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := must(stores[0].Room(t.Context(), "blue-harbour"))(t); got.MaxParticipants != 4*each {
		t.Errorf("%d", got.MaxParticipants)
	}
}

// Who gives up waiting takes nothing from the others, nor a database in memory with them.
func TestGivenUp(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		must(s.CreateRoom(t.Context(), Room{Slug: "blue-harbour"}))(t)
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			_, _ = s.UpdateRoom(ctx, "blue-harbour", func(*Room) error { <-ctx.Done(); return nil })
		}
		if _, err := s.Room(t.Context(), "blue-harbour"); err != nil {
			t.Error(err)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
