package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
)

const (
	acquaintance = 3 * time.Second       // how long the first line waits for those who are there to be known by name
	linger       = time.Second           // after the last line of a pipe
	linePause    = 50 * time.Millisecond // between two lines, and
	bytePause    = 20 * time.Microsecond // for each byte: below what a server takes of one client
)

type chatCommand struct {
	place
	To    string `placeholder:"NAME" help:"Say everything to this participant only."`
	Files string `type:"path" default:"." placeholder:"DIR" help:"Where files that are taken go. Nothing in it is overwritten. Default: this directory."`
	JSON  bool   `name:"json" help:"Print one JSON object for each line and event."`
	Lines bool   `help:"Write line below line at a terminal, too, rather than take all of it."`
}

// Help is printed with --help.
func (*chatCommand) Help() string {
	return `Each line of the input is sent, sealed, to everybody who is there; what others write is printed as it comes. At a terminal the
conversation has all of it, with who is there beside it: Tab completes commands and names, the arrows bring back what was
typed, PgUp and PgDn scroll, ctrl+c leaves.

  /to NAME text   to one participant only (or to a device's id)
  /react 👍       one of 👍 👏 ❤️ 😂 😮 🎉
  /hand up        raises your hand; /hand down lowers it
  //text          a line that begins with /

  /ask QUESTION | ANSWER | ANSWER   asks everybody
  /vote N A         answers poll N with answer A, or with several where it takes them; with none, takes the answer back
  /polls            how all of them stand
  /close N          ends a poll of yours

  /send FILE        offers a file of up to 8 MiB; /send-to NAME FILE to one participant only
  /take N           takes the file that was offered under this number; its hash is checked before it is written

As a moderator:

  /admit NAME, /refuse NAME      who waits to be let in
  /lock on|off, /waiting on|off  nobody new comes in; who comes has to be let in
  /role NAME ROLE                moderator, participant or viewer
  /mute NAME, /stop NAME         switches a microphone, a camera off
  /remove NAME                   out of everybody's keys, and the meeting
  /end                           the meeting, for everyone

Where the input is a pipe or a file, the meeting is left one second after its last line, or after --for; but not before
the files that were taken are there. What is offered is to be had for as long as one stays. Otherwise the end of the input
ends nothing. The status is 4 if a line could not be sent or a file did not come, 3 if everybody there had another secret.`
}

// Run talks until it is told to stop.
func (h *chatCommand) Run(ctx context.Context, c console) error {
	t := &talk{json: h.JSON, to: h.To, into: h.Files}
	if !h.JSON && !h.Lines && onTerminal(c) {
		if err := h.complete(ctx, c); err != nil {
			return err
		}
		link, _, err := h.read(h.URL)
		if err != nil {
			return err
		}
		if !c.in.begun() { // or words were typed, and the terminal is being read already
			var whole *fullScreen
			whole, ctx, c = openScreen(ctx, c, link.Slug, t.here)
			defer whole.close()
		}
	}
	t.console = c
	if !h.JSON {
		t.bar = progress(c.err, bytesBar())
	}
	joined, err := h.enter(ctx, c, call.Config{Watch: call.WatchNothing, OnChat: t.line, OnPerson: t.person, OnFile: t.file})
	if err != nil {
		return err
	}
	t.joined.Store(joined)
	t.call = joined
	h.converse(ctx, t)
	joined.Leave()
	if err := joined.Err(); err != nil {
		return err
	}
	if err := joined.Report().Met(); err != nil {
		return err
	}
	if t.unsent > 0 {
		return &call.Error{Class: call.ErrUnsaid, What: fmt.Sprintf("lines that were not sent: %d", t.unsent)}
	}
	if t.missed > 0 {
		return &call.Error{Class: call.ErrUnsaid, What: fmt.Sprintf("files that did not come: %d", t.missed)}
	}
	return nil
}

