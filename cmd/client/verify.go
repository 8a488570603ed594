package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/olmkeys"
)

type verifyCommand struct {
	place
	With string `placeholder:"NAME" help:"The participant, by name or device id. Without it, whoever asks, or the only one there."`
	JSON bool   `name:"json" help:"Print the emoji, and then the outcome, as JSON objects. yes or no is still read from the input."`
}

// compared is what a program reads: first the emoji, then how it ended.
type compared struct {
	Type    string   `json:"type"` // compare, verified
	Name    string   `json:"name"`
	User    string   `json:"user"`
	Device  string   `json:"device"`
	Emoji   []string `json:"emoji,omitempty"` // by their names
	Numbers []int    `json:"numbers,omitempty"`
}

func (t *comparison) program(v compared, of olmkeys.Ref) {
	v.User, v.Device = of.User, of.Device
	_ = json.NewEncoder(t.out).Encode(v)
}

// Help is printed with --help.
func (*verifyCommand) Help() string {
	return `Seven emoji appear on both sides. Compare them over something that the server cannot forge, a voice that you know or
side by side, and answer yes or no. It works with the page ("Verify by emoji"), with another grotto, and with whoever
begins. With --remember, which the other side needs too, both know each other as verified in later meetings; without it,
the verification is of this one join, which ends with the command. The status is 0 if the participant is verified and 3 if not: the emoji differ, nobody came, or it was cancelled.`
}

// Run compares with one participant and leaves.
func (v *verifyCommand) Run(ctx context.Context, c console) error {
	if !v.Remember {
		fmt.Fprintln(c.err, "Without --remember, what you verify ends with this command.")
	}
	t := &comparison{console: c, json: v.JSON, name: v.With, changed: make(chan struct{}, 1)}
	joined, err := v.enter(ctx, c, call.Config{Watch: call.WatchNothing, OnVerification: t.queue, OnPerson: t.person})
	if err != nil {
		return err
	}
	t.call = joined
	if v.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, v.For)
		defer cancel()
	}
	outcome := t.run(ctx)
	joined.Leave()
	if err := joined.Err(); err != nil {
		return err
	}
	if outcome != nil && t.name == "" {
		if err := joined.Report().Met(); err != nil {
			return err
		}
	}
	return outcome
}

// comparison is one verification at a terminal.
type comparison struct {
	console
	call    *call.Call
	json    bool
	name    string      // whom to compare with; "": whoever it turns out to be
	with    olmkeys.Ref // once that is known
	asked   bool        // the question stands, and the input is read
	several bool        // was said

	mu      sync.Mutex
	news    []call.Verification
	changed chan struct{} // news, or somebody came
}

// queue takes what the call's goroutine tells, which must not wait for ours.
func (t *comparison) queue(v call.Verification) {
	t.mu.Lock()
	t.news = append(t.news, v)
	t.mu.Unlock()
	t.wake()
}

func (t *comparison) person(call.PersonEvent) { t.wake() }

func (t *comparison) wake() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

func (t *comparison) take() []call.Verification {
	t.mu.Lock()
	defer t.mu.Unlock()
	news := t.news
	t.news = nil
	return news
}

func unverified(what, hint string) error {
	return &call.Error{Class: call.ErrUnverified, What: "not verified: " + what, Hint: hint}
}

// run is nil once the other is verified.
func (t *comparison) run(ctx context.Context) error {
	meet, met := context.WithTimeout(ctx, acquaintance)
	t.call.Meet(meet)
	met()
	for {
		for _, v := range t.take() {
			if over, err := t.told(v); over {
				return err
			}
		}
		if t.with == (olmkeys.Ref{}) {
			t.choose()
		}
		var lines <-chan string
		if t.asked {
			lines = t.in.read()
		}
		select {
		case <-t.changed:
		case line, more := <-lines:
			if err := t.answer(line, more); err != nil {
				return err
			}
		case <-ctx.Done():
			return t.givenUp()
		case <-t.call.Done():
			return unverified("the meeting is over", "")
		}
	}
}

// choose asks the one who is meant, if that is clear.
func (t *comparison) choose() {
	var here []string
	var only olmkeys.Ref
	for _, p := range t.call.Participants() {
		if !p.Named {
			continue // about to say who they are
		}
		here, only = append(here, shown(p.Name)), p.Ref
	}
	switch {
	case t.name != "":
		ref, err := t.call.Find(t.name)
		if err != nil {
			return // not there yet
		}
		only = ref
	case len(here) > 1:
		if !t.several {
			t.several = true
			fmt.Fprintf(t.err, "Here are %s. Waiting for one of them to ask; --with NAME asks.\n", strings.Join(here, ", "))
		}
		return
	case len(here) == 0:
		return
	}
	if t.call.Verify(only, olmkeys.VerifyRequest) == nil {
		t.with = only
	}
}

