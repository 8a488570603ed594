package call

import (
	"github.com/grotto-meet/grotto/olmkeys"
)

// checkKeys sees to it that keys have one source.
func (c *Call) checkKeys() (err error) {
	hasSecret := len(c.config.Link.secret) > 0
	switch {
	case c.config.Keys == olmkeys.KeysOlm && !hasSecret:
		return &Error{Class: ErrLink, What: "the link has no secret", Hint: "copy the whole link, it ends in #..., or give a key"}
	case c.config.Keys == olmkeys.KeysOlm:
		return nil
	case hasSecret:
		return &Error{Class: ErrLink, What: "the link has a secret, though keys are set from outside", Hint: "one or the other"}
	}
	c.keys, err = olmkeys.NewKeySet(c.config.Keys)
	return err
}

// SetKey gives a key from outside: that of everybody with KeysShared, where no user is named; else that of one
// participant, ourselves too. What we send is sealed under our own from then on, so the others should be given it first.
// Keys last over sessions; a refused one changes nothing.
func (c *Call) SetKey(k olmkeys.SetKey) error {
	if c.keys == nil {
		return olmkeys.ErrKeySource
	}
	c.mu.Lock()
	_, err := c.keys.Set(k)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case c.newKey <- struct{}{}:
	default: // the session is about to look
	}
	return nil
}

// setKeys gives the agent the newest keys. Those it has already change nothing.
func (s *session) setKeys() {
	c := s.call
	if c.keys == nil {
		return
	}
	c.mu.Lock()
	keys := c.keys.Keys()
	c.mu.Unlock()
	for _, k := range keys {
		s.handle(k)
	}
}
