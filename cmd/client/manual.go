package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"
)

// meetingFlags is the group of those flags that every command that joins a meeting has.
const meetingFlags = "meeting"

var groups = []kong.Group{{Key: meetingFlags, Title: "Flags of every command that joins a meeting:"}}

const pipesNote = "Results go to standard output, everything else to standard error. With --json, results are JSON objects, one a line, in which more fields may come to stand later."

// manual is what is said of the commands, made of what the parser knows of them.
type manual struct {
	version  string
	commands []*kong.Node
}

func newManual(app *kong.Application) manual { return manual{version, app.Leaves(true)} }

// name is that of a command, without the program's.
func name(n *kong.Node) string { return strings.TrimPrefix(n.FullPath(), "grotto ") }

// flags are a command's own, and those of its meeting.
func flags(n *kong.Node) (own, meeting []*kong.Flag) {
	for _, f := range n.Flags {
		switch {
		case f.Hidden:
		case f.Group != nil && f.Group.Key == meetingFlags:
			meeting = append(meeting, f)
		default:
			own = append(own, f)
		}
	}
	return own, meeting
}

// choices are the values that a flag takes, if they are few.
func choices(v *kong.Value) (list []string) {
	if v.Enum == "" {
		return nil
	}
	for _, choice := range v.EnumSlice() {
		if choice != "" {
			list = append(list, choice)
		}
	}
	return list
}

// spelled is a flag with its value.
func spelled(f *kong.Flag) string {
	if f.IsBool() {
		return "--" + f.Name
	}
	return "--" + f.Name + " " + f.FormatPlaceHolder()
}

// synopsis is a command with what it needs.
func synopsis(n *kong.Node) string {
	words := []string{n.FullPath()}
	for _, p := range n.Positional {
		words = append(words, strings.ToUpper(strings.Trim(p.Summary(), "<>")))
	}
	optional := false
	for _, f := range n.Flags {
		if f.Required {
			words = append(words, spelled(f))
		} else {
			optional = true
		}
	}
	if optional {
		words = append(words, "[flags]")
	}
	return strings.NewReplacer("<", "", ">", "").Replace(strings.Join(words, " "))
}

func described(f *kong.Flag) string {
	text := f.Help
	if len(f.Envs) > 0 {
		text += " Also from the environment: " + strings.Join(f.Envs, ", ") + "."
	}
	return text
}

// blocks are the paragraphs of a longer help, and whether each stands as it is.
func blocks(text string, each func(block string, literal bool)) {
	for block := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		if block != "" {
			each(block, strings.HasPrefix(block, "  "))
		}
	}
}

// markdown writes docs/cli.md.
func (m manual) markdown(w io.Writer) {
	fmt.Fprint(w, "# The command line\n\nWritten by `go test ./cmd/client -run TestManual -update` from the commands themselves; `grotto man` prints the same for `man`.\n\n"+
		pipesNote+" A link stands in quotes: to some shells its `#` means something.\n\n## Commands\n\n| command | what it does |\n|---|---|\n")
	for _, n := range m.commands {
		fmt.Fprintf(w, "| [`grotto %s`](#grotto-%s) | %s |\n", name(n), strings.ReplaceAll(name(n), " ", "-"), cell(n.Help))
	}
	fmt.Fprint(w, "\n## Exit statuses\n\n| status | when |\n|---|---|\n")
	for _, s := range statuses {
		fmt.Fprintf(w, "| %d | %s |\n", s.code, cell(s.when))
	}
	shared := map[string]*kong.Flag{}
	var order []*kong.Flag
	for _, n := range m.commands {
		_, meeting := flags(n)
		for _, f := range meeting {
			if shared[f.Name] == nil {
				shared[f.Name], order = f, append(order, f)
			}
		}
	}
	fmt.Fprint(w, "\n## Flags of every command that joins a meeting\n\n")
	flagTable(w, order)
	for _, n := range m.commands {
		fmt.Fprintf(w, "\n## grotto %s\n\n%s\n\n```\n%s\n```\n", name(n), n.Help, synopsis(n))
		blocks(n.Detail, func(block string, literal bool) {
			if literal {
				block = "```\n" + block + "\n```"
			}
			fmt.Fprintf(w, "\n%s\n", block)
		})
		own, meeting := flags(n)
		if len(n.Positional) > 0 {
			fmt.Fprint(w, "\n| argument | |\n|---|---|\n")
			for _, p := range n.Positional {
				fmt.Fprintf(w, "| `%s` | %s |\n", strings.ToUpper(p.Name), cell(p.Help))
			}
		}
		if len(own) > 0 {
			fmt.Fprintln(w)
			flagTable(w, own)
		}
		if len(meeting) > 0 {
			fmt.Fprint(w, "\nAnd the [flags of every command that joins a meeting](#flags-of-every-command-that-joins-a-meeting).\n")
		}
	}
}

