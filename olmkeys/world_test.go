package olmkeys

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
	"maunium.net/go/mautrix/crypto/goolm/megolm"
)

// world is a call in memory: agents, and a server and SFU between them that a test can make misbehave. Its clock moves
// only in run.
type world struct {
	t       testing.TB
	now     time.Time
	room    string
	call    CallID
	latency time.Duration
	nodes   []*node
	queue   []delivery
	order   int

	// Misbehaviour: each may change what passes, or drop it by returning false.
	tamperMessage  func(from, to Ref, e *Envelope) bool
	tamperAnnounce func(to Ref, a *Announced) bool
	tamperClaim    func(by Ref, c *ClaimedKey) bool
	tamperProof    func(from, to Ref, proof *Bytes) bool
	tamperData     func(from, to Ref, body *Bytes) bool
	tamperLeave    func(to, left Ref) bool
	rosterDelay    func() time.Duration // in the place of latency
	dataDelay      func() time.Duration
	blind          bool // nobody compares rosters
	captured       []frame
}

type delivery struct {
	at    time.Time
	order int
	run   func()
}

// frame is a sealed media frame as the SFU has it.
type frame struct {
	from   Ref
	sealed []byte
	plain  []byte
	at     time.Time
}

// node is a client: an agent, and what its effects ask for.
type node struct {
	w         *world
	name      string
	agent     *Agent
	ref       Ref
	in        bool
	announced Announcement
	otks      []SignedKey
	fallback  SignedKey
	wake      time.Time

	sealer  *mediacrypt.Sealer
	sealers int
	ring    map[Ref]*mediacrypt.Opener
	ringKID map[Ref]map[mediacrypt.KeyID]BaseKey // everything ever installed, also after it was dropped
	hoard   map[Ref]map[uint32]megolm.Ratchet
	told    map[Ref]map[mediacrypt.KeyID]bool
	states  map[Ref]PeerState
	shown   []Show
	warned  map[Ref]Warning
	warns   int // that there were
	code    string
	heard   []Heard
	pins    []Pin // what it was told to remember
	opened  map[Ref]int
	failed  map[Ref]int
	sent    int // Olm messages
	effects []Effect
	links   []link // every one it ever had
	changed []SecretChanged
	removed []Ref // who removed it
	frames  uint64
}

func newWorld(t testing.TB) *world {
	return &world{
		t: t, now: time.Unix(1_800_000_000, 0), room: "!cave:grotto.example",
		call: CallID{1, 2, 3}, latency: 10 * time.Millisecond,
	}
}

var testSecret = Secret("0123456789abcdef")

func (w *world) node(name string) *node { return w.nodeWith(name, testSecret) }

// nodeWith makes a client; the device id is the name in capitals, so that names decide who dials first.
func (w *world) nodeWith(name string, secret Secret) *node {
	w.t.Helper()
	return w.nodeFrom(name, Config{Secret: secret})
}

