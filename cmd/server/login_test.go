package main

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOperatorSignsIn(t *testing.T) {
	data := filepath.Join(t.TempDir(), "grotto")
	url := start(t, "--data", data)
	code, password, stderr := try(t, "admin", "password", "--data", data) // while it runs
	if code != exitOK {
		t.Fatal(stderr)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	defer browser.CloseIdleConnections()
	r, err := browser.Post(url+"/login/password", "application/json", strings.NewReader(`{"password":"`+strings.TrimSpace(password)+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var state struct{ Operator, Provider bool }
	got := fetch(t, browser, url+"/login/state")
	if err := json.Unmarshal(got.body, &state); r.StatusCode != http.StatusNoContent || err != nil || !state.Operator || state.Provider {
		t.Errorf("%d %s", r.StatusCode, got.body)
	}
	for origin, want := range map[string]int{url: http.StatusCreated, "https://elsewhere.example": http.StatusUnauthorized} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v1/rooms", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Origin", origin)
		made, err := browser.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		made.Body.Close()
		if made.StatusCode != want {
			t.Errorf("a room made from %s: %d", origin, made.StatusCode)
		}
	}
}

func TestBadLoginSettings(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		hint string
	}{
		"no client":     {[]string{"--oidc-issuer", "https://id.example.org"}, exitUsage, "name both"},
		"plain HTTP":    {[]string{"--oidc-issuer", "http://id.example.org", "--oidc-client-id", "x"}, exitUsage, "https://"},
		"no secret":     {[]string{"--oidc-issuer", "https://id.example.org", "--oidc-client-id", "x", "--oidc-client-secret", empty}, exitFail, "--oidc-client-secret"},
		"no such file":  {[]string{"--oidc-issuer", "https://id.example.org", "--oidc-client-id", "x", "--oidc-client-secret", empty + "x"}, exitFail, "--oidc-client-secret"},
		"no data to go": {[]string{"admin", "password", "--data", empty + "/x"}, exitFail, "--data"},
	} {
		code, out, stderr := try(t, append([]string{"--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0"}, c.args...)...)
		if _, hint, _ := strings.Cut(stderr, "\nhint: "); code != c.code || !strings.Contains(hint, c.hint) {
			t.Errorf("%s: %d %s%s", name, code, out, stderr)
		}
	}
}
