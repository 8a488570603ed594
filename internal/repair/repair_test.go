package repair

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var start = time.Unix(1_000_000, 0)

func TestAsksUntilItComes(t *testing.T) {
	var a Asker
	now := start
	for _, s := range []uint16{65533, 65534, 1} { // 65535 and 0 are missing
		a.Got(s, now)
	}
	if due := a.Due(now, nil); len(due) != 0 {
		t.Errorf("asked at once for %v", due)
	}
	var asked []time.Duration
	for range 300 {
		next, ok := a.Next()
		if !ok {
			break
		}
		if !next.After(now) && len(asked) > 0 {
			t.Fatalf("due again at once, after %v", asked)
		}
		now = next
		if due := a.Due(now, nil); slices.Equal(due, []uint16{65535, 0}) {
			asked = append(asked, now.Sub(start))
		} else if len(due) > 0 {
			t.Errorf("asked for %v", due)
		}
	}
	if len(asked) < 4 || len(asked) > 10 || asked[0] != firstAfter || asked[len(asked)-1] > GiveUp {
		t.Errorf("asked after %v", asked)
	}
}

func TestComesLate(t *testing.T) {
	var a Asker
	a.Got(1, start)
	a.Got(3, start)
	a.Got(2, start) // overtaken, not lost
	a.Got(2, start) // twice
	if _, ok := a.Next(); ok {
		t.Error("something is due")
	}
	a.Got(5, start)
	if due := a.Due(start.Add(firstAfter), nil); !slices.Equal(due, []uint16{4}) {
		t.Error(due)
	}
	a.Got(4, start.Add(50*time.Millisecond))
	if due := a.Due(start.Add(time.Second/2), nil); len(due) != 0 {
		t.Error(due)
	}
}

// A stream that begins anew is not asked for what lies between.
func TestJump(t *testing.T) {
	var a Asker
	for _, s := range []uint16{10, 12, 10_000, 9_000, 9_001 + mostMissing + 1} {
		a.Got(s, start)
	}
	if due := a.Due(start.Add(time.Second/2), nil); len(due) != 0 {
		t.Error(due)
	}
}

// Held against a map that forgets nothing: whatever comes in whatever order, what is asked for is missing.
func TestOnlyWhatIsMissing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var a Asker
	got := map[uint16]bool{}
	now := start
	for s := uint16(0); s < 20_000; s++ {
		now = now.Add(5 * time.Millisecond)
		if random.IntN(10) > 0 {
			a.Got(s, now)
			got[s] = true
		}
		for _, asked := range a.Due(now, nil) {
			if got[asked] || int16(s-asked) < 0 {
				t.Fatalf("at %d asked for %d", s, asked)
			}
			if random.IntN(2) == 0 {
				a.Got(asked, now)
				got[asked] = true
			}
		}
	}
	lost := 0
	for s := range uint16(19_700) {
		if !got[s] {
			lost++
		}
	}
	if lost > 200 { // of 2,000, half a chance each of about eight times
		t.Errorf("%d of 20,000 never came", lost)
	}
}