// converse sends what is typed.
func (h *chatCommand) converse(ctx context.Context, t *talk) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if h.For > 0 {
		time.AfterFunc(h.For, cancel)
	}
	meet, met := context.WithTimeout(ctx, acquaintance)
	t.call.Meet(meet)
	met()
	lines := t.in.read()
	var over <-chan time.Time
	for {
		select {
		case line, more := <-lines:
			if more {
				t.send(line)
				lines, over = nil, time.After(linePause+time.Duration(len(line))*bytePause)
				continue
			}
			lines = nil
			if t.in.err != nil {
				t.failed(t.in.err)
			}
			if h.For > 0 || !t.in.ends() {
				continue
			}
			time.AfterFunc(linger, func() { t.idle(ctx, cancel) })
		case <-over:
			lines, over = t.in.read(), nil
		case <-ctx.Done():
			return
		case <-t.call.Done():
			return
		}
	}
}

// talk is a conversation at a terminal, or for a program.
type talk struct {
	console
	call   *call.Call
	joined atomic.Pointer[call.Call] // is call, for the screen
	json   bool
	to     string
	into   string       // where files go
	taking atomic.Int32 // of them
	bar    func(name string, have, size int)

	mu     sync.Mutex // out, err and what follows: the call's goroutine prints too
	unsent int
	missed int // files
}

// here are the names of who is there.
func (t *talk) here() (names []string) {
	joined := t.joined.Load()
	if joined == nil {
		return nil
	}
	for _, p := range joined.Participants() {
		if p.Named {
			names = append(names, shown(p.Name))
		}
	}
	slices.Sort(names)
	return names
}

// idle ends the talk once nothing is on its way to us.
func (t *talk) idle(ctx context.Context, end func()) {
	for t.taking.Load() > 0 && wait(ctx, linePause) {
	}
	end()
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// send does what a line says, and tells where it cannot be done.
func (t *talk) send(line string) {
	if err := t.obey(line); err != nil {
		t.failed(err)
	}
}

func (t *talk) obey(line string) error {
	if strings.TrimSpace(line) == "" {
		return nil
	}
	if !strings.HasPrefix(line, "/") || strings.HasPrefix(line, "//") {
		line = strings.TrimPrefix(line, "/")
		if t.to != "" {
			return t.whisper(t.to, line)
		}
		return t.call.Say(line)
	}
	command, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case command == "/to":
		return t.addressed(rest, "/to NAME text", t.whisper)
	case command == "/react":
		if rest == "❤" {
			rest = "❤️" // with the selector that makes it an emoji
		}
		return t.call.React(rest)
	case command == "/hand" && (rest == "up" || rest == "down"):
		t.call.RaiseHand(rest == "up")
		return nil
	}
	for _, act := range []func() error{t.moderating(command, rest), t.asking(command, rest), t.sharing(command, rest)} {
		if act != nil {
			return act()
		}
	}
	return &call.Error{Class: call.ErrUnsaid, What: "there is no such command", Hint: "grotto chat --help lists them; a line that begins with / is written with //"}
}

// addressed sends "NAME text". Names may have spaces: the longest one that somebody has counts. One that would be
// misread stands in quotes, as it is printed.
func (t *talk) addressed(rest, usage string, send func(name, text string) error) error {
	if quoted, err := strconv.QuotedPrefix(rest); err == nil {
		if name, err := strconv.Unquote(quoted); err == nil {
			return send(name, strings.TrimSpace(rest[len(quoted):]))
		}
	}
	words := strings.SplitAfter(rest, " ")
	err := error(&call.Error{Class: call.ErrUnsaid, What: "there is nothing in it", Hint: usage})
	for n := len(words) - 1; n > 0; n-- {
		err = send(strings.Join(words[:n], ""), strings.Join(words[n:], ""))
		if !errors.Is(err, call.ErrNobody) {
			return err // two of the longer name are not one of the shorter
		}
	}
	return err
}

func (t *talk) whisper(name, text string) error {
	to, err := t.call.Find(name)
	if err != nil {
		return err
	}
	return t.call.SayTo(to, text)
}

// event is what a program reads.
type event struct {
	Type    string `json:"type"`
	Name    string `json:"name,omitempty"`
	User    string `json:"user,omitempty"`
	Device  string `json:"device,omitempty"`
	Private bool   `json:"private,omitempty"`
	Text    string `json:"text,omitempty"`
	Emoji   string `json:"emoji,omitempty"`
	Role    string `json:"role,omitempty"`
	Reason  string `json:"reason,omitempty"`

	Poll   int     `json:"poll,omitempty"` // number
	Result *result `json:"result,omitempty"`
	File   int     `json:"file,omitempty"` // number
	Size   int     `json:"size,omitempty"` // bytes
	Path   string  `json:"path,omitempty"`
}

