package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asWriter names the database of a child process that does nothing but write.
const asWriter = "GROTTO_TEST_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(asWriter); path != "" {
		fmt.Fprintln(os.Stderr, write(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// write says of each room that it is kept, until it is killed.
func write(path string) error {
	ctx := context.Background()
	s, err := Open(ctx, path)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if _, err := s.CreateRoom(ctx, Room{Slug: fmt.Sprint("room-", i)}); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// Whatever was acknowledged is there when the process was killed in the middle of writing, again and again.
func TestS7_Killed(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	for round := range 3 {
		path := fmt.Sprint(path, round)
		child := exec.Command(os.Args[0])
		child.Env, child.Stderr = append(os.Environ(), asWriter+"="+path), t.Output()
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := -1
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, err := fmt.Sscan(lines.Text(), &acknowledged); err != nil {
				t.Fatal(err)
			}
			if acknowledged == 50*(round+1) {
				_ = child.Process.Kill() // SIGKILL; what it said until then is still read
			}
		}
		_ = child.Wait()
		s := openAt(t, path)
		rooms, total, err := s.Rooms(t.Context(), Page{})
		if err != nil || acknowledged < 50*(round+1) || total <= acknowledged || total > acknowledged+2 { // one may have been kept and not said
			t.Fatalf("%d rooms of %d acknowledged: %v", total, acknowledged+1, err)
		}
		for i, r := range rooms {
			if r.Slug != fmt.Sprint("room-", i) {
				t.Fatalf("%s in the place of %d", r.Slug, i)
			}
		}
	}
}

// A disk without room refuses what is new, and nothing else happens.
func TestS7_FullDisk(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), FileName))
	must(s.CreateRoom(t.Context(), Room{Slug: "blue-harbour"}))(t)
	if _, err := s.db.ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil { // as many as there are
		t.Fatal(err)
	}
	var err error
	for i := 0; err == nil && i < 1000; i++ {
		_, err = s.CreateRoom(t.Context(), Room{Slug: fmt.Sprint("room-", i), Topic: strings.Repeat("x", 4000)})
	}
	if !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	if _, err := s.Room(t.Context(), "blue-harbour"); err != nil {
		t.Error(err)
	}
	if _, err := s.db.ExecContext(t.Context(), "PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	must(s.CreateRoom(t.Context(), Room{Slug: "red-harbour", Topic: strings.Repeat("x", 4000)}))(t)
}

// Damage is said when the file is opened, not when somebody stumbles over it.
func TestS7_Damaged(t *testing.T) {
	good := filepath.Join(t.TempDir(), FileName)
	s := openAt(t, good)
	for i := range 200 {
		must(s.CreateRoom(t.Context(), Room{Slug: fmt.Sprint("room-", i), Topic: strings.Repeat("x", 300)}))(t)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"cut off":     {whole[:len(whole)/2], ErrCorrupt},
		"overwritten": {append(bytes.Clone(whole[:8192]), bytes.Repeat([]byte{0xa5}, len(whole)-8192)...), ErrCorrupt},
		"text":        {[]byte(strings.Repeat("not a database at all\n", 500)), ErrForeign},
		"newer":       {withVersion(whole, len(migrations)+1), ErrNewer},
		"of another":  {withApplication(whole, 7), ErrForeign},
	} {
		path := filepath.Join(t.TempDir(), FileName)
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), path)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now[100:], c.content[100:]) {
			t.Errorf("%s: the file was changed: %v", name, err)
		}
	}
}

// A clock that was ahead for a while has put nothing off, and nobody's token is good again.
func TestS7_ClockWentBack(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), FileName))
	ahead := now().Add(300 * 24 * time.Hour)
	hook := must(s.CreateWebhook(t.Context(), Webhook{URL: "https://example.org"}))(t)
	waits := must(s.AddDelivery(t.Context(), Delivery{WebhookID: hook.ID, Body: []byte("{}"), Next: ahead.Add(time.Hour)}))(t)
	if due := must(s.Due(t.Context(), ahead, 10))(t); len(due) != 0 {
		t.Errorf("before its time: %+v", due)
	}
	if due := must(s.Due(t.Context(), now(), 10))(t); len(due) != 1 || due[0].ID != waits.ID {
		t.Errorf("%+v", due)
	}
	if err := s.PutSession(t.Context(), Session{ID: "c", RoomID: "R", Began: ahead}); err != nil {
		t.Error(err)
	}
	if is := must(s.Statistics(t.Context(), "R", time.Time{}, time.Time{}))(t); is.Sessions != 1 {
		t.Errorf("%+v", is)
	}
}

// withVersion and withApplication write into the header (sqlite.org/fileformat2.html §1.3).
func withVersion(file []byte, v int) []byte     { return patched(file, 60, byte(v)) }
func withApplication(file []byte, v int) []byte { return patched(file, 68, byte(v)) }

func patched(file []byte, at int, last byte) []byte {
	file = bytes.Clone(file)
	copy(file[at:], []byte{0, 0, 0, last})
	return file
}

func TestNotWritable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root writes everywhere")
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), filepath.Join(folder, FileName)); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
}
