package room

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// bridged vouches for everybody with a token, as the role that the map says.
type bridged map[string]wire.Role

func (b bridged) Admit(_ context.Context, token, _ string) (Identity, error) {
	if token == "" {
		return Identity{}, nil
	}
	return Identity{Localpart: "mx." + token, Role: b[token], ExternalID: "@" + token + ":hs.example", ExternalDevice: "QX7PZK29LM", Vouched: true, TokenID: token,
		Expires: time.Now().Add(time.Hour)}, nil
}

func bridgedWith(waiting bool) Config {
	return Config{Auth: bridged{"olga": wire.RoleOwner, "mo": wire.RoleModerator, "ada": wire.RoleParticipant},
		Terms: func(context.Context, string) (Terms, error) {
			return Terms{Waiting: waiting, DefaultRole: wire.RoleParticipant}, nil
		}}
}

func TestVouchedWalkPastTheWaitingRoom(t *testing.T) {
	within(t, bridgedWith(true), func(b *bench) {
		ada := b.enters("ada", 1)
		guest := b.connect()
		guest.knocks(2)
		if there := b.server.Participants("blue-harbour"); len(there) != 1 || there[0].ExternalDevice != "QX7PZK29LM" || !there[0].Vouched || there[0].User != "@mx.ada:localhost" {
			b.Errorf("%+v", there)
		}
		late := b.connect()
		late.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: "ben"})
		late.welcome = want[*wire.Welcome](late)
		late.ok(&wire.Knock{Body: octets(7, 40)}) // need not
		closed := true
		if err := b.server.SetRoom("blue-harbour", &closed, nil); err != nil {
			b.Fatal(err)
		}
		late.send(joinMessage(3, 3))
		late.wantError(wire.CodeLocked)
		want[*wire.RoomState](ada)
	})
}

// Whom a moderator removed knocks like anybody, whoever vouches for them; whom the server's side removed is its affair.
func TestRemovedByAModeratorKnock(t *testing.T) {
	within(t, bridgedWith(true), func(b *bench) {
		mo, ada := b.enters("mo", 1), b.enters("ada", 2)
		want[*wire.Roster](mo)
		adaID := b.server.Participants("blue-harbour")[1].ID
		if err := b.server.Expel("blue-harbour", adaID); err != nil {
			b.Fatal(err)
		}
		want[*wire.Bye](ada)
		want[*wire.Roster](mo)
		ada = b.enters("ada", 3)
		want[*wire.Roster](mo)
		mo.send(&wire.Expel{Device: wire.Device{User: ada.welcome.User, Device: ada.welcome.DeviceID, JoinID: octets(3, 16)}})
		want[*wire.Bye](ada)
		again := b.connect()
		again.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: "ada"})
		want[*wire.Welcome](again)
		again.send(joinMessage(4, 3))
		again.wantError(wire.CodeKnockFirst)
	})
}

// Who leaves as soon as they read that they are removed, before the moderator's word is here, is removed all the same.
func TestRemovedAfterLeaving(t *testing.T) {
	cfg := bridgedWith(true)
	var removed []Event
	cfg.Notice = func(e Event) {
		if e.Kind == ParticipantRemoved {
			removed = append(removed, e)
		}
	}
	within(t, cfg, func(b *bench) {
		mo, ada := b.enters("mo", 1), b.enters("ada", 2)
		want[*wire.Roster](mo)
		people := b.server.Participants("blue-harbour")
		ada.send(&wire.Leave{})
		want[*wire.Roster](mo)
		device := wire.Device{User: ada.welcome.User, Device: ada.welcome.DeviceID, JoinID: octets(2, 16)}
		olga := b.enters("olga", 5)
		want[*wire.Roster](mo)
		olga.send(&wire.Leave{})
		want[*wire.Roster](mo)
		mo.send(&wire.Expel{Device: wire.Device{User: olga.welcome.User, Device: olga.welcome.DeviceID, JoinID: octets(5, 16)}})
		mo.wantError(wire.CodeNotAllowed)
		mo.ok(&wire.Expel{Device: device})
		if len(removed) != 1 || removed[0].Participant.ID != people[1].ID || removed[0].By != people[0].ID || removed[0].Reason != Removed {
			b.Errorf("%+v", removed)
		}
		again := b.connect()
		again.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: "ada", Replaces: ada.welcome.Resume, Device: ada.welcome.DeviceID})
		want[*wire.Welcome](again)
		again.send(joinMessage(4, 3))
		again.wantError(wire.CodeKnockFirst)

		time.Sleep(goneFor)
		mo.send(&wire.Expel{Device: device})
		mo.wantError(wire.CodeUnknownDevice)
	})
}

