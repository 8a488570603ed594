// Package api is the server's REST API: rooms, join tokens, who is there, what was, and webhooks.
//
// [New] makes the handler of everything below /api/: the API itself below [rest.Prefix], its description (OpenAPI 3.1, made from the types
// of package rest) at [DocumentPath], and the same for people at [DocsPath]. A [Recorder] carries what happens in calls to the store and
// the webhooks. Keys are made by [NewKey], on the command line of the server: no request makes one.
//
// One server is one operator's: every key sees every room, and does what its scopes say.
//
// # Does not protect
//
// The API knows what the server knows: which rooms there are, who is there by a number, and since when. It has no names, nothing that is
// said or written, and nobody's keys; what would need them is answered with 409 and the reason. Room links here lack the
// secret behind their #.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/token"
)

// Paths beside the API's own.
const (
	Root         = "/api/"
	DocumentPath = "/api/openapi.json"
	DocsPath     = "/api/docs"
)

// maxBody of a request.
const maxBody = 64 << 10

// Hooks are what the API needs of webhooks.
type Hooks interface {
	// Check says why nothing may be sent to an address.
	Check(url string) error
	// Send has an event delivered to one webhook.
	Send(ctx context.Context, hook store.Webhook, event rest.Event) error
}

// Config of the API. Signer, Operator and Log may be nil.
type Config struct {
	Store    *store.Store
	Rooms    *room.Server
	Hooks    Hooks
	Signer   *token.Signer              // none: join tokens are not made here
	Public   string                     // https://meet.example.org, for links; as a request says if empty
	Operator func(*http.Request) bool   // somebody who signed in and may do everything
	Network  func(*http.Request) string // that a request comes from, for limits
	Version  string
	Log      *slog.Logger
}

func init() {
	huma.DefaultArrayNullable = false // lists in our answers are never null
}

type api struct {
	Config
	huma   huma.API
	limits limits
	now    func() time.Time
}

// New makes the handler of everything below [Root].
func New(cfg Config) (http.Handler, error) {
	handler, _, err := newAPI(cfg)
	return handler, err
}

func newAPI(cfg Config) (http.Handler, *api, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	a := &api{Config: cfg, now: time.Now}
	mux := http.NewServeMux()
	c := huma.DefaultConfig("Grotto", cfg.Version)
	c.CreateHooks = nil // which would put a link to the schema into every answer
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.RejectUnknownQueryParameters = true
	c.Info.Description = "Rooms, join tokens, live meetings, sessions and webhooks of a Grotto server. Meetings are end-to-end encrypted: the server, and so this API, knows no names, nothing that is said, written or shown, and no secret of a link."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{keyScheme: {Type: "http", Scheme: "bearer",
		Description: "A key made by grotto-server api-key create."}}
	a.huma = humago.NewWithPrefix(mux, rest.Prefix, c)
	a.huma.UseMiddleware(a.authorize)
	a.rooms()
	a.tokens()
	a.live()
	a.sessions()
	a.webhooks()
	a.impossible()
	if err := a.describe(mux); err != nil {
		return nil, nil, err
	}
	mux.HandleFunc("/", unknown)
	return guard(mux), a, nil
}

// guard is what holds for every answer.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// operation fills in what all have.
func operation(method, path, id, tag, scope, summary string, more ...func(*huma.Operation)) huma.Operation {
	op := huma.Operation{Method: method, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary, MaxBodyBytes: maxBody,
		Security: []map[string][]string{{keyScheme: {scope}}}, Metadata: map[string]any{scopeKey: scope},
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests}}
	if method == http.MethodDelete {
		op.DefaultStatus = http.StatusNoContent
	}
	for _, m := range more {
		m(&op)
	}
	return op
}

// Middlewares of single operations.
func created(op *huma.Operation)  { op.DefaultStatus = http.StatusCreated }
func nothing(op *huma.Operation)  { op.DefaultStatus = http.StatusNoContent }
func missing(op *huma.Operation)  { op.Errors = append(op.Errors, http.StatusNotFound) }
func clashing(op *huma.Operation) { op.Errors = append(op.Errors, http.StatusConflict) }
func checked(op *huma.Operation)  { op.Errors = append(op.Errors, http.StatusUnprocessableEntity) }

// answer is a body alone.
type answer[T any] struct{ Body T }

func bodied[T any](body T, err error) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	return &answer[T]{body}, nil
}

// Listing is what lists take.
type Listing struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"100" doc:"How many at most."`
	Order string `query:"order" enum:"asc,desc" default:"asc" doc:"The oldest first, or the newest."`
	After string `query:"after" maxLength:"64" doc:"The id of the last one seen."`
}

func (l Listing) page() store.Page {
	return store.Page{After: l.After, Limit: l.Limit, Newest: l.Order == "desc"}
}
