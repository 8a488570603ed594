//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What root makes in a folder of somebody else's is theirs: the server that runs as them goes on with it.
func TestOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root makes files for others")
	}
	const somebody = 12345
	folder := t.TempDir()
	s := openAt(t, filepath.Join(folder, "of root"))
	if err := s.Backup(t.Context(), filepath.Join(folder, "backup")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(folder, somebody, somebody); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, FileName)
	must(Restore(t.Context(), filepath.Join(folder, "backup"), path))(t)
	must(openAt(t, path).CreateRoom(t.Context(), Room{Slug: "blue-harbour"}))(t)
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if of := info.Sys().(*syscall.Stat_t); of.Uid != somebody || of.Gid != somebody {
			t.Errorf("%s is %d's", name, of.Uid)
		}
	}
}
