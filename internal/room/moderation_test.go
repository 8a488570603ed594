package room

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// roles of everybody, as a newcomer is told them.
func rolesOf(members []wire.Member) (roles []wire.Role) {
	for _, m := range members {
		roles = append(roles, m.Role)
	}
	return roles
}

// knocks joins as far as the waiting room.
func (c *client) knocks(joinID byte) uint64 {
	c.Helper()
	c.hello("blue-harbour")
	c.send(joinMessage(joinID, 3))
	c.wantError(wire.CodeKnockFirst)
	return c.send(&wire.Knock{Body: octets(7, 40)})
}

func (c *client) ok(m wire.ClientMessage) {
	c.Helper()
	c.send(m)
	want[*wire.OK](c)
}

func TestTheFirstModerates(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		ada := b.connect()
		ada.hello("blue-harbour")
		if roles := rolesOf(ada.join(1).Members); !slices.Equal(roles, []wire.Role{wire.RoleModerator}) {
			b.Error(roles)
		}
		ben := b.connect()
		ben.hello("blue-harbour")
		if roles := rolesOf(ben.join(2).Members); !slices.Equal(roles, []wire.Role{wire.RoleModerator, wire.RoleParticipant}) {
			b.Error(roles)
		}
		if r := want[*wire.Roster](ada); r.Joined[0].Role != wire.RoleParticipant {
			b.Error(r.Joined[0].Role)
		}
	})
}

func TestOnlyModeratorsModerate(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		all := b.call(2)
		ada, ben := all[0], all[1]
		for _, m := range []wire.ClientMessage{&wire.SetRoom{Locked: true}, &wire.SetRole{Device: ada.self, Role: wire.RoleViewer},
			&wire.SetRole{Device: ben.self, Role: wire.RoleModerator}, &wire.Expel{Device: ada.self}, &wire.EndCall{},
			&wire.EndCall{Breakouts: true}, &wire.TellBreakout{Room: "blue-harbour--one", Body: wire.Base64{1}}, &wire.Admit{Knock: 1, Admit: true}} {
			ben.send(m)
			ben.wantError(wire.CodeNotAllowed)
		}
		ada.quiet()
		stranger := b.connect()
		stranger.hello("blue-harbour")
		stranger.send(&wire.SetRoom{Locked: true})
		stranger.wantError(wire.CodeNotJoined)
	})
}

func TestLock(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		all := b.call(2)
		ada, ben := all[0], all[1]
		early := b.connect()
		early.hello("blue-harbour") // before the lock
		ada.send(&wire.SetRoom{Locked: true})
		for _, c := range all {
			if s := want[*wire.RoomState](c); !s.Locked || s.WaitingRoom {
				b.Errorf("%+v", s)
			}
		}
		want[*wire.OK](ada)
		early.send(joinMessage(3, 3))
		early.wantError(wire.CodeLocked)
		late := b.connect()
		late.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour"})
		late.wantError(wire.CodeLocked)
		// Who was here comes back, also after leaving: a page that is loaded anew.
		ben.send(&wire.Leave{})
		want[*wire.OK](ben)
		want[*wire.Roster](ada)
		again := b.connect()
		again.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Replaces: ben.welcome.Resume})
		again.welcome = want[*wire.Welcome](again)
		if j := again.join(4); !j.Locked {
			b.Error("the newcomer is not told of the lock")
		}
	})
}

func TestWaitingRoom(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		all := b.call(2)
		ada, ben := all[0], all[1]
		ada.send(&wire.SetRoom{WaitingRoom: true})
		want[*wire.RoomState](ada)
		want[*wire.OK](ada)
		want[*wire.RoomState](ben)

		eve, dan := b.connect(), b.connect()
		eve.knocks(3)
		list := want[*wire.Knocks](ada).Waiting
		if len(list) != 1 || list[0].User != eve.welcome.User || string(list[0].Body) != string(octets(7, 40)) {
			b.Fatalf("%+v", list)
		}
		knock := dan.knocks(4)
		list = want[*wire.Knocks](ada).Waiting
		// A knocker learns nothing, and reaches nobody.
		for _, m := range []wire.ClientMessage{&wire.SendData{Body: octets(1, 8)}, &wire.ToDevice{Messages: []wire.Envelope{envelopeTo(ada.self, "AAAA")}},
			&wire.ClaimKeys{Devices: []wire.Device{ada.self}}, &wire.Publish{SDP: "v=0", Tracks: []wire.Publication{}}} {
			eve.send(m)
			eve.wantError(wire.CodeNotJoined)
		}
		ada.ok(&wire.SendData{Body: octets(1, 8)})
		want[*wire.Data](ben)
		ben.quiet() // who does not moderate is not told who knocks
		dan.quiet()
		if n := len(b.media.order); n != 2 {
			b.Errorf("%d peers of the SFU", n)
		}

		ada.send(&wire.Admit{Knock: list[0].Knock})
		eve.wantError(wire.CodeNotAdmitted)
		want[*wire.Knocks](ada)
		want[*wire.OK](ada)
		eve.send(joinMessage(3, 3))
		eve.wantError(wire.CodeKnockFirst)

		ada.send(&wire.Admit{Knock: list[1].Knock, Admit: true})
		if ok := want[*wire.OK](dan); ok.ID != knock {
			b.Error("another request was answered")
		}
		if left := want[*wire.Knocks](ada).Waiting; len(left) != 0 {
			b.Error(left)
		}
		want[*wire.OK](ada)
		if roles := rolesOf(dan.join(4).Members); roles[2] != wire.RoleParticipant {
			b.Error(roles)
		}
		want[*wire.Roster](ada)
		want[*wire.Roster](ben)
		ada.send(&wire.Admit{Knock: list[1].Knock, Admit: true})
		ada.wantError(wire.CodeUnknownDevice)
	})
}

