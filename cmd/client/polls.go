package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/grotto-meet/grotto/internal/call"
)

// asking is what a command about polls does; nil if it is none, or incomplete.
func (t *talk) asking(command, rest string) func() error {
	switch command {
	case "/ask":
		parts := strings.Split(rest, "|")
		return func() error {
			number, err := t.call.Ask(parts[0], parts[1:], false)
			if err == nil {
				t.say(event{Type: "poll", Poll: number, Text: strings.TrimSpace(parts[0])}, fmt.Sprintf("This is poll %d.", number))
			}
			return err
		}
	case "/vote":
		numbers, ok := numbersIn(rest)
		if !ok || len(numbers) == 0 {
			return nil
		}
		return func() error { return t.call.Vote(numbers[0], numbers[1:]...) }
	case "/close":
		numbers, ok := numbersIn(rest)
		if !ok || len(numbers) != 1 {
			return nil
		}
		return func() error {
			if err := t.call.ClosePoll(numbers[0]); err != nil {
				return err
			}
			return t.polls(numbers[0])
		}
	case "/polls":
		if rest == "" {
			return func() error { return t.polls(0) }
		}
	}
	return nil
}

func numbersIn(text string) (numbers []int, ok bool) {
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		n, err := strconv.Atoi(field)
		if err != nil {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	return numbers, true
}

// polls prints how a poll stands, or all of them.
func (t *talk) polls(number int) error {
	all, err := t.call.Polls()
	if err != nil {
		return err
	}
	for _, p := range all {
		if number == 0 || p.Number == number {
			t.say(event{Type: "poll_result", Name: p.Name, Poll: p.Number, Text: p.Question, Result: &result{p.Options, p.Voters, p.Closed}}, howStands(p))
		}
	}
	return nil
}

// howStands is a poll in a line, with how often each answer was chosen, and ours marked.
func howStands(p call.Poll) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Poll %d: %s", p.Number, p.Question)
	for i, option := range p.Options {
		mine := ""
		if option.Mine {
			mine = "*"
		}
		fmt.Fprintf(&b, " (%d%s) %s: %d", i+1, mine, option.Text, option.Votes)
	}
	if p.Closed {
		b.WriteString(" [closed]")
	}
	return b.String()
}
