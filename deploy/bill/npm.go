package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// npmPackage is one that the page may contain. Those that only build or test it are not among them.
type npmPackage struct{ name, version, integrity, licence, folder string }

func readLock(path string) ([]npmPackage, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version, Integrity, License string
			Dev, Optional, Link         bool
		}
	}
	if err := json.Unmarshal(body, &lock); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var all []npmPackage
	for folder, p := range lock.Packages {
		_, name, found := cutLast(folder, "node_modules/")
		if !found || p.Dev || p.Link || p.Optional {
			continue
		}
		all = append(all, npmPackage{name, p.Version, p.Integrity, p.License, filepath.Join(filepath.Dir(path), filepath.FromSlash(folder))})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no packages in it", path)
	}
	slices.SortFunc(all, func(a, b npmPackage) int { return strings.Compare(a.name+"@"+a.version, b.name+"@"+b.version) })
	return all, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
