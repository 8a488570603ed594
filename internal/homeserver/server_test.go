package homeserver

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

// syncAt gives where a sync ended and the whole answer's rooms.
type told struct {
	Type    string         `json:"type"`
	Content map[string]any `json:"content"`
}

type synced struct {
	Next  string `json:"next_batch"`
	Rooms struct {
		Join map[string]struct {
			Timeline struct {
				Events []told `json:"events"`
			} `json:"timeline"`
		} `json:"join"`
	} `json:"rooms"`
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func createRoom(t *testing.T, s *Server, user User) string {
	t.Helper()
	var room struct {
		ID string `json:"room_id"`
	}
	must(t, s.Call(user.Token, http.MethodPost, "/_matrix/client/v3/createRoom", map[string]any{"preset": "private_chat"}, &room))
	return room.ID
}

func TestSharedIsOneServer(t *testing.T) {
	s := Shared(t)
	alice, other := s.Register(t, "alice"), s.Register(t, "alice")
	if alice.ID != "@alice:localhost" || other.ID != "@alice-2:localhost" {
		t.Errorf("%s and %s", alice.ID, other.ID)
	}
	if Shared(t) != s {
		t.Error("a second server")
	}
	phone := s.Login(t, alice)
	if phone.Device == alice.Device || phone.Token == alice.Token {
		t.Errorf("signed in again as the same device: %+v, %+v", alice, phone)
	}
}

// TestOpenID: Dendrite says whose an OpenID token is only with federation on.
func TestOpenID(t *testing.T) {
	s := Shared(t)
	ada := s.Register(t, "ada")
	var token struct {
		Access string `json:"access_token"`
	}
	must(t, s.Call(ada.Token, http.MethodPost, "/_matrix/client/v3/user/"+ada.ID+"/openid/request_token", struct{}{}, &token))
	var info struct{ Sub string }
	must(t, s.Call("", http.MethodGet, "/_matrix/federation/v1/openid/userinfo?access_token="+url.QueryEscape(token.Access), nil, &info))
	if info.Sub != ada.ID {
		t.Errorf("sub is %q", info.Sub)
	}
	var refused *Refused
	err := s.Call("", http.MethodGet, "/_matrix/federation/v1/openid/userinfo?access_token=wrong", nil, &info)
	if !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized {
		t.Errorf("a wrong token: %v", err)
	}
}

// TestDownAndBack: who was syncing goes on where it was.
func TestDownAndBack(t *testing.T) {
	t.Parallel()
	s := Start(t)
	ada := s.Register(t, "ada")
	room := createRoom(t, s, ada)
	var before, after synced
	must(t, s.Call(ada.Token, http.MethodGet, "/_matrix/client/v3/sync", nil, &before))

	s.Stop(t)
	if err := s.Call("", http.MethodGet, "/_matrix/client/versions", nil, nil); err == nil {
		t.Error("it answers while it is down")
	}
	s.Again(t)

	must(t, s.Call(ada.Token, http.MethodPut, "/_matrix/client/v3/rooms/"+room+"/send/m.room.message/1", map[string]any{"msgtype": "m.text", "body": "back"}, nil))
	deadline := time.Now().Add(patience)
	for since := before.Next; ; since = after.Next {
		must(t, s.Call(ada.Token, http.MethodGet, "/_matrix/client/v3/sync?timeout=1000&since="+since, nil, &after))
		// Beside it may be what came before: a homeserver that has just made a room tells of it bit by bit.
		if slices.ContainsFunc(after.Rooms.Join[room].Timeline.Events, func(e told) bool { return e.Content["body"] == "back" }) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not synced: %+v", after)
		}
	}
}

const registration = `id: test
url: null
as_token: as-secret
hs_token: hs-secret
sender_localpart: robot
rate_limited: false
namespaces:
  users: [{ exclusive: true, regex: "@robot_.*:localhost" }]
  rooms: []
  aliases: []
`

func TestAppservice(t *testing.T) {
	t.Parallel()
	s := Start(t, WithAppservice(registration))
	var who struct {
		User string `json:"user_id"`
	}
	must(t, s.Call("as-secret", http.MethodPost, "/_matrix/client/v3/register", map[string]string{"type": "m.login.application_service", "username": "robot_1"}, nil))
	must(t, s.Call("as-secret", http.MethodGet, "/_matrix/client/v3/account/whoami?user_id=@robot_1:localhost", nil, &who))
	if who.User != "@robot_1:localhost" {
		t.Errorf("it is %q", who.User)
	}
}

// TestMadeProgram: what `make` built is taken, unless the module is newer.
func TestMadeProgram(t *testing.T) {
	module, made := t.TempDir(), filepath.Join(t.TempDir(), "dendrite")
	for _, file := range []string{filepath.Join(module, "go.mod"), made} {
		must(t, os.WriteFile(file, nil, 0o600))
	}
	now := time.Now()
	must(t, os.Chtimes(filepath.Join(module, "go.mod"), now, now.Add(-time.Hour)))
	if got, err := (Tool{Module: module, Made: made}).Path(); got != made {
		t.Errorf("%q, %v", got, err)
	}
	must(t, os.Chtimes(made, now, now.Add(-2*time.Hour)))
	if got, err := (Tool{Module: module, Made: made}).Path(); err == nil || !strings.Contains(err.Error(), "go.sum") {
		t.Errorf("an old one is taken: %q, %v", got, err)
	}
}
