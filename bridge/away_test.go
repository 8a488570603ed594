package bridge

import (
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// A homeserver that is away, and a bridge that was, lose nothing of a meeting: what was to be done there is done when it answers, and what was done there
// counts here when it is heard of.
func TestAwayAndBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	plain := func(c *Config) { c.Homeserver = b.hs.URL } // without delayed events
	b.start(plain)
	alice, bob, carol, dave := b.hs.Register(t, "alice"), b.hs.Register(t, "bob"), b.hs.Register(t, "carol"), b.hs.Register(t, "dave")
	in := b.room(alice, bob, carol, dave)
	slug := b.linked(alice, in)
	people := map[homeserver.User]string{}
	for _, u := range []homeserver.User{alice, bob, carol, dave} {
		people[u] = b.calls.join(slug, u)
	}
	b.stays(carol, in)
	b.eventually("it rings", func() bool { return len(b.history(alice, in, rtc.NotificationType.Type)) == 1 })

	b.hs.Stop(t)
	guest := b.calls.join(slug, homeserver.User{})
	b.calls.leave(slug, people[bob], room.Removed, people[alice])
	b.eventually("the bridge notices", func() bool { return b.bridge.Stats().Failures > 0 })
	b.hs.Again(t)
	b.eventually("who was removed is kicked", func() bool { return b.membership(alice, in, bob.ID) == "leave" })
	shown := func() bool {
		var is object
		_ = b.state(alice, in, rtc.MemberType.Type, rtc.StateKey("@grotto_guest_1:localhost", ghostDevice), &is)
		return len(is) > 0
	}
	b.eventually("the guest is shown", shown)
	for _, u := range []homeserver.User{alice, carol, dave} {
		if !b.calls.has(slug, people[u]) {
			t.Error("somebody was expelled for it")
		}
	}

	b.stop()
	b.calls.leave(slug, guest, room.Left, "")
	b.call(dave, "POST", "/rooms/"+url.PathEscape(string(in))+"/leave", object{}, nil)
	b.setState(alice, in, "m.room.power_levels", "", object{"users": object{alice.ID: 100, b.bot(): 60, carol.ID: 50}, "events": object{rtc.MemberType.Type: 0}})
	b.write(alice, in, "!call")
	b.start(plain)
	b.eventually("who left meanwhile is out", func() bool { return !b.calls.has(slug, people[dave]) })
	b.eventually("who has power meanwhile has it here", func() bool { return b.calls.role(slug, people[carol]) == wire.RoleModerator })
	b.eventually("the guest is not shown any more", func() bool { return !shown() })
	b.eventually("what was asked meanwhile is answered", func() bool { return len(b.history(alice, in, "m.room.message")) >= 4 })
	if n := len(b.history(alice, in, rtc.NotificationType.Type)); n != 1 {
		t.Errorf("it rang %d times", n)
	}
	if got := b.linked(alice, in); got != slug {
		t.Errorf("another call: %s", got)
	}

	b.stop()
	b.setState(carol, in, rtc.MemberType.Type, rtc.StateKey(id.UserID(carol.ID), id.DeviceID(carol.Device)), object{})
	b.start(plain)
	b.eventually("the device that left meanwhile is out", func() bool { return !b.calls.has(slug, people[carol]) })
	if !b.calls.has(slug, people[alice]) {
		t.Error("and so is somebody else")
	}
}

// An answer that cannot be acted on comes again: what a homeserver refuses once it is asked for is not lost.
func TestNothingIsSkipped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start()
	alice := b.hs.Register(t, "alice")
	in := b.room(alice)
	b.shim.Break("/state", 503) // what the command needs to know
	b.shim.Break("/send", 503)
	b.write(alice, in, "!call")
	b.eventually("it fails", func() bool { return b.bridge.Stats().Failures > 0 })
	if _, ok := b.bridge.Linked(in); ok {
		t.Error("it was done without looking")
	}
	b.shim.Break("/state", 0)
	b.eventually("it is done", func() bool { _, ok := b.bridge.Linked(in); return ok })
	b.shim.Break("/send", 0)
	b.eventually("it is said", func() bool { return len(b.history(alice, in, "m.room.message")) == 2 })
}

