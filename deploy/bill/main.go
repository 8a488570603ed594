// Command bill lists what the programs of a release are made of: as a bill of materials (CycloneDX 1.6, JSON), or with -licences
// as the text of everybody's licence.
//
// What a program is linked of it reads from the program itself, what is in the page from the lock file of its packages. Nothing here depends
// on when or where it runs, so that two builds of one version have one bill.
package main

import (
	"bufio"
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bill: ")
	version := flag.String("version", "unknown", "of the release")
	lock := flag.String("lock", "web/package-lock.json", "lock file of the page's packages")
	licences := flag.Bool("licences", false, "write the licences instead")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("which programs?\nhint: bill [-licences] PROGRAM...")
	}
	out := bufio.NewWriter(os.Stdout)
	err := write(out, *version, *lock, *licences, flag.Args())
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		log.Fatal(err)
	}
}

func write(out io.Writer, version, lock string, licences bool, paths []string) error {
	var programs []program
	for _, path := range paths {
		p, err := readProgram(path)
		if err != nil {
			return err
		}
		programs = append(programs, p)
	}
	packages, err := readLock(lock)
	if err != nil {
		return err
	}
	if licences {
		return writeLicences(out, programs, packages)
	}
	return writeBill(out, version, programs, packages)
}

// program is one of ours.
type program struct {
	path    string
	golang  string // version of Go that built it
	modules []module
}

// module is one that is linked into a program.
type module struct{ path, version, sum string }

func readProgram(path string) (program, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return program{}, fmt.Errorf("what is in %s: %w", path, err)
	}
	p := program{path: path, golang: info.GoVersion}
	for _, m := range info.Deps {
		p.modules = append(p.modules, linked(m))
	}
	return p, nil
}

func linked(m *debug.Module) module {
	if m.Replace != nil {
		m = m.Replace
	}
	return module{m.Path, m.Version, m.Sum}
}

// modulesOf are those of all programs, each once.
func modulesOf(programs []program) (all []module) {
	for _, p := range programs {
		all = append(all, p.modules...)
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.path+"@"+a.version, b.path+"@"+b.version) })
	return slices.Compact(all)
}

// engineOf are those of the modules that the page's key engine is linked of: WebAssembly does not say it itself.
func engineOf(known []module) (engine []module, err error) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", "./web/wasm")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	paths := strings.Fields(string(out))
	slices.Sort(paths)
	for _, path := range slices.Compact(paths) {
		i := slices.IndexFunc(known, func(m module) bool { return m.path == path })
		if i < 0 {
			return nil, fmt.Errorf("the page's engine is linked of %s, and no program is", path)
		}
		engine = append(engine, known[i])
	}
	if len(engine) == 0 {
		return nil, errors.New("the page's engine is linked of no module: where is it?")
	}
	return engine, nil
}