type result struct {
	Options []call.PollOption `json:"options"`
	Voters  int               `json:"voters"`
	Closed  bool              `json:"closed"`
}

func (t *talk) program(e event) {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(e)
}

// line prints what somebody wrote. Further lines of it are set in, so that they are not taken for somebody else's.
func (t *talk) line(l call.ChatLine) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.json {
		t.program(event{Type: "chat", Name: l.Name, User: l.From.User, Device: l.From.Device, Private: l.Private, Text: l.Text})
		return
	}
	private := ""
	if l.Private {
		private = " (to you)"
	}
	fmt.Fprintf(t.out, "%s%s: %s\n", shown(l.Name), private, strings.ReplaceAll(l.Text, "\n", "\n  "))
}

func (t *talk) person(e call.PersonEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.json {
		t.program(event{Type: string(e.What), Name: e.Name, User: e.From.User, Device: e.From.Device, Private: e.Private, Text: e.Text, Emoji: e.Emoji, Role: string(e.Role),
			Poll: e.Poll, File: e.File, Size: e.Size})
		return
	}
	fmt.Fprintln(t.err, told(e))
}

// say tells what came of a command.
func (t *talk) say(e event, words string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.json {
		t.program(e)
		return
	}
	fmt.Fprintln(t.err, words)
}

func (t *talk) failed(err error) { t.fault(err, "not sent: ", &t.unsent) }

func (t *talk) fault(err error, prefix string, count *int) {
	what, hint := err.Error(), ""
	if problem, ok := errors.AsType[*call.Error](err); ok {
		what, hint = problem.What, problem.Hint
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	*count++
	if t.json {
		t.program(event{Type: "not_sent", Reason: what})
	}
	complain(t.err, prefix+what, hint)
}

// told is an event in words.
func told(e call.PersonEvent) string {
	switch e.What {
	case call.Joined:
		return shown(e.Name) + " joined."
	case call.Left:
		return shown(e.Name) + " left."
	case call.Raised:
		return shown(e.Name) + " raises a hand."
	case call.Lowered:
		return shown(e.Name) + " lowers the hand."
	case call.Records:
		return shown(e.Name) + " records the meeting."
	case call.RecordsNot:
		return shown(e.Name) + " no longer records the meeting."
	case call.Reacted:
		return shown(e.Name) + ": " + e.Emoji
	case call.Asked:
		return fmt.Sprintf("Poll %d, %s asks: %s", e.Poll, shown(e.Name), e.Text)
	case call.Answered:
		return fmt.Sprintf("Poll %d, %s answers: %s", e.Poll, shown(e.Name), e.Text)
	case call.Closed:
		return fmt.Sprintf("Poll %d is closed: %s", e.Poll, e.Text)
	case call.Offered:
		whom := ""
		if e.Private {
			whom = " with you"
		}
		return fmt.Sprintf("File %d, %s shares%s: %s, %d bytes", e.File, shown(e.Name), whom, e.Text, e.Size)
	case call.Took:
		return shown(e.Name) + " has taken " + e.Text
	case call.Knocks:
		return shown(e.Name) + " waits to be let in."
	case call.RoleChanged:
		return shown(e.Name) + " is " + string(e.Role) + " now."
	case call.WrongSecret:
		return "Somebody is here with another secret than yours. Nothing is exchanged with them."
	case call.Unvouched:
		return shown(e.Name) + " is not of the Matrix room, and gets no keys."
	case call.Bypassed:
		return "Careful: the server gave out something as " + shown(e.Name) + "'s that did not come over Matrix. It was not taken."
	case call.ChangedKey:
		return "Careful: " + shown(e.Name) + " goes by the name or the user id of somebody you know, under another key."
	}
	return shown(e.Name) + " " + string(e.What)
}

// shown puts a name in quotes that would make a line look like another's, or like a private one.
func shown(name string) string {
	if strings.ContainsAny(name, `:()"`) {
		return strconv.Quote(name)
	}
	return name
}
