package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is printed with --help.
func (*completionCommand) Help() string {
	return `Where it goes:

  bash   source <(grotto completion bash), in ~/.bashrc
  zsh    grotto completion zsh > "${fpath[1]}/_grotto"
  fish   grotto completion fish > ~/.config/fish/completions/grotto.fish`
}

// Run prints the script.
func (s *completionCommand) Run(c console, app *kong.Application) error {
	words := newVocabulary(app)
	switch s.Shell {
	case "bash":
		words.bash(c.out)
	case "zsh":
		words.zsh(c.out)
	case "fish":
		words.fish(c.out)
	}
	return nil
}

// vocabulary is what can stand behind each command; "" is the program itself, and groups of commands have only commands.
type vocabulary []*kong.Node

func newVocabulary(app *kong.Application) (all vocabulary) {
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		all = append(all, n)
		for _, child := range n.Children {
			if !child.Hidden {
				walk(child)
			}
		}
	}
	walk(app.Node)
	return all
}

func typed(n *kong.Node) string {
	if n.Type == kong.ApplicationNode {
		return ""
	}
	return name(n)
}

func visible(n *kong.Node) (list []*kong.Node) {
	for _, child := range n.Children {
		if !child.Hidden {
			list = append(list, child)
		}
	}
	return list
}

// allFlags are a command's, and those of the program: --help.
func allFlags(n *kong.Node) (list []*kong.Flag) {
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			if f.Name != "version" || n.Type == kong.ApplicationNode {
				list = append(list, f)
			}
		}
	}
	return list
}

func isPath(v *kong.Value) bool { return v.Tag.Type == "path" }

func takesPath(n *kong.Node) bool {
	for _, p := range n.Positional {
		if isPath(p) {
			return true
		}
	}
	return false
}

// firstChoices are those of the first argument.
func firstChoices(n *kong.Node) []string {
	if len(n.Positional) == 0 {
		return nil
	}
	return choices(n.Positional[0])
}

// follow is shell code that finds which command was typed so far; the words before the cursor come as $@ of a function.
func (v vocabulary) known() string {
	var list []string
	for _, n := range v[1:] {
		list = append(list, `"`+typed(n)+`"`)
	}
	return strings.Join(list, "|")
}

func (v vocabulary) bash(w io.Writer) {
	fmt.Fprintf(w, `# bash completion for grotto
_grotto() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= longer i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		longer="${command:+$command }${COMP_WORDS[i]}"
		case $longer in %s) command=$longer ;; esac
	done
	case "$command $prev" in
`, v.known())
	for _, n := range v {
		for _, f := range allFlags(n) {
			switch {
			case f.IsBool():
			case isPath(f.Value):
				fmt.Fprintf(w, "\t\"%s --%s\") compopt -o default; return ;;\n", typed(n), f.Name)
			default:
				fmt.Fprintf(w, "\t\"%s --%s\") COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return ;;\n", typed(n), f.Name, strings.Join(choices(f.Value), " "))
			}
		}
	}
	fmt.Fprint(w, "\tesac\n\tcase $command in\n")
	for _, n := range v {
		var words []string
		for _, child := range visible(n) {
			words = append(words, child.Name)
		}
		words = append(words, firstChoices(n)...)
		for _, f := range allFlags(n) {
			words = append(words, "--"+f.Name)
		}
		fmt.Fprintf(w, "\t\"%s\")\n", typed(n))
		if takesPath(n) {
			fmt.Fprint(w, "\t\tcase $cur in -?*) ;; *) compopt -o default; return ;; esac\n")
		}
		fmt.Fprintf(w, "\t\tCOMPREPLY=($(compgen -W \"%s\" -- \"$cur\")) ;;\n", strings.Join(words, " "))
	}
	fmt.Fprint(w, "\tesac\n}\ncomplete -F _grotto grotto\n")
}

