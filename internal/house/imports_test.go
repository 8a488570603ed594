package house

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/grotto-meet/grotto"

// mayImport is the import direction of docs/architecture.md: a package may import those of ours it is listed with.
// What is below a listed folder belongs to it. A package that is not listed here fails the test: give it a place.
var mayImport = map[string][]string{
	"mediacrypt":                  {},
	"olmkeys":                     {"mediacrypt"},
	"olmkeys/wordlist":            {},
	"internal/wire":               {},
	"internal/keyframe":           {},
	"internal/sfu":                {"internal/keyframe", "internal/sfu/allot", "internal/sfu/burst", "internal/sfu/bwe", "internal/sfu/depdesc", "internal/sfu/icetcp", "internal/sfu/pace", "internal/sfu/reception", "internal/sfu/rewrite", "internal/sfu/speaker"},
	"internal/sfu/allot":          {},
	"internal/sfu/burst":          {},
	"internal/sfu/bwe":            {},
	"internal/sfu/depdesc":        {},
	"internal/sfu/icetcp":         {},
	"internal/sfu/pace":           {},
	"internal/sfu/rewrite":        {},
	"internal/sfu/speaker":        {},
	"internal/sfu/reception":      {},
	"internal/turn":               {},
	"internal/room":               {"internal/bucket", "internal/sfu", "internal/wire"},
	"internal/token":              {"internal/room", "internal/wire"},
	"internal/login":              {"internal/token", "internal/wire"},
	"internal/bucket":             {},
	"internal/split":              {"internal/turn"},
	"internal/node":               {"internal/room", "internal/sfu", "internal/split", "internal/turn", "internal/wire", "web"},
	"internal/config":             {"internal/wire", "web"},
	"internal/datadir":            {},
	"internal/store":              {},
	"internal/rest":               {},
	"internal/webhook":            {"internal/internet", "internal/rest", "internal/store"},
	"internal/internet":           {},
	"internal/api":                {"internal/bucket", "internal/rest", "internal/room", "internal/store", "internal/token", "internal/wire"},
	"internal/front":              {"internal/split"},
	"internal/doctor":             {"internal/wire"},
	"internal/gate":               {"internal/bucket", "internal/turn"},
	"cmd/server":                  {"bridge", "internal/api", "internal/config", "internal/datadir", "internal/doctor", "internal/front", "internal/gate", "internal/login", "internal/node", "internal/room", "internal/store", "internal/token", "internal/webhook", "internal/wire", "web"},
	"internal/call":               {"olmkeys", "olmkeys/wordlist", "mediacrypt", "internal/keyframe", "internal/repair", "internal/webm", "internal/wire"},
	"internal/webm":               {},
	"internal/keystore":           {"olmkeys"},
	"internal/load":               {"internal/call", "internal/wire"},
	"internal/repair":             {},
	"bridge":                      {"bridge/rtc", "internal/bucket", "internal/internet", "internal/room", "internal/token", "internal/wire"},
	"bridge/rtc":                  {},
	"bridge/olmdevice":            {},
	"bridge/matrixkeys":           {"bridge/olmdevice", "bridge/rtc", "internal/call", "olmkeys"},
	"bridge/elementcall":          {"bridge/elementcall/lkframe", "bridge/elementcall/lkroom", "bridge/olmdevice", "bridge/rtc", "internal/call", "internal/wire", "olmkeys"},
	"bridge/elementcall/lkframe":  {},
	"bridge/elementcall/lkroom":   {},
	"bridge/elementcall/lkserver": {"internal/homeserver"},
	"examples/bot":                {},
	"cmd/client":                  {"bridge/elementcall", "bridge/matrixkeys", "bridge/olmdevice", "internal/call", "internal/doctor", "internal/keystore", "internal/load", "internal/rest", "internal/wire", "olmkeys"},
	"web":                         {},
	"web/wasm":                    {"olmkeys", "mediacrypt"},
	"internal/house":              {},
	"internal/homeserver":         {},
	"deploy":                      {},
	"deploy/bill":                 {},
	"internal/bench":              {"internal/node", "internal/wire", "mediacrypt"},
	"internal/e2e/matrixhost":     {"bridge/olmdevice", "bridge/rtc", "internal/homeserver"},
	"internal/e2e":                {"internal/call", "internal/node", "internal/sfu", "internal/wire", "olmkeys", "mediacrypt"},
	"internal/e2e/relay":          {"internal/wire"},
	"internal/e2e/badnet":         {"internal/e2e/relay", "internal/wire"},
	"internal/e2e/testserver":     {"internal/call", "internal/e2e/badnet", "internal/e2e/relay", "internal/node", "internal/sfu", "internal/wire", "mediacrypt"},
}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Standard   bool
}

func goList(t *testing.T, env []string, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-tags", "goolm", "-json=ImportPath,Imports,Deps,Standard"}, args...)...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestImportDirections(t *testing.T) {
	packages := goList(t, nil, "./...")
	packages = append(packages, goList(t, []string{"GOOS=js", "GOARCH=wasm"}, "./web/wasm")...)
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s has no place in the house: add it to mayImport and to docs/architecture.md", name)
			continue
		}
		for _, imported := range p.Imports {
			ours, found := strings.CutPrefix(imported, module+"/")
			if found && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s; it may import %v", name, ours, allowed)
			}
		}
	}
}

// TestServerIsBlind is the product's main claim as an import graph: no code that could derive or use a media key is
// linked into the server.
func TestServerIsBlind(t *testing.T) {
	forbidden := []string{"olmkeys", "mediacrypt", "internal/call", "bridge/matrixkeys", "bridge/olmdevice"}
	if leaks := linked(t, "./cmd/server", forbidden); len(leaks) > 0 {
		t.Errorf("cmd/server links %v", leaks)
	}
	if leaks := linked(t, "./cmd/client", forbidden); len(leaks) != len(forbidden) {
		t.Errorf("the check is blind itself: in cmd/client it found only %v of %v", leaks, forbidden)
	}
}

func linked(t *testing.T, pkg string, names []string) (found []string) {
	t.Helper()
	for _, p := range goList(t, nil, pkg) {
		for _, name := range names {
			if slices.Contains(p.Deps, module+"/"+name) {
				found = append(found, name)
			}
		}
	}
	return found
}

// TestForeignImports keeps some dependencies in their places.
func TestForeignImports(t *testing.T) {
	only := map[string][]string{
		"maunium.net/go/mautrix":        {"olmkeys", "bridge", "bridge/matrixkeys", "bridge/olmdevice", "bridge/rtc", "internal/e2e/matrixhost", "bridge/elementcall"},
		"github.com/pion":               {"internal/sfu", "internal/turn", "internal/call", "internal/node", "internal/bench", "internal/doctor", "cmd/client", "internal/e2e/testserver", "bridge/elementcall", "bridge/elementcall/lkroom"},
		"modernc.org/sqlite":            {"internal/store", "bridge/olmdevice", "bridge"},
		"github.com/danielgtaylor/huma": {"internal/api"},
		"github.com/gorilla/websocket":  {"internal/room", "internal/call", "internal/bench", "internal/doctor", "internal/e2e/relay", "bridge/elementcall/lkroom"},
	}
	for _, p := range goList(t, nil, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, imported := range p.Imports {
			for prefix, owners := range only {
				if strings.HasPrefix(imported, prefix) && !slices.Contains(owners, name) {
					t.Errorf("%s imports %s; only %v may", name, imported, owners)
				}
			}
		}
	}
}
