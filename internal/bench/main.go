// Bench runs the benchmarks and prints what they say as ratios: every figure stands beside a floor that ran in the same
// minute on the same machine. It writes build/bench.json, a list of {name, value, unit, floor, ratio}.
//
// Absolute figures of a shared machine are noise; compare ratios, and only inside one run.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Row is one figure. Ratio is Value / Floor. Target is what it should not exceed, where that was said.
type Row struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Floor  float64 `json:"floor,omitempty"`
	Ratio  float64 `json:"ratio,omitempty"`
	Target float64 `json:"target,omitempty"`
}

// pairs names a Go benchmark and the bare one it is held against, so many times over.
var pairs = []struct {
	pkg, name, benchmark, floor string
	times                       float64
}{
	{"./mediacrypt", "seal 100 B / bare AES-256-GCM", "BenchmarkSeal/100", "BenchmarkBareAEADSeal/100", 1},
	{"./mediacrypt", "seal 1.2 kB / bare AES-256-GCM", "BenchmarkSeal/1200", "BenchmarkBareAEADSeal/1200", 1},
	{"./mediacrypt", "seal 3 kB / bare AES-256-GCM", "BenchmarkSeal/3000", "BenchmarkBareAEADSeal/3000", 1},
	{"./mediacrypt", "seal 60 kB / bare AES-256-GCM", "BenchmarkSeal/60000", "BenchmarkBareAEADSeal/60000", 1},
	{"./mediacrypt", "open 100 B / bare AES-256-GCM", "BenchmarkOpen/100", "BenchmarkBareAEADOpen/100", 1},
	{"./mediacrypt", "open 1.2 kB / bare AES-256-GCM", "BenchmarkOpen/1200", "BenchmarkBareAEADOpen/1200", 1},
	{"./mediacrypt", "open 3 kB / bare AES-256-GCM", "BenchmarkOpen/3000", "BenchmarkBareAEADOpen/3000", 1},
	{"./mediacrypt", "open 60 kB / bare AES-256-GCM", "BenchmarkOpen/60000", "BenchmarkBareAEADOpen/60000", 1},
	{"./olmkeys", "a leave among 100 / 98 bare Olm encryptions", "BenchmarkLeave100", "BenchmarkOlmEncrypt", 98},
}

func main() {
	out := flag.String("out", "build/bench.json", "where to write the rows")
	benchtime := flag.String("benchtime", "200ms", "for how long each benchmark runs")
	withChurn := flag.Bool("churn", true, "also what joins and leaves cost, which takes minutes")
	rounds := flag.Int("rounds", 3, "how often the SFU and its floor are measured in turn; 0: not")
	onlySFU := flag.Bool("sfu", false, "the SFU and nothing else")
	yardstick := flag.String("yardstick", "", "a folder with another floor to hold ours against, see yardstick.go")
	role := flag.String("role", "", "what this process is, where it is a part of the SFU's benchmark: server, floor or load")
	what := flag.String("scenario", "", "of the load, in JSON")
	flag.Parse()
	var err error
	switch *role {
	case "":
		err = run(*out, *benchtime, *withChurn, *rounds, *yardstick, *onlySFU)
	case roleLoad:
		err = loadRole(*what)
	default:
		err = serveRole(*role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(out, benchtime string, withChurn bool, rounds int, yardstick string, onlySFU bool) error {
	var rows []Row
	if rounds > 0 {
		forwarded, err := forwarding(rounds, yardstick)
		if err != nil {
			return err
		}
		rows = append(rows, forwarded...)
	}
	if !onlySFU {
		others, err := programs(benchtime, withChurn)
		if err != nil {
			return err
		}
		rows = append(rows, others...)
	}
	return report(out, rows)
}

// programs is what needs no network: sealing, keys, joins and leaves, and the size of the page.
func programs(benchtime string, withChurn bool) (rows []Row, err error) {
	measured := map[string]map[string]float64{}
	for _, p := range pairs {
		if measured[p.pkg] == nil {
			ns, err := measure(p.pkg, benchtime)
			if err != nil {
				return nil, err
			}
			measured[p.pkg] = ns
		}
		value, floor := measured[p.pkg][p.benchmark], measured[p.pkg][p.floor]
		if value == 0 || floor == 0 {
			return nil, fmt.Errorf("%s has no %s or no %s", p.pkg, p.benchmark, p.floor)
		}
		floor *= p.times
		rows = append(rows, Row{Name: p.name, Value: value, Unit: "ns", Floor: floor, Ratio: value / floor})
	}
	if withChurn {
		costs, err := churn()
		if err != nil {
			return nil, err
		}
		rows = append(rows, costs...)
	}
	visit, err := firstVisit("web/dist")
	return append(rows, visit...), err
}

// report prints the rows and writes them down.
func report(out string, rows []Row) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "name\tvalue\tunit\tfloor\tratio\ttarget\t")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t\n", r.Name, figure(r.Value), r.Unit, figure(r.Floor), figure(r.Ratio), figure(r.Target))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	body, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	return os.WriteFile(out, append(body, '\n'), 0o644)
}

// resultLine is a line of `go test -bench`: "BenchmarkSeal/1200-2   123456   987.6 ns/op   ...".
var resultLine = regexp.MustCompile(`(?m)^(Benchmark\S+?)(?:-\d+)?\s+\d+\s+([0-9.]+) ns/op`)

// measure runs the benchmarks of a package's pairs and returns the best of three for each: the least disturbed one.
func measure(pkg, benchtime string) (map[string]float64, error) {
	var names []string
	for _, p := range pairs {
		if p.pkg == pkg {
			for _, name := range []string{p.benchmark, p.floor} {
				name, _, _ = strings.Cut(name, "/")
				names = append(names, name)
			}
		}
	}
	fmt.Fprintln(os.Stderr, "bench:", pkg, strings.Join(names, " "))
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^("+strings.Join(names, "|")+")$", "-benchtime", benchtime, "-count", "3", pkg)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pkg, err)
	}
	best := map[string]float64{}
	for _, m := range resultLine.FindAllStringSubmatch(string(text), -1) {
		ns, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			return nil, err
		}
		if old, seen := best[m[1]]; !seen || ns < old {
			best[m[1]] = ns
		}
	}
	return best, nil
}

// figure has three digits or more; 0 is a figure that there is not.
func figure(v float64) string {
	switch {
	case v == 0:
		return ""
	case v < 100:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
