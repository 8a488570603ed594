package bridge

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// TestBot runs through what the bot does, on one homeserver.
func TestBot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start()
	alice, bob := b.hs.Register(t, "alice"), b.hs.Register(t, "bob")
	step := func(name string, f func(b *bench, in id.RoomID, slug string)) {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.T = t
			in := b.room(alice, bob)
			f(&b, in, b.linked(alice, in))
		})
	}
	step("link", func(b *bench, in id.RoomID, slug string) { b.testLink(alice, bob, in, slug) })
	step("roles", func(b *bench, in id.RoomID, slug string) { b.testRoles(alice, bob, in, slug) })
	step("guests", func(b *bench, in id.RoomID, slug string) { b.testGuests(alice, in, slug) })
}

// A call is linked once; the link has no secret; who has no power is told so; it rings once.
func (b *bench) testLink(alice, bob homeserver.User, in id.RoomID, slug string) {
	said := func() string {
		for _, e := range b.history(alice, in, "m.room.message") {
			if e.Sender == b.bot() && e.Content["msgtype"] == "m.notice" {
				return e.Content["body"].(string)
			}
		}
		return ""
	}
	b.eventually("the link is said", func() bool { return strings.Contains(said(), public+"/r/"+slug) })
	if strings.Contains(said(), "#") {
		b.Error(said())
	}
	if got := b.linked(alice, in); got != slug {
		b.Errorf("another call: %s", got)
	}
	b.write(bob, in, "!call stop")
	b.eventually("who may not is told so", func() bool { return strings.Contains(said(), "moderators") })
	// Nobody chooses a name: whoever could would rule over whatever room is called so.
	b.setState(alice, in, rtc.CallType.Type, "", rtc.Call{Slug: "weekly", URL: public + "/r/weekly"})
	b.eventually("the name is the bot's again", func() bool {
		var is rtc.Call
		return b.state(alice, in, rtc.CallType.Type, "", &is) == nil && is.Slug == slug
	})
	// Nor does anybody stand for the bot: clients keep the secret from whoever wrote this.
	b.bridge.lasts.forget()
	b.setState(alice, in, rtc.CallType.Type, "", object{"slug": slug, "url": public + "/r/" + slug, "by": "alice"})
	b.eventually("it is the bot's own again", func() bool {
		var is object
		return b.state(alice, in, rtc.CallType.Type, "", &is) == nil && is["by"] == nil && is["slug"] == slug
	})
	if _, ok := b.bridge.RoomOf("weekly"); ok {
		b.Error("a name was taken")
	}
	rings := func() []wrote { return b.history(alice, in, rtc.NotificationType.Type) }
	p := b.calls.join(slug, bob)
	b.stays(bob, in)
	b.eventually("it rings", func() bool { return len(rings()) == 1 })
	if ring := rings()[0]; ring.Content["notification_type"] != "ring" || ring.Content["m.relates_to"] == nil {
		b.Errorf("%v", ring)
	}
	b.calls.leave(slug, p, room.Left, "")
	b.calls.join(slug, bob) // they were away for a moment
	b.write(alice, in, "!call stop")
	b.eventually("the link is taken back", func() bool { _, ok := b.bridge.Linked(in); return !ok })
	if n := len(rings()); n != 1 {
		b.Errorf("it rang %d times", n)
	}
}

// Power levels are roles, as soon as they change. A role that was given in the call stays until then.
func (b *bench) testRoles(alice, bob homeserver.User, in id.RoomID, slug string) {
	owner, other := b.calls.join(slug, alice), b.calls.join(slug, bob)
	b.eventually("the owner owns", func() bool { return b.calls.role(slug, owner) == wire.RoleOwner })
	_ = b.calls.SetRole(slug, other, wire.RoleModerator) // by a moderator of the call
	set := func(level int) {
		b.setState(alice, in, "m.room.power_levels", "", object{"users": object{alice.ID: 100, b.bot(): 60, bob.ID: level}, "events": object{rtc.MemberType.Type: 0}})
	}
	for _, is := range []struct {
		level int
		want  wire.Role
	}{{7, wire.RoleModerator}, {-1, wire.RoleViewer}, {7, wire.RoleParticipant}, {99, wire.RoleModerator}, {100, wire.RoleOwner}} { // 7 is nothing new at first
		mark := b.bridge.Stats().Syncs
		set(is.level)
		b.eventually("the news were read", func() bool { return b.bridge.Stats().Syncs > mark })
		b.eventually("the role is "+string(is.want), func() bool { return b.calls.role(slug, other) == is.want })
	}
	m, err := b.bridge.Member(b.Context(), in, id.UserID(bob.ID))
	if err != nil || !m.Joined {
		b.Errorf("%+v %v", m, err)
	}
	if m, err := b.bridge.Member(b.Context(), in, "@nobody:localhost"); err != nil || m.Joined {
		b.Errorf("%+v %v", m, err)
	}
}

// meeting is a room with two and its call.
func meeting(t *testing.T) (b *bench, alice, bob homeserver.User, in id.RoomID, slug string) {
	b = newBench(t)
	b.start()
	alice, bob = b.hs.Register(t, "alice"), b.hs.Register(t, "bob")
	in = b.room(alice, bob)
	return b, alice, bob, in, b.linked(alice, in)
}