// nodeFrom makes a client of this configuration; what is the same for all it fills in.
func (w *world) nodeFrom(name string, cfg Config) *node {
	w.t.Helper()
	device := fmt.Sprintf("%sXXXXXXXXXX", bytes.ToUpper([]byte(name)))[:deviceIDSize]
	n := &node{w: w, name: name}
	cfg.Room, cfg.Call, cfg.Device = w.room, w.call, device
	if cfg.User == "" {
		cfg.User = "@" + name + ":grotto.example"
	}
	a, effects, err := NewAgent(cfg, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	n.agent, n.ref, n.announced = a, a.Ref(), a.Announcement()
	n.otks, n.fallback = n.announced.OneTimeKeys, n.announced.FallbackKey
	n.ring, n.ringKID = map[Ref]*mediacrypt.Opener{}, map[Ref]map[mediacrypt.KeyID]BaseKey{}
	n.hoard = map[Ref]map[uint32]megolm.Ratchet{}
	n.told, n.states = map[Ref]map[mediacrypt.KeyID]bool{}, map[Ref]PeerState{}
	n.opened, n.failed = map[Ref]int{}, map[Ref]int{}
	n.warned, n.links = map[Ref]Warning{}, []link{a.link}
	w.nodes = append(w.nodes, n)
	n.do(effects)
	return n
}

func (w *world) find(ref Ref) *node {
	for _, n := range w.nodes {
		if n.ref == ref && n.in {
			return n
		}
	}
	return nil
}

func (w *world) later(d time.Duration, f func()) {
	w.order++
	w.queue = append(w.queue, delivery{at: w.now.Add(d), order: w.order, run: f})
}

// run lets time pass.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	end := w.now.Add(d)
	for steps := 0; ; steps++ {
		if steps > 2_000_000 {
			w.t.Fatal("the world does not come to rest")
		}
		best := -1
		for i, q := range w.queue {
			if best < 0 || q.at.Before(w.queue[best].at) || q.at.Equal(w.queue[best].at) && q.order < w.queue[best].order {
				best = i
			}
		}
		var sleeper *node
		for _, n := range w.nodes {
			if n.in && !n.wake.IsZero() && (sleeper == nil || n.wake.Before(sleeper.wake)) {
				sleeper = n
			}
		}
		if sleeper != nil && (best < 0 || sleeper.wake.Before(w.queue[best].at)) {
			if sleeper.wake.After(end) {
				break
			}
			if sleeper.wake.Before(w.now) {
				w.t.Fatalf("%s asks for a tick in the past", sleeper.name)
			}
			w.now = sleeper.wake
			sleeper.wake = time.Time{}
			sleeper.handle(Tick{})
			if sleeper.wake.Equal(w.now) {
				w.t.Fatalf("%s asks for a tick now, again", sleeper.name)
			}
			continue
		}
		if best < 0 || w.queue[best].at.After(end) {
			break
		}
		q := w.queue[best]
		w.queue = slices.Delete(w.queue, best, best+1)
		w.now = q.at
		q.run()
	}
	w.now = end
}

// change joins and leaves in one batch, as the server does it.
func (w *world) change(leave, join []*node) {
	var left []Ref
	for _, n := range leave {
		n.in = false
		left = append(left, n.ref)
	}
	var joined []Announced
	for _, n := range join {
		joined = append(joined, n.announced.Announced)
	}
	for _, n := range w.nodes {
		if n.in {
			n.roster(left, joined)
		}
	}
	for _, n := range join {
		n.in = true
		var all []Announced
		for _, m := range w.nodes {
			if m.in || slices.Contains(join, m) {
				all = append(all, m.announced.Announced)
			}
		}
		n.roster(nil, all)
	}
}

func (w *world) join(nodes ...*node) {
	for _, n := range nodes {
		w.change(nil, []*node{n})
	}
}

func (w *world) leave(nodes ...*node) { w.change(nodes, nil) }

func (n *node) roster(left []Ref, joined []Announced) {
	var ev RosterChanged
	for _, l := range left {
		if n.w.tamperLeave == nil || n.w.tamperLeave(n.ref, l) {
			ev.Left = append(ev.Left, l)
		}
	}
	for _, a := range joined {
		a.CallKeys, a.Sig, a.Proof = bytes.Clone(a.CallKeys), bytes.Clone(a.Sig), bytes.Clone(a.Proof)
		if n.w.tamperAnnounce == nil || n.w.tamperAnnounce(n.ref, &a) {
			ev.Joined = append(ev.Joined, a)
		}
	}
	n.w.later(n.w.delay(n.w.rosterDelay), func() { n.handle(ev) })
}

func (n *node) handle(ev Event) {
	if !n.in {
		return
	}
	n.do(n.agent.Handle(n.w.now, ev))
	n.hoardKeys()
	if n.w.blind {
		for _, p := range n.agent.order {
			p.claims = claims{heardAt: n.w.now}
		}
	}
}

