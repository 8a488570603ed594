package login

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	askTimeout = 10 * time.Second // of the provider
	wayTimeout = 10 * time.Minute // of somebody who is there
	wayCookie  = "grotto-way"
)

// Provider is an OpenID provider (OpenID Connect Core 1.0, authorization code with PKCE). It is asked when the first one signs in.
type Provider struct {
	Issuer       string
	ClientID     string
	ClientSecret string   // none for a public client
	Redirect     string   // https://meet.example.org/login/callback; as the browser has it if empty
	Moderators   []string // who moderates: see among; everybody whom the provider knows if empty
	Operators    []string // who runs the server; nobody if empty

	mu    sync.Mutex
	found *oidc.Provider
}

// scopes: groups where the provider has such a scope; others leave it out.
var scopes = []string{oidc.ScopeOpenID, "email", "groups"}

// find asks the provider where its parts are, until it has said so once.
func (p *Provider) find(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		// Not ctx: what is found keeps it, to fetch keys later.
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: askTimeout}), p.Issuer)
		if err != nil {
			return nil, err
		}
		p.found = found
	}
	return p.found, nil
}

func (p *Provider) client(found *oidc.Provider, redirect string) *oauth2.Config {
	var supported struct {
		Scopes []string `json:"scopes_supported"`
	}
	wanted := scopes
	if found.Claims(&supported) == nil && len(supported.Scopes) > 0 {
		wanted = slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s != oidc.ScopeOpenID && !slices.Contains(supported.Scopes, s) })
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: redirect, Scopes: wanted}
}

// way is what one needs again when coming back.
type way struct {
	State, Nonce, Verifier, Redirect, To string
	Until                                time.Time
}

