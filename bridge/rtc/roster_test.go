package rtc

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

func content1(device string, more string) string {
	return `{"application":"m.call","call_id":"","device_id":"` + device + `","focus_active":{"type":"livekit"}` + more + `}`
}

// step gives the roster an event of some seconds after the first, and what it says of it in short.
func step(r *Roster, seconds int64, evt *event.Event) string {
	evt.Timestamp = at + seconds*1000
	return brief(r.Apply(evt))
}

func brief(changes []Change) string {
	var all []string
	for _, c := range changes {
		all = append(all, fmt.Sprintf("%v %s %s by %s", c.Kind, c.Membership.User, c.Membership.Device, c.By))
	}
	return strings.Join(all, ", ")
}

func members(r *Roster, seconds int64) string {
	var all []string
	for _, m := range r.Members(time.UnixMilli(at + seconds*1000)) {
		all = append(all, string(m.User)+" "+string(m.Device))
	}
	return strings.Join(all, ", ")
}

func TestRoster(t *testing.T) {
	var r Roster
	key := "_@ada:hs_D1_m.call"
	for i, c := range []struct {
		evt  *event.Event
		want string
	}{
		{state("@ada:hs", key, `{}`), ""},
		{state("@ada:hs", key, content1("D1", "")), "joined @ada:hs D1 by @ada:hs"},
		{state("@ada:hs", key, content1("D1", `,"created_ts":1795225744080,"expires":60000`)), "updated @ada:hs D1 by @ada:hs"},
		{state("@bob:hs", "_@bob:hs_B_m.call", content1("B", "")), "joined @bob:hs B by @bob:hs"},
		{state("@ada:hs", key, content1("D1", "")), "left @ada:hs D1 by @ada:hs, joined @ada:hs D1 by @ada:hs"}, // another stay
		{sticky("@cy:hs", strings.ReplaceAll(matrix2, "@u:hs", "@cy:hs")), "joined @cy:hs DEV by @cy:hs"},
		{sticky("@cy:hs", strings.ReplaceAll(matrix2, "@u:hs", "@cy:hs")), "updated @cy:hs DEV by @cy:hs"},
		{sticky("@cy:hs", `{"msc4354_sticky_key":"m1"}`), "left @cy:hs DEV by @cy:hs"},
		{state("@bob:hs", "_@bob:hs_B_m.call", `{"device_id":5}`), "left @bob:hs B by @bob:hs"},
		{&event.Event{Type: event.EventMessage, Sender: "@bob:hs"}, ""},
		{state("@ada:hs", key, `{}`), "left @ada:hs D1 by @ada:hs"},
	} {
		if got := step(&r, int64(i), c.evt); got != c.want {
			t.Errorf("%d: %q, want %q", i, got, c.want)
		}
	}
	if got := members(&r, 20); got != "" {
		t.Errorf("there are still %s", got)
	}
}

// TestM4_ForeignOverwriteIsNoLeave: in most versions of rooms every member can write over another's membership. Then it stands as its owner left it.
func TestM4_ForeignOverwriteIsNoLeave(t *testing.T) {
	var r Roster
	key := "_@ada:hs_D1_m.call"
	step(&r, 0, state("@ada:hs", key, content1("D1", "")))
	for i, content := range []string{`{}`, content1("D1", ""), content1("D1", `,"expires":1`), `{"device_id":5}`} {
		if got := step(&r, int64(i), state("@eve:hs", key, content)); got != "overwritten @ada:hs D1 by @eve:hs" {
			t.Errorf("%s: %q", content, got)
		}
		if got := members(&r, 10); got != "@ada:hs D1" {
			t.Errorf("%s: in the call are %q", content, got)
		}
	}
	// Nor can another make somebody be in the call.
	if got := step(&r, 5, state("@eve:hs", "_@bob:hs_B_m.call", content1("B", ""))); got != "" || members(&r, 10) != "@ada:hs D1" {
		t.Errorf("%q, in the call are %s", got, members(&r, 10))
	}
	// What its owner says counts as ever.
	if got := step(&r, 6, state("@ada:hs", key, `{}`)); got != "left @ada:hs D1 by @ada:hs" {
		t.Errorf("%q", got)
	}
}

func TestRosterOldestFirstAndExpiry(t *testing.T) {
	var r Roster
	step(&r, 3, state("@ada:hs", "_@ada:hs_D1_m.call", content1("D1", `,"expires":10000`)))
	step(&r, 1, state("@cy:hs", "_@cy:hs_C_m.call", content1("C", "")))
	step(&r, 1, state("@bob:hs", "_@bob:hs_B2_m.call", content1("B2", "")))
	step(&r, 1, state("@bob:hs", "_@bob:hs_B1_m.call", content1("B1", "")))
	if got := members(&r, 4); got != "@bob:hs B1, @bob:hs B2, @cy:hs C, @ada:hs D1" {
		t.Errorf("%s", got)
	}
	if got := members(&r, 13); got != "@bob:hs B1, @bob:hs B2, @cy:hs C" {
		t.Errorf("after its time: %s", got)
	}
	if got := brief(r.Expire(time.UnixMilli(at + 13000))); got != "left @ada:hs D1 by @ada:hs" {
		t.Errorf("expired: %s", got)
	}
	if got := brief(r.Forget("@bob:hs")); got != "left @bob:hs B1 by @bob:hs, left @bob:hs B2 by @bob:hs" {
		t.Errorf("forgotten: %s", got)
	}
	if got := members(&r, 13); got != "@cy:hs C" {
		t.Errorf("%s", got)
	}
}

// TestRosterOneDeviceInBothForms is in the call once.
func TestRosterOneDeviceInBothForms(t *testing.T) {
	var r Roster
	step(&r, 0, state("@u:hs", "_@u:hs_DEV_m.call", content1("DEV", "")))
	step(&r, 1, sticky("@u:hs", matrix2))
	if got := r.Members(time.UnixMilli(at + 2000)); len(got) != 1 || got[0].Sticky {
		t.Errorf("%+v", got)
	}
	step(&r, 2, state("@u:hs", "_@u:hs_DEV_m.call", `{}`))
	if got := r.Members(time.UnixMilli(at + 3000)); len(got) != 1 || !got[0].Sticky {
		t.Errorf("%+v", got)
	}
}

func TestRosterIsBounded(t *testing.T) {
	var r Roster
	for i := range 2 * maxMemberships {
		device := fmt.Sprintf("D%d", i)
		step(&r, 0, state("@u:hs", StateKey("@u:hs", id.DeviceID(device)), content1(device, "")))
	}
	if got := len(r.Members(time.UnixMilli(at))); got != maxMemberships {
		t.Errorf("%d memberships of one user", got)
	}
	if kinds := []string{Joined.String(), Updated.String(), Left.String(), Overwritten.String(), Kind(9).String()}; !slices.Equal(kinds, []string{"joined", "updated", "left", "overwritten", "kind 9"}) {
		t.Errorf("%v", kinds)
	}
}
