package room

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// termed is a server on which one room has terms.
func termed(t Terms) Config {
	return Config{Auth: vouching{"host": {Role: wire.RoleModerator, TokenID: "1"}, "guest": {TokenID: "2"}}, Terms: func(_ context.Context, slug string) (Terms, error) {
		if slug == "blue-harbour" {
			return t, nil
		}
		return Terms{}, nil
	}}
}

// vouching knows people by their tokens, and lets in who has none.
type vouching map[string]Identity

func (v vouching) Admit(_ context.Context, token, slug string) (Identity, error) {
	return v[token], nil
}

func (c *client) helloWith(token, room string) {
	c.Helper()
	c.send(&wire.Hello{Version: wire.Version, Room: room, Token: token})
	c.welcome = want[*wire.Welcome](c)
}

func (c *client) turnedAway(token, room string, code wire.Code) {
	c.Helper()
	c.send(&wire.Hello{Version: wire.Version, Room: room, Token: token})
	c.wantError(code)
}

// nobody checks that no call is left behind by those who were refused.
func (b *bench) nobody() {
	b.Helper()
	if now := b.server.Stats(); now.Calls != 0 {
		b.Errorf("%+v", now)
	}
}

func TestTermsRefuse(t *testing.T) {
	t.Run("a room that is none", func(t *testing.T) {
		within(t, Config{Terms: func(context.Context, string) (Terms, error) { return Terms{}, UnknownRoom() }}, func(b *bench) {
			b.connect().turnedAway("", "blue-harbour", wire.CodeUnknownRoom)
			b.nobody()
		})
	})
	t.Run("when they cannot be looked up", func(t *testing.T) {
		within(t, Config{Terms: func(context.Context, string) (Terms, error) { return Terms{}, errors.New("disk of Ada") }}, func(b *bench) {
			c := b.connect()
			c.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour"})
			if e := c.wantError(wire.CodeInternal); e.Message != "this server cannot look up the room" {
				b.Error(e)
			}
		})
	})
	t.Run("who has no token", func(t *testing.T) {
		within(t, termed(Terms{TokenOnly: true}), func(b *bench) {
			for _, room := range []string{"blue-harbour", "blue-harbour--one"} {
				b.connect().turnedAway("", room, wire.CodeTokenNeeded)
				b.connect().helloWith("guest", room)
			}
			b.connect().helloWith("", "red-harbour")
		})
	})
	t.Run("one too many", func(t *testing.T) {
		within(t, termed(Terms{Participants: 1}), func(b *bench) {
			first := b.connect()
			first.helloWith("", "blue-harbour")
			b.connect().turnedAway("", "blue-harbour", wire.CodeRoomFull)
			again := b.connect()
			again.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Replaces: first.welcome.Resume})
			want[*wire.Welcome](again)
		})
	})
	t.Run("breakout rooms", func(t *testing.T) {
		within(t, termed(Terms{Off: []wire.Feature{wire.FeatureBreakoutRooms}}), func(b *bench) {
			b.connect().turnedAway("", "blue-harbour--one", wire.CodeNotAllowed)
			b.connect().helloWith("", "red-harbour--one")
		})
	})
}

// Rooms that the operator made are admitted to beside those that are named.
func TestMadeRooms(t *testing.T) {
	cfg := termed(Terms{Made: true})
	cfg.Rooms = []string{"green-harbour"}
	within(t, cfg, func(b *bench) {
		b.connect().helloWith("", "blue-harbour")
		b.connect().helloWith("", "green-harbour")
		b.connect().turnedAway("", "red-harbour", wire.CodeUnknownRoom)
	})
}

func TestLockedFromTheBeginning(t *testing.T) {
	within(t, termed(Terms{Locked: true}), func(b *bench) {
		b.connect().turnedAway("", "blue-harbour", wire.CodeLocked)
		b.nobody()
		host := b.connect()
		host.helloWith("host", "blue-harbour")
		if joined := host.join(1); !joined.Locked || joined.Members[0].Role != wire.RoleModerator {
			b.Errorf("%+v", joined)
		}
		b.connect().turnedAway("guest", "blue-harbour", wire.CodeLocked)
		host.sets(&wire.SetRoom{})
		b.connect().helloWith("guest", "blue-harbour")
		b.connect().helloWith("", "blue-harbour--one") // with nobody to open it
	})
}

// sets changes the room, of which oneself is told, too.
func (c *client) sets(m *wire.SetRoom) {
	c.Helper()
	c.send(m)
	want[*wire.RoomState](c)
	want[*wire.OK](c)
}

