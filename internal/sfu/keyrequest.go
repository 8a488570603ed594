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
)

// keyRequests asks one publisher's track for key frames until every subscriber that waits for one has been sent one.
type keyRequests struct {
	send func() // asks the publisher once; called under no lock

	mu      sync.Mutex
	waiting map[*downTrack]struct{}
	timer   *time.Timer // not nil while a request is due
	last    time.Time   // of the last request
	pause   time.Duration
	stopped bool
}

func newKeyRequests(send func()) *keyRequests {
	return &keyRequests{send: send, waiting: map[*downTrack]struct{}{}}
}

// want makes d wait for a key frame.
func (k *keyRequests) want(d *downTrack) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped {
		return
	}
	k.waiting[d] = struct{}{}
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
	k.last = time.Now()
	k.timer.Reset(k.pause)
	k.pause = min(2*k.pause, keyRequestPause)
	k.mu.Unlock()
	k.send()
}