func TestWhoKnocksAndGoes(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		ada := b.call(1)[0]
		ada.send(&wire.SetRoom{WaitingRoom: true})
		want[*wire.RoomState](ada)
		want[*wire.OK](ada)
		eve, dan := b.connect(), b.connect()
		eve.knocks(2)
		want[*wire.Knocks](ada)
		dan.knocks(3)
		want[*wire.Knocks](ada)
		eve.send(&wire.Knock{})
		eve.wantError(wire.CodeBadMessage) // waits already
		eve.send(&wire.Leave{})
		want[*wire.OK](eve)
		if list := want[*wire.Knocks](ada).Waiting; len(list) != 1 || list[0].User != dan.welcome.User {
			b.Error(list)
		}
		// Without a waiting room there is nothing to wait for.
		ada.send(&wire.SetRoom{})
		want[*wire.RoomState](ada)
		want[*wire.OK](dan)
		want[*wire.Knocks](ada)
		want[*wire.OK](ada)
		dan.join(3)
	})
}

func TestKnockFloods(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		ada := b.call(1)[0]
		ada.send(&wire.SetRoom{WaitingRoom: true})
		want[*wire.RoomState](ada)
		want[*wire.OK](ada)
		for range wire.MaxKnocking {
			b.connect().knocks(9)
			if list := want[*wire.Knocks](ada).Waiting; len(list) > wire.MaxKnocking {
				b.Fatal(len(list))
			}
		}
		late := b.connect()
		late.knocks(10)
		late.wantError(wire.CodeRoomFull)
		for range knocksBurst - 1 {
			late.send(&wire.Knock{})
			late.wantError(wire.CodeRoomFull)
		}
		late.send(&wire.Knock{})
		late.wantError(wire.CodeRateLimited)
		ada.quiet()
	})
}

func TestRolesAreHandedOn(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		all := b.call(3)
		ada, ben, cleo := all[0], all[1], all[2]
		ada.send(&wire.SetRole{Device: ada.self, Role: wire.RoleParticipant})
		ada.wantError(wire.CodeNotAllowed) // nobody else would moderate
		ada.send(&wire.SetRole{Device: ben.self, Role: wire.RoleOwner})
		ada.wantError(wire.CodeNotAllowed)
		ada.send(&wire.SetRole{Device: ben.self, Role: wire.RoleModerator})
		for _, c := range all {
			if r := want[*wire.RoleChanged](c); !sameDevice(&r.Device, &ben.self) || r.Role != wire.RoleModerator {
				b.Errorf("%+v", r)
			}
		}
		want[*wire.OK](ada)
		for _, m := range []wire.ClientMessage{&wire.SetRole{Device: ada.self, Role: wire.RoleViewer}, &wire.Expel{Device: ada.self}} {
			ben.send(m)
			ben.wantError(wire.CodeNotAllowed) // not of each other
		}
		ada.send(&wire.SetRole{Device: ada.self, Role: wire.RoleParticipant})
		for _, c := range all {
			want[*wire.RoleChanged](c)
		}
		want[*wire.OK](ada)
		ada.send(&wire.SetRoom{Locked: true})
		ada.wantError(wire.CodeNotAllowed)
		ben.send(&wire.Expel{Device: cleo.self})
		want[*wire.Roster](ada)
		want[*wire.Roster](ben)
		want[*wire.OK](ben)
		if bye := want[*wire.Bye](cleo); bye.Code != wire.CodeRemoved {
			b.Error(bye)
		}
		if !cleo.gone() {
			b.Error("the socket of who was removed is open")
		}
	})
}

