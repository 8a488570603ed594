package call

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// Say writes a line of up to 4,000 characters to everybody who is there. Nobody who comes later gets it; with nobody
// there it is an error, since nobody would ever read it.
func (c *Call) Say(text string) error {
	text, err := sayable(text)
	if err != nil {
		return err
	}
	return c.inSession(func(s *session) error {
		if err := s.has(wire.FeatureChat); err != nil {
			return err
		}
		if !s.accompanied() {
			return unsaid("nobody is here to read it", "wait until somebody has joined")
		}
		s.say(chatKind, chat{Text: text})
		return nil
	})
}

// SayTo writes a line to one participant alone, whom Find finds. There is no receipt: see olmkeys.
func (c *Call) SayTo(to olmkeys.Ref, text string) error {
	text, err := sayable(text)
	if err != nil {
		return err
	}
	return c.inSession(func(s *session) error {
		if err := s.has(wire.FeaturePrivateChat); err != nil {
			return err
		}
		p := s.people[to]
		switch {
		case p == nil:
			return unsaid("that participant has left", "")
		case !p.listens() || p.state == olmkeys.StateWaiting:
			return unsaid("keys with that participant are not exchanged", "try again in a moment")
		}
		body := bodyOf(chat{Text: text})
		if len(body) > olmkeys.MaxPrivateBody {
			return unsaid(fmt.Sprintf("it has %d bytes", len(body)), fmt.Sprintf("at most %d fit into a private line", olmkeys.MaxPrivateBody))
		}
		s.handle(olmkeys.SayTo{To: []olmkeys.Ref{to}, Kind: chatKind, Body: body})
		return nil
	})
}

// React shows everybody one of Reactions for a moment.
func (c *Call) React(emoji string) error {
	if !slices.Contains(Reactions, emoji) {
		return unsaid("that is no reaction", fmt.Sprint("one of ", Reactions))
	}
	return c.inSession(func(s *session) error {
		if err := s.has(wire.FeatureReactions); err != nil {
			return err
		}
		if !s.accompanied() {
			return unsaid("nobody is here to see it", "")
		}
		s.say(reactionKind, reaction{Emoji: emoji})
		return nil
	})
}

// RaiseHand raises or lowers our hand. Newcomers are told too while it is up, and everybody after a lost connection.
func (c *Call) RaiseHand(up bool) {
	c.mu.Lock()
	switch {
	case !up:
		c.hand = 0
	case c.hand == 0:
		c.hand = time.Now().UnixMilli()
	}
	c.mu.Unlock()
	_ = c.inSession(func(s *session) error { // the next one begins with it
		s.introduce()
		return nil
	})
}

// Find is who is there by this name, or has this device id. Two of one name are nobody's: names are chosen freely.
func (c *Call) Find(name string) (ref olmkeys.Ref, err error) {
	err = c.inSession(func(s *session) error {
		found, wanted := 0, cleanName(name)
		for r, p := range s.people {
			if p.listens() && wanted != "" && (p.name == wanted || r.Device == wanted) {
				found++
				ref = r
			}
		}
		switch found {
		case 1:
			return nil
		case 0:
			return &Error{Class: ErrUnsaid, What: fmt.Sprintf("nobody here is called %q", wanted), Hint: "names are written as they are shown", Err: ErrNobody}
		}
		return unsaid(fmt.Sprintf("%d people here are called %q", found, wanted), "write the device's id, which is shown behind the name")
	})
	return ref, err
}

// Meet waits until everybody who is there has said a name, so that what is said then is read by all of them, or until
// the context ends.
func (c *Call) Meet(ctx context.Context) {
	met := make(chan struct{})
	if c.inSession(func(s *session) error {
		s.meeting = append(s.meeting, met)
		s.checkMet()
		return nil
	}) != nil {
		return
	}
	select {
	case <-met:
	case <-ctx.Done():
	}
}

// checkMet ends the waiting of Meet.
func (s *session) checkMet() {
	for _, p := range s.people {
		if p.listens() && !(p.named && p.state.Healthy()) {
			return
		}
	}
	for _, met := range s.meeting {
		close(met)
	}
	s.meeting = nil
}

// accompanied says whether anybody is there who may read what we say.
func (s *session) accompanied() bool {
	for _, p := range s.people {
		if p.listens() {
			return true
		}
	}
	return false
}

// inSession runs f in the goroutine of the session, which must be in the call. Not to be used from a callback of
// Config, which runs there.
func (c *Call) inSession(f func(*session) error) (err error) {
	c.mu.Lock()
	s := c.current
	c.mu.Unlock()
	if s == nil || !s.do(func() { err = f(s) }) {
		return unsaid("there is no connection to the meeting", "try again when it is back")
	}
	return err
}

// enterCurrent makes the session the one that speaks for the call, while it is in the call.
func (c *Call) enterCurrent(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = s
}

func sayable(text string) (string, error) {
	text = cleanText(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", unsaid("there is nothing in it", "")
	case n > maxText:
		return "", unsaid(fmt.Sprintf("it has %d characters", n), fmt.Sprintf("at most %d fit", maxText))
	}
	return text, nil
}

func unsaid(what, hint string) error { return &Error{Class: ErrUnsaid, What: what, Hint: hint} }
