package api

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/bucket"
	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/wire"
)

// status of a refusal; 0 if there was none.
func status(err error) int {
	if e, ok := errors.AsType[*rest.Error](err); ok {
		return e.Status
	}
	return 0
}

// A room is made, found by both its names, listed, changed in one thing at a time and forgotten.
func TestRooms(t *testing.T) {
	b := newBench(t, nil)
	ctx, c := t.Context(), b.client
	is, err := c.CreateRoom(ctx, rest.RoomSettings{})
	if err != nil || len(is.FriendlyURL) != 12 || is.Link != "https://meet.example/r/"+is.FriendlyURL || !is.E2EE || is.Transcription || !is.Chat || is.Privacy != "public" || len(is.Roles) != 4 {
		t.Fatalf("%+v %v", is, err)
	}
	is, err = c.CreateRoom(ctx, rest.RoomSettings{FriendlyURL: rest.Some("weekly"), Topic: rest.Some("Weekly"), Privacy: rest.Some("private"),
		MaxParticipants: rest.Some(12), SessionLength: rest.Some(90), IsLocked: rest.Some(true), ExternalID: rest.Some("77"),
		Roles: rest.Some([]string{"viewer", "moderator"}), DefaultRole: rest.Some("viewer"),
		FeatureSettings: rest.FeatureSettings{Chat: rest.Some(false), Polls: rest.Some(false), E2EE: rest.Some(true)}})
	if err != nil || is.Chat || is.Polls || !is.Reactions || !is.IsLocked || is.IsClosed || is.SessionLength != 90 || strings.Join(is.Roles, " ") != "moderator viewer" {
		t.Fatalf("%+v %v", is, err)
	}
	kept, err := b.store.Room(ctx, "weekly")
	if err != nil || strings.Join(kept.Off, " ") != "chat polls" || !kept.WaitingRoom || kept.Locked || kept.SessionLength != 90*time.Minute || kept.MaxParticipants != 12 {
		t.Errorf("%+v %v", kept, err)
	}
	for _, name := range []string{is.ID, "weekly"} {
		if got, err := c.Room(ctx, name); err != nil || got.ID != is.ID || got.Topic != "Weekly" {
			t.Errorf("%+v %v", got, err)
		}
	}
	is, err = c.UpdateRoom(ctx, "weekly", rest.RoomSettings{FeatureSettings: rest.FeatureSettings{Chat: rest.Some(true)}, IsClosed: rest.Some(true)})
	if err != nil || !is.Chat || is.Polls || !is.IsClosed || is.Topic != "Weekly" || is.DefaultRole != "viewer" {
		t.Errorf("%+v %v", is, err)
	}
	is, err = c.UpdateRoom(ctx, "weekly", rest.RoomSettings{FeatureSettings: rest.FeatureSettings{JoinScreen: rest.Some(false)}})
	if err != nil || is.JoinScreen || is.Link != "https://meet.example/r/weekly?lobby=off" {
		t.Errorf("%+v %v", is, err)
	}
	if _, err := c.CreateRoom(ctx, rest.RoomSettings{FriendlyURL: rest.Some("weekly")}); status(err) != http.StatusConflict {
		t.Error(err)
	}
	list, err := c.Rooms(ctx, rest.Listing{Limit: 1, Newest: true})
	if err != nil || list.TotalCount != 2 || len(list.Data) != 1 || list.Data[0].FriendlyURL != "weekly" {
		t.Errorf("%+v %v", list, err)
	}
	if list, err = c.Rooms(ctx, rest.Listing{After: list.Data[0].ID, Newest: true}); err != nil || len(list.Data) != 1 || list.Data[0].FriendlyURL == "weekly" {
		t.Errorf("%+v %v", list, err)
	}
	if _, err := c.Rooms(ctx, rest.Listing{After: "nobody"}); status(err) != http.StatusNotFound {
		t.Error(err)
	}
	if err := c.DeleteRoom(ctx, "weekly"); err != nil {
		t.Error(err)
	}
	if _, err := c.Room(ctx, is.ID); status(err) != http.StatusNotFound {
		t.Error(err)
	}
}

