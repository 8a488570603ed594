package call

import (
	"context"
	"net/url"
	"strings"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
	"github.com/grotto-meet/grotto/olmkeys/wordlist"
)

// Remove takes a participant, whom Find finds, out of everybody's keys. With changeLink the meeting gets another link,
// which is returned: it goes to those who remain, and who has only the old one is given nothing. Settle before leaving,
// and look at Link then: two changes at once become one.
func (c *Call) Remove(who olmkeys.Ref, changeLink bool) (link string, err error) {
	err = c.inSession(func(s *session) error {
		if p := s.people[who]; p == nil || !p.listens() {
			return unsaid("that participant has left", "")
		}
		if !changeLink {
			s.handle(olmkeys.Remove{Devices: []olmkeys.Ref{who}})
			s.expel(who)
			return nil
		}
		if c.config.Keys != olmkeys.KeysOlm {
			return unsaid("the key of this meeting does not come from its link", "give everybody who remains another key")
		}
		secret, err := c.newSecret()
		if err != nil {
			return err
		}
		s.handle(olmkeys.Remove{Devices: []olmkeys.Ref{who}, Secret: secret})
		s.expel(who)
		link = c.Link()
		return nil
	})
	return link, err
}

// expel has the server end the session of somebody who was removed, where we may ask for that.
func (s *session) expel(who olmkeys.Ref) {
	if s.order.moderates(s.agent.Ref()) && !s.order.moderates(who) {
		s.request(&wire.Expel{Device: deviceOf(who)})
	}
}

// newSecret draws one like that of the link: of words, if it was.
func (c *Call) newSecret() (olmkeys.Secret, error) {
	draw := olmkeys.NewSecret
	c.mu.Lock()
	if len(c.config.Link.secret) > olmkeys.SecretSize {
		draw = wordlist.New
	}
	c.mu.Unlock()
	fragment, err := draw(nil)
	if err != nil {
		return nil, err
	}
	return olmkeys.ParseSecret(fragment)
}

// Link is the meeting's whole link as it is now, with its secret.
func (c *Call) Link() string {
	c.mu.Lock()
	l := c.config.Link
	c.mu.Unlock()
	u, err := url.Parse(l.Signal)
	if err != nil {
		return "" // it was made of a URL
	}
	u.Scheme = strings.Replace(u.Scheme, "ws", "http", 1)
	u.Path, u.Fragment = roomPrefix+l.Slug, olmkeys.Secret(l.secret).Fragment()
	return u.String()
}

// Settle waits until everybody who is there has shown that they have the link that we have, is no longer taken for one
// of the meeting, or the context ends.
func (c *Call) Settle(ctx context.Context) {
	settled := make(chan struct{})
	if c.inSession(func(s *session) error {
		s.settling = append(s.settling, settled)
		s.checkSettled()
		return nil
	}) != nil {
		return
	}
	select {
	case <-settled:
	case <-ctx.Done():
	}
}

func (s *session) checkSettled() {
	if len(s.settling) == 0 || s.agent.Unproven() > 0 {
		return
	}
	for _, settled := range s.settling {
		close(settled)
	}
	s.settling = nil
}

// relinked goes over to another secret, for the next session too.
func (s *session) relinked(e olmkeys.SecretChanged) {
	c := s.call
	c.mu.Lock()
	c.config.Link.secret = e.Secret
	c.mu.Unlock()
	if e.By != (olmkeys.Ref{}) {
		name := s.nameOf(e.By)
		c.notice("The meeting's link was changed by " + name + ". This program has the new one; who joins from now on needs it: ask " + name + " for it.")
	}
}

// removed ends the session, and the call.
func (s *session) removed(by olmkeys.Ref) {
	s.end = &Error{Class: ErrRemoved, What: "you were removed from this meeting by " + s.nameOf(by), Code: "removed"}
}
