package rtc

import (
	"encoding/json"
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

type stickyContent struct {
	Slot        string `json:"slot_id"`
	Application *struct {
		Type   string `json:"type"`
		Intent string `json:"m.call.intent"`
	} `json:"application"`
	Member *struct {
		User   id.UserID   `json:"user_id"`
		Device id.DeviceID `json:"device_id"`
		ID     string      `json:"id"`
	} `json:"member"`
	Transports  []Transport `json:"rtc_transports"`
	Key         string      `json:"sticky_key"`
	UnstableKey string      `json:"msc4354_sticky_key"`
}

// ParseSticky reads a membership from a sticky event (MSC4354), as Element Call's mode matrix_2_0 writes them. Others cannot overwrite these: the key is
// one of the sender's.
func ParseSticky(evt *event.Event) (Membership, error) {
	if evt.Type.Type != StickyType.Type || evt.StateKey != nil {
		return Membership{}, fmt.Errorf("%w: %s is another event", ErrInvalid, evt.Type.Type)
	}
	raw, err := content(evt)
	if err != nil {
		return Membership{}, err
	}
	var c stickyContent
	if err := json.Unmarshal(raw, &c); err != nil {
		return Membership{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	key := c.Key
	if key == "" {
		key = c.UnstableKey
	}
	if key == "" || (c.UnstableKey != "" && c.UnstableKey != key) {
		return Membership{}, fmt.Errorf("%w: no sticky key, or two", ErrInvalid)
	}
	m := Membership{User: evt.Sender, ID: key, Event: evt.ID, Sticky: true, Created: time.UnixMilli(evt.Timestamp), Expires: evt.GetStickyUntil(),
		key: "\x00" + string(evt.Sender) + "\x00" + key}
	switch {
	case c.Application == nil && c.Member == nil && c.Slot == "":
		return m, ErrLeft
	case c.Application == nil || c.Member == nil:
		return m, fmt.Errorf("%w: no application or no member", ErrInvalid)
	case c.Application.Type != application || c.Slot != stickySlot:
		return m, fmt.Errorf("%w: of another application or slot", ErrInvalid)
	case c.Member.User != evt.Sender:
		return m, ErrForeign
	case c.Member.Device == "" || c.Member.ID == "":
		return m, fmt.Errorf("%w: the member has no device or no id", ErrInvalid)
	case !m.Expires.After(m.Created):
		return m, fmt.Errorf("%w: it is not sticky", ErrInvalid)
	}
	m.Device, m.ID, m.Intent = c.Member.Device, c.Member.ID, c.Application.Intent
	m.Transports, err = checkTransports(c.Transports)
	return m, err
}
