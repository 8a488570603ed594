package config

import "strings"

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Where string // "grotto.yaml:3", "GROTTO_UDP", "--udp"
	What  string
	Hint  string // what to do
}

func (p Problem) Error() string { return p.Where + ": " + p.What }

// Problems are at least one.
type Problems []Problem

func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i := range p {
		texts[i] = p[i].Error()
	}
	return strings.Join(texts, "\n")
}

// nearest names what may have been meant.
func nearest(name string, nameOf func(Field) string) string {
	best, least := "", 1+len(name)/3 // more letters than that are another word
	for _, f := range fields {
		if d := distance(name, nameOf(f)); d <= least {
			best, least = nameOf(f), d-1
		}
	}
	if best == "" {
		return "grotto-server config example lists all settings"
	}
	return "did you mean " + best + "?"
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
