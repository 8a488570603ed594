package rtc

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

var (
	// ErrForeign is of a membership that another than its owner wrote. Room versions without owned state let every member do so: it is abuse, not leaving.
	ErrForeign = errors.New("rtc: the membership is another user's")
	// ErrLeft is of a membership that its owner took back. What is returned beside it says whose it was.
	ErrLeft = errors.New("rtc: left")
	// ErrInvalid is of everything that is not as the drafts want it.
	ErrInvalid = errors.New("rtc: not a membership")
)

const (
	application = "m.call"
	scope       = "m.room"
	// stateSuffix: the application, and the room's one call has no name.
	stateSuffix = "_" + application
	stickySlot  = application + "#ROOM"

	// DefaultExpiry is of memberships that name none. Who stays longer renews it.
	DefaultExpiry = 4 * time.Hour
	// maxExpiry is where we stop to believe: clients renew long before.
	maxExpiry = 365 * 24 * time.Hour
)

// Membership is a device's being in the call of a room.
type Membership struct {
	User   id.UserID
	Device id.DeviceID
	// ID tells this stay from others of the device, where the client names it.
	ID      string
	Event   id.EventID
	Sticky  bool      // as a sticky event, not as state
	Created time.Time // of the first event of this stay, by the homeserver's clock or earlier
	Expires time.Time

	Intent     string // "audio" or "video", or what else the client says
	Transports []Transport

	key string // in a Roster
}

// StateKey is the only key under which this device's membership is taken.
func StateKey(user id.UserID, device id.DeviceID) string {
	return "_" + string(user) + "_" + string(device) + stateSuffix
}

type stateContent struct {
	Application string      `json:"application"`
	CallID      *string     `json:"call_id"`
	Scope       string      `json:"scope,omitempty"`
	Device      id.DeviceID `json:"device_id"`
	ID          string      `json:"membershipID,omitempty"`
	Created     int64       `json:"created_ts,omitempty"` // milliseconds since 1970
	Expires     *int64      `json:"expires,omitempty"`    // milliseconds after created
	Intent      string      `json:"m.call.intent,omitempty"`
	Focus       focus       `json:"focus_active"`
	Transports  []Transport `json:"foci_preferred"`
}

type focus struct {
	Type      string `json:"type"`
	Selection string `json:"focus_selection,omitempty"`
}

// ParseState reads a membership from a state event. It is held to be its sender's only if the key names the sender and the device.
func ParseState(evt *event.Event) (Membership, error) {
	if evt.Type.Type != MemberType.Type || evt.StateKey == nil {
		return Membership{}, fmt.Errorf("%w: %s is another event", ErrInvalid, evt.Type.Type)
	}
	device, err := ownKey(evt.Sender, *evt.StateKey)
	if err != nil {
		return Membership{}, err
	}
	m := Membership{User: evt.Sender, Device: device, Event: evt.ID, key: *evt.StateKey}
	raw, err := content(evt)
	if err != nil {
		return m, err
	}
	if isEmpty(raw) {
		return m, ErrLeft
	}
	var c stateContent
	if err := json.Unmarshal(raw, &c); err != nil {
		return m, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	switch {
	case c.Device != device:
		return m, fmt.Errorf("%w: device_id is not the key's", ErrInvalid)
	case c.Application != application || c.CallID == nil || *c.CallID != "":
		return m, fmt.Errorf("%w: of another application or call", ErrInvalid)
	case c.Scope != "" && c.Scope != scope:
		return m, fmt.Errorf("%w: of another scope", ErrInvalid)
	case c.Focus.Type == "":
		return m, fmt.Errorf("%w: focus_active has no type", ErrInvalid)
	}
	if m.Transports, err = checkTransports(c.Transports); err != nil {
		return m, err
	}
	m.ID, m.Intent = c.ID, c.Intent
	m.Created = created(c.Created, evt.Timestamp)
	lasts := DefaultExpiry
	if c.Expires != nil {
		lasts, err = milliseconds(*c.Expires)
	}
	m.Expires = m.Created.Add(lasts)
	return m, err
}

// ownKey gives the device that a state key names, if the key is one of the sender's own.
func ownKey(sender id.UserID, key string) (id.DeviceID, error) {
	_, server, err := sender.Parse()
	if err != nil || strings.Contains(server, "_") { // no server's name has one: where it ends would not be clear
		return "", fmt.Errorf("%w: the sender is no user", ErrInvalid)
	}
	rest, ours := strings.CutPrefix(key, "_"+string(sender)+"_")
	device, whole := strings.CutSuffix(rest, stateSuffix)
	if !ours {
		return "", ErrForeign
	}
	if !whole || device == "" {
		return "", fmt.Errorf("%w: of another application, or of no device", ErrInvalid)
	}
	return id.DeviceID(device), nil
}

// created is not later than the homeserver's time, whatever the client says.
func created(claimed, written int64) time.Time {
	if claimed <= 0 || claimed > written {
		return time.UnixMilli(written)
	}
	return time.UnixMilli(claimed)
}

func milliseconds(ms int64) (time.Duration, error) {
	if ms <= 0 {
		return 0, fmt.Errorf("%w: expires is not a number above 0", ErrInvalid)
	}
	return time.Duration(min(ms, maxExpiry.Milliseconds())) * time.Millisecond, nil
}

// Content is what the device writes under its [StateKey]; `{}` takes it back. The zero time of Created is for the first event of a stay, and Expires
// counts from Created, or from now.
func (m Membership) Content(now time.Time) any {
	from := now
	c := stateContent{Application: application, CallID: new(string), Scope: scope, Device: m.Device, ID: m.ID, Intent: m.Intent,
		Focus: focus{Type: TransportType, Selection: "multi_sfu"}, Transports: m.Transports}
	if len(m.Transports) > 0 {
		c.Focus.Type = m.Transports[0].Type
	}
	if !m.Created.IsZero() {
		from, c.Created = m.Created, m.Created.UnixMilli()
	}
	if !m.Expires.IsZero() {
		lasts := m.Expires.Sub(from).Milliseconds()
		c.Expires = &lasts
	}
	if c.Transports == nil {
		c.Transports = []Transport{}
	}
	return c
}

func content(evt *event.Event) (json.RawMessage, error) {
	if evt.Content.VeryRaw != nil {
		return evt.Content.VeryRaw, nil
	}
	raw, err := json.Marshal(evt.Content.Raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return raw, nil
}

func isEmpty(raw json.RawMessage) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(raw, &members) == nil && len(members) == 0
}