// What cannot be is refused with the field and the reason, and nothing of it is kept.
func TestRefusals(t *testing.T) {
	b := newBench(t, nil)
	for body, want := range map[string]string{
		`{"e2ee_enabled":false}`:                            "body.e2ee_enabled|always end-to-end encrypted",
		`{"transcription_enabled":true}`:                    "body.transcription_enabled|sealed sound",
		`{"friendly_url":"live"}`:                           "body.friendly_url|another name",
		`{"friendly_url":"main--one"}`:                      "body.friendly_url|breakout",
		`{"friendly_url":"Not A Name"}`:                     "body.friendly_url|3 to 64",
		`{"default_role":"viewer","roles":["participant"]}`: "body.default_role|participant",
		`{"roles":["speaker"]}`:                             "body.roles[0]|moderator",
		`{"session_length":1441}`:                           "body.session_length|1440",
		`{"max_participants":-1}`:                           "body.max_participants|0",
		`{"whiteboard_enabled":true}`:                       "body|unexpected property",
		`{"privacy":"secret"}`:                              "body.privacy|private",
		`{"topic":7}`:                                       "body.topic|string",
	} {
		got, text := b.ask("POST", "/api/v1/rooms", b.key, body)
		field, why, _ := strings.Cut(want, "|")
		if got != http.StatusUnprocessableEntity || !strings.Contains(text, `"location":"`+field) || !strings.Contains(text, why) {
			t.Errorf("%s: %d %s", body, got, text)
		}
	}
	if got, text := b.ask("POST", "/api/v1/rooms", b.key, `{"topic":`); got != http.StatusBadRequest {
		t.Errorf("%d %s", got, text)
	}
	if got, text := b.ask("POST", "/api/v1/rooms", b.key, `{"topic":"`+strings.Repeat("x", maxBody)+`"}`); got != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", got, text)
	}
	if got, text := b.ask("GET", "/api/v1/rooms?limits=3", b.key, ""); got != http.StatusUnprocessableEntity || !strings.Contains(text, "limits") {
		t.Errorf("%d %s", got, text)
	}
	if list, err := b.client.Rooms(t.Context(), rest.Listing{}); err != nil || list.TotalCount != 0 {
		t.Errorf("%+v %v", list, err)
	}
	// A room stays encrypted, whatever is asked for later.
	if is, err := b.client.CreateRoom(t.Context(), rest.RoomSettings{}); err != nil {
		t.Error(err)
	} else if _, err := b.client.UpdateRoom(t.Context(), is.ID, rest.RoomSettings{FeatureSettings: rest.FeatureSettings{E2EE: rest.Some(false)}}); status(err) != http.StatusUnprocessableEntity {
		t.Error(err)
	}
	if got, text := b.ask("GET", "/api/v1/nothing", b.key, ""); got != http.StatusNotFound || !strings.Contains(text, DocsPath) {
		t.Errorf("%d %s", got, text)
	}
}

// What would need the keys answers 409, and says why.
func TestImpossible(t *testing.T) {
	b := newBench(t, nil)
	for _, is := range [][2]string{{"POST", "/rooms/weekly/recordings/start"}, {"GET", "/recordings"}, {"POST", "/rooms/weekly/transcripts/start"},
		{"GET", "/rooms/weekly/chat/export"}, {"GET", "/sessions/x/chat"}, {"GET", "/sessions/x/summary"}, {"GET", "/sessions/x/polls"},
		{"POST", "/rooms/weekly/participants/x/raise-hand"}} {
		got, text := b.ask(is[0], rest.Prefix+is[1], b.key, "")
		if got != http.StatusConflict || !strings.Contains(text, "end-to-end encryption") {
			t.Errorf("%s: %d %s", is, got, text)
		}
	}
}

