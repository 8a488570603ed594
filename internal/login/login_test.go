package login

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/wire"
)

// site is a server with a login, and a browser.
type site struct {
	*testing.T
	*httptest.Server
	login   *Login
	browser *http.Client
}

func newSite(t *testing.T, cfg Config) *site {
	s := &site{T: t, login: New(cfg)}
	mux := http.NewServeMux()
	mux.Handle(Path, s.login.Handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "page "+r.URL.Path) })
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	s.leave()
	return s
}

// leave takes another browser.
func (s *site) leave() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	s.browser = &http.Client{Jar: jar}
}

func (s *site) get(path string) (status int, body string) {
	s.Helper()
	r, err := s.browser.Get(s.URL + path)
	if err != nil {
		s.Fatal(err)
	}
	return read(s.T, r)
}

func (s *site) post(path, body, origin string) (status int, text string) {
	s.Helper()
	request, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	r, err := s.browser.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	return read(s.T, r)
}

func read(t *testing.T, r *http.Response) (int, string) {
	t.Helper()
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// request is one of this browser's.
func (s *site) request(method, origin string) *http.Request {
	r := httptest.NewRequest(method, s.URL+"/v1/signal", nil)
	r.Host = strings.TrimPrefix(s.URL, "http://")
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	for _, c := range s.browser.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	return r
}

func withProvider(t *testing.T, change func(*Provider)) (*site, *op, []byte) {
	o := newOP(t)
	p := &Provider{Issuer: o.URL, ClientID: "grotto", ClientSecret: "s3cret"}
	if change != nil {
		change(p)
	}
	secret := token.NewSecret()
	return newSite(t, Config{Provider: p, Signer: token.NewSigner(secret)}), o, secret
}

func TestSigningInToModerate(t *testing.T) {
	s, o, secret := withProvider(t, nil)
	if status, body := s.get("/login/start?to=/r/blue-harbour"); status != http.StatusOK || body != "page /r/blue-harbour" {
		t.Fatal(status, body)
	}
	if o.asked.Get("response_type") != "code" || o.asked.Get("scope") != "openid email" || o.asked.Get("redirect_uri") != s.URL+"/login/callback" {
		t.Error(o.asked)
	}
	if _, body := s.get("/login/state"); body != `{"provider":true,"password":false,"signed_in":true,"operator":false}`+"\n" {
		t.Error(body)
	}
	verifier := token.Verifier{Secret: secret, Only: true}
	who, err := verifier.Admit(t.Context(), s.login.Vouch(s.request(http.MethodGet, s.URL)), "any-room")
	if err != nil || who.Role != wire.RoleModerator || who.ExternalID != o.URL+" 7" || time.Until(who.Expires) > Life {
		t.Errorf("%+v %v", who, err)
	}
	if s.login.Operator(s.request(http.MethodGet, s.URL)) {
		t.Error("a moderator operates")
	}
	s.post("/login/out", "", s.URL)
	if s.login.Vouch(s.request(http.MethodGet, s.URL)) != "" {
		t.Error("still signed in")
	}
}

// S3: a page elsewhere has the browser open a WebSocket here, or do what operators do.
func TestS3_RequestsOfOtherPages(t *testing.T) {
	s, _, _ := withProvider(t, func(p *Provider) { p.Operators = []string{"ada@example.org"} })
	s.get("/login/start?to=/admin")
	for origin, own := range map[string]bool{s.URL: true, "https://elsewhere.example": false, "null": false, "": false} {
		if got := s.login.Vouch(s.request(http.MethodGet, origin)) != ""; got != own {
			t.Errorf("%q: vouched %v", origin, got)
		}
	}
	for origin, own := range map[string]bool{s.URL: true, "https://elsewhere.example": false, "null": false} {
		if got := s.login.Operator(s.request(http.MethodPost, origin)); got != own {
			t.Errorf("%q: operates %v", origin, got)
		}
	}
	if status, _ := s.post("/login/out", "", "https://elsewhere.example"); status != http.StatusForbidden || !s.login.Operator(s.request(http.MethodGet, "")) {
		t.Error("signed out from elsewhere:", status)
	}
}

func TestCookies(t *testing.T) {
	l := New(Config{})
	for name, secure := range map[string]bool{"grotto": false, "__Host-grotto": true} {
		r := httptest.NewRequest(http.MethodGet, "http://meet.example.org/", nil)
		if secure {
			r.Header.Set("X-Forwarded-Proto", "https")
		}
		w := httptest.NewRecorder()
		l.signIn(w, r, session{person: "ada"})
		c := w.Result().Cookies()[0]
		if c.Name != name || !c.HttpOnly || c.Secure != secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || len(c.Value) < 40 {
			t.Errorf("%+v", c)
		}
	}
}

func TestSessionsEndAndAreBounded(t *testing.T) {
	l := New(Config{})
	var first *http.Cookie
	for range maxSessions + 1 {
		w := httptest.NewRecorder()
		l.signIn(w, httptest.NewRequest(http.MethodGet, "/", nil), session{operator: true})
		if first == nil {
			first = w.Result().Cookies()[0]
		}
	}
	if len(l.sessions) != maxSessions {
		t.Error(len(l.sessions))
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(first)
	if l.of(r) != nil {
		t.Error("the oldest stays")
	}
	w := httptest.NewRecorder()
	l.signIn(w, httptest.NewRequest(http.MethodGet, "/", nil), session{operator: true})
	r = httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(w.Result().Cookies()[0])
	s := l.of(r)
	if s == nil {
		t.Fatal("not signed in")
	}
	s.ends = time.Now()
	if l.of(r) != nil || l.Operator(r) {
		t.Error("a session has no end")
	}
}

// S4: tokens of the provider that are not for this sign-in, or not the provider's.
func TestS4_ForgedSignIns(t *testing.T) {
	for name, spoil := range map[string]func(*op){
		"another's nonce":  func(o *op) { o.claims = map[string]any{"nonce": "x"} },
		"no nonce":         func(o *op) { o.claims = map[string]any{"nonce": ""} },
		"another client's": func(o *op) { o.claims = map[string]any{"aud": "shop"} },
		"another issuer's": func(o *op) { o.claims = map[string]any{"iss": "https://evil.example"} },
		"expired":          func(o *op) { o.claims = map[string]any{"exp": time.Now().Add(-time.Minute).Unix()} },
		"nobody's":         func(o *op) { o.claims = map[string]any{"sub": ""} },
		"unsigned":         func(o *op) { o.method, o.signed = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType },
		"by our secret":    func(o *op) { o.method, o.signed = jwt.SigningMethodHS256, []byte("s3cret") },
	} {
		t.Run(name, func(t *testing.T) {
			s, o, _ := withProvider(t, nil)
			spoil(o)
			if status, body := s.get("/login/start"); status != http.StatusForbidden || !strings.Contains(body, "did not vouch") {
				t.Error(status, body)
			}
			if _, body := s.get("/login/state"); !strings.Contains(body, `"signed_in":false`) {
				t.Error(body)
			}
		})
	}
}

// Somebody else's answer in this browser would sign it in as them.
func TestS4_CallbackOfAnotherBrowser(t *testing.T) {
	s, _, _ := withProvider(t, nil)
	s.browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), s.URL+"/login/callback") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	r, err := s.browser.Get(s.URL + "/login/start")
	if err != nil {
		t.Fatal(err)
	}
	read(t, r)
	back := strings.TrimPrefix(r.Header.Get("Location"), s.URL)
	mine := s.browser
	s.leave()
	if status, _ := s.get(back); status != http.StatusBadRequest {
		t.Error("taken from another browser:", status)
	}
	s.browser = mine
	if status, _ := s.get(strings.Replace(back, "state=", "state=x", 1)); status != http.StatusBadRequest {
		t.Error("taken with another state:", status)
	}
	if status, _ := s.get(back); status != http.StatusBadRequest {
		t.Error("a way can be gone twice:", status)
	}
}

