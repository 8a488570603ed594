// Package login knows who is signed in with a browser: people whom an OpenID provider vouches for, who moderate, and operators, who
// run the server.
//
// [New] makes a [Login]; its [Login.Handler] is for everything below [Path]. [Login.Vouch] gives the join token of who opens a WebSocket
// signed in, and [Login.Operator] says whether a request is an operator's.
//
// Sessions are in memory, named by a cookie that scripts cannot read and that does not come along from other sites: a restart of
// the server signs everybody out. Requests that change something are refused from pages elsewhere.
//
// # Does not protect
//
// Who is signed in is the server's word, like every role. The provider learns when somebody signs in, and not to which
// meeting; who runs it can sign in as anybody.
package login

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/wire"
)

// Path is above everything here.
const Path = "/login/"

const (
	// Life of a session, from signing in. Calls that one entered by it end then, too.
	Life = 12 * time.Hour
	// maxSessions bounds them; the oldest goes for a new one.
	maxSessions = 10000
	maxBody     = 4 << 10
)

// Config of a [Login]. The zero value signs nobody in.
type Config struct {
	Provider *Provider     // nil: nobody moderates by signing in
	Password *Password     // nil: no operator signs in by password
	Signer   *token.Signer // of join tokens; nobody is vouched for if nil
	Secure   bool          // the page is always reached over HTTPS
	Log      *slog.Logger
}

// Login holds the sessions. It is safe for concurrent use.
type Login struct {
	cfg     Config
	key     [32]byte // of what is carried to the provider and back
	mux     *http.ServeMux
	foreign *http.CrossOriginProtection

	mu       sync.Mutex
	sessions map[[32]byte]*session // by the hash of the cookie
}

// session is somebody who is signed in.
type session struct {
	person   string // to the provider; empty for the operator by password
	operator bool
	ends     time.Time
}

// New signs nobody in yet.
func New(cfg Config) *Login {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	l := &Login{cfg: cfg, mux: http.NewServeMux(), foreign: http.NewCrossOriginProtection(), sessions: map[[32]byte]*session{}}
	_, _ = rand.Read(l.key[:]) // it never fails
	l.mux.HandleFunc("GET "+Path+"state", l.state)
	l.mux.HandleFunc("POST "+Path+"out", l.out)
	if cfg.Provider != nil {
		l.mux.HandleFunc("GET "+Path+"start", l.start)
		l.mux.HandleFunc("GET "+Path+"callback", l.callback)
	}
	if cfg.Password != nil {
		l.mux.HandleFunc("POST "+Path+"password", l.password)
	}
	return l
}

// Handler serves everything below [Path].
func (l *Login) Handler() http.Handler {
	inner := l.foreign.Handler(l.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Cache-Control", "no-store")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		inner.ServeHTTP(w, r)
	})
}

// Vouch gives the join token of who opens a WebSocket signed in, from a page of this server; empty for anybody else.
func (l *Login) Vouch(r *http.Request) string {
	s := l.of(r)
	if s == nil || s.person == "" || l.cfg.Signer == nil || !ownPage(r) {
		return ""
	}
	signed, err := l.cfg.Signer.Sign(token.Claims{Room: token.AnyRoom, Role: wire.RoleModerator, ExternalID: s.person, Expires: s.ends})
	if err != nil {
		return ""
	}
	return signed.Token
}

// ownPage: a WebSocket is not kept from pages elsewhere by itself, and some may open one.
func ownPage(r *http.Request) bool {
	u, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// Operator says whether a request is an operator's, and no other page made the browser send it.
func (l *Login) Operator(r *http.Request) bool {
	s := l.of(r)
	return s != nil && s.operator && l.foreign.Check(r) == nil
}

// of finds the session of a request; nil if there is none.
func (l *Login) of(r *http.Request) *session {
	cookie, err := r.Cookie(l.cookieName(r))
	if err != nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	name := sha256.Sum256([]byte(cookie.Value))
	s := l.sessions[name]
	if s != nil && !time.Now().Before(s.ends) {
		delete(l.sessions, name)
		return nil
	}
	return s
}

// signIn begins a session, in the place of the one there was.
func (l *Login) signIn(w http.ResponseWriter, r *http.Request, s session) {
	l.drop(r)
	value := random()
	s.ends = time.Now().Add(Life)
	l.mu.Lock()
	if len(l.sessions) >= maxSessions {
		l.dropOldest()
	}
	l.sessions[sha256.Sum256([]byte(value))] = &s
	l.mu.Unlock()
	http.SetCookie(w, l.cookie(r, value, Life))
	l.cfg.Log.Info("signed in", "operator", s.operator)
}

func (l *Login) drop(r *http.Request) {
	if cookie, err := r.Cookie(l.cookieName(r)); err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.sessions, sha256.Sum256([]byte(cookie.Value)))
	}
}

// dropOldest ends the session that would end first; the lock is held.
func (l *Login) dropOldest() {
	var oldest [32]byte
	first := true
	for name, s := range l.sessions {
		if first || s.ends.Before(l.sessions[oldest].ends) {
			oldest, first = name, false
		}
	}
	delete(l.sessions, oldest)
}

func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// secure: a proxy that takes HTTPS off says so. Who says so without one has cookies that the browser does not send over HTTP.
func (l *Login) secure(r *http.Request) bool {
	return l.cfg.Secure || r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// cookieName: the prefix keeps other hosts of the domain from setting it (RFC 6265bis §4.1.3.2).
func (l *Login) cookieName(r *http.Request) string {
	if l.secure(r) {
		return "__Host-grotto"
	}
	return "grotto"
}

// cookie is Lax, not Strict: coming back from the provider one is to be signed in.
func (l *Login) cookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{Name: l.cookieName(r), Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: l.secure(r), HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// State is what a page is told.
type State struct {
	Provider bool `json:"provider"` // one can sign in to moderate
	Password bool `json:"password"` // an operator can sign in by a one-time password
	SignedIn bool `json:"signed_in"`
	Operator bool `json:"operator"`
}

func (l *Login) state(w http.ResponseWriter, r *http.Request) {
	s := l.of(r)
	answer(w, http.StatusOK, State{Provider: l.cfg.Provider != nil, Password: l.cfg.Password != nil, SignedIn: s != nil, Operator: s != nil && s.operator})
}

func (l *Login) out(w http.ResponseWriter, r *http.Request) {
	l.drop(r)
	http.SetCookie(w, l.cookie(r, "", -time.Second))
	w.WriteHeader(http.StatusNoContent)
}

type problem struct {
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func (l *Login) password(w http.ResponseWriter, r *http.Request) {
	var given struct {
		Password string `json:"password"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&given); err != nil {
		answer(w, http.StatusBadRequest, problem{"this is no password", `send {"password": "..."}`})
		return
	}
	if !l.cfg.Password.Take(given.Password) {
		l.cfg.Log.Warn("a wrong password for operators")
		answer(w, http.StatusForbidden, problem{"this password is wrong, used already, or too old", "make a new one on the server: grotto-server admin password"})
		return
	}
	l.signIn(w, r, session{operator: true})
	w.WriteHeader(http.StatusNoContent)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the reader has gone: nothing to do
}

// places are where one may want to be after signing in. Nothing else is followed: it could lead anywhere.
var places = regexp.MustCompile(`^/(?:r/[a-z0-9-]{3,64}|admin)?$`)

func place(to string) string {
	if places.MatchString(to) {
		return to
	}
	return "/"
}
