//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
)

// own gives a file that root made to whom its folder belongs: the server runs as that user. SQLite does the same for the files that
// it keeps beside a database.
func own(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	if folder, ok := info.Sys().(*syscall.Stat_t); ok {
		return os.Chown(path, int(folder.Uid), int(folder.Gid))
	}
	return nil
}
