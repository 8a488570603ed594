package rtc

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// ring is what Element Call 0.26.1 sent.
const ring = `{"m.mentions":{"user_ids":[],"room":true},"notification_type":"ring","m.relates_to":{"rel_type":"m.reference","event_id":"$member"},
 "sender_ts":1795225743080,"lifetime":90000,"m.call.intent":"video"}`

func message(kind event.Type, content string) *event.Event {
	return &event.Event{Type: kind, Sender: "@ada:hs", ID: "$n", Timestamp: at, Content: event.Content{VeryRaw: json.RawMessage(content)}}
}

func TestNotification(t *testing.T) {
	n, err := ParseNotification(message(NotificationType, ring))
	if err != nil {
		t.Fatal(err)
	}
	sent := time.UnixMilli(at)
	if !n.Ring || n.Member != "$member" || n.Intent != "video" || n.Lifetime != 90*time.Second || !n.Sent.Equal(sent) {
		t.Errorf("%+v", n)
	}
	if !n.Rings("@bob:hs", sent.Add(time.Second)) || n.Rings("@ada:hs", sent) || n.Rings("@bob:hs", sent.Add(90*time.Second)) {
		t.Error("it rings for everybody else, for its lifetime")
	}
	raw, err := json.Marshal(Notification{Ring: true, Member: "$member", Users: []id.UserID{"@bob:hs"}, Sent: sent, Lifetime: 30 * time.Second}.Content())
	if err != nil {
		t.Fatal(err)
	}
	n, err = ParseNotification(message(NotificationType, string(raw)))
	if err != nil || !n.Rings("@bob:hs", sent) || n.Rings("@cy:hs", sent) || n.Lifetime != 30*time.Second || n.Member != "$member" {
		t.Errorf("%+v, %v", n, err)
	}
	if raw, err = json.Marshal(Notification{Room: true, Sent: sent, Lifetime: time.Second}.Content()); err != nil {
		t.Fatal(err)
	}
	if n, err = ParseNotification(message(NotificationType, string(raw))); err != nil || n.Rings("@bob:hs", sent) {
		t.Errorf("shown only: %+v, %v", n, err)
	}
}

func TestNotificationBounds(t *testing.T) {
	n, err := ParseNotification(message(NotificationType, strings.Replace(strings.Replace(ring, "90000", "9223372036854775807", 1), "1795225743080", "1895225743080", 1)))
	if err != nil || n.Lifetime != maxRing || n.Sent.UnixMilli() != at {
		t.Errorf("for ever, or from the future: %+v, %v", n, err)
	}
	for name, content := range map[string]string{
		"another kind": strings.Replace(ring, `"ring"`, `"shout"`, 1),
		"no lifetime":  strings.Replace(ring, `90000`, `0`, 1),
		"nobody":       strings.Replace(ring, `"m.mentions"`, `"x"`, 1),
		"not JSON":     `{`,
	} {
		if _, err := ParseNotification(message(NotificationType, content)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecline(t *testing.T) {
	raw, err := json.Marshal(Decline("$n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseDecline(message(DeclineType, string(raw))); err != nil || got != "$n" {
		t.Errorf("%q, %v", got, err)
	}
	for _, content := range []string{`{}`, `{`, `{"m.relates_to":{"rel_type":"m.thread","event_id":"$n"}}`} {
		if _, err := ParseDecline(message(DeclineType, content)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", content, err)
		}
	}
}

func TestCall(t *testing.T) {
	call := func(content string) *event.Event {
		evt := message(CallType, content)
		evt.StateKey = new(string)
		return evt
	}
	const good = `{"slug":"blue-harbour","url":"https://meet.example.org/r/blue-harbour"}`
	c, err := ParseCall(call(good))
	if err != nil || c.Slug != "blue-harbour" || c.URL != "https://meet.example.org/r/blue-harbour" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := ParseCall(call(`{}`)); !errors.Is(err, ErrLeft) {
		t.Errorf("taken back: %v", err)
	}
	keyed := call(good)
	*keyed.StateKey = "x"
	if _, err := ParseCall(keyed); !errors.Is(err, ErrInvalid) {
		t.Errorf("of another key: %v", err)
	}
	for _, content := range []string{`{`, `[]`, `{"slug":"blue-harbour"}`, strings.Replace(good, `"blue-harbour"`, `"other"`, 1),
		strings.Replace(good, `/blue-harbour"`, `/blue-harbour#secret"`, 1)} {
		if _, err := ParseCall(call(content)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", content, err)
		}
	}
}
