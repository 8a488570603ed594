package rtc

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// TestVectors: memberships.json is read by the page's tests, too.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/memberships.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name       string
		Event      *event.Event
		Error      string
		Membership struct {
			User             id.UserID
			Device           id.DeviceID
			Created, Expires int64
			URL              string
		}
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	errs := map[string]error{"": nil, "left": ErrLeft, "foreign": ErrForeign, "invalid": ErrInvalid}
	for _, v := range vectors {
		m, err := ParseState(v.Event)
		if want, ok := errs[v.Error]; !ok || !errors.Is(err, want) {
			t.Errorf("%s: %v, want %q", v.Name, err, v.Error)
			continue
		}
		url, _ := m.Ours()
		if w := v.Membership; err == nil && (m.User != w.User || m.Device != w.Device || m.Created.UnixMilli() != w.Created || m.Expires.UnixMilli() != w.Expires || url != w.URL) {
			t.Errorf("%s: %+v, want %+v", v.Name, m, w)
		}
	}
}
