package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Errors of [Store.Backup] and [Restore].
var (
	ErrExists = errors.New("store: there is a file of this name already")
	ErrInUse  = errors.New("store: a server has the database open")
)

// beside are the files that SQLite keeps next to a database that is in use.
var beside = []string{"-wal", "-shm", "-journal"}

// Backup writes all of it into a new file, for this user alone, while others read and write. The file is there whole or not at all.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%w: %s", ErrExists, path)
	}
	part := path + ".part"
	if err := empty(part); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	if _, err := s.db.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return known(err)
	}
	return settle(part, path)
}

// BackupFile is [Store.Backup] of a database that need not be opened otherwise: it is not brought to the schema of today under a
// server that may run.
func BackupFile(ctx context.Context, path, to string) error {
	s, err := open(fileName(path), 1)
	if err != nil {
		return s.giveUp(err)
	}
	if _, err = s.ours(ctx); err == nil {
		err = s.Backup(ctx, to)
	}
	return s.giveUp(err)
}

// empty makes a file that SQLite will take for a new database.
func empty(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s", ErrExists, path)
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	if err == nil {
		err = errors.Join(f.Close(), own(path))
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// settle gives a file its name, once what is in it cannot be lost.
func settle(part, path string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	syncFolder(path)
	return nil
}

// syncFolder makes a rename last. Where folders cannot be synced there is nothing to be done.
func syncFolder(path string) {
	if folder, err := os.Open(filepath.Dir(path)); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// Restore puts a backup in the place of a database that nobody has open. The backup stays as it is. What was there before is
// kept aside, in a file whose name is given back; it is empty if there was none.
func Restore(ctx context.Context, backup, path string) (aside string, err error) {
	part := path + ".part"
	if err := copyFile(backup, part); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			removeAll(part)
		}
	}()
	if err := inspect(ctx, part); err != nil {
		return "", fmt.Errorf("%w: %s", err, backup)
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", settle(part, path)
	}
	if err := quiesce(ctx, path); err != nil {
		return "", err
	}
	aside = path + ".before-" + time.Now().UTC().Format("20060102-150405")
	if _, err := os.Lstat(aside); err == nil {
		return "", fmt.Errorf("%w: %s", ErrExists, aside)
	}
	if err := keep(path, aside); err != nil {
		return "", err
	}
	return aside, settle(part, path)
}

// copyFile copies a backup for this user alone.
func copyFile(from, to string) (err error) {
	for _, suffix := range beside {
		if info, err := os.Stat(from + suffix); err == nil && info.Size() > 0 {
			return fmt.Errorf("%w, it is no backup: %s", ErrInUse, from)
		}
	}
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer in.Close()
	if err := empty(to); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err == nil {
		_, err = io.Copy(out, in)
		err = errors.Join(err, out.Close())
	}
	if err != nil {
		_ = os.Remove(to)
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// inspect says whether a file is a backup that this program can use.
func inspect(ctx context.Context, path string) error {
	s, err := open(fileName(path), 1)
	if err != nil {
		return s.giveUp(err)
	}
	version, err := s.ours(ctx)
	if err == nil && version == 0 { // an empty file is a database without tables
		err = ErrForeign
	}
	if err == nil {
		err = s.sound(ctx)
	}
	return s.giveUp(err)
}

// quiesce makes sure that nobody has a database open: only then can it leave write-ahead logging, which also brings all
// that was logged into the one file. One that SQLite cannot read at all is nobody's.
func quiesce(ctx context.Context, path string) error {
	s, err := open(fileName(path, "_pragma=busy_timeout(0)"), 1)
	if err == nil {
		var mode string
		err = s.db.QueryRowContext(ctx, "PRAGMA journal_mode = delete").Scan(&mode)
		if err == nil && mode != "delete" {
			err = ErrInUse
		}
	}
	err = s.giveUp(err)
	switch {
	case errors.Is(err, ErrBusy), errors.Is(err, ErrInUse):
		return fmt.Errorf("%w: %s", ErrInUse, path)
	case errors.Is(err, ErrForeign), errors.Is(err, ErrCorrupt):
		return nil
	}
	return err
}

// keep gives a database a second name, so that there is one under the first at every moment: a server that found none would begin
// anew. What SQLite kept beside a damaged one goes with it, or it would be taken for the new one's.
func keep(path, aside string) error {
	for _, suffix := range beside {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("store: %w", err)
		}
	}
	err := os.Link(path, aside)
	if err != nil { // a file system without links
		err = os.Rename(path, aside)
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

func removeAll(path string) {
	_ = os.Remove(path)
	for _, suffix := range beside {
		_ = os.Remove(path + suffix)
	}
}
