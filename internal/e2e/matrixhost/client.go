package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/homeserver"
)

//go:embed host.html
var hostPage string

//go:embed host.js
var hostScript string

// client is the Matrix client behind the page: one Olm device of one person.
type client struct {
	scene  Scene
	device *olmdevice.Device
	ended  chan error

	mu      sync.Mutex
	hearers map[chan told]struct{}
}

// told is what the page hears of.
type told struct {
	Kind  string `json:"kind"` // state, to_device
	Event any    `json:"event"`
}

func open(ctx context.Context, folder string, scene Scene, ann homeserver.User) (*client, error) {
	db, err := olmdevice.OpenDB(filepath.Join(folder, "olm.db"))
	if err != nil {
		return nil, err
	}
	key := make([]byte, olmdevice.PickleKeySize)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	device, err := olmdevice.Open(ctx, olmdevice.Config{Homeserver: scene.Homeserver, User: id.UserID(ann.ID), Password: ann.Password, DeviceName: "matrixhost", DB: db, PickleKey: key})
	if err != nil {
		return nil, err
	}
	c := &client{scene: scene, device: device, ended: make(chan error, 1), hearers: map[chan told]struct{}{}}
	for _, t := range []event.Type{event.StateMember, rtc.CallType, rtc.MemberType} {
		device.On(t, c.state)
	}
	go func() {
		err := device.Run(ctx)
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		c.ended <- err
		_ = db.Close()
	}()
	go func() {
		for m := range device.Received() {
			c.tell(told{"to_device", map[string]any{"type": m.Type.Type, "sender": m.From.User, "content": m.Content}})
		}
	}()
	select {
	case <-device.Ready():
		return c, nil
	case err := <-c.ended:
		return nil, fmt.Errorf("the client's device ended: %w", err)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *client) state(_ context.Context, e *event.Event) {
	if e.StateKey == nil || e.RoomID != id.RoomID(c.scene.Room) {
		return
	}
	c.tell(told{"state", map[string]any{"type": e.Type.Type, "sender": e.Sender, "state_key": *e.StateKey, "content": e.Content.Raw, "origin_server_ts": e.Timestamp,
		"event_id": e.ID, "room_id": e.RoomID, "unsigned": struct{}{}}})
}

func (c *client) tell(what told) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for hearer := range c.hearers {
		select {
		case hearer <- what:
		default: // a page that went away and has not been noticed
		}
	}
}

func (c *client) handler(library string) http.Handler {
	mux := http.NewServeMux()
	text := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind+"; charset=utf-8")
			_, _ = io.WriteString(w, body)
		}
	}
	mux.HandleFunc("GET /{$}", text("text/html", hostPage))
	mux.HandleFunc("GET /host.js", text("text/javascript", hostScript))
	mux.HandleFunc("GET /api.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, library) })
	mux.HandleFunc("GET /config.json", c.config)
	mux.HandleFunc("GET /events", c.events)
	mux.HandleFunc("POST /to-device", c.send)
	mux.Handle("/_matrix/", c.proxy())
	return mux
}

func (c *client) config(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(map[string]string{
		"user": c.scene.Ann, "device": c.device.Self().Device.String(), "room": c.scene.Room, "widget": c.scene.Server + "/r/" + c.scene.Slug,
	})
}

// proxy asks the homeserver as the person whose client this is; the page has no token.
func (c *client) proxy() http.Handler {
	to, err := url.Parse(c.scene.Homeserver)
	if err != nil {
		panic("matrixhost: " + err.Error()) // ours
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Header.Set("Authorization", "Bearer "+c.device.Client().AccessToken)
	}}
}

// events tells the page what comes, as long as it listens.
func (c *client) events(w http.ResponseWriter, r *http.Request) {
	hearer := make(chan told, 1024)
	c.mu.Lock()
	c.hearers[hearer] = struct{}{}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.hearers, hearer)
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	_ = flush.Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case what := <-hearer:
			line, err := json.Marshal(what)
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", line); err != nil {
				return
			}
			_ = flush.Flush()
		}
	}
}

// send encrypts for each device. The widget API has no way to say which of them got nothing.
func (c *client) send(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Type      string                                        `json:"type"`
		Encrypted bool                                          `json:"encrypted"`
		Messages  map[id.UserID]map[id.DeviceID]json.RawMessage `json:"messages"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !in.Encrypted {
		http.Error(w, "what is to be encrypted, by user and device", http.StatusBadRequest)
		return
	}
	var all []olmdevice.Outgoing
	for user, devices := range in.Messages {
		for device, content := range devices {
			all = append(all, olmdevice.Outgoing{To: olmdevice.Address{User: user, Device: device}, Content: content})
		}
	}
	for _, not := range c.device.SendEach(r.Context(), event.Type{Type: in.Type, Class: event.ToDeviceEventType}, all) {
		fmt.Fprintln(w, not.To, not.Err)
	}
}
