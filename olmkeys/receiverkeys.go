package olmkeys

import (
	"crypto/hmac"
	"maps"
	"slices"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
	"maunium.net/go/mautrix/crypto/goolm/megolm"
)

// Limits of what is kept of one sender.
const (
	maxGenerations  = 32
	maxLookAhead    = 1024 // indices beyond the highest known to be the sender's
	maxKeysAhead    = 64   // far keys derived and not yet verified
	maxKeysBehind   = 64   // keys of older indices still open for late frames
	maxKeys         = 512  // of a generation, which only a sender gets near that claims to be where it is not
	nearAhead       = 16   // indices ahead that cost nothing to derive and count nowhere
	lateNeighbours  = 8    // skipped indices whose keys are derived when a newer one verified
	farDerivations  = 5    // a second
	oldIndexLife    = 5 * time.Second
	oldAfterFrame   = 3 * time.Second // a generation's life after a frame of a newer one verified
	oldAfterShare   = 4 * time.Second // ... after a newer share arrived
	noGenerationYet = -1
)

// receiverKeys are the keys of one sender as its shares gave them.
type receiverKeys struct {
	schedules   []schedule // of the links it may seal under, the present one first
	generations map[uint32]*receiverGeneration
	over        int64 // generations up to this one are over for good
	farTokens   float64
	farAt       time.Time
	nextAt      time.Time // what next found, unless something changed since
	changed     bool
}

type receiverGeneration struct {
	number   uint32
	schedule schedule
	ratchet  *megolm.Ratchet // the lowest index that can still be derived
	head     uint32          // the highest index known to be the sender's: shared or verified
	keys     map[uint32]*receiverKey
	arrived  time.Time
	dieAt    time.Time // zero while it is the newest
}

// receiverKey is a key that was given to the frames' key ring.
type receiverKey struct {
	verified bool
	dropAt   time.Time
}

// keyChange is a key to install (keys set) or to drop.
type keyChange struct {
	kid         mediacrypt.KeyID
	media, data BaseKey
}

func newReceiverKeys(s schedule) receiverKeys {
	return receiverKeys{schedules: []schedule{s}, generations: make(map[uint32]*receiverGeneration), over: noGenerationYet, farTokens: farDerivations}
}

// addShare takes over a share. A second one of a generation must lie on the same chain; it shows how far the sender is,
// and changes nothing that was installed.
func (k *receiverKeys) addShare(now time.Time, s shareState) (install []keyChange, drop []mediacrypt.KeyID, err error) {
	if int64(s.generation) <= k.over {
		return nil, nil, ErrOldGeneration
	}
	under := slices.IndexFunc(k.schedules, func(c schedule) bool { return c.link == s.link })
	if under < 0 {
		return nil, nil, ErrOtherLink
	}
	k.changed = true
	if g := k.generations[s.generation]; g != nil {
		if g.schedule.link != s.link || !g.sameChain(s) {
			return nil, nil, ErrChain
		}
		g.head = max(g.head, s.index)
		return k.installNear(g, g.head), nil, nil
	}
	if len(k.generations) >= maxGenerations {
		oldest := slices.Min(slices.Collect(maps.Keys(k.generations)))
		if s.generation < oldest {
			return nil, nil, ErrTooMany
		}
		drop = k.end(k.generations[oldest])
	}
	g := &receiverGeneration{
		number:   s.generation,
		schedule: k.schedules[under],
		ratchet:  &megolm.Ratchet{Data: s.state, Counter: s.index},
		head:     s.index,
		keys:     make(map[uint32]*receiverKey),
		arrived:  now,
	}
	for _, other := range k.generations {
		switch {
		case other.number < g.number:
			other.dieAt = earlier(other.dieAt, now.Add(oldAfterShare))
		default:
			g.dieAt = earlier(g.dieAt, other.arrived.Add(oldAfterShare))
		}
	}
	if due(g.dieAt, now) {
		return nil, drop, ErrOldGeneration
	}
	k.generations[g.number] = g
	return k.installNear(g, s.index), drop, nil
}