func flagTable(w io.Writer, list []*kong.Flag) {
	fmt.Fprint(w, "| flag | |\n|---|---|\n")
	for _, f := range list {
		fmt.Fprintf(w, "| `%s` | %s |\n", cell(spelled(f)), cell(described(f)))
	}
}

func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

// page writes the manual page of one command, or of all of them if there is none, for man(7).
func (m manual) page(w io.Writer, n *kong.Node) {
	title := "grotto"
	if n != nil {
		title = strings.ReplaceAll(n.FullPath(), " ", "-")
	}
	fmt.Fprintf(w, ".TH %s 1 \"\" \"Grotto %s\" \"Grotto\"\n.SH NAME\n", strings.ToUpper(roff(title)), roff(m.version))
	if n == nil {
		fmt.Fprint(w, "grotto \\- end\\-to\\-end encrypted meetings on the command line\n.SH SYNOPSIS\n.B grotto\n\\fICOMMAND\\fR ...\n.SH COMMANDS\n")
		for _, c := range m.commands {
			fmt.Fprintf(w, ".TP\n.BR %s (1)\n%s\n", roff(strings.ReplaceAll(c.FullPath(), " ", "-")), roff(c.Help))
		}
	} else {
		fmt.Fprintf(w, "%s \\- %s\n.SH SYNOPSIS\n.nf\n%s\n.fi\n.SH DESCRIPTION\n%s\n", roff(title), roff(strings.TrimSuffix(n.Help, ".")), roff(synopsis(n)), roff(n.Help))
		blocks(n.Detail, func(block string, literal bool) {
			if literal {
				fmt.Fprintf(w, ".PP\n.nf\n%s\n.fi\n", roff(block))
			} else {
				fmt.Fprintf(w, ".PP\n%s\n", roff(block))
			}
		})
		own, meeting := flags(n)
		if len(n.Positional) > 0 {
			fmt.Fprint(w, ".SH ARGUMENTS\n")
			for _, p := range n.Positional {
				fmt.Fprintf(w, ".TP\n.I %s\n%s\n", roff(strings.ToUpper(p.Name)), roff(p.Help))
			}
		}
		fmt.Fprint(w, ".SH OPTIONS\n")
		for _, f := range append(own, meeting...) {
			fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(spelled(f)), roff(described(f)))
		}
	}
	fmt.Fprintf(w, ".SH OUTPUT\n%s\n.SH EXIT STATUS\n", roff(pipesNote))
	for _, s := range statuses {
		fmt.Fprintf(w, ".TP\n.B %d\n%s\n", s.code, roff(s.when))
	}
	if n != nil {
		fmt.Fprint(w, ".SH SEE ALSO\n.BR grotto (1)\n")
	}
}

// roff makes text stand as it is.
func roff(text string) string {
	lines := strings.Split(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

type manCommand struct {
	Name []string `arg:"" optional:"" help:"The command. Without one, the page that lists them all."`
	Out  string   `type:"path" placeholder:"DIR" help:"Write all pages into this directory instead, as files for section 1."`
}

// Help is printed with --help.
func (*manCommand) Help() string {
	return `To read one: grotto man record | man -l -`
}

// Run prints one page, or writes all.
func (m *manCommand) Run(c console, app *kong.Application) error {
	book := newManual(app)
	if m.Out == "" {
		n, err := book.find(strings.Join(m.Name, " "))
		if err == nil {
			book.page(c.out, n)
		}
		return err
	}
	if err := os.MkdirAll(m.Out, 0o755); err != nil {
		return err
	}
	for _, n := range append([]*kong.Node{nil}, book.commands...) {
		title := "grotto"
		if n != nil {
			title = strings.ReplaceAll(n.FullPath(), " ", "-")
		}
		f, err := os.OpenFile(filepath.Join(m.Out, title+".1"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		book.page(f, n)
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// find is the command of this name; nil for none.
func (m manual) find(wanted string) (*kong.Node, error) {
	if wanted == "" {
		return nil, nil
	}
	for _, n := range m.commands {
		if name(n) == wanted {
			return n, nil
		}
	}
	return nil, hinted{errors.New("there is no command of that name"), "grotto man lists them"}
}
