package homeserver

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxDelay is the longest that an event may wait: Synapse's own limit where its operator sets none is off, and 24 h is what is usual.
const maxDelay = 24 * time.Hour

// delayed are the events of MSC4140 that wait for their time.
type delayed struct {
	send func(*delayedEvent)

	mu     sync.Mutex
	count  int
	events map[string]*delayedEvent
}

type delayedEvent struct {
	ID       string          `json:"delay_id"`
	Room     string          `json:"room_id"`
	Type     string          `json:"type"`
	StateKey string          `json:"state_key,omitempty"`
	Delay    int64           `json:"delay"`         // milliseconds
	Since    int64           `json:"running_since"` // milliseconds since 1970
	Content  json.RawMessage `json:"content"`

	token, path string
	timer       *time.Timer
}

// schedule takes PUT …/rooms/{room}/{state|send}/{type}/{key}?org.matrix.msc4140.delay=MS.
func (d *delayed) schedule(w http.ResponseWriter, r *http.Request) {
	ms, err := strconv.ParseInt(r.URL.Query().Get(delayParam), 10, 64)
	if err != nil || ms <= 0 {
		refuse(w, http.StatusBadRequest, "M_INVALID_PARAM", delayParam+" is a number of milliseconds above 0")
		return
	}
	if time.Duration(ms)*time.Millisecond > maxDelay {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"errcode":"M_UNKNOWN","error":"too long","org.matrix.msc4140.errcode":"M_MAX_DELAY_EXCEEDED","org.matrix.msc4140.max_delay":%d}`, maxDelay.Milliseconds())
		return
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		refuse(w, http.StatusUnauthorized, "M_MISSING_TOKEN", "no access token")
		return
	}
	content, err := io.ReadAll(r.Body)
	if err != nil || !json.Valid(content) {
		refuse(w, http.StatusBadRequest, "M_NOT_JSON", "the content is not JSON")
		return
	}
	query := r.URL.Query()
	query.Del(delayParam)
	e := &delayedEvent{Delay: ms, Content: content, token: token, path: r.URL.EscapedPath()}
	if len(query) > 0 {
		e.path += "?" + query.Encode()
	}
	// /_matrix/client/v3/rooms/{room}/{state|send}/{type}/{key}
	if parts := strings.Split(r.URL.EscapedPath(), "/"); len(parts) >= 8 {
		e.Room, e.Type = unescape(parts[5]), unescape(parts[7])
		if parts[6] == "state" && len(parts) > 8 {
			e.StateKey = unescape(parts[8])
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count++
	e.ID = fmt.Sprintf("delay-%d", d.count)
	if d.events == nil {
		d.events = map[string]*delayedEvent{}
	}
	d.events[e.ID] = e
	d.begin(e)
	answer(w, map[string]string{"delay_id": e.ID})
}

func unescape(part string) string {
	if plain, err := url.PathUnescape(part); err == nil {
		return plain
	}
	return part
}

// begin has the lock.
func (d *delayed) begin(e *delayedEvent) {
	e.Since = time.Now().UnixMilli()
	e.timer = time.AfterFunc(time.Duration(e.Delay)*time.Millisecond, func() {
		if d.take(e.ID) {
			d.send(e)
		}
	})
}

// take removes an event, and says whether it still waited.
func (d *delayed) take(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, ok := d.events[id]
	if ok {
		e.timer.Stop()
		delete(d.events, id)
	}
	return ok
}

// serve takes what comes after …/delayed_events/: nothing (the list), {id} with the action in the body (the old form), or {id}/{action}.
func (d *delayed) serve(w http.ResponseWriter, r *http.Request, rest string) {
	if rest == "" {
		d.list(w, r)
		return
	}
	if r.Method != http.MethodPost {
		refuse(w, http.StatusMethodNotAllowed, "M_UNRECOGNIZED", "POST it")
		return
	}
	id, action, found := strings.Cut(rest, "/")
	if !found {
		var body struct{ Action string }
		_ = json.NewDecoder(r.Body).Decode(&body) // an unknown action is refused below
		action = body.Action
	}
	due, known := d.act(id, action)
	switch {
	case !known:
		refuse(w, http.StatusNotFound, "M_NOT_FOUND", "no such delayed event")
		return
	case action != "restart" && action != "cancel" && action != "send":
		refuse(w, http.StatusBadRequest, "M_INVALID_PARAM", "the action is restart, cancel or send")
		return
	case due != nil:
		d.send(due)
	}
	answer(w, struct{}{})
}

// act gives an event that is to be sent now.
func (d *delayed) act(id, action string) (due *delayedEvent, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, known := d.events[id]
	if !known {
		return nil, false
	}
	switch action {
	case "restart":
		e.timer.Stop()
		d.begin(e)
	case "cancel", "send":
		e.timer.Stop()
		delete(d.events, id)
	}
	if action == "send" {
		return e, true
	}
	return nil, true
}

func (d *delayed) list(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	d.mu.Lock()
	defer d.mu.Unlock()
	own := []*delayedEvent{}
	for _, e := range d.events {
		if e.token == token {
			own = append(own, e)
		}
	}
	answer(w, map[string]any{"delayed_events": own})
}

func (d *delayed) waiting() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	keys := []string{}
	for _, e := range d.events {
		keys = append(keys, e.StateKey)
	}
	sort.Strings(keys)
	return keys
}

func (d *delayed) elapse() {
	for _, e := range d.all() {
		if d.take(e.ID) {
			d.send(e)
		}
	}
}

func (d *delayed) stop() {
	for _, e := range d.all() {
		d.take(e.ID)
	}
}

func (d *delayed) all() []*delayedEvent {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := []*delayedEvent{}
	for _, e := range d.events {
		all = append(all, e)
	}
	return all
}
