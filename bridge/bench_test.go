package bridge

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// bench is a homeserver and a bridge on it, with calls that are made up.
type bench struct {
	*testing.T
	hs           *homeserver.Server
	shim         *homeserver.Shim
	registration *Registration
	path         string
	robot        string // the bot, if it is no application service's
	bridge       *Bridge
	calls        *calls
	log          bytes.Buffer
	stop         func()
}

const public = "https://meet.example"

func newBench(t *testing.T) *bench {
	r, err := NewRegistration("", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	hs := homeserver.Start(t, homeserver.WithAppservice(text.String()))
	b := &bench{T: t, hs: hs, shim: homeserver.NewShim(t, hs.URL), registration: r, path: filepath.Join(t.TempDir(), FileName), calls: &calls{all: map[string][]room.Participant{}}}
	t.Cleanup(func() { b.stop() })
	return b
}

// start begins a bridge; change may change how.
func (b *bench) start(change ...func(*Config)) {
	b.Helper()
	cfg := Config{Homeserver: b.shim.URL, Registration: b.registration, Path: b.path, Public: public, Kick: true, Ghosts: true,
		Log: slog.New(slog.NewTextHandler(&b.log, nil))}
	for _, f := range change {
		f(&cfg)
	}
	made, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	made.leaving = 500 * time.Millisecond
	made.Control(b.calls)
	b.calls.notice = made.Notice
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = made.Run(ctx) })
	b.bridge = made
	b.stop = func() {
		cancel()
		running.Wait()
		if err := made.Close(); err != nil {
			b.Error(err)
		}
		b.stop = func() {}
	}
	b.eventually("the bridge is connected", func() bool { return made.Stats().Syncs > 0 })
}

func (b *bench) eventually(what string, is func() bool) {
	b.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("not in time: %s\n%s", what, b.log.String())
		}
	}
}

func (b *bench) bot() string {
	if b.robot != "" {
		return b.robot
	}
	return "@" + DefaultBot + ":localhost"
}

// call is a request that must do.
func (b *bench) call(as homeserver.User, method, path string, in, out any) {
	b.Helper()
	if err := b.hs.Call(as.Token, method, "/_matrix/client/v3"+path, in, out); err != nil {
		b.Fatalf("%s %s: %v", method, path, err)
	}
}

type object = map[string]any

// room makes one with the bot in it, and with others.
func (b *bench) room(by homeserver.User, others ...homeserver.User) id.RoomID {
	b.Helper()
	invite := []string{b.bot()}
	for _, u := range others {
		invite = append(invite, u.ID)
	}
	var made struct {
		ID id.RoomID `json:"room_id"`
	}
	b.call(by, "POST", "/createRoom", object{"preset": "private_chat", "invite": invite,
		"power_level_content_override": object{"users": object{by.ID: 100, b.bot(): 60}, "events": object{rtc.MemberType.Type: 0}}}, &made)
	for _, u := range others {
		b.call(u, "POST", "/join/"+url.PathEscape(string(made.ID)), object{}, nil)
	}
	b.eventually("the bot joins", func() bool { return b.membership(by, made.ID, b.bot()) == "join" })
	return made.ID
}

func (b *bench) state(as homeserver.User, in id.RoomID, kind, key string, out any) error {
	return b.hs.Call(as.Token, "GET", fmt.Sprintf("/_matrix/client/v3/rooms/%s/state/%s/%s", url.PathEscape(string(in)), kind, url.PathEscape(key)), nil, out)
}

func (b *bench) setState(as homeserver.User, in id.RoomID, kind, key string, content any) {
	b.Helper()
	b.call(as, "PUT", fmt.Sprintf("/rooms/%s/state/%s/%s", url.PathEscape(string(in)), kind, url.PathEscape(key)), content, nil)
}

func (b *bench) membership(as homeserver.User, in id.RoomID, user string) string {
	var is struct{ Membership string }
	_ = b.state(as, in, "m.room.member", user, &is)
	return is.Membership
}

var txn atomic.Int64