// Whoever may not invite the bot is declined, and a database that is another account's is left alone.
func TestInvitations(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(func(c *Config) { c.Allow = []string{"@boss:localhost"}; c.Kick = false })
	boss, other := b.hs.Register(t, "boss"), b.hs.Register(t, "other")
	b.room(boss)
	var made struct {
		ID id.RoomID `json:"room_id"`
	}
	b.call(other, "POST", "/createRoom", object{"preset": "private_chat", "invite": []string{b.bot()}}, &made)
	b.eventually("it is declined", func() bool { return b.membership(other, made.ID, b.bot()) == "leave" })
	findings := b.bridge.Check(t.Context())
	for _, is := range findings {
		if !is.OK && is.Hint != "this program was built without: go build -tags goolm" {
			t.Errorf("%+v", is)
		}
	}
	if len(findings) < 5 {
		t.Errorf("%+v", findings)
	}
}

// An ordinary account does what an application service does, but for guests of the call: it has no users of its own.
func TestOrdinaryAccount(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	is := b.hs.Register(t, "robot")
	account, err := Login(t.Context(), b.hs.URL, is.ID, is.Password)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "account.json")
	if err := account.Write(path); err != nil {
		t.Fatal(err)
	}
	if err := account.Write(path); err == nil {
		t.Error("a file was overwritten")
	}
	read, err := ReadAccount(path)
	if err != nil || *read != *account {
		t.Fatalf("%+v %v", read, err)
	}
	if _, err := Login(t.Context(), b.hs.URL, is.ID, "wrong"); err == nil || strings.Contains(Why(err), "robot") {
		t.Error(err)
	}
	b.robot = is.ID
	b.start(func(c *Config) { c.Account, c.Registration = read, nil })
	alice, bob := b.hs.Register(t, "alice"), b.hs.Register(t, "bob")
	in := b.room(alice, bob)
	slug := b.linked(alice, in)
	p := b.calls.join(slug, bob)
	b.calls.join(slug, homeserver.User{})
	b.eventually("it rings", func() bool { return len(b.history(alice, in, rtc.NotificationType.Type)) == 1 })
	b.call(alice, "POST", "/rooms/"+url.PathEscape(string(in))+"/kick", object{"user_id": bob.ID}, nil)
	b.eventually("who is kicked is out", func() bool { return !b.calls.has(slug, p) })
	b.stop()
	other := b.hs.Register(t, "other")
	another, err := Login(t.Context(), b.hs.URL, other.ID, other.Password)
	if err != nil {
		t.Fatal(err)
	}
	made, err := New(Config{Homeserver: b.hs.URL, Account: another, Path: b.path, Public: public})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	if err := made.Run(t.Context()); !errors.Is(err, errPermanent) {
		t.Errorf("another account's database was taken: %v", err)
	}
}

// Files that are not ours are said to be so, without what stands in them.
func TestFilesOutOfForm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"", "[", "as_token: sesame", `{"user":"@a:b"}`, "sender_localpart: x", "\tsesame"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRegistration(path); !errors.Is(err, ErrRegistration) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := ReadAccount(path); !errors.Is(err, ErrAccount) {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := New(Config{Homeserver: "http://localhost:1", Account: &Account{}, Path: path}); text != "" && !errors.Is(err, ErrDatabase) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, is := range [][2]string{{"Gro tto", "localhost"}, {"grotto", "no name"}} {
		if _, err := NewRegistration(is[0], is[1]); err == nil {
			t.Errorf("%v", is)
		}
	}
	r, err := NewRegistration("bot", "matrix.example.org:8448")
	if err != nil {
		t.Fatal(err)
	}
	if user, err := r.User(); err != nil || user != "@bot:matrix.example.org:8448" {
		t.Errorf("%s %v", user, err)
	}
}

