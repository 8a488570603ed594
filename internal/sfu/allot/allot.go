// Package allot divides what one receiver can be sent among the videos that it wants.
//
// Keep an [Allocator] for each receiver and call [Allocator.Allot] some times a second: it sets the Choice of each [Track].
// Sound is not its business: take it off before, it is never paused.
//
// # How it divides
//
// First everything gets its cheapest option, by rank, and what does not fit is paused. Then, rank after rank, each track
// climbs, one option at a time in turn within a rank, while there is room. Options are in the order of their quality, the
// temporal layers of a size between that size and the next: so a picture loses frames before it loses size.
//
// # Why it does not flap
//
// To go up there must be room to spare, and some time must have passed since the last change; to go down there must not
// be enough for a moment. After going down it waits before it goes up, longer each time that going up has failed. What the
// receiver itself asked for is done at once: a new track, another size, another rank.
//
// # Limits
//
// It is greedy: it does not look for the fullest knapsack. The figures of options are the caller's measurements, and the
// allocation is as good as they are.
//
// Not safe for concurrent use. No clock of its own.
package allot

import (
	"slices"
	"time"
)

const (
	spare     = 1.05 // times what is needed must be there to go up
	spareSize = 1.25
	excess    = 1.05 // times what is there may be used for a while
	patient   = 300 * time.Millisecond
	extreme   = 1.3 // times what is there is too much at once

	patientPause = 2500 * time.Millisecond
	extremePause = 2

	other      = 1.4              // times what there was at the last step down is another path: no need to wait
	raisePause = time.Second      // between two steps up
	backoff    = 8 * time.Second  // from a step down to the next step up
	backoffMax = 16 * time.Second // when steps up keep failing
	trial      = 15 * time.Second // a step up that lasts so long has not failed

	// hope is how many times what is there a new track may bring the whole to, while nothing speaks against it: the
	// estimate grows with what is sent. It is left alone for hopeTime.
	hope     = 1.5
	hopeTime = 1500 * time.Millisecond
)

// Paused is the choice of a track that there is no room for.
const Paused = -1

// Option is a way to send a track.
type Option struct {
	Spatial, Temporal int
	Bits              float64 // a second
}

// Track is a video that the receiver wants. Key tells tracks apart from one call to the next.
type Track[K comparable] struct {
	Key     K
	Rank    int      // 0 is the most important
	Wish    int      // whatever the receiver asked for; when it changes the answer does not wait
	Options []Option // the best last; at least one
	Choice  int      // the result: an index of Options, or Paused
}

// Room is what there is to divide.
type Room struct {
	Bits   float64
	Known  bool // measured; before, everything gets its smallest size
	Calm   bool // nothing has spoken against sending more for some time
	Rising bool // more will be known in a moment: one step up then is better than two
}

// Allocator keeps what was decided. Its zero value is ready.
type Allocator[K comparable] struct {
	kept    map[K]*kept
	round   uint64
	raised  time.Time // the last step up
	short   time.Time // since when there is not enough; zero: there is
	blocked time.Time // no step up before
	failed  float64   // what there was at the last step down, or what the last step up came to
	backoff time.Duration
	hoping  time.Time // a track was let in beyond what is known, until

	order    []int
	now, aim []int
	safe     []int
}

type kept struct {
	paused, decided   bool
	spatial, temporal int
	rank, wish        int
	round             uint64
}

// choice finds the option that was chosen, or the next lower one: options come and go.
func (k *kept) choice(options []Option) int {
	if k.paused {
		return Paused
	}
	best := 0
	for i, o := range options {
		if o.Spatial < k.spatial || o.Spatial == k.spatial && o.Temporal <= k.temporal {
			best = i
		}
	}
	return best
}

