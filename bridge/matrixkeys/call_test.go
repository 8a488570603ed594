//go:build goolm

package matrixkeys

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/homeserver"
)

// soon is many times what an answer takes.
const soon = 2 * time.Second

// TestKeysOverMatrix: two in a call, a third comes later, one leaves.
func TestKeysOverMatrix(t *testing.T) {
	t.Parallel()
	w := newWorld(t, homeserver.Shared(t))
	ada := w.join("ada", "opus.ogg")
	bob := w.join("bob", "opus.ogg")
	if ada.link != bob.link {
		t.Fatal("they have two secrets")
	}
	w.hears(ada, bob)
	w.hears(bob, ada)
	for _, p := range ada.Report().Participants {
		if p.Matrix != string(bob.room.self.User) || p.Trust != "cross-signed" {
			t.Errorf("Bob is shown as %q, %q", p.Matrix, p.Trust)
		}
	}
	carol := w.join("carol")
	if carol.link != ada.link {
		t.Fatal("the late one has another secret")
	}
	w.hears(carol, ada)

	before := ada.Report().Generation
	bob.Leave()
	if err := bob.room.Close(t.Context()); err != nil {
		t.Error(err)
	}
	w.eventually("the keys rotate", func() bool { return ada.Report().Generation > before })
	w.hears(carol, ada)
	w.eventually("Bob's membership is taken back", func() bool {
		ada.room.mu.Lock()
		defer ada.room.mu.Unlock()
		return !ada.room.present(bob.room.self)
	})
}

// TestOneSecretForTwoAtOnce: neither is alone, nor certain to be the first.
func TestOneSecretForTwoAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, homeserver.Shared(t))
	type result struct {
		is  string
		err error
	}
	results := make(chan result)
	for _, name := range []string{"ada", "bob"} {
		r := w.enter(w.device(w.member(name), nil))
		go func() {
			var got result
			if got.err = r.Appear(t.Context()); got.err == nil {
				got.is, got.err = r.Secret(t.Context())
			}
			results <- got
		}()
	}
	one, other := <-results, <-results
	if one.err != nil || other.err != nil || one.is != other.is || one.is == "" {
		t.Errorf("same: %v, %v, %v", one.is == other.is, one.err, other.err)
	}
}

// TestM3_UntrustedGetsNoSecret: somebody who has Bob's password, or his homeserver, adds a device of his to the call.
func TestM3_UntrustedGetsNoSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, homeserver.Shared(t))
	ada := w.member("ada")
	first := w.device(ada, nil)
	trusting := func(c *olmdevice.Config) { c.Policy, c.Recovery = olmdevice.PolicyAny, first.RecoveryKey }
	holder := w.enter(first)
	w.appear(holder)
	if _, err := holder.Secret(t.Context()); err != nil {
		t.Fatal(err)
	}
	bob := w.member("bob")
	w.device(bob, nil) // Bob's own, which made his identity
	thief := w.appear(w.enter(w.device(bob, func(c *olmdevice.Config) { c.Policy = olmdevice.PolicyAny })))
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if _, err := thief.Secret(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the secret was given: %v", err)
	}
	// With the policy switched off it is: it is the policy that holds.
	careless := w.appear(w.enter(w.device(ada, trusting)))
	if _, err := careless.Secret(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := holder.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if is, err := thief.Secret(t.Context()); err != nil || is == "" {
		t.Errorf("without the policy: %v", err)
	}
}

// TestM1_BotGetsNoSecret: the bot has a trusted device and says that it is in the call.
func TestM1_BotGetsNoSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, homeserver.Shared(t))
	holder := w.appear(w.enter(w.device(w.member("ada"), nil)))
	if _, err := holder.Secret(t.Context()); err != nil {
		t.Fatal(err)
	}
	bot := w.appear(w.enter(w.device(w.bot, nil)))
	bot.mu.Lock()
	bot.linkedBy = "" // it does not hold to the rule that excludes it
	bot.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if _, err := bot.Secret(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the secret was given: %v", err)
	}
	holder.mu.Lock()
	holder.linkedBy = ""
	holder.mu.Unlock()
	if _, err := bot.Secret(t.Context()); err != nil {
		t.Errorf("without the rule: %v", err)
	}
}

// TestHomeserverAway: a call goes on without its homeserver, and takes people in once it is back.
func TestHomeserverAway(t *testing.T) {
	t.Parallel()
	hs := homeserver.Start(t)
	w := newWorld(t, hs)
	ada := w.join("ada", "opus.ogg")
	bob := w.join("bob")
	carol := w.enter(w.device(w.member("carol"), nil))
	w.hears(bob, ada)
	hs.Stop(t)
	w.hears(bob, ada)
	hs.Again(t)
	w.hears(w.attend(carol, "carol"), ada)
	w.hears(bob, ada)
}

// TestDelayedLeave: a homeserver that can takes the membership back when it hears no more of us.
func TestDelayedLeave(t *testing.T) {
	t.Parallel()
	hs := homeserver.Shared(t)
	w := newWorld(t, hs)
	shim := homeserver.NewShim(t, w.url)
	watching := w.enter(w.device(w.member("bob"), nil))
	w.url = shim.URL
	ada := w.appear(w.enter(w.device(w.member("ada"), nil)))
	seen := func() bool {
		watching.mu.Lock()
		defer watching.mu.Unlock()
		return watching.present(ada.self)
	}
	w.eventually("she is in the call", seen)
	ada.stop() // as a crash does
	shim.Elapse()
	w.eventually("she is not any more", func() bool { return !seen() })
}

// TestM4_OverwrittenMembership: another member writes over hers; she stays, and writes it again.
func TestM4_OverwrittenMembership(t *testing.T) {
	t.Parallel()
	w := newWorld(t, homeserver.Shared(t))
	ada := w.appear(w.enter(w.device(w.member("ada"), nil)))
	bob := w.enter(w.device(w.member("bob"), nil))
	eve := w.member("eve")
	key := rtc.StateKey(ada.self.User, ada.self.Device)
	w.call(eve, http.MethodPut, w.state(rtc.MemberType.Type, key), struct{}{}, nil)
	w.eventually("she has written it again", func() bool {
		var is struct {
			Device id.DeviceID `json:"device_id"`
		}
		w.call(eve, http.MethodGet, w.state(rtc.MemberType.Type, key), nil, &is)
		return is.Device == ada.self.Device
	})
	bob.mu.Lock()
	defer bob.mu.Unlock()
	if !bob.present(ada.self) {
		t.Error("she has left, to others")
	}
}
