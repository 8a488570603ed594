package room

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

func TestResumeReplaysExactlyOnce(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(3)
		ada, bob, cyd := people[0], people[1], people[2]
		bob.send(&wire.SendData{Body: octets(1, 8)})
		want[*wire.OK](bob)
		want[*wire.Data](cyd)
		seen := want[*wire.Data](ada)

		// Written to the socket, but lost on the way: Ada has not seen it.
		bob.send(&wire.SendData{Body: octets(2, 8)})
		synctest.Wait()
		ada.sock.Abort()
		synctest.Wait()
		time.Sleep(10 * time.Second)
		bob.send(&wire.SendData{Body: octets(3, 8)})
		ada.sendLost(b)
		ada.resume()
		if got := want[*wire.Resumed](ada); got.ID != 1 || got.LastID != 2 {
			t.Errorf("%+v", got)
		}
		for i := byte(2); i <= 3; i++ {
			data := want[*wire.Data](ada) // checks the numbers, too
			if data.Body[0] != i || data.Seq <= seen.Seq || !sameDevice(&data.From, &bob.self) {
				t.Errorf("%+v", data)
			}
		}
		ada.quiet()
		bob.next()
		bob.next()
		bob.quiet() // no roster: Ada has not been away for them
		cyd.next()
		cyd.next()
		cyd.quiet()
		ada.ping()

		// It works a second time, with nothing missed.
		ada.sock.Abort()
		ada.resume()
		want[*wire.Resumed](ada)
		ada.quiet()
	})
}

// sendLost tries to send on a socket that is gone.
func (c *client) sendLost(b *bench) {
	b.Helper()
	if !c.gone() {
		b.Fatal("the socket is still there")
	}
}

func TestRequestsSentAgainAreHandledOnce(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		ada, bob := people[0], people[1]
		body := octets(9, 8)
		id := ada.send(&wire.SendData{Body: body})
		synctest.Wait()
		ada.sock.Abort() // before Ada read the answer
		ada.resume()
		if got := want[*wire.Resumed](ada); got.LastID != id {
			t.Errorf("last id %d, want %d", got.LastID, id)
		}
		if got := want[*wire.OK](ada); got.ID != id {
			t.Errorf("%+v", got)
		}
		ada.sendAs(id, &wire.SendData{Body: body}) // a client that is too careful
		ada.ping()
		want[*wire.Data](bob)
		bob.quiet()
	})
}

// The old socket's request is still at work when the new socket comes: its id must be in last_id.
func TestResumeWaitsForTheRequestAtWork(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		ada := b.call(1)[0]
		b.media.block = make(chan struct{})
		id := ada.send(&wire.Publish{SDP: "offer", Tracks: []wire.Publication{}})
		synctest.Wait()
		old := ada.sock
		ada.resume() // while the old socket still stands
		synctest.Wait()
		ada.quiet()
		close(b.media.block)
		if got := want[*wire.Resumed](ada); got.LastID != id {
			t.Errorf("last id %d, want %d", got.LastID, id)
		}
		if got := want[*wire.Published](ada); got.ID != id {
			t.Errorf("%+v", got)
		}
		if got := b.media.order[0].done(); len(got) != 1 {
			t.Errorf("handled %v", got)
		}
		synctest.Wait()
		if old.closedWith() != wire.CodeReplaced {
			t.Errorf("the old socket closed with %q", old.closedWith())
		}
		ada.ping()
	})
}

func TestResumeTooLate(t *testing.T) {
	for _, after := range []time.Duration{resumeWindow - time.Millisecond, resumeWindow} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			within(t, Config{}, func(b *bench) {
				people := b.call(2)
				ada, bob := people[0], people[1]
				ada.sock.Abort()
				synctest.Wait()
				time.Sleep(after)
				synctest.Wait()
				ada.resume()
				if after < resumeWindow {
					want[*wire.Resumed](ada)
					time.Sleep(2 * resumeWindow) // the timer of the first drop is off
					bob.quiet()
					return
				}
				ada.wantError(wire.CodeResumeUnknown)
				if !ada.gone() {
					t.Error("the socket is open")
				}
				left := want[*wire.Roster](bob).Left
				if len(left) != 1 || !sameDevice(&left[0], &ada.self) || !b.media.order[0].isClosed() {
					t.Errorf("left: %+v", left)
				}
			})
		})
	}
}

func TestResumeRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*wire.Resume)
		leaves bool
	}{
		"wrong token":     {func(m *wire.Resume) { m.Token = "0123456789abcdef" }, false},
		"no token":        {func(m *wire.Resume) { m.Token = "" }, false},
		"seq of tomorrow": {func(m *wire.Resume) { m.Seq = 1 << 40 }, true},
		"confirmed":       {func(m *wire.Resume) { m.Seq = 0 }, true}, // a ping has said that these arrived
	} {
		t.Run(name, func(t *testing.T) {
			within(t, Config{}, func(b *bench) {
				people := b.call(2)
				ada, bob := people[0], people[1]
				ada.ping()
				ada.sock.Abort()
				synctest.Wait()
				m := &wire.Resume{Version: wire.Version, Token: ada.welcome.Resume, Seq: ada.seq}
				c.change(m)
				ada.reconnect()
				ada.sendAs(5, m)
				if e := ada.wantError(wire.CodeResumeUnknown); e.ID != 5 || e.Hint == "" {
					t.Errorf("%+v", e)
				}
				if c.leaves {
					want[*wire.Roster](bob)
				}
				bob.quiet()
			})
		})
	}
}

func TestMissedTooMuch(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		ada, bob := people[0], people[1]
		ada.sock.Abort()
		synctest.Wait()
		for i := range maxKept + 1 {
			bob.send(&wire.SendData{Body: octets(1, 8)})
			want[*wire.OK](bob)
			if i%10 == 9 {
				time.Sleep(200 * time.Millisecond) // keep to the rate
			}
		}
		ada.resume()
		ada.wantError(wire.CodeResumeUnknown)
		want[*wire.Roster](bob)
	})
}

func TestReplacedSessions(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		ada, bob := people[0], people[1]

		// A page reload: same user, same device if asked for, another join id; leave before join.
		again := b.connect()
		again.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Device: ada.self.Device, Replaces: ada.welcome.Resume})
		again.welcome = want[*wire.Welcome](again)
		if again.welcome.User != ada.self.User || !bytes.Equal(again.welcome.Call, ada.welcome.Call) {
			t.Errorf("%+v", again.welcome)
		}
		if bye := want[*wire.Bye](ada); bye.Code != wire.CodeReplaced || !ada.gone() {
			t.Errorf("%+v", bye)
		}
		again.join(77)
		if left := want[*wire.Roster](bob).Left; len(left) != 1 || !sameDevice(&left[0], &ada.self) {
			t.Errorf("%+v", left)
		}
		if joined := want[*wire.Roster](bob).Joined; len(joined) != 1 || !sameDevice(&joined[0].Device, &again.self) {
			t.Errorf("%+v", joined)
		}

		// Everybody can see Bob's device id. Naming it must not put him out.
		eve := b.connect()
		eve.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Device: bob.self.Device})
		if w := want[*wire.Welcome](eve); w.User == bob.self.User {
			t.Errorf("%+v", w)
		}
		bob.quiet()

		// A token of another room, or an unknown one, is nothing.
		other := b.connect()
		other.send(&wire.Hello{Version: wire.Version, Room: "red-harbour", Replaces: bob.welcome.Resume})
		if w := want[*wire.Welcome](other); w.User == bob.self.User {
			t.Errorf("%+v", w)
		}
		bob.quiet()
	})
}

// A resume token must not make a guest of a known user's session its user: the join token is what says who one is.
func TestGuestsDoNotReplaceKnownUsers(t *testing.T) {
	within(t, Config{Auth: guestsToo{}}, func(b *bench) {
		ada := b.connect()
		ada.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: "ada"})
		ada.welcome = want[*wire.Welcome](ada)
		for _, token := range []string{"", "bob"} {
			other := b.connect()
			other.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: token, Replaces: ada.welcome.Resume})
			if w := want[*wire.Welcome](other); w.User == ada.welcome.User {
				t.Errorf("%q became %s", token, w.User)
			}
			ada.quiet()
		}
	})
}

// guestsToo takes the token for the user's name, and everybody without one as a guest.
type guestsToo struct{}

func (guestsToo) Admit(_ context.Context, token, _ string) (Identity, error) {
	return Identity{Localpart: token}, nil
}

func TestKnownUserOnTheSameDevice(t *testing.T) {
	within(t, Config{Auth: byToken{}}, func(b *bench) {
		enter := func(token string) *client {
			c := b.connect()
			c.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Device: "ADASLAPTOP", Token: token})
			c.welcome = want[*wire.Welcome](c)
			return c
		}
		first := enter("ada")
		if first.welcome.User != "@ada:localhost" {
			t.Errorf("%+v", first.welcome)
		}
		bob := enter("bob") // the same device id of another user is another device
		first.quiet()
		enter("ada")
		if bye := want[*wire.Bye](first); bye.Code != wire.CodeReplaced {
			t.Errorf("%+v", bye)
		}
		bob.quiet()
	})
}
