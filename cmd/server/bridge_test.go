package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/bridge"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// The commands make files that the settings take, and say what is wrong.
func TestBridgeCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "registration.yaml")
	code, out, stderr := try(t, "bridge", "registration", "matrix.example", "--out", file)
	if code != exitOK || !strings.Contains(out, file) {
		t.Fatalf("%d %s", code, stderr)
	}
	is, err := os.Stat(file)
	if err != nil || is.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", is, err)
	}
	r, err := bridge.ReadRegistration(file)
	if err != nil || strings.Contains(out, r.AppToken) {
		t.Errorf("%s %v", out, err)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for want, args := range map[string][]string{
		"file exists":             {"registration", "matrix.example", "--out", file},
		"behind the colon":        {"registration", "no name"},
		"matrix-homeserver":       {"check"},
		"needs one of":            {"check", "--matrix-homeserver", gone.URL},
		"is neither a homeserver": {"check", "--matrix-homeserver", gone.URL, "--matrix-registration", file, "--matrix-page", "https://meet.example", "--matrix-invite", "@"},
		"is there already":        {"login", "@bot:matrix.example", "--homeserver", gone.URL, "--out", file, "--password-file", file},
		"does not answer":         {"login", "@bot:matrix.example", "--homeserver", gone.URL, "--out", file + "2", "--password-file", file},
		"no registration":         {"check", "--matrix-homeserver", gone.URL, "--matrix-registration", os.Args[0], "--matrix-page", "https://meet.example"},
	} {
		code, _, stderr := try(t, append([]string{"bridge"}, args...)...)
		if code == exitOK || !strings.Contains(stderr, want) || !strings.Contains(stderr, "hint: ") {
			t.Errorf("%v: %d %s", args, code, stderr)
		}
	}
	code, out, _ = try(t, "bridge", "check", "--json", "--matrix-homeserver", gone.URL, "--matrix-registration", file, "--matrix-page", "https://meet.example")
	var found []bridge.Finding
	if err := json.Unmarshal([]byte(out), &found); code != exitFail || err != nil || len(found) != 1 || found[0].OK || found[0].Hint == "" {
		t.Errorf("%d %s %v", code, out, err)
	}
}

// In a room that belongs to one of Matrix its members walk in, others knock, and nobody moderates for having come first.
func TestTermsOfLinkedRooms(t *testing.T) {
	none := func(context.Context, string) (room.Terms, error) { return room.Terms{}, nil }
	unknown := func(context.Context, string) (room.Terms, error) { return room.Terms{}, room.UnknownRoom() }
	of := func(linked bool, terms func(context.Context, string) (room.Terms, error)) (room.Terms, error) {
		return linkedTerms(terms, func(slug string) bool { return linked && slug == "blue-harbour" })(t.Context(), "blue-harbour")
	}
	for _, terms := range []func(context.Context, string) (room.Terms, error){none, unknown} {
		if got, err := of(true, terms); err != nil || !got.Made || !got.Waiting || got.DefaultRole != wire.RoleParticipant {
			t.Errorf("%+v %v", got, err)
		}
	}
	if got, err := of(false, none); err != nil || got.Made || got.Waiting || got.DefaultRole != "" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := of(false, unknown); err == nil {
		t.Error("a room that there is not")
	}
}
