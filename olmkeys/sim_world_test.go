package olmkeys

import (
	"bytes"
	"container/heap"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
	"maunium.net/go/mautrix/crypto/goolm/megolm"
)

// sim is one run: a call in virtual time, in which the seed alone decides what happens and when. (The bytes of keys
// come from the system and decide nothing.)
type sim struct {
	seed  uint64
	plant simPlant
	rng   *rand.Rand
	now   time.Time
	queue simQueue
	order int
	nodes []*simNode // every join there ever was
	trouble
	calm     bool
	past     []simMessage // relayed messages, for replays
	lied     bool         // the server lied about who is here
	changes  []simChange  // of the link
	messages int          // Olm messages of those who are in
	calmSent int          // ... in the calm phase
	frames   map[simSeal]struct{}
	lines    int // that were written
	ears     map[simEar]struct{}
	joins    map[int]int // by person: how many joins so far
	failures []string
	log      func(format string, args ...any) // for replays; nil otherwise
}

// trouble is what the network and the server do in a run, as probabilities of a message.
type trouble struct {
	drop, duplicate, slow float64
	claimDrop             float64
	fallbackOnly          bool
	lies                  bool
	lateTicks             bool
}

// simSeal identifies what must be unique: a counter under a base key.
type simSeal struct {
	key BaseKey
	ctr uint64
}

type simMessage struct {
	from, to Ref
	envelope Envelope
}

type simEvent struct {
	at    time.Time
	order int
	run   func()
}

type simQueue []simEvent

func (q simQueue) Len() int { return len(q) }
func (q simQueue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].order < q[j].order
}
func (q simQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *simQueue) Push(x any)   { *q = append(*q, x.(simEvent)) }
func (q *simQueue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = simEvent{}
	*q = old[:len(old)-1]
	return e
}

func (s *sim) at(t time.Time, f func()) {
	if t.Before(s.now) {
		t = s.now
	}
	s.order++
	heap.Push(&s.queue, simEvent{at: t, order: s.order, run: f})
}

func (s *sim) after(d time.Duration, f func()) { s.at(s.now.Add(d), f) }

func (s *sim) run(until time.Time) {
	for steps := 0; len(s.queue) > 0 && !s.queue[0].at.After(until) && len(s.failures) == 0; steps++ {
		if steps > simMaxSteps {
			s.fail("rest: the world does not come to rest")
			return
		}
		e := heap.Pop(&s.queue).(simEvent)
		s.now = e.at
		e.run()
	}
	s.now = until
}

func (s *sim) fail(format string, args ...any) {
	s.failures = append(s.failures, fmt.Sprintf("%v ", s.now.Sub(simStart))+fmt.Sprintf(format, args...))
}

func (s *sim) note(format string, args ...any) {
	if s.log != nil {
		s.log("%8v "+format, append([]any{s.now.Sub(simStart)}, args...)...)
	}
}

func (s *sim) chance(p float64) bool { return p > 0 && s.rng.Float64() < p }

func (s *sim) between(a, b time.Duration) time.Duration {
	return a + time.Duration(s.rng.Int64N(int64(b-a)))
}

// The devices of the simulation are made once: keys cost more than all the rest. A join gets its own copy, and its own
// ratchet.
var simCards struct {
	sync.Mutex
	agents map[string]*Agent
}

var (
	simStart  = time.Unix(1_800_000_000, 0)
	simCall   = CallID{7}
	simRoom   = "!cave:grotto.example"
	otherWord = Secret("another secret..")
)

// simChange is a change of the link: who was a member to its maker, and who was not to have it.
type simChange struct {
	at      time.Time
	by      *simNode
	members map[Ref]bool
	removed int // a person
}

func simConfig(person, join int, secret Secret) Config {
	// Two persons a user: the second is the same user with another device.
	name := fmt.Sprintf("p%d", person/2)
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %v", person, join, !bytes.Equal(secret, otherWord)))
	return Config{
		Room: simRoom, Call: simCall, User: "@" + name + ":grotto.example", Device: fmt.Sprintf("DEVICE%04d", person),
		JoinID: JoinID(sum[:16]), Secret: secret,
	}
}

