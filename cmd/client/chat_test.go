package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/olmkeys"
)

const patience = 20 * time.Second

// terminal is a grotto that a person, or a script, types into.
type terminal struct {
	t      *testing.T
	stdin  *os.File
	out    screen
	err    screen
	status chan int
	leave  context.CancelFunc
}

type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func open(t *testing.T, args ...string) *terminal {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	term := &terminal{t: t, stdin: w, status: make(chan int, 1), leave: cancel}
	go func() { term.status <- run(ctx, args, r, &term.out, &term.err) }()
	t.Cleanup(func() {
		cancel()
		_ = w.Close()
		_ = r.Close()
	})
	return term
}

func (term *terminal) types(lines ...string) {
	term.t.Helper()
	for _, l := range lines {
		if _, err := term.stdin.WriteString(l + "\n"); err != nil {
			term.t.Fatal(err)
		}
	}
}

func (term *terminal) sees(s *screen, text string) {
	term.t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(s.String(), text); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			term.t.Fatalf("not within %v: %q\nout:\n%s\nerr:\n%s", patience, text, &term.out, &term.err)
		}
	}
}

func (term *terminal) ends(status int) {
	term.t.Helper()
	select {
	case got := <-term.status:
		if got != status {
			term.t.Errorf("status %d, not %d\nout:\n%s\nerr:\n%s", got, status, &term.out, &term.err)
		}
	case <-time.After(patience):
		term.t.Fatalf("does not end\nout:\n%s\nerr:\n%s", &term.out, &term.err)
	}
}

const (
	testWords  = "abacus-zoom-ability-yodel-cobalt-daisy-umbrella-pliable"
	testSecret = "#AAECAwQFBgcICQoLDA0ODw"
)

// Two talk, a third sees what is for all, and a fourth with another secret nothing.
func TestChat(t *testing.T) {
	server := startServer(t)
	room := server + "/r/chat-room"
	bob := open(t, "chat", room+testSecret, "--name", "Bob Smith")
	bob.sees(&bob.err, "Joined chat-room.")
	carol := open(t, "chat", room+testSecret, "--name", "Carol (to you)", "--json")
	carol.sees(&carol.out, `"name":"Bob Smith"`)
	mallory := open(t, "chat", room+"#BBECAwQFBgcICQoLDA0ODw", "--name", "Bob Smith")
	mallory.sees(&mallory.err, "another secret than yours")
	alice := open(t, "chat", room+testSecret, "--name", "Alice")
	for _, term := range []*terminal{bob, alice} {
		term.sees(&term.err, `"Carol (to you)" joined.`)
		term.sees(&term.err, "another secret than yours")
	}
	alice.sees(&alice.err, "Bob Smith joined.")
	bob.sees(&bob.err, "Alice joined.")

	alice.types("hello, all", "/to Bob Smith only you", "  ", "//etc", "/hand up", "/react ❤", "/hand down",
		"\x1b[2J\u202eclear", "/to nobody x", "/to Bob Smith", "/nonsense", "/react x")
	bob.sees(&bob.out, "Alice: hello, all\nAlice (to you): only you\nAlice: /etc\nAlice: [2Jclear\n")
	bob.sees(&bob.err, "Alice raises a hand.\nAlice: ❤️\nAlice lowers the hand.\n")
	carol.sees(&carol.out, `{"type":"chat","name":"Alice","user":"`)
	carol.sees(&carol.out, `"text":"[2Jclear"`)
	carol.sees(&carol.out, `"emoji":"❤️"`)
	for _, text := range []string{`not sent: nobody here is called "nobody"`, `not sent: nobody here is called "Bob"`, "not sent: there is no such command", "not sent: that is no reaction"} {
		alice.sees(&alice.err, text)
	}
	bob.types("/to Alice psst")
	alice.sees(&alice.out, "Bob Smith (to you): psst\n")
	carol.types("/to Alice mine")
	alice.sees(&alice.out, `"Carol (to you)" (to you): mine`)
	alice.types(`/to "Carol (to you)" yours`)
	carol.sees(&carol.out, `"private":true,"text":"yours"`)
	mallory.types("psst")
	mallory.sees(&mallory.err, "not sent: nobody is here to read it")

	for line := range strings.Lines(carol.out.String()) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Type == "" || e.Name == "" {
			t.Errorf("%s: %v", line, err)
		}
	}
	if text := carol.out.String(); strings.Contains(text, "only you") || strings.Contains(text, "psst") {
		t.Errorf("Carol read what was private:\n%s", text)
	}
	if mallory.out.String() != "" || strings.Contains(mallory.err.String(), "Alice") {
		t.Errorf("who has another secret read:\n%s%s", &mallory.out, &mallory.err)
	}
	for _, term := range []*terminal{alice, bob, carol, mallory} {
		if all := term.out.String() + term.err.String(); strings.ContainsAny(all, "\x1b\u202e") || strings.Contains(all, "AAECAw") {
			t.Errorf("printed: %q", all)
		}
	}

	// The end of a pipe is the end of the talk; so is a signal.
	_ = alice.stdin.Close()
	alice.ends(exitUnsaid)
	bob.sees(&bob.err, "Alice left.")
	bob.leave()
	bob.ends(exitOK)
	_ = mallory.stdin.Close()
	mallory.ends(exitNothing)
	mallory.sees(&mallory.err, "grotto: nothing could be opened: the others joined with another secret")
	_ = carol.stdin.Close()
	carol.ends(exitOK)
}

