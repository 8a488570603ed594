package call

import "github.com/grotto-meet/grotto/olmkeys"

// Memory is what outlasts a call: who we are, and whom we met. Its methods are called from the session's goroutine.
type Memory interface {
	Identity() *olmkeys.Identity // nil for a guest
	Pins() []olmkeys.Pin
	Remember(olmkeys.Pin) error
}

// recall gives an agent what is remembered.
func (c *Call) recall(config *olmkeys.Config) {
	if m := c.config.Memory; m != nil {
		config.Identity, config.Known = m.Identity(), m.Pins()
	}
}

func (c *Call) remember(pin olmkeys.Pin) {
	if c.config.Memory == nil {
		return
	}
	if err := c.config.Memory.Remember(pin); err != nil {
		c.notice("Somebody cannot be remembered: " + err.Error())
	}
}
