package sfu

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestKeyRequestsGoOnUntilAKeyFramePassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		requests := make(chan time.Duration, 100)
		k := newKeyRequests(func() { requests <- time.Since(begin) })
		var asked []time.Duration
		wait := func() { // until all is quiet
			synctest.Wait()
			for len(requests) > 0 {
				asked = append(asked, <-requests)
			}
		}
		a, b := &downTrack{}, &downTrack{}
		k.want(a)
		wait()
		if len(asked) != 1 {
			t.Fatalf("asked at %v, want at once", asked)
		}
		time.Sleep(10 * time.Second)
		wait()
		want := []time.Duration{0, 400, 1200, 2800, 4800, 6800, 8800}
		if len(asked) != len(want) {
			t.Fatalf("asked at %v", asked)
		}
		for i, at := range want {
			if asked[i] != at*time.Millisecond {
				t.Errorf("request %d at %v, want %v ms", i, asked[i], at)
			}
		}
		k.want(b) // somebody new does not wait for the long pause
		wait()
		if len(asked) != len(want)+1 {
			t.Errorf("asked %d times", len(asked))
		}
		k.passed(a)
		time.Sleep(time.Second)
		wait()
		if len(asked) != len(want)+2 {
			t.Errorf("asked %d times while one still waits", len(asked))
		}
		k.passed(b)
		time.Sleep(time.Minute)
		wait()
		if len(asked) != len(want)+2 {
			t.Errorf("asked %d times when nobody waits", len(asked))
		}
	})
}

func TestKeyRequestsAreThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		k := newKeyRequests(func() { asked.Add(1) })
		downs := make([]downTrack, 100)
		for range 100 { // a second of a hundred subscribers that each ask every 10 ms, and are answered
			for i := range downs {
				k.want(&downs[i])
			}
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
			for i := range downs {
				k.passed(&downs[i])
			}
		}
		if n := asked.Load(); n < 1 || n > 3 {
			t.Errorf("asked %d times in a second", n)
		}
		k.want(&downs[0])
		k.stop()
		k.want(&downs[1])
		before := asked.Load()
		time.Sleep(time.Minute)
		synctest.Wait()
		if asked.Load() != before {
			t.Error("asked after stop")
		}
	})
}

// Key frames cost everybody who watches: one subscriber cannot have them without end, and takes none from the others.
func TestKeyFramesHaveABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		k := newKeyRequests(func() { asked.Add(1) })
		greedy, honest := &downTrack{}, &downTrack{}
		run := func(d *downTrack, every, during time.Duration) (requests int) {
			before := asked.Load()
			for end := time.Now().Add(during); time.Now().Before(end); {
				k.want(d)
				synctest.Wait()
				if asked.Load() > before+int32(requests) { // the key frame comes at once
					requests = int(asked.Load() - before)
					k.passed(d)
				}
				time.Sleep(every)
			}
			return requests
		}
		const refills = 30
		if n, most := run(greedy, 10*time.Millisecond, refills*keyRefill+keyRefill/2), keyBudget+refills; n > most || n < most-1 {
			t.Errorf("%d key frames in a minute, want %d", n, most)
		}
		k.want(greedy)
		time.Sleep(keyRequestGap)
		before := asked.Load()
		k.want(honest) // is not behind the greedy one
		synctest.Wait()
		if asked.Load() != before+1 {
			t.Error("somebody else waits for the budget of the greedy one")
		}
		k.passed(greedy)
		k.passed(honest)
		time.Sleep(keyBudget * keyRefill)
		// A decoder that loses its way now and then, and sometimes several times in a row, never waits.
		for range 5 {
			if n := run(honest, keyRequestGap, keyBudget*keyRequestGap); n != keyBudget {
				t.Errorf("%d of %d requests in a row", n, keyBudget)
			}
			time.Sleep(keyBudget * keyRefill)
		}
		if n := run(honest, keyRefill, refills*keyRefill); n != refills {
			t.Errorf("%d of %d requests", n, refills)
		}
		k.stop()
	})
}
