package call

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// What a room is without is not said, and not heard of somebody who says it all the same.
func TestRoomWithout(t *testing.T) {
	var off atomic.Pointer[[]wire.Feature]
	off.Store(&[]wire.Feature{})
	w := startWorld(&world{t: t, with: func(c *node.Config) {
		c.Terms = func(context.Context, string) (room.Terms, error) { return room.Terms{Off: *off.Load()}, nil }
	}})
	secret := newSecret()
	ada := w.join(secret, new(diary).config("Ada"))
	off.Store(&[]wire.Feature{wire.FeatureChat, wire.FeatureReactions, wire.FeaturePolls, wire.FeatureRaiseHand, wire.FeatureRecording})
	heard := new(diary)
	ben := w.join(secret, heard.config("Ben"))
	ben.Meet(t.Context())
	eventually(t, "Ada sees Ben", func() bool { _, err := ada.Find("Ben"); return err == nil })
	ada.Meet(t.Context())
	if err := ada.Say("hello"); err != nil {
		t.Fatal(err)
	}
	var to olmkeys.Ref
	eventually(t, "Ada is found", func() bool {
		var err error
		to, err = ben.Find("Ada")
		return err == nil
	})
	_, asked := ben.Ask("when?", []string{"now", "later"}, false)
	for name, err := range map[string]error{"a line": ben.Say("hello"), "a private line": ben.SayTo(to, "psst"), "a reaction": ben.React(Reactions[0]),
		"a poll": asked, "a file": ben.Share("a.txt", []byte("a"))} {
		if !errors.Is(err, ErrUnsaid) || err.Error() != "call: not said: it is switched off in this room" {
			t.Errorf("%s: %v", name, err)
		}
	}
	ada.RaiseHand(true)
	eventually(t, "a hand", func() bool { return heard.has("Ada " + string(Raised)) })
	if heard.has("Ada: hello") {
		t.Error("Ben heard what the room is without")
	}
	recorder, err := NewRecorder(t.TempDir(), PerTrack)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Join(t.Context(), Config{Name: "Eve", Link: w.link(secret), Recorder: recorder}); !errors.Is(err, ErrRefused) {
		t.Errorf("a recorder: %v", err)
	}
}
