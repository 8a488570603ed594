package call

import "github.com/grotto-meet/grotto/olmkeys"

// checkKeys sees to it that keys have one source.
func (c *Call) checkKeys() (err error) {
	shared := c.config.SharedKey
	if shared != nil {
		c.config.Keys = olmkeys.KeysShared
	}
	hasSecret := len(c.config.Link.secret) > 0
	switch {
	case c.config.Keys == olmkeys.KeysOlm && !hasSecret:
		return &Error{Class: ErrLink, What: "the link has no secret", Hint: "copy the whole link, it ends in #..., or give a key"}
	case c.config.Keys == olmkeys.KeysOlm:
		return nil
	case hasSecret:
		return &Error{Class: ErrLink, What: "the link has a secret, though keys are set from outside", Hint: "one or the other"}
	}
	if c.keys, err = olmkeys.NewKeySet(c.config.Keys); err != nil || shared == nil || shared.passphrase != nil {
		return err
	}
	if err := c.SetKey(olmkeys.SetKey{Key: shared.key}); err != nil {
		return &Error{Class: ErrKeyFile, What: "the key is of no use", Hint: "head -c 32 /dev/urandom > FILE", Err: err}
	}
	return nil
}

// stretch makes the key of a passphrase, once the server has said the room's whole id.
func (c *Call) stretch(room string) error {
	shared := c.config.SharedKey
	if shared == nil || shared.passphrase == nil {
		return nil
	}
	if len(shared.key) == 0 {
		key, err := olmkeys.PassphraseKey(string(shared.passphrase), room, shared.salt)
		if err != nil {
			return err
		}
		shared.key = key
	}
	return c.SetKey(olmkeys.SetKey{Key: shared.key})
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
