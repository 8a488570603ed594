package call

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// diary is what one participant was told.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) config(name string) Config {
	note := func(format string, args ...any) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.lines = append(d.lines, fmt.Sprintf(format, args...))
	}
	return Config{Name: name,
		OnChat: func(l ChatLine) {
			if l.Private {
				note("%s privately: %s", l.Name, l.Text)
			} else {
				note("%s: %s", l.Name, l.Text)
			}
		},
		OnPerson: func(e PersonEvent) { note("%s %s%s", e.Name, e.What, e.Emoji) },
	}
}

func (d *diary) has(line string) bool { return d.count(line) > 0 }

func (d *diary) count(line string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.lines {
		if l == line {
			n++
		}
	}
	return n
}

func (d *diary) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, "\n")
}

func mustSay(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// TestK18_Chat: two talk, to all and privately; a third member hears only what is for all, somebody with another secret
// hears nothing and is heard by nobody, and both sides are told so.
func TestK18_Chat(t *testing.T) {
	w, secret := newWorld(t), newSecret()
	var da, db, dc, dm diary
	a, b, c := w.join(secret, da.config("A")), w.join(secret, db.config("B")), w.join(secret, dc.config("C"))
	m := w.join(newSecret(), dm.config("B"))
	for _, member := range []*Call{a, b, c} {
		member.Meet(t.Context())
	}
	eventually(t, "the stranger is seen", func() bool {
		return da.has(stranger+" wrong_secret") && dm.count(stranger+" wrong_secret") == 3
	})
	toB, err := a.Find("B")
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, a.Say("hello all"))
	mustSay(t, a.SayTo(toB, "hello B"))
	toA, err := b.Find("A")
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, b.SayTo(toA, "hello A"))
	mustSay(t, b.React("👍"))
	if err := m.Say("psst"); !errors.Is(err, ErrUnsaid) {
		t.Errorf("somebody with another secret talks to %v", err)
	}
	// What its client would send if it did not mind.
	mustSay(t, m.inSession(func(s *session) error { s.say(chatKind, chat{Text: "psst"}); return nil }))
	mustSay(t, a.Say("the last one"))
	eventually(t, "all is heard", func() bool {
		return db.has("A: hello all") && db.has("A privately: hello B") && db.has("A: the last one") &&
			dc.has("A: hello all") && dc.has("B reaction👍") && dc.has("A: the last one") && da.has("B privately: hello A")
	})
	if text := dc.text(); strings.Contains(text, "hello A\n") || strings.Contains(text, "hello B") {
		t.Errorf("C heard what was private:\n%s", text)
	}
	if text := dm.text(); strings.Contains(text, "hello") || strings.Contains(text, "reaction") || strings.Contains(text, "joined") {
		t.Errorf("who has another secret heard:\n%s", text)
	}
	for _, d := range []*diary{&da, &db, &dc} {
		if strings.Contains(d.text(), "psst") {
			t.Errorf("who has another secret was heard:\n%s", d.text())
		}
	}
	for _, c := range []*Call{a, b, c} {
		if c.faults(t)[olmkeys.ErrNotAdmitted.Error()] == 0 {
			t.Error("what it said did not arrive: the test shows nothing") // with the secret it is heard: TestK18_DeviceWithoutProof in olmkeys
		}
	}
	if a.state(stranger) != olmkeys.StateWrongSecret || m.Report().Met() == nil || a.Report().Met() != nil {
		t.Errorf("A: %v, M: %v", a.Report().Met(), m.Report().Met())
	}
	c.Leave()
	eventually(t, "the departure is told", func() bool { return da.has("C left") && db.has("C left") })
}

// What nobody is there to read is not said, and whoever said it is told; the hand is told to those who come later.
func TestAlone(t *testing.T) {
	w, secret := newWorld(t), newSecret()
	var da, db diary
	a := w.join(secret, da.config("A"))
	for what, err := range map[string]error{"a line": a.Say("hello"), "a reaction": a.React("🎉")} {
		e, _ := errors.AsType[*Error](err)
		if e == nil || !errors.Is(err, ErrUnsaid) || !strings.Contains(e.What, "nobody is here") {
			t.Errorf("%s with nobody there: %v", what, err)
		}
	}
	if _, err := a.Find("B"); !errors.Is(err, ErrUnsaid) {
		t.Errorf("somebody was found: %v", err)
	}
	a.RaiseHand(true)
	b := w.join(secret, db.config("B"))
	eventually(t, "the newcomer sees the hand", func() bool { return db.has("A joined") && db.has("A hand_raised") })
	if strings.Contains(db.text(), "hello") {
		t.Error("the newcomer heard what was said before")
	}
	a.RaiseHand(false)
	eventually(t, "the hand is seen to go down", func() bool { return db.has("A hand_lowered") })
	for _, text := range []string{"", " \n\x07", strings.Repeat("x", maxText+1)} {
		if err := a.Say(text); !errors.Is(err, ErrUnsaid) {
			t.Errorf("%.5q: %v", text, err)
		}
	}
	if err := a.React("🔥"); !errors.Is(err, ErrUnsaid) {
		t.Errorf("another reaction: %v", err)
	}
	a.Meet(t.Context())
	mustSay(t, a.Say(strings.Repeat("ü", maxText)))
	eventually(t, "the longest line arrives", func() bool { return db.has("A: " + strings.Repeat("ü", maxText)) })

	// Two of one name are told apart, and nobody is taken for the other.
	var dc diary
	c := w.join(secret, dc.config("A"))
	b.Meet(t.Context())
	eventually(t, "both are there", func() bool { _, err := b.Find("A"); return err != nil && strings.Contains(err.Error(), "2 people") })
	device := c.Report().Device
	ref, err := b.Find(device)
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, b.SayTo(ref, "which one?"))
	mustSay(t, c.Say("me"))
	eventually(t, "they are told apart", func() bool { return dc.has("B privately: which one?") && db.has("A "+device+": me") })
	c.Leave()
	eventually(t, "it has left", func() bool { return b.SayTo(ref, "still?") != nil })
	a.Leave()
	if err := a.Say("x"); !errors.Is(err, ErrUnsaid) {
		t.Errorf("after leaving: %v", err)
	}
}

