package call

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/grotto-meet/grotto/olmkeys"
)

// Polls and files, of which we only tell: crypto.md, section 8.
const (
	pollKind = "grotto.poll"
	voteKind = "grotto.vote"
	fileKind = "grotto.file"

	maxQuestion   = 300 // characters
	maxOption     = 100 // characters
	maxOptions    = 10
	maxPolls      = 50 // that answers are told to
	maxPollsOfOne = 10
	maxOffers     = 20 // of one participant; more are not told
	maxFileName   = 120
	maxAsked      = maxQuestion + maxOptions*(maxOption+8) // of a poll in one line
)

// poll is a question with answers to choose from.
type poll struct {
	Nonce    string   `json:"nonce"`
	Question string   `json:"question"`
	Options  []string `json:"options"`
	Many     bool     `json:"many"`
}

type knownPoll struct {
	id string
	poll
}

// votes is all that one device answers, by the polls' ids.
type votes struct {
	Votes map[string]json.RawMessage `json:"votes"` // lists of places
}

type file struct {
	Name string  `json:"name"`
	Size float64 `json:"size"`
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
	sum := sha256.Sum256(bodyOf([]any{p.Nonce, p.Question, p.Options, p.Many}))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// line is the poll in one line.
func (p *poll) line() string {
	var b strings.Builder
	b.WriteString(p.Question)
	for i, option := range p.Options {
		fmt.Fprintf(&b, " (%d) %s", i+1, option)
	}
	return b.String()
}

// chosen are the answers at these places, in the poll's order, each once; where one may choose but one, the first.
func (p *poll) chosen(list json.RawMessage) string {
	var places []int
	if json.Unmarshal(list, &places) != nil {
		return ""
	}
	var answers []string
	for place, option := range p.Options {
		if slices.Contains(places, place) && (p.Many || len(answers) == 0) {
			answers = append(answers, option)
		}
	}
	return strings.Join(answers, ", ")
}

// heardAsking takes in polls, answers and offers of files.
func (s *session) heardAsking(e olmkeys.Heard, p *person) {
	switch {
	case e.Kind == fileKind:
		var f file
		if json.Unmarshal(e.Body, &f) == nil && f.Size > 0 && p.offers < maxOffers {
			p.offers++
			s.happened(PersonEvent{From: e.From, What: Offered, Text: cleanLine(f.Name, maxFileName), Private: e.Private})
		}
	case e.Private:
	case e.Kind == pollKind:
		var asked poll
		if json.Unmarshal(e.Body, &asked) != nil || !asked.clean() || p.polls >= maxPollsOfOne || len(s.polls) >= maxPolls {
			return
		}
		id := asked.id()
		if slices.ContainsFunc(s.polls, func(known knownPoll) bool { return known.id == id }) {
			return // it is said again to newcomers
		}
		p.polls++
		s.polls = append(s.polls, knownPoll{id: id, poll: asked})
		s.happened(PersonEvent{From: e.From, What: Asked, Text: asked.line()})
	case e.Kind == voteKind:
		s.heardVotes(e, p)
	}
}

// heardVotes tells what somebody answers now and did not answer before.
func (s *session) heardVotes(e olmkeys.Heard, p *person) {
	var said votes
	if json.Unmarshal(e.Body, &said) != nil {
		return
	}
	before := p.answers
	p.answers = make(map[string]string)
	for _, asked := range s.polls {
		answer := asked.chosen(said.Votes[asked.id])
		p.answers[asked.id] = answer
		if answer != before[asked.id] && answer != "" {
			s.happened(PersonEvent{From: e.From, What: Answered, Text: answer})
		}
	}
}

// cleanLine is text in one line, cut.
func cleanLine(text string, most int) string {
	line := cleanText(strings.Join(strings.Fields(cleanText(text)), " "))
	return cleanText(cut(line, most)) // the cut may leave what is not seen
}
