package call

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// What a poll is: crypto.md, section 8.
const (
	maxQuestion = 300 // characters
	maxOption   = 100 // characters
	maxOptions  = 10
	maxVoters   = 10_000
	pollLabel   = "grotto v1 poll"
)

// poll is a question with answers to choose from.
type poll struct {
	Nonce    string   `json:"nonce"`
	Question string   `json:"question"`
	Options  []string `json:"options"`
	Many     bool     `json:"many"`
}

// pollEnd closes a poll. Its author alone knows the key, of which the poll's nonce is the hash.
type pollEnd struct {
	Key    string `json:"key"`
	Counts []int  `json:"counts"` // by the options' places, for those who come later
	Voters int    `json:"voters"`
}

type saidPoll struct {
	poll
	End *pollEnd `json:"end,omitempty"`
}

// clean makes a poll fit to be shown; false where it is none.
func (p *poll) clean() bool {
	if b, err := base64.RawURLEncoding.DecodeString(p.Nonce); err != nil || len(b) != 16 {
		return false
	}
	p.Question = cleanLine(p.Question, maxQuestion)
	if p.Question == "" || len(p.Options) < 2 || len(p.Options) > maxOptions {
		return false
	}
	seen := make(map[string]bool)
	for i, option := range p.Options {
		p.Options[i] = cleanLine(option, maxOption)
		if p.Options[i] == "" || seen[p.Options[i]] {
			return false
		}
		seen[p.Options[i]] = true
	}
	return true
}

// id is what answers name the poll by: the hash of all that is asked.
func (p *poll) id() string {
	return half(bodyOf([]any{p.Nonce, p.Question, p.Options, p.Many}))
}

// endedBy says whether this is the poll's end.
func (p *poll) endedBy(e *pollEnd) bool {
	if e == nil || pollNonce(e.Key) != p.Nonce || len(e.Counts) != len(p.Options) || e.Voters < 0 || e.Voters > maxVoters {
		return false
	}
	return !slices.ContainsFunc(e.Counts, func(n int) bool { return n < 0 || n > e.Voters })
}

func newPollKey() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

func pollNonce(key string) string { return half([]byte(pollLabel + key)) }

func half(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// line is the poll in one line; with counts, how often each answer was chosen.
func (p *poll) line(counts []int) string {
	var b strings.Builder
	b.WriteString(p.Question)
	for i, option := range p.Options {
		fmt.Fprintf(&b, " (%d) %s", i+1, option)
		if counts != nil {
			fmt.Fprintf(&b, ": %d", counts[i])
		}
	}
	return b.String()
}

// choices are those of places that there are, in the poll's order, each once; where one may choose but one, the first.
func (p *poll) choices(places []int) (chosen []int) {
	for place := range p.Options {
		if slices.Contains(places, place) && (p.Many || len(chosen) == 0) {
			chosen = append(chosen, place)
		}
	}
	return chosen
}

// answers are the words at these places.
func (p *poll) answers(places []int) string {
	var words []string
	for _, place := range p.choices(places) {
		words = append(words, p.Options[place])
	}
	return strings.Join(words, ", ")
}

// votes is all that one device answers, by the polls' ids.
type votes struct {
	Votes map[string]json.RawMessage `json:"votes"` // lists of places
}

// ballot is what of it is looked at.
func (v votes) ballot() map[string][]int {
	ballot := make(map[string][]int)
	for id, list := range v.Votes {
		var places []int
		if len(ballot) < maxPolls && json.Unmarshal(list, &places) == nil {
			ballot[id] = places[:min(len(places), maxOptions)]
		}
	}
	return ballot
}