// Allot sets the choices. It keeps nothing of tracks.
func (a *Allocator[K]) Allot(at time.Time, room Room, tracks []Track[K]) {
	fresh := a.recall(tracks)
	switch {
	case !room.Known:
		for i, t := range tracks {
			a.now[i] = max(smallest(t.Options), a.now[i])
		}
	case cost(tracks, a.now) > room.Bits*excess:
		a.lower(at, room, tracks)
	default:
		a.short = time.Time{}
		a.raise(at, room, tracks, fresh)
	}
	for i := range tracks {
		t := &tracks[i]
		t.Choice = a.now[i]
		k := a.kept[t.Key]
		k.decided, k.rank, k.wish, k.paused = true, t.Rank, t.Wish, t.Choice == Paused
		if !k.paused {
			k.spatial, k.temporal = t.Options[t.Choice].Spatial, t.Options[t.Choice].Temporal
		}
	}
	if len(a.kept) > len(tracks) {
		for key, k := range a.kept {
			if k.round != a.round {
				delete(a.kept, key)
			}
		}
	}
}

// Wanted is what all tracks at their best would need, with the room to spare that stepping up takes; 0 if they have it.
func Wanted[K comparable](tracks []Track[K]) float64 {
	sum, more := 0.0, false
	for _, t := range tracks {
		best := len(t.Options) - 1
		sum += t.Options[best].Bits
		more = more || t.Choice < best
	}
	if !more {
		return 0
	}
	return sum * spare
}

// recall finds the choices so far, and reports whether the receiver's wishes are new.
func (a *Allocator[K]) recall(tracks []Track[K]) (fresh bool) {
	if a.kept == nil {
		a.kept = map[K]*kept{}
	}
	a.round++
	a.now, a.order = a.now[:0], a.order[:0]
	for i := range tracks {
		t := &tracks[i]
		k := a.kept[t.Key]
		if k == nil {
			k = &kept{paused: true}
			a.kept[t.Key] = k
		}
		fresh = fresh || !k.decided || k.wish != t.Wish || k.rank != t.Rank
		k.round = a.round
		a.now = append(a.now, k.choice(t.Options))
		a.order = append(a.order, i)
	}
	slices.SortStableFunc(a.order, func(x, y int) int { return tracks[x].Rank - tracks[y].Rank })
	return fresh
}

// lower goes down if what is sent is too much for long enough.
func (a *Allocator[K]) lower(at time.Time, room Room, tracks []Track[K]) {
	if room.Calm && at.Before(a.hoping) {
		return
	}
	if a.short.IsZero() {
		a.short = at
	}
	before := cost(tracks, a.now)
	if at.Sub(a.short) < patient && before < room.Bits*extreme {
		return
	}
	a.ideal(room.Bits, tracks)
	if before >= room.Bits*extreme {
		a.beModest(room, tracks)
	}
	a.spareFromPause(at, room, tracks)
	for i := range a.now {
		a.now[i] = min(a.now[i], a.aim[i])
	}
	after := cost(tracks, a.now)
	if after <= room.Bits*excess {
		a.short = time.Time{}
	}
	if after == before {
		return
	}
	if !a.raised.IsZero() && at.Sub(a.raised) < trial {
		a.backoff, a.failed = min(2*max(a.backoff, backoff), backoffMax), before
	} else {
		a.backoff, a.failed = backoff, room.Bits
	}
	a.blocked = at.Add(a.backoff)
}

// beModest lets tracks that go down in size together not stop at one for which there is hardly room: each of them begins with a key
// frame, and all at the same time.
func (a *Allocator[K]) beModest(room Room, tracks []Track[K]) {
	if len(tracks) < 2 {
		return
	}
	for _, i := range slices.Backward(a.order) {
		t := tracks[i]
		for a.aim[i] > 0 && t.Options[a.aim[i]].Spatial > t.Options[0].Spatial && t.Options[a.aim[i]].Spatial < t.Options[max(0, a.now[i])].Spatial &&
			cost(tracks, a.aim) > room.Bits/spareSize {
			a.aim[i]--
		}
	}
}

// spareFromPause leaves tracks at their cheapest for a while, if that is not far too much: estimates fall too low at first,
// and what is paused takes a key frame to come back.
func (a *Allocator[K]) spareFromPause(at time.Time, room Room, tracks []Track[K]) {
	sum := 0.0
	for i, t := range tracks {
		sum += bits(t, min(a.now[i], max(0, a.aim[i])))
	}
	if at.Sub(a.short) > patientPause || sum > room.Bits*extremePause {
		return
	}
	for i := range a.aim {
		a.aim[i] = max(0, a.aim[i])
	}
}