// sameChain advances the lower of the two and compares.
func (g *receiverGeneration) sameChain(s shareState) bool {
	low, high := *g.ratchet, megolm.Ratchet{Data: s.state, Counter: s.index}
	if low.Counter > high.Counter {
		low, high = high, low
	}
	low.AdvanceTo(high.Counter)
	return hmac.Equal(low.Data[:], high.Data[:])
}

// installNear installs a key and the one after it, so that a sender's next step costs no frame.
func (k *receiverKeys) installNear(g *receiverGeneration, index uint32) (install []keyChange) {
	for i := index; i <= min(index+1, maxIndex); i++ {
		if c, ok := k.derive(g, i); ok {
			install = append(install, c)
		}
	}
	return install
}

// derive computes a key without changing the ratchet, once.
func (k *receiverKeys) derive(g *receiverGeneration, index uint32) (keyChange, bool) {
	if _, have := g.keys[index]; have || index < g.ratchet.Counter || len(g.keys) >= maxKeys {
		return keyChange{}, false
	}
	r := *g.ratchet
	r.AdvanceTo(index)
	g.keys[index] = &receiverKey{}
	return keyChange{
		kid:   mediacrypt.NewKeyID(g.number, uint16(index)),
		media: g.schedule.baseKey(labelMedia, g.number, &r),
		data:  g.schedule.baseKey(labelData, g.number, &r),
	}, true
}

// wanted is the answer to a KID that the ring does not hold.
type wanted int

const (
	wantedInstalled wanted = iota // derived now, or there already
	wantedNever                   // over, or before what was shared with us: no share would help
	wantedShare                   // a share would help
	wantedLater                   // derivable, but too many far ones were asked for: not now
)

// want derives the key of a KID that a frame claims. Nothing says yet that the frame is genuine, so what this costs
// is limited, and the ratchet stays.
func (k *receiverKeys) want(now time.Time, kid mediacrypt.KeyID) (wanted, []keyChange) {
	g, index := k.generations[kid.Generation()], uint32(kid.Index())
	switch {
	case uint64(kid)>>48 != 0 || int64(kid.Generation()) <= k.over:
		return wantedNever, nil
	case g == nil:
		return wantedShare, nil
	case g.keys[index] != nil:
		return wantedInstalled, nil
	case index < g.ratchet.Counter:
		return wantedNever, nil
	case index > g.head+maxLookAhead:
		return wantedShare, nil
	case index > g.head+nearAhead && !k.takeFar(now, g):
		return wantedLater, nil
	}
	c, ok := k.derive(g, index)
	if !ok {
		return wantedInstalled, nil
	}
	return wantedInstalled, []keyChange{c}
}

func (k *receiverKeys) takeFar(now time.Time, g *receiverGeneration) bool {
	ahead := 0
	for index, key := range g.keys {
		if !key.verified && index > g.head+nearAhead {
			ahead++
		}
	}
	k.farTokens = min(farDerivations, k.farTokens+farDerivations*now.Sub(k.farAt).Seconds())
	k.farAt = now
	if k.farTokens < 1 || ahead >= maxKeysAhead {
		return false
	}
	k.farTokens--
	return true
}

// opened notes that a frame under this KID verified: now the ratchet may move on, and older keys end.
func (k *receiverKeys) opened(now time.Time, kid mediacrypt.KeyID) (install []keyChange, drop []mediacrypt.KeyID) {
	g, index := k.generations[kid.Generation()], uint32(kid.Index())
	if g == nil || g.keys[index] == nil {
		return nil, nil
	}
	g.keys[index].verified, k.changed = true, true
	for _, older := range k.generations {
		if older.number < g.number {
			older.dieAt = earlier(older.dieAt, now.Add(oldAfterFrame))
		}
	}
	if index <= g.ratchet.Counter {
		return nil, nil
	}
	first := g.ratchet.Counter
	if index-first > lateNeighbours {
		first = index - lateNeighbours
	}
	for i := first; i < index; i++ {
		if c, ok := k.derive(g, i); ok {
			install = append(install, c)
		}
	}
	g.ratchet.AdvanceTo(index)
	g.head = max(g.head, index)
	for i, key := range g.keys {
		if i < index {
			key.dropAt = earlier(key.dropAt, now.Add(oldIndexLife))
		}
	}
	install = append(install, k.installNear(g, index)...)
	return install, g.dropBehind(index)
}

