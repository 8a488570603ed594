package bridge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite" // the driver
)

// FileName of the database in the folder that a server keeps.
const FileName = "matrix.db"

// schema is of today; PRAGMA user_version says how many of its steps were taken. The tables of the crypto store are mautrix' own, beside these.
var schema = []string{`
CREATE TABLE grotto_value (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE grotto_link (
	room TEXT PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE,
	call TEXT NOT NULL DEFAULT '',     -- id of the one that goes on
	rung INTEGER NOT NULL DEFAULT 0,   -- when people were last rung
	over INTEGER NOT NULL DEFAULT 0    -- when the last one ended
) STRICT, WITHOUT ROWID;
CREATE TABLE grotto_ghost (
	room        TEXT NOT NULL,
	number      INTEGER NOT NULL,
	participant TEXT NOT NULL,         -- empty: free
	since       INTEGER NOT NULL,      -- when its membership was written
	delay       TEXT NOT NULL,         -- id of the delayed event that ends it; empty: none
	PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE grotto_post (             -- what is to be sent
	seq    INTEGER PRIMARY KEY AUTOINCREMENT,
	room   TEXT NOT NULL,
	kind   TEXT NOT NULL,
	target TEXT NOT NULL,
	sender TEXT NOT NULL,
	txn    TEXT NOT NULL UNIQUE,
	made   INTEGER NOT NULL
) STRICT;
CREATE TABLE grotto_sealed (           -- what was written, and whose key has not come yet
	seq   INTEGER PRIMARY KEY AUTOINCREMENT,
	room  TEXT NOT NULL,
	event TEXT NOT NULL UNIQUE,
	made  INTEGER NOT NULL
) STRICT;
`}

// application marks our files (PRAGMA application_id): "GRMX".
const application = 0x47524d58

// ErrDatabase says that a file cannot be used as the bridge's database.
var ErrDatabase = errors.New("bridge: the database cannot be used")

// database keeps what has to be known again after a restart.
type database struct{ *sql.DB }

func openDatabase(ctx context.Context, path string) (database, error) {
	// SQLite would make it as the umask says, and the files beside it get its mode.
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return database{}, fmt.Errorf("%w: %w", ErrDatabase, err)
	}
	_ = file.Close()
	name := "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() +
		"?_txlock=immediate&_pragma=foreign_keys(1)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(5000)"
	raw, err := sql.Open("sqlite", name)
	if err != nil {
		return database{}, fmt.Errorf("%w: %w", ErrDatabase, err)
	}
	raw.SetMaxOpenConns(1)
	d := database{raw}
	if err := d.prepare(ctx); err != nil {
		return database{}, errors.Join(fmt.Errorf("%w: %s: %w", ErrDatabase, path, err), raw.Close())
	}
	return d, nil
}

func (d database) prepare(ctx context.Context) error {
	var mark, version int
	if err := d.QueryRowContext(ctx, "PRAGMA application_id").Scan(&mark); err != nil {
		return err
	}
	if err := d.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	switch {
	case mark != application && (mark != 0 || version != 0):
		return errors.New("another program's")
	case version > len(schema):
		return errors.New("of a newer version of Grotto")
	}
	for ; version < len(schema); version++ {
		if _, err := d.ExecContext(ctx, fmt.Sprintf("BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", schema[version], application, version+1)); err != nil {
			return err
		}
	}
	return nil
}

// Names of values.
const (
	valueSince  = "since"  // of the sync; everything before it was acted on
	valueUser   = "user"   // whose the other values are
	valueDevice = "device" // of the bot
	valueToken  = "token"  // of that device; a secret
	valuePickle = "pickle" // key of the crypto store; a secret
)

// value is empty if there is none.
func (d database) value(ctx context.Context, name string) (value string, err error) {
	err = d.QueryRowContext(ctx, "SELECT value FROM grotto_value WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// one reads a row, if there is one.
func (d database) one(ctx context.Context, query string, args []any, to ...any) (found bool, err error) {
	err = d.QueryRowContext(ctx, query, args...).Scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (d database) setValue(ctx context.Context, name, value string) error {
	_, err := d.ExecContext(ctx, "INSERT INTO grotto_value VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}

// link is a Matrix room and its room of Grotto.
type link struct {
	room id.RoomID
	slug string
	call string
	rung time.Time
	over time.Time
}

func (d database) links(ctx context.Context) (all []link, err error) {
	rows, err := d.QueryContext(ctx, "SELECT room, slug, call, rung, over FROM grotto_link")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l link
		var rung, over int64
		if err := rows.Scan(&l.room, &l.slug, &l.call, &rung, &over); err != nil {
			return nil, err
		}
		l.rung, l.over = time.UnixMilli(rung), time.UnixMilli(over)
		all = append(all, l)
	}
	return all, rows.Err()
}

func (d database) keepLink(ctx context.Context, l link) error {
	_, err := d.ExecContext(ctx, "INSERT INTO grotto_link VALUES (?, ?, ?, ?, ?) ON CONFLICT (room) DO UPDATE SET slug = excluded.slug, call = excluded.call, rung = excluded.rung, over = excluded.over",
		l.room, l.slug, l.call, millis(l.rung), millis(l.over))
	return err
}

// dropLink forgets a link and what was to be done for it.
func (d database) dropLink(ctx context.Context, room id.RoomID) error {
	for _, statement := range []string{"DELETE FROM grotto_link WHERE room = ?", "DELETE FROM grotto_post WHERE room = ?"} {
		if _, err := d.ExecContext(ctx, statement, room); err != nil {
			return err
		}
	}
	return nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
