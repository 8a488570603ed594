package rtc

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// elementCall is what Element Call 0.26.1 sent.
const elementCall = `{"application":"m.call","call_id":"","scope":"m.room","device_id":"BZTEfYCN","membershipID":"@u:hs:BZTEfYCN","expires":14400000,
 "m.call.intent":"video","focus_active":{"type":"livekit","focus_selection":"multi_sfu"},
 "foci_preferred":[{"type":"livekit","livekit_service_url":"https://x/lk","livekit_alias":"!room:hs"}]}`

const at = 1795225743080

func state(sender, key, content string) *event.Event {
	return &event.Event{Type: MemberType, Sender: id.UserID(sender), StateKey: &key, ID: "$e", Timestamp: at, Content: event.Content{VeryRaw: json.RawMessage(content)}}
}

func TestParseState(t *testing.T) {
	m, err := ParseState(state("@u:hs", "_@u:hs_BZTEfYCN_m.call", elementCall))
	if err != nil {
		t.Fatal(err)
	}
	if m.User != "@u:hs" || m.Device != "BZTEfYCN" || m.ID != "@u:hs:BZTEfYCN" || m.Intent != "video" || m.Event != "$e" {
		t.Errorf("%+v", m)
	}
	if m.Created.UnixMilli() != at || m.Expires.Sub(m.Created) != DefaultExpiry {
		t.Errorf("from %v to %v", m.Created, m.Expires)
	}
	if !slices.Equal(m.Transports, []Transport{{Type: "livekit", Service: "https://x/lk", Alias: "!room:hs"}}) {
		t.Errorf("%+v", m.Transports)
	}
	if _, ok := m.Ours(); ok {
		t.Error("LiveKit is not ours")
	}
}

func TestParseStateRefuses(t *testing.T) {
	own := "_@u:hs_BZTEfYCN_m.call"
	replaced := func(old, new string) string {
		if !strings.Contains(elementCall, old) {
			t.Fatalf("no %s in it", old)
		}
		return strings.Replace(elementCall, old, new, 1)
	}
	for name, c := range map[string]struct {
		sender, key, content string
		want                 error
	}{
		"another's":             {"@eve:hs", own, elementCall, ErrForeign},
		"another's leave":       {"@eve:hs", own, `{}`, ErrForeign},
		"no underscore":         {"@u:hs", own[1:], elementCall, ErrForeign},
		"left":                  {"@u:hs", own, `{}`, ErrLeft},
		"no suffix":             {"@u:hs", "_@u:hs_BZTEfYCN", elementCall, ErrInvalid},
		"no device":             {"@u:hs", "_@u:hs__m.call", elementCall, ErrInvalid},
		"another device":        {"@u:hs", "_@u:hs_OTHER_m.call", elementCall, ErrInvalid},
		"no user":               {"u", "_u_BZTEfYCN_m.call", elementCall, ErrInvalid},
		"a server's underscore": {"@u:hs_BZ", "_@u:hs_BZ_TEfYCN_m.call", elementCall, ErrInvalid},
		"not an object":         {"@u:hs", own, `[1]`, ErrInvalid},
		"not JSON":              {"@u:hs", own, `{`, ErrInvalid},
		"device is a number":    {"@u:hs", own, replaced(`"BZTEfYCN"`, `5`), ErrInvalid},
		"another application":   {"@u:hs", own, replaced(`"m.call"`, `"m.other"`), ErrInvalid},
		"no call_id":            {"@u:hs", own, replaced(`"call_id":"",`, ``), ErrInvalid},
		"another call":          {"@u:hs", own, replaced(`"call_id":""`, `"call_id":"x"`), ErrInvalid},
		"another scope":         {"@u:hs", own, replaced(`"m.room"`, `"m.user"`), ErrInvalid},
		"no focus":              {"@u:hs", own, replaced(`"type":"livekit","focus`, `"focus`), ErrInvalid},
		"a focus without type":  {"@u:hs", own, replaced(`[{"type":"livekit",`, `[{`), ErrInvalid},
		"no time at all":        {"@u:hs", own, replaced(`14400000`, `0`), ErrInvalid},
		"time backwards":        {"@u:hs", own, replaced(`14400000`, `-1`), ErrInvalid},
	} {
		if m, err := ParseState(state(c.sender, c.key, c.content)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %+v", name, err, m)
		}
	}
	wrong := state("@u:hs", own, elementCall)
	wrong.Type.Type = "m.room.member"
	if _, err := ParseState(wrong); !errors.Is(err, ErrInvalid) {
		t.Errorf("another type: %v", err)
	}
}

