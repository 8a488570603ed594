// Package speaker tells who speaks in a room, and whose sound is worth sending, by the audio levels that senders put beside
// their packets (RFC 6464). A [Floor] is told of every packet.
//
// A voice counts as soon as it is heard and for a while after it has stopped. Of those who are heard, as many as
// [Floor.Places] says have a place, the loudest first; but who has one keeps it while speaking, unless somebody clearly
// louder comes. Whoever was never heard has none, so that a room of silent people costs nothing; nor is anything lost of
// the first word while a place is free.
//
// The levels are the senders' own word. Who lies is heard, and at worst takes a place.
package speaker

import (
	"slices"
	"time"
)

const (
	// spoken is how loud a packet must be to count as speech, in dB below full scale.
	spoken = 45
	// started is how loud a voice must be, smoothed, to be listed as speaking, and stopped below which it is not any more.
	started, stopped = 50.0, 60.0
	silence          = 127.0 // the least that a level can say

	attack, release = 0.35, 0.05 // of what a packet of 20 ms says, when it is louder or softer
	packetTime      = 20 * time.Millisecond

	// keep is how long a voice keeps its place after its last word: as long as people breathe.
	keep = 2 * time.Second
	// louder is by how much somebody must be louder to take the place of one who speaks, in dB.
	louder = 10.0
)

// Voice is one track. The zero value was never heard.
type Voice struct {
	level float64       // smoothed, in dB below full scale, as an offset from silence so that zero is silence
	heard time.Duration // when it last spoke
	at    time.Duration // of the newest packet
	spoke bool
	place bool
	talks bool // is listed
}

// Floor is the voices of a room. Not safe for concurrent use; times are since any moment.
type Floor[K comparable] struct {
	Places int // how many are sent; 0: all

	voices map[K]*Voice
	taken  int
}

// Heard is told of a packet: its level in dB below full scale. It reports whether the packet is worth sending.
func (f *Floor[K]) Heard(who K, level uint8, now time.Duration) bool {
	v := f.voices[who]
	if v == nil {
		if f.voices == nil {
			f.voices = map[K]*Voice{}
		}
		v = &Voice{at: now}
		f.voices[who] = v
	}
	v.decay(now)
	loud := silence - float64(min(level, silence))
	step := release
	if loud > v.level {
		step = attack
	}
	v.level += (loud - v.level) * step
	v.at = now
	if level <= spoken {
		v.heard, v.spoke = now, true
	}
	if f.Places <= 0 {
		return true
	}
	if !v.place && level <= spoken {
		f.seek(v, now)
	}
	return v.place
}

// decay lets a voice fade while nothing comes: a sender that does not send silence (DTX) is silent.
func (v *Voice) decay(now time.Duration) {
	for missed := (now - v.at) / packetTime; missed > 1; missed-- {
		if v.level *= 1 - release; v.level < 1 {
			v.level = 0
			return
		}
	}
}

// seek finds a place: a free one, or that of somebody who has stopped, or who is clearly softer.
func (f *Floor[K]) seek(v *Voice, now time.Duration) {
	if f.taken < f.Places {
		f.taken++
		v.place = true
		return
	}
	var least *Voice
	for _, other := range f.voices {
		if !other.place {
			continue
		}
		other.decay(now)
		other.at = max(other.at, now)
		if least == nil || other.worth(now) < least.worth(now) {
			least = other
		}
	}
	if least.idle(now) || v.level > least.level+louder {
		least.place, v.place = false, true
	}
}

func (v *Voice) idle(now time.Duration) bool { return now-v.heard > keep }

// worth orders those who have a place: whoever has stopped comes last.
func (v *Voice) worth(now time.Duration) float64 {
	if v.idle(now) {
		return v.level - silence
	}
	return v.level
}

// Forget is told that a track has ended.
func (f *Floor[K]) Forget(who K) {
	if v := f.voices[who]; v != nil && v.place {
		f.taken--
	}
	delete(f.voices, who)
}

// Speaking lists who speaks now, the loudest first. It reuses the slice given.
func (f *Floor[K]) Speaking(now time.Duration, into []K) []K {
	into = into[:0]
	for who, v := range f.voices {
		v.decay(now)
		v.at = max(v.at, now)
		threshold := silence - started
		if v.talks {
			threshold = silence - stopped
		}
		if v.talks = v.spoke && v.level >= threshold; v.talks {
			into = append(into, who)
		}
	}
	slices.SortFunc(into, func(a, b K) int {
		switch x, y := f.voices[a].level, f.voices[b].level; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return into
}
