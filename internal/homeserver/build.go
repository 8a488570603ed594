package homeserver

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Tool is a program of others that tests need, built from a module of its own.
type Tool struct {
	Name    string // of the file, and in words
	Command string // the package
	Module  string // the folder, as seen from our module's
	Made    string // where the Makefile puts it
}

var dendrite = sync.OnceValues(func() (string, error) {
	return Tool{Name: "dendrite", Command: "github.com/element-hq/dendrite/cmd/dendrite",
		Module: "internal/homeserver/dendrite", Made: "bin/dendrite"}.Path()
})

const ourModule = "module github.com/grotto-meet/grotto\n"

// root is where our sources are: above the folder in which tests run. Their own paths are not in programs that are built with -trimpath.
func root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		is, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && strings.HasPrefix(string(is), ourModule) {
			return folder, nil
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", errors.New("homeserver: not below Grotto's sources, where the modules of other servers are")
		}
		folder = above
	}
}

// Path takes the program that `make` built, if it is of this version, else one that is built once for each version on a machine.
func (tool Tool) Path() (string, error) {
	if !filepath.IsAbs(tool.Module) {
		sources, err := root()
		if err != nil {
			return "", err
		}
		tool.Module, tool.Made = filepath.Join(sources, tool.Module), filepath.Join(sources, tool.Made)
	}
	wanted, err := os.Stat(filepath.Join(tool.Module, "go.mod"))
	if err != nil {
		return "", err
	}
	if have, err := os.Stat(tool.Made); err == nil && have.ModTime().After(wanted.ModTime()) {
		return tool.Made, nil
	}
	return tool.build()
}

func (tool Tool) build() (string, error) {
	sums, err := os.ReadFile(filepath.Join(tool.Module, "go.sum"))
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "grotto-test")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	// Tests of several packages begin at a time: one builds, the others wait.
	unlock, err := lockedfile.MutexAt(filepath.Join(folder, "lock")).Lock()
	if err != nil {
		return "", err
	}
	defer unlock()

	out := filepath.Join(folder, fmt.Sprintf("%s-%.6x", tool.Name, sha256.Sum256(sums)))
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	// As in the Makefile, which says why.
	args := []string{"build", "-trimpath", "-ldflags", "-s -w", "-o", out + ".new"}
	for _, host := range []string{"github.com", "modernc.org", "google.golang.org", "buf.build"} {
		args = append(args, "-gcflags", host+"/...=-N -l")
	}
	cmd := exec.Command("go", append(args, tool.Command)...)
	cmd.Dir = tool.Module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("homeserver: %s is not built: %w\n%s", tool.Name, err, said)
	}
	return out, os.Rename(out+".new", out)
}

// Need gives a program's path. Where it cannot be built a test is skipped, but not in CI.
func Need(t testing.TB, path func() (string, error)) string {
	t.Helper()
	program, err := path()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return program
}