// What a device says of itself counts; what others say in its place does not.
func TestM4_OverwrittenMembership(t *testing.T) {
	t.Parallel()
	b, alice, bob, in, slug := meeting(t)
	p := b.calls.join(slug, bob)
	b.stays(bob, in)
	key := rtc.StateKey(id.UserID(bob.ID), id.DeviceID(bob.Device))
	b.eventually("the membership is known", func() bool {
		b.bridge.mu.RLock()
		defer b.bridge.mu.RUnlock()
		return len(b.bridge.states[in].call.Members(time.Now())) == 1
	})
	before := b.bridge.Stats().Overwrites
	b.setState(alice, in, rtc.MemberType.Type, key, object{})
	b.eventually("the abuse is counted", func() bool { return b.bridge.Stats().Overwrites == before+1 })
	another := b.hs.Login(b.T, bob) // a device that leaves is not the other one
	b.stays(another, in)
	b.setState(another, in, rtc.MemberType.Type, rtc.StateKey(id.UserID(bob.ID), id.DeviceID(another.Device)), object{})
	mark := b.bridge.Stats().Syncs
	b.write(alice, in, "a moment")
	b.eventually("the news were read", func() bool { return b.bridge.Stats().Syncs > mark })
	if !b.calls.has(slug, p) {
		b.Error("what another wrote made a device leave")
	}
	b.stays(bob, in) // Dendrite drops what is as it was, whoever wrote it
	b.setState(bob, in, rtc.MemberType.Type, key, object{})
	b.stays(bob, in) // its end had come, though it is there: who notices writes it again
	over := func() bool {
		b.bridge.mu.RLock()
		defer b.bridge.mu.RUnlock()
		_, over := b.bridge.states[in].over[key]
		return over
	}
	for range 2 { // each round is news
		mark := b.bridge.Stats().Syncs
		b.write(alice, in, "a moment")
		b.eventually("the news were read", func() bool { return b.bridge.Stats().Syncs > mark })
	}
	b.eventually("it is in the call again", func() bool { return !over() })
	if !b.calls.has(slug, p) {
		b.Error("a device that was there all the time was expelled")
	}
	b.setState(bob, in, rtc.MemberType.Type, key, object{})
	b.eventually("the device leaves the call", func() bool { return !b.calls.has(slug, p) })
}

// Who is kicked, banned or leaves is out of the call; whom a moderator removes from the call is kicked, if that moderator could.
func TestM7_KickBothWays(t *testing.T) {
	t.Parallel()
	b, alice, bob, in, slug := meeting(t)
	path := "/rooms/" + url.PathEscape(string(in))
	by, p := b.calls.join(slug, alice), b.calls.join(slug, bob)
	for _, out := range []func(){
		func() { b.call(alice, "POST", path+"/kick", object{"user_id": bob.ID}, nil) },
		func() { b.call(bob, "POST", path+"/leave", object{}, nil) },
		func() { b.call(alice, "POST", path+"/ban", object{"user_id": bob.ID}, nil) },
	} {
		out()
		b.eventually("who left the room leaves the call", func() bool { return !b.calls.has(slug, p) })
		if m, err := b.bridge.Member(b.Context(), in, id.UserID(bob.ID)); err != nil || m.Joined {
			b.Errorf("%+v %v", m, err)
		}
		_ = b.hs.Call(alice.Token, "POST", "/_matrix/client/v3"+path+"/unban", object{"user_id": bob.ID}, nil)
		b.call(alice, "POST", path+"/invite", object{"user_id": bob.ID}, nil)
		b.call(bob, "POST", path+"/join", object{}, nil)
		b.eventually("he is back", func() bool {
			m, err := b.bridge.Member(b.Context(), in, id.UserID(bob.ID))
			return err == nil && m.Joined
		})
		p = b.calls.join(slug, bob)
	}
	// Bob moderates the call, and nothing in Matrix: the bot does not lend its power.
	spared := b.bridge.Stats().Actions["not_kicked"]
	b.calls.leave(slug, by, room.Removed, p)
	b.eventually("the kick is refused", func() bool { return b.bridge.Stats().Actions["not_kicked"] == spared+1 })
	if b.membership(alice, in, alice.ID) != "join" {
		b.Error("who had no power had somebody kicked")
	}
	by = b.calls.join(slug, alice)
	b.calls.leave(slug, p, room.Removed, by)
	b.eventually("he is kicked", func() bool { return b.membership(alice, in, bob.ID) == "leave" })
}

// Guests of the call are shown in the room, and go with the call.
func (b *bench) testGuests(alice homeserver.User, in id.RoomID, slug string) {
	stay := func(n int) (is object) {
		user := id.NewUserID(DefaultBot+ghostMark+string(rune('0'+n)), "localhost")
		_ = b.state(alice, in, rtc.MemberType.Type, rtc.StateKey(user, ghostDevice), &is)
		return is
	}
	b.calls.join(slug, alice)
	one, two := b.calls.join(slug, homeserver.User{}), b.calls.join(slug, homeserver.User{})
	b.eventually("two guests are shown", func() bool { return len(stay(1)) > 0 && len(stay(2)) > 0 })
	b.calls.leave(slug, one, room.Left, "")
	b.eventually("one left", func() bool { return len(stay(1)) == 0 && len(stay(2)) > 0 })
	b.calls.leave(slug, two, room.Left, "")
	b.eventually("they go", func() bool {
		return b.membership(alice, in, "@grotto_guest_2:localhost") == "leave" && len(stay(2)) == 0
	})
}
