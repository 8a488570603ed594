package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/datadir"
	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/wire"
)

// keptIn opens what a server keeps, as a program beside it.
func keptIn(t *testing.T, data string) *store.Store {
	t.Helper()
	folder, err := datadir.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), filepath.Join(folder, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func makeRoom(t *testing.T, s *store.Store, r store.Room) {
	t.Helper()
	if _, err := s.CreateRoom(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// What was laid down for a room holds from the next hello on; in others everything is as ever.
func TestRoomsHaveTerms(t *testing.T) {
	data := filepath.Join(t.TempDir(), "grotto")
	url := start(t, "--data", data)
	s := keptIn(t, data)
	if got := greeted(t, url, "blue-harbour", ""); got.Type != "welcome" {
		t.Errorf("%+v", got)
	}
	makeRoom(t, s, store.Room{Slug: "blue-harbour", Privacy: store.Private})
	makeRoom(t, s, store.Room{Slug: "red-harbour", Locked: true, Off: []string{"chat"}, SessionLength: time.Hour})
	for room, want := range map[string]string{"blue-harbour": "token_needed", "red-harbour": "locked", "green-harbour": ""} {
		if got := greeted(t, url, room, ""); got.Code != want {
			t.Errorf("%s: %+v", room, got)
		}
	}
	_, made, _ := try(t, "token", "red-harbour", "--role", "moderator", "--data", data)
	if got := greeted(t, url, "red-harbour", strings.TrimSpace(made)); got.Type != "welcome" {
		t.Errorf("%+v", got)
	}
	makeRoom(t, s, store.Room{Slug: "all-harbours", Privacy: store.Private, MaxParticipants: 3, DefaultRole: "viewer", Locked: true, WaitingRoom: true,
		SessionLength: time.Hour, Off: []string{"chat"}})
	want := room.Terms{Made: true, Participants: 3, Locked: true, Waiting: true, DefaultRole: wire.RoleViewer, Length: time.Hour, Off: []wire.Feature{wire.FeatureChat}, TokenOnly: true}
	if got, err := terms(s, &config.Settings{})(t.Context(), "all-harbours"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestRoomsOnly(t *testing.T) {
	data := filepath.Join(t.TempDir(), "grotto")
	makeRoom(t, keptIn(t, data), store.Room{Slug: "blue-harbour"})
	for name, c := range map[string]struct {
		args []string
		want map[string]string
	}{
		"those made":           {[]string{"--rooms-only"}, map[string]string{"blue-harbour": "", "red-harbour": "unknown_room", "green-harbour": "unknown_room"}},
		"those made and named": {[]string{"--rooms-only", "--room", "red-harbour"}, map[string]string{"blue-harbour": "", "red-harbour": "", "green-harbour": "unknown_room"}},
		"those named and made": {[]string{"--room", "red-harbour"}, map[string]string{"blue-harbour": "", "red-harbour": "", "green-harbour": "unknown_room"}},
	} {
		url := start(t, append(c.args, "--data", data)...)
		for room, want := range c.want {
			if got := greeted(t, url, room, ""); got.Code != want {
				t.Errorf("%s: %s: %+v", name, room, got)
			}
		}
	}
}

func TestBackupAndRestore(t *testing.T) {
	data, backup := filepath.Join(t.TempDir(), "grotto"), filepath.Join(t.TempDir(), "backup")
	if code, _, stderr := try(t, "backup", backup, "--data", data); code != exitFail || !strings.Contains(stderr, "nothing to back up") || !strings.Contains(stderr, "hint: --data") {
		t.Errorf("%d %s", code, stderr)
	}
	running := startProcess(t, "--data", data)
	s := keptIn(t, data)
	makeRoom(t, s, store.Room{Slug: "blue-harbour"})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := try(t, "backup", backup, "--data", data, "--json")
	var wrote struct {
		File  string
		Bytes int64
	}
	if err := json.Unmarshal([]byte(out), &wrote); code != exitOK || err != nil || wrote.File != backup || wrote.Bytes == 0 {
		t.Fatalf("%d %s%s", code, out, stderr)
	}
	if code, _, stderr := try(t, "backup", backup, "--data", data); code != exitFail || !strings.Contains(stderr, "hint: name another file") {
		t.Errorf("over another: %d %s", code, stderr)
	}
	if code, _, stderr := try(t, "restore", backup, "--data", data); code != exitFail || !strings.Contains(stderr, "hint: stop the server first") {
		t.Errorf("under a running server: %d %s", code, stderr)
	}
	_ = running.Process.Kill()
	_ = running.Wait()
	s = keptIn(t, data)
	if err := s.DeleteRoom(t.Context(), "blue-harbour"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, none := range []string{os.Args[0], filepath.Join(data, "none")} {
		if code, _, stderr := try(t, "restore", none, "--data", data); code != exitFail {
			t.Errorf("%s: %d %s", none, code, stderr)
		}
	}
	code, out, stderr = try(t, "restore", backup, "--data", data)
	if code != exitOK || !strings.Contains(out, "What was there before is in "+filepath.Join(data, "grotto.db.before-")) {
		t.Fatalf("%d %s%s", code, out, stderr)
	}
	if _, err := keptIn(t, data).Room(t.Context(), "blue-harbour"); err != nil {
		t.Error(err)
	}
	if got := greeted(t, start(t, "--data", data, "--rooms-only"), "blue-harbour", ""); got.Type != "welcome" {
		t.Errorf("%+v", got)
	}
}

// A database that cannot be used is said before anything else, and left as it is.
func TestS7_DamagedDatabase(t *testing.T) {
	data := filepath.Join(t.TempDir(), "grotto")
	folder, err := datadir.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, store.FileName)
	damaged := strings.Repeat("no database ", 1000)
	if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := try(t, "--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--data", data)
	if code != exitFail || !strings.Contains(stderr, path) || !strings.Contains(stderr, "hint: grotto-server restore FILE") {
		t.Errorf("%d %s", code, stderr)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != damaged {
		t.Errorf("it was changed: %v", err)
	}
}

// What the API has answered is there after kill -9, and people get in as before.
func TestS7_KilledServer(t *testing.T) {
	data := filepath.Join(t.TempDir(), "grotto")
	running := startProcess(t, "--data", data, "--rooms-only")
	_, made, stderr := try(t, "api-key", "create", "--data", data, "--json")
	var key struct{ Key string }
	if err := json.Unmarshal([]byte(made), &key); err != nil {
		t.Fatalf("%v\n%s%s", err, made, stderr)
	}
	var acknowledged []string
	enough := make(chan bool)
	ended := make(chan error)
	go func() {
		c := &rest.Client{Server: running.url, Key: key.Key}
		for {
			is, err := c.CreateRoom(context.Background(), rest.RoomSettings{})
			if err != nil {
				ended <- err
				return
			}
			if acknowledged = append(acknowledged, is.FriendlyURL); len(acknowledged) == 20 {
				close(enough)
			}
		}
	}()
	select {
	case <-enough:
	case err := <-ended:
		t.Fatal(err)
	}
	_ = running.Process.Kill()
	<-ended // in the middle of another one
	_ = running.Wait()
	again := startProcess(t, "--data", data, "--rooms-only")
	for _, slug := range acknowledged {
		if got := greeted(t, again.url, slug, ""); got.Type != "welcome" {
			t.Fatalf("%s: %+v", slug, got)
		}
	}
	if got := greeted(t, again.url, "never-made", ""); got.Code != "unknown_room" {
		t.Errorf("%+v", got)
	}
}

// A port that is taken is said with what names another one, and the server starts once it is free.
func TestS7_TakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--listen", taken.Addr().String(), "--udp", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "grotto")}
	if code, _, stderr := try(t, args...); code != exitFail || !strings.Contains(stderr, "is in use") || !strings.Contains(stderr, "hint: ") {
		t.Errorf("%d %s", code, stderr)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, args...)
}
