package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What the page names is counted, and what that names; what is loaded when it is needed is not.
func TestFirstVisit(t *testing.T) {
	dist := t.TempDir()
	files := map[string]string{
		"index.html":                     `<script src="/assets/index-AAAAAAAA.js"></script>`,
		"assets/index-AAAAAAAA.js":       `import "./base-BBBBBBBB.js"; import("./eff_large-CCCCCCCC.js"); "x-gone0000.js"`,
		"assets/base-BBBBBBBB.js":        `new URL("/assets/engine-DDDDDDDD.wasm")`,
		"assets/engine-DDDDDDDD.wasm":    "0123456789",
		"assets/eff_large-CCCCCCCC.js":   "not at once",
		"assets/unnamed-EEEEEEEE.js":     "never",
		"assets/another_one-FFFFFFFF.js": "never",
	}
	want := 0
	if err := os.Mkdir(filepath.Join(dist, "assets"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		for _, form := range []string{"", ".gz", ".br"} {
			if err := os.WriteFile(filepath.Join(dist, name+form), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"index.html", "assets/index-AAAAAAAA.js", "assets/base-BBBBBBBB.js", "assets/engine-DDDDDDDD.wasm"} {
		want += len(files[name])
	}
	rows, err := firstVisit(dist)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Value != float64(want) || r.Floor != float64(want) {
			t.Errorf("%+v, %d expected", r, want)
		}
	}
	if rows, err := firstVisit("../../web/dist"); err == nil {
		t.Logf("%+v", rows)
	}
}