func (n *node) do(effects []Effect) {
	w := n.w
	n.effects = append(n.effects, effects...)
	for _, e := range effects {
		switch e := e.(type) {
		case SendMessages:
			for _, m := range e.Messages {
				n.sent++
				w.message(n.ref, m.To, m.Envelope)
			}
		case ClaimKeys:
			w.later(w.latency, func() { w.claim(n, e.Devices) })
		case UploadKeys:
			n.otks = append(n.otks, e.OneTimeKeys...)
			if e.FallbackKey != nil {
				n.fallback = *e.FallbackKey
			}
		case SendData:
			w.data(n.ref, e.Body)
		case SealWith:
			s, err := mediacrypt.NewSealer(mediacrypt.KeyID(e.KID), e.BaseKey.Media())
			if err != nil {
				w.t.Fatal(err)
			}
			if n.sealer != nil && s.KID() <= n.sealer.KID() {
				w.t.Errorf("%s seals under %v after %v: nonces repeat", n.name, s.KID(), n.sealer.KID())
			}
			n.sealer = s
			n.sealers++
		case OpenWith:
			n.openWith(e)
		case DropKey:
			n.opener(e.From).Drop(mediacrypt.KeyID(e.KID))
		case DropDevice:
			delete(n.ring, e.From)
			delete(n.states, e.From)
		case Show:
			n.states[e.From] = e.State
			n.shown = append(n.shown, e)
		case Heard:
			n.heard = append(n.heard, e)
		case Warn:
			delete(n.warned, e.From)
			if e.Warning != "" {
				n.warned[e.From] = e.Warning
				n.warns++
			}
		case Prove:
			w.prove(n, e.Proof)
		case SecretChanged:
			l, err := newLink(e.Secret, w.room)
			if err != nil {
				w.t.Fatal(err)
			}
			n.links, n.changed = append(n.links, l), append(n.changed, e)
		case Removed:
			n.removed = append(n.removed, e.By)
		case Code:
			n.code = e.Digits
		case Pinned:
			n.pins = append(n.pins, e.Pin)
		case WakeAt:
			n.wake = e.Time
		}
	}
}

func (w *world) delay(f func() time.Duration) time.Duration {
	if f == nil {
		return w.latency
	}
	return f()
}

func (n *node) opener(from Ref) *mediacrypt.Opener {
	if n.ring[from] == nil {
		n.ring[from] = mediacrypt.NewOpener()
		n.told[from] = map[mediacrypt.KeyID]bool{}
	}
	return n.ring[from]
}

func (n *node) openWith(e OpenWith) {
	n.w.t.Helper()
	kid := mediacrypt.KeyID(e.KID)
	if n.ringKID[e.From] == nil {
		n.ringKID[e.From] = map[mediacrypt.KeyID]BaseKey{}
	}
	if _, twice := n.ringKID[e.From][kid]; twice {
		n.w.t.Errorf("%s installs %v of %s twice", n.name, kid, e.From.User)
	}
	n.ringKID[e.From][kid] = e.BaseKey
	if err := n.opener(e.From).Add(kid, e.BaseKey.Media()); err != nil {
		n.w.t.Errorf("%s installs %v of %s: %v", n.name, kid, e.From.User, err)
	}
}

func (w *world) message(from, to Ref, e Envelope) {
	if w.tamperMessage != nil && !w.tamperMessage(from, to, &e) {
		return
	}
	w.later(w.latency, func() {
		if n := w.find(to); n != nil {
			n.handle(MessageReceived{From: from, Envelope: e})
		}
	})
}

func (w *world) data(from Ref, body Bytes) {
	for _, n := range w.nodes {
		b := Bytes(bytes.Clone(body))
		if !n.in || n.ref == from || w.tamperData != nil && !w.tamperData(from, n.ref, &b) {
			continue
		}
		w.later(w.delay(w.dataDelay), func() { n.handle(DataReceived{From: from, Body: b}) })
	}
}

// prove lists the device with another proof from now on, and tells the others.
func (w *world) prove(n *node, proof Bytes) {
	n.announced.Proof = bytes.Clone(proof)
	for _, m := range w.nodes {
		b := Bytes(bytes.Clone(proof))
		if !m.in || m == n || w.tamperProof != nil && !w.tamperProof(n.ref, m.ref, &b) {
			continue
		}
		w.later(w.delay(w.rosterDelay), func() { m.handle(ProofReceived{From: n.ref, Proof: b}) })
	}
}

func (w *world) claim(by *node, devices []Ref) {
	var ev KeysClaimed
	for _, d := range devices {
		n := w.find(d)
		if n == nil {
			continue
		}
		c := ClaimedKey{Device: d, Key: n.fallback}
		if len(n.otks) > 0 {
			c.Key, n.otks = n.otks[0], n.otks[1:]
		}
		left := len(n.otks)
		w.later(w.latency, func() { n.handle(KeyCount{OneTimeKeys: left}) })
		if w.tamperClaim == nil || w.tamperClaim(by.ref, &c) {
			ev.Keys = append(ev.Keys, c)
		}
	}
	w.later(w.latency, func() { by.handle(ev) })
}

