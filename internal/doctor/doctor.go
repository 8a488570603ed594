// Package doctor finds out what keeps a server from being reached and used, and says what to do about it.
//
// [Visit] looks at a server from outside, as people's programs do: its name, certificate, headers and page, signalling, and each way that media can
// take to it, tried with a connection of its own. [Machine] looks at what a server needs of the machine that it runs on. Both give findings,
// which a [Report] prints for a person or a program.
//
// # Limits
//
// What is found is found from where it is asked: a firewall may let this machine through and nobody else, or the other way round. A visit
// opens rooms of its own with names drawn at random, and closes them after some seconds; nobody in a meeting sees it.
//
// # Does not protect
//
// A server that delivers other code to some visitors delivers what it likes to this one.
package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Verdict on one thing.
type Verdict string

// Verdicts.
const (
	OK      Verdict = "ok"
	Warning Verdict = "warning" // works, and should be better
	Failure Verdict = "failure" // does not work
	Skipped Verdict = "skipped" // was not looked at, and why
)

// Finding is what was found of one thing.
type Finding struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	What    string  `json:"what"`
	Hint    string  `json:"hint,omitempty"` // what to do; for warnings and failures
}

// Report is all that was found.
type Report []Finding

// Healthy says whether nothing fails.
func (r Report) Healthy() bool {
	for _, f := range r {
		if f.Verdict == Failure {
			return false
		}
	}
	return true
}

// Text writes a line for each finding, and a line with its hint.
func (r Report) Text(w io.Writer) {
	wide := 0
	for _, f := range r {
		wide = max(wide, len(f.Name))
	}
	counts := map[Verdict]int{}
	for _, f := range r {
		counts[f.Verdict]++
		fmt.Fprintf(w, "%-7s  %-*s  %s\n", f.Verdict, wide, f.Name, f.What)
		if f.Hint != "" {
			fmt.Fprintf(w, "%s  hint: %s\n", strings.Repeat(" ", 7+2+wide), f.Hint)
		}
	}
	fmt.Fprintf(w, "\nok: %d, warnings: %d, failures: %d, skipped: %d\n", counts[OK], counts[Warning], counts[Failure], counts[Skipped])
}

// JSON writes one object.
func (r Report) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Healthy  bool      `json:"healthy"`
		Findings []Finding `json:"findings"`
	}{r.Healthy(), r})
}

func (r *Report) ok(name, what string, args ...any) {
	*r = append(*r, Finding{name, OK, fmt.Sprintf(what, args...), ""})
}

func (r *Report) warn(name, hint, what string, args ...any) {
	*r = append(*r, Finding{name, Warning, fmt.Sprintf(what, args...), hint})
}

func (r *Report) fail(name, hint, what string, args ...any) {
	*r = append(*r, Finding{name, Failure, fmt.Sprintf(what, args...), hint})
}

func (r *Report) skip(name, why string, args ...any) {
	*r = append(*r, Finding{name, Skipped, fmt.Sprintf(why, args...), ""})
}