func TestTimes(t *testing.T) {
	with := func(members string) Membership {
		t.Helper()
		m, err := ParseState(state("@u:hs", "_@u:hs_BZTEfYCN_m.call", strings.Replace(elementCall, `"expires":14400000`, members, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for members, want := range map[string]struct{ created, lasts int64 }{
		`"expires":60000`:                                {at, 60000},
		`"scope":"m.room"`:                               {at, DefaultExpiry.Milliseconds()},
		`"created_ts":1795225740000,"expires":5`:         {1795225740000, 5},
		`"created_ts":1795225749999,"expires":5`:         {at, 5}, // later than its homeserver had it
		`"created_ts":-5,"expires":5`:                    {at, 5},
		`"created_ts":1,"expires":9223372036854775807`:   {1, maxExpiry.Milliseconds()},
		`"expires":9223372036854775807`:                  {at, maxExpiry.Milliseconds()},
		`"created_ts":9223372036854775807,"expires":600`: {at, 600},
	} {
		m := with(members)
		if m.Created.UnixMilli() != want.created || m.Expires.Sub(m.Created).Milliseconds() != want.lasts {
			t.Errorf("%s: from %d for %v", members, m.Created.UnixMilli(), m.Expires.Sub(m.Created))
		}
	}
}

// TestContentIsRead: what we write is what we read.
func TestContentIsRead(t *testing.T) {
	now := time.UnixMilli(at)
	mine := Membership{User: "@a_b:hs", Device: "D_1", ID: "stay", Event: "$e", Intent: "video", Expires: now.Add(time.Hour),
		Transports: []Transport{{Type: TransportType, URL: "https://meet.example.org/r/blue-harbour"}}}
	raw, err := json.Marshal(mine.Content(now))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), `"focus_active":{"type":"io.github.grotto-meet.sfu"`) {
		t.Errorf("the active focus is not the first transport: %s", raw)
	}
	if strings.Contains(string(raw), "created_ts") {
		t.Errorf("the first event of a stay says when it was made, and its homeserver does: %s", raw)
	}
	m, err := ParseState(state("@a_b:hs", StateKey(mine.User, mine.Device), string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if m.ID != "stay" || m.Device != "D_1" || m.Intent != "video" || !m.Created.Equal(now) || !m.Expires.Equal(mine.Expires) {
		t.Errorf("%+v", m)
	}
	if url, ok := m.Ours(); !ok || url != mine.Transports[0].URL {
		t.Errorf("transport %q, %v", url, ok)
	}

	// Renewed an hour later.
	mine.Created, mine.Expires = now, now.Add(2*time.Hour)
	if raw, err = json.Marshal(mine.Content(now.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	evt := state("@a_b:hs", StateKey(mine.User, mine.Device), string(raw))
	evt.Timestamp += time.Hour.Milliseconds()
	if m, err = ParseState(evt); err != nil || !m.Created.Equal(now) || !m.Expires.Equal(now.Add(2*time.Hour)) {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestOurTransport(t *testing.T) {
	for url, good := range map[string]bool{
		"https://meet.example.org/r/blue-harbour":        true,
		"http://127.0.0.1:8080/r/abc":                    true,
		"https://meet.example.org/r/blue-harbour#secret": false,
		"https://meet.example.org/r/blue-harbour#":       false,
		"https://meet.example.org/r/blue-harbour?q":      false,
		"https://meet.example.org/r/blue-harbour/":       false,
		"https://meet.example.org/r/Blue":                false,
		"https://meet.example.org/r/a%62c":               false,
		"https://u:p@meet.example.org/r/blue":            false,
		"https:///r/blue":                                false,
		"javascript://x/r/blue":                          false,
		"//meet.example.org/r/blue":                      false,
		"":                                               false,
	} {
		m := Membership{Transports: []Transport{{Type: TransportType, URL: url}}}
		if got, ok := m.Ours(); ok != good || (good && got != url) {
			t.Errorf("%q: %q, %v", url, got, ok)
		}
	}
}
