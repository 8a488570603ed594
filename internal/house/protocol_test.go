package house

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the examples in docs/protocol.md from the golden files")

var example = regexp.MustCompile("(?s)<!-- golden ([a-z_]+) -->\n```json\n.*?```\n")

// TestProtocolShowsGoldenExamples: docs/protocol.md has every message with its golden example, word for word.
func TestProtocolShowsGoldenExamples(t *testing.T) {
	golden := filepath.Join(root(t), "internal/wire/testdata/golden")
	doc := filepath.Join(root(t), "docs/protocol.md")
	have, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	want := example.ReplaceAllFunc(have, func(old []byte) []byte {
		name := string(example.FindSubmatch(old)[1])
		shown[name] = true
		body, err := os.ReadFile(filepath.Join(golden, name+".json"))
		if err != nil {
			t.Error(err)
			return old
		}
		return []byte("<!-- golden " + name + " -->\n```json\n" + strings.TrimRight(string(body), "\n") + "\n```\n")
	})
	files, err := filepath.Glob(filepath.Join(golden, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden examples: %v", err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); !shown[name] {
			t.Errorf("docs/protocol.md does not show %s", name)
		}
	}
	if *update {
		if err := os.WriteFile(doc, want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(have, want) {
		t.Error("docs/protocol.md shows other examples than the golden files; hint: go test ./internal/house -update")
	}
}

// TestErrorCodesAreDocumented: every code a server may answer with is explained.
func TestErrorCodesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(root(t), "docs/protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	source, err := filepath.Glob(filepath.Join(root(t), "internal/wire/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	for _, file := range source {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`Code[A-Z]\w*\s+Code = "([a-z_]+)"`).FindAllSubmatch(body, -1) {
			codes++
			if !bytes.Contains(doc, []byte("`"+string(m[1])+"`")) {
				t.Errorf("docs/protocol.md does not explain %q", m[1])
			}
		}
	}
	if codes < 10 {
		t.Errorf("found %d codes in internal/wire; the check is blind", codes)
	}
}
