package rtc

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mau.fi/util/jsontime"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// matrix2 is what Element Call's mode matrix_2_0 writes.
const matrix2 = `{"slot_id":"m.call#ROOM","application":{"type":"m.call","m.call.intent":"video"},
 "member":{"user_id":"@u:hs","device_id":"DEV","id":"m1"},
 "rtc_transports":[{"type":"livekit","livekit_service_url":"https://x/lk"}],"versions":[],
 "m.relates_to":{"rel_type":"m.reference","event_id":"$first"},"msc4354_sticky_key":"m1"}`

func sticky(sender, content string) *event.Event {
	return &event.Event{Type: StickyType, Sender: id.UserID(sender), ID: "$s", Timestamp: at, Content: event.Content{VeryRaw: json.RawMessage(content)},
		Sticky: &event.Sticky{Duration: jsontime.MS(time.Hour)}}
}

func TestParseSticky(t *testing.T) {
	m, err := ParseSticky(sticky("@u:hs", matrix2))
	if err != nil {
		t.Fatal(err)
	}
	if m.User != "@u:hs" || m.Device != "DEV" || m.ID != "m1" || m.Intent != "video" || !m.Sticky || len(m.Transports) != 1 {
		t.Errorf("%+v", m)
	}
	if m.Created.UnixMilli() != at || m.Expires.Sub(m.Created) != time.Hour {
		t.Errorf("from %v to %v", m.Created, m.Expires)
	}
	if m, err := ParseSticky(sticky("@u:hs", `{"msc4354_sticky_key":"m1"}`)); !errors.Is(err, ErrLeft) || m.User != "@u:hs" {
		t.Errorf("left: %v", err)
	}
}

func TestParseStickyRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    error
	}{
		"another's":       {strings.Replace(matrix2, `"@u:hs"`, `"@ada:hs"`, 1), ErrForeign},
		"no key":          {strings.Replace(matrix2, `"msc4354_sticky_key":"m1"`, `"x":1`, 1), ErrInvalid},
		"two keys":        {strings.Replace(matrix2, `"msc4354_sticky_key":"m1"`, `"msc4354_sticky_key":"m1","sticky_key":"m2"`, 1), ErrInvalid},
		"another slot":    {strings.Replace(matrix2, `m.call#ROOM`, `m.call#x`, 1), ErrInvalid},
		"a slot of none":  {strings.Replace(matrix2, `m.call#ROOM`, `m.call`, 1), ErrInvalid},
		"another app":     {strings.Replace(matrix2, `"type":"m.call"`, `"type":"m.other"`, 1), ErrInvalid},
		"no member":       {strings.Replace(matrix2, `"member"`, `"x"`, 1), ErrInvalid},
		"no device":       {strings.Replace(matrix2, `"device_id":"DEV"`, `"device_id":""`, 1), ErrInvalid},
		"no type of SFU":  {strings.Replace(matrix2, `"type":"livekit"`, `"x":1`, 1), ErrInvalid},
		"not even JSON":   {`{`, ErrInvalid},
		"a device of two": {strings.Replace(matrix2, `"DEV"`, `["DEV"]`, 1), ErrInvalid},
	} {
		if m, err := ParseSticky(sticky("@u:hs", c.content)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %+v", name, err, m)
		}
	}
	plain := sticky("@u:hs", matrix2)
	plain.Sticky = nil
	if _, err := ParseSticky(plain); !errors.Is(err, ErrInvalid) {
		t.Errorf("not sticky: %v", err)
	}
}
