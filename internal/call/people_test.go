package call

import (
	"fmt"
	"testing"

	"github.com/grotto-meet/grotto/olmkeys"
)

// A server that announces devices without end, all refused, does not fill the memory; who has a key is met all the same.
func TestRefusedAreForgotten(t *testing.T) {
	s := &session{call: &Call{tally: newTally()}, people: map[olmkeys.Ref]*person{}}
	show := func(device string, state olmkeys.PeerState) olmkeys.Ref {
		e := olmkeys.Show{From: olmkeys.Ref{User: "@b:localhost", Device: device}, State: state}
		s.noted(e)
		s.call.tally.state(e.From, state)
		return e.From
	}
	first := show("FIRSTXXXXX", olmkeys.StateNew)
	s.call.tally.name(first, "Bob")
	for i := range maxMet + 100 {
		show(fmt.Sprint(i), olmkeys.StateRefused)
	}
	late := show("LATEXXXXXX", olmkeys.StateNew)
	s.call.tally.name(late, "Carol")
	if len(s.people) != 2 {
		t.Errorf("%d are there", len(s.people))
	}
	states, names := s.call.tally.states, s.call.tally.names
	if len(states) != maxMet || states[first] != olmkeys.StateNew || names[late] != "Carol" || names[first] != "Bob" {
		t.Errorf("%d are remembered, the first as %q, %v", len(states), states[first], names)
	}
	for i := range maxMet {
		ref := show(fmt.Sprint("H", i), olmkeys.StateNew)
		s.call.tally.name(ref, "x")
		s.call.tally.warning(ref, olmkeys.WarnSilent)
	}
	if n := max(len(states), len(names), len(s.call.tally.warned)); n > maxMet {
		t.Errorf("%d are remembered", n)
	}
}
