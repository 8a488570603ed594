package sfu

import (
	"slices"
	"time"
)

// What a subscriber is sent of a video follows from three things: what it shows (want), what there is room for (allowed,
// said by the allocator), and what the publisher really sends (live). This file brings them together.

const (
	// liveCheck is how often the encodings of a video are looked after, and liveChecks the looks without a packet after
	// which one is given up, if the others moved on by livePictures meanwhile: publishers stop encodings without a word.
	liveCheck    = 250 * time.Millisecond
	liveChecks   = 3
	livePictures = 10
)

// layerOption is one way to send a video, and what it costs now.
type layerOption struct {
	layerChoice
	bits float64 // a second, as measured on the way in
}

// options lists the ways to send the video up to what the subscriber wants, the smaller layers first and in them the fewer
// pictures. Layers that the publisher does not send now are not in it, nor those not yet measured.
func (d *downTrack) options(now time.Time, into []layerOption) []layerOption {
	d.mu.Lock()
	want := d.want
	d.mu.Unlock()
	into = into[:0]
	if want.none() {
		return into
	}
	if d.up.encodings() {
		for i, s := range d.up.streams {
			if rates, _ := s.meter.look(now); s.live.Load() && i <= int(want.spatial) {
				into = temporalOptions(into, int8(i), rates[0])
			}
		}
		return into
	}
	rates, spatial := d.up.streams[0].meter.look(now)
	var sum [maxTemporal]float64
	for i := range min(spatial, int(want.spatial)+1) {
		for t := range sum {
			sum[t] += rates[i][t]
		}
		into = temporalOptions(into, int8(i), sum)
	}
	return into
}

func temporalOptions(into []layerOption, spatial int8, rates [maxTemporal]float64) []layerOption {
	bits := 0.0
	for t, rate := range rates {
		if bits += rate; rate > 0 {
			into = append(into, layerOption{layerChoice{spatial, int8(t)}, bits})
		}
	}
	return into
}

// allow sets the most that there is room for; noLayers pauses the video.
func (d *downTrack) allow(most layerChoice) { d.limit(most, false) }

// limit is allow. At once means that a larger encoding is not sent until the key frame of the smaller one is there: it would
// only fill a queue that is full already, before that key frame.
func (d *downTrack) limit(most layerChoice, atOnce bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.allowed != most {
		d.allowed = most
		if atOnce && d.up.encodings() && most.spatial < d.selector.current.spatial {
			d.selector.sending = false
		}
		d.retarget()
	}
}

// show sets what the subscriber wants of a video or sound.
func (d *downTrack) show(want layerChoice, shown Shown) {
	d.mu.Lock()
	d.shown = shown
	changed := d.want != want
	if changed {
		d.want = want
		d.interest.Store(int32(want.spatial) + 1)
		d.retarget()
	}
	d.mu.Unlock()
	if changed {
		d.up.reckon()
	}
}

// retarget must be called with the lock held, whenever one of the three has changed.
func (d *downTrack) retarget() {
	target := d.want.least(d.allowed)
	switch {
	case target.none():
	case d.up.encodings():
		target.spatial = int8(pickLive(int(target.spatial), d.up.live()))
	case int(target.spatial) >= d.up.layers()-1: // by whichever number: from one to the other no key frame is needed
		target.spatial = allLayers.spatial
	}
	d.selector.target = target
	d.askForKeyFrames()
	d.tell()
}

// askForKeyFrames must be called with the lock held, whenever it changed which key frames are waited for: that of the
// encoding to come, and if the receiver is lost that of the current one.
func (d *downTrack) askForKeyFrames() {
	next, waits := d.selector.waitsFor()
	for i, s := range d.up.streams {
		if s.keys == nil {
			return
		}
		current := d.selector.sending && (!d.up.encodings() || i == int(d.selector.current.spatial))
		if d.open && d.writer != nil && (d.lost && current || waits && i == int(next)) {
			s.keys.want(d)
		} else {
			s.keys.passed(d)
		}
	}
}

// tell must be called with the lock held. It says how the video is sent, if that is news.
func (d *downTrack) tell() {
	if d.up.codec.keyFrame == nil {
		return
	}
	now := Stream{State: StreamLive}
	switch {
	case d.want.none():
		now = Stream{State: StreamHidden, Layer: -1}
	case d.allowed.none():
		now = Stream{State: StreamPaused, Layer: -1}
	case !d.selector.sending: // soon
		return
	default:
		now.Layer = min(int(d.selector.current.spatial), d.up.layers()-1)
	}
	if now != d.told {
		d.told = now
		d.subscriber.news.stream(d)
	}
}

// encodings says that the streams of the track are encodings of one video.
func (up *upTrack) encodings() bool { return len(up.streams) > 1 }

// layers is how many sizes the video comes in.
func (up *upTrack) layers() int { return max(len(up.streams), len(*up.sizes.Load()), 1) }

// live tells which streams send.
func (up *upTrack) live() []bool {
	live := make([]bool, len(up.streams))
	for i, s := range up.streams {
		live[i] = s.live.Load()
	}
	return live
}

// pickLive is the wanted encoding, or the next smaller one that is sent, or the next larger.
func pickLive(wanted int, live []bool) int {
	wanted = min(wanted, len(live)-1)
	for i := wanted; i >= 0; i-- {
		if live[i] {
			return i
		}
	}
	if i := slices.Index(live[wanted:], true); i >= 0 {
		return wanted + i
	}
	return wanted
}

// retarget tells all subscribers that other encodings are sent.
func (up *upTrack) retarget() {
	for _, d := range *up.downs.Load() {
		d.mu.Lock()
		d.retarget()
		d.mu.Unlock()
	}
}

// look gives up encodings that have stopped. It is the timer's function.
func (up *upTrack) look() {
	if up.stopped() {
		up.retarget()
	}
}

// stopped reports whether an encoding has stopped since the last time.
func (up *upTrack) stopped() (changed bool) {
	up.mu.Lock()
	defer up.mu.Unlock()
	if up.ended {
		return false
	}
	moved := uint64(0) // pictures since the last time
	for _, s := range up.streams {
		moved = max(moved, s.watch.look(s.meter.pictures.Load()))
	}
	up.pictures += moved
	for _, s := range up.streams {
		if s.watch.stopped(up.pictures) && s.live.CompareAndSwap(true, false) {
			changed = true
		}
	}
	up.looks.Reset(liveCheck)
	return changed
}

// streamWatch notices that an encoding has stopped.
type streamWatch struct {
	seen   uint64 // pictures of its own
	silent int    // looks without one
	moment uint64 // of the track's pictures, at its last
	now    bool
}

// look returns how many pictures came since the last look.
func (w *streamWatch) look(pictures uint64) uint64 {
	came := pictures - w.seen
	w.seen, w.now = pictures, came > 0
	return came
}

// stopped is called after look, with the track's pictures so far.
func (w *streamWatch) stopped(pictures uint64) bool {
	if w.now {
		w.silent, w.moment = 0, pictures
		return false
	}
	w.silent++
	return w.silent >= liveChecks && pictures-w.moment >= livePictures
}
