package call

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	pollKind = "grotto.poll"
	voteKind = "grotto.vote"

	maxPolls      = 50
	maxPollsOfOne = 10
	maxAsked      = maxQuestion + maxOptions*(maxOption+15) // of a poll in one line, with its counts
)

// asking is what one knows of the polls of a room, over sessions. The session's goroutine owns it.
type asking struct {
	polls []*knownPoll     // poll n is the one at n-1
	own   map[string][]int // our answers, by the polls' ids
}

type knownPoll struct {
	poll
	id     string
	name   string
	key    string   // of ours, what closes it
	end    *pollEnd // nil while it is open
	counts []int    // as we counted at the end, or were told
	voters int
}

// Poll is a question to everybody, and how it was answered so far.
type Poll struct {
	Number   int    // names it, here
	Name     string // who asked
	Question string
	Options  []PollOption
	Many     bool // one may choose several
	Voters   int
	Closed   bool
}

// PollOption is one of its answers.
type PollOption struct {
	Text  string `json:"text"`
	Votes int    `json:"votes"`
	Mine  bool   `json:"mine"`
}

func (c *Call) askingIn(slug string) *asking {
	if c.polls[slug] == nil {
		c.polls[slug] = &asking{own: map[string][]int{}}
	}
	return c.polls[slug]
}

// heardPoll takes in a question, or the end of one. It is said again to newcomers.
func (s *session) heardPoll(e olmkeys.Heard, p *person) {
	var said saidPoll
	if json.Unmarshal(e.Body, &said) != nil || !said.clean() {
		return
	}
	id := said.id()
	at := slices.IndexFunc(s.asking.polls, func(known *knownPoll) bool { return known.id == id })
	if at < 0 {
		if p.polls >= maxPollsOfOne || len(s.asking.polls) >= maxPolls {
			return
		}
		p.polls++
		at = len(s.asking.polls)
		s.asking.polls = append(s.asking.polls, &knownPoll{poll: said.poll, id: id, name: s.nameOf(e.From)})
		s.happened(PersonEvent{From: e.From, What: Asked, Poll: at + 1, Text: said.line(nil)})
		if said.endedBy(said.End) { // before we came: we have the author's word only
			s.closePoll(s.asking.polls[at], said.End, said.End.Counts, said.End.Voters)
			s.happened(PersonEvent{From: e.From, What: Closed, Poll: at + 1, Text: said.line(said.End.Counts)})
		}
		return
	}
	if known := s.asking.polls[at]; known.end == nil && said.endedBy(said.End) {
		counts, voters := s.count(known)
		s.closePoll(known, said.End, counts, voters)
		s.happened(PersonEvent{From: e.From, What: Closed, Poll: at + 1, Text: said.line(counts)})
	}
}

func (s *session) closePoll(known *knownPoll, end *pollEnd, counts []int, voters int) {
	known.end, known.counts, known.voters = end, counts, voters
}

// heardVotes tells what somebody answers now and did not answer before.
func (s *session) heardVotes(e olmkeys.Heard, p *person) {
	var said votes
	if json.Unmarshal(e.Body, &said) != nil {
		return
	}
	before := p.ballot
	p.ballot = said.ballot()
	for i, asked := range s.asking.polls {
		answer := asked.answers(p.ballot[asked.id])
		if asked.end == nil && answer != "" && answer != asked.answers(before[asked.id]) {
			s.happened(PersonEvent{From: e.From, What: Answered, Poll: i + 1, Text: answer})
		}
	}
}

// count is how often each answer is chosen now, and by how many.
func (s *session) count(p *knownPoll) (counts []int, voters int) {
	counts = make([]int, len(p.Options))
	add := func(places []int) {
		chosen := p.choices(places)
		for _, place := range chosen {
			counts[place]++
		}
		if len(chosen) > 0 {
			voters++
		}
	}
	add(s.asking.own[p.id])
	for _, other := range s.people {
		if other.listens() {
			add(other.ballot[p.id])
		}
	}
	return counts, voters
}

