package room

import (
	"context"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// forAnHour vouches for an hour, and for who brings no token not at all.
type forAnHour struct{ slugs *[]string }

func (f forAnHour) Admit(_ context.Context, token, slug string) (Identity, error) {
	if f.slugs != nil {
		*f.slugs = append(*f.slugs, slug)
	}
	if token == "" {
		return Identity{}, nil
	}
	return Identity{Localpart: token, TokenID: "id of " + token, ExternalID: token, Expires: time.Now().Add(time.Hour)}, nil
}

func (b *bench) enters(token string, joinID byte) *client {
	b.Helper()
	c := b.connect()
	c.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: token})
	c.welcome = want[*wire.Welcome](c)
	c.join(joinID)
	return c
}

func TestS3_TokenExpiryEndsTheSession(t *testing.T) {
	within(t, Config{Auth: forAnHour{}}, func(b *bench) {
		guest := b.enters("", 1)
		ada := b.enters("ada", 2)
		want[*wire.Roster](guest)
		for range 59 {
			time.Sleep(time.Minute)
			ada.ping()
			guest.ping()
		}
		time.Sleep(time.Minute)
		if bye := want[*wire.Bye](ada); bye.Code != wire.CodeTokenExpired || !ada.gone() {
			b.Errorf("%+v", bye)
		}
		if left := want[*wire.Roster](guest).Left; len(left) != 1 || left[0].User != ada.welcome.User {
			b.Error(left)
		}
		ada.resume()
		ada.wantError(wire.CodeResumeUnknown)
		time.Sleep(time.Minute) // nobody ends those without an end
		guest.ping()
	})
}

// A machine that slept has timers that are late: what comes first is not heard either.
func TestS3_ExpiredMessagesAreNotHeard(t *testing.T) {
	within(t, Config{Auth: forAnHour{}}, func(b *bench) {
		guest := b.enters("", 1)
		ada := b.enters("ada", 2)
		want[*wire.Roster](guest)
		b.server.mu.Lock()
		for _, sess := range b.server.sessions {
			if sess.expiry != nil {
				sess.expiry.Reset(24 * time.Hour)
				sess.who.Expires = time.Now().Add(-time.Second)
			}
		}
		b.server.mu.Unlock()
		ada.send(&wire.SendData{Body: octets(1, 40)})
		if bye := want[*wire.Bye](ada); bye.Code != wire.CodeTokenExpired {
			b.Errorf("%+v", bye)
		}
		want[*wire.Roster](guest) // and no data before it
	})
}

func TestS4_RevokedTokenEndsItsSessions(t *testing.T) {
	within(t, Config{Auth: forAnHour{}}, func(b *bench) {
		guest := b.enters("", 1)
		phone, laptop := b.enters("ada", 2), b.enters("ada", 3) // one token, two devices of one user
		if phone.welcome.User != laptop.welcome.User || phone.welcome.DeviceID == laptop.welcome.DeviceID {
			b.Error(phone.welcome, laptop.welcome)
		}
		want[*wire.Roster](phone)
		if n := b.server.EndToken(""); n != 0 {
			b.Errorf("%d guests thrown out", n)
		}
		if n := b.server.EndToken("id of ada"); n != 2 || !phone.gone() || !laptop.gone() || guest.gone() {
			b.Error(n)
		}
	})
}

// A token for a room is one for its breakout rooms: the authenticator is asked about the room.
func TestTokensOfBreakouts(t *testing.T) {
	var slugs []string
	within(t, Config{Auth: forAnHour{&slugs}}, func(b *bench) {
		b.connect().hello("blue-harbour--1-x7")
		if len(slugs) != 1 || slugs[0] != "blue-harbour" {
			b.Error(slugs)
		}
	})
}

func TestVouchedForByTheSocket(t *testing.T) {
	within(t, Config{Auth: forAnHour{}}, func(b *bench) {
		for token, want := range map[string]string{"": "@ada:localhost", "bob": "@bob:localhost"} {
			c := &client{bench: b}
			c.sock = newPipe()
			c.sock.vouched = "ada"
			b.server.accept(c.sock)
			go b.server.serve(c.sock)
			c.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: token})
			if welcome, ok := c.next().(*wire.Welcome); !ok || welcome.User != want {
				b.Errorf("%q: %+v", token, welcome)
			}
		}
	})
}
