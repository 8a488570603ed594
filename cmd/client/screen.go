package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/bubbles/textinput"
	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// fullScreen is a conversation on the whole terminal. It stands between the commands, which read and write lines, and a person:
// what is written to its console appears, and what is typed is read from there.
type fullScreen struct {
	program *tea.Program
	lines   chan string
	ended   chan struct{}
	err     error
}

const (
	maxShown   = 5000 // lines that can be scrolled back to
	maxTyped   = 64   // that wait to be sent
	peopleWide = 24   // columns for the list of people, where there are
	wideEnough = 80
	lookEvery  = time.Second // who is there
)

// onTerminal says whether a person sits before both ends.
func onTerminal(c console) bool {
	out, ok := c.out.(*os.File)
	if !ok || !c.in.person() {
		return false
	}
	info, err := out.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// openScreen takes the terminal until the context ends or the person leaves, which ends the context that it returns.
func openScreen(ctx context.Context, c console, room string, people func() []string) (*fullScreen, context.Context, console) {
	ctx, leave := context.WithCancel(ctx)
	s := &fullScreen{lines: make(chan string, maxTyped), ended: make(chan struct{})}
	s.program = tea.NewProgram(newConversation(room, s.lines, people), tea.WithContext(ctx), tea.WithAltScreen(),
		tea.WithInput(c.in.file), tea.WithOutput(c.out), tea.WithoutSignalHandler())
	go func() {
		defer close(s.ended)
		defer leave()
		_, s.err = s.program.Run()
	}()
	return s, ctx, console{in: &input{file: c.in.file, lines: s.lines}, out: &pane{show: s.said}, err: &pane{show: s.told}}
}

func (s *fullScreen) said(line string) { s.program.Send(shownLine{text: line}) }
func (s *fullScreen) told(line string) { s.program.Send(shownLine{text: line, quiet: true}) }

// close gives the terminal back.
func (s *fullScreen) close() {
	s.program.Quit()
	<-s.ended
}

// pane shows what is written to it, by lines.
type pane struct {
	show func(line string)
	mu   sync.Mutex
	rest []byte
}

// Write implements io.Writer.
func (p *pane) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, b...)
	for {
		line, rest, whole := bytes.Cut(p.rest, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		p.show(string(line))
		p.rest = bytes.Clone(rest)
	}
}

var _ io.Writer = (*pane)(nil)

// shownLine is a line for the conversation. Quiet ones are what happens beside it.
type shownLine struct {
	text        string
	quiet, mine bool
}

type peopleHere []string

// conversation is the screen's state.
type conversation struct {
	room   string
	typed  chan<- string
	look   func() []string
	people []string
	shown  []shownLine
	view   viewport.Model
	input  textinput.Model
	past   []string // typed before
	at     int      // which of them stands in the input; len(past): none
	missed int      // lines below what is looked at
	width  int
	height int
}

var (
	headStyle  = lipgloss.NewStyle().Bold(true)
	quietStyle = lipgloss.NewStyle().Faint(true)
	mineStyle  = lipgloss.NewStyle().Foreground(lipgloss.AdaptiveColor{Light: "4", Dark: "12"})
)

var slashes = []string{"/to ", "/react ", "/hand up", "/hand down", "/ask ", "/vote ", "/polls", "/close ", "/send ", "/send-to ", "/take ",
	"/admit ", "/refuse ", "/lock on", "/lock off", "/waiting on", "/waiting off", "/role ", "/mute ", "/stop ", "/remove ", "/end"}

func newConversation(room string, typed chan<- string, look func() []string) *conversation {
	in := textinput.New()
	in.Placeholder = "Write to everybody. Tab completes, ctrl+c leaves."
	in.Prompt = "> "
	in.ShowSuggestions = true
	in.Focus()
	c := &conversation{room: room, typed: typed, look: look, input: in, view: viewport.New(0, 0)}
	c.suggest()
	return c
}

// Init implements tea.Model.
func (c *conversation) Init() tea.Cmd { return tea.Batch(textinput.Blink, c.lookAround()) }

func (c *conversation) lookAround() tea.Cmd {
	return func() tea.Msg { return peopleHere(c.look()) }
}

// Update implements tea.Model.
func (c *conversation) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		c.width, c.height = msg.Width, msg.Height
		c.layOut()
	case shownLine:
		c.add(msg)
	case peopleHere:
		if !slices.Equal(c.people, msg) {
			c.people = msg
			c.suggest()
		}
		return c, tea.Tick(lookEvery, func(time.Time) tea.Msg { return peopleHere(c.look()) })
	case tea.KeyMsg:
		if cmd, done := c.key(msg); done {
			return c, cmd
		}
	}
	var cmd tea.Cmd
	c.input, cmd = c.input.Update(msg)
	return c, cmd
}

