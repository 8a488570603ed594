package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/api"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/webhook"
)

// startAPI starts a server with rooms that can be joined, and gives its address and a key of the API in a file.
func startAPI(t *testing.T, scopes ...string) (server, keyFile string) {
	t.Helper()
	kept, err := store.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	hooks := webhook.New(webhook.Config{Store: kept})
	recorder := api.NewRecorder(kept, hooks, slog.New(slog.NewTextHandler(t.Output(), nil)))
	rooms := room.New(room.Config{ServerName: "meet.example", Notice: recorder.Notice})
	running, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { recorder.Run(running); close(ended) }()
	t.Cleanup(func() {
		stop()
		rooms.Shutdown(running)
		<-ended
	})
	handler, err := api.New(api.Config{Store: kept, Rooms: rooms, Hooks: hooks, Signer: token.NewSigner(bytes.Repeat([]byte{7}, 32)),
		Network: func(r *http.Request) string { return r.RemoteAddr }})
	if err != nil {
		t.Fatal(err)
	}
	made, key := api.NewKey("test", scopes, time.Time{})
	if _, err := kept.CreateAPIKey(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(api.Root, handler)
	mux.Handle("/v1/signal", rooms)
	listening := httptest.NewServer(mux)
	t.Cleanup(listening.Close)
	keyFile = filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(keyFile, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return listening.URL, keyFile
}

// says runs a command to its end.
func says(t *testing.T, status int, args ...string) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	if got := run(t.Context(), args, os.Stdin, &o, &e); got != status {
		t.Errorf("%q: status %d, not %d\n%s%s", args, got, status, &o, &e)
	}
	return o.String(), e.String()
}

func sees(t *testing.T, text, pattern string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(text) {
		t.Errorf("%q does not say %q", text, pattern)
	}
}

// A room is made, shown, changed, entered and forgotten from the command line, and its secret is drawn there.
func TestRooms(t *testing.T) {
	server, keyFile := startAPI(t, api.All)
	t.Setenv("GROTTO_SERVER", server)
	rooms := func(status int, args ...string) (string, string) {
		return says(t, status, append(append([]string{"rooms"}, args...), "--key-file", keyFile)...)
	}
	_, errs := rooms(exitOK, "list")
	sees(t, errs, "There are no rooms")
	link, _ := rooms(exitOK, "create", "weekly", "--topic", "7", "--set", "max_participants=12", "--set", "polls_enabled=false", "--set", "privacy=private")
	sees(t, link, `^http://127.0.0.1:\d+/r/weekly#[\w-]{22}\n$`)
	out, _ := rooms(exitOK, "show", "weekly")
	sees(t, out, `(?m)^topic: "7"$`)
	sees(t, out, `(?m)^max_participants: 12$`)
	sees(t, out, `(?m)^polls_enabled: false$`)
	if secret := link[strings.Index(link, "#")+1 : len(link)-1]; strings.Contains(out, secret) {
		t.Error("the server knows the secret")
	}
	out, _ = rooms(exitOK, "change", "weekly", "--set", "privacy=public", "--json")
	sees(t, out, `"privacy":"public".*"polls_enabled":false`)
	out, _ = rooms(exitOK, "create", "--json")
	sees(t, out, `"whole_link":"http://.*#[\w-]{22}"`)
	out, _ = rooms(exitOK, "list")
	sees(t, out, `weekly +public +\S+ +7`)
	out, errs = rooms(exitOK, "token", "weekly", "--role", "moderator", "--for", "5m")
	sees(t, out, `^\S+\.\S+\.\S+\n$`)
	sees(t, errs, "Good until")
	_, errs = rooms(exitOK, "sessions")
	sees(t, errs, "There were none")

	guest := open(t, "chat", strings.TrimSpace(link), "--name", "Ann")
	guest.sees(&guest.err, "Joined weekly")
	out, _ = rooms(exitOK, "list", "--live")
	sees(t, out, `weekly +1 there`)
	out, _ = rooms(exitOK, "people", "weekly")
	who, _, _ := strings.Cut(out, " ")
	rooms(exitOK, "mute", "weekly", who)
	rooms(exitOK, "kick", "weekly", who)
	guest.ends(exitFail)
	guest.sees(&guest.err, "removed")

	_, errs = rooms(exitFail, "create", "weekly")
	sees(t, errs, `refuses \(409\)`)
	_, errs = rooms(exitFail, "create", "--set", "e2ee_enabled=false")
	sees(t, errs, `refuses \(422\).*e2ee_enabled`)
	_, errs = rooms(exitFail, "create", "--set", "colour=red")
	sees(t, errs, `--set: unknown field "colour"\nhint: `)
	rooms(exitOK, "delete", "weekly")
	_, errs = rooms(exitFail, "show", "weekly")
	sees(t, errs, `refuses \(404\)`)
}

// What is wrong with a key is said.
func TestRoomsWithoutLeave(t *testing.T) {
	server, keyFile := startAPI(t, api.RoomsRead)
	_, errs := says(t, exitFail, "rooms", "list", "--server", server)
	sees(t, errs, "there is no key for the API\nhint: ")
	_, errs = says(t, exitFail, "rooms", "list", "--server", server, "--key", "grotto_x_y")
	sees(t, errs, `refuses \(401\).*\nhint: `)
	_, errs = says(t, exitFail, "rooms", "create", "--server", server, "--key-file", keyFile)
	sees(t, errs, `refuses \(403\).*\nhint: .*--scope`)
}