// An event that breaks what acts on it is passed over, and holds nothing up.
func TestBrokenEvent(t *testing.T) {
	b := &Bridge{cfg: Config{Log: slog.New(slog.DiscardHandler)}}
	if err := b.careful(func() error { panic("a homeserver's fault") }); err != nil || b.Stats().Actions["broken"] != 1 {
		t.Error(err)
	}
	if err := b.careful(func() error { return ErrAway }); !errors.Is(err, ErrAway) {
		t.Error(err)
	}
}

// Where the homeserver has delayed events a guest's membership ends when the bridge is gone, and only then.
func TestGuestsLeaveWithoutTheBridge(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start()
	alice := b.hs.Register(t, "alice")
	in := b.room(alice)
	slug := b.linked(alice, in)
	key := rtc.StateKey("@grotto_guest_1:localhost", ghostDevice)
	shown := func() bool {
		var is object
		_ = b.state(alice, in, rtc.MemberType.Type, key, &is)
		return len(is) > 0
	}
	guest := b.calls.join(slug, homeserver.User{})
	b.calls.join(slug, alice)
	b.eventually("the guest is shown", shown)
	if waiting := b.shim.Delayed(); len(waiting) != 1 || waiting[0] != key {
		t.Errorf("%v", waiting)
	}
	b.stop()
	b.shim.Elapse()
	b.eventually("the guest is not shown without the bridge", func() bool { return !shown() })
	b.start()
	b.eventually("and is again with it", func() bool { return shown() && len(b.shim.Delayed()) == 1 })
	b.calls.leave(slug, guest, room.Left, "")
	b.eventually("the guest left", func() bool { return !shown() })
	if waiting := b.shim.Delayed(); len(waiting) != 0 {
		t.Errorf("it would leave again: %v", waiting)
	}
}

func TestWhoMayInvite(t *testing.T) {
	for _, is := range []struct {
		allow []string
		by    id.UserID
		may   bool
	}{
		{nil, "@alice:example.org", true}, {nil, "@alice:other.example", false}, {nil, "alice", false},
		{[]string{"other.example"}, "@alice:other.example", true}, {[]string{"other.example"}, "@alice:example.org", false}, {[]string{"other.example"}, "@alice:another.example", false},
		{[]string{"@bob:example.org"}, "@bob:example.org", true}, {[]string{"@bob:example.org"}, "@alice:example.org", false}, {[]string{"*"}, "@alice:x.example", true},
	} {
		b := &Bridge{cfg: Config{Allow: is.allow}}
		if got := b.allowed("@grotto:example.org", is.by); got != is.may {
			t.Errorf("%v %s: %v", is.allow, is.by, got)
		}
	}
}

// A homeserver that does not know the application service is named as what is wrong, and asked again.
func TestUnknownService(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	other, err := NewRegistration("", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	made, err := New(Config{Homeserver: b.hs.URL, Registration: other, Path: b.path, Public: public})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	b.stop = func() {}
	if err := made.connect(t.Context()); why(err) != errService.Error() {
		t.Errorf("%v", err)
	}
	if all := made.Check(t.Context()); len(all) != 2 || all[1].OK || all[1].Hint == "" {
		t.Errorf("%+v", all)
	}
}

// The next try is soon when somebody wants to know something, and never at once.
func TestHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &Bridge{hurry: make(chan struct{}, 1), cfg: Config{}}
		paused := func() time.Duration {
			began := time.Now()
			b.pause(t.Context(), maxBackoff)
			return time.Since(began)
		}
		if got := paused(); got != maxBackoff {
			t.Error(got)
		}
		for range 2 {
			if _, err := b.Member(t.Context(), "!a:example.org", "@alice:example.org"); !errors.Is(err, ErrAway) {
				t.Error(err)
			}
		}
		if got := paused(); got != firstBackoff {
			t.Error(got)
		}
		if got := paused(); got != maxBackoff {
			t.Error(got)
		}
	})
}
