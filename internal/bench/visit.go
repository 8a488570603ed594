package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// asset is a file of the bundle that another one names.
var asset = regexp.MustCompile(`(?:/?assets/)?[A-Za-z0-9_.-]+-[A-Za-z0-9_-]{8}[.](?:js|css|wasm)`)

// firstVisit is what a browser loads for a first meeting: the page, and what that names, and so on; but not what is
// imported when it is first needed, as the list of words, nor the page that embeds a room.
func firstVisit(dist string) ([]Row, error) {
	later := regexp.MustCompile(`(eff_large|embed|scanner|qr)[A-Za-z_]*-`)
	loaded, next := map[string]bool{}, []string{"index.html"}
	for len(next) > 0 {
		name := next[0]
		next = next[1:]
		if loaded[name] {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dist, name))
		if os.IsNotExist(err) && name != "index.html" {
			continue // a name in a text
		} else if err != nil {
			return nil, fmt.Errorf("%w; hint: make build", err)
		}
		loaded[name] = true
		if strings.HasSuffix(name, ".wasm") {
			continue
		}
		for _, found := range asset.FindAllString(string(text), -1) {
			if base := filepath.Base(found); !later.MatchString(base) {
				next = append(next, filepath.Join("assets", base))
			}
		}
	}
	sizes := map[string]float64{}
	for name := range loaded {
		for _, form := range []string{"", ".gz", ".br"} {
			info, err := os.Stat(filepath.Join(dist, name+form))
			if err != nil {
				return nil, err
			}
			sizes[form] += float64(info.Size())
		}
	}
	return []Row{
		{Name: "a first visit, gzip / as it is", Value: sizes[".gz"], Unit: "bytes", Floor: sizes[""], Ratio: sizes[".gz"] / sizes[""]},
		{Name: "a first visit, brotli / as it is", Value: sizes[".br"], Unit: "bytes", Floor: sizes[""], Ratio: sizes[".br"] / sizes[""]},
	}, nil
}