// Text is made fit to be shown, when it is written and when it is read.
func TestCleanText(t *testing.T) {
	for in, want := range map[string]string{
		"hello":                          "hello",
		"  two\r\nlines\rand\u2028more ": "two\nlines\nand\nmore",
		"\x1b[2Jgone\x1b]0;title\x07":    "[2Jgone ]0;title",
		"a\u202eb\u2066c\u200fd\u061ce":  "abcde",
		"\u009b31mred":                   "31mred",
		"👩\u200d👧 \ufeffbom\ufffd":       "👩\u200d👧 bom",
		"tab\there":                      "tab here",
		"\x00\x7f\n\n":                   "",
	} {
		if got := cleanText(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"\x1b[31mBob\u202e\n \u200dx": "[31mBob x",
		"B\x01ob":                     "B ob",
		"B\u202eob":                   "Bob",
		strings.Repeat("\u200b", maxName) + "Bob": "Bob",
		strings.Repeat("\u200d", maxName) + "Bob": "", // olmkeys has cut it there too
	} {
		if got := cleanName(in); got != want {
			t.Errorf("the name %q becomes %q, not %q", in, got, want)
		}
	}
}

// The page and the key logic clean text in the same way, and read the same vectors. Names here have no joiners.
func TestTextVectors(t *testing.T) {
	b, err := os.ReadFile("../../olmkeys/testdata/text.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Names []struct{ What, In, Out string }
		Lines []struct {
			What, In, Out string
			Limit         int
		}
	}
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Names {
		if got := cleanName(v.In); got != v.Out || cleanName(got) != got {
			t.Errorf("%s: %+q becomes %+q, then %+q", v.What, v.In, got, cleanName(got))
		}
	}
	for _, v := range vectors.Lines {
		if got := cut(cleanText(v.In), v.Limit); got != v.Out || cleanText(got) != got {
			t.Errorf("%s: %+q becomes %+q, then %+q", v.What, v.In, got, cleanText(got))
		}
	}
}

// wiretap keeps what the server sends to clients: frames from a server are not masked.
type wiretap struct {
	net.Conn
	keep func([]byte)
}

func (c wiretap) Write(b []byte) (int, error) {
	c.keep(bytes.Clone(b))
	return c.Conn.Write(b)
}

var bodies = regexp.MustCompile(`"body":"([A-Za-z0-9+/]+)"`)

// TestF7_TheServerReadsNoChat: of what people write and are called, to all or privately, nothing passes the server in
// the clear. A client that does not seal, which only a test can be, is seen through.
func TestF7_TheServerReadsNoChat(t *testing.T) {
	const marker = "GROTTO-PLAINTEXT-MARKER"
	w, secret := newWorld(t), newSecret()
	var mu sync.Mutex
	var relayed []byte
	w.mu.Lock()
	w.wrap = func(c net.Conn) net.Conn {
		return wiretap{c, func(b []byte) {
			mu.Lock()
			defer mu.Unlock()
			relayed = append(relayed, b...)
		}}
	}
	w.mu.Unlock()
	seen := func() bool {
		mu.Lock()
		defer mu.Unlock()
		if bytes.Contains(relayed, []byte(marker)) {
			return true
		}
		for _, m := range bodies.FindAllSubmatch(relayed, -1) {
			if plain, err := base64.RawStdEncoding.DecodeString(string(m[1])); err == nil && bytes.Contains(plain, []byte(marker)) {
				return true
			}
		}
		return false
	}
	var da, db diary
	a, b := w.join(secret, da.config("A "+marker)), w.join(secret, db.config("B"))
	a.Meet(t.Context())
	b.Meet(t.Context())
	mustSay(t, a.Say(marker))
	ref, err := a.Find("B")
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, a.SayTo(ref, marker))
	eventually(t, "it arrives", func() bool { return db.has("A "+marker+": "+marker) && db.has("A "+marker+" privately: "+marker) })
	if seen() {
		t.Error("the server saw what was written")
	}
	mustSay(t, a.inSession(func(s *session) error {
		s.request(&wire.SendData{Body: wire.Base64(marker)})
		return nil
	}))
	eventually(t, "what is not sealed is seen; else the test is blind", seen)
	if db.count("A "+marker+": "+marker) != 1 {
		t.Error("B heard what was not sealed")
	}
}