// Polls are asked, answered and closed, and files offered, taken and written, from one terminal to another.
func TestChatPollsAndFiles(t *testing.T) {
	server := startServer(t)
	room := server + "/r/chat-room" + testSecret
	dir := t.TempDir()
	bob := open(t, "chat", room, "--name", "Bob", "--files", dir)
	bob.sees(&bob.err, "Joined chat-room.")
	alice := open(t, "chat", room, "--name", "Alice", "--json")
	alice.sees(&alice.out, `"name":"Bob"`)
	bob.sees(&bob.err, "Alice joined.")

	alice.types("/ask Tea? | Yes | No")
	bob.sees(&bob.err, "Poll 1, Alice asks: Tea? (1) Yes (2) No\n")
	bob.types("/vote 1 3", "/vote one", "/vote 1 2", "/polls")
	bob.sees(&bob.err, "not sent: poll 1 has no answer 3\nhint: 1 to 2\n")
	bob.sees(&bob.err, "not sent: there is no such command")
	bob.sees(&bob.err, "Poll 1: Tea? (1) Yes: 0 (2*) No: 1\n")
	alice.sees(&alice.out, `{"type":"answer","name":"Bob"`)
	alice.types("/close 1")
	bob.sees(&bob.err, "Poll 1 is closed: Tea? (1) Yes: 0 (2) No: 1\n")
	alice.sees(&alice.out, `"result":{"options":[{"text":"Yes","votes":0,"mine":false},{"text":"No","votes":1,"mine":false}],"voters":1,"closed":true}`)

	path := filepath.Join(t.TempDir(), "notes of today.txt")
	content := bytes.Repeat([]byte("0123456789"), 5000)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(dir, "notes of today.txt")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	alice.types("/send "+path, "/send-to Bob "+path, "/send "+dir, "/send "+path+"x", "/send-to Bob", "/take 1")
	bob.sees(&bob.err, "File 1, Alice shares: notes of today.txt, 50000 bytes\n")
	bob.sees(&bob.err, "File 2, Alice shares with you: notes of today.txt, 50000 bytes\n")
	for _, text := range []string{"is not a file", "notes of today.txtx: no such file", "there is nothing in it", "there is no file 1"} {
		alice.sees(&alice.err, text)
	}
	bob.types("/take 1")
	bob.sees(&bob.err, "Saved as "+filepath.Join(dir, "notes of today (1).txt")+".\n")
	alice.sees(&alice.out, `{"type":"file_taken","name":"Bob"`)
	bob.types("/take 2")
	_ = bob.stdin.Close() // what is on its way is waited for
	bob.ends(exitUnsaid)
	for i, want := range [][]byte{nil, content, content} {
		name := taken
		if i > 0 {
			name = filepath.Join(dir, fmt.Sprintf("notes of today (%d).txt", i))
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// A line that is typed before anybody is there is heard by nobody, and the status says so. --to speaks to one.
func TestChatAlone(t *testing.T) {
	server := startServer(t)
	room := server + "/r/chat-room"
	alice := open(t, "chat", room, "--words", strings.ToUpper(strings.ReplaceAll(testWords, "-", ", ")), "--name", "Alice")
	alice.types("hello?")
	alice.sees(&alice.err, "not sent: nobody is here to read it\nhint: wait until somebody has joined\n")
	bob := open(t, "chat", room+"#"+testWords, "--name", "Bob", "--to", "Alice")
	bob.types("hi") // waits until Alice is known by name
	alice.sees(&alice.out, "Bob (to you): hi\n")
	_ = bob.stdin.Close()
	bob.ends(exitOK)
	_ = alice.stdin.Close()
	alice.ends(exitUnsaid)

	timed := open(t, "chat", room+"#"+testWords, "--for", "100ms")
	timed.ends(exitOK)
}

// The words of a meeting, misheard, are a state that both sides are told of.
func TestK6_WrongWordsAtTheTerminal(t *testing.T) {
	server := startServer(t)
	room := server + "/r/chat-room"
	right := open(t, "join", room+"#"+testWords, "--json")
	right.sees(&right.err, "Joined")
	wrong := open(t, "join", room, "--words", strings.Replace(testWords, "pliable", "plunder", 1))
	right.sees(&right.err, "another secret than yours")
	wrong.sees(&wrong.err, "another secret than yours")
	wrong.leave()
	wrong.ends(exitNothing)
	wrong.sees(&wrong.err, "the others joined with another secret; check the words\nhint: ")
	right.leave()
	right.ends(exitNothing)
	right.sees(&right.out, `"state":"wrong_secret"`)
}

// Nobody's text or name looks like another's.
func TestShown(t *testing.T) {
	term := &talk{}
	var out screen
	term.out = &out
	term.line(call.ChatLine{Name: "Bob", Text: "yes\nAlice: no"})
	term.line(call.ChatLine{Name: "Alice: no\tBob", Text: "x", Private: true})
	term.line(call.ChatLine{Name: "Alice (to you)", Text: "x"})
	if got, want := out.String(), "Bob: yes\n  Alice: no\n\"Alice: no\\tBob\" (to you): x\n\"Alice (to you)\": x\n"; got != want {
		t.Errorf("%s", got)
	}
	term.json = true
	term.line(call.ChatLine{From: olmkeys.Ref{User: "@a:b"}, Name: "<b>", Text: "a\nb"})
	if want := `{"type":"chat","name":"<b>","user":"@a:b","text":"a\nb"}` + "\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("%s", &out)
	}
}
