package olmkeys

import (
	"bytes"
	"errors"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
	"maunium.net/go/mautrix/crypto/goolm/megolm"
)

// simNode is one join of one device: an agent, and a client that does what its effects ask for.
type simNode struct {
	s       *sim
	name    string
	person  int
	valid   bool // had the meeting's secret, or one that it became
	secret  Secret
	agent   *Agent
	ref     Ref
	card    Announcement
	otks    []SignedKey
	in      bool // as the server has it
	running bool // a lurker left, and still runs and gets messages
	frozen  time.Time
	silent  time.Time // until then the server withholds messages for it
	roster  time.Time // roster events come in order

	wake    time.Time
	wakeSeq int

	sealer  *mediacrypt.Sealer
	sealKey BaseKey
	sealed  map[mediacrypt.KeyID]*simKey
	datas   map[mediacrypt.Header]struct{}
	ring    map[Ref]*mediacrypt.Opener
	told    map[Ref]map[mediacrypt.KeyID]bool
	fresh   map[Ref]time.Time // when the newest frame opened was sealed
	heard   map[simHeard]struct{}

	// For the oracle.
	links   []link            // every one it ever had
	made    map[uint32]linkID // the link that a generation was made under
	joined  map[Ref]time.Time // when this agent was first told of a join
	left    map[Ref]time.Time // when it learned that it is over
	removed map[Ref]bool      // by it
	blocked map[Ref]bool
	states  map[Ref]map[uint32]megolm.Ratchet
	keys    map[Ref]map[mediacrypt.KeyID]BaseKey
}

// simKey is a base key that media was sealed under: when first and when last.
type simKey struct {
	key         BaseKey
	first, last time.Time
}

type simHeard struct {
	from Ref
	h    mediacrypt.Header
}

// later delivers an event to a client, which may be frozen then.
func (n *simNode) later(t time.Time, f func()) {
	n.s.at(t, func() {
		switch {
		case !n.running:
		case n.s.now.Before(n.frozen):
			n.later(n.frozen, f)
		default:
			f()
		}
	})
}

func (n *simNode) handle(ev Event) {
	if !n.running {
		return
	}
	if r, ok := ev.(RosterChanged); ok {
		n.learn(r)
		n.s.plant.beforeRoster(n, r)
	}
	n.do(n.agent.Handle(n.s.now, ev))
	for _, g := range n.agent.sender.generations {
		n.made[g.number] = g.schedule.link
	}
	n.s.plant.afterEvent(n)
	n.addressed()
	if r, ok := ev.(RosterChanged); ok {
		n.s.plant.afterRoster(n, r)
	}
}

// learn notes independently of the agent what a roster event tells: leaves before joins, the word of the server ends a
// join for good, and a device's new join ends the old one.
func (n *simNode) learn(r RosterChanged) {
	end := func(ref Ref) {
		if _, over := n.left[ref]; !over {
			n.left[ref] = n.s.now
		}
	}
	for _, ref := range r.Left {
		end(ref)
	}
	for _, a := range r.Joined {
		if _, over := n.left[a.Ref]; over || a.Ref == n.ref {
			continue
		}
		if _, known := n.joined[a.Ref]; known {
			continue
		}
		for old := range n.joined {
			if old.User == a.User && old.Device == a.Device {
				end(old)
			}
		}
		n.joined[a.Ref] = n.s.now
	}
}

func (n *simNode) do(effects []Effect) {
	s := n.s
	if most := simMaxEffects + simMaxEffectsPeer*len(n.agent.peers); len(effects) > most {
		s.fail("effects: %s returns %d at once", n.name, len(effects))
	}
	for _, e := range effects {
		switch e := e.(type) {
		case SendMessages:
			for _, m := range e.Messages {
				if n.in {
					s.messages++
					if s.calm {
						s.calmSent++
					}
				}
				s.message(simMessage{from: n.ref, to: m.To, envelope: m.Envelope})
			}
		case ClaimKeys:
			s.after(s.latency(), func() { s.claim(n, e.Devices) })
		case UploadKeys:
			n.otks = append(n.otks, e.OneTimeKeys...)
			if e.FallbackKey != nil {
				n.card.FallbackKey = *e.FallbackKey
			}
		case SendData:
			s.data(n, e.Body)
		case Heard:
			n.listen(e)
		case Prove:
			s.prove(n, e.Proof)
		case SecretChanged:
			l, err := newLink(e.Secret, simRoom)
			if err != nil {
				panic(err)
			}
			n.secret, n.links = e.Secret, append(n.links, l)
			s.note("%s goes over to link %x, change %d", n.name, l.id, n.agent.relink.change)
		case SealWith:
			n.sealWith(e)
		case OpenWith:
			n.openWith(e)
		case DropKey:
			n.opener(e.From).Drop(mediacrypt.KeyID(e.KID))
		case DropDevice:
			delete(n.ring, e.From)
		case WakeAt:
			n.wakeAt(e.Time)
		}
	}
}

func (n *simNode) wakeAt(t time.Time) {
	n.wakeSeq++
	n.wake = t
	if t.IsZero() {
		return
	}
	if t.Before(n.s.now) {
		n.s.fail("ticks: %s asks for a tick in the past", n.name)
	}
	if n.s.lateTicks {
		t = t.Add(n.s.between(0, 40*time.Millisecond))
	}
	seq := n.wakeSeq
	n.later(t, func() {
		if seq == n.wakeSeq {
			n.tick()
		}
	})
}

