package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// namesOfLicences are the files that have to go where the code goes.
var namesOfLicences = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice|patents|authors)([-._].*)?$`)

func writeLicences(out io.Writer, programs []program, packages []npmPackage) error {
	fmt.Fprintln(out, "What others wrote and is built into Grotto's programs and page, with its licences.")
	modules := modulesOf(programs)
	folders, err := foldersOf(modules)
	if err != nil {
		return err
	}
	for i, m := range modules {
		if err := writeLicence(out, m.path+" "+m.version, folders[i], ""); err != nil {
			return err
		}
	}
	for _, p := range packages {
		if err := writeLicence(out, "npm: "+p.name+" "+p.version, p.folder, p.licence); err != nil {
			return err
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	return writeLicence(out, "the Go library "+programs[0].golang, strings.TrimSpace(string(root)), "")
}

// foldersOf are where go keeps modules.
func foldersOf(modules []module) ([]string, error) {
	list := []string{"list", "-m", "-f", "{{.Dir}}"}
	for _, m := range modules {
		list = append(list, m.path)
	}
	cmd := exec.Command("go", list...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m: %w", err)
	}
	folders := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(folders) != len(modules) {
		return nil, fmt.Errorf("go list -m: %d folders of %d modules", len(folders), len(modules))
	}
	return folders, nil
}

// writeLicence writes the files of one; where there is none, what it declares has to do.
func writeLicence(out io.Writer, title, folder, declared string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("%s: %w", title, err)
	}
	fmt.Fprintf(out, "\n%s\n%s\n\n", strings.Repeat("=", 100), title)
	found := false
	for _, e := range entries {
		if e.IsDir() || !namesOfLicences.MatchString(e.Name()) {
			continue
		}
		body, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(out, "%s\n", strings.TrimRight(string(body), "\n"))
	}
	switch {
	case found:
	case declared != "":
		fmt.Fprintf(out, "Licence: %s\n", declared)
	default:
		return fmt.Errorf("%s: no licence in %s", title, folder)
	}
	return nil
}