// key does what a key does here; the others are the input's.
func (c *conversation) key(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.Type {
	case tea.KeyCtrlC, tea.KeyCtrlD:
		return tea.Quit, true
	case tea.KeyEnter:
		c.send()
	case tea.KeyUp:
		c.recall(-1)
	case tea.KeyDown:
		c.recall(1)
	case tea.KeyPgUp:
		c.view.PageUp()
	case tea.KeyPgDown:
		c.view.PageDown()
		if c.view.AtBottom() {
			c.missed = 0
		}
	default:
		return nil, false
	}
	return nil, true
}

func (c *conversation) send() {
	line := c.input.Value()
	if strings.TrimSpace(line) == "" {
		return
	}
	select {
	case c.typed <- line:
	default:
		return // it stays in the input until those before have gone out
	}
	c.past = append(c.past, line)
	c.at = len(c.past)
	c.input.Reset()
	c.view.GotoBottom()
	c.add(shownLine{text: "You: " + line, mine: true})
}

func (c *conversation) recall(by int) {
	c.at = min(max(c.at+by, 0), len(c.past))
	line := ""
	if c.at < len(c.past) {
		line = c.past[c.at]
	}
	c.input.SetValue(line)
	c.input.CursorEnd()
}

// suggest is what Tab completes: the commands, with names where they take one.
func (c *conversation) suggest() {
	list := slices.Clone(slashes)
	for _, command := range []string{"/to ", "/send-to ", "/mute ", "/stop ", "/remove "} {
		for _, name := range c.people {
			list = append(list, command+name+" ")
		}
	}
	c.input.SetSuggestions(list)
}

func (c *conversation) add(line shownLine) {
	follow := c.view.AtBottom()
	if c.shown = append(c.shown, line); len(c.shown) > maxShown {
		c.shown = c.shown[len(c.shown)-maxShown:]
	}
	c.write()
	if follow {
		c.view.GotoBottom()
		c.missed = 0
	} else {
		c.missed++
	}
}

// wide says whether there is room for the list of people.
func (c *conversation) wide() bool { return c.width >= wideEnough }

func (c *conversation) layOut() {
	follow := c.view.AtBottom()
	c.view.Width, c.view.Height = c.width, max(c.height-3, 1)
	if c.wide() {
		c.view.Width -= peopleWide + 1
	}
	c.input.Width = max(c.width-len(c.input.Prompt)-1, 1)
	c.write()
	if follow {
		c.view.GotoBottom()
	}
}

// write breaks the lines anew.
func (c *conversation) write() {
	var all []string
	for _, line := range c.shown {
		text := ansi.Wrap(line.text, max(c.view.Width, 1), "")
		switch {
		case line.mine:
			text = mineStyle.Render(text)
		case line.quiet:
			text = quietStyle.Render(text)
		}
		all = append(all, text)
	}
	c.view.SetContent(strings.Join(all, "\n"))
}

// View implements tea.Model.
func (c *conversation) View() string {
	if c.width == 0 {
		return ""
	}
	here := fmt.Sprintf("%d others", len(c.people))
	if len(c.people) == 1 {
		here = "1 other"
	}
	head := headStyle.Render(c.room) + quietStyle.Render("  end-to-end encrypted, "+here)
	body := c.view.View()
	if c.wide() {
		names := []string{quietStyle.Render("People")}
		for _, name := range c.people {
			names = append(names, ansi.Truncate(name, peopleWide, "…"))
		}
		if most := c.view.Height; len(names) > most {
			names = append(names[:max(most-1, 0)], quietStyle.Render(fmt.Sprintf("and %d more", len(c.people)-most+2)))
		}
		side := lipgloss.NewStyle().Width(peopleWide).Height(c.view.Height).Render(strings.Join(names, "\n"))
		body = lipgloss.JoinHorizontal(lipgloss.Top, lipgloss.NewStyle().Width(c.view.Width+1).Render(body), side)
	}
	rule := strings.Repeat("─", c.width)
	if c.missed > 0 {
		note := fmt.Sprintf("── %d more below ", c.missed)
		rule = note + strings.Repeat("─", max(c.width-ansi.StringWidth(note), 0))
	}
	return ansi.Truncate(head, c.width, "…") + "\n" + body + "\n" + quietStyle.Render(ansi.Truncate(rule, c.width, "")) + "\n" + c.input.View()
}