func (n *simNode) tick() {
	seq := n.wakeSeq
	n.handle(Tick{})
	if n.wakeSeq != seq && !n.wake.After(n.s.now) {
		n.s.fail("ticks: %s asks for a tick now, again", n.name)
	}
}

func (n *simNode) sealWith(e SealWith) {
	kid := mediacrypt.KeyID(e.KID)
	sealer, err := mediacrypt.NewSealer(kid, e.BaseKey.Media())
	if err != nil {
		panic(err)
	}
	if n.sealer != nil && kid <= n.sealer.KID() {
		n.s.fail("nonce: %s seals under %v after %v", n.name, kid, n.sealer.KID())
	}
	n.sealer, n.sealKey = sealer, e.BaseKey
}

func (n *simNode) opener(from Ref) *mediacrypt.Opener {
	if n.ring[from] == nil {
		n.ring[from] = mediacrypt.NewOpener()
		n.told[from] = map[mediacrypt.KeyID]bool{}
	}
	return n.ring[from]
}

// openWith installs a key, and keeps it and the ratchet's state as a device that forgets nothing would.
func (n *simNode) openWith(e OpenWith) {
	kid := mediacrypt.KeyID(e.KID)
	if n.keys[e.From] == nil {
		n.keys[e.From] = map[mediacrypt.KeyID]BaseKey{}
		n.states[e.From] = map[uint32]megolm.Ratchet{}
	}
	if _, twice := n.keys[e.From][kid]; twice {
		n.s.fail("install: %s installs %v of %s twice", n.name, kid, e.From)
	}
	n.keys[e.From][kid] = e.BaseKey
	if err := n.opener(e.From).Add(kid, e.BaseKey.Media()); err != nil {
		n.s.fail("install: %s installs %v of %s: %v", n.name, kid, e.From, err)
	}
	if p := n.agent.peers[e.From]; p != nil {
		for number, g := range p.keys.generations {
			if old, have := n.states[e.From][number]; !have || g.ratchet.Counter < old.Counter {
				n.states[e.From][number] = *g.ratchet
			}
		}
	}
}

// speakEvery seals a frame now and then, for as long as the client runs and is in.
func (n *simNode) speakEvery(d time.Duration) {
	n.later(n.s.now.Add(d), func() {
		if n.in {
			n.speak()
		}
		n.speakEvery(d)
	})
}

func (n *simNode) speak() {
	s := n.s
	if !n.wake.IsZero() && !n.wake.After(s.now) {
		n.tick() // a client that slept runs what is due before it seals again
	}
	s.plant.beforeSeal(n)
	plain := []byte(n.name)
	sealed, err := n.sealer.Seal(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, plain)
	if err != nil {
		panic(err)
	}
	h, _, err := mediacrypt.ParseHeader(sealed)
	if err != nil {
		panic(err)
	}
	id := simSeal{key: n.sealKey, ctr: h.CTR}
	if _, twice := s.frames[id]; twice {
		s.fail("nonce: %s uses counter %d of %v twice", n.name, h.CTR, h.KID)
	}
	s.frames[id] = struct{}{}
	k := n.sealed[h.KID]
	if k == nil {
		k = &simKey{key: n.sealKey, first: s.now}
		n.sealed[h.KID] = k
	}
	k.last = s.now
	f := frame{from: n.ref, sealed: sealed, plain: plain, at: s.now}
	for _, m := range s.nodes {
		if m.in && m != n && !s.chance(s.drop/2) {
			m.later(s.now.Add(s.latency()), func() { m.hear(f) })
			if s.chance(s.duplicate / 2) {
				m.later(s.now.Add(s.latency()), func() { m.hear(f) })
			}
		}
	}
}

// hear does what a client's frame layer does.
func (n *simNode) hear(f frame) {
	h, _, err := mediacrypt.ParseHeader(f.sealed)
	if err != nil {
		panic(err)
	}
	if !n.opener(f.from).Has(h.KID) {
		n.handle(KeyWanted{From: f.from, KID: uint64(h.KID)})
	}
	plain, h, err := n.opener(f.from).Open(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, f.sealed)
	switch {
	case err == nil:
		id := simHeard{f.from, h}
		if _, again := n.heard[id]; again || !bytes.Equal(plain, f.plain) {
			n.s.fail("replay: %s opens a frame of %s again, or other bytes", n.name, f.from)
		}
		n.heard[id] = struct{}{}
		if f.at.After(n.fresh[f.from]) {
			n.fresh[f.from] = f.at
		}
		if told := n.told[f.from]; !told[h.KID] {
			told[h.KID] = true
			n.handle(FrameOpened{From: f.from, KID: uint64(h.KID)})
		}
	case errors.Is(err, mediacrypt.ErrAuthentication):
		clear(n.told[f.from])
		n.handle(FrameFailed{From: f.from, KID: uint64(h.KID)})
	case errors.Is(err, mediacrypt.ErrUnknownKey):
		delete(n.told[f.from], h.KID)
	}
}

// data passes a data frame on, and checks its counter. Its base key is of this join and KID alone.
func (s *sim) data(n *simNode, body Bytes) {
	h, _, err := mediacrypt.ParseHeader(body)
	if err != nil {
		panic(err)
	}
	if _, twice := n.datas[h]; twice {
		s.fail("nonce: %s uses counter %d of %v twice for data", n.name, h.CTR, h.KID)
	}
	n.datas[h] = struct{}{}
	for _, m := range s.nodes {
		if m.in && m != n && !s.chance(s.drop) {
			m.later(s.now.Add(s.latency()), func() { m.handle(DataReceived{From: n.ref, Body: bytes.Clone(body)}) })
		}
	}
}