// simAgent is NewAgent, with keys that exist already. In every simWholeEvery-th seed it is NewAgent itself.
func simAgent(seed uint64, cfg Config, now time.Time) (*Agent, []Effect, error) {
	cfg.Rand = rand.NewChaCha8(sha256.Sum256(fmt.Appendf(cfg.JoinID[:], "%d", seed))) // a third link's secret decides something
	if seed%simWholeEvery == 0 {
		return NewAgent(cfg, now)
	}
	link, err := newLink(cfg.Secret, cfg.Room)
	if err != nil {
		return nil, nil, err
	}
	simCards.Lock()
	defer simCards.Unlock()
	name := fmt.Sprintf("%x", cfg.JoinID)
	made := simCards.agents[name]
	if made == nil {
		if made, _, err = NewAgent(cfg, now); err != nil {
			return nil, nil, err
		}
		if simCards.agents == nil {
			simCards.agents = map[string]*Agent{}
		}
		simCards.agents[name] = made
	}
	olm := *made.account.olm
	olm.OTKeys = slices.Clone(olm.OTKeys)
	acc := *made.account
	acc.olm = &olm
	a := &Agent{
		config: made.config, self: made.self, link: link, account: &acc, kem: made.kem, announcement: made.announcement,
		now:   now,
		peers: make(map[Ref]*peer), gone: make(map[Ref]struct{}), early: make(map[Ref][]earlyMessage),
		faults:  make(map[error]uint64),
		answers: bucket{rate: answersPerSecond},
		watch:   watch{removed: make(map[JoinID]struct{})}, relink: relink{accepts: bucket{rate: relinksPerSec}},
	}
	a.config.Rand = cfg.Rand
	a.announcement.Proof = link.proof(a.announcement.CallKeys)
	if a.trust, err = newTrust(nil, false); err != nil {
		return nil, nil, err
	}
	own := newSchedule(&a.link, a.config.Room, a.config.Call, a.self)
	if a.sender, err = newSenderKey(own, now); err != nil {
		return nil, nil, err
	}
	a.sealWith()
	return a, a.flush(), nil
}

func (s *sim) newNode(person int, secret Secret) *simNode {
	join := s.joins[person]
	s.joins[person]++
	a, effects, err := simAgent(s.seed, simConfig(person, join, secret), s.now)
	if err != nil {
		panic(err)
	}
	n := &simNode{
		s: s, name: fmt.Sprintf("p%d.%d", person, join), person: person, valid: !bytes.Equal(secret, otherWord), agent: a,
		secret: secret, links: []link{a.link}, made: map[uint32]linkID{}, ref: a.Ref(),
		card: a.Announcement(), running: true,
		sealed: map[mediacrypt.KeyID]*simKey{}, datas: map[mediacrypt.Header]struct{}{},
		ring: map[Ref]*mediacrypt.Opener{}, told: map[Ref]map[mediacrypt.KeyID]bool{},
		fresh: map[Ref]time.Time{}, heard: map[simHeard]struct{}{},
		joined: map[Ref]time.Time{}, left: map[Ref]time.Time{}, removed: map[Ref]bool{}, blocked: map[Ref]bool{},
		states: map[Ref]map[uint32]megolm.Ratchet{}, keys: map[Ref]map[mediacrypt.KeyID]BaseKey{},
	}
	n.otks = n.card.OneTimeKeys[:simOneTimeKeys]
	s.nodes = append(s.nodes, n)
	n.do(effects)
	n.speakEvery(s.between(100*time.Millisecond, 500*time.Millisecond))
	return n
}

func (s *sim) find(ref Ref) *simNode {
	for _, n := range s.nodes {
		if n.ref == ref {
			return n
		}
	}
	return nil
}

func (s *sim) present() (in []*simNode) {
	for _, n := range s.nodes {
		if n.in {
			in = append(in, n)
		}
	}
	return in
}
