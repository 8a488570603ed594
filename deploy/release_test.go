package deploy

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	testVersion = "v1.2.3-4-gabcdef0"
	testEpoch   = "1767225600" // 2026-01-01
)

// release is what the script made of this source, once for all tests.
var release struct {
	sync.Mutex
	folder string
}

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(release.folder)
	os.Exit(code)
}

// without leaves a test out for want of something, but not in CI.
func without(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// released gives the folder; without a page there is none.
func released(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("releases are for Linux, and made there")
	}
	if _, err := os.Stat("../web/dist/index.html"); err != nil {
		without(t, "the page is not built: make build")
	}
	release.Lock()
	defer release.Unlock()
	if release.folder == "" {
		folder, err := os.MkdirTemp("", "grotto-release-")
		if err != nil {
			t.Fatal(err)
		}
		release.folder = folder
		if err := makeRelease("..", folder); err != nil {
			t.Fatal(err)
		}
	}
	return release.folder
}

func makeRelease(source, out string) error {
	cmd := exec.Command("deploy/release", out)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "VERSION="+testVersion, "SOURCE_DATE_EPOCH="+testEpoch, "ARCHES="+runtime.GOARCH)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd, err, said)
	}
	return nil
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd, err, out, said.Bytes())
	}
	return string(out)
}

func read(t *testing.T, path string) string {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Another folder, another name of the file that the compiler's output goes to, another umask: the same bytes.
func TestReproducible(t *testing.T) {
	first := read(t, filepath.Join(released(t), "SHA256SUMS"))
	source := filepath.Join(t.TempDir(), "elsewhere", "grotto")
	list := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z")
	list.Dir = ".."
	files, err := list.Output()
	if err != nil {
		without(t, fmt.Sprintf("git does not list what is here: %v", err))
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(files), "\x00"), "\x00") {
		clone(t, filepath.Join("..", name), filepath.Join(source, name))
	}
	if err := os.CopyFS(filepath.Join(source, "web/dist.new"), os.DirFS("../web/dist")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(source, "web/dist")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(source, "web/dist.new"), filepath.Join(source, "web/dist")); err != nil {
		t.Fatal(err)
	}
	packages, err := filepath.Abs("../web/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(packages, filepath.Join(source, "web/node_modules")); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	if err := makeRelease(source, out); err != nil {
		t.Fatal(err)
	}
	if second := read(t, filepath.Join(out, "SHA256SUMS")); second != first {
		t.Errorf("first:\n%ssecond:\n%s", first, second)
	}
}

func clone(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	if err != nil {
		return // deleted in the working tree
	}
	put(t, to, read(t, from), info.Mode())
}

// What is released is whole, and its sums are of it.
func TestRelease(t *testing.T) {
	folder, arch := released(t), runtime.GOARCH
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"SHA256SUMS", "bundle.txt", "grotto-root_" + arch + ".tar", "grotto_" + arch + ".cdx.json", "grotto_" + arch + ".deb", "grotto_linux_" + arch + ".tar.gz"}; !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = folder
	if said, err := check.CombinedOutput(); err != nil || strings.Count(string(said), "\n") != len(names)-1 {
		t.Errorf("%v\n%s", err, said)
	}
	root := t.TempDir()
	run(t, "tar", "-C", root, "-xzf", filepath.Join(folder, "grotto_linux_"+arch+".tar.gz"))
	server := filepath.Join(root, "grotto/grotto-server")
	page := sha256.Sum256([]byte(read(t, filepath.Join(folder, "bundle.txt"))))
	if said, want := run(t, server, "--version"), fmt.Sprintf("grotto-server %s\npage %x\n", testVersion, page); said != want {
		t.Errorf("it says\n%sand not\n%s", said, want)
	}
	if said, err := exec.Command("ldd", server).CombinedOutput(); err == nil { // it fails where there is nothing to list
		t.Errorf("it wants libraries: %s", said)
	}
}

// The bill names every module that is linked and every package of the page, and no way to them is missing.
func TestBill(t *testing.T) {
	var bill struct {
		Format       string `json:"bomFormat"`
		Spec         string `json:"specVersion"`
		Components   []struct{ Ref, Name, Version, Purl string }
		Dependencies []struct {
			Ref       string
			DependsOn []string
		}
	}
	body := strings.ReplaceAll(read(t, filepath.Join(released(t), "grotto_"+runtime.GOARCH+".cdx.json")), `"bom-ref"`, `"ref"`)
	if err := json.Unmarshal([]byte(body), &bill); err != nil || bill.Format != "CycloneDX" || bill.Spec != "1.6" {
		t.Fatalf("%v %+v", err, bill)
	}
	there := map[string]bool{"grotto": true}
	for _, c := range bill.Components {
		if there[c.Ref] || c.Version == "" {
			t.Errorf("%+v: twice, or without a version", c)
		}
		there[c.Ref] = true
	}
	for _, must := range []string{"page", "program:grotto-server", "program:grotto", "pkg:golang/github.com/pion/webrtc/v4@v4.2.20", "pkg:golang/maunium.net/go/mautrix@v0.28.0", "pkg:npm/preact@11.2.0",
		"pkg:npm/%40preact/signals@2.11.4"} {
		if !there[must] {
			t.Errorf("%s is not in it", must)
		}
	}
	for name := range there {
		if strings.Contains(name, "playwright") || strings.Contains(name, "staticcheck") {
			t.Errorf("%s is in it, and in no program", name)
		}
	}
	if page := bill.Dependencies[1]; page.Ref != "page" || !slices.Contains(page.DependsOn, "pkg:golang/maunium.net/go/mautrix@v0.28.0") {
		t.Errorf("the page's engine is missing: %+v", page)
	}
	if len(bill.Dependencies) != 4 {
		t.Errorf("%d of four have parts", len(bill.Dependencies))
	}
	for _, d := range bill.Dependencies {
		for _, ref := range d.DependsOn {
			if !there[ref] {
				t.Errorf("%s needs %s, which is not there", d.Ref, ref)
			}
		}
	}
}
