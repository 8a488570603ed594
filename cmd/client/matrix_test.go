//go:build goolm

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/token"
)

// inRoom answers the sign-in as the bot would: everybody who asks is in the room.
type inRoom struct{ room id.RoomID }

func (inRoom) Member(context.Context, id.RoomID, id.UserID) (bridge.Member, error) {
	return bridge.Member{Joined: true}, nil
}
func (inRoom) Linked(id.RoomID) (string, bool)   { return "weekly", true }
func (r inRoom) RoomOf(string) (id.RoomID, bool) { return r.room, true }

// TestJoinByMatrix: two programs, each with an account, in the call of an encrypted room that is named by an alias.
func TestJoinByMatrix(t *testing.T) {
	hs := homeserver.Start(t)
	bot := hs.Register(t, "grotto")
	var made struct {
		Room id.RoomID `json:"room_id"`
	}
	do := func(method, path string, in, out any) {
		t.Helper()
		if err := hs.Call(bot.Token, method, "/_matrix/client/v3"+path, in, out); err != nil {
			t.Fatal(err)
		}
	}
	do(http.MethodPost, "/createRoom", map[string]any{"preset": "public_chat", "room_alias_name": "weekly",
		"initial_state":                []any{map[string]any{"type": "m.room.encryption", "state_key": "", "content": map[string]string{"algorithm": "m.megolm.v1.aes-sha2"}}},
		"power_level_content_override": map[string]any{"events": map[string]int{rtc.MemberType.Type: 0}}}, &made)
	own := token.NewSecret()
	signIn := bridge.NewSignIn(bridge.SignInConfig{Homeserver: hs.URL, ServerName: hs.Name, Public: "http://127.0.0.1", Bot: id.UserID(bot.ID), Links: inRoom{made.Room},
		Signer: token.NewOwnSigner(own), Network: func(*http.Request) string { return "" }})
	n, err := node.New(node.Config{UDP: ":0", Web: http.NotFoundHandler(), Auth: &token.Verifier{Secret: token.NewSecret(), Own: own, Only: true}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/matrix/", signIn.Handler())
	mux.Handle("/", n.Handler())
	front := httptest.NewServer(mux)
	t.Cleanup(func() { _ = n.Close(context.Background()); front.Close() })
	do(http.MethodPut, "/rooms/"+url.PathEscape(string(made.Room))+"/state/"+rtc.CallType.Type+"/", rtc.Call{Slug: "weekly", URL: front.URL + "/r/weekly"}, nil)

	media, err := filepath.Abs("../../testdata/media/opus.ogg")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	devNull, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = devNull.Close() })
	type outcome struct {
		code     int
		out, err bytes.Buffer
	}
	grotto := func(user homeserver.User, withPassword bool, stay string) *outcome {
		o := new(outcome)
		args := []string{"join", "--matrix", user.ID, "--matrix-room", "#weekly:" + hs.Name, "--matrix-homeserver", hs.URL, "--name", user.ID, "--publish", media, "--json", "--for", stay}
		if withPassword {
			file := filepath.Join(t.TempDir(), "password")
			if err := os.WriteFile(file, []byte(user.Password+"\n"), 0o600); err != nil {
				t.Error(err)
			}
			args = append(args, "--matrix-password-file", file)
		}
		o.code = run(context.Background(), args, devNull, &o.out, &o.err)
		return o
	}
	ada, bob := hs.Register(t, "ada"), hs.Register(t, "bob")
	outcomes := make(chan *outcome, 2)
	for _, user := range []homeserver.User{ada, bob} {
		go func() { outcomes <- grotto(user, true, "9s") }()
	}
	for range 2 {
		o := <-outcomes
		var report call.Report
		if err := json.Unmarshal(o.out.Bytes(), &report); o.code != exitOK || err != nil {
			t.Fatalf("%d: %s", o.code, o.err.String())
		}
		if len(report.Participants) != 1 || report.Participants[0].Matrix != report.Participants[0].Name || report.Participants[0].Trust != "cross-signed" || report.Opened() != nil {
			t.Errorf("%+v", report.Participants)
		}
		if !strings.Contains(o.err.String(), "recovery key") {
			t.Errorf("nothing was said of the new identity: %s", o.err.String())
		}
	}
	// The session is kept; without anybody there nothing opens.
	if o := grotto(ada, false, "1s"); o.code != exitNothing || strings.Contains(o.err.String(), "recovery key") {
		t.Errorf("with the kept session: %d: %s", o.code, o.err.String())
	}
	if o := grotto(hs.Register(t, "carol"), false, "1s"); o.code != exitFail || !strings.Contains(o.err.String(), "hint: give the account's password") {
		t.Errorf("without a password: %d: %s", o.code, o.err.String())
	}
}