func (v vocabulary) zsh(w io.Writer) {
	fmt.Fprintf(w, `#compdef grotto
_grotto() {
	local command= longer i
	local -a rest
	for ((i = 2; i < CURRENT; i++)); do
		longer="${command:+$command }${words[i]}"
		case $longer in
		%s) command=$longer; rest=() ;;
		*) rest+=("${words[i]}") ;;
		esac
	done
	words=(grotto "${rest[@]}" "${words[CURRENT]}")
	CURRENT=${#words}
	case $command in
`, v.known())
	for _, n := range v {
		fmt.Fprintf(w, "\t\"%s\")\n\t\t_arguments \\\n", typed(n))
		for _, f := range allFlags(n) {
			star := ""
			if f.IsSlice() {
				star = `\*`
			}
			switch {
			case f.IsBool():
				fmt.Fprintf(w, "\t\t\t'--%s[%s]' \\\n", f.Name, brief(f.Help))
			default:
				fmt.Fprintf(w, "\t\t\t%s'--%s=[%s]:%s:%s' \\\n", star, f.Name, brief(f.Help), brief(f.Name), zshAction(f.Value))
			}
		}
		switch children := visible(n); {
		case len(children) > 0:
			var list []string
			for _, child := range children {
				list = append(list, fmt.Sprintf(`%s\:"%s"`, child.Name, brief(child.Help)))
			}
			fmt.Fprintf(w, "\t\t\t'1:command:((%s))' ;;\n", strings.Join(list, " "))
		default:
			for i, p := range n.Positional {
				where := fmt.Sprint(i + 1)
				if p.IsCumulative() {
					where = "*"
				}
				fmt.Fprintf(w, "\t\t\t'%s:%s:%s' \\\n", where, brief(p.Name), zshAction(p))
			}
			fmt.Fprint(w, "\t\t\t&& : ;;\n")
		}
	}
	fmt.Fprint(w, "\tesac\n}\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then _grotto \"$@\"; else compdef _grotto grotto; fi\n")
}

func zshAction(v *kong.Value) string {
	switch list := choices(v); {
	case len(list) > 0:
		return "(" + strings.Join(list, " ") + ")"
	case isPath(v):
		return "_files"
	}
	return " "
}

func (v vocabulary) fish(w io.Writer) {
	fmt.Fprintf(w, `# fish completion for grotto
function __grotto_command
	set -l command
	for word in (commandline -opc)[2..-1]
		set -l longer (string join ' ' $command $word)
		switch "$longer"
			case %s
				set command $longer
		end
	end
	test "$command" = "$argv[1]"
end
complete -c grotto -f
`, strings.ReplaceAll(v.known(), "|", " "))
	for _, n := range v {
		at := fmt.Sprintf("complete -c grotto -n '__grotto_command \"%s\"'", typed(n))
		for _, child := range visible(n) {
			fmt.Fprintf(w, "%s -a %s -d '%s'\n", at, child.Name, brief(child.Help))
		}
		if list := firstChoices(n); len(list) > 0 {
			fmt.Fprintf(w, "%s -a '%s'\n", at, strings.Join(list, " "))
		}
		if takesPath(n) {
			fmt.Fprintf(w, "%s -F\n", at)
		}
		for _, f := range allFlags(n) {
			value := ""
			switch list := choices(f.Value); {
			case f.IsBool():
			case len(list) > 0:
				value = fmt.Sprintf(" -x -a '%s'", strings.Join(list, " "))
			case isPath(f.Value):
				value = " -r -F"
			default:
				value = " -x"
			}
			fmt.Fprintf(w, "%s -l %s%s -d '%s'\n", at, f.Name, value, brief(f.Help))
		}
	}
}

// brief is the first sentence of a help, without what shells mind.
func brief(help string) string {
	help, _, _ = strings.Cut(help, ". ")
	help, _, _ = strings.Cut(help, ": ")
	return strings.TrimSuffix(strings.NewReplacer("'", "", `"`, "", "[", "", "]", "", ":", "", "`", "", "$", "", `\`, "").Replace(help), ".")
}
