package store

import (
	"context"
	"database/sql"
	"slices"
	"time"
)

// Values of [Room.Privacy].
const (
	Public  = "public"
	Private = "private" // for people with a join token
)

// Room is one that the operator made. Empty and zero fields say nothing: what holds for any room holds.
type Room struct {
	ID   string // made by [Store.CreateRoom]
	Slug string // unique; not of a breakout room

	Privacy         string
	Topic           string
	Description     string
	ExternalID      string // the caller's
	MaxParticipants int
	Roles           []string // that tokens for it may name; all if empty
	DefaultRole     string
	Locked          bool
	WaitingRoom     bool
	SessionLength   time.Duration
	Off             []string // features: "chat", "screenshare", ...

	Created, Updated time.Time
}

// Page is a part of a list, in the order in which things were made.
type Page struct {
	After  string // id of the last one seen; empty: from the beginning
	Limit  int    // 0: all
	Newest bool   // the newest first
}

const roomColumns = "id, slug, privacy, topic, description, external_id, max_participants, roles, default_role, locked, waiting_room, session_length, off, created, updated"

func readRoom(from row) (Room, error) {
	var r Room
	var roles, off string
	var length, created, updated int64
	if err := from.Scan(&r.ID, &r.Slug, &r.Privacy, &r.Topic, &r.Description, &r.ExternalID, &r.MaxParticipants, &roles, &r.DefaultRole,
		&r.Locked, &r.WaitingRoom, &length, &off, &created, &updated); err != nil {
		return Room{}, err
	}
	r.SessionLength = time.Duration(length) * time.Millisecond
	r.Created, r.Updated = fromMillis(created), fromMillis(updated)
	var err error
	if r.Roles, err = fromTexts(roles); err != nil {
		return Room{}, err
	}
	r.Off, err = fromTexts(off)
	return r, err
}

// CreateRoom keeps a room, and gives it with its id and times. [ErrConflict]: the slug is taken.
func (s *Store) CreateRoom(ctx context.Context, r Room) (Room, error) {
	r.ID, r.Created = newID(), now()
	r.Updated = r.Created
	if r.Privacy == "" {
		r.Privacy = Public
	}
	_, err := s.db.ExecContext(ctx, "INSERT INTO room ("+roomColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.ID, r.Slug, r.Privacy, r.Topic, r.Description, r.ExternalID, r.MaxParticipants, texts(r.Roles), r.DefaultRole,
		r.Locked, r.WaitingRoom, r.SessionLength.Milliseconds(), texts(r.Off), millis(r.Created), millis(r.Updated))
	if err != nil {
		return Room{}, known(err)
	}
	r.Roles, r.Off = slices.Clone(r.Roles), slices.Clone(r.Off)
	return r, nil
}

const oneRoom = "SELECT " + roomColumns + " FROM room WHERE id = ? OR slug = ?"

// Room finds one by its id or slug.
func (s *Store) Room(ctx context.Context, idOrSlug string) (Room, error) {
	r, err := readRoom(s.db.QueryRowContext(ctx, oneRoom, idOrSlug, idOrSlug))
	return r, known(err)
}

// Rooms lists a page of them; total is how many there are in all. [ErrNotFound]: there is none that the page could come after.
func (s *Store) Rooms(ctx context.Context, p Page) (rooms []Room, total int, err error) {
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM room").Scan(&total); err != nil {
		return nil, 0, known(err)
	}
	rooms, err = page(ctx, s, p, readRoom, roomColumns, "room", "")
	return rooms, total, err
}

// page reads a part of a table with id and seq.
func page[T any](ctx context.Context, s *Store, p Page, read func(row) (T, error), columns, table, where string, args ...any) ([]T, error) {
	query := "SELECT " + columns + " FROM " + table + " WHERE 1"
	if where != "" {
		query += " AND " + where
	}
	if p.After != "" {
		var seq int64
		if err := s.db.QueryRowContext(ctx, "SELECT seq FROM "+table+" WHERE id = ?", p.After).Scan(&seq); err != nil {
			return nil, known(err)
		}
		beyond := " AND seq > ?"
		if p.Newest {
			beyond = " AND seq < ?"
		}
		query, args = query+beyond, append(args, seq)
	}
	query += " ORDER BY seq"
	if p.Newest {
		query += " DESC"
	}
	if p.Limit > 0 {
		query, args = query+" LIMIT ?", append(args, p.Limit)
	}
	return list(ctx, s, read, query, args...)
}

// UpdateRoom changes a room, by its id or slug, as one step: what f is given is not changed by others until it is kept. An error
// of f changes nothing and is given back. It may not use the store.
func (s *Store) UpdateRoom(ctx context.Context, idOrSlug string, f func(*Room) error) (Room, error) {
	var r Room
	var refused error
	err := s.change(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		if r, err = readRoom(tx.QueryRowContext(ctx, oneRoom, idOrSlug, idOrSlug)); err != nil {
			return err
		}
		id, created := r.ID, r.Created
		if refused = f(&r); refused != nil {
			return refused
		}
		r.ID, r.Created, r.Updated = id, created, now()
		_, err = tx.ExecContext(ctx, "UPDATE room SET (slug, privacy, topic, description, external_id, max_participants, roles, default_role, locked, waiting_room, session_length, off, updated) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?",
			r.Slug, r.Privacy, r.Topic, r.Description, r.ExternalID, r.MaxParticipants, texts(r.Roles), r.DefaultRole,
			r.Locked, r.WaitingRoom, r.SessionLength.Milliseconds(), texts(r.Off), millis(r.Updated), r.ID)
		return err
	})
	switch {
	case refused != nil:
		return Room{}, refused
	case err != nil:
		return Room{}, err
	}
	return r, nil
}

// DeleteRoom forgets a room, by its id or slug. Its sessions stay listed until they are old.
func (s *Store) DeleteRoom(ctx context.Context, idOrSlug string) error {
	return s.changeOne(ctx, "DELETE FROM room WHERE id = ? OR slug = ?", idOrSlug, idOrSlug)
}
