package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/bridge"
	"github.com/grotto-meet/grotto/internal/gate"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/webhook"
)

var update = flag.Bool("update", false, "rewrite the table of figures in docs/operation.md")

// figure is what stands of one in the text that Prometheus reads.
type figure struct{ name, kind, help string }

func allFigures(t *testing.T) (all []figure) {
	t.Helper()
	b, err := bridge.New(bridge.Config{Homeserver: "http://localhost", Account: &bridge.Account{}, Path: filepath.Join(t.TempDir(), bridge.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	n, err := node.New(node.Config{UDP: "127.0.0.1:0", Figures: func() []node.Metric {
		return append(figures(gate.New(gate.Config{}), webhook.Stats{}, time.Now), bridgeFigures(b)...)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close(t.Context())
	w := httptest.NewRecorder()
	metricsHandler(n).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, m := range regexp.MustCompile(`(?m)^# HELP (\S+) (.+)\n# TYPE \S+ (\w+)$`).FindAllStringSubmatch(w.Body.String(), -1) {
		all = append(all, figure{m[1], m[3], m[2]})
	}
	if len(all) < 20 {
		t.Fatalf("%d figures in\n%s", len(all), w.Body)
	}
	return all
}

// The dashboard shows what there is, and all of it.
func TestDashboard(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("..", "..", "deploy", "grafana", "grotto.json"))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, name := range regexp.MustCompile(`grotto_[a-z_]+`).FindAllString(string(body), -1) {
		shown[name] = true
	}
	for _, f := range allFigures(t) {
		if !shown[f.name] && f.name != "grotto_bundle_info" {
			t.Errorf("%s is not shown", f.name)
		}
		delete(shown, f.name)
	}
	for name := range shown {
		t.Errorf("there is no %s", name)
	}
}

// TestFiguresAreDocumented: docs/operation.md has the table that the program makes.
func TestFiguresAreDocumented(t *testing.T) {
	const begin, end = "<!-- figures -->\n", "<!-- end of figures -->"
	path := filepath.Join("..", "..", "docs", "operation.md")
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(body), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/operation.md has no marks of where the figures stand")
	}
	all := allFigures(t)
	for _, name := range regexp.MustCompile(`grotto_[a-z_]+`).FindAllString(head, -1) {
		if !slices.ContainsFunc(all, func(f figure) bool { return f.name == name }) {
			t.Errorf("there is no %s", name)
		}
	}
	slices.SortFunc(all, func(a, b figure) int { return cmp.Compare(a.name, b.name) })
	want := bytes.NewBufferString(head + begin + "\n| figure | kind | what it is |\n|---|---|---|\n")
	for _, f := range all {
		fmt.Fprintf(want, "| `%s` | %s | %s |\n", f.name, f.kind, f.help)
	}
	want.WriteString("\n" + end + tail)
	if *update {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(body, want.Bytes()) {
		t.Error("docs/operation.md does not show the figures that there are; hint: go test ./cmd/server -run Figures -update")
	}
}
