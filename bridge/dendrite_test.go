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

	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/wire"
)

// served is a bridge with rooms behind it that people sign in to.
type served struct {
	*bench
	rooms *room.Server
	url   string
}

func newServed(b *bench) *served {
	own := token.NewSecret()
	signIn := NewSignIn(SignInConfig{Homeserver: b.hs.URL, ServerName: b.hs.Name, Public: public, Bot: id.UserID(b.bot()), Links: b.bridge,
		Signer: token.NewOwnSigner(own), Network: func(*http.Request) string { return "" }})
	s := &served{bench: b}
	s.rooms = room.New(room.Config{Auth: &token.Verifier{Secret: token.NewSecret(), Own: own, Only: true, Still: signIn.Still}, Notice: b.bridge.Notice})
	b.bridge.Control(s.rooms)
	mux := http.NewServeMux()
	mux.Handle("/matrix/", signIn.Handler())
	mux.Handle(signalPath, s.rooms)
	server := httptest.NewServer(mux)
	s.url = server.URL
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.rooms.Shutdown(ctx)
		server.Close()
	})
	return s
}

// signsIn asks for a token with an OpenID token as the homeserver wrote it.
func (s *served) signsIn(u homeserver.User, in id.RoomID) (status int, a TokenAnswer) {
	s.Helper()
	var openID json.RawMessage
	s.call(u, http.MethodPost, "/user/"+url.PathEscape(u.ID)+"/openid/request_token", struct{}{}, &openID)
	answer, err := http.Post(s.url+"/matrix/token", "application/json", strings.NewReader(fmt.Sprintf(`{"room_id":%q,"device_id":%q,"openid_token":%s}`, in, u.Device, openID)))
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&a); err != nil {
		s.Fatal(err)
	}
	return answer.StatusCode, a
}

// says opens a socket and says hello with a token.
func (s *served) says(slug, join string) (*websocket.Conn, wire.ServerMessage) {
	s.Helper()
	conn, answer, err := websocket.DefaultDialer.Dial(strings.Replace(s.url, "http", "ws", 1)+signalPath, nil)
	if err != nil {
		s.Fatal(err)
	}
	_ = answer.Body.Close()
	s.Cleanup(func() { _ = conn.Close() })
	s.send(conn, 1, &wire.Hello{Version: wire.Version, Room: slug, Token: join})
	return conn, s.next(conn)
}

func (s *served) send(conn *websocket.Conn, n uint64, m wire.ClientMessage) {
	s.Helper()
	wire.SetID(m, n)
	text, err := wire.Encode(m)
	if err != nil {
		s.Fatal(err)
	}
	if err := conn.WriteMessage(websocket.TextMessage, text); err != nil {
		s.Fatal(err)
	}
}

func (s *served) next(conn *websocket.Conn) wire.ServerMessage {
	s.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, text, err := conn.ReadMessage()
	if err != nil {
		s.Fatal(err)
	}
	m, err := wire.DecodeServer(text)
	if err != nil {
		s.Fatal(err)
	}
	return m
}

// until reads on to a message of a kind.
func until[M wire.ServerMessage](s *served, conn *websocket.Conn) M {
	s.Helper()
	for {
		if m, ok := s.next(conn).(M); ok {
			return m
		}
	}
}

func octets(b byte, n int) wire.Base64 { return wire.Base64(strings.Repeat(string(rune(b)), n)) }

// TestM7_SignInByDendrite: a real OpenID token of a real homeserver opens the call to who is in the room, and to nobody else. What changes in the
// room changes in the call: power is a role, a kick is the end, also for the token from before.
func TestM7_SignInByDendrite(t *testing.T) {
	b := newBench(t)
	b.start()
	s := newServed(b)
	owner, ada, eve := b.hs.Register(t, "owner"), b.hs.Register(t, "ada"), b.hs.Register(t, "eve")
	in := b.room(owner, ada)
	slug := b.linked(owner, in)

	var given TokenAnswer
	b.eventually("the token is given", func() bool {
		var status int
		status, given = s.signsIn(ada, in)
		return status == http.StatusOK
	})
	if given.User != id.UserID(ada.ID) || given.Slug != slug || given.Role != wire.RoleParticipant || given.Bot != id.UserID(b.bot()) {
		t.Errorf("%+v", given)
	}
	if status, a := s.signsIn(owner, in); status != http.StatusOK || a.Role != wire.RoleOwner {
		t.Errorf("the owner: %d %+v", status, a)
	}
	if status, a := s.signsIn(eve, in); status != http.StatusForbidden || a.Token != "" {
		t.Errorf("who is not in the room: %d %+v", status, a)
	}

	conn, m := s.says(slug, given.Token)
	if welcome, ok := m.(*wire.Welcome); !ok || welcome.User != "@"+rtc.Localpart(id.UserID(ada.ID))+":localhost" {
		t.Fatalf("%+v", m)
	}
	fallback := wire.SignedKey{KeyID: "k", Key: octets('k', 32), Sig: octets('k', 64), Fallback: true}
	s.send(conn, 2, &wire.Join{JoinID: octets('j', 16), CallKeys: octets('c', 96), Sig: octets('s', 64), Proof: octets('p', 32), FallbackKey: fallback})
	until[*wire.Joined](s, conn)
	if there := s.rooms.Participants(slug); len(there) != 1 || there[0].ExternalID != ada.ID || there[0].ExternalDevice != ada.Device || there[0].Role != wire.RoleParticipant {
		t.Errorf("%+v", there)
	}

	var power map[string]any
	if err := b.state(owner, in, "m.room.power_levels", "", &power); err != nil {
		t.Fatal(err)
	}
	power["users"].(map[string]any)[ada.ID] = 50
	b.setState(owner, in, "m.room.power_levels", "", power)
	if m := until[*wire.RoleChanged](s, conn); m.Role != wire.RoleModerator {
		t.Errorf("%+v", m)
	}

	b.call(owner, http.MethodPost, "/rooms/"+url.PathEscape(string(in))+"/kick", map[string]any{"user_id": ada.ID}, nil)
	if bye := until[*wire.Bye](s, conn); bye.Code != wire.CodeRemoved {
		t.Errorf("%+v", bye)
	}
	if status, a := s.signsIn(ada, in); status != http.StatusForbidden || a.Token != "" {
		t.Errorf("who was kicked: %d %+v", status, a)
	}
	if _, m := s.says(slug, given.Token); m.(*wire.Error).Code != wire.CodeBadToken {
		t.Errorf("who was kicked, with the token from before: %+v", m)
	}
}
