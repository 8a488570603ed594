// Package bridge joins rooms of Matrix and rooms of Grotto: a bot in the Matrix room makes the call known there, lets the room's members in, and keeps
// who is there, and what they may do, the same on both sides.
//
// [New] makes a [Bridge], [Bridge.Run] runs it beside a server until it is told to end, and [Bridge.Notice] tells it what happens in calls. It has its own
// database and restarts by itself: a homeserver that is away, or answers nonsense, costs calls nothing.
//
// The bot asks the homeserver for news (/sync) with a device of its own, whether it is an application service or an ordinary account. There is no door
// for the homeserver to push to.
//
// # How it works
//
// Three loops share what is known of the rooms. One reads the homeserver's news and acts on them here: it expels, gives roles, and writes down what is to be
// sent; only then it keeps how far it has read. One reads what happens in calls. One sends what was written down until the homeserver has taken it: each
// request names a transaction, so that sending twice is sending once.
//
// # Does not protect
//
// The bot is a member of its rooms, and reads what is written there, as every member can: who does not want that leaves it out. It never has a key of the
// call nor the secret of its link: clients make that, and send it to each other's devices (bridge/matrixkeys). A homeserver that lies about who is in a
// room, or which power they have, lets in whom it likes; keys are the clients' affair, and they check devices by cross-signing.
package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// Config of a bridge.
type Config struct {
	Homeserver   string            // URL of its Client-Server API
	Registration *Registration     // of the application service; nil if Account is set
	Account      *Account          // nil if Registration is set
	Path         string            // of the database
	Public       string            // https://meet.example.org, for links
	Links        map[string]string // rooms of Matrix, and of Grotto, that the operator joined; others get one with a name of its own
	Allow        []string          // user ids, and names of servers, that may invite the bot, *: anybody; those of its own server if empty
	Kick         bool              // whom a moderator removes from the call is removed from the Matrix room, too, if that moderator could do so there
	Ghosts       bool              // guests of the call are shown in the Matrix room; needs Registration
	Log          *slog.Logger      // never of names or text; nothing if nil
	Trace        io.Writer         // gets all that mautrix logs, with text and names: for tests. Nothing if nil
}

// ErrConfig says that a bridge cannot be made as asked.
var ErrConfig = errors.New("bridge: bad configuration")

// Bridge is safe for concurrent use.
type Bridge struct {
	cfg      Config
	db       database
	control  atomic.Pointer[Rooms]
	counters counters
	lasts    lasts

	leaving time.Duration // see leaving
	inbox   inbox         // what happened in calls
	posted  chan struct{} // there is something to send; capacity 1
	hurry   chan struct{} // somebody asks while there is no connection; capacity 1

	client  atomic.Pointer[mautrix.Client] // nil while there is no connection
	crypt   crypter                        // nil without; set before client
	store   *mautrix.MemoryStateStore      // what crypt knows of rooms. Not the client's: it changes what it was given
	delayed bool                           // the homeserver has delayed events
	ready   chan struct{}                  // of this connection, closed when what was missed is known

	mu     sync.RWMutex
	states map[id.RoomID]*state
	linked map[id.RoomID]*link
	slugs  map[string]id.RoomID
	people map[string]string    // user ids of participants
	given  map[string]wire.Role // to participants, by their power
	heard  time.Time            // when the homeserver last answered the sync
}

// New opens the database. Nothing is asked of the homeserver yet.
func New(cfg Config) (*Bridge, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if u, err := url.Parse(cfg.Homeserver); err != nil || u.Host == "" {
		return nil, fmt.Errorf("%w: %q is no address of a homeserver", ErrConfig, cfg.Homeserver)
	}
	if (cfg.Registration == nil) == (cfg.Account == nil) {
		return nil, fmt.Errorf("%w: either an application service or an account", ErrConfig)
	}
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	db, err := openDatabase(ctx, cfg.Path)
	if err != nil {
		return nil, err
	}
	cfg.Public = strings.TrimSuffix(cfg.Public, "/")
	b := &Bridge{cfg: cfg, db: db, posted: make(chan struct{}, 1), hurry: make(chan struct{}, 1), leaving: leaving, states: map[id.RoomID]*state{}, linked: map[id.RoomID]*link{}, slugs: map[string]id.RoomID{},
		people: map[string]string{}, given: map[string]wire.Role{}}
	b.inbox.came = make(chan struct{}, 1)
	all, err := db.links(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrDatabase, err), db.Close())
	}
	for _, l := range all {
		if l.call != "" { // the server ended in the middle of it; those who come back are not rung again
			l.over = time.Now()
		}
		b.linked[l.room], b.slugs[l.slug] = &l, l.room
	}
	return b, nil
}