// dropBehind keeps the newest of the older keys.
func (g *receiverGeneration) dropBehind(index uint32) (drop []mediacrypt.KeyID) {
	behind := slices.DeleteFunc(slices.Sorted(maps.Keys(g.keys)), func(i uint32) bool { return i >= index })
	for _, i := range behind[:max(0, len(behind)-maxKeysBehind)] {
		delete(g.keys, i)
		drop = append(drop, mediacrypt.NewKeyID(g.number, uint16(i)))
	}
	return drop
}

// expire drops what is over.
func (k *receiverKeys) expire(now time.Time) (drop []mediacrypt.KeyID) {
	if !due(k.next(), now) {
		return nil
	}
	k.changed = true
	for _, n := range slices.Sorted(maps.Keys(k.generations)) {
		g := k.generations[n]
		if due(g.dieAt, now) {
			drop = append(drop, k.end(g)...)
			continue
		}
		for _, i := range slices.Sorted(maps.Keys(g.keys)) {
			if due(g.keys[i].dropAt, now) {
				delete(g.keys, i)
				drop = append(drop, mediacrypt.NewKeyID(n, uint16(i)))
			}
		}
	}
	return drop
}

// end ends a generation, and with it all before it: they end in order.
func (k *receiverKeys) end(g *receiverGeneration) (drop []mediacrypt.KeyID) {
	for _, i := range slices.Sorted(maps.Keys(g.keys)) {
		drop = append(drop, mediacrypt.NewKeyID(g.number, uint16(i)))
	}
	delete(k.generations, g.number)
	k.changed = true
	k.over = max(k.over, int64(g.number))
	return drop
}

// endAll ends everything that there is.
func (k *receiverKeys) endAll() (drop []mediacrypt.KeyID) {
	for _, n := range slices.Sorted(maps.Keys(k.generations)) {
		drop = append(drop, k.end(k.generations[n])...)
	}
	return drop
}

// relink: shares may be under another link from now on.
func (k *receiverKeys) relink(s schedule) { k.schedules = slices.Insert(k.schedules, 0, s) }

// forget ends the generations under a link that is not the present one.
func (k *receiverKeys) forget(id linkID) (drop []mediacrypt.KeyID) {
	for i := len(k.schedules) - 1; i > 0; i-- {
		if k.schedules[i].link == id {
			k.schedules = slices.Delete(slices.Clone(k.schedules), i, i+1)
		}
	}
	if k.schedules[0].link == id {
		return nil
	}
	for _, n := range slices.Sorted(maps.Keys(k.generations)) {
		if g := k.generations[n]; g.schedule.link == id {
			drop = append(drop, k.end(g)...)
		}
	}
	return drop
}

// next is when something expires. It is asked after every event, for each of up to a thousand senders.
func (k *receiverKeys) next() time.Time {
	if !k.changed {
		return k.nextAt
	}
	k.changed, k.nextAt = false, time.Time{}
	for _, g := range k.generations {
		k.nextAt = earlier(k.nextAt, g.dieAt)
		for _, key := range g.keys {
			k.nextAt = earlier(k.nextAt, key.dropAt)
		}
	}
	return k.nextAt
}

// newest is the highest generation and its head; false while nothing was shared.
func (k *receiverKeys) newest() (generation, index uint32, ok bool) {
	for n, g := range k.generations {
		if !ok || n > generation {
			generation, index, ok = n, g.head, true
		}
	}
	return generation, index, ok
}

func due(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }
