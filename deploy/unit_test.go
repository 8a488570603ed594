package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// leastExposed is what systemd itself may say at most about how much of a machine the service could reach, of 10. What is left is the
// network, and leave for ports below 1024.
const leastExposed = 2.0

// installed makes a root folder with what the unit starts in it.
func installed(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, unit := range []string{"grotto.service", "grotto.socket"} {
		put(t, filepath.Join(root, "usr/lib/systemd/system", unit), read(t, "systemd/"+unit), 0o644)
	}
	put(t, filepath.Join(root, "usr/bin/grotto-server"), "#!/bin/sh\n", 0o755)
	put(t, filepath.Join(root, "bin/kill"), "#!/bin/sh\n", 0o755)
	return root
}

func put(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// systemd reads the units as we mean them, and finds little that the service could do.
func TestUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		without(t, "systemd-analyze is not installed")
	}
	root := installed(t)
	// Targets of the system are not in this root: that they are missing is all it may say.
	said, _ := exec.Command("systemd-analyze", "verify", "--root="+root, "--recursive-errors=no", "grotto.service", "grotto.socket").CombinedOutput()
	if len(strings.TrimSpace(string(said))) > 0 {
		t.Errorf("systemd-analyze verify: %s", said)
	}
	said, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--root="+root, "grotto.service").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`exposure level for grotto\.service: ([0-9.]+)`).FindSubmatch(said)
	if found == nil {
		t.Fatalf("systemd-analyze security: %s", said)
	}
	if level, err := strconv.ParseFloat(string(found[1]), 64); err != nil || level > leastExposed {
		t.Errorf("exposed %s\n%s", found[1], said)
	}
}