// wanted says whether a request is of the one who is meant.
func (t *comparison) wanted(v call.Verification) bool {
	if t.with != (olmkeys.Ref{}) || t.name == "" {
		return t.with == (olmkeys.Ref{}) || v.With == t.with
	}
	ref, err := t.call.Find(t.name)
	return err == nil && ref == v.With
}

// told takes one step further; over with nil is verified.
func (t *comparison) told(v call.Verification) (over bool, err error) {
	name := shown(v.Name)
	switch {
	case v.State == olmkeys.VerifyRequested && t.wanted(v):
		fmt.Fprintf(t.err, "%s wants to compare emoji.\n", name)
		t.with, t.asked = v.With, false
		if t.call.Verify(v.With, olmkeys.VerifyRequest) != nil {
			t.with = olmkeys.Ref{}
		}
	case v.State == olmkeys.VerifyRequested:
		fmt.Fprintf(t.err, "%s wants to compare emoji, too, and is told no.\n", name)
		_ = t.call.Verify(v.With, olmkeys.VerifyCancel) // or is gone
	case v.With != t.with:
	case v.State == olmkeys.VerifyWaiting:
		fmt.Fprintf(t.err, "Waiting for %s.\n", name)
	case v.State == olmkeys.VerifyCompare && len(v.Emoji) > 0:
		t.show(v)
		t.asked = true
	case v.State == olmkeys.VerifyDone:
		if t.json {
			t.program(compared{Type: "verified", Name: v.Name}, v.With)
		} else {
			fmt.Fprintf(t.out, "Verified: %s.\n", name)
		}
		return true, nil
	case v.State == olmkeys.VerifyCancelled:
		return true, cancelled(v.Reason, name)
	}
	return false, nil
}

func (t *comparison) show(v call.Verification) {
	if t.json {
		said := compared{Type: "compare", Name: v.Name, Numbers: v.Decimal[:]}
		for _, i := range v.Emoji {
			said.Emoji = append(said.Emoji, olmkeys.EmojiAt(i).Name)
		}
		t.program(said, v.With)
		t.question()
		return
	}
	fmt.Fprintf(t.out, "Compare with %s:\n", shown(v.Name))
	for _, i := range v.Emoji {
		e := olmkeys.EmojiAt(i)
		fmt.Fprintf(t.out, "  %s  %s\n", e.Glyph, e.Name)
	}
	fmt.Fprintf(t.out, "or the numbers %d %d %d\n", v.Decimal[0], v.Decimal[1], v.Decimal[2])
	t.question()
}

func (t *comparison) question() { fmt.Fprint(t.err, "Are they the same on both sides? (yes/no) ") }

// answer takes what the person typed.
func (t *comparison) answer(line string, more bool) error {
	if !more {
		t.step(olmkeys.VerifyCancel)
		return unverified("there was no answer", "answer yes or no")
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		t.asked = false
		t.step(olmkeys.VerifyMatch)
	case "n", "no":
		t.asked = false
		t.step(olmkeys.VerifyMismatch)
	default:
		t.question()
	}
	return nil
}

// step is told to the agent; if the other is gone, it has said so.
func (t *comparison) step(step olmkeys.VerifyStep) { _ = t.call.Verify(t.with, step) }

// givenUp ends it for want of time, or of patience.
func (t *comparison) givenUp() error {
	switch {
	case t.with != (olmkeys.Ref{}):
		t.step(olmkeys.VerifyCancel)
		return unverified("there was not enough time", "stay longer with --for")
	case t.name != "":
		return unverified(fmt.Sprintf("nobody called %q came", t.name), "names are written as they are shown")
	case t.several:
		return unverified("nobody asked", "name one with --with")
	}
	return unverified("nobody came", "stay longer with --for, or check the link")
}

// cancelled is a reason in words.
func cancelled(reason olmkeys.VerifyReason, name string) error {
	switch reason {
	case olmkeys.VerifyDiffers:
		return unverified("the emoji or the keys differ, so somebody may stand in between you and "+name, "do not say anything in this meeting that the server must not know; tell each other in another way")
	case olmkeys.VerifyByThem:
		return unverified(name+" cancelled or left", "")
	case olmkeys.VerifyTimeout:
		return unverified("it took too long", "it must be done within ten minutes")
	case olmkeys.VerifyBadFormat:
		return unverified("the other side did not keep to the protocol", "try again with current versions on both sides")
	case "":
		return unverified("the connection was lost", "try again")
	}
	return unverified("it was cancelled", "")
}