// A key does what its scopes say, as long as it is good; there is one operator, and no object that only some keys see.
func TestS4_KeysOfTheAPI(t *testing.T) {
	b := newBench(t, nil)
	if _, err := b.client.CreateRoom(t.Context(), rest.RoomSettings{FriendlyURL: rest.Some("weekly")}); err != nil {
		t.Fatal(err)
	}
	expired, expiredKey := NewKey("old", []string{All}, time.Now().Add(-time.Second))
	revoked, revokedKey := NewKey("gone", []string{All}, time.Time{})
	for _, k := range []store.APIKey{expired, revoked} {
		if _, err := b.store.CreateAPIKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.store.DeleteAPIKey(t.Context(), revoked.ID); err != nil {
		t.Fatal(err)
	}
	own := strings.Split(b.key, "_")
	other := strings.Split(b.newKey(RoomsRead), "_")
	for what, key := range map[string]string{"none": "", "expired": expiredKey, "revoked": revokedKey, "made up": "grotto_abc_def",
		"without secret": "grotto_" + own[1] + "_", "of another's secret": "grotto_" + own[1] + "_" + other[2],
		"the kept hash": "grotto_" + own[1] + "_" + hex.EncodeToString(hash(own[2])), "SQL": "grotto_' OR 1=1 --_x"} {
		for _, path := range []string{"/rooms", "/rooms/weekly", "/load", "/webhooks", "/sessions"} {
			if got, text := b.ask("GET", rest.Prefix+path, key, ""); got != http.StatusUnauthorized && got != http.StatusTooManyRequests || strings.Contains(text, "weekly") {
				t.Errorf("%s: %s: %d %s", what, path, got, text)
			}
		}
	}
	b.api.limits.failures.left = nil // so that what follows is not held back by that
	// Each operation wants its own scope: with all the others it is refused.
	for _, is := range []struct{ method, path, scope string }{
		{"GET", "/rooms", RoomsRead}, {"GET", "/rooms/weekly", RoomsRead}, {"POST", "/rooms", RoomsWrite}, {"PATCH", "/rooms/weekly", RoomsWrite},
		{"DELETE", "/rooms/weekly", RoomsWrite}, {"POST", "/rooms/weekly/token", TokenWrite}, {"DELETE", "/tokens/x", TokenWrite},
		{"GET", "/rooms/live", LiveRead}, {"GET", "/rooms/weekly/live/participants", LiveRead}, {"GET", "/load", LiveRead},
		{"DELETE", "/rooms/weekly/live/participants/x", LiveWrite}, {"POST", "/rooms/weekly/live/participants/x/mute", LiveWrite},
		{"POST", "/sessions/x/end", LiveWrite}, {"GET", "/sessions", StatsRead}, {"GET", "/statistics", StatsRead},
		{"GET", "/webhooks", Webhooks}, {"POST", "/webhooks", Webhooks}, {"GET", "/webhooks/x/deliveries", Webhooks}, {"POST", "/webhooks/x/test", Webhooks},
	} {
		var others []string
		for _, s := range Scopes {
			if s != is.scope && s != All {
				others = append(others, s)
			}
		}
		if got, text := b.ask(is.method, rest.Prefix+is.path, b.newKey(others...), "{}"); got != http.StatusForbidden || !strings.Contains(text, is.scope) {
			t.Errorf("%s %s: %d %s", is.method, is.path, got, text)
		}
		if is.method != "GET" {
			continue
		}
		if got, text := b.ask(is.method, rest.Prefix+is.path, b.newKey(is.scope), ""); got == http.StatusForbidden || got == http.StatusUnauthorized {
			t.Errorf("%s %s: %d %s", is.method, is.path, got, text)
		}
	}
	if used, err := b.store.APIKey(t.Context(), own[1]); err != nil || time.Since(used.LastUsed) > time.Minute {
		t.Errorf("%+v %v", used, err)
	}
}

// A database that does not answer is the server's trouble: nobody hears that the key is wrong, nor is slowed down for it.
func TestKeysWithoutDatabase(t *testing.T) {
	b := newBench(t, nil)
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 * int(ofFailures.Burst) {
		if got, text := b.ask("GET", rest.Prefix+"/load", b.key, ""); got != http.StatusInternalServerError || !strings.Contains(text, "its log says why") {
			t.Fatalf("%d %s", got, text)
		}
	}
}

// Who guesses is slowed down, and so is a key; both hear when to try again.
func TestS3_RatesOfTheAPI(t *testing.T) {
	now := time.Now()
	var s spent
	r := bucket.Limit{Rate: 1, Burst: 3}
	for i := range 3 {
		if wait := s.take(now, "a", r); wait != 0 {
			t.Fatal(i, wait)
		}
	}
	if wait := s.take(now, "a", r); wait != time.Second {
		t.Error(wait)
	}
	if wait := s.take(now, "b", r); wait != 0 {
		t.Error(wait)
	}
	if wait := s.take(now.Add(time.Second), "a", r); wait != 0 {
		t.Error(wait)
	}
	for i := range 2 * maxNames { // as if by addresses that come once
		s.take(now.Add(time.Duration(i)*time.Second), string(rune(i))+"x", r)
	}
	if len(s.left) > maxNames+1 {
		t.Errorf("%d names are kept", len(s.left))
	}
	b := newBench(t, nil)
	for range int(ofFailures.Burst) {
		b.ask("GET", "/api/v1/rooms", "grotto_a_b", "")
	}
	if got, text := b.ask("GET", "/api/v1/rooms", b.key, ""); got != http.StatusTooManyRequests {
		t.Errorf("%d %s", got, text) // also with the right key: else guesses would cost nothing
	}
}

// Who is there is told by numbers; they are muted, removed, and the meeting ended.
func TestLive(t *testing.T) {
	b := newBench(t, nil)
	ctx, c := t.Context(), b.client
	made, err := c.CreateRoom(ctx, rest.RoomSettings{FriendlyURL: rest.Some("weekly")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.LiveRoom(ctx, "weekly"); status(err) != http.StatusNotFound {
		t.Error(err)
	}
	pass, err := c.CreateToken(ctx, "weekly", rest.TokenSettings{Role: "moderator", ExternalID: "staff-7"})
	if err != nil || !strings.HasPrefix(pass.Link, "https://meet.example/r/weekly?token=") || strings.Contains(pass.Link, "#") {
		t.Fatalf("%+v %v", pass, err)
	}
	if left := time.Until(pass.ExpiresAt); left < 59*time.Minute || left > time.Hour {
		t.Error(left)
	}
	ada := b.somebodyIn("weekly", pass.Token)
	b.somebodyIn("weekly", "")
	b.somebodyIn("unplanned", "")
	live, err := c.LiveRooms(ctx)
	if err != nil || live.TotalCount != 2 || live.Data[0].RoomID != "" || live.Data[1].RoomID != made.ID || live.Data[1].Participants != 2 {
		t.Fatalf("%+v %v", live, err)
	}
	if load, err := c.Load(ctx); err != nil || load.Rooms != 2 || load.Participants != 3 || load.Connections != 3 || load.Version != "1.2.3" {
		t.Errorf("%+v %v", load, err)
	}
	there, err := c.Participants(ctx, made.ID)
	if err != nil || len(there.Data) != 2 || there.Data[0].ExternalID != "staff-7" || there.Data[0].Role != "moderator" || !there.Data[0].E2EE {
		t.Fatalf("%+v %v", there, err)
	}
	if err := c.Mute(ctx, "weekly", there.Data[0].ID, "camera"); err != nil {
		t.Error(err)
	}
	if off := hear[*wire.SwitchOff](b, ada); off.Source != wire.SourceCamera {
		t.Error(off)
	}
	if got, text := b.ask("POST", "/api/v1/rooms/weekly/live/participants/"+there.Data[0].ID+"/mute", b.key, ""); got != http.StatusNoContent {
		t.Errorf("%d %s", got, text)
	}
	if off := hear[*wire.SwitchOff](b, ada); off.Source != wire.SourceMic {
		t.Error(off)
	}
	if err := c.Mute(ctx, "weekly", there.Data[0].ID, "brain"); status(err) != http.StatusUnprocessableEntity {
		t.Error(err)
	}
	if err := c.Remove(ctx, "weekly", "nobody"); status(err) != http.StatusNotFound {
		t.Error(err)
	}
	if err := c.Remove(ctx, "weekly", there.Data[1].ID); err != nil {
		t.Error(err)
	}
	if there, err = c.Participants(ctx, "weekly"); err != nil || len(there.Data) != 1 {
		t.Errorf("%+v %v", there, err)
	}
	if _, err := c.UpdateRoom(ctx, "weekly", rest.RoomSettings{IsClosed: rest.Some(true)}); err != nil {
		t.Error(err)
	}
	if is := hear[*wire.RoomState](b, ada); !is.Locked {
		t.Error(is)
	}
	if is, err := c.LiveRoom(ctx, "weekly"); err != nil || !is.IsClosed || is.IsLocked {
		t.Errorf("%+v %v", is, err)
	}
	b.eventually("the session is not live", func() bool {
		list, err := c.Sessions(ctx, "weekly", rest.Listing{})
		return err == nil && list.TotalCount == 1 && list.Data[0].Live
	})
	if err := c.EndSession(ctx, live.Data[1].SessionID); err != nil {
		t.Error(err)
	}
	if bye := hear[*wire.Bye](b, ada); bye.Code != wire.CodeCallEnded {
		t.Error(bye)
	}
	if err := c.EndSession(ctx, live.Data[1].SessionID); status(err) != http.StatusNotFound {
		t.Error(err)
	}
	b.eventually("the session is not kept", func() bool {
		list, err := c.Sessions(ctx, "weekly", rest.Listing{})
		return err == nil && list.TotalCount == 1 && list.Data[0].EndedAt != nil
	})
	list, err := c.Sessions(ctx, "", rest.Listing{})
	if err != nil || list.TotalCount != 1 || list.Data[0].ID != live.Data[1].SessionID || list.Data[0].PeakParticipants != 2 || list.Data[0].TotalParticipants != 2 {
		t.Errorf("%+v %v", list, err) // the other room is nobody's, and not kept
	}
	sum, err := c.Statistics(ctx, "weekly", time.Now().Add(-time.Hour), time.Time{})
	if err != nil || sum.Sessions != 1 || sum.PeakParticipants != 2 {
		t.Errorf("%+v %v", sum, err)
	}
	if sum, err = c.Statistics(ctx, "", time.Now().Add(time.Hour), time.Time{}); err != nil || sum.Sessions != 0 {
		t.Errorf("%+v %v", sum, err)
	}
}

// A token that is revoked lets nobody in, and who came by it is out.
func TestS3_RevokedTokensEndSessions(t *testing.T) {
	b := newBench(t, nil)
	ctx, c := t.Context(), b.client
	if _, err := c.CreateRoom(ctx, rest.RoomSettings{FriendlyURL: rest.Some("weekly"), Roles: rest.Some([]string{"participant"})}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateToken(ctx, "weekly", rest.TokenSettings{Role: "owner"}); status(err) != http.StatusUnprocessableEntity {
		t.Error(err)
	}
	if _, err := c.CreateToken(ctx, "nowhere", rest.TokenSettings{}); status(err) != http.StatusNotFound {
		t.Error(err)
	}
	pass, err := c.CreateToken(ctx, "weekly", rest.TokenSettings{ExpiresIn: 60})
	if err != nil {
		t.Fatal(err)
	}
	ada := b.somebodyIn("weekly", pass.Token)
	if err := c.RevokeToken(ctx, pass.ID); err != nil {
		t.Fatal(err)
	}
	hear[*wire.Bye](b, ada)
	if is, err := b.store.Revoked(ctx, pass.ID); !is || err != nil {
		t.Error(is, err)
	}
}

// Somebody who signed in as operator needs no key.
func TestOperator(t *testing.T) {
	b := newBench(t, func(c *Config) {
		c.Operator = func(r *http.Request) bool { return r.Header.Get("Cookie") == "session=7" }
	})
	r, err := http.NewRequestWithContext(t.Context(), "GET", b.server.URL+"/api/v1/rooms", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", "session=7")
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	_ = answer.Body.Close()
}

// What happens is told to a webhook that wants it, in its order, and to no other.
func TestEvents(t *testing.T) {
	b := newBench(t, nil)
	ctx, c := t.Context(), b.client
	made, err := c.CreateRoom(ctx, rest.RoomSettings{FriendlyURL: rest.Some("weekly")})
	if err != nil {
		t.Fatal(err)
	}
	hook, err := c.CreateWebhook(ctx, rest.WebhookSettings{URL: rest.Some("http://localhost:1/all")})
	if err != nil || !strings.HasPrefix(hook.Secret, "whsec_") || len(hook.Events) != 4 {
		t.Fatalf("%+v %v", hook, err)
	}
	some, err := c.CreateWebhook(ctx, rest.WebhookSettings{URL: rest.Some("http://localhost:1/some"), Events: rest.Some([]string{rest.SessionEnded})})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateWebhook(ctx, rest.WebhookSettings{URL: rest.Some("ftp://x")}); status(err) != http.StatusUnprocessableEntity {
		t.Error(err)
	}
	if _, err := c.CreateWebhook(ctx, rest.WebhookSettings{}); status(err) != http.StatusUnprocessableEntity {
		t.Error(err)
	}
	ws := b.somebodyIn("weekly", "")
	say(b, ws, &wire.Leave{ID: 3})
	b.eventually("not all is told", func() bool {
		got, err := c.Deliveries(ctx, hook.ID, rest.Listing{})
		return err == nil && got.TotalCount == 4
	})
	got, err := b.store.Deliveries(ctx, hook.ID, store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, d := range got {
		e := decoded[rest.Event](b, string(d.Body))
		types = append(types, e.Type)
		if e.Data.RoomID != made.ID || e.Data.SessionID == "" || (e.Data.Participant != nil) != strings.HasPrefix(e.Type, "participant") || (e.Data.Session != nil) != (e.Type == rest.SessionEnded) {
			t.Errorf("%s", d.Body)
		}
	}
	if strings.Join(types, " ") != "session_started participant_joined participant_left session_ended" {
		t.Error(types)
	}
	if got, err := c.Deliveries(ctx, some.ID, rest.Listing{}); err != nil || got.TotalCount != 1 || got.Data[0].Event != rest.SessionEnded {
		t.Errorf("%+v %v", got, err)
	}
	if err := c.TestWebhook(ctx, some.ID); err != nil {
		t.Error(err)
	}
	if got, err := c.Deliveries(ctx, some.ID, rest.Listing{}); err != nil || got.TotalCount != 2 || got.Data[1].Event != rest.Test {
		t.Errorf("%+v %v", got, err)
	}
	if is, err := c.UpdateWebhook(ctx, some.ID, rest.WebhookSettings{Disabled: rest.Some(true)}); err != nil || !is.Disabled || is.Secret != "" {
		t.Errorf("%+v %v", is, err)
	}
	if err := c.DeleteWebhook(ctx, some.ID); err != nil {
		t.Error(err)
	}
	if all, err := c.Webhooks(ctx); err != nil || all.TotalCount != 1 || all.Data[0].Secret != "" {
		t.Errorf("%+v %v", all, err)
	}
}

// Rooms are never held up by the disk: what is too much is dropped.
func TestRecorderDoesNotWait(t *testing.T) {
	r := NewRecorder(nil, nil, discard)
	for range waiting + 10 {
		r.Notice(room.Event{Kind: room.ParticipantJoined})
	}
	if len(r.events) != waiting {
		t.Error(len(r.events))
	}
}

// The description is whole, lists each operation with its scope, and is shown without a request to anybody else.
func TestDescription(t *testing.T) {
	b := newBench(t, nil)
	got, text := b.ask("GET", DocumentPath, "", "")
	doc := decoded[struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Security    []map[string][]string
		}
	}](b, text)
	if got != http.StatusOK || !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Paths) < 25 {
		t.Fatalf("%d %s %d", got, doc.OpenAPI, len(doc.Paths))
	}
	_, page := b.ask("GET", DocsPath, "", "")
	for path, ops := range doc.Paths {
		for method, op := range ops {
			if len(op.Security) != 1 || !strings.Contains(page, `id="`+op.OperationID+`"`) {
				t.Errorf("%s %s: %+v", method, path, op)
			}
		}
	}
	if strings.Contains(page, "src=") || strings.Contains(page, `href="http`) || strings.Contains(page, "url(") || strings.Contains(page, "<script") {
		t.Error("the page leads elsewhere")
	}
}