func TestAViewerPublishesNothing(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		all := b.call(2)
		ada, ben := all[0], all[1]
		tracks := []wire.Publication{{MID: "0", Source: wire.SourceMic, Codec: wire.CodecOpus}}
		ben.send(&wire.Publish{SDP: "one", Tracks: tracks})
		want[*wire.Published](ben)
		ada.send(&wire.SetRole{Device: ben.self, Role: wire.RoleViewer})
		want[*wire.RoleChanged](ada)
		want[*wire.OK](ada)
		want[*wire.RoleChanged](ben)
		if did := b.media.order[1].done(); !slices.Equal(did, []string{"publish one", "unpublish"}) {
			b.Error(did)
		}
		ben.send(&wire.Publish{SDP: "two", Tracks: tracks})
		ben.wantError(wire.CodeNotAllowed)
		ben.send(&wire.Publish{SDP: "three", Tracks: []wire.Publication{}})
		want[*wire.Published](ben)
		ada.send(&wire.SetRole{Device: ben.self, Role: wire.RoleParticipant})
		want[*wire.RoleChanged](ada)
		want[*wire.OK](ada)
		want[*wire.RoleChanged](ben)
		ben.send(&wire.Publish{SDP: "four", Tracks: tracks})
		want[*wire.Published](ben)
	})
}

// A publish that the SFU was at work on when the role changed does not outlive it.
func TestAViewerPublishesNothingLate(t *testing.T) {
	media := &fakeMedia{peers: map[string]*fakePeer{}}
	within(t, Config{Media: media}, func(b *bench) {
		all := b.call(2)
		ada, ben := all[0], all[1]
		block := make(chan struct{})
		media.block = block
		ben.send(&wire.Publish{SDP: "one", Tracks: []wire.Publication{{MID: "0", Source: wire.SourceMic, Codec: wire.CodecOpus}}})
		synctest.Wait() // the SFU has it
		ada.send(&wire.SetRole{Device: ben.self, Role: wire.RoleViewer})
		want[*wire.RoleChanged](ada)
		want[*wire.OK](ada)
		close(block)
		want[*wire.RoleChanged](ben)
		want[*wire.Published](ben)
		if did := media.order[1].done(); !slices.Equal(did, []string{"unpublish", "publish one", "unpublish"}) {
			b.Error(did)
		}
	})
}

func TestSuccession(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		all := b.call(3)
		ada, ben, cleo := all[0], all[1], all[2]
		ada.send(&wire.SetRole{Device: ben.self, Role: wire.RoleViewer})
		for _, c := range all {
			want[*wire.RoleChanged](c)
		}
		want[*wire.OK](ada)
		ada.send(&wire.Leave{})
		want[*wire.OK](ada)
		want[*wire.Roster](ben)
		want[*wire.Roster](cleo)
		time.Sleep(succession - time.Second)
		cleo.ping()
		time.Sleep(2 * time.Second)
		if r := want[*wire.RoleChanged](cleo); !sameDevice(&r.Device, &cleo.self) || r.Role != wire.RoleModerator {
			b.Errorf("%+v", r) // ben is there longer, but only views
		}
	})
}

func TestAModeratorWhoComesBackIsOne(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		all := b.call(2)
		ada, ben := all[0], all[1]
		ada.send(&wire.Leave{})
		want[*wire.OK](ada)
		want[*wire.Roster](ben)
		again := b.connect()
		again.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Replaces: ada.welcome.Resume})
		again.welcome = want[*wire.Welcome](again)
		if roles := rolesOf(again.join(3).Members); !slices.Equal(roles, []wire.Role{wire.RoleParticipant, wire.RoleModerator}) {
			b.Error(roles)
		}
		want[*wire.Roster](ben)
		time.Sleep(2 * succession)
		ben.quiet()
		// Who was removed does not.
		again.send(&wire.Expel{Device: ben.self})
		want[*wire.Roster](again)
		want[*wire.OK](again)
		again.send(&wire.SetRoom{Locked: true})
		want[*wire.RoomState](again)
		want[*wire.OK](again)
		back := b.connect()
		back.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Replaces: ben.welcome.Resume})
		back.wantError(wire.CodeLocked)
	})
}

