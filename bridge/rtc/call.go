package rtc

import (
	"encoding/json"
	"fmt"

	"maunium.net/go/mautrix/event"
)

// Call says which room of a Grotto server belongs to a room of Matrix: the content of a [CallType], with an empty state key. It has no secret.
type Call struct {
	Slug string `json:"slug"`
	URL  string `json:"url"` // https://host/r/slug
}

// ParseCall reads one. Content without members takes the link back: [ErrLeft].
func ParseCall(evt *event.Event) (Call, error) {
	if evt.Type.Type != CallType.Type || evt.StateKey == nil || *evt.StateKey != "" {
		return Call{}, fmt.Errorf("%w: %s is another event", ErrInvalid, evt.Type.Type)
	}
	raw, err := content(evt)
	if err != nil {
		return Call{}, err
	}
	if isEmpty(raw) {
		return Call{}, ErrLeft
	}
	var c Call
	if err := json.Unmarshal(raw, &c); err != nil {
		return Call{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	slug, err := slugOf(c.URL)
	if err != nil {
		return Call{}, err
	}
	if c.Slug != slug {
		return Call{}, fmt.Errorf("%w: the slug is not the address's", ErrInvalid)
	}
	return c, nil
}

// validSlug is as internal/wire has it.
func validSlug(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(s) >= 3 && len(s) <= 64
}
