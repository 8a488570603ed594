package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/wire"
)

// asked are links whose members a homeserver names, asked by somebody in the room.
type asked struct {
	hs   *homeserver.Server
	by   homeserver.User
	room id.RoomID
}

func (a asked) Linked(in id.RoomID) (string, bool)   { return "blue-harbour", in == a.room }
func (a asked) RoomOf(slug string) (id.RoomID, bool) { return a.room, slug == "blue-harbour" }

func (a asked) Member(_ context.Context, in id.RoomID, user id.UserID) (Member, error) {
	var joined struct {
		Joined map[id.UserID]struct{} `json:"joined"`
	}
	err := a.hs.Call(a.by.Token, http.MethodGet, "/_matrix/client/v3/rooms/"+url.PathEscape(string(in))+"/joined_members", nil, &joined)
	_, ok := joined.Joined[user]
	return Member{Joined: ok}, err
}

// A real OpenID token of a real homeserver opens a meeting to who is in the room, and to nobody else.
func TestM5_SignInByDendrite(t *testing.T) {
	hs := homeserver.Shared(t)
	call := func(u homeserver.User, method, path string, in, out any) {
		t.Helper()
		if err := hs.Call(u.Token, method, "/_matrix/client/v3"+path, in, out); err != nil {
			t.Fatal(err)
		}
	}
	owner, ada, eve := hs.Register(t, "owner"), hs.Register(t, "ada"), hs.Register(t, "eve")
	var made struct {
		Room id.RoomID `json:"room_id"`
	}
	call(owner, http.MethodPost, "/createRoom", map[string]any{"preset": "public_chat"}, &made)
	in := "/rooms/" + url.PathEscape(string(made.Room))
	call(ada, http.MethodPost, in+"/join", struct{}{}, nil)

	own := token.NewSecret()
	signIn := NewSignIn(SignInConfig{Homeserver: hs.URL, ServerName: hs.Name, Public: "https://meet.example", Bot: "@grotto:localhost", Links: asked{hs, owner, made.Room},
		Signer: token.NewOwnSigner(own), Network: func(*http.Request) string { return "" }})
	rooms := room.New(room.Config{Auth: &token.Verifier{Secret: token.NewSecret(), Own: own, Only: true, Still: signIn.Still}})
	mux := http.NewServeMux()
	mux.Handle("/matrix/", signIn.Handler())
	mux.Handle(signalPath, rooms)
	server := httptest.NewServer(mux)
	defer server.Close()
	defer rooms.Shutdown(t.Context())

	tokenFor := func(u homeserver.User) (status int, a TokenAnswer) {
		t.Helper()
		var openID json.RawMessage // as the homeserver wrote it
		call(u, http.MethodPost, "/user/"+url.PathEscape(u.ID)+"/openid/request_token", struct{}{}, &openID)
		answer, err := http.Post(server.URL+"/matrix/token", "application/json", strings.NewReader(fmt.Sprintf(`{"room_id":%q,"device_id":%q,"openid_token":%s}`, made.Room, u.Device, openID)))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if err := json.NewDecoder(answer.Body).Decode(&a); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, a
	}
	// enters says what the room answers to a hello.
	enters := func(join string) (m wire.ServerMessage) {
		t.Helper()
		conn, resp, err := websocket.DefaultDialer.Dial(strings.Replace(server.URL, "http", "ws", 1)+signalPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		defer conn.Close()
		hello := &wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: join}
		wire.SetID(hello, 1)
		text, err := wire.Encode(hello)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if err := conn.WriteMessage(websocket.TextMessage, text); err != nil {
			t.Fatal(err)
		}
		if _, text, err = conn.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		if m, err = wire.DecodeServer(text); err != nil {
			t.Fatal(err)
		}
		return m
	}

	status, given := tokenFor(ada)
	if status != http.StatusOK || given.User != id.UserID(ada.ID) || given.Slug != "blue-harbour" {
		t.Fatalf("%d %+v", status, given)
	}
	if m, ok := enters(given.Token).(*wire.Welcome); !ok || m.User != "@mx."+strings.TrimPrefix(strings.Replace(ada.ID, ":", "=3a", 1), "@")+":localhost" {
		t.Errorf("%+v", m)
	}
	if status, a := tokenFor(eve); status != http.StatusForbidden || a.Token != "" {
		t.Errorf("who is not in the room: %d %+v", status, a)
	}
	call(owner, http.MethodPost, in+"/kick", map[string]any{"user_id": ada.ID}, nil)
	if status, a := tokenFor(ada); status != http.StatusForbidden || a.Token != "" {
		t.Errorf("who was kicked: %d %+v", status, a)
	}
	if m, ok := enters(given.Token).(*wire.Error); !ok || m.Code != wire.CodeBadToken {
		t.Errorf("who was kicked, with the token from before: %+v", m)
	}
}
