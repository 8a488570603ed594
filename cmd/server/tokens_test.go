package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// start runs the server until the test ends, and gives the address of its page.
func start(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	done := make(chan int)
	var complaints strings.Builder
	go func() {
		done <- run(ctx, append([]string{"--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0"}, args...), in, &complaints)
		in.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	t.Cleanup(func() {
		stop()
		if err == nil && <-done != exitOK {
			t.Error(complaints.String())
		}
	})
	if err != nil {
		t.Fatalf("status %d\n%s", <-done, complaints.String())
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "Grotto is at "), "/")
}

func greeted(t *testing.T, url, room, token string) answer {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/v1/signal", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	return exchange(t, ws, fmt.Sprintf(`{"type":"hello","id":1,"version":1,"room":%q,"token":%q}`, room, token))
}

func TestTokens(t *testing.T) {
	data := filepath.Join(t.TempDir(), "grotto")
	code, made, stderr := try(t, "token", "blue-harbour", "--role", "moderator", "--external-id", "ada", "--data", data)
	if code != exitOK || strings.Count(made, ".") != 2 {
		t.Fatalf("%d %s%s", code, made, stderr)
	}
	token := strings.TrimSpace(made)
	url := start(t, "--token-only", "--data", data)
	for _, c := range []struct {
		room, token string
		want        answer
	}{
		{"blue-harbour", "", answer{"error", "token_needed"}},
		{"blue-harbour", token, answer{Type: "welcome"}},
		{"blue-harbour--1", token, answer{Type: "welcome"}},
		{"red-harbour", token, answer{"error", "bad_token"}},
		{"blue-harbour", token + "x", answer{"error", "bad_token"}},
	} {
		if got := greeted(t, url, c.room, c.token); got != c.want {
			t.Errorf("%s: %+v", c.room, got)
		}
	}
	code, made, _ = try(t, "token", "*", "--for", "10m", "--json", "--data", data)
	var whole struct {
		Token, ID string
		Expires   time.Time
	}
	if err := json.Unmarshal([]byte(made), &whole); code != exitOK || err != nil || whole.ID == "" || time.Until(whole.Expires) > 10*time.Minute {
		t.Errorf("%d %s %v", code, made, err)
	}
	if got := greeted(t, url, "red-harbour", whole.Token); got.Type != "welcome" {
		t.Errorf("%+v", got)
	}
}

func TestBadTokenSettings(t *testing.T) {
	weak := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(weak, []byte("changeme"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		hint string
	}{
		"weak secret":   {[]string{"--token-secret", weak}, "openssl rand"},
		"no secret":     {[]string{"--token-secret", weak + "x"}, "--token-secret"},
		"no public key": {[]string{"--token-public-key", weak}, "openssl pkey -pubout"},
		"no such room":  {[]string{"token", "Blue Harbour"}, "token --help"},
		"too long":      {[]string{"token", "blue-harbour", "--for", "99999h"}, "token --help"},
	} {
		code, out, stderr := try(t, append(c.args, "--data", filepath.Join(t.TempDir(), "grotto"))...)
		if _, hint, _ := strings.Cut(stderr, "\nhint: "); code != exitFail || !strings.Contains(hint, c.hint) {
			t.Errorf("%s: %d %s%s", name, code, out, stderr)
		}
	}
}

// Without a folder for data the server runs, unless one was named; and no token can be made that it would know.
func TestNoDataFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_STATE_HOME", file)
	if got := greeted(t, start(t), "blue-harbour", ""); got.Type != "welcome" {
		t.Errorf("%+v", got)
	}
	for _, args := range [][]string{{"--data", filepath.Join(file, "grotto")}, {"token", "blue-harbour"}} {
		if code, _, stderr := try(t, args...); code != exitFail || !strings.Contains(stderr, "hint: --data names") {
			t.Errorf("%v: %d %s", args, code, stderr)
		}
	}
}