// start leads to the provider.
func (l *Login) start(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	found, err := l.cfg.Provider.find(ctx)
	if err != nil {
		l.trouble(w, http.StatusBadGateway, "the provider does not answer", err)
		return
	}
	went := way{random(), random(), oauth2.GenerateVerifier(), l.redirect(r), place(r.URL.Query().Get("to")), time.Now().Add(wayTimeout)}
	http.SetCookie(w, l.wayCookie(r, l.seal(went), wayTimeout))
	to := l.cfg.Provider.client(found, went.Redirect).AuthCodeURL(went.State, oidc.Nonce(went.Nonce), oauth2.S256ChallengeOption(went.Verifier))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// redirect is where the provider sends people back to: it takes only what it was told of.
func (l *Login) redirect(r *http.Request) string {
	if l.cfg.Provider.Redirect != "" {
		return l.cfg.Provider.Redirect
	}
	scheme := "http"
	if l.secure(r) {
		scheme = "https"
	}
	return scheme + "://" + r.Host + Path + "callback"
}

func (l *Login) wayCookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{Name: wayCookie, Value: value, Path: Path, MaxAge: int(life / time.Second),
		Secure: l.secure(r), HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// seal signs what the browser carries: nothing of it is kept here, so that nobody can fill this server with beginnings.
func (l *Login) seal(went way) string {
	text, _ := json.Marshal(went) // strings and a time
	return base64.RawURLEncoding.EncodeToString(append(l.sum(text), text...))
}

func (l *Login) sum(text []byte) []byte {
	mac := hmac.New(sha256.New, l.key[:])
	mac.Write(text)
	return mac.Sum(nil)
}

var errWay = errors.New("login: not on the way, or for too long")

func (l *Login) open(r *http.Request) (went way, err error) {
	cookie, err := r.Cookie(wayCookie)
	if err != nil {
		return went, errWay
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(sealed) < sha256.Size || !hmac.Equal(sealed[:sha256.Size], l.sum(sealed[sha256.Size:])) {
		return went, errWay
	}
	err = json.Unmarshal(sealed[sha256.Size:], &went)
	if err != nil || time.Now().After(went.Until) || !hmac.Equal([]byte(went.State), []byte(r.URL.Query().Get("state"))) {
		return went, errWay
	}
	return went, nil
}

// callback is where the provider sends people back to.
func (l *Login) callback(w http.ResponseWriter, r *http.Request) {
	went, err := l.open(r)
	http.SetCookie(w, l.wayCookie(r, "", -time.Second)) // once
	if err != nil {
		l.trouble(w, http.StatusBadRequest, "this sign-in was not begun here, or too long ago; begin again", err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	who, err := l.cfg.Provider.exchange(ctx, r.URL.Query().Get("code"), went)
	if err != nil {
		l.trouble(w, http.StatusForbidden, "the provider did not vouch for you", err)
		return
	}
	operator := who.among(l.cfg.Provider.Operators)
	if !operator && len(l.cfg.Provider.Moderators) > 0 && !who.among(l.cfg.Provider.Moderators) {
		l.trouble(w, http.StatusForbidden, "your account is not one of those who moderate here", nil)
		return
	}
	l.signIn(w, r, session{person: l.cfg.Provider.Issuer + " " + who.Subject, operator: operator})
	http.Redirect(w, r, went.To, http.StatusSeeOther)
}

// trouble is for people, and its reason for the log: it may hold what the provider said.
func (l *Login) trouble(w http.ResponseWriter, status int, text string, err error) {
	l.cfg.Log.Warn("sign-in failed", "what", text, "why", err)
	http.Error(w, "Signing in failed: "+text+".", status)
}

// person is what the provider says of somebody.
type person struct {
	Subject  string   `json:"sub"`
	Email    string   `json:"email"`
	Verified verified `json:"email_verified"`
	Groups   []string `json:"groups"`
}

// verified is a bool, which some providers write as a string.
type verified bool

func (v *verified) UnmarshalJSON(text []byte) error {
	*v = string(text) == "true" || string(text) == `"true"`
	return nil
}

func (p *Provider) exchange(ctx context.Context, code string, went way) (who person, err error) {
	found, err := p.find(ctx)
	if err != nil {
		return who, err
	}
	ctx = oidc.ClientContext(ctx, &http.Client{Timeout: askTimeout})
	got, err := p.client(found, went.Redirect).Exchange(ctx, code, oauth2.VerifierOption(went.Verifier))
	if err != nil {
		return who, fmt.Errorf("login: %w", err)
	}
	raw, _ := got.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.ClientID}).Verify(ctx, raw)
	if err != nil {
		return who, fmt.Errorf("login: %w", err)
	}
	if id.Nonce == "" || !hmac.Equal([]byte(id.Nonce), []byte(went.Nonce)) {
		return who, errors.New("login: an answer to another question")
	}
	if err := id.Claims(&who); err != nil {
		return who, fmt.Errorf("login: %w", err)
	}
	if who.Email == "" { // some have it there only
		if more, err := found.UserInfo(ctx, oauth2.StaticTokenSource(got)); err == nil && more.Subject == who.Subject {
			_ = more.Claims(&who) // without it one is nobody's by mail
		}
	}
	if who.Subject = id.Subject; who.Subject == "" {
		return who, errors.New("login: nobody in particular")
	}
	return who, nil
}

// among says whether somebody is on a list: an address of mail that the provider has verified, a whole domain of them as @example.org, a
// group as group:NAME, or a subject as sub:ID.
func (w person) among(list []string) bool {
	mail := strings.ToLower(w.Email)
	return slices.ContainsFunc(list, func(entry string) bool {
		group, isGroup := strings.CutPrefix(entry, "group:")
		subject, isSubject := strings.CutPrefix(entry, "sub:")
		switch entry = strings.ToLower(entry); {
		case isGroup:
			return slices.Contains(w.Groups, group)
		case isSubject:
			return w.Subject == subject
		case mail == "" || !bool(w.Verified):
			return false
		case strings.HasPrefix(entry, "@"):
			return mail[strings.LastIndexByte(mail, '@')+1:] == entry[1:]
		}
		return mail == entry
	})
}
