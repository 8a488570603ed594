package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/grotto-meet/grotto/internal/bucket"
	"github.com/grotto-meet/grotto/internal/store"
)

// What a key may be for. Everything is [All].
const (
	All        = "all"
	RoomsRead  = "rooms:read"
	RoomsWrite = "rooms:write"
	TokenWrite = "tokens:write"
	LiveRead   = "live:read"
	LiveWrite  = "live:write"
	StatsRead  = "statistics:read"
	Webhooks   = "webhooks"
)

// Scopes lists them.
var Scopes = []string{All, RoomsRead, RoomsWrite, TokenWrite, LiveRead, LiveWrite, StatsRead, Webhooks}

const (
	keyScheme = "key"
	scopeKey  = "scope"
	keyMark   = "grotto_" // before a key's id, so that searches for lost secrets find it

	usedEvery = time.Minute // how precisely it is known when a key was used
)

// NewKey makes a key of the API: what is kept of it, and the key itself, which is not kept and cannot be had again.
func NewKey(name string, scopes []string, expires time.Time) (kept store.APIKey, key string) {
	secret := rand.Text() + rand.Text()
	id := rand.Text()
	return store.APIKey{ID: id, Name: name, Hash: hash(secret), Scopes: scopes, Expires: expires}, keyMark + id + "_" + secret
}

// hash needs no salt and no work factor: what is hashed has 256 random bits.
func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// authorize lets through who has a key for the operation.
func (a *api) authorize(ctx huma.Context, next func(huma.Context)) {
	r, w := unwrap(ctx)
	scope, _ := ctx.Operation().Metadata[scopeKey].(string)
	if a.Operator != nil && a.Operator(r) {
		next(ctx)
		return
	}
	from := a.Network(r)
	if wait := a.limits.failures.wait(a.now(), from, ofFailures); wait > 0 {
		a.tooMany(ctx, w, wait)
		return
	}
	key, err := a.key(r.Context(), r.Header.Get("Authorization"))
	if refused, ok := errors.AsType[huma.StatusError](err); ok { // ours: nothing is wrong with the key
		_ = huma.WriteErr(a.huma, ctx, refused.GetStatus(), refused.Error()) // the reader has gone
		return
	}
	if err != nil {
		a.limits.failures.take(a.now(), from, ofFailures)
		w.Header().Set("WWW-Authenticate", "Bearer")
		_ = huma.WriteErr(a.huma, ctx, http.StatusUnauthorized, err.Error()) // the reader has gone
		return
	}
	if wait := a.limits.requests.take(a.now(), key.ID, ofRequests); wait > 0 {
		a.tooMany(ctx, w, wait)
		return
	}
	if !slices.Contains(key.Scopes, All) && !slices.Contains(key.Scopes, scope) {
		_ = huma.WriteErr(a.huma, ctx, http.StatusForbidden, "this key is not for that; hint: make one with --scope "+scope)
		return
	}
	if now := a.now(); now.Sub(key.LastUsed) > usedEvery {
		if err := a.Store.UsedAPIKey(r.Context(), key.ID, now); err != nil {
			a.Log.Warn("the use of a key was not noted", "error", err)
		}
	}
	next(ctx)
}

func (a *api) tooMany(ctx huma.Context, w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	_ = huma.WriteErr(a.huma, ctx, http.StatusTooManyRequests, "too many requests; hint: Retry-After says when to try again")
}

// key finds the key of a header. The error is for who has none that works, and says no more; a [huma.StatusError] if that cannot be told.
func (a *api) key(ctx context.Context, header string) (store.APIKey, error) {
	const hint = "; hint: send Authorization: Bearer KEY, with a key made by grotto-server api-key create"
	scheme, text, _ := strings.Cut(header, " ")
	id, secret, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(text), keyMark), "_")
	if !strings.EqualFold(scheme, "Bearer") || !ok {
		return store.APIKey{}, fmt.Errorf("a key is needed%s", hint)
	}
	key, err := a.Store.APIKey(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.APIKey{}, a.failed(err, "key")
	}
	right := subtle.ConstantTimeCompare(hash(secret), key.Hash) == 1
	if err != nil || !right || !key.Expires.IsZero() && !a.now().Before(key.Expires) {
		return store.APIKey{}, fmt.Errorf("the key is wrong, expired or revoked%s", hint)
	}
	return key, nil
}

// Rates: of a key, and of those who try keys.
var (
	ofRequests = bucket.Limit{Rate: 20, Burst: 200}
	ofFailures = bucket.Limit{Rate: 1. / 6, Burst: 20}
)

// limits are by the id of a key, and by the network of who has none that works.
type limits struct{ requests, failures spent }

// spent counts by name. A name that has everything again is forgotten.
type spent struct {
	mu   sync.Mutex
	left map[string]bucket.Bucket
}

const maxNames = 10_000 // before those are looked for that can be forgotten

// wait says how long until one is to be had; 0: now.
func (s *spent) wait(now time.Time, name string, l bucket.Limit) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left[name].Wait(now, l, 1)
}

// take spends one, or says how long until there is one.
func (s *spent) take(now time.Time, name string, l bucket.Limit) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == nil {
		s.left = map[string]bucket.Bucket{}
	}
	if len(s.left) >= maxNames {
		maps.DeleteFunc(s.left, func(_ string, b bucket.Bucket) bool { return b.Full(now) })
	}
	b := s.left[name]
	if !b.Take(now, l, 1) {
		return b.Wait(now, l, 1)
	}
	s.left[name] = b
	return 0
}
