package bridge

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/internal/bucket"
	"github.com/grotto-meet/grotto/internal/token"
)

const (
	// TokenLife is how long a join token is valid, and so how long a call by it lasts: a working day, so that no meeting ends of it. It does not
	// have to be shorter for those who are kicked meanwhile: [SignIn.Still] looks whenever a token is brought.
	TokenLife = 8 * time.Hour

	maxRequest  = 16 << 10 // of JSON
	maxAtOnce   = 64       // requests that wait for homeservers: a slow one does not fill the memory
	maxNetworks = 4096     // that are remembered before those at rest are forgotten
)

// ofSignIns leaves room for an office of three hundred behind one address that join at once.
var ofSignIns = bucket.Limit{Rate: 5, Burst: 300}

// SignInConfig of a [SignIn]. Log may be nil.
type SignInConfig struct {
	Homeserver string    // URL of ours, where it answers for federation, too (at least for OpenID)
	ServerName string    // what stands behind the colon of its users
	Federation []string  // names of other servers whose users may sign in; "*": any
	Client     string    // URL of ours as clients reach it, for those who look for it here; nobody is told if empty
	Public     string    // https://meet.example.org, for links
	Bot        id.UserID // which is never sent a secret
	Links      Links
	Signer     *token.Signer              // of [token.NewOwnSigner]
	Network    func(*http.Request) string // that a request comes from, for limits; empty: it is not bounded
	Times      int                        // what they are multiplied by; 1 if 0, none of them if less
	Log        *slog.Logger
}

// SignIn gives join tokens to people of Matrix. [SignIn.Handler] is for [SignInPaths]; [SignIn.Still] is for [token.Verifier].
//
// Who somebody is says their homeserver, which is shown an OpenID token that they got there. What they may says the room of Matrix that the
// meeting belongs to: whoever is not in it gets nothing. The device is what they say it is: OpenID has none. Keys believe neither.
type SignIn struct {
	cfg   SignInConfig
	mux   *http.ServeMux
	ids   *openID
	now   func() time.Time
	slots chan struct{}

	mu       sync.Mutex
	networks map[string]*bucket.Bucket
}

// NewSignIn asks nobody anything yet.
func NewSignIn(cfg SignInConfig) *SignIn {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Public = strings.TrimSuffix(cfg.Public, "/")
	s := &SignIn{cfg: cfg, mux: http.NewServeMux(), ids: newOpenID(cfg), now: time.Now, slots: make(chan struct{}, maxAtOnce), networks: map[string]*bucket.Bucket{}}
	s.mux.HandleFunc("POST /matrix/token", s.limited(s.grotto))
	s.mux.HandleFunc("POST /matrix/sfu/get", s.limited(s.sfuGet))
	s.mux.HandleFunc("POST /matrix/get_token", s.limited(s.getToken))
	s.mux.HandleFunc("GET /.well-known/matrix/client", s.wellKnown)
	s.mux.HandleFunc("GET /_matrix/client/unstable/org.matrix.msc4143/rtc/transports", s.transports)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, &matrixError{status: http.StatusNotFound, Code: "M_UNRECOGNIZED", Text: "there is nothing here; hint: POST /matrix/token"})
	})
	return s
}

// SignInPaths are what [SignIn.Handler] serves.
func SignInPaths() []string {
	return []string{"/matrix/", "/.well-known/matrix/client", "/_matrix/client/unstable/org.matrix.msc4143/rtc/transports"}
}

// Handler serves [SignInPaths]. Pages anywhere may ask: nothing here depends on who a browser is signed in as.
func (s *SignIn) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Access-Control-Allow-Origin", "*")
		head.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		head.Set("Access-Control-Allow-Headers", "X-Requested-With, Content-Type, Authorization")
		head.Set("Cross-Origin-Resource-Policy", "cross-origin")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Cache-Control", "no-store")
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		s.mux.ServeHTTP(w, r)
	})
}

// limited lets as many requests through as one network may make, and as may wait at a time.
func (s *SignIn) limited(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if wait := s.spend(s.cfg.Network(r)); wait > 0 {
			refuse(w, tooMany("too many requests from this network", wait))
			return
		}
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		default:
			refuse(w, tooMany("the homeservers are slow to answer", time.Second))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		if err := handle(w, r); err != nil {
			if !errors.As(err, new(*matrixError)) {
				s.cfg.Log.Error("a token for somebody of Matrix cannot be made", "error", err)
			}
			refuse(w, err)
		}
	}
}

// spend says how long a network has to wait; 0: not at all.
func (s *SignIn) spend(network string) time.Duration {
	if network == "" || s.cfg.Times < 0 {
		return 0
	}
	now, limit := s.now(), ofSignIns.Times(float64(max(1, s.cfg.Times)))
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.networks[network]
	if b == nil {
		if len(s.networks) >= maxNetworks {
			for name, b := range s.networks {
				if b.Full(now) {
					delete(s.networks, name)
				}
			}
		}
		b = new(bucket.Bucket)
		s.networks[network] = b
	}
	wait := b.Wait(now, limit, 1)
	if wait == 0 {
		b.Take(now, limit, 1)
	}
	return wait
}

// matrixError is an error as Matrix words it (client-server API, standard error response).
type matrixError struct {
	status int

	Code  string `json:"errcode"`
	Text  string `json:"error"`
	Retry int64  `json:"retry_after_ms,omitempty"`
}

func (e *matrixError) Error() string { return e.Text }

func tooMany(what string, wait time.Duration) *matrixError {
	return &matrixError{status: http.StatusTooManyRequests, Code: "M_LIMIT_EXCEEDED", Text: what + "; hint: try again in a moment", Retry: max(1, wait.Milliseconds())}
}

// refuse answers with an error. What is not one of ours is our fault, and nobody's business.
func refuse(w http.ResponseWriter, err error) {
	e, ok := errors.AsType[*matrixError](err)
	if !ok {
		e = &matrixError{status: http.StatusInternalServerError, Code: "M_UNKNOWN", Text: "this server failed; hint: whoever runs it finds the reason in its log"}
	}
	answer(w, e.status, e)
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // who asked has gone
}
