//go:build goolm && linux

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/matrixkeys"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/homeserver"
)

// evening is a room of Matrix and its call, with everything real: Dendrite, this server as a process of its own, and Go clients.
type evening struct {
	*testing.T
	hs           *homeserver.Server
	registration string
	data, listen string
	server       process
	room         id.RoomID
	slug         string
	lasts        int               // of messages
	recovery     map[string]string // by which a user's further devices are trusted
}

func newEvening(t *testing.T) *evening {
	t.Helper()
	e := &evening{T: t, registration: filepath.Join(t.TempDir(), "registration.yaml"), data: filepath.Join(t.TempDir(), "data"),
		listen: fmt.Sprintf("127.0.0.1:%d", freePort(t)), recovery: map[string]string{}}
	if code, _, stderr := try(t, "bridge", "registration", "localhost", "--out", e.registration); code != exitOK {
		t.Fatal(stderr)
	}
	text, err := os.ReadFile(e.registration)
	if err != nil {
		t.Fatal(err)
	}
	e.hs = homeserver.Start(t, homeserver.WithAppservice(string(text)))
	e.start()
	return e
}

func (e *evening) start() {
	e.Helper()
	e.server = startProcess(e.T, "--listen", e.listen, "--turn", "off", "--data", e.data, "--log-level", "debug", "--network-limits", "0",
		"--matrix-homeserver", e.hs.URL, "--matrix-registration", e.registration, "--matrix-page", "http://"+e.listen, "--matrix-kick")
}

func (e *evening) call(u homeserver.User, method, path string, in, out any) {
	e.Helper()
	if err := e.hs.Call(u.Token, method, "/_matrix/client/v3"+path, in, out); err != nil {
		e.Fatalf("%s %s: %v", method, path, err)
	}
}

func (e *evening) path() string { return "/rooms/" + url.PathEscape(string(e.room)) }

// invite makes the room, with the bot and the others in it.
func (e *evening) invite(by homeserver.User, others ...homeserver.User) {
	e.Helper()
	invited := []string{"@grotto:localhost"}
	for _, u := range others {
		invited = append(invited, u.ID)
	}
	var made struct {
		Room id.RoomID `json:"room_id"`
	}
	e.call(by, http.MethodPost, "/createRoom", map[string]any{"preset": "private_chat", "invite": invited,
		"power_level_content_override": e.powers(by, nil)}, &made)
	e.room = made.Room
	for _, u := range others {
		e.call(u, http.MethodPost, "/join/"+url.PathEscape(string(e.room)), struct{}{}, nil)
	}
	e.eventually("the bot comes", func() bool { return e.membership(by, "@grotto:localhost") == "join" })
}

func (e *evening) powers(owner homeserver.User, more map[string]int) map[string]any {
	users := map[string]int{owner.ID: 100, "@grotto:localhost": 60}
	for user, level := range more {
		users[user] = level
	}
	return map[string]any{"users": users, "events": map[string]int{rtc.MemberType.Type: 0}}
}

func (e *evening) kick(by, whom homeserver.User) {
	e.Helper()
	e.call(by, http.MethodPost, e.path()+"/kick", map[string]string{"user_id": whom.ID}, nil)
}

func (e *evening) membership(as homeserver.User, user string) string {
	var is struct{ Membership string }
	_ = e.hs.Call(as.Token, http.MethodGet, "/_matrix/client/v3"+e.path()+"/state/m.room.member/"+url.PathEscape(user), nil, &is)
	return is.Membership
}

// begin writes !call and takes the link that is said.
func (e *evening) begin(by homeserver.User) {
	e.Helper()
	e.lasts++
	e.call(by, http.MethodPut, fmt.Sprintf("%s/send/m.room.message/%d", e.path(), e.lasts), map[string]string{"msgtype": "m.text", "body": "!call"}, nil)
	var is rtc.Call
	e.eventually("the room has a call", func() bool {
		return e.hs.Call(by.Token, http.MethodGet, "/_matrix/client/v3"+e.path()+"/state/"+rtc.CallType.Type+"/", nil, &is) == nil && is.Slug != ""
	})
	if is.URL != "http://"+e.listen+"/r/"+is.Slug {
		e.Fatalf("%+v", is)
	}
	e.slug = is.Slug
}

