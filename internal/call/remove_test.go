package call

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// find waits until somebody is known by name.
func (c *Call) find(t *testing.T, name string) (ref olmkeys.Ref) {
	t.Helper()
	eventually(t, "somebody is called "+name, func() (found bool) {
		var err error
		ref, err = c.Find(name)
		return err == nil
	})
	return ref
}

// TestK9_RemovedReturnsWithTheOldLink: who was removed is told and opens nothing of what is sent a second later; with
// another device and the old link she gets nothing, if the link was changed, and everything if it was not.
func TestK9_RemovedReturnsWithTheOldLink(t *testing.T) {
	for _, change := range []bool{true, false} {
		w, secret := newWorld(t), newSecret()
		notice := make(chan string, 64)
		a := w.join(secret, Config{Name: "A"}, "opus.ogg")
		b := w.join(secret, Config{Name: "B", OnNotice: func(text string) { notice <- text }})
		var first, second loot
		m := w.join(secret, Config{Name: "M", observe: first.observe})
		eventually(t, "B and M open A's frames", func() bool {
			return b.opened("A", wire.SourceMic) > 20 && m.opened("A", wire.SourceMic) > 20
		})
		link, err := a.Remove(a.find(t, "M"), change)
		if err != nil || (link != "") != change {
			t.Fatalf("%v; a link: %v", err, link != "")
		}
		removed := time.Now()
		<-m.Done()
		if err := m.Err(); !errors.Is(err, ErrRemoved) || !strings.Contains(err.Error(), "removed from this meeting by A") {
			t.Errorf("M: %v", err)
		}
		a.Settle(context.Background())
		if change {
			told := <-notice
			if _, fragment, _ := strings.Cut(link, "#"); !strings.Contains(told, "link was changed by A") || strings.Contains(told, fragment) {
				t.Errorf("B is told %q", told)
			}
			if a.Link() != link || b.Link() != link || strings.Contains(link, secret) {
				t.Error("A and B have other links than was returned")
			}
		}

		again := w.join(secret, Config{Name: "M", observe: second.observe})
		eventually(t, "what A sends reaches M", func() bool {
			return refusedFrames(again.Report()) > 50 || again.opened("A", wire.SourceMic) > 50
		})
		eventually(t, "A talks on", func() bool { return len(sealedSound(w, removed.Add(time.Second), time.Now())) > 60 })
		frames := sealedSound(w, removed.Add(time.Second), time.Now())
		if n := count(frames, func(f []byte) bool { return first.open(f, true) }); n > 0 || len(frames) < 20 {
			t.Errorf("%d of %d frames sent 1 s after the removal open", n, len(frames))
		}
		if !change {
			eventually(t, "M opens what A sends: the link is as it was", func() bool { return again.opened("A", wire.SourceMic) > 20 })
			continue
		}
		if !slices.ContainsFunc(a.Report().Participants, func(p ParticipantReport) bool { return p.State == olmkeys.StateWrongSecret }) || again.opened("A", wire.SourceMic) != 0 || again.opened(stranger, wire.SourceMic) != 0 {
			t.Errorf("A has met %+v", a.Report().Participants)
		}
		second.mu.Lock()
		if len(second.keys) > 0 {
			t.Error("M was given keys")
		}
		second.mu.Unlock()

		// Whoever has the new link comes in, and a server that forgot everybody does not put the old one back.
		parsed, err := ParseLink(link)
		if err != nil {
			t.Fatal(err)
		}
		c := w.joinAt(parsed, Config{Name: "C"})
		eventually(t, "C opens A's frames", func() bool { return c.opened("A", wire.SourceMic) > 20 })
		again.Leave()
		w.stop()
		w.cut(false)
		w.start()
		before := b.opened("A", wire.SourceMic)
		eventually(t, "A and B come back to each other", func() bool { return b.opened("A", wire.SourceMic) > before+20 })
	}
}

func TestRemoveOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	a := w.join(newSecret(), Config{Name: "A"})
	if _, err := a.Remove(olmkeys.Ref{User: "@x:y"}, true); !errors.Is(err, ErrUnsaid) {
		t.Errorf("%v", err)
	}
	if got := a.Link(); got != "http://"+w.Addr().String()+"/r/"+w.slug+"#"+olmkeys.Secret(a.config.Link.secret).Fragment() {
		t.Error("another link than the one that was joined by")
	}
}
