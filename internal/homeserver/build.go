package homeserver

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/lockedfile"
)

const command = "github.com/element-hq/dendrite/cmd/dendrite"

// program is where Dendrite is, built on the first use in this process.
var program = sync.OnceValues(func() (string, error) {
	_, here, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(here) {
		return "", errors.New("homeserver: built with -trimpath, so the source of Dendrite's module is not found")
	}
	return find(filepath.Join(filepath.Dir(here), "dendrite"), filepath.Join(filepath.Dir(here), "../../bin/dendrite"))
})

// find takes the program that `make` built, if it is of this version, else one that is built once for each version on a machine.
func find(module, made string) (string, error) {
	wanted, err := os.Stat(filepath.Join(module, "go.mod"))
	if err != nil {
		return "", err
	}
	if have, err := os.Stat(made); err == nil && have.ModTime().After(wanted.ModTime()) {
		return made, nil
	}
	return build(module)
}

func build(module string) (string, error) {
	sums, err := os.ReadFile(filepath.Join(module, "go.sum"))
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

	out := filepath.Join(folder, fmt.Sprintf("dendrite-%.6x", sha256.Sum256(sums)))
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	// As in the Makefile. The stripped program links faster.
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out+".new", command)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("homeserver: Dendrite is not built: %w\n%s", err, said)
	}
	return out, os.Rename(out+".new", out)
}

// need gives Dendrite's path. Where it cannot be built a test is skipped, but not in CI.
func need(t testing.TB) string {
	t.Helper()
	path, err := program()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal(err)
	default:
		t.Skipf("no homeserver: %v", err)
	}
	return path
}
