package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The same on a real disk that is full: what is there is read, also by who comes later, and what is not there cannot begin.
func TestS7_FullDiskIsReal(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=512k,mode=0700"); err != nil {
		t.Skip("no disk can be made here: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	path := filepath.Join(folder, FileName)
	s := openAt(t, path)
	kept := 0
	var err error
	for ; err == nil; kept++ {
		_, err = s.CreateRoom(t.Context(), Room{Slug: fmt.Sprint("room-", kept), Topic: strings.Repeat("x", 1000)})
	}
	if kept--; !errors.Is(err, ErrFull) || kept == 0 {
		t.Fatalf("%d rooms: %v", kept, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	if _, total, err := s.Rooms(t.Context(), Page{}); err != nil || total != kept {
		t.Errorf("%d of %d: %v", total, kept, err)
	}
	if err := s.Backup(t.Context(), filepath.Join(folder, "backup")); !errors.Is(err, ErrFull) {
		t.Errorf("a backup on it: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(folder, "backup*")); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
	_ = os.WriteFile(filepath.Join(folder, "the rest"), make([]byte, 512<<10), 0o600) // as much as fits
	if _, err := Open(t.Context(), filepath.Join(folder, "new")); !errors.Is(err, ErrFull) {
		t.Errorf("a new one on it: %v", err)
	}
	if err := os.Remove(filepath.Join(folder, "the rest")); err != nil {
		t.Fatal(err)
	}
}
