package main

import (
	"testing"
	"time"
)

// TestLatencies: quantiles are within the histogram's step of the truth.
func TestLatencies(t *testing.T) {
	var a, b latencies
	for i := range 10_000 {
		l := &a
		if i%2 == 0 {
			l = &b
		}
		l.add(time.Duration(i+1) * time.Microsecond)
	}
	a.merge(&b)
	for q, want := range map[float64]time.Duration{.5: 5 * time.Millisecond, .99: 9900 * time.Microsecond} {
		if got := a.quantile(q); got < want*96/100 || got > want*104/100 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if a.max != 10*time.Millisecond {
		t.Error("max", a.max)
	}
	for d := time.Duration(1); d < time.Hour; d = d*9/8 + 1 {
		if from, to := durationOf(slotOf(d)), durationOf(slotOf(d)+1); d < from || d >= to {
			t.Fatalf("%d lies in [%d, %d)", d, from, to)
		}
	}
}

// TestCutEvenly: as libwebrtc does, packets of a frame differ by one byte at most, the larger ones behind.
func TestCutEvenly(t *testing.T) {
	for n := 1; n < 9000; n++ {
		var all []byte
		frame := make([]byte, n)
		pieces := cutEvenly(frame, 1100)
		for i, p := range pieces {
			all = append(all, p...)
			if len(p) > 1100 || len(p) == 0 || i > 0 && (len(p) < len(pieces[i-1]) || len(p) > len(pieces[0])+1) {
				t.Fatalf("%d bytes: piece %d has %d", n, i, len(p))
			}
		}
		if len(all) != n {
			t.Fatalf("%d bytes became %d", n, len(all))
		}
	}
}