// askAgain tells newcomers what we asked and answered.
func (s *session) askAgain() {
	for _, p := range s.asking.polls {
		if p.key != "" {
			s.say(pollKind, saidPoll{p.poll, p.end})
		}
	}
	if len(s.asking.own) > 0 {
		s.sayVotes()
	}
}

func (s *session) sayVotes() {
	s.say(voteKind, map[string]map[string][]int{"votes": s.asking.own})
}

// Polls are those of the meeting, in the order in which one came to know of them.
func (c *Call) Polls() (all []Poll, err error) {
	err = c.inSession(func(s *session) error {
		for i, p := range s.asking.polls {
			counts, voters := p.counts, p.voters
			if p.end == nil {
				counts, voters = s.count(p)
			}
			shown := Poll{Number: i + 1, Name: p.name, Question: p.Question, Many: p.Many, Voters: voters, Closed: p.end != nil}
			for place, option := range p.Options {
				shown.Options = append(shown.Options, PollOption{option, counts[place], slices.Contains(s.asking.own[p.id], place)})
			}
			all = append(all, shown)
		}
		return nil
	})
	return all, err
}

// Vote answers a poll, by its number and those of the answers, both from 1; with none the answer is taken back.
func (c *Call) Vote(number int, answers ...int) error {
	return c.inSession(func(s *session) error {
		p, err := s.openPoll(number)
		if err != nil {
			return err
		}
		places := make([]int, len(answers))
		for i, n := range answers {
			if places[i] = n - 1; n < 1 || n > len(p.Options) {
				return unsaid(fmt.Sprintf("poll %d has no answer %d", number, n), fmt.Sprintf("1 to %d", len(p.Options)))
			}
		}
		if len(places) > 1 && !p.Many {
			return unsaid("this poll takes one answer", "")
		}
		if s.asking.own[p.id] = p.choices(places); len(places) == 0 {
			delete(s.asking.own, p.id)
		}
		s.sayVotes()
		return nil
	})
}

// Ask asks everybody a question, of which one answer may be chosen, or several, and gives the poll's number.
func (c *Call) Ask(question string, options []string, many bool) (number int, err error) {
	err = c.inSession(func(s *session) error {
		if err := s.has(wire.FeaturePolls); err != nil {
			return err
		}
		ours := 0
		for _, p := range s.asking.polls {
			if p.key != "" {
				ours++
			}
		}
		p := &knownPoll{name: cleanName(c.config.Name), key: newPollKey()}
		p.poll = poll{Nonce: pollNonce(p.key), Question: question, Options: slices.Clone(options), Many: many}
		switch {
		case !p.clean():
			return unsaid("that is no poll", fmt.Sprintf("a question and 2 to %d different answers", maxOptions))
		case ours >= maxPollsOfOne, len(s.asking.polls) >= maxPolls:
			return unsaid("there are too many polls", "")
		}
		p.id = p.poll.id()
		s.asking.polls = append(s.asking.polls, p)
		number = len(s.asking.polls)
		s.say(pollKind, saidPoll{poll: p.poll})
		return nil
	})
	return number, err
}

// ClosePoll ends a poll of ours: nobody answers any more.
func (c *Call) ClosePoll(number int) error {
	return c.inSession(func(s *session) error {
		p, err := s.openPoll(number)
		switch {
		case err != nil:
			return err
		case p.key == "":
			return unsaid("only who asked closes a poll", "")
		}
		counts, voters := s.count(p)
		s.closePoll(p, &pollEnd{Key: p.key, Counts: counts, Voters: voters}, counts, voters)
		s.say(pollKind, saidPoll{p.poll, p.end})
		return nil
	})
}

func (s *session) openPoll(number int) (*knownPoll, error) {
	if number < 1 || number > len(s.asking.polls) {
		return nil, unsaid(fmt.Sprintf("there is no poll %d", number), "")
	}
	p := s.asking.polls[number-1]
	if p.end != nil {
		return nil, unsaid(fmt.Sprintf("poll %d is closed", number), "")
	}
	return p, nil
}

// cleanLine is text in one line, cut.
func cleanLine(text string, most int) string {
	line := cleanText(strings.Join(strings.Fields(cleanText(text)), " "))
	return cleanText(cut(line, most)) // the cut may leave what is not seen
}
