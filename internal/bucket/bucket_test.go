package bucket

import (
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	now := time.Now()
	three := Limit{Rate: 1, Burst: 3}
	var b Bucket
	if !b.Full(now) {
		t.Error("a new one is not full")
	}
	for i := range 3 {
		if !b.Take(now, three, 1) {
			t.Fatal(i)
		}
	}
	if b.Take(now, three, 1) || b.Wait(now, three, 1) != time.Second || b.Wait(now, three, 2) != 2*time.Second || b.Full(now) {
		t.Errorf("%v %v", b.Wait(now, three, 1), b.Wait(now, three, 2))
	}
	later := now.Add(time.Second)
	if b.Wait(later, three, 1) != 0 || b.Take(later, three, 2) || !b.Take(later, three, 1) {
		t.Error("one a second comes back, and no more")
	}
	if !b.Full(now.Add(time.Hour)) || !b.Take(now.Add(time.Hour), three, 3) || b.Take(now.Add(time.Hour), three, 1) {
		t.Error("what is not used adds up to the burst, and no more")
	}
	var empty Bucket
	if empty.Take(now, three, 4) {
		t.Error("more than there ever is")
	}
	var wide Bucket
	if !wide.Take(now, three.Times(2), 6) || wide.Take(now, three.Times(2), 1) {
		t.Error("twice as much")
	}
}
