package call

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

func TestNewLink(t *testing.T) {
	for words, pattern := range map[bool]string{
		false: `^https://meet\.example:8443/r/[b-z2-9]{3}-[b-z2-9]{4}-[b-z2-9]{3}#[A-Za-z0-9_-]{22}$`,
		true:  `^https://meet\.example:8443/r/[b-z2-9]{3}-[b-z2-9]{4}-[b-z2-9]{3}#[a-z]+(-[a-z]+){7}$`,
	} {
		link, err := NewLink("https://meet.example:8443/", words)
		if err != nil || !regexp.MustCompile(pattern).MatchString(link) {
			t.Errorf("%s, %v", link, err)
		}
		if _, err := ParseLink(link); err != nil {
			t.Errorf("%s: %v", link, err)
		}
	}
	for _, bad := range []string{"", "meet.example", "ftp://meet.example", "https://", "https://meet.example/r/room", "https://a:b@meet.example", "https://meet.example#x", "https://meet.example?x"} {
		if link, err := NewLink(bad, false); !errors.Is(err, ErrLink) {
			t.Errorf("%q: %s, %v", bad, link, err)
		}
	}
}

func TestWithWords(t *testing.T) {
	const room = "https://meet.example/r/room"
	link, err := WithWords(room, "Abacus, zoom ability yodel cobalt daisy umbrella pliable")
	if err != nil || link != room+"#abacus-zoom-ability-yodel-cobalt-daisy-umbrella-pliable" {
		t.Errorf("%s, %v", link, err)
	}
	for words, want := range map[string]string{"abacus zoom": "2 of them", "abacus zooom": `"zooom", is not in the list`} {
		_, err := WithWords(room, words)
		if e, _ := errors.AsType[*Error](err); e == nil || e.Class != ErrLink || !strings.Contains(e.What, want) || e.Hint == "" {
			t.Errorf("%q: %v", words, err)
		}
	}
	if _, err := WithWords(room+"#"+newSecret(), "abacus"); !errors.Is(err, ErrLink) {
		t.Errorf("words beside a secret: %v", err)
	}
}

// TestK6_WrongWords: who misheard a word opens nothing and is told to check the words; the others are told that
// somebody is there with another secret.
func TestK6_WrongWords(t *testing.T) {
	const right = "abacus-zoom-ability-yodel-cobalt-daisy-umbrella-pliable"
	w := newWorld(t)
	a := w.join(right, Config{Name: "A"}, "opus.ogg")
	b := w.join(right, Config{Name: "B"})
	eventually(t, "the same words open", func() bool { return b.opened("A", wire.SourceMic) > 20 })
	m := w.join("abacus-zoom-ability-yodel-cobalt-daisy-umbrella-plunder", Config{Name: "M"})
	eventually(t, "both sides are told", func() bool {
		e, _ := errors.AsType[*Error](m.Report().Opened())
		return e != nil && strings.Contains(e.What, "the others joined with another secret; check the words") &&
			a.state(stranger) == olmkeys.StateWrongSecret && b.state(stranger) == olmkeys.StateWrongSecret
	})
	if e, _ := errors.AsType[*Error](m.Report().Met()); e == nil || !strings.Contains(e.What, "check the words") {
		t.Errorf("%v", m.Report().Met())
	}
}
