package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/cli.md")

// The document is what the commands say of themselves.
func TestManual(t *testing.T) {
	var b bytes.Buffer
	newManual(newParser(io.Discard, io.Discard).Model).markdown(&b)
	const path = "../../docs/cli.md"
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if was, err := os.ReadFile(path); err != nil || !bytes.Equal(was, b.Bytes()) {
		t.Errorf("docs/cli.md is not what the commands say (%v): go test ./cmd/client -run TestManual -update", err)
	}
}

// Every command has a page that man can set without a complaint, and every flag stands in it.
func TestManualPages(t *testing.T) {
	dir := t.TempDir()
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"man", "--out", dir}, os.Stdin, &out, &errs); status != exitOK {
		t.Fatalf("status %d: %s", status, &errs)
	}
	book := newManual(newParser(io.Discard, io.Discard).Model)
	for _, n := range book.commands {
		page, err := os.ReadFile(filepath.Join(dir, strings.ReplaceAll(n.FullPath(), " ", "-")+".1"))
		if err != nil {
			t.Error(err)
		}
		for _, f := range n.Flags {
			if !bytes.Contains(page, []byte(roff("--"+f.Name))) {
				t.Errorf("%s: nothing is said of --%s", n.FullPath(), f.Name)
			}
		}
	}
	if groff := shell(t, "groff"); groff != "" {
		pages, _ := filepath.Glob(filepath.Join(dir, "*.1"))
		set := exec.Command(groff, append([]string{"-man", "-Tutf8", "-K", "utf8", "-ww", "-z"}, pages...)...)
		if said, err := set.CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("groff: %v\n%s", err, said)
		}
	}
}

// shell finds a program; without it there is less to test, but not in CI.
func shell(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	}
	t.Logf("%s is not installed: what it would say is not known", name)
	return ""
}

func script(t *testing.T, shell string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"completion", shell}, os.Stdin, &out, &errs); status != exitOK {
		t.Fatalf("status %d: %s", status, &errs)
	}
	return out.String()
}

// bash is asked what it would complete.
func TestCompletionBash(t *testing.T) {
	bash := shell(t, "bash")
	if bash == "" {
		t.Skip("bash is not installed")
	}
	ask := script(t, "bash") + `
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
compopt() { echo files; }
_grotto
printf '%s\n' "${COMPREPLY[@]}"`
	for _, test := range []struct{ typed, has, hasNot string }{
		{"ch", "chat", "join"},
		{"keys ", "verify", "chat"},
		{"keys v", "verify", "show"},
		{"chat http://x --j", "--json", "--publish"},
		{"chat --network ", "relay", "--json"},
		{"chat --files ", "files", "--json"},
		{"chat --name ", "", "--json"},
		{"completion ", "zsh", "chat"},
		{"", "--version", "--json"},
	} {
		words := append([]string{"-c", ask, "bash", "grotto"}, strings.Split(test.typed, " ")...)
		said, err := exec.Command(bash, words...).CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v: %s", test.typed, err, said)
		}
		got := strings.Fields(string(said))
		if test.has != "" && !slices.Contains(got, test.has) || slices.Contains(got, test.hasNot) {
			t.Errorf("%q: completed by %q, which should have %q and not %q", test.typed, got, test.has, test.hasNot)
		}
	}
}

// The others are at least understood by their shells.
func TestCompletionOtherShells(t *testing.T) {
	for _, name := range []string{"zsh", "fish"} {
		text := script(t, name)
		for _, part := range []string{"keys verify", "network", "udp tcp relay", "Write and read lines of text"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: there is no %q", name, part)
			}
		}
		path := shell(t, name)
		if path == "" {
			continue
		}
		check := exec.Command(path, "-n")
		check.Stdin = strings.NewReader(text)
		if said, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, said)
		}
	}
}