// written counts the events of a type in the room.
func (e *evening) written(as homeserver.User, kind string) (n int) {
	e.Helper()
	var got struct{ Chunk []struct{ Type string } }
	e.call(as, http.MethodGet, e.path()+"/messages?dir=b&limit=200", nil, &got)
	for _, event := range got.Chunk {
		if event.Type == kind {
			n++
		}
	}
	return n
}

func (e *evening) eventually(what string, is func() bool) {
	e.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			e.Fatalf("not in time: %s\n%s", what, e.server.log)
		}
	}
}

// attendee is somebody in the call, by `grotto join --matrix`'s means.
type attendee struct {
	*call.Call
	user homeserver.User
	keys *matrixkeys.Room
}

// enter signs a device of the account in, and follows the room.
func (e *evening) enter(u homeserver.User) *matrixkeys.Room {
	e.Helper()
	db, err := olmdevice.OpenDB(filepath.Join(e.TempDir(), "matrix.db"))
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(func() { _ = db.Close() })
	device, err := olmdevice.Open(e.Context(), olmdevice.Config{Homeserver: e.hs.URL, User: id.UserID(u.ID), Password: u.Password, DB: db,
		PickleKey: make([]byte, olmdevice.PickleKeySize), Rooms: []id.RoomID{e.room}, Recovery: e.recovery[u.ID]})
	if err != nil {
		e.Fatal(err)
	}
	if device.RecoveryKey != "" {
		e.recovery[u.ID] = device.RecoveryKey
	}
	r, err := matrixkeys.Enter(e.Context(), matrixkeys.Config{Device: device, Room: e.room, Notice: func(text string) { e.Logf("%s: %s", u.ID, text) }})
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(func() { _ = r.Close(e.Context()) })
	return r
}

func (e *evening) join(u homeserver.User, files ...string) *attendee {
	e.Helper()
	r := e.enter(u)
	var token string
	e.eventually("a token is given", func() bool { // the bridge may not have come back yet
		var err error
		token, err = r.Token(e.Context())
		return err == nil
	})
	if err := r.Appear(e.Context()); err != nil {
		e.Fatal(err)
	}
	secret, err := r.Secret(e.Context())
	if err != nil {
		e.Fatal(err)
	}
	link, err := call.ParseLink("http://" + e.listen + "/r/" + e.slug + "#" + secret)
	if err != nil {
		e.Fatal(err)
	}
	for i := range files {
		files[i] = "../../testdata/media/" + files[i]
	}
	media, err := call.OpenMedia(files)
	if err != nil {
		e.Fatal(err)
	}
	c, err := call.Join(e.Context(), call.Config{Link: link.WithToken(token), Name: u.ID, Publish: media, Transport: r,
		OnNotice: func(text string) { e.Logf("%s: %s", u.ID, text) }})
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(c.Leave)
	r.Hold(c.Link)
	return &attendee{c, u, r}
}

func (a *attendee) opened(other *attendee) (n int) {
	for _, t := range a.Report().Tracks {
		if t.Device == other.Report().Device {
			n += t.FramesOpened
		}
	}
	return n
}

func (e *evening) hears(a, other *attendee) {
	e.Helper()
	before := a.opened(other)
	e.eventually(a.user.ID+" hears "+other.user.ID, func() bool { return a.opened(other) > before+5 })
}

func (e *evening) out(a *attendee) {
	e.Helper()
	select {
	case <-a.Done():
	case <-time.After(30 * time.Second):
		e.Fatalf("%s is still in the call\n%s", a.user.ID, e.server.log)
	}
}
