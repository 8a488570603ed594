package call

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// noticed collects what a call says.
type noticed struct {
	mu  sync.Mutex
	all []string
}

func (n *noticed) notice(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, text)
}

func (n *noticed) has(part string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Contains(strings.Join(n.all, "\n"), part)
}

func (c *Call) present(name string) olmkeys.Ref {
	ref, _ := c.Find(name)
	return ref
}

// A meeting with a door: the name at it opens for the moderator, who lets one in and refuses the other; then everything
// that a moderator can do, with what the others see of it.
func TestModeration(t *testing.T) {
	w := newWorld(t)
	secret := newSecret()
	knocks := make(chan PersonEvent, 8)
	ada := w.join(secret, Config{Name: "Ada", OnPerson: func(e PersonEvent) {
		if e.What == Knocks {
			knocks <- e
		}
	}})
	if role := ada.Role(); role != wire.RoleModerator {
		t.Fatalf("the first is %q", role)
	}
	if err := ada.WaitingRoom(true); err != nil {
		t.Fatal(err)
	}
	var bens noticed
	type joined struct {
		call *Call
		err  error
	}
	knock := func(name, secret string, notice func(string), files ...string) <-chan joined {
		done := make(chan joined, 1)
		go func() {
			for i, f := range files {
				files[i] = "../../testdata/media/" + f
			}
			media, err := OpenMedia(files)
			if err != nil {
				done <- joined{nil, err}
				return
			}
			c, err := Join(context.Background(), Config{Link: w.link(secret), Name: name, OnNotice: notice, Publish: media})
			done <- joined{c, err}
		}()
		return done
	}
	ben := knock("Ben", secret, bens.notice, "opus.ogg")
	if e := <-knocks; e.Name != "Ben" {
		t.Fatalf("%+v", e)
	}
	if !bens.has("Waiting to be let in.") {
		t.Error("Ben is not told that he waits")
	}
	if err := ada.Admit("Ben", true); err != nil {
		t.Fatal(err)
	}
	in := <-ben
	if in.err != nil {
		t.Fatal(in.err)
	}
	t.Cleanup(in.call.Leave)
	// Somebody with another link is a stranger already at the door.
	mal := knock("Ada", newSecret(), nil)
	if e := <-knocks; e.Name != stranger {
		t.Fatalf("%+v", e)
	}
	if err := ada.Admit(stranger, false); err != nil {
		t.Fatal(err)
	}
	if out := <-mal; !errors.Is(out.err, ErrRefused) {
		t.Fatalf("%v", out.err)
	}
	eventually(t, "Ada hears Ben", func() bool { return ada.opened("Ben", wire.SourceMic) > 5 })
	if err := in.call.Lock(true); err == nil {
		t.Error("a participant locked the meeting")
	}

	// A request to be silent is obeyed, of a moderator.
	if err := ada.AskOff(ada.present("Ben"), Microphone); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ben says who it was", func() bool { return bens.has("Ada switched your microphone off.") })
	fallsSilent(t, ada, "Ben")

	// Handing over, and what the one before may do then.
	if err := ada.SetRole(ada.present("Ben"), wire.RoleModerator); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ben moderates", func() bool { return in.call.Role() == wire.RoleModerator })
	if err := in.call.End(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Call{ada, in.call} {
		select {
		case <-c.Done():
			if c.Err() != nil {
				t.Error(c.Err())
			}
		case <-time.After(patience):
			t.Fatal("the meeting goes on")
		}
	}
}

func find(s *session, name string) olmkeys.Ref {
	for ref, p := range s.people {
		if p.name == name {
			return ref
		}
	}
	return olmkeys.Ref{}
}

// A moderator's removal ends the session at the server too, and whoever only watches sends nothing.
func TestViewersAndRemovals(t *testing.T) {
	w := newWorld(t)
	secret := newSecret()
	var bens noticed
	ada := w.join(secret, Config{Name: "Ada"})
	ben := w.join(secret, Config{Name: "Ben", OnNotice: bens.notice}, "opus.ogg")
	eventually(t, "Ada hears Ben", func() bool { return ada.opened("Ben", wire.SourceMic) > 5 })
	if err := ada.SetRole(ada.present("Ben"), wire.RoleViewer); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ben is told", func() bool { return bens.has("viewer") })
	fallsSilent(t, ada, "Ben")
	heard := ada.opened("Ben", wire.SourceMic)
	if err := ada.SetRole(ada.present("Ben"), wire.RoleParticipant); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ada hears Ben again", func() bool { return ada.opened("Ben", wire.SourceMic) > heard+5 })
	// Who runs the server can have it switched off as well.
	rooms := w.node.Rooms()
	if err := rooms.AskMute(w.slug, rooms.Participants(w.slug)[1].ID, wire.SourceMic); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ben says who it was", func() bool { return bens.has("Who runs this server switched your microphone off.") })
	fallsSilent(t, ada, "Ben")
	if _, err := ada.Remove(ada.present("Ben"), false); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ben.Done():
	case <-time.After(patience):
		t.Fatal("Ben is still there")
	}
	if !errors.Is(ben.Err(), ErrRemoved) {
		t.Error(ben.Err())
	}
}
