package matrixkeys

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
)

// refusals tells a person, once each, of messages that were not let through.
type refusals struct {
	notice func(string)
	mu     sync.Mutex
	told   map[string]bool
}

func newRefusals(notice func(string)) *refusals {
	return &refusals{notice: notice, told: map[string]bool{}}
}

func (r *refusals) tell(is olmdevice.Refusal) {
	if !strings.HasPrefix(is.Type, rtc.Prefix) {
		return // not for us
	}
	from, why := string(is.From.User), "from a device that is not known"
	switch {
	case errors.Is(is.Err, olmdevice.ErrPlaintext):
		why = "without encryption"
	case errors.Is(is.Err, olmdevice.ErrUntrusted):
		why = fmt.Sprintf("from the device %s, which is not trusted: it has to be verified there, in the account's settings", is.From.Device)
	case errors.Is(is.Err, olmdevice.ErrKeys):
		why = "encrypted with other keys than the device's"
	}
	text := fmt.Sprintf("Something came from %s %s. It was not taken.", from, why)
	r.mu.Lock()
	known := r.told[text] || len(r.told) >= mostTold
	if !known {
		r.told[text] = true
	}
	r.mu.Unlock()
	if !known {
		r.notice(text)
	}
}
