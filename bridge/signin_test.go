package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	blueRoom = id.RoomID("!blue:hs.example")
	redRoom  = id.RoomID("!red:hs.example")
	ada      = id.UserID("@ada:hs.example")
)

// fakeLinks are two rooms and who is in them.
type fakeLinks struct {
	members map[id.RoomID]map[id.UserID]Member
	broken  bool
}

var slugs = map[id.RoomID]string{blueRoom: "blue-harbour", redRoom: "red-harbour"}

func (f *fakeLinks) Linked(in id.RoomID) (string, bool) {
	slug, ok := slugs[in]
	return slug, ok
}

func (f *fakeLinks) RoomOf(slug string) (id.RoomID, bool) {
	for in, name := range slugs {
		if name == slug {
			return in, true
		}
	}
	return "", false
}

func (f *fakeLinks) Member(_ context.Context, in id.RoomID, user id.UserID) (Member, error) {
	if f.broken {
		return Member{}, errors.New("no answer")
	}
	return f.members[in][user], nil
}

// office is a sign-in, a homeserver that it asks, and a verifier of what it gives.
type office struct {
	*testing.T
	signIn   *SignIn
	handler  http.Handler
	verifier *token.Verifier
	links    *fakeLinks
	subs     map[string]id.UserID // by OpenID token
	asked    int
	status   int // of the homeserver's answers, if not 200
}

