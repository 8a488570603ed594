package store

import (
	"context"
	"database/sql"
	"fmt"
)

// application marks our files (PRAGMA application_id): "GROT".
const application = 0x47524f54

// migrations are the steps to the schema of today; PRAGMA user_version says how many were taken. A step that was released is never
// changed: a new one is added.
var migrations = []string{`
CREATE TABLE room (
	seq              INTEGER PRIMARY KEY AUTOINCREMENT,
	id               TEXT NOT NULL UNIQUE,
	slug             TEXT NOT NULL UNIQUE,
	privacy          TEXT NOT NULL,
	topic            TEXT NOT NULL,
	description      TEXT NOT NULL,
	external_id      TEXT NOT NULL,
	max_participants INTEGER NOT NULL,
	roles            TEXT NOT NULL,
	default_role     TEXT NOT NULL,
	locked           INTEGER NOT NULL,
	waiting_room     INTEGER NOT NULL,
	session_length   INTEGER NOT NULL,
	off              TEXT NOT NULL,
	created          INTEGER NOT NULL,
	updated          INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
	seq     INTEGER PRIMARY KEY AUTOINCREMENT,
	id      TEXT NOT NULL UNIQUE,
	room_id TEXT NOT NULL,
	slug    TEXT NOT NULL,
	began   INTEGER NOT NULL,
	ended   INTEGER NOT NULL,
	peak    INTEGER NOT NULL,
	total   INTEGER NOT NULL,
	seconds INTEGER NOT NULL
) STRICT;
CREATE INDEX session_room ON session (room_id, seq);
CREATE INDEX session_began ON session (began);

CREATE TABLE api_key (
	seq       INTEGER PRIMARY KEY AUTOINCREMENT,
	id        TEXT NOT NULL UNIQUE,
	name      TEXT NOT NULL,
	hash      BLOB NOT NULL,
	scopes    TEXT NOT NULL,
	created   INTEGER NOT NULL,
	last_used INTEGER NOT NULL,
	expires   INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook (
	seq      INTEGER PRIMARY KEY AUTOINCREMENT,
	id       TEXT NOT NULL UNIQUE,
	url      TEXT NOT NULL,
	secret   TEXT NOT NULL,
	events   TEXT NOT NULL,
	disabled INTEGER NOT NULL,
	created  INTEGER NOT NULL
) STRICT;

CREATE TABLE delivery (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	id         TEXT NOT NULL UNIQUE,
	webhook_id TEXT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
	event      TEXT NOT NULL,
	body       BLOB NOT NULL,
	created    INTEGER NOT NULL,
	next       INTEGER NOT NULL,
	tries      INTEGER NOT NULL,
	problem    TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_next ON delivery (next);
CREATE INDEX delivery_webhook ON delivery (webhook_id, seq);

CREATE TABLE revoked_token (
	id      TEXT PRIMARY KEY,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secret (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`}

// prepare checks what is there and brings it to the schema of today.
func (s *Store) prepare(ctx context.Context) error {
	version, err := s.ours(ctx)
	if err != nil {
		return err
	}
	if err := s.sound(ctx); err != nil {
		return err
	}
	if version == len(migrations) {
		return nil
	}
	return s.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		// Another process may have been at it since.
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		for ; version < len(migrations); version++ {
			if _, err := tx.ExecContext(ctx, migrations[version]); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", application, version))
		return err
	})
}

// ours gives the version of the schema; 0: nothing is there yet.
func (s *Store) ours(ctx context.Context) (version int, err error) {
	var mark, tables int
	for query, to := range map[string]*int{"PRAGMA application_id": &mark, "PRAGMA user_version": &version, "SELECT count(*) FROM sqlite_schema": &tables} {
		if err := s.db.QueryRowContext(ctx, query).Scan(to); err != nil {
			return 0, err
		}
	}
	switch {
	case mark != application && (mark != 0 || version != 0 || tables != 0):
		return 0, ErrForeign
	case version > len(migrations):
		return 0, ErrNewer
	}
	return version, nil
}

// sound reads every page.
func (s *Store) sound(ctx context.Context) error {
	var verdict string
	if err := s.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w (%s)", ErrCorrupt, verdict)
	}
	return nil
}
