// Package store keeps what a server has to know again after a restart: the operator's rooms, keys of the API, webhooks and what is
// to be told to them, tokens that were revoked, when rooms were occupied, and secrets that the server made for itself.
//
// [Open] gives a [Store], a file of SQLite; [Memory] one that ends with the process. What a method has answered without an error
// is on the disk, whatever happens to the process then. Several processes may have a file open, so commands work while the server
// runs. A Store is safe for concurrent use.
//
// [Store.Backup] copies everything into one file, from any process and while others write; [Restore] puts such a copy in the place
// of a file that nobody has open.
//
// # Limits
//
// One process writes at a time; another one waits up to five seconds for it, then [ErrBusy]. The file must lie on a local
// disk: SQLite's locks do not hold on network file systems. Nothing in it is encrypted, and it holds secrets (of webhooks, and those
// of [Store.Secret]): it is made for this user alone, and so is a backup.
//
// There is nothing here of what people say, write or are called: the server does not know it.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Errors of all methods, for errors.Is.
var (
	ErrNotFound = errors.New("store: there is no such thing")
	ErrConflict = errors.New("store: there is one already")
	ErrBusy     = errors.New("store: another program keeps the database busy")
	ErrFull     = errors.New("store: the disk is full")
	ErrReadOnly = errors.New("store: the database cannot be written")
	ErrCorrupt  = errors.New("store: the database is damaged")
	ErrForeign  = errors.New("store: this is no database of Grotto")
	ErrNewer    = errors.New("store: the database was made by a newer version of Grotto")
)

// waiting is how long one process waits for another's write.
const waiting = 5 * time.Second

// FileName of the database in the folder that a server keeps.
const FileName = "grotto.db"

// Store is a database.
type Store struct {
	db   patient
	hold *sql.Conn // keeps a database in memory from going with the last connection; nil with a file
}

// Open opens the file, making it if there is none. It reads all of it, so that damage shows now.
func Open(ctx context.Context, path string) (*Store, error) {
	// SQLite would make it as the umask says, and the files beside it get its mode.
	if err := empty(path); err != nil && !errors.Is(err, ErrExists) {
		return nil, err
	}
	s, err := open(fileName(path, "_pragma=journal_mode(wal)", "_pragma=synchronous(full)"), 1)
	if err == nil {
		err = s.prepare(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s", s.giveUp(err), path)
	}
	return s, nil
}

// Memory gives a store that is gone with the process.
func Memory(ctx context.Context) (*Store, error) {
	s, err := open("file:/"+rand.Text()+"?vfs=memdb&_txlock=immediate&_pragma=foreign_keys(1)", 2)
	if err == nil {
		s.hold, err = s.db.Conn(ctx)
	}
	if err == nil {
		err = s.prepare(ctx)
	}
	if err != nil {
		return nil, s.giveUp(err)
	}
	return s, nil
}

// fileName is a path as SQLite takes it, with what holds for every connection.
func fileName(path string, settings ...string) string {
	settings = append(settings, "_txlock=immediate", "_pragma=foreign_keys(1)", fmt.Sprintf("_pragma=busy_timeout(%d)", waiting.Milliseconds()))
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + strings.Join(settings, "&")
}

// open: one connection is enough, and two of one process would wait for each other.
func open(name string, connections int) (*Store, error) {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return &Store{}, err
	}
	db.SetMaxOpenConns(connections)
	return &Store{db: patient{db}}, nil
}

// patient does to the end what it begins: a statement that is broken off may leave a connection behind that locks the database. None
// takes long.
type patient struct{ *sql.DB }

func (p patient) ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	return p.DB.ExecContext(context.WithoutCancel(ctx), statement, args...)
}

func (p patient) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.DB.QueryContext(context.WithoutCancel(ctx), query, args...)
}

func (p patient) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.DB.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

func (s *Store) giveUp(err error) error {
	if s.db.DB != nil {
		_ = s.Close()
	}
	return known(err)
}

// Close ends the use of it.
func (s *Store) Close() error {
	if s.hold != nil {
		_ = s.hold.Close()
	}
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// Check asks whether the database still answers.
func (s *Store) Check(ctx context.Context) error {
	var n int
	return known(s.db.QueryRowContext(ctx, "SELECT count(*) FROM secret WHERE name = ''").Scan(&n))
}

// known says what an error means to who uses this package.
func known(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	}
	of, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		if strings.HasPrefix(err.Error(), "store: ") {
			return err
		}
		return fmt.Errorf("store: %w", err)
	}
	class := error(nil)
	switch of.Code() & 0xff { // of the extended code, the kind
	case lib.SQLITE_CONSTRAINT:
		class = ErrConflict
		if of.Code() == lib.SQLITE_CONSTRAINT_FOREIGNKEY {
			class = ErrNotFound
		}
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		class = ErrBusy
	case lib.SQLITE_FULL:
		class = ErrFull
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		class = ErrReadOnly
	case lib.SQLITE_CORRUPT:
		class = ErrCorrupt
	case lib.SQLITE_NOTADB:
		class = ErrForeign
	default:
		return fmt.Errorf("store: %w", err)
	}
	return fmt.Errorf("%w (%w)", class, err)
}

// change runs f as one: all of it or nothing.
func (s *Store) change(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return known(err)
	}
	ctx = context.WithoutCancel(ctx)
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return known(err)
	}
	if err := f(ctx, tx); err != nil {
		_ = tx.Rollback() // the first error is the one that matters
		return known(err)
	}
	return known(tx.Commit())
}

// changeOne runs a statement that is about one row, which must be there.
func (s *Store) changeOne(ctx context.Context, statement string, args ...any) error {
	result, err := s.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return known(err)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return known(err)
}

// row is what one result is read from.
type row interface{ Scan(to ...any) error }

// list reads all results before anything else is asked: there is one connection.
func list[T any](ctx context.Context, s *Store, read func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, known(err)
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := read(rows)
		if err != nil {
			return nil, known(err)
		}
		all = append(all, one)
	}
	return all, known(rows.Err())
}

// newID is 128 random bits. Its letters are capitals, so it is never the slug of a room.
func newID() string { return rand.Text() }

// millis is how times are kept; 0 is no time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// now is as precise as what is kept.
func now() time.Time { return fromMillis(time.Now().UnixMilli()) }

// texts keeps lists of words, which nothing is searched in.
func texts(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic("store: " + err.Error()) // there is no list of strings that this fails on
	}
	return string(text)
}

func fromTexts(text string) (list []string, err error) {
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrCorrupt, err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list, nil
}
