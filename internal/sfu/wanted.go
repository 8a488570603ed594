package sfu

import "time"

// wantedHold is how long nobody must want a layer until its publisher is told: people turn pages back and forth, and a layer
// that begins anew costs a key frame.
const wantedHold = 4 * time.Second

// reckon tells the publisher how many layers of the video are wanted: more at once, fewer after a while.
func (up *upTrack) reckon() {
	if up.codec.keyFrame == nil {
		return
	}
	up.mu.Lock()
	defer up.mu.Unlock()
	if up.ended {
		return
	}
	switch most := up.interest(); {
	case most > up.wanted:
		up.wanted = most
		up.owner.news.want(up)
	case most < up.wanted && up.hold == nil:
		up.hold = time.AfterFunc(wantedHold, up.settle)
	case most == up.wanted && up.hold != nil:
		up.hold.Stop()
		up.hold = nil
	}
}

// resume begins with what was wanted of the track that the MID carried before, and says so: the publisher may not have been
// told before that track ended, or may have forgotten it with the track.
func (up *upTrack) resume(wanted int) {
	if up.codec.keyFrame == nil {
		return
	}
	up.mu.Lock()
	up.wanted = min(wanted, up.layers())
	up.owner.news.want(up)
	up.mu.Unlock()
	up.reckon()
}

// settle is the timer's function.
func (up *upTrack) settle() {
	up.mu.Lock()
	defer up.mu.Unlock()
	up.hold = nil
	if most := up.interest(); !up.ended && most < up.wanted {
		up.wanted = most
		up.owner.news.want(up)
	}
}

// interest is how many layers are wanted by the subscriber who wants most.
func (up *upTrack) interest() int {
	most := 0
	for _, d := range *up.downs.Load() {
		most = max(most, int(d.interest.Load()))
	}
	return min(most, up.layers())
}
