package rtc

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

const (
	// maxRing is how long a notification can ring, whatever it says.
	maxRing = 90 * time.Second
	// maxSkew is how far the sender's clock may be from its homeserver's to be believed.
	maxSkew = 20 * time.Second
)

// Notification tells a room's members of a call, once.
type Notification struct {
	Ring     bool       // else it is only shown
	Member   id.EventID // of the sender's membership
	Users    []id.UserID
	Room     bool // everybody
	Sent     time.Time
	Lifetime time.Duration
	Intent   string
	Sender   id.UserID
	Event    id.EventID
}

type notificationContent struct {
	Mentions *mentions `json:"m.mentions"`
	Type     string    `json:"notification_type"`
	Relates  *relation `json:"m.relates_to,omitempty"`
	Sent     int64     `json:"sender_ts"`
	Lifetime int64     `json:"lifetime"`
	Intent   string    `json:"m.call.intent,omitempty"`
}

type mentions struct {
	Users []id.UserID `json:"user_ids"`
	Room  bool        `json:"room,omitempty"`
}

type relation struct {
	Type  string     `json:"rel_type"`
	Event id.EventID `json:"event_id"`
}

// Content is what is sent as a [NotificationType].
func (n Notification) Content() any {
	c := notificationContent{Mentions: &mentions{Users: n.Users, Room: n.Room}, Type: "notification", Sent: n.Sent.UnixMilli(),
		Lifetime: n.Lifetime.Milliseconds(), Intent: n.Intent}
	if n.Ring {
		c.Type = "ring"
	}
	if n.Users == nil {
		c.Mentions.Users = []id.UserID{}
	}
	if n.Member != "" {
		c.Relates = &relation{"m.reference", n.Member}
	}
	return c
}

// ParseNotification reads one.
func ParseNotification(evt *event.Event) (Notification, error) {
	if evt.Type.Type != NotificationType.Type {
		return Notification{}, fmt.Errorf("%w: %s is another event", ErrInvalid, evt.Type.Type)
	}
	raw, err := content(evt)
	if err != nil {
		return Notification{}, err
	}
	var c notificationContent
	if err := json.Unmarshal(raw, &c); err != nil {
		return Notification{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if c.Type != "ring" && c.Type != "notification" {
		return Notification{}, fmt.Errorf("%w: notification_type is neither ring nor notification", ErrInvalid)
	}
	if c.Lifetime <= 0 || c.Mentions == nil {
		return Notification{}, fmt.Errorf("%w: no lifetime, or nobody is mentioned", ErrInvalid)
	}
	n := Notification{Ring: c.Type == "ring", Users: c.Mentions.Users, Room: c.Mentions.Room, Intent: c.Intent, Sender: evt.Sender, Event: evt.ID,
		Sent:     time.UnixMilli(evt.Timestamp),
		Lifetime: time.Duration(min(c.Lifetime, maxRing.Milliseconds())) * time.Millisecond}
	if sent := time.UnixMilli(c.Sent); sent.Sub(n.Sent).Abs() <= maxSkew {
		n.Sent = sent
	}
	if c.Relates != nil && c.Relates.Type == "m.reference" {
		n.Member = c.Relates.Event
	}
	return n, nil
}

// Rings says whether it rings for this user now.
func (n Notification) Rings(user id.UserID, now time.Time) bool {
	return n.Ring && n.Sender != user && now.Before(n.Sent.Add(n.Lifetime)) && (n.Room || slices.Contains(n.Users, user))
}

type declineContent struct {
	Relates relation `json:"m.relates_to"`
}

// Decline is the content of a [DeclineType]: the sender does not come.
func Decline(notification id.EventID) any {
	return declineContent{relation{"m.reference", notification}}
}

// ParseDecline gives the notification that is declined.
func ParseDecline(evt *event.Event) (id.EventID, error) {
	raw, err := content(evt)
	if err != nil {
		return "", err
	}
	var c declineContent
	if err := json.Unmarshal(raw, &c); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if evt.Type.Type != DeclineType.Type || c.Relates.Type != "m.reference" || c.Relates.Event == "" {
		return "", fmt.Errorf("%w: not a decline", ErrInvalid)
	}
	return c.Relates.Event, nil
}
