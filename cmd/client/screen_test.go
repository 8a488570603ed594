package main

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// desk is a conversation of this size, and what was typed in it.
type desk struct {
	*conversation
	typed chan string
}

func newDesk(width, height int) desk {
	typed := make(chan string, 2)
	d := desk{newConversation("weekly", typed, func() []string { return nil }), typed}
	d.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return d
}

func (d desk) types(text string, keys ...tea.KeyType) {
	d.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text)})
	for _, k := range keys {
		d.Update(tea.KeyMsg{Type: k})
	}
}

func (d desk) looks() string { return ansi.Strip(d.View()) }

// What is typed goes out and stands there, and what is said appears beside who is there.
func TestScreen(t *testing.T) {
	d := newDesk(100, 12)
	d.Update(peopleHere{"Ann", "Ben"})
	d.Update(shownLine{text: "Ann: hello"})
	d.Update(shownLine{text: "Ben joined.", quiet: true})
	d.types("/to An", tea.KeyTab)
	d.types("psst", tea.KeyEnter)
	d.types("all of you", tea.KeyEnter)
	if one, two := <-d.typed, <-d.typed; one != "/to Ann psst" || two != "all of you" {
		t.Errorf("%q, %q", one, two)
	}
	for _, text := range []string{"weekly  end-to-end encrypted, 2 others", "People", "Ann: hello", "Ben joined.", "You: all of you"} {
		if !strings.Contains(d.looks(), text) {
			t.Errorf("there is no %q in\n%s", text, d.looks())
		}
	}
	if d.types("", tea.KeyUp, tea.KeyUp); d.input.Value() != "/to Ann psst" {
		t.Errorf("%q", d.input.Value())
	}
	if _, cmd := d.Update(tea.KeyMsg{Type: tea.KeyCtrlC}); cmd == nil || cmd() != tea.Quit() {
		t.Error("ctrl+c does not leave")
	}
}

// A line that cannot go out yet is not lost.
func TestScreenKeepsLine(t *testing.T) {
	d := newDesk(40, 8)
	for _, line := range []string{"one", "two", "three"} {
		d.types(line, tea.KeyEnter)
	}
	if d.input.Value() != "three" {
		t.Errorf("%q", d.input.Value())
	}
}

// It fits every terminal, and stays where somebody has scrolled to.
func TestScreenFits(t *testing.T) {
	for _, size := range [][2]int{{200, 50}, {80, 24}, {79, 24}, {20, 5}, {1, 1}} {
		d := newDesk(size[0], size[1])
		d.Update(peopleHere{"Ann with a name that is longer than the column", "Ben", "界界界界界界界界界界界界界"})
		for i := range 60 {
			d.Update(shownLine{text: fmt.Sprintf("Ann: line %d, %s", i, strings.Repeat("word ", 30))})
		}
		lines := strings.Split(d.looks(), "\n")
		if size[1] > 4 && len(lines) != size[1] {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, l := range lines[:len(lines)-1] { // the input scrolls by itself
			if ansi.StringWidth(l) > size[0] {
				t.Errorf("%v: %q has %d columns", size, l, ansi.StringWidth(l))
			}
		}
	}
	d := newDesk(40, 10)
	for i := range 30 {
		d.Update(shownLine{text: fmt.Sprintf("Ann: line %d", i)})
	}
	d.types("", tea.KeyPgUp)
	d.Update(shownLine{text: "Ann: news"})
	if look := d.looks(); !strings.Contains(look, "1 more below") || strings.Contains(look, "news") {
		t.Errorf("%s", look)
	}
	if d.types("", tea.KeyPgDown, tea.KeyPgDown); !strings.Contains(d.looks(), "news") || strings.Contains(d.looks(), "below") {
		t.Errorf("%s", d.looks())
	}
}
