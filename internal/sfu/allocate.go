package sfu

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/sfu/allot"
)

const (
	// How often the division is looked at while something is left out, and while nothing is.
	allocateSoon  = 100 * time.Millisecond
	allocateLater = 300 * time.Millisecond
	// probeStep is the pace of padding.
	probeStep = 10 * time.Millisecond
	// feedbackPatience is how long a subscriber that promised feedback may give none until it is sent all it wants.
	feedbackPatience = 5 * time.Second
	soundWeight      = 0.3 // of the newest look
)

// firstLayers is what a video begins with on a way that is measured: the smallest encoding.
var firstLayers = layerChoice{0, math.MaxInt8}

// allocator divides the ways of all subscribers, in one goroutine that lives while there are any.
type allocator struct {
	sfu  *SFU
	wake chan struct{} // one place

	mu      sync.Mutex
	subs    []*subscriber
	running bool
	began   time.Time // the zero of the moments at which ways are looked at

	// scratch of the goroutine
	now     []*subscriber
	tracks  []allot.Track[*downTrack]
	options []layerOption
}

func (a *allocator) join(s *subscriber) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.Contains(a.subs, s) {
		return
	}
	if !a.running {
		if !a.sfu.enter() {
			return
		}
		a.running = true
		go a.run()
	}
	a.subs = append(a.subs, s)
	a.ring()
}

func (a *allocator) leave(s *subscriber) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.subs = slices.DeleteFunc(a.subs, func(other *subscriber) bool { return other == s })
	a.ring()
}

func (a *allocator) ring() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

func (a *allocator) run() {
	defer a.sfu.running.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-a.wake:
		}
		a.sfu.readReports()
		a.mu.Lock()
		if len(a.subs) == 0 {
			a.running = false
			a.mu.Unlock()
			return
		}
		a.now = append(a.now[:0], a.subs...)
		a.mu.Unlock()
		next := time.Now().Add(allocateLater)
		for _, s := range a.now {
			if due := a.look(s, time.Now()); due.Before(next) {
				next = due
			}
		}
		clear(a.now)
		timer.Reset(time.Until(next))
	}
}

// look does what is due for one subscriber, and returns when the next is.
func (a *allocator) look(s *subscriber, now time.Time) time.Time {
	w := &s.way
	if w.urgent.Swap(false) || !now.Before(w.next) {
		every := a.divide(w, now)
		w.next = now.Add(every - now.Sub(a.began)%every) // the same moments for all: each is a wake-up
	}
	w.mu.Lock()
	padding := 0
	if w.wanted > 0 || w.estimator.Probing() {
		padding = w.estimator.Padding(now, w.wanted)
	}
	probing := w.estimator.Probing()
	w.mu.Unlock()
	if padding > 0 {
		w.pad(padding, now)
	}
	if probing {
		return now.Add(probeStep)
	}
	return w.next
}

// divide gives each video what there is room for, and returns when to look again.
func (a *allocator) divide(w *way, now time.Time) time.Duration {
	videos := w.videos.Load()
	if videos == nil {
		return allocateLater
	}
	room, fed, full := w.room(now)
	a.tracks = a.tracks[:0]
	for _, d := range *videos {
		rank, wish, wants := d.wish()
		switch {
		case !wants:
			continue
		case !fed:
			d.allow(allLayers)
			continue
		}
		if a.options = d.options(now, a.options); len(a.options) > 0 {
			a.add(d, rank, wish)
		}
	}
	w.allocator.Allot(now, room, a.tracks)
	w.wanted = allot.Wanted(a.tracks)
	if w.wanted > 0 {
		w.wanted = (w.wanted + w.speech) / (1 - w.loss())
	}
	for i := range a.tracks {
		t := &a.tracks[i]
		t.Key.limit(chosen(t), full)
		t.Key = nil
	}
	if w.wanted > 0 {
		return allocateSoon
	}
	return allocateLater
}

// add makes a track of a.options, with the memory of the one that was there the last time.
func (a *allocator) add(d *downTrack, rank Rank, wish int) {
	n := len(a.tracks)
	if n < cap(a.tracks) {
		a.tracks = a.tracks[:n+1]
	} else {
		a.tracks = append(a.tracks, allot.Track[*downTrack]{})
	}
	t := &a.tracks[n]
	t.Key, t.Rank, t.Wish, t.Options = d, int(rank), wish, t.Options[:0]
	for _, o := range a.options {
		t.Options = append(t.Options, allot.Option{Spatial: int(o.spatial), Temporal: int(o.temporal), Bits: o.bits})
	}
}

// chosen is all temporal layers of a size if it is the last option of that size: some may not be measured yet.
func chosen(t *allot.Track[*downTrack]) layerChoice {
	if t.Choice == allot.Paused {
		return noLayers
	}
	o := t.Options[t.Choice]
	if t.Choice+1 == len(t.Options) || t.Options[t.Choice+1].Spatial > o.Spatial {
		return layerChoice{int8(o.Spatial), math.MaxInt8}
	}
	return layerChoice{int8(o.Spatial), int8(o.Temporal)}
}

// room is what there is for videos. fed is false if the subscriber gives no feedback, against its word; full is true while a
// queue has to empty.
func (w *way) room(now time.Time) (room allot.Room, fed, full bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun.IsZero() {
		w.begun, w.looked = now, now
	}
	e := &w.estimator
	e.Tick(now)
	w.pacer.SetRate(e.Pace(now))
	if past := now.Sub(w.looked).Seconds(); past > 0 {
		w.speech += soundWeight * (float64(w.sound)*8/past - w.speech)
		w.sound, w.looked = 0, now
	}
	return allot.Room{Bits: e.Rate()*(1-e.Loss()) - w.speech, Known: e.Measured(now), Calm: e.Calm(now), Rising: e.Rising(now)},
		e.Fed() || e.Measured(now) || now.Sub(w.begun) < feedbackPatience, e.Full(now)
}

func (w *way) loss() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.estimator.Loss()
}

// pad sends that many bytes of padding, over any video that can.
func (w *way) pad(bytes int, now time.Time) {
	videos := w.videos.Load()
	if videos == nil {
		return
	}
	for _, d := range *videos {
		if bytes = d.pad(bytes, now); bytes <= 0 {
			return
		}
	}
}
