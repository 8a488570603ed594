package olmkeys

import (
	"errors"
	"slices"

	"maunium.net/go/mautrix/id"
)

const (
	maxSessions = 5    // sessions kept with one device
	maxDials    = 1024 // pre-key sessions accepted from one device in a call

	olmPreKey  = 0
	olmMessage = 1
)

// pairSessions are the sessions with one device, newest first. Several are legal: both sides may have dialled at the
// same time, and a side that could not decrypt has dialled anew.
type pairSessions struct {
	list     []*pairSession
	accepted map[id.SessionID]struct{} // every session the device ever began: a fallback key would let one begin twice
	count    uint64
}

// usable is the session to encrypt on: the one last received on, or the newest. Nil if there is none.
func (p *pairSessions) usable() *pairSession {
	var best *pairSession
	for _, s := range p.list {
		if best == nil || s.received > best.received {
			best = s
		}
	}
	return best
}

// add puts a session in front, the least recently received on goes.
func (p *pairSessions) add(s *pairSession) {
	p.list = slices.Insert(p.list, 0, s)
	if len(p.list) <= maxSessions {
		return
	}
	last := 1
	for i, s := range p.list {
		if i > 0 && s.received <= p.list[last].received {
			last = i
		}
	}
	p.list = slices.Delete(p.list, last, last+1)
}

// dialled adds a session that we began. It counts as the one last received on: a device that dials anew does so because
// the others do not work.
func (p *pairSessions) dialled(s *pairSession) {
	p.add(s)
	p.received(s)
}

// decrypt opens a message of the device with this Curve25519 key, on the session it belongs to or on a new one.
func (p *pairSessions) decrypt(o *ownAccount, curve25519 []byte, e Envelope) ([]byte, error) {
	switch e.Olm {
	case olmPreKey:
		for _, s := range p.list {
			if s.matches(e.Body) {
				return p.decryptOn(s, e)
			}
		}
		return p.accept(o, curve25519, e.Body)
	case olmMessage:
		likely := p.usable()
		if likely == nil {
			return nil, ErrUndecryptable
		}
		if plaintext, err := p.decryptOn(likely, e); err == nil {
			return plaintext, nil
		}
		for _, s := range slices.Clone(p.list) {
			if s == likely {
				continue
			}
			if plaintext, err := p.decryptOn(s, e); err == nil {
				return plaintext, nil
			}
		}
		return nil, ErrUndecryptable
	default:
		return nil, ErrMalformed
	}
}

func (p *pairSessions) decryptOn(s *pairSession, e Envelope) ([]byte, error) {
	plaintext, err := s.decrypt(e.Olm, e.Body)
	if errors.Is(err, errOlmPanic) {
		p.list = slices.DeleteFunc(p.list, func(x *pairSession) bool { return x == s })
	}
	if err != nil {
		return nil, err
	}
	p.received(s)
	return plaintext, nil
}

func (p *pairSessions) accept(o *ownAccount, curve25519 []byte, body string) ([]byte, error) {
	if len(p.accepted) >= maxDials {
		return nil, ErrTooMany
	}
	s, plaintext, err := o.accept(curve25519, body)
	if err != nil {
		return nil, err
	}
	if _, seen := p.accepted[s.id]; seen {
		return nil, ErrReplayedDial
	}
	if p.accepted == nil {
		p.accepted = make(map[id.SessionID]struct{})
	}
	p.accepted[s.id] = struct{}{}
	p.add(s)
	p.received(s)
	return plaintext, nil
}

func (p *pairSessions) received(s *pairSession) {
	p.count++
	s.received = p.count
}