func (b *bench) write(as homeserver.User, in id.RoomID, text string) {
	b.Helper()
	b.call(as, "PUT", fmt.Sprintf("/rooms/%s/send/m.room.message/t%d", url.PathEscape(string(in)), txn.Add(1)), object{"msgtype": "m.text", "body": text}, nil)
}

type wrote struct {
	Type    string
	Sender  string
	Content map[string]any
}

// history is what was written in a room, the newest first.
func (b *bench) history(as homeserver.User, in id.RoomID, kind string) (all []wrote) {
	b.Helper()
	var got struct{ Chunk []wrote }
	b.call(as, "GET", fmt.Sprintf("/rooms/%s/messages?dir=b&limit=100", url.PathEscape(string(in))), nil, &got)
	for _, e := range got.Chunk {
		if e.Type == kind {
			all = append(all, e)
		}
	}
	return all
}

// linked makes a call in a room and gives its name.
func (b *bench) linked(by homeserver.User, in id.RoomID) string {
	b.Helper()
	b.write(by, in, "!call")
	var is rtc.Call
	b.eventually("the room has a call", func() bool { return b.state(by, in, rtc.CallType.Type, "", &is) == nil && is.Slug != "" })
	return is.Slug
}

// stays is a membership of the call, as clients write it.
func (b *bench) stays(as homeserver.User, in id.RoomID) {
	b.Helper()
	m := rtc.Membership{User: id.UserID(as.ID), Device: id.DeviceID(as.Device), ID: "1"}
	b.setState(as, in, rtc.MemberType.Type, rtc.StateKey(m.User, m.Device), m.Content(time.Now()))
}

// calls are made up.
type calls struct {
	mu     sync.Mutex
	all    map[string][]room.Participant
	notice func(room.Event)
	last   int
}

func (c *calls) Live() (all []room.LiveRoom) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for slug, people := range c.all {
		if len(people) > 0 {
			all = append(all, room.LiveRoom{Slug: slug})
		}
	}
	return all
}

func (c *calls) Participants(slug string) []room.Participant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]room.Participant(nil), c.all[slug]...)
}

func (c *calls) Expel(slug, participant string) error {
	c.leave(slug, participant, room.Expelled, "")
	return nil
}

func (c *calls) SetRole(slug, participant string, role wire.Role) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.all[slug] {
		if c.all[slug][i].ID == participant {
			c.all[slug][i].Role = role
		}
	}
	return nil
}

// join has somebody come: a user of Matrix, or a guest if it is nobody.
func (c *calls) join(slug string, who homeserver.User) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	p := room.Participant{ID: fmt.Sprint("p", c.last), User: "@guest-1:grotto", Role: wire.RoleParticipant, Since: time.Now()}
	if who.ID != "" {
		p.User, p.ExternalDevice, p.Vouched = "@"+rtc.Localpart(id.UserID(who.ID))+":grotto", who.Device, true
	}
	began := len(c.all[slug]) == 0
	c.all[slug] = append(c.all[slug], p)
	if began {
		c.notice(room.Event{Kind: room.CallBegan, At: p.Since, Slug: slug, Call: "call-" + p.ID})
	}
	c.notice(room.Event{Kind: room.ParticipantJoined, At: p.Since, Slug: slug, Participant: p})
	return p.ID
}

func (c *calls) leave(slug, participant string, why room.Leaving, by string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range c.all[slug] {
		if p.ID == participant {
			c.all[slug] = append(c.all[slug][:i:i], c.all[slug][i+1:]...)
			c.notice(room.Event{Kind: room.ParticipantLeft, At: time.Now(), Slug: slug, Participant: p, Reason: why, By: by})
			if len(c.all[slug]) == 0 {
				c.notice(room.Event{Kind: room.CallEnded, At: time.Now(), Slug: slug})
			}
			return
		}
	}
}

func (c *calls) has(slug, participant string) bool {
	for _, p := range c.Participants(slug) {
		if p.ID == participant {
			return true
		}
	}
	return false
}

func (c *calls) role(slug, participant string) wire.Role {
	for _, p := range c.Participants(slug) {
		if p.ID == participant {
			return p.Role
		}
	}
	return ""
}

// forget makes as if nothing had been done for long.
func (l *lasts) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.all)
}
