//go:build unix

package login

import (
	"os"
	"path/filepath"
	"syscall"
)

// ownedAsFolder: what root writes for a server that runs as another user is to be that user's.
func ownedAsFolder(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	folder, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return os.Chown(path, int(folder.Uid), int(folder.Gid))
}
