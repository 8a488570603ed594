package sfu

import (
	"testing"
	"time"
)

// TestCopies: one packet is not sent again at once nor without end; another one with its number is.
func TestCopies(t *testing.T) {
	r, now, sent := &resender{}, time.Unix(100, 0), 0
	for range 200 { // asked for too early: that is no copy
		now = now.Add(time.Millisecond)
		if !r.allow(7, now) {
			t.Fatal("what was never sent again is refused")
		}
	}
	for range 200 {
		now = now.Add(time.Millisecond)
		if r.allow(7, now) {
			r.spend(7, now)
			sent++
		}
	}
	if sent != copies {
		t.Errorf("%d copies", sent)
	}
	if now = now.Add(2 * historySpan); !r.allow(7, now) {
		t.Error("numbers wrap")
	}
	if r.spend(7, now); r.allow(7, now.Add(resendGap/2)) {
		t.Error("twice at once")
	}
}