// Control gives the bridge the rooms, before Run.
func (b *Bridge) Control(rooms Rooms) { b.control.Store(&rooms) }

func (b *Bridge) rooms() Rooms {
	if r := b.control.Load(); r != nil {
		return *r
	}
	return nil
}

// Close closes the database, after Run.
func (b *Bridge) Close() error { return b.db.Close() }

// Linked gives the room of Grotto that belongs to one of Matrix.
func (b *Bridge) Linked(room id.RoomID) (slug string, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if l := b.linked[room]; l != nil {
		return l.slug, true
	}
	return "", false
}

// RoomOf gives the room of Matrix that one of Grotto belongs to; a breakout room is its main room.
func (b *Bridge) RoomOf(slug string) (room id.RoomID, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	room, ok = b.slugs[mainRoom(slug)]
	return room, ok
}

// Public is where people reach the server: https://meet.example.org.
func (b *Bridge) Public() string { return b.cfg.Public }

// Notice takes what happens in calls; it never waits.
func (b *Bridge) Notice(e room.Event) { b.inbox.put(e) }

const (
	requestTimeout = 30 * time.Second
	firstBackoff   = time.Second
	maxBackoff     = time.Minute
)

// Run runs the bridge until ctx ends, and begins anew when something breaks.
func (b *Bridge) Run(ctx context.Context) error {
	backoff := firstBackoff
	for ctx.Err() == nil {
		began := time.Now()
		err := b.once(ctx)
		b.client.Store(nil)
		if ctx.Err() != nil {
			break
		}
		b.counters.failed(err)
		b.cfg.Log.Warn("the bridge to Matrix stopped", "why", why(err))
		if errors.Is(err, errPermanent) {
			return err
		}
		if time.Since(began) > maxBackoff {
			backoff = firstBackoff
		}
		b.pause(ctx, backoff/2+rand.N(backoff))
		backoff = min(2*backoff, maxBackoff)
	}
	return nil
}

// pause waits, less long when somebody wants to know something.
func (b *Bridge) pause(ctx context.Context, most time.Duration) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(min(most, firstBackoff)):
	}
	select {
	case <-ctx.Done():
	case <-b.hurry:
	case <-time.After(most - firstBackoff):
	}
}

// errPermanent: it would be the same again.
var errPermanent = errors.New("bridge: cannot go on")

// once connects and runs the loops until one of them fails.
func (b *Bridge) once(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := b.connect(ctx); err != nil {
		return err
	}
	defer b.disconnect()
	b.ready = make(chan struct{})
	var loops sync.WaitGroup
	for _, loop := range []func(context.Context) error{b.sync, b.follow, b.send} {
		loops.Go(func() {
			defer func() {
				if p := recover(); p != nil { // a peer's fault that we do not know: calls go on
					b.cfg.Log.Error("the bridge panicked", "stack", string(debug.Stack()))
					cancel(errors.New("bridge: panic"))
				}
			}()
			cancel(loop(ctx))
		})
	}
	loops.Wait()
	return context.Cause(ctx)
}

// httpClient has no limit of time: each request brings its own, and a sync waits.
func httpClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 90 * time.Second
	return &http.Client{Transport: transport}
}

// Why is [why], for commands.
func Why(err error) string { return why(err) }

// why is an error without what may be in it of rooms, people and text.
func why(err error) string {
	if errors.Is(err, errService) {
		return errService.Error()
	}
	if e, ok := errors.AsType[mautrix.RespError](err); ok {
		return fmt.Sprintf("%s (%d)", e.ErrCode, e.StatusCode)
	}
	if e, ok := errors.AsType[mautrix.HTTPError](err); ok {
		if e.RespError != nil {
			return fmt.Sprintf("%s (%d)", e.RespError.ErrCode, e.RespError.StatusCode)
		}
		if e.Response != nil {
			return fmt.Sprintf("the homeserver answers %d", e.Response.StatusCode)
		}
		return "the homeserver does not answer"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the homeserver does not answer in time"
	}
	if err == nil {
		return "it ended"
	}
	return err.Error()
}

// refused says whether the homeserver will give the same answer again.
func refused(err error) bool {
	e, ok := errors.AsType[mautrix.HTTPError](err)
	if !ok || e.Response == nil {
		return false
	}
	code := e.Response.StatusCode
	return code >= 400 && code < 500 && code != http.StatusTooManyRequests && code != http.StatusRequestTimeout && code != http.StatusUnauthorized
}
