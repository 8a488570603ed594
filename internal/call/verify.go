package call

import (
	"cmp"
	"slices"

	"github.com/grotto-meet/grotto/olmkeys"
)

// Verification is where comparing emoji with somebody stands. Cancelled without a reason: the connection was lost for
// good, and everybody is somebody else in the session that comes after it.
type Verification struct {
	olmkeys.Verification
	Name string // of the other
}

// Participant is somebody who is there now and may be spoken with.
type Participant struct {
	olmkeys.Ref
	Name  string
	Named bool // has said a name
	State olmkeys.PeerState
}

// Participants are those who are there now, without those of another secret, blocked or refused.
func (c *Call) Participants() (list []Participant) {
	_ = c.inSession(func(s *session) error {
		for ref, p := range s.people {
			if p.listens() {
				list = append(list, Participant{Ref: ref, Name: s.nameOf(ref), Named: p.named, State: p.state})
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Participant) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Device, b.Device))
	})
	return list
}

// Verify takes a step in comparing emoji with somebody; Config.OnVerification tells how it goes.
func (c *Call) Verify(with olmkeys.Ref, step olmkeys.VerifyStep) error {
	return c.inSession(func(s *session) error {
		if p := s.people[with]; p == nil || !p.listens() {
			return unsaid("that participant has left", "")
		}
		s.handle(olmkeys.Verify{With: with, Step: step})
		return nil
	})
}

// verification tells how it goes.
func (s *session) verification(v olmkeys.Verification) {
	switch v.State {
	case olmkeys.VerifyDone, olmkeys.VerifyCancelled:
		delete(s.verifying, v.With)
	default:
		s.verifying[v.With] = true
	}
	if f := s.call.config.OnVerification; f != nil {
		f(Verification{v, s.nameOf(v.With)})
	}
}

// endVerifications is for the end of a session.
func (s *session) endVerifications() {
	for with := range s.verifying {
		s.verification(olmkeys.Verification{With: with, State: olmkeys.VerifyCancelled})
	}
}
