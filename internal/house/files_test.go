package house

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestVectorsAreShared: each vector file stands once, beside the Go package that owns its format, and both languages
// read that one copy.
func TestVectorsAreShared(t *testing.T) {
	vectors := map[string][]string{
		"mediacrypt/testdata/rfc9605.json": {"mediacrypt", "web/test"},
		"mediacrypt/testdata/frames.json":  {"mediacrypt", "web/test"},
		"olmkeys/testdata/keys.json":       {"olmkeys", "web/test"},
		"internal/wire/testdata/golden":    {"internal/wire", "web/test"},

		"bridge/rtc/testdata/memberships.json":     {"bridge/rtc", "web/test"},
		"bridge/rtc/testdata/users.json":           {"bridge/rtc", "web/test"},
		"bridge/matrixkeys/testdata/messages.json": {"bridge/matrixkeys", "web/test"},
	}
	for vector, readers := range vectors {
		if _, err := os.Stat(filepath.Join(root(t), vector)); err != nil {
			t.Errorf("%s: %v", vector, err)
		}
		name := filepath.Base(vector)
		for _, reader := range readers {
			if !anyTestMentions(t, reader, name) {
				t.Errorf("no test under %s reads %s", reader, vector)
			}
		}
	}
}

func anyTestMentions(t *testing.T, dir, text string) bool {
	t.Helper()
	found := false
	for _, file := range testFiles(t, dir) {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(body), text)
	}
	return found
}

func testFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root(t), dir), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "dist"):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go"), strings.HasSuffix(path, ".test.ts"), strings.HasSuffix(path, ".test.tsx"), strings.HasSuffix(path, ".spec.ts"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestClaimedAttacksHaveTests: the threat model lists every attack with "tested", "tested in part", "limit" or "not yet". What it calls
// tested must have a test with the attack's id in its name.
func TestClaimedAttacksHaveTests(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(root(t), "docs/threat-model.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	test := regexp.MustCompile(`func (?:Test|Fuzz)([FKMS]\d+)_|(?:test|it)\(\s*['"\x60]([FKMS]\d+)\b`)
	for _, file := range testFiles(t, ".") {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range test.FindAllSubmatch(body, -1) {
			named[string(m[1])+string(m[2])] = true
		}
	}
	rows := regexp.MustCompile(`(?m)^\| ([FKMS]\d+) \|.*\| (tested|tested in part|limit|not yet) \|$`).FindAllStringSubmatch(string(doc), -1)
	if len(rows) < 40 {
		t.Fatalf("docs/threat-model.md lists %d attacks; the table's form was changed, or the list is not whole", len(rows))
	}
	for _, row := range rows {
		id, state := row[1], row[2]
		switch {
		case strings.HasPrefix(state, "tested") && !named[id]:
			t.Errorf("%s is called tested, and no test is named after it", id)
		case state == "not yet" && named[id]:
			t.Errorf("%s has a test by its name, and the threat model does not say so", id)
		}
	}
}

// TestNothingOfOneMachine: no absolute home or work path and no registry host is committed.
func TestNothingOfOneMachine(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed, so the committed files cannot be listed")
	}
	list := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z") // also in a clone of another user
	list.Dir = root(t)
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	bad := regexp.MustCompile(`(^|[\s"'=(])/(root|home)/[a-z]|registry\.npmjs\.org|proxy\.golang\.org`)
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		if strings.HasPrefix(name, "internal/house/") || strings.HasPrefix(name, "testdata/media/") {
			continue
		}
		body, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			continue // deleted in the working tree
		}
		if hit := bad.Find(body); hit != nil {
			t.Errorf("%s: %q", name, hit)
		}
	}
}