func TestARoomOfViewersOpens(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		all := b.call(2)
		ada, ben := all[0], all[1]
		ada.send(&wire.SetRole{Device: ben.self, Role: wire.RoleViewer})
		want[*wire.RoleChanged](ada)
		want[*wire.OK](ada)
		want[*wire.RoleChanged](ben)
		ada.send(&wire.SetRoom{WaitingRoom: true})
		want[*wire.RoomState](ada)
		want[*wire.OK](ada)
		want[*wire.RoomState](ben)
		dan := b.connect()
		dan.knocks(3)
		ada.send(&wire.Leave{})
		want[*wire.Roster](ben)
		time.Sleep(succession + time.Second)
		if s := want[*wire.RoomState](ben); s.WaitingRoom {
			b.Errorf("%+v", s)
		}
		want[*wire.OK](dan)
		dan.join(3)
		want[*wire.Roster](ben)
		time.Sleep(succession + time.Second)
		if r := want[*wire.RoleChanged](dan); r.Role != wire.RoleModerator || !sameDevice(&r.Device, &dan.self) {
			b.Errorf("%+v", r)
		}
	})
}

// A moderator's word reaches those in a breakout room of the room, and nobody else; what is in it the server passes on.
func TestTellBreakout(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		all := b.call(2)
		ada, ben := all[0], all[1]
		away, other, elsewhere := b.connect(), b.connect(), b.connect()
		for i, c := range []*client{away, other, elsewhere} {
			c.hello([]string{"blue-harbour--one", "blue-harbour--two", "blue-harbours"}[i])
			c.join(byte(7 + i))
		}
		ada.ok(&wire.TellBreakout{Room: "blue-harbour--one", Body: wire.Base64("come")})
		if m := want[*wire.FromMain](away); string(m.Body) != "come" {
			b.Errorf("%q", m.Body)
		}
		ada.ok(&wire.TellBreakout{Room: "blue-harbour--nobody", Body: wire.Base64("come")})
		for _, room := range []string{"blue-harbour", "blue-harbours", "other--one"} {
			ada.send(&wire.TellBreakout{Room: room, Body: wire.Base64("come")})
			ada.wantError(wire.CodeNotAllowed)
		}
		for _, c := range []*client{ben, other, elsewhere, away} {
			c.quiet()
		}
	})
}

func TestEndForEveryone(t *testing.T) {
	within(t, Config{Rooms: []string{"blue-harbour"}}, func(b *bench) {
		all := b.call(2)
		ada, ben := all[0], all[1]
		away := b.connect()
		away.hello("blue-harbour--one")
		away.join(7)
		ada.ok(&wire.EndCall{Breakouts: true})
		if bye := want[*wire.Bye](away); bye.Code != wire.CodeCalledBack {
			b.Error(bye)
		}
		ben.quiet()
		ada.ok(&wire.EndCall{})
		for _, c := range all {
			for {
				m := c.next()
				if bye, ok := m.(*wire.Bye); ok {
					if bye.Code != wire.CodeCallEnded {
						b.Error(bye)
					}
					break
				}
			}
			if !c.gone() {
				b.Error("a socket is open")
			}
		}
		b.server.mu.Lock()
		defer b.server.mu.Unlock()
		if len(b.server.calls)+len(b.server.sessions) != 0 {
			b.Errorf("%d calls, %d sessions", len(b.server.calls), len(b.server.sessions))
		}
	})
}

// namedRoles vouches for people by their token.
type namedRoles struct{}

func (namedRoles) Admit(_ context.Context, token, _ string) (Identity, error) {
	return Identity{Localpart: token, Role: wire.Role(map[string]wire.Role{"olga": wire.RoleOwner, "vic": wire.RoleViewer}[token])}, nil
}

func TestRolesThatTheAuthenticatorGives(t *testing.T) {
	within(t, Config{Auth: namedRoles{}}, func(b *bench) {
		enter := func(token string, joinID byte) (*client, *wire.Joined) {
			c := b.connect()
			c.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: token})
			c.welcome = want[*wire.Welcome](c)
			return c, c.join(joinID)
		}
		vic, _ := enter("vic", 1)
		ada, joined := enter("ada", 2)
		if roles := rolesOf(joined.Members); !slices.Equal(roles, []wire.Role{wire.RoleViewer, wire.RoleParticipant}) {
			b.Error(roles)
		}
		want[*wire.Roster](vic)
		time.Sleep(succession + time.Second)
		want[*wire.RoleChanged](vic) // ada moderates
		want[*wire.RoleChanged](ada)
		ada.send(&wire.SetRoom{Locked: true})
		want[*wire.RoomState](ada)
		want[*wire.OK](ada)
		olga, _ := enter("olga", 3) // no lock keeps an owner out
		want[*wire.Roster](ada)
		olga.send(&wire.SetRole{Device: ada.self, Role: wire.RoleParticipant})
		if r := want[*wire.RoleChanged](ada); r.Role != wire.RoleParticipant {
			b.Error(r)
		}
	})
}