func TestWhoMaySignIn(t *testing.T) {
	verified := map[string]any{}
	for name, c := range map[string]struct {
		list   []string
		claims map[string]any
		in     bool
	}{
		"by address":           {[]string{"Ada@Example.org"}, verified, true},
		"by domain":            {[]string{"@example.org"}, verified, true},
		"domain that ends so":  {[]string{"@ample.org"}, verified, false},
		"another address":      {[]string{"bob@example.org"}, verified, false},
		"not verified":         {[]string{"ada@example.org", "@example.org"}, map[string]any{"email_verified": false}, false},
		"verified, as a text":  {[]string{"ada@example.org"}, map[string]any{"email_verified": "true"}, true},
		"by group":             {[]string{"group:staff"}, map[string]any{"groups": []string{"staff"}}, true},
		"address like a group": {[]string{"group:staff"}, map[string]any{"email": "group:staff"}, false},
		"by subject":           {[]string{"sub:7"}, verified, true},
		"another subject":      {[]string{"sub:77"}, verified, false},
		"told by userinfo":     {[]string{"ada@example.org"}, map[string]any{"email": "", "email_verified": nil}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, o, _ := withProvider(t, func(p *Provider) { p.Moderators = c.list })
			o.claims, o.more = c.claims, map[string]any{"sub": "7", "email": "ada@example.org", "email_verified": true}
			if status, body := s.get("/login/start"); (status == http.StatusOK) != c.in {
				t.Error(status, body)
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	for to, want := range map[string]string{"/admin": "/admin", "/r/blue-harbour": "/r/blue-harbour", "": "/", "//evil.example": "/", "/\\evil.example": "/",
		"https://evil.example": "/", "/r/../login/out": "/", "/r/blue-harbour?token=x": "/", "/r/blue-harbour\n": "/"} {
		if got := place(to); got != want {
			t.Errorf("%q: %q", to, got)
		}
	}
}

func TestProviderIsGone(t *testing.T) {
	s, o, _ := withProvider(t, nil)
	o.Close()
	if status, body := s.get("/login/start"); status != http.StatusBadGateway || !strings.Contains(body, "does not answer") {
		t.Error(status, body)
	}
}

func TestOperatorByPassword(t *testing.T) {
	password := &Password{Path: filepath.Join(t.TempDir(), "admin-password")}
	s := newSite(t, Config{Password: password, Signer: token.NewSigner(token.NewSecret())})
	if status, _ := s.post("/login/password", `{"password":""}`, s.URL); status != http.StatusForbidden {
		t.Error("taken without one:", status)
	}
	made, err := password.Make()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(password.Path); err != nil || strings.Contains(string(text), made) {
		t.Error("the password stands in the file", err)
	}
	if info, err := os.Stat(password.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	for _, c := range []struct {
		body, origin string
		status       int
	}{
		{"{", s.URL, http.StatusBadRequest},
		{`{"password":"` + made + `x"}`, s.URL, http.StatusForbidden},
		{`{"password":"` + made + `"}`, "https://elsewhere.example", http.StatusForbidden},
		{`{"password":"` + made + `"}`, s.URL, http.StatusNoContent},
		{`{"password":"` + made + `"}`, s.URL, http.StatusForbidden}, // once
	} {
		if status, body := s.post("/login/password", c.body, c.origin); status != c.status {
			t.Errorf("%s from %s: %d %s", c.body, c.origin, status, body)
		}
	}
	if !s.login.Operator(s.request(http.MethodPost, s.URL)) || s.login.Vouch(s.request(http.MethodGet, s.URL)) != "" {
		t.Error("an operator operates and moderates nothing")
	}
}

func TestOldPassword(t *testing.T) {
	password := &Password{Path: filepath.Join(t.TempDir(), "admin-password")}
	text := `{"sha256":"` + hashed("x") + `","until":"2026-01-01T00:00:00Z"}`
	if err := os.WriteFile(password.Path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if password.Take("x") {
		t.Error("it never ends")
	}
}
