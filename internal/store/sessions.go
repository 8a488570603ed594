package store

import (
	"context"
	"database/sql"
	"time"
)

// keepSessions is how long it is known that a room was occupied.
const keepSessions = 366 * 24 * time.Hour

// Session is a period in which a room of the operator's was occupied. Nobody is named.
type Session struct {
	ID           string // of the call
	RoomID, Slug string

	Began, Ended time.Time // not ended: still on, or the server was killed
	Peak, Total  int       // devices at once, and in all
	Seconds      int64     // of all devices together
}

const sessionColumns = "id, room_id, slug, began, ended, peak, total, seconds"

func readSession(from row) (Session, error) {
	var s Session
	var began, ended int64
	if err := from.Scan(&s.ID, &s.RoomID, &s.Slug, &began, &ended, &s.Peak, &s.Total, &s.Seconds); err != nil {
		return Session{}, err
	}
	s.Began, s.Ended = fromMillis(began), fromMillis(ended)
	return s, nil
}

// PutSession keeps a session as it stands now, and forgets those that are old.
func (s *Store) PutSession(ctx context.Context, is Session) error {
	return s.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM session WHERE began < ?", millis(now().Add(-keepSessions))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO session ("+sessionColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?) "+
			"ON CONFLICT (id) DO UPDATE SET (ended, peak, total, seconds) = (excluded.ended, excluded.peak, excluded.total, excluded.seconds)",
			is.ID, is.RoomID, is.Slug, millis(is.Began), millis(is.Ended), is.Peak, is.Total, is.Seconds)
		return err
	})
}

// Session finds one by its id.
func (s *Store) Session(ctx context.Context, id string) (Session, error) {
	is, err := readSession(s.db.QueryRowContext(ctx, "SELECT "+sessionColumns+" FROM session WHERE id = ?", id))
	return is, known(err)
}

// Sessions lists those of a room by its id, or of all; total is how many there are.
func (s *Store) Sessions(ctx context.Context, roomID string, p Page) (sessions []Session, total int, err error) {
	const of = "(? = '' OR room_id = ?)"
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM session WHERE "+of, roomID, roomID).Scan(&total); err != nil {
		return nil, 0, known(err)
	}
	sessions, err = page(ctx, s, p, readSession, sessionColumns, "session", of, roomID, roomID)
	return sessions, total, err
}

// Statistics sum up sessions.
type Statistics struct {
	Sessions, Total, Peak int // Peak is the largest session's
	Seconds               int64
}

// Statistics of a room by its id, or of all, from sessions that began in a period; zero times bound nothing.
func (s *Store) Statistics(ctx context.Context, roomID string, from, to time.Time) (Statistics, error) {
	var is Statistics
	err := s.db.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(total), 0), coalesce(max(peak), 0), coalesce(sum(seconds), 0) FROM session "+
		"WHERE (? = '' OR room_id = ?) AND began >= ? AND (? = 0 OR began < ?)", roomID, roomID, millis(from), millis(to), millis(to)).
		Scan(&is.Sessions, &is.Total, &is.Peak, &is.Seconds)
	return is, known(err)
}
