//go:build goolm

package matrixkeys

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/token"
)

const patience = 30 * time.Second

func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }

// world is a Grotto server, and a room of a homeserver that is linked to it.
type world struct {
	*testing.T
	hs   *homeserver.Server
	url  string // of the homeserver, as devices reach it
	bot  homeserver.User
	room id.RoomID
	slug string
	page string
}

// links answers the sign-in as the bot would: everybody who asks is in the room.
type links struct{ w *world }

func (l links) Member(context.Context, id.RoomID, id.UserID) (bridge.Member, error) {
	return bridge.Member{Joined: true}, nil
}
func (l links) Linked(id.RoomID) (string, bool) { return l.w.slug, true }
func (l links) RoomOf(string) (id.RoomID, bool) { return l.w.room, true }

func newWorld(t *testing.T, hs *homeserver.Server) *world {
	t.Helper()
	w := &world{T: t, hs: hs, url: hs.URL, bot: hs.Register(t, "grotto"), slug: fmt.Sprintf("room-%d", time.Now().UnixNano())}
	var made struct {
		Room id.RoomID `json:"room_id"`
	}
	w.call(w.bot, http.MethodPost, "/createRoom", map[string]any{"preset": "public_chat",
		"power_level_content_override": map[string]any{"events": map[string]int{rtc.MemberType.Type: 0}}}, &made)
	w.room = made.Room
	own := token.NewSecret()
	signIn := bridge.NewSignIn(bridge.SignInConfig{Homeserver: hs.URL, ServerName: hs.Name, Public: "http://127.0.0.1", Bot: id.UserID(w.bot.ID), Links: links{w},
		Signer: token.NewOwnSigner(own), Network: func(*http.Request) string { return "" }})
	n, err := node.New(node.Config{UDP: ":0", Web: http.NotFoundHandler(), Auth: &token.Verifier{Secret: token.NewSecret(), Own: own, Only: true}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/matrix/", signIn.Handler())
	mux.Handle("/", n.Handler())
	front := httptest.NewServer(mux)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = n.Close(ctx)
		front.Close()
	})
	w.page = front.URL + "/r/" + w.slug
	w.call(w.bot, http.MethodPut, w.state(rtc.CallType.Type, ""), rtc.Call{Slug: w.slug, URL: w.page}, nil)
	return w
}

func (w *world) call(u homeserver.User, method, path string, in, out any) {
	w.Helper()
	if err := w.hs.Call(u.Token, method, "/_matrix/client/v3"+path, in, out); err != nil {
		w.Fatal(err)
	}
}

func (w *world) state(kind, key string) string {
	return "/rooms/" + url.PathEscape(string(w.room)) + "/state/" + kind + "/" + url.PathEscape(key)
}

// member makes an account and lets it into the room.
func (w *world) member(name string) homeserver.User {
	w.Helper()
	u := w.hs.Register(w.T, name)
	w.call(u, http.MethodPost, "/join/"+url.PathEscape(string(w.room)), struct{}{}, nil)
	return u
}

// device signs an account in. change may be nil.
func (w *world) device(u homeserver.User, change func(*olmdevice.Config)) *olmdevice.Device {
	w.Helper()
	db, err := olmdevice.OpenDB(filepath.Join(w.TempDir(), "matrix.db"))
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = db.Close() })
	config := olmdevice.Config{Homeserver: w.url, User: id.UserID(u.ID), Password: u.Password, DB: db, PickleKey: make([]byte, olmdevice.PickleKeySize), Rooms: []id.RoomID{w.room}}
	if change != nil {
		change(&config)
	}
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	d, err := olmdevice.Open(ctx, config)
	if err != nil {
		w.Fatal(err)
	}
	return d
}

// enter follows the room with a device.
func (w *world) enter(d *olmdevice.Device) *Room {
	w.Helper()
	r, err := Enter(w.Context(), Config{Device: d, Room: w.room, Notice: func(text string) { w.Logf("%s: %s", d.Self(), text) }})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = r.Close(context.Background()) })
	return r
}

// appear is in the call by now, as Matrix sees it.
func (w *world) appear(r *Room) *Room {
	w.Helper()
	if err := r.Appear(w.Context()); err != nil {
		w.Fatal(err)
	}
	return r
}

// attendee is somebody in the call.
type attendee struct {
	*call.Call
	room *Room
	link string
}

func (w *world) attend(r *Room, name string, files ...string) *attendee {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	join, err := r.Token(ctx)
	if err != nil {
		w.Fatal(err)
	}
	w.appear(r)
	is, err := r.Secret(ctx)
	if err != nil {
		w.Fatal(err)
	}
	link, err := call.ParseLink(w.page + "#" + is)
	if err != nil {
		w.Fatal(err)
	}
	for i := range files {
		files[i] = "../../testdata/media/" + files[i]
	}
	media, err := call.OpenMedia(files)
	if err != nil {
		w.Fatal(err)
	}
	c, err := call.Join(w.Context(), call.Config{Link: link.WithToken(join), Name: name, Publish: media, Transport: r,
		OnNotice: func(text string) { w.Logf("%s: %s", name, text) }})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(c.Leave)
	r.Hold(c.Link)
	return &attendee{c, r, c.Link()}
}

// join is all at once.
func (w *world) join(name string, files ...string) *attendee {
	w.Helper()
	return w.attend(w.enter(w.device(w.member(name), nil)), name, files...)
}

func (a *attendee) opened(other *attendee) (n int) {
	for _, t := range a.Report().Tracks {
		if t.Device == other.Report().Device {
			n += t.FramesOpened
		}
	}
	return n
}

// hears waits until more frames of another have opened.
func (w *world) hears(a, other *attendee) {
	w.Helper()
	before := a.opened(other)
	w.eventually("frames open", func() bool { return a.opened(other) > before+5 })
}

func (w *world) eventually(what string, is func() bool) {
	w.Helper()
	for deadline := time.Now().Add(patience); !is(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.Fatalf("not within %v: %s", patience, what)
		}
	}
}
