package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/internal/rest"
)

// A key that the command makes works at a server that runs already, does what it is for, and is gone when it is revoked.
func TestAPIKeys(t *testing.T) {
	data := filepath.Join(t.TempDir(), "grotto")
	url := start(t, "--data", data)
	code, made, stderr := try(t, "api-key", "create", "--name", "tests", "--scope", "rooms:read", "--scope", "rooms:write", "--for", "1h", "--data", data, "--json")
	var key struct{ ID, Key string }
	if err := json.Unmarshal([]byte(made), &key); code != exitOK || err != nil || !strings.HasPrefix(key.Key, "grotto_"+key.ID) {
		t.Fatalf("%d %s%s%v", code, made, stderr, err)
	}
	c := &rest.Client{Server: url, Key: key.Key}
	is, err := c.CreateRoom(t.Context(), rest.RoomSettings{FriendlyURL: rest.Some("weekly"), Privacy: rest.Some("private")})
	if err != nil || is.Link != url+"/r/weekly" {
		t.Fatalf("%+v %v", is, err)
	}
	if got := greeted(t, url, "weekly", ""); got.Code != "token_needed" {
		t.Errorf("%+v", got)
	}
	if _, err := c.Webhooks(t.Context()); refused(err) != 403 {
		t.Error(err)
	}
	code, list, _ := try(t, "api-key", "list", "--data", data)
	if code != exitOK || !strings.Contains(list, key.ID) || !strings.Contains(list, "rooms:read,rooms:write") || strings.Contains(list, key.Key) {
		t.Errorf("%d %s", code, list)
	}
	if code, _, stderr := try(t, "api-key", "create", "--scope", "rooms", "--data", data); code == exitOK || !strings.Contains(stderr, "hint: all, rooms:read") {
		t.Errorf("%d %s", code, stderr)
	}
	if code, _, stderr := try(t, "api-key", "revoke", key.ID, "--data", data); code != exitOK {
		t.Error(stderr)
	}
	if code, _, stderr := try(t, "api-key", "revoke", key.ID, "--data", data); code == exitOK || !strings.Contains(stderr, "hint: grotto-server api-key list") {
		t.Errorf("%d %s", code, stderr)
	}
	if _, err := c.Room(t.Context(), "weekly"); refused(err) != 401 {
		t.Error(err)
	}
}

func refused(err error) int {
	if e, ok := errors.AsType[*rest.Error](err); ok {
		return e.Status
	}
	return 0
}