func newOffice(t *testing.T, change ...func(*SignInConfig)) *office {
	o := &office{T: t, subs: map[string]id.UserID{"ada's": ada, "ben's": "@ben:hs.example", "eve's": "@eve:evil.example"},
		links: &fakeLinks{members: map[id.RoomID]map[id.UserID]Member{blueRoom: {ada: {Joined: true, Power: 100}}, redRoom: {"@ben:hs.example": {Joined: true}}}}}
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.asked++
		user, ok := o.subs[r.URL.Query().Get("access_token")]
		switch {
		case r.URL.Path != "/_matrix/federation/v1/openid/userinfo":
			t.Errorf("asked %s", r.URL.Path)
		case o.status != 0:
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(o.status)
		case !ok:
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"errcode":"M_UNKNOWN_TOKEN","error":"Access Token unknown or expired"}`)
		default:
			fmt.Fprintf(w, `{"sub":%q}`, user)
		}
	}))
	t.Cleanup(home.Close)
	own := token.NewSecret()
	cfg := SignInConfig{Homeserver: home.URL + "/", ServerName: "hs.example", Public: "https://meet.example/", Bot: "@grotto:hs.example", Links: o.links,
		Signer: token.NewOwnSigner(own), Network: func(r *http.Request) string { return r.RemoteAddr }}
	for _, f := range change {
		f(&cfg)
	}
	o.signIn = NewSignIn(cfg)
	o.handler = o.signIn.Handler()
	o.verifier = &token.Verifier{Secret: token.NewSecret(), Own: own, Still: o.signIn.Still}
	return o
}

func (o *office) post(path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, httptest.NewRequestWithContext(o.Context(), http.MethodPost, path, strings.NewReader(body)))
	return w
}

// asks is a request for a token, for changes by name.
func asks(openID, server, in string) string {
	return fmt.Sprintf(`{"room_id":%q,"device_id":"QX7PZK29LM","openid_token":{"access_token":%q,"token_type":"Bearer","matrix_server_name":%q,"expires_in":3600}}`, in, openID, server)
}

// refused checks an answer in the form of Matrix, which names nothing that it was asked with.
func (o *office) refused(what string, w *httptest.ResponseRecorder, status int, code string) {
	o.Helper()
	var e struct {
		Code string `json:"errcode"`
		Text string `json:"error"`
	}
	body := w.Body.String()
	if err := json.Unmarshal([]byte(body), &e); err != nil || w.Code != status || e.Code != code || e.Text == "" || strings.Contains(body, `"token"`) || strings.Contains(body, "ada's") {
		o.Errorf("%s: %d %s", what, w.Code, body)
	}
}

func (o *office) given(w *httptest.ResponseRecorder) (a TokenAnswer) {
	o.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK || a.Token == "" {
		o.Fatalf("%d %s", w.Code, w.Body)
	}
	return a
}

func TestTokenOfMatrix(t *testing.T) {
	o := newOffice(t)
	for _, body := range []string{asks("ada's", "hs.example", string(blueRoom)),
		`{"slug":"blue-harbour","device_id":"QX7PZK29LM","openid_token":{"access_token":"ada's","matrix_server_name":"hs.example"}}`} {
		a := o.given(o.post("/matrix/token", body))
		if a.Slug != "blue-harbour" || a.Link != "https://meet.example/r/blue-harbour" || a.RoomID != blueRoom || a.User != ada || a.Role != wire.RoleOwner || a.Bot != "@grotto:hs.example" {
			t.Errorf("%+v", a)
		}
		if life := time.Until(a.Expires); life > TokenLife || life < TokenLife-time.Minute {
			t.Error(life)
		}
		who, err := o.verifier.Admit(t.Context(), a.Token, "blue-harbour")
		if err != nil || who.Localpart != "mx.ada=3ahs.example" || who.ExternalID != string(ada) || who.ExternalDevice != "QX7PZK29LM" || !who.Vouched || who.Role != wire.RoleOwner {
			t.Errorf("%+v %v", who, err)
		}
		if _, err := o.verifier.Admit(t.Context(), a.Token, "red-harbour"); err == nil {
			t.Error("the token opens another room")
		}
	}
}

// M5: who somebody is opens nothing: they have to be in the room.
func TestM5_NobodyComesInByIdentityAlone(t *testing.T) {
	o := newOffice(t)
	o.refused("not in this room", o.post("/matrix/token", asks("ben's", "hs.example", string(blueRoom))), http.StatusForbidden, "M_FORBIDDEN")
	o.links.members[blueRoom]["@ben:hs.example"] = Member{Power: 100} // was invited, banned or has left
	o.refused("not joined", o.post("/matrix/token", asks("ben's", "hs.example", string(blueRoom))), http.StatusForbidden, "M_FORBIDDEN")
	o.refused("no such room", o.post("/matrix/token", asks("ada's", "hs.example", "!other:hs.example")), http.StatusNotFound, "M_NOT_FOUND")
	o.refused("another room's name", o.post("/matrix/token", `{"room_id":"!blue:hs.example","slug":"red-harbour","device_id":"X","openid_token":{"access_token":"ada's","matrix_server_name":"hs.example"}}`), http.StatusNotFound, "M_NOT_FOUND")
	o.links.broken = true
	o.refused("nobody knows", o.post("/matrix/token", asks("ada's", "hs.example", string(blueRoom))), http.StatusBadGateway, "M_UNKNOWN")
}

// M5: whose token it is says the homeserver of that name, of its own users alone.
func TestM5_WhoseOpenIDTokenItIs(t *testing.T) {
	o := newOffice(t)
	o.links.members[blueRoom]["@eve:evil.example"] = Member{Joined: true}
	o.refused("expired or made up", o.post("/matrix/token", asks("nobody's", "hs.example", string(blueRoom))), http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
	o.refused("nobody's may not find out which rooms there are", o.post("/matrix/token", asks("nobody's", "hs.example", "!other:hs.example")), http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
	o.refused("of another server's user", o.post("/matrix/token", asks("eve's", "hs.example", string(blueRoom))), http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
	for _, sub := range []id.UserID{"ada:hs.example", "@ada", "@:hs.example", "@a\nda:hs.example", "@a b:hs.example", id.UserID("@" + strings.Repeat("a", 300) + ":hs.example")} {
		o.subs["odd"] = sub
		o.links.members[blueRoom][sub] = Member{Joined: true}
		o.refused(string(sub), o.post("/matrix/token", asks("odd", "hs.example", string(blueRoom))), http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
	}
	before := o.asked
	for _, server := range []string{"evil.example", "HS.example", "hs.example:443", "hs.example."} {
		o.refused(server, o.post("/matrix/token", asks("ada's", server, string(blueRoom))), http.StatusForbidden, "M_FORBIDDEN")
	}
	for _, server := range []string{"hs.example/..", "hs.example@evil.example", "hs.example?x", "a b", "[::1", "hs.example:x"} {
		o.refused(server, o.post("/matrix/token", asks("ada's", server, string(blueRoom))), http.StatusBadRequest, "M_INVALID_PARAM")
	}
	if o.asked != before {
		t.Error("the homeserver was asked about people of others")
	}
	for _, status := range []int{http.StatusFound, http.StatusInternalServerError, http.StatusNotFound} {
		o.status = status
		o.refused(fmt.Sprint(status), o.post("/matrix/token", asks("ada's", "hs.example", string(blueRoom))), http.StatusBadGateway, "M_UNKNOWN")
	}
}

// M7: a token from before opens nothing to who is not in the room any more, and no more than is theirs now to others.
func TestM7_TokensFromBeforeAKick(t *testing.T) {
	o := newOffice(t)
	a := o.given(o.post("/matrix/token", asks("ada's", "hs.example", string(blueRoom))))
	o.links.members[blueRoom][ada] = Member{Joined: true, Power: -1}
	if who, err := o.verifier.Admit(t.Context(), a.Token, "blue-harbour"); err != nil || who.Role != wire.RoleViewer {
		t.Error(who, err)
	}
	o.links.broken = true
	if _, err := o.verifier.Admit(t.Context(), a.Token, "blue-harbour"); err == nil {
		t.Error("let in though nobody knows")
	}
	o.links.broken = false
	o.links.members[blueRoom][ada] = Member{Power: 100}
	who, err := o.verifier.Admit(t.Context(), a.Token, "blue-harbour")
	if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code != wire.CodeBadToken || e.Hint == "" || who != (room.Identity{}) {
		t.Errorf("%+v %v", who, err)
	}
	o.refused("kicked", o.post("/matrix/token", asks("ada's", "hs.example", string(blueRoom))), http.StatusForbidden, "M_FORBIDDEN")
}

func TestRequestsOutOfForm(t *testing.T) {
	o := newOffice(t)
	openID := `"openid_token":{"access_token":"ada's","matrix_server_name":"hs.example"}`
	for body, code := range map[string]string{
		``:                                 "M_NOT_JSON",
		`{`:                                "M_NOT_JSON",
		`[]`:                               "M_BAD_JSON",
		`{"openid_token":"x"}`:             "M_BAD_JSON",
		`{` + openID + `,"device_id":"X"}`: "M_MISSING_PARAM",
		`{` + openID + `,"room_id":"!blue:hs.example"}`:                                         "M_MISSING_PARAM",
		`{"device_id":"X","room_id":"!blue:hs.example"}`:                                        "M_MISSING_PARAM",
		`{` + openID + `,"slug":"blue-harbour","device_id":"` + strings.Repeat("x", 256) + `"}`: "M_INVALID_PARAM",
		`{` + openID + `,"slug":"blue-harbour","device_id":"a\nb"}`:                             "M_INVALID_PARAM",
		asks(strings.Repeat("x", maxAccessToken+1), "hs.example", string(blueRoom)):             "M_INVALID_PARAM",
	} {
		o.refused(body, o.post("/matrix/token", body), http.StatusBadRequest, code)
	}
	o.refused("large", o.post("/matrix/token", `{"slug":"`+strings.Repeat("x", maxRequest)), http.StatusRequestEntityTooLarge, "M_TOO_LARGE")
	o.refused("elsewhere", o.post("/matrix/other", ""), http.StatusNotFound, "M_UNRECOGNIZED")
	if o.asked != 0 {
		t.Error("the homeserver was asked")
	}
}

// The shapes of lk-jwt-service: what MatrixRTC's clients ask for tokens with.
func TestFocusTokens(t *testing.T) {
	o := newOffice(t)
	openID := `"openid_token":{"access_token":"ada's","token_type":"Bearer","matrix_server_name":"hs.example","expires_in":3600}`
	get := func(claimed, slot string) string {
		return fmt.Sprintf(`{"room_id":%q,"slot_id":%q,%s,"member":{"id":"m1","claimed_user_id":%q,"claimed_device_id":"QX7PZK29LM"}}`, blueRoom, slot, openID, claimed)
	}
	for path, body := range map[string]string{
		"/matrix/sfu/get":   fmt.Sprintf(`{"room":%q,%s,"device_id":"QX7PZK29LM","delay_id":"d","delay_timeout":10000}`, blueRoom, openID),
		"/matrix/get_token": get(string(ada), "m.call#ROOM"),
	} {
		w := o.post(path, body)
		var a struct{ URL, JWT string }
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK || a.URL != "wss://meet.example/v1/signal" {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		if who, err := o.verifier.Admit(t.Context(), a.JWT, "blue-harbour"); err != nil || who.ExternalDevice != "QX7PZK29LM" || who.ExternalID != string(ada) {
			t.Errorf("%s: %+v %v", path, who, err)
		}
	}
	o.refused("another user", o.post("/matrix/get_token", get("@ben:hs.example", "m.call#ROOM")), http.StatusForbidden, "M_FORBIDDEN")
	o.refused("no user", o.post("/matrix/get_token", get("", "m.call#ROOM")), http.StatusBadRequest, "M_MISSING_PARAM")
	o.refused("another call", o.post("/matrix/get_token", get(string(ada), "m.call#other")), http.StatusBadRequest, "M_INVALID_PARAM")
}

// M5: one network that floods is refused before anybody is asked, others are not.
func TestM5_Flood(t *testing.T) {
	o := newOffice(t)
	now := time.Now()
	o.signIn.now = func() time.Time { return now }
	from := "203.0.114.7"
	o.signIn.cfg.Network = func(*http.Request) string { return from }
	for range int(ofSignIns.Burst) {
		if w := o.post("/matrix/token", `{}`); w.Code != http.StatusBadRequest {
			t.Fatal(w.Code)
		}
	}
	w := o.post("/matrix/token", `{}`)
	o.refused("flood", w, http.StatusTooManyRequests, "M_LIMIT_EXCEEDED")
	if !strings.Contains(w.Body.String(), `"retry_after_ms":200`) {
		t.Error(w.Body)
	}
	from = "" // this machine itself
	if w := o.post("/matrix/token", `{}`); w.Code != http.StatusBadRequest {
		t.Error(w.Code)
	}
	from, o.signIn.cfg.Times = "203.0.114.7", -1 // no limits
	if w := o.post("/matrix/token", `{}`); w.Code != http.StatusBadRequest {
		t.Error(w.Code)
	}
	from, o.signIn.cfg.Times = "203.0.114.9", 2
	for range 2 * int(ofSignIns.Burst) {
		if w := o.post("/matrix/token", `{}`); w.Code != http.StatusBadRequest {
			t.Fatal(w.Code)
		}
	}
	o.refused("flood of twice as much", o.post("/matrix/token", `{}`), http.StatusTooManyRequests, "M_LIMIT_EXCEEDED")
	from, o.signIn.cfg.Times = "203.0.114.8", 0
	o.given(o.post("/matrix/token", asks("ada's", "hs.example", string(blueRoom))))
	for range maxAtOnce {
		o.signIn.slots <- struct{}{}
	}
	o.refused("too many at once", o.post("/matrix/token", `{}`), http.StatusTooManyRequests, "M_LIMIT_EXCEEDED")
}

func TestDiscovery(t *testing.T) {
	o := newOffice(t, func(c *SignInConfig) { c.Client = "https://hs.example" })
	for path, want := range map[string]string{
		"/.well-known/matrix/client":                                 `{"m.homeserver":{"base_url":"https://hs.example"},"org.matrix.msc4143.rtc_foci":[{"type":"io.github.grotto-meet.sfu","url":"https://meet.example"}]}`,
		"/_matrix/client/unstable/org.matrix.msc4143/rtc/transports": `{"rtc_transports":[{"type":"io.github.grotto-meet.sfu","url":"https://meet.example"}]}`,
	} {
		w := httptest.NewRecorder()
		o.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		body, _ := io.ReadAll(w.Body)
		if got := strings.TrimSpace(string(body)); w.Code != http.StatusOK || got != want || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s %v", path, w.Code, got, w.Header())
		}
	}
	for _, path := range []string{"/matrix/token", "/matrix/sfu/get", "/matrix/get_token"} {
		w := httptest.NewRecorder()
		o.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodOptions, path, nil))
		if head := w.Header(); w.Code != http.StatusNoContent || head.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(head.Get("Access-Control-Allow-Methods"), "POST") ||
			!strings.Contains(head.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("%s: %d %v", path, w.Code, head)
		}
	}
}
