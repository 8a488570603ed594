package rtc

import (
	"encoding/json"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// FuzzParseState: a membership that is taken is its sender's, under its device's key, and can be written as it was read.
func FuzzParseState(f *testing.F) {
	f.Add("@u:hs", "_@u:hs_BZTEfYCN_m.call", elementCall, int64(at))
	f.Add("@u:hs", "_@u:hs_BZTEfYCN_m.call", `{}`, int64(at))
	f.Add("@eve:hs", "_@u:hs_BZTEfYCN_m.call", elementCall, int64(at))
	f.Fuzz(func(t *testing.T, sender, key, content string, written int64) {
		evt := state(sender, key, content)
		evt.Timestamp = written
		m, err := ParseState(evt)
		if err != nil {
			return
		}
		if m.User != id.UserID(sender) || key != StateKey(m.User, m.Device) || m.Device == "" {
			t.Fatalf("taken as %s's %s under %q", m.User, m.Device, key)
		}
		if m.Created.UnixMilli() > written || !m.Expires.After(m.Created) {
			t.Fatalf("from %v to %v, written at %v", m.Created, m.Expires, time.UnixMilli(written))
		}
		raw, err := json.Marshal(m.Content(m.Created))
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseState(&event.Event{Type: MemberType, Sender: m.User, StateKey: &key, Timestamp: written, Content: event.Content{VeryRaw: raw}})
		if err != nil || again.Device != m.Device || !again.Expires.Equal(m.Expires) || len(again.Transports) != len(m.Transports) {
			t.Fatalf("%+v became %+v, %v", m, again, err)
		}
	})
}

// FuzzParseSticky: a membership that is taken is its sender's and does not last longer than sticky events do.
func FuzzParseSticky(f *testing.F) {
	f.Add("@u:hs", matrix2)
	f.Add("@u:hs", `{"msc4354_sticky_key":"m1"}`)
	f.Fuzz(func(t *testing.T, sender, content string) {
		m, err := ParseSticky(sticky(sender, content))
		if err == nil && (m.User != id.UserID(sender) || m.Device == "" || m.ID == "" || m.Expires.Sub(m.Created) > event.MaxStickyDuration) {
			t.Fatalf("%+v", m)
		}
	})
}

// FuzzParseNotification: it never rings for longer than it may.
func FuzzParseNotification(f *testing.F) {
	f.Add(ring)
	f.Fuzz(func(t *testing.T, content string) {
		n, err := ParseNotification(message(NotificationType, content))
		if err == nil && n.Rings("@bob:hs", time.UnixMilli(at).Add(maxSkew+maxRing)) {
			t.Fatalf("%+v", n)
		}
	})
}

// FuzzParseCall: the address that is taken is the room's, and has no secret.
func FuzzParseCall(f *testing.F) {
	f.Add(`{"slug":"blue-harbour","url":"https://meet.example.org/r/blue-harbour"}`)
	f.Add(`{"slug":"blue-harbour","url":"https://meet.example.org/r/blue-harbour#secret"}`)
	f.Fuzz(func(t *testing.T, content string) {
		evt := message(CallType, content)
		evt.StateKey = new(string)
		c, err := ParseCall(evt)
		if err != nil {
			return
		}
		if slug, err := slugOf(c.URL); err != nil || slug != c.Slug || !validSlug(slug) {
			t.Fatalf("%+v, %v", c, err)
		}
	})
}