// speak seals one media frame; the SFU keeps it and passes it on to everybody.
func (n *node) speak() frame {
	n.frames++
	plain := fmt.Appendf(nil, "%s speaks, frame %d", n.name, n.frames)
	sealed, err := n.sealer.Seal(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, plain)
	if err != nil {
		n.w.t.Fatal(err)
	}
	f := frame{from: n.ref, sealed: sealed, plain: plain, at: n.w.now}
	n.w.captured = append(n.w.captured, f)
	for _, m := range n.w.nodes {
		if m.in && m != n {
			n.w.later(n.w.latency, func() { m.hear(f) })
		}
	}
	return f
}

// hear does what a client's frame layer does.
func (n *node) hear(f frame) {
	h, _, err := mediacrypt.ParseHeader(f.sealed)
	if err != nil {
		n.w.t.Fatal(err)
	}
	if !n.opener(f.from).Has(h.KID) {
		n.handle(KeyWanted{From: f.from, KID: uint64(h.KID)})
	}
	plain, h, err := n.opener(f.from).Open(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, f.sealed)
	switch {
	case err == nil:
		if !bytes.Equal(plain, f.plain) {
			n.w.t.Errorf("%s opened other bytes", n.name)
		}
		n.opened[f.from]++
		if told := n.told[f.from]; !told[h.KID] {
			told[h.KID] = true
			n.handle(FrameOpened{From: f.from, KID: uint64(h.KID)})
		}
	case errors.Is(err, mediacrypt.ErrAuthentication):
		n.failed[f.from]++
		clear(n.told[f.from])
		n.handle(FrameFailed{From: f.from, KID: uint64(h.KID)})
	case errors.Is(err, mediacrypt.ErrUnknownKey):
		n.failed[f.from]++
		delete(n.told[f.from], h.KID)
	}
}

// everybodySpeaks lets each one send a frame every step for a while.
func (w *world) everybodySpeaks(d, step time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); w.run(step) {
		for _, n := range w.nodes {
			if n.in {
				n.speak()
			}
		}
	}
}

// allHear speaks once and fails the test unless everybody opens everybody.
func (w *world) allHear() {
	w.t.Helper()
	for _, n := range w.nodes {
		clear(n.opened)
	}
	for _, n := range w.nodes {
		if n.in {
			n.speak()
		}
	}
	w.run(4 * w.latency)
	for _, n := range w.nodes {
		for _, m := range w.nodes {
			if n == m || !n.in || !m.in {
				continue
			}
			if n.opened[m.ref] != 1 {
				w.t.Errorf("%s opened %d frames of %s instead of 1", n.name, n.opened[m.ref], m.name)
			}
			if n.states[m.ref] != StateNew {
				w.t.Errorf("%s shows %s as %q", n.name, m.name, n.states[m.ref])
			}
		}
	}
}

// noFaults fails the test if any agent dropped something.
func (w *world) noFaults() {
	w.t.Helper()
	for _, n := range w.nodes {
		if f := n.agent.Faults(); len(f) > 0 {
			w.t.Errorf("%s dropped %v", n.name, f)
		}
	}
}

// hoardKeys notes every ratchet state an agent ever held, at the lowest index, as a device that forgets nothing would.
func (n *node) hoardKeys() {
	for ref, p := range n.agent.peers {
		for g, rg := range p.keys.generations {
			if n.hoard[ref] == nil {
				n.hoard[ref] = map[uint32]megolm.Ratchet{}
			}
			if old, ok := n.hoard[ref][g]; !ok || rg.ratchet.Counter < old.Counter {
				n.hoard[ref][g] = *rg.ratchet
			}
		}
	}
}

// opensWith says whether a device could open a captured frame with all it ever held.
func (n *node) opensWith(f frame) bool {
	n.w.t.Helper()
	h, _, err := mediacrypt.ParseHeader(f.sealed)
	if err != nil {
		n.w.t.Fatal(err)
	}
	r, ok := n.hoard[f.from][h.KID.Generation()]
	if !ok || r.Counter > uint32(h.KID.Index()) {
		return false
	}
	r.AdvanceTo(uint32(h.KID.Index()))
	for _, l := range n.links {
		s := newSchedule(&l, n.w.room, n.w.call, f.from)
		o := mediacrypt.NewOpener()
		if err := o.Add(h.KID, s.baseKey(labelMedia, h.KID.Generation(), &r).Media()); err != nil {
			n.w.t.Fatal(err)
		}
		if _, _, err = o.Open(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, f.sealed); err == nil {
			return true
		}
	}
	return false
}

func kidOf(generation uint32, index uint64) mediacrypt.KeyID {
	return mediacrypt.KeyID(uint64(generation)<<16 + index)
}
