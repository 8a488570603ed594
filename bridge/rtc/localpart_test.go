package rtc

import (
	"encoding/json"
	"os"
	"testing"

	"maunium.net/go/mautrix/id"
)

// TestLocalpart: users.json is read by the page's tests, too.
func TestLocalpart(t *testing.T) {
	raw, err := os.ReadFile("testdata/users.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		User      id.UserID
		Localpart string
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	seen := map[string]id.UserID{}
	for _, v := range vectors {
		got := Localpart(v.User)
		if got != v.Localpart {
			t.Errorf("%s: %s, want %s", v.User, got, v.Localpart)
		}
		if other, twice := seen[got]; twice || len(got) > maxLocalpart {
			t.Errorf("%s: %s is %s's, too, or too long", v.User, got, other)
		}
		seen[got] = v.User
	}
}
