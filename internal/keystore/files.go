package keystore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// readPrivate reads a file that only its owner can.
func readPrivate(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, name)
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		return nil, &Error{Class: ErrUnreadable, What: err.Error(), Err: err}
	}
	defer func() { _ = f.Close() }()
	if err := private(dir, 0o700); err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, &Error{Class: ErrUnreadable, What: err.Error(), Err: err}
	}
	if err := closedToOthers(path, info, 0o600); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, &Error{Class: ErrUnreadable, What: err.Error(), Err: err}
	}
	if len(b) > maxFile {
		return nil, unreadable(dir, "is too large", nil)
	}
	return b, nil
}

func private(path string, mode os.FileMode) error {
	info, err := os.Stat(path)
	if err != nil {
		return &Error{Class: ErrUnreadable, What: err.Error(), Err: err}
	}
	return closedToOthers(path, info, mode)
}

// closedToOthers refuses what others may read or change: it may have been, so its owner should know. Windows keeps a
// user's files from others by the directory they are in.
func closedToOthers(path string, info os.FileInfo, mode os.FileMode) error {
	if runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return &Error{Class: ErrExposed, What: fmt.Sprintf("%s is open to other users of this machine (%v)", path, info.Mode().Perm()),
		Hint: fmt.Sprintf("chmod %o %s; if others may have read it, begin anew with grotto keys forget --all", mode, path)}
}

// writePrivate puts a file in the place of the one before, whole or not at all.
func writePrivate(dir, name string, b []byte) (err error) {
	fail := func(err error) error {
		return &Error{Class: ErrUnwritable, What: "the identity cannot be kept: " + err.Error(), Err: err}
	}
	f, err := os.CreateTemp(dir, name+".*") // 0600
	if err != nil {
		return fail(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return fail(err)
	}
	return nil
}

// syncDir makes the new name outlast a power cut. Windows has no such thing.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}

// takeLock makes the directory where there is none, and owns the device for as long as the file is open.
func takeLock(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &Error{Class: ErrUnwritable, What: "the identity cannot be kept: " + err.Error(), Err: err}
	}
	if err := private(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &Error{Class: ErrUnwritable, What: "the identity cannot be kept: " + err.Error(), Err: err}
	}
	if err := tryLock(f); err != nil {
		_ = f.Close()
		return nil, &Error{Class: ErrInUse, What: "another grotto on this machine uses the kept identity", Hint: "end it first", Err: err}
	}
	return f, nil
}
