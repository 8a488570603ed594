package sfu

import (
	"testing"
	"time"
)

// TestTendedInPassing: who reads packets does what is due, and not with each packet.
func TestTendedInPassing(t *testing.T) {
	s := &SFU{}
	tender := &s.tender
	tender.sfu, tender.timer = s, time.NewTimer(time.Hour)
	gone := func() *intake { return newIntake(&link{sfu: s, closed: true}) } // is tended once, and taken out
	tender.intakes = []*intake{gone()}
	if tender.passed(); len(tender.intakes) != 0 {
		t.Error("was not tended")
	}
	tender.intakes = []*intake{gone()}
	if tender.passed(); len(tender.intakes) != 1 {
		t.Error("was tended twice at once")
	}
}
