package olmkeys

import (
	"time"

	"maunium.net/go/mautrix/crypto/goolm/megolm"
)

// The rhythm of our own sender key.
const (
	joinWindow      = 200 * time.Millisecond // joins within it share one advance
	rotationSlot    = 300 * time.Millisecond // rotations are at least this far apart
	switchDelay     = 500 * time.Millisecond // from making a generation to sealing with it
	advanceEvery    = 5 * time.Minute
	generationEvery = 30 * time.Minute

	// maxFramesPerKey bounds what is sealed under one base key (RFC 9605 §7.4 and AES-GCM's limits leave room).
	// Data frames are counted here. Media frames need no count: a key lives advanceEvery at most, and 2^24 frames
	// in five minutes are 55,900 a second.
	maxFramesPerKey = 1 << 24
)

// shareState is ratchet state on its way to a device: it opens everything from its index on.
type shareState struct {
	link       linkID
	generation uint32
	index      uint32
	state      [stateSize]byte
}

// senderKey is what we seal with: one ratchet per generation, and for each generation who was given it.
type senderKey struct {
	schedule    schedule      // of the link that generations are made under
	generations []*generation // never empty; the first is sealed with, the others wait for their switch
	advanceAt   time.Time
	renewAt     time.Time
	rotated     time.Time // when a generation was last made because of a leave
}

type generation struct {
	number   uint32
	schedule schedule // of the link it was made under
	ratchet  *megolm.Ratchet
	holders  map[Ref]struct{}
	switchAt time.Time
}

func newSenderKey(s schedule, now time.Time) (*senderKey, error) {
	k := &senderKey{schedule: s}
	if err := k.rotate(now, nil); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *senderKey) sealing() *generation { return k.generations[0] }
func (k *senderKey) newest() *generation  { return k.generations[len(k.generations)-1] }

// rotate makes a generation that nothing before leads to, addressed to the members given. It is sealed with after
// switchDelay, by when their shares should have arrived; nothing restarts or cancels that.
func (k *senderKey) rotate(now time.Time, members []Ref) error {
	r, err := megolm.NewWithRandom(0)
	if err != nil {
		return err
	}
	g := &generation{schedule: k.schedule, ratchet: r, holders: make(map[Ref]struct{}, len(members)), switchAt: now.Add(switchDelay)}
	for _, m := range members {
		g.holders[m] = struct{}{}
	}
	if len(k.generations) > 0 {
		g.number = k.newest().number + 1
	}
	k.generations = append(k.generations, g)
	k.renewAt = now.Add(generationEvery)
	k.advanceAt = now.Add(advanceEvery)
	return nil
}

// hasten brings the switch forward, to the moment the generation was made at most.
func (g *generation) hasten(by time.Duration) {
	g.switchAt = g.switchAt.Add(-min(by, switchDelay))
}

// switchDue seals with the newest generation whose time has come and forgets those before it.
func (k *senderKey) switchDue(now time.Time) (switched bool) {
	for len(k.generations) > 1 && !k.generations[1].switchAt.After(now) {
		k.generations = append([]*generation(nil), k.generations[1:]...)
		switched = true
	}
	return switched
}

// exhausted says that the newest generation has no further index; then a rotation stands in for an advance.
func (k *senderKey) exhausted() bool { return k.newest().ratchet.Counter >= maxIndex }

// advance steps the newest generation. What was sealed before stays closed to whoever gets the state from now on.
// False if there is no further index.
func (k *senderKey) advance(now time.Time) bool {
	if k.exhausted() {
		return false
	}
	k.newest().ratchet.Advance()
	k.advanceAt = now.Add(advanceEvery)
	return true
}

// share is the only way by which ratchet state leaves this type, and it hands none to a device that was not yet
// addressed without advancing first: to somebody new, what was sealed before must stay closed, however it asks.
// All of them are holders afterwards. It refuses (false) when that would need an advance which the generation cannot
// make: it is exhausted, or no longer the newest, and then only the newest is handed out.
func (k *senderKey) share(now time.Time, g *generation, to []Ref) (s shareState, advanced, ok bool) {
	for _, ref := range to {
		if _, holds := g.holders[ref]; !holds {
			advanced = true
		}
	}
	if advanced {
		if g != k.newest() || !k.advance(now) {
			return shareState{}, false, false
		}
		for _, ref := range to {
			g.holders[ref] = struct{}{}
		}
	}
	return shareState{link: g.schedule.link, generation: g.number, index: g.ratchet.Counter, state: g.ratchet.Data}, advanced, true
}

// holds says whether the device was addressed with the newest generation.
func (k *senderKey) holds(ref Ref) bool { _, ok := k.newest().holders[ref]; return ok }

// everHeld says whether the device can open anything of what is sealed now or will be.
func (k *senderKey) everHeld(ref Ref) bool {
	for _, g := range k.generations {
		if _, ok := g.holders[ref]; ok {
			return true
		}
	}
	return false
}

// base derives a key of the generation and index sealed with.
func (k *senderKey) base(l label) BaseKey {
	g := k.sealing()
	return g.schedule.baseKey(l, g.number, g.ratchet)
}

// next is when something is due.
func (k *senderKey) next() time.Time {
	t := earlier(k.advanceAt, k.renewAt)
	if len(k.generations) > 1 {
		t = earlier(t, k.generations[1].switchAt)
	}
	return t
}

// earlier ignores zero times.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
