//go:build goolm

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/olmkeys"
)

// traceMatrix names a file for what mautrix logs, if a test wants it.
const traceMatrix = "TEST_TRACE_MATRIX"

func init() {
	if path := os.Getenv(traceMatrix); path != "" && os.Getenv(asServer) != "" {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			panic(err)
		}
		bridgeTrace = file
	}
}

// meeting is a server with a bridge in a process of its own, a homeserver, and a room of Matrix that has a meeting.
type meeting struct {
	*testing.T
	hs                *homeserver.Server
	server            process
	data, trace, slug string
	room              id.RoomID
	alice, bob        homeserver.User
}

type fields = map[string]any

func newMeeting(t *testing.T) *meeting {
	r, err := bridge.NewRegistration("", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	m := &meeting{T: t, hs: homeserver.Start(t, homeserver.WithAppservice(text.String())), data: filepath.Join(t.TempDir(), "data"), trace: filepath.Join(t.TempDir(), "trace")}
	registration := filepath.Join(t.TempDir(), "registration.yaml")
	if err := os.WriteFile(registration, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(traceMatrix, m.trace)
	m.server = startProcess(t, "--turn", "off", "--data", m.data, "--log-level", "debug", "--matrix-homeserver", m.hs.URL, "--matrix-registration", registration,
		"--matrix-page", "https://meet.example", "--matrix-kick")
	m.alice, m.bob = m.hs.Register(t, "alice"), m.hs.Register(t, "bob")
	bot := "@" + bridge.DefaultBot + ":localhost"
	var made struct {
		ID id.RoomID `json:"room_id"`
	}
	// The bot is there when it has connected first.
	m.eventually("the bot can be invited", func() bool {
		return m.hs.Call(m.alice.Token, "POST", "/_matrix/client/v3/createRoom", fields{"preset": "private_chat", "invite": []string{bot, m.bob.ID},
			"power_level_content_override": fields{"users": fields{m.alice.ID: 100, bot: 60}, "events": fields{rtc.MemberType.Type: 0}}}, &made) == nil && m.server.log != nil
	})
	m.room = made.ID
	m.matrix(m.bob, "POST", "/join", fields{})
	m.eventually("the bot joins", func() bool { return m.membership(bot) == "join" })
	m.matrix(m.alice, "PUT", "/send/m.room.message/1", fields{"msgtype": "m.text", "body": "!call"})
	var is rtc.Call
	m.eventually("the room has a meeting", func() bool {
		return m.hs.Call(m.alice.Token, "GET", m.path("/state/"+rtc.CallType.Type+"/"), nil, &is) == nil && is.Slug != ""
	})
	m.slug = is.Slug
	return m
}

func (m *meeting) path(rest string) string {
	return "/_matrix/client/v3/rooms/" + url.PathEscape(string(m.room)) + rest
}

func (m *meeting) matrix(as homeserver.User, method, path string, in any) {
	m.Helper()
	if err := m.hs.Call(as.Token, method, m.path(path), in, nil); err != nil {
		m.Fatal(err)
	}
}

func (m *meeting) membership(user string) string {
	var is struct{ Membership string }
	_ = m.hs.Call(m.alice.Token, "GET", m.path("/state/m.room.member/"+url.PathEscape(user)), nil, &is)
	return is.Membership
}

func (m *meeting) eventually(what string, is func() bool) {
	m.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			m.Fatalf("not in time: %s\n%s", what, m.server.log)
		}
	}
}

// token asks the server for a join token, as clients do.
func (m *meeting) token(u homeserver.User) (token string, status int) {
	m.Helper()
	var open fields
	if err := m.hs.Call(u.Token, "POST", "/_matrix/client/v3/user/"+url.PathEscape(u.ID)+"/openid/request_token", fields{}, &open); err != nil {
		m.Fatal(err)
	}
	body, err := json.Marshal(fields{"room_id": m.room, "device_id": u.Device, "openid_token": open})
	if err != nil {
		m.Fatal(err)
	}
	answer, err := http.Post(m.server.url+"/matrix/token", "application/json", bytes.NewReader(body))
	if err != nil {
		m.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct{ Token string }
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		m.Fatal(err)
	}
	return got.Token, answer.StatusCode
}

// joined is somebody in the meeting.
type joined struct {
	*call.Call
	heard chan string
}

func (m *meeting) join(u homeserver.User, secret, token string) (*joined, error) {
	link, err := call.ParseLink(m.server.url + "/r/" + m.slug + "#" + secret)
	if err != nil {
		m.Fatal(err)
	}
	j := &joined{heard: make(chan string, 9)}
	j.Call, err = call.Join(m.Context(), call.Config{Link: link.WithToken(token), Name: u.ID, OnChat: func(c call.ChatLine) { j.heard <- c.Text }})
	if err == nil {
		m.Cleanup(j.Leave)
	}
	return j, err
}

// both join, and hear each other.
func (m *meeting) both(secret string) (a, b *joined, tokenOfBob string) {
	m.Helper()
	tokenA, _ := m.token(m.alice)
	tokenB, _ := m.token(m.bob)
	a, err := m.join(m.alice, secret, tokenA)
	if err != nil {
		m.Fatalf("%v\n%s", err, m.server.log)
	}
	if b, err = m.join(m.bob, secret, tokenB); err != nil {
		m.Fatalf("%v\n%s", err, m.server.log)
	}
	m.eventually("they hear each other", func() bool {
		if a.Say("hello from alice") != nil {
			return false
		}
		select {
		case <-b.heard:
			return true
		case <-time.After(100 * time.Millisecond):
			return false
		}
	})
	return a, b, tokenB
}