// A role that is vouched for now counts, not the one from before.
func TestVouchedRolesAreOfNow(t *testing.T) {
	cfg := bridgedWith(false)
	roles := cfg.Auth.(bridged)
	within(t, cfg, func(b *bench) {
		olga := b.enters("olga", 1)
		roles["olga"] = wire.RoleViewer
		again := b.connect()
		again.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: "olga", Replaces: olga.welcome.Resume, Device: olga.welcome.DeviceID})
		again.welcome = want[*wire.Welcome](again)
		if got := rolesOf(again.join(2).Members); !slices.Equal(got, []wire.Role{wire.RoleViewer}) {
			b.Error(got)
		}
	})
}

func TestServerSetsRoles(t *testing.T) {
	within(t, bridgedWith(false), func(b *bench) {
		olga, ada := b.enters("olga", 1), b.enters("ada", 2)
		want[*wire.Roster](olga)
		there := b.server.Participants("blue-harbour")
		for _, p := range there {
			if err := b.server.SetRole("blue-harbour", p.ID, wire.RoleViewer); err != nil {
				b.Fatal(err)
			}
			for _, c := range []*client{olga, ada} {
				if m := want[*wire.RoleChanged](c); m.Role != wire.RoleViewer {
					b.Errorf("%+v", m)
				}
			}
		}
		for _, peer := range b.media.order {
			if !slices.Equal(peer.done(), []string{"unpublish"}) {
				b.Error(peer.done())
			}
		}
		if err := b.server.SetRole("blue-harbour", there[0].ID, wire.RoleViewer); err != nil { // is one already
			b.Error(err)
		}
		olga.quiet()
		time.Sleep(2 * succession)
		if now := b.server.Participants("blue-harbour"); now[0].Role != wire.RoleViewer || now[1].Role != wire.RoleViewer {
			b.Errorf("%+v", now)
		}
		if err := b.server.SetRole("blue-harbour", "nobody", wire.RoleOwner); err == nil {
			b.Error("nobody has a role")
		}
	})
}

func (c *client) readAll() {
	c.Helper()
	synctest.Wait()
	for len(c.sock.out) > 0 {
		c.next()
	}
}

func TestWhyTheyLeft(t *testing.T) {
	var left []Event
	cfg := bridgedWith(false)
	cfg.Notice = func(e Event) {
		if e.Kind == ParticipantLeft {
			left = append(left, e)
		} else if e.Reason != "" || e.By != "" {
			t.Errorf("%+v", e)
		}
	}
	within(t, cfg, func(b *bench) {
		mo := b.enters("mo", 1)
		moID := b.server.Participants("blue-harbour")[0].ID
		check := func(why Leaving, by string) {
			b.Helper()
			synctest.Wait()
			if len(left) == 0 || left[len(left)-1].Reason != why || left[len(left)-1].By != by {
				b.Fatalf("%s: %+v", why, left)
			}
			left = nil
			mo.readAll()
		}
		enter := func(joinID byte) (*client, wire.Device) {
			c := b.enters("ada", joinID)
			return c, wire.Device{User: c.welcome.User, Device: c.welcome.DeviceID, JoinID: octets(joinID, 16)}
		}
		ada, _ := enter(2)
		ada.ok(&wire.Leave{})
		check(Left, "")
		_, device := enter(3)
		mo.send(&wire.Expel{Device: device})
		check(Removed, moID)
		enter(4)
		if err := b.server.Expel("blue-harbour", b.server.Participants("blue-harbour")[1].ID); err != nil {
			b.Fatal(err)
		}
		check(Expelled, "")
		enter(5)
		if b.server.EndToken("ada") != 1 {
			b.Error("no session of this token")
		}
		check(Expelled, "")
		ada, _ = enter(6)
		again := b.connect()
		again.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: "ada", Device: ada.welcome.DeviceID})
		check(Replaced, "")
		again.sock.Abort()
		ada, _ = enter(7)
		ada.sock.Abort()
		for range 2 {
			mo.readAll()
			mo.ping()
			time.Sleep(resumeWindow/2 + time.Second)
		}
		check(Lost, "")
		enter(8)
		if err := b.server.End("blue-harbour"); err != nil {
			b.Fatal(err)
		}
		synctest.Wait()
		if len(left) != 2 || left[0].Reason != Over || left[1].Reason != Over {
			b.Errorf("%+v", left)
		}
	})
}
