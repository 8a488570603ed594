package login

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/token"
)

// patience is for a provider on a busy machine.
const patience = time.Minute

// startProvider runs the example provider of zitadel/oidc, which is built from the module in the folder op. It knows a client
// called web, and a person called test-user@localhost.
func startProvider(t *testing.T, redirect string) (issuer string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "op")
	build := exec.Command("go", "build", "-o", program, "github.com/zitadel/oidc/v3/example/server")
	build.Dir = "op"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	run := exec.Command(program)
	run.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port), "REDIRECT_URI="+redirect)
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
	})
	issuer = fmt.Sprintf("http://localhost:%d/", port)
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		r, err := http.Get(issuer + ".well-known/openid-configuration")
		if err == nil {
			r.Body.Close()
			return issuer
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// The whole way with a provider that is not ours.
func TestSigningInAtZitadelsExample(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a provider")
	}
	provider := &Provider{ClientID: "web", ClientSecret: "secret", Moderators: []string{"@zitadel.ch"}}
	secret := token.NewSecret()
	s := newSite(t, Config{Provider: provider, Signer: token.NewSigner(secret)})
	provider.Issuer = startProvider(t, s.URL+"/login/callback")

	asks, err := s.browser.Get(s.URL + "/login/start?to=/r/blue-harbour")
	if err != nil {
		t.Fatal(err)
	}
	read(t, asks)
	form := url.Values{"id": {asks.Request.URL.Query().Get("authRequestID")}, "username": {"test-user@localhost"}, "password": {"verysecure"}}
	if form.Get("id") == "" {
		t.Fatalf("led to %s", asks.Request.URL)
	}
	r, err := s.browser.PostForm(provider.Issuer+"login/username", form)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := read(t, r); status != http.StatusOK || body != "page /r/blue-harbour" {
		t.Fatalf("%d %s, at %s", status, body, r.Request.URL)
	}
	who, err := (&token.Verifier{Secret: secret}).Admit(t.Context(), s.login.Vouch(s.request(http.MethodGet, s.URL)), "blue-harbour")
	if err != nil || !strings.HasPrefix(who.ExternalID, provider.Issuer+" ") || who.Role != "moderator" {
		t.Errorf("%+v %v", who, err)
	}
}
