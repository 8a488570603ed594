//go:build goolm && linux

package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/bridge/matrixkeys"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// TestEvening goes through an evening of a Matrix room: it is all there at once, and in the order in which things happen to people.
func TestEvening(t *testing.T) {
	e := newEvening(t)
	alice, bob, carol, dave := e.hs.Register(t, "alice"), e.hs.Register(t, "bob"), e.hs.Register(t, "carol"), e.hs.Register(t, "dave")
	e.invite(alice, bob, carol, dave)
	e.begin(alice)

	ada := e.join(alice, "opus.ogg")
	e.eventually("it rings", func() bool { return e.written(alice, rtc.NotificationType.Type) == 1 })
	ben := e.join(bob, "opus.ogg")
	e.hears(ada, ben)
	e.hears(ben, ada)
	e.testLeave(ada, ben, e.join(carol))
	e.testPower(alice, bob, ben)
	e.testHomeserverAway(ada, ben, carol)
	dan := e.join(dave)
	e.hears(dan, ada)
	e.testServerKilled(alice, bob, dave, ada, ben, dan)
	e.testRemovedFromCall(alice, carol, ada)
	e.testKicked(alice, bob, ada, ben)
	e.testSecretIsNowhere(ada)
}

// Whoever leaves takes no key along.
func (e *evening) testLeave(ada, ben, carol *attendee) {
	e.Helper()
	e.hears(carol, ada)
	before := ada.Report().Generation
	carol.Leave()
	if err := carol.keys.Close(e.Context()); err != nil {
		e.Error(err)
	}
	e.eventually("the keys rotate", func() bool { return ada.Report().Generation > before })
	e.hears(ben, ada)
}

func (e *evening) power(owner, other homeserver.User, level int) {
	e.Helper()
	e.call(owner, http.MethodPut, e.path()+"/state/m.room.power_levels/", e.powers(owner, map[string]int{other.ID: level}), nil)
}

// A power level is a role at once.
func (e *evening) testPower(alice, bob homeserver.User, ben *attendee) {
	e.Helper()
	e.power(alice, bob, 50)
	e.eventually("he moderates", func() bool { return ben.Role() == wire.RoleModerator })
	e.power(alice, bob, 0)
	e.eventually("he does not any more", func() bool { return ben.Role() == wire.RoleParticipant })
}

// A call goes on without its homeserver; when that is back, people come as before.
func (e *evening) testHomeserverAway(ada, ben *attendee, carol homeserver.User) {
	e.Helper()
	e.hs.Stop(e.T)
	e.hears(ben, ada)
	e.hs.Again(e.T)
	again := e.join(carol)
	e.hears(again, ada)
	again.Leave()
	_ = again.keys.Close(e.Context())
}

// The server is killed, with the bridge in it. Everybody comes back, to the same call; what was done in Matrix meanwhile is done here.
func (e *evening) testServerKilled(alice, bob, dave homeserver.User, ada, ben, dan *attendee) {
	e.Helper()
	if err := e.server.Process.Kill(); err != nil {
		e.Fatal(err)
	}
	_ = e.server.Wait()
	e.kick(alice, dave)
	e.power(alice, bob, 50)
	e.start()
	e.hears(ben, ada)
	e.hears(ada, ben)
	e.out(dan)
	e.eventually("he moderates", func() bool { return ben.Role() == wire.RoleModerator })
	slug := e.slug
	e.begin(alice)
	if rings := e.written(alice, rtc.NotificationType.Type); e.slug != slug || rings != 1 {
		e.Errorf("it rang %d times, for %s and %s", rings, slug, e.slug)
	}
}

// Whom a moderator removes from the call is kicked from the room.
func (e *evening) testRemovedFromCall(alice, carol homeserver.User, ada *attendee) {
	e.Helper()
	again := e.join(carol)
	e.hears(again, ada)
	var who olmkeys.Ref
	e.eventually("her name is known", func() bool {
		var err error
		who, err = ada.Find(carol.ID)
		return err == nil
	})
	if _, err := ada.Remove(who, false); err != nil {
		e.Fatal(err)
	}
	e.out(again)
	e.eventually("she is kicked", func() bool { return e.membership(alice, carol.ID) == "leave" })
}

// Whoever is kicked from the room leaves the call at once: keys rotate, and no token is given.
func (e *evening) testKicked(alice, bob homeserver.User, ada, ben *attendee) {
	e.Helper()
	before := ada.Report().Generation
	e.kick(alice, bob)
	e.out(ben)
	e.eventually("the keys rotate", func() bool { return ada.Report().Generation > before })
	if _, err := ben.keys.Token(e.Context()); !errors.Is(err, matrixkeys.ErrToken) {
		e.Errorf("a token for who was kicked: %v", err)
	}
}

// The secret that the clients made for themselves is neither in the server nor in what the homeserver keeps.
func (e *evening) testSecretIsNowhere(ada *attendee) {
	e.Helper()
	_, secret, _ := strings.Cut(ada.Link(), "#")
	if secret == "" {
		e.Fatal("there is no secret")
	}
	look := func(where string, text []byte) {
		if bytes.Contains(text, []byte(secret)) {
			e.Errorf("the secret is in %s", where)
		}
	}
	if !memoryOf(e.T, e.server.Process.Pid, look, []byte(e.slug)) {
		e.Error("the search of the memory finds nothing of what is there")
	}
	known := false
	for _, folder := range []string{e.data, e.hs.Folder()} {
		files, err := filepath.Glob(filepath.Join(folder, "*.db*"))
		if err != nil {
			e.Fatal(err)
		}
		for _, path := range files {
			text, err := os.ReadFile(path)
			if err != nil {
				e.Fatal(err)
			}
			look(path, text)
			known = known || strings.HasPrefix(path, e.hs.Folder()) && bytes.Contains(text, []byte(e.slug))
		}
	}
	if !known {
		e.Error("the search of the homeserver's files finds nothing of what is there")
	}
}