// The link's secret is made by one client and goes to the other by Olm. While both use it, it is nowhere in the server: in no log, though all is logged,
// in no file and not in its memory; nor is what they say.
func TestM1_SecretIsNowhereInTheServer(t *testing.T) {
	m := newMeeting(t)
	device := func(u homeserver.User) *olmdevice.Device {
		db, err := olmdevice.OpenDB(filepath.Join(t.TempDir(), "matrix.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		d, err := olmdevice.Open(t.Context(), olmdevice.Config{Homeserver: m.hs.URL, User: id.UserID(u.ID), Password: u.Password, DB: db, PickleKey: make([]byte, olmdevice.PickleKeySize)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { _ = d.Run(ctx); close(ended) }()
		t.Cleanup(func() { cancel(); <-ended })
		<-d.Ready()
		return d
	}
	a, b := device(m.alice), device(m.bob)
	raw := []byte("sixteen bytes of")
	secret := base64.RawURLEncoding.EncodeToString(raw)
	if _, err := olmkeys.ParseSecret(secret); err != nil {
		t.Fatal(err)
	}
	if unsent := a.Send(t.Context(), rtc.SecretType, fields{"v": 1, "room_id": m.room, "slug": m.slug, "secret": secret, "claimed_device_id": a.Self().Device}, b.Self()); len(unsent) > 0 {
		t.Fatal(unsent)
	}
	var got struct{ Secret string }
	if err := json.Unmarshal((<-b.Received()).Content, &got); err != nil {
		t.Fatal(err)
	}
	m.both(got.Secret)

	hidden := map[string][]byte{"the secret": []byte(secret), "its bytes": raw, "what was said": []byte("hello from alice")}
	look := func(where string, text []byte) {
		for what, is := range hidden {
			if bytes.Contains(text, is) {
				t.Errorf("%s is in %s", what, where)
			}
		}
	}
	memory := memoryOf(t, m.server.Process.Pid, look, []byte(m.slug))
	if !memory {
		t.Error("the search of the memory finds nothing of what is there")
	}
	look("the log", []byte(m.server.log.String()))
	trace, err := os.ReadFile(m.trace)
	if err != nil || !bytes.Contains(trace, []byte("/sync")) {
		t.Errorf("nothing was traced: %v", err)
	}
	look("the trace", trace)
	files, _ := filepath.Glob(filepath.Join(m.data, "*"))
	known := false
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // a folder
		}
		look(path, text)
		known = known || bytes.Contains(text, []byte(m.slug))
	}
	if !known {
		t.Error("the search of the files finds nothing of what is there")
	}
	for _, private := range []string{"alice", m.room.String(), m.slug} {
		if strings.Contains(m.server.log.String(), private) {
			t.Errorf("%q is in the log", private)
		}
	}
}

// memoryOf shows all that a process can write, and says whether something is in it.
func memoryOf(t *testing.T, pid int, look func(where string, text []byte), marker []byte) (found bool) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer maps.Close()
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("the memory of another process cannot be read here: %v", err)
	}
	defer memory.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uint64
		var may string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &may); err != nil || !strings.HasPrefix(may, "rw") {
			continue
		}
		text := make([]byte, to-from)
		n, err := io.ReadFull(io.NewSectionReader(memory, int64(from), int64(to-from)), text)
		if n == 0 && err != nil {
			continue // set aside, and never used
		}
		look("the memory", text[:n])
		found = found || bytes.Contains(text[:n], marker)
	}
	return found
}

// Who is kicked from the room of Matrix is out of the meeting at once, and gets in neither with the old token nor with a new one. Whom its owner removes
// from the meeting is removed from the room.
func TestM7_KickedFromTheMeeting(t *testing.T) {
	m := newMeeting(t)
	const secret = "c2l4dGVlbiBieXRlcyBvZg"
	a, b, old := m.both(secret)
	m.matrix(m.alice, "POST", "/kick", fields{"user_id": m.bob.ID})
	select {
	case <-b.Done():
	case <-time.After(20 * time.Second):
		t.Fatalf("he is still there\n%s", m.server.log)
	}
	if _, err := m.join(m.bob, secret, old); err == nil {
		t.Error("he came back with the old token")
	}
	if token, status := m.token(m.bob); status != http.StatusForbidden || token != "" {
		t.Errorf("he got another token: %d", status)
	}
	m.matrix(m.alice, "POST", "/invite", fields{"user_id": m.bob.ID})
	m.matrix(m.bob, "POST", "/join", fields{})
	again, status := m.token(m.bob)
	if status != http.StatusOK {
		t.Fatalf("who was invited back gets no token: %d\n%s", status, m.server.log)
	}
	b, err := m.join(m.bob, secret, again)
	if err != nil {
		t.Fatal(err)
	}
	var who olmkeys.Ref
	m.eventually("he is seen", func() bool {
		for _, p := range a.Participants() {
			who = p.Ref
		}
		return who != olmkeys.Ref{}
	})
	if _, err := a.Remove(who, false); err != nil {
		t.Fatal(err)
	}
	m.eventually("he is kicked", func() bool { return m.membership(m.bob.ID) == "leave" })
	<-b.Done()
}