// Who waits before the host comes is let in by the host, and does not become one by waiting longest.
func TestWaitingForTheHost(t *testing.T) {
	within(t, termed(Terms{Waiting: true}), func(b *bench) {
		guest := b.connect()
		guest.knocks(1)
		time.Sleep(2 * succession)
		guest.ping()
		host := b.connect()
		host.helloWith("host", "blue-harbour")
		host.join(2)
		waiting := want[*wire.Knocks](host).Waiting
		if len(waiting) != 1 {
			b.Fatal(waiting)
		}
		host.send(&wire.Admit{Knock: waiting[0].Knock, Admit: true})
		want[*wire.Knocks](host)
		want[*wire.OK](host)
		want[*wire.OK](guest)
		guest.join(1)
	})
}

// Where everybody has a role, nobody gets another by being first or last.
func TestDefaultRole(t *testing.T) {
	within(t, termed(Terms{DefaultRole: wire.RoleViewer}), func(b *bench) {
		guest := b.connect()
		guest.helloWith("", "blue-harbour")
		if roles := rolesOf(guest.join(1).Members); !slices.Equal(roles, []wire.Role{wire.RoleViewer}) {
			b.Error(roles)
		}
		host := b.connect()
		host.helloWith("host", "blue-harbour")
		if roles := rolesOf(host.join(2).Members); !slices.Equal(roles, []wire.Role{wire.RoleViewer, wire.RoleModerator}) {
			b.Error(roles)
		}
		want[*wire.Roster](guest)
		host.sets(&wire.SetRoom{Locked: true})
		want[*wire.RoomState](guest)
		host.ok(&wire.Leave{})
		want[*wire.Roster](guest)
		time.Sleep(2 * succession)
		guest.quiet()
	})
}

func TestTheTimeIsOver(t *testing.T) {
	within(t, termed(Terms{Length: time.Hour, Waiting: true}), func(b *bench) {
		early := b.connect()
		early.helloWith("host", "blue-harbour") // looks in, which does not count
		time.Sleep(time.Minute)
		if joined := early.join(1); joined.EndsIn != 3600 {
			b.Error(joined.EndsIn)
		}
		time.Sleep(30 * time.Minute)
		apart := b.connect() // its own time would be over later
		apart.helloWith("", "blue-harbour--one")
		apart.join(2)
		time.Sleep(30*time.Minute - 30*time.Second)
		waits := b.connect()
		waits.knocks(3)
		want[*wire.Knocks](early)
		late := b.connect()
		late.helloWith("host", "blue-harbour")
		if joined := late.join(4); joined.EndsIn != 30 {
			b.Error(joined.EndsIn)
		}
		want[*wire.Roster](early)
		want[*wire.Knocks](late)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		for name, c := range map[string]*client{"early": early, "apart": apart, "waits": waits, "late": late} {
			for {
				if bye, ok := c.next().(*wire.Bye); ok {
					if bye.Code != wire.CodeTimeOver {
						b.Errorf("%s: %+v", name, bye)
					}
					break
				}
			}
		}
		b.nobody()
		again := b.connect()
		again.helloWith("host", "blue-harbour")
		if joined := again.join(1); joined.EndsIn != 3600 {
			b.Error(joined.EndsIn)
		}
	})
}

// Who comes while the others are sent away does not go on in the call that is over.
func TestLateForTheEnd(t *testing.T) {
	within(t, termed(Terms{Length: time.Hour}), func(b *bench) {
		early := b.connect()
		early.helloWith("", "blue-harbour")
		early.join(1)
		c := b.server.called("blue-harbour")
		c.mu.Lock()
		c.timeOver = true
		c.mu.Unlock()
		b.connect().turnedAway("", "blue-harbour", wire.CodeTimeOver)
	})
}

func TestNoScreens(t *testing.T) {
	off := []wire.Feature{wire.FeatureScreenshare, wire.FeatureChat}
	within(t, termed(Terms{Off: off}), func(b *bench) {
		c := b.connect()
		c.helloWith("", "blue-harbour")
		if !slices.Equal(c.welcome.Off, off) {
			b.Error(c.welcome.Off)
		}
		c.join(1)
		for source, code := range map[wire.Source]wire.Code{wire.SourceScreen: wire.CodeNotAllowed, wire.SourceScreenAudio: wire.CodeNotAllowed, wire.SourceCamera: ""} {
			c.send(&wire.Publish{SDP: "offer", Tracks: []wire.Publication{{MID: "0", Source: wire.SourceMic, Codec: wire.CodecOpus}, {MID: "1", Source: source, Codec: wire.CodecVP8}}})
			if code != "" {
				c.wantError(code)
			} else {
				want[*wire.Published](c)
			}
		}
	})
}