// raise goes up if there is room to spare, and takes from the less important for the more important.
func (a *Allocator[K]) raise(at time.Time, room Room, tracks []Track[K], fresh bool) {
	blocked := at.Before(a.blocked) && room.Bits < a.failed*other
	if !fresh && (blocked || room.Rising || at.Sub(a.raised) < raisePause) {
		return
	}
	a.climb(room, tracks)
	if fresh && room.Calm {
		a.admit(at, room, tracks)
	}
	up, most := false, 0.0
	for i, t := range tracks {
		best := max(a.now[i], a.aim[i])
		up = up || best > a.now[i]
		most += bits(t, best)
	}
	switch {
	case !up:
		return
	case most <= room.Bits || at.Before(a.hoping):
		for i := range a.now {
			a.now[i] = max(a.now[i], a.aim[i])
		}
	case a.gives(tracks):
		copy(a.now, a.aim)
	default:
		return
	}
	if !fresh {
		a.raised = at
	}
}

// climb fills aim with what to go up to. A larger size takes more to spare: it begins with a key frame.
func (a *Allocator[K]) climb(room Room, tracks []Track[K]) {
	a.ideal(room.Bits/spareSize, tracks)
	a.safe = append(a.safe[:0], a.aim...)
	a.ideal(room.Bits/spare, tracks)
	for i, t := range tracks {
		now, aim := a.now[i], a.aim[i]
		if now == Paused || aim <= now {
			continue
		}
		for aim > max(now, a.safe[i]) && t.Options[aim].Spatial > t.Options[now].Spatial {
			aim--
		}
		a.aim[i] = aim
	}
}

// admit lets tracks that are paused in beyond what is known.
func (a *Allocator[K]) admit(at time.Time, room Room, tracks []Track[K]) {
	sum := cost(tracks, a.aim)
	for _, i := range a.order {
		t := tracks[i]
		if a.kept[t.Key].decided || a.aim[i] != Paused || sum+bits(t, 0) > room.Bits*hope {
			continue
		}
		sum += bits(t, 0)
		a.aim[i], a.hoping = 0, at.Add(hopeTime)
	}
}

// gives reports whether the aim takes from a track for one that is more important, or that would see nothing.
func (a *Allocator[K]) gives(tracks []Track[K]) bool {
	for i := range tracks {
		for j := range tracks {
			gains, loses := a.aim[i] > a.now[i], a.aim[j] < a.now[j]
			if gains && loses && (tracks[i].Rank < tracks[j].Rank || tracks[i].Rank == tracks[j].Rank && a.now[i] == Paused) {
				return true
			}
		}
	}
	return false
}

// ideal fills aim with the division of so much if nothing had been decided before.
func (a *Allocator[K]) ideal(room float64, tracks []Track[K]) {
	a.aim = append(a.aim[:0], a.now...)
	for _, i := range a.order {
		a.aim[i] = Paused
		if need := bits(tracks[i], 0); need <= room {
			a.aim[i], room = 0, room-need
		}
	}
	for first := 0; first < len(a.order); {
		last := first
		for last < len(a.order) && tracks[a.order[last]].Rank == tracks[a.order[first]].Rank {
			last++
		}
		for climbed := true; climbed; {
			climbed = false
			for _, i := range a.order[first:last] {
				if next := a.aim[i] + 1; next > 0 && next < len(tracks[i].Options) {
					if need := bits(tracks[i], next) - bits(tracks[i], next-1); need <= room {
						a.aim[i], room, climbed = next, room-need, true
					}
				}
			}
		}
		first = last
	}
}

// smallest is the best option of the smallest size.
func smallest(options []Option) (best int) {
	for best+1 < len(options) && options[best+1].Spatial == options[0].Spatial {
		best++
	}
	return best
}

func bits[K comparable](t Track[K], choice int) float64 {
	if choice == Paused {
		return 0
	}
	return t.Options[choice].Bits
}

func cost[K comparable](tracks []Track[K], choices []int) float64 {
	sum := 0.0
	for i, t := range tracks {
		sum += bits(t, choices[i])
	}
	return sum
}
