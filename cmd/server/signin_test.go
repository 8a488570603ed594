package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/store"
)

// The server signs people of Matrix in where it has a bridge, and its homeserver need not be there for that; without one it has nothing of it.
func TestSignInIsServed(t *testing.T) {
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	folder := t.TempDir()
	registration := filepath.Join(folder, "registration.yaml")
	if code, out, stderr := try(t, "bridge", "registration", "hs.example", "--out", registration); code != exitOK {
		t.Fatalf("%d %s%s", code, out, stderr)
	}
	with := start(t, "--data", filepath.Join(folder, "with"), "--matrix-homeserver", away.URL, "--matrix-registration", registration, "--matrix-page", "https://meet.example",
		"--matrix-federation", "other.example", "--matrix-client-url", "https://hs.example")
	without := start(t, "--data", filepath.Join(folder, "without"))
	ask := func(url, method, path, body string) (int, string, http.Header) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text), answer.Header
	}
	status, text, head := ask(with, http.MethodGet, "/.well-known/matrix/client", "")
	if status != http.StatusOK || !strings.Contains(text, `"base_url":"https://hs.example"`) || !strings.Contains(text, `"url":"https://meet.example"`) || head.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("%d %s %v", status, text, head)
	}
	for server, want := range map[string]string{"hs.example": "M_UNKNOWN", "else.example": "M_FORBIDDEN"} {
		body := `{"slug":"blue-harbour","device_id":"X","openid_token":{"access_token":"x","matrix_server_name":"` + server + `"}}`
		if status, text, _ := ask(with, http.MethodPost, "/matrix/token", body); !strings.Contains(text, want+`"`) {
			t.Errorf("%s: %d %s", server, status, text)
		}
	}
	if status, text, _ := ask(without, http.MethodPost, "/matrix/token", "{}"); status == http.StatusOK || strings.Contains(text, "errcode") {
		t.Errorf("%d %s", status, text)
	}
}

// M5: what signs people of Matrix in is another secret than the one that other programs may have, the same after a restart, and the verifier looks at them again.
func TestM5_OwnSecretIsTheServersAlone(t *testing.T) {
	folder, log := t.TempDir(), slog.New(slog.DiscardHandler)
	registration := filepath.Join(folder, "registration.yaml")
	if code, _, stderr := try(t, "bridge", "registration", "hs.example", "--out", registration); code != exitOK {
		t.Fatal(stderr)
	}
	f := &config.Settings{MatrixHomeserver: "http://127.0.0.1:1", MatrixRegistration: registration, MatrixPage: "https://meet.example"}
	kept, err := store.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	var before []byte
	for range 2 {
		matrix, err := openBridge(f, folder, log)
		if err != nil {
			t.Fatal(err)
		}
		doors, err := openTokens(t.Context(), f, kept, log)
		if err != nil {
			t.Fatal(err)
		}
		if doors.verifier.Own != nil {
			t.Error("a server without a bridge takes its tokens")
		}
		if s, err := openSignIn(t.Context(), f, kept, matrix, doors.verifier, log); s == nil || err != nil {
			t.Fatal(err)
		}
		if v := doors.verifier; len(v.Own) == 0 || bytes.Equal(v.Own, v.Secret) || v.Still == nil || before != nil && !bytes.Equal(v.Own, before) {
			t.Error("the secret is not the server's alone, or not lasting, or nobody is looked at again")
		}
		before = doors.verifier.Own
		if err := matrix.Close(); err != nil {
			t.Error(err)
		}
	}
}
