// Package datadir is the folder that a server keeps between its runs: keys and certificates.
//
// [Open] makes it for this user alone. A folder that others can read or write, or in which a file is open to others, is refused: what
// is in it is secret, and a copy that somebody made cannot be taken back. So it is said before anything else happens.
package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// private is the mode of folders here.
const private = 0o700

// ErrOpen says that others than the owner can get at what is in the folder.
var ErrOpen = errors.New("datadir: open to other users")

// Open makes the folder if there is none, and gives its absolute path.
func Open(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("datadir: %w", err)
	}
	if err := os.MkdirAll(path, private); err != nil {
		return "", fmt.Errorf("datadir: %w", err)
	}
	return path, closed(path)
}

// closed looks at all that is there. What a link leads to is judged where it lies.
func closed(path string) error {
	return filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("datadir: %w", err)
		}
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist): // it went meanwhile
			return nil
		case err != nil:
			return fmt.Errorf("datadir: %w", err)
		case info.Mode().Perm()&0o077 != 0:
			return fmt.Errorf("%w: %s has mode %04o", ErrOpen, name, info.Mode().Perm())
		}
		return nil
	})
}
