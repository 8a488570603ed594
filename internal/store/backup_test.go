package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// A backup is of one moment, also while others write.
func TestBackupWhileWriting(t *testing.T) {
	folder := t.TempDir()
	s := openAt(t, filepath.Join(folder, FileName))
	must(s.CreateRoom(t.Context(), Room{Slug: "first"}))(t)
	var writing sync.WaitGroup
	stop := make(chan struct{})
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				must(s.CreateRoom(t.Context(), Room{Slug: fmt.Sprint("room-", i)}))(t)
			}
		}
	})
	another := openAt(t, filepath.Join(folder, FileName)) // as a command in a process of its own has it
	for i := range 3 {
		to := filepath.Join(folder, fmt.Sprint("backup-", i))
		if err := another.Backup(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
		if err := another.Backup(t.Context(), to); !errors.Is(err, ErrExists) {
			t.Errorf("over another: %v", err)
		}
	}
	close(stop)
	writing.Wait()
	into := filepath.Join(folder, "restored", FileName)
	if err := os.Mkdir(filepath.Dir(into), 0o700); err != nil {
		t.Fatal(err)
	}
	if aside, err := Restore(t.Context(), filepath.Join(folder, "backup-2"), into); err != nil || aside != "" {
		t.Fatalf("%q %v", aside, err)
	}
	restored := openAt(t, into)
	rooms, total, err := restored.Rooms(t.Context(), Page{})
	if err != nil || total == 0 || rooms[0].Slug != "first" {
		t.Fatalf("%d %v", total, err)
	}
	for i, r := range rooms[1:] {
		if r.Slug != fmt.Sprint("room-", i) {
			t.Fatalf("%s in the place of %d", r.Slug, i)
		}
	}
	left, err := filepath.Glob(filepath.Join(folder, "*", "*.part"))
	if err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}

func TestRestore(t *testing.T) {
	folder := t.TempDir()
	path, backup := filepath.Join(folder, FileName), filepath.Join(folder, "backup")
	s := openAt(t, path)
	must(s.CreateRoom(t.Context(), Room{Slug: "then"}))(t)
	if err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	must(s.CreateRoom(t.Context(), Room{Slug: "since"}))(t)
	if _, err := Restore(t.Context(), backup, path); !errors.Is(err, ErrInUse) {
		t.Fatalf("while it is open: %v", err)
	}
	must(s.Room(t.Context(), "since"))(t)
	if _, err := Restore(t.Context(), path, filepath.Join(folder, "other")); !errors.Is(err, ErrInUse) {
		t.Errorf("of what is no backup but in use: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	text := filepath.Join(folder, "text")
	nothing := filepath.Join(folder, "nothing")
	for name, content := range map[string]string{text: "a shopping list, which is long enough to be more than a header of SQLite, and then some more", nothing: ""} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), name, path); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Restore(t.Context(), filepath.Join(folder, "none"), path); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}

	aside := must(Restore(t.Context(), backup, path))(t)
	s = openAt(t, path)
	must(s.Room(t.Context(), "then"))(t)
	if _, err := s.Room(t.Context(), "since"); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is not the backup: %v", err)
	}
	must(openAt(t, aside).Room(t.Context(), "since"))(t)

	t.Run("over one that is damaged", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), FileName)
		if err := os.WriteFile(path, []byte("this was a database once, and then the disk had other plans for its first page"), 0o600); err != nil {
			t.Fatal(err)
		}
		aside := must(Restore(t.Context(), backup, path))(t)
		must(openAt(t, path).Room(t.Context(), "then"))(t)
		if _, err := os.Stat(aside); err != nil {
			t.Error(err)
		}
	})
}
