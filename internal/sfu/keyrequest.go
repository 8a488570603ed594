package sfu

import (
	"sync"
	"time"
)

const (
	// keyRequestGap is the least time between two requests for a track: a key frame takes about that long to be
	// encoded and to arrive, and browsers ignore requests that come faster.
	keyRequestGap = 400 * time.Millisecond
	// keyRequestPause is the longest pause between requests nobody answers, as from a track that is muted.
	keyRequestPause = 2 * time.Second
	// keyBudget is how many key frames of a track one subscriber may cause at once, and keyRefill the time in which it gets
	// another: a key frame goes to everybody who watches. It is enough for another size every two seconds, or for a decoder
	// that loses its way as often; who asks for more waits, and is none the worse for key frames that others cause.
	keyBudget = 12
	keyRefill = 2 * time.Second
)

// keyRequests asks one publisher's track for key frames until every subscriber that waits for one has been sent one.
type keyRequests struct {
	send func() // asks the publisher once; called under no lock

	mu      sync.Mutex
	waiting map[*downTrack]bool // true: a request was made for it
	timer   *time.Timer         // not nil while a request is due
	last    time.Time           // of the last request
	pause   time.Duration
	stopped bool
}

func newKeyRequests(send func()) *keyRequests {
	return &keyRequests{send: send, waiting: map[*downTrack]bool{}}
}

// want makes d wait for a key frame.
func (k *keyRequests) want(d *downTrack) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped {
		return
	}
	if _, waits := k.waiting[d]; !waits {
		k.waiting[d] = false
	}
	k.pause = keyRequestGap // somebody new: begin again with short pauses
	due := max(0, keyRequestGap-time.Since(k.last))
	if k.timer == nil {
		k.timer = time.AfterFunc(due, k.ask)
	} else {
		k.timer.Reset(due) // never later than last + keyRequestGap, however often somebody asks
	}
}

// passed records that a key frame has been forwarded to d, or that d is gone.
func (k *keyRequests) passed(d *downTrack) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.waiting, d)
	if len(k.waiting) == 0 {
		k.halt()
	}
}

func (k *keyRequests) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stopped = true
	clear(k.waiting)
	k.halt()
}

// halt must be called with the lock held.
func (k *keyRequests) halt() {
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
}

// ask is the timer's function.
func (k *keyRequests) ask() {
	k.mu.Lock()
	if k.timer == nil || len(k.waiting) == 0 {
		k.mu.Unlock()
		return
	}
	if early := keyRequestGap - time.Since(k.last); early > 0 { // it was reset while it fired
		k.timer.Reset(early)
		k.mu.Unlock()
		return
	}
	if wait := k.charge(time.Now()); wait > 0 {
		k.timer.Reset(wait)
		k.mu.Unlock()
		return
	}
	k.last = time.Now()
	k.timer.Reset(k.pause)
	k.pause = min(2*k.pause, keyRequestPause)
	k.mu.Unlock()
	k.send()
}

// charge takes the request from the budgets of those who wait for it. When they are all empty it returns how long to wait.
// Must be called with the lock held.
func (k *keyRequests) charge(now time.Time) time.Duration {
	least := keyRefill
	for d, paid := range k.waiting {
		wait := time.Duration(0)
		if !paid {
			wait = d.budget.take(now)
			k.waiting[d] = wait == 0
		}
		least = min(least, wait)
	}
	return least
}

// budget is what one subscriber may ask for of one track, in all its encodings. The zero value is full.
type budget struct {
	mu   sync.Mutex
	full time.Time // when it will be, or was
}

// take returns 0 if there was something to take, else how long to wait.
func (b *budget) take(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full.Before(now) {
		b.full = now
	}
	if wait := b.full.Sub(now) - (keyBudget-1)*keyRefill; wait > 0 {
		return wait
	}
	b.full = b.full.Add(keyRefill)
	return 0
}
