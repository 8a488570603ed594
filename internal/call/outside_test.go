package call

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

func (w *world) roomLink() Link {
	w.t.Helper()
	l, err := ParseRoomLink(fmt.Sprintf("http://%s/r/%s", w.Addr(), w.slug))
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// joinWithKey enters with a key from outside in the place of a secret.
func (w *world) joinWithKey(name string, seed byte, files ...string) *Call {
	w.t.Helper()
	c := w.joinAt(w.roomLink(), Config{Name: name, Keys: olmkeys.KeysShared}, files...)
	if err := c.SetKey(sharedKey(1, seed)); err != nil {
		w.t.Fatal(err)
	}
	return c
}

func sharedKey(generation uint32, seed byte) olmkeys.SetKey {
	return olmkeys.SetKey{Generation: generation, Key: bytes.Repeat([]byte{seed}, 32)}
}

// Two with one key exchange media, through a change of the key and of the server; a third with another key and a fourth
// with a link open nothing, and are told why.
func TestKeysFromOutside(t *testing.T) {
	w := newWorld(t)
	a, b := w.joinWithKey("A", 1, "vp8.ivf", "opus.ogg"), w.joinWithKey("B", 1, "opus.ogg")
	other := w.joinWithKey("C", 2, "opus.ogg")
	linked := w.join(newSecret(), Config{Name: "D"}, "opus.ogg")
	eventually(t, "those with one key open each other's frames", func() bool {
		return b.opened("A", wire.SourceCamera) > 20 && b.opened("A", wire.SourceMic) > 20 && a.opened("B", wire.SourceMic) > 20
	})
	if s := b.state("A"); s != olmkeys.StateOutside {
		t.Errorf("B shows A as %q", s)
	}
	eventually(t, "who has another key says so", func() bool {
		e, _ := errors.AsType[*Error](other.Report().Opened())
		return e != nil && strings.Contains(e.What, "sealed under another key") && e.Hint != ""
	})
	eventually(t, "a link is another source", func() bool {
		for _, p := range linked.Report().Participants {
			if p.State != olmkeys.StateWrongSecret {
				return false
			}
		}
		return len(linked.Report().Participants) == 3 && linked.Report().Opened() != nil
	})
	for _, tr := range append(other.Report().Tracks, linked.Report().Tracks...) {
		if tr.FramesOpened > 0 {
			t.Errorf("opened without the key: %+v", tr)
		}
	}

	for _, c := range []*Call{b, a} {
		if err := c.SetKey(sharedKey(2, 3)); err != nil {
			t.Fatal(err)
		}
	}
	before := b.opened("A", wire.SourceMic)
	eventually(t, "the new key is used", func() bool {
		return a.Report().Generation == 2 && b.Report().Generation == 2 && b.opened("A", wire.SourceMic) > before+60
	})
	w.stop()
	w.start()
	before = b.opened("A", wire.SourceMic)
	eventually(t, "the key outlives the session", func() bool { return b.opened("A", wire.SourceMic) > before+20 })
}

// Keys have one source, and it is checked before anybody is dialled.
func TestKeySourceIsOne(t *testing.T) {
	const room = "http://127.0.0.1:1/r/room"
	secret := "#" + newSecret()
	if _, err := ParseRoomLink(room + secret); !errors.Is(err, ErrLink) {
		t.Errorf("a secret beside a key: %v", err)
	}
	full, err := ParseLink(room + secret)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := ParseRoomLink(room)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]Config{"both": {Link: full, Keys: olmkeys.KeysShared}, "neither": {Link: bare}} {
		if _, err := Join(context.Background(), c); !errors.Is(err, ErrLink) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Join(context.Background(), Config{Link: bare, Keys: "x"}); !errors.Is(err, olmkeys.ErrConfig) {
		t.Errorf("an unknown source: %v", err)
	}
	if err := new(Call).SetKey(sharedKey(1, 1)); !errors.Is(err, olmkeys.ErrKeySource) {
		t.Errorf("a key beside a link: %v", err)
	}
	w := newWorld(t)
	c := w.joinAt(w.roomLink(), Config{Name: "A", Keys: olmkeys.KeysShared}, "opus.ogg")
	for _, k := range []olmkeys.SetKey{{Key: make([]byte, 31)}, {User: "@a:b", Key: make([]byte, 32)}} {
		if err := c.SetKey(k); !errors.Is(err, olmkeys.ErrOutsideKey) {
			t.Errorf("%v: %v", k, err)
		}
	}
	b := w.joinAt(w.roomLink(), Config{Name: "B", Keys: olmkeys.KeysShared})
	eventually(t, "both are there", func() bool { return len(b.Report().Participants) == 1 })
	if n := len(c.Report().Sent); n != 0 || len(w.tap.all()) != 0 {
		t.Errorf("%d tracks were sent without a key", n)
	}
}
