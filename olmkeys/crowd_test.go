package olmkeys

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// crowd is a call of many in virtual time. Where world looks at everything, crowd is quick: time goes in steps, the
// agents of a step run beside one another, and no frame is sealed. The server is honest but for what a test switches off.
type crowd struct {
	t       testing.TB
	now     time.Time
	call    CallID
	latency time.Duration
	watched *member   // whose work is measured
	members []*member // who is in, in the order of joining
	places  map[Ref]*member
	made    int

	loses   func(from, to *member) bool // an Olm message
	patient bool                        // without recover.go: the pauses alone say when to try again

	texts, recipients, bytes int // to-device: signalling messages, Olm messages in them, and their size
	largest                  int // of a signalling message
	said                     int // data frames
	deaf                     map[[2]*member]time.Time
	deafFor                  time.Duration // the longest that somebody lacked a key of another
}

const (
	crowdStep = 20 * time.Millisecond
	frameGap  = 5 * crowdStep // see listen
)

// member is a client in a crowd.
type member struct {
	number   int
	agent    *Agent
	ref      Ref
	is       Announced
	otks     []SignedKey
	fallback SignedKey
	wake     time.Time
	inbox    []arrival
	effects  []Effect
	kid      uint64                      // sealed with
	keys     map[*member]map[uint64]bool // of others; true once a frame under it was reported
	state    map[*member]PeerState
	offline  bool // runs no more; what it is sent waits
	speaks   bool
	remote   func(time.Time, Event) []Effect // in the place of the agent
	ms       float64                         // worked, if watched
}

type arrival struct {
	at time.Time
	ev Event
}

func newCrowd(t testing.TB) *crowd {
	return &crowd{t: t, now: time.Unix(1_800_000_000, 0), call: CallID{1, 2, 3}, latency: 20 * time.Millisecond,
		places: map[Ref]*member{}, deaf: map[[2]*member]time.Time{}}
}

// make draws a client; who dials first is as random as a server's names.
func (c *crowd) make() *member {
	c.made++
	r := rand.New(rand.NewPCG(1, uint64(c.made)))
	device := make([]byte, deviceIDSize)
	for i := range device {
		device[i] = byte('A' + r.IntN(26))
	}
	a, effects, err := NewAgent(Config{Room: "!cave:grotto.example", Call: c.call, Secret: testSecret,
		User: fmt.Sprintf("@%c%d:grotto.example", 'a'+r.IntN(26), c.made), Device: string(device)}, c.now)
	if err != nil {
		c.t.Fatal(err)
	}
	m := &member{number: c.made, agent: a, ref: a.Ref(), keys: map[*member]map[uint64]bool{}, state: map[*member]PeerState{},
		effects: effects}
	n := a.Announcement()
	m.is, m.otks, m.fallback = n.Announced, n.OneTimeKeys, n.FallbackKey
	return m
}

func (c *crowd) join() *member { return c.joinAs(c.make()) }

func (c *crowd) joinAs(m *member) *member {
	c.places[m.ref] = m
	all := []Announced{m.is}
	for _, other := range c.members {
		c.send(other, RosterChanged{Joined: []Announced{m.is}})
		all = append(all, other.is)
	}
	c.members = append(c.members, m)
	c.send(m, RosterChanged{Joined: all})
	return m
}

func (c *crowd) leave(m *member) {
	c.members = slices.DeleteFunc(slices.Clone(c.members), func(x *member) bool { return x == m })
	delete(c.places, m.ref)
	for _, other := range c.members {
		c.send(other, RosterChanged{Left: []Ref{m.ref}})
	}
	for pair := range c.deaf {
		if pair[0] == m || pair[1] == m {
			delete(c.deaf, pair)
		}
	}
}

func (c *crowd) send(to *member, ev Event) {
	to.inbox = append(to.inbox, arrival{c.now.Add(c.latency), ev})
}

// run lets time pass.
func (c *crowd) run(d time.Duration) {
	for end := c.now.Add(d); c.now.Before(end); {
		c.now = c.now.Add(crowdStep)
		c.step()
	}
}

func (c *crowd) step() {
	var wait sync.WaitGroup
	work := make(chan *member)
	for range 2 {
		wait.Go(func() {
			for m := range work {
				m.step(c)
			}
		})
	}
	for _, m := range c.members {
		work <- m
	}
	close(work)
	wait.Wait()
	for _, m := range c.members {
		effects := m.effects
		m.effects = nil
		for _, e := range effects {
			c.route(m, e)
		}
	}
	if c.now.UnixMilli()%frameGap.Milliseconds() < crowdStep.Milliseconds() {
		c.listen()
	}
}

// step is one client's; it touches nothing of others.
func (m *member) step(c *crowd) {
	if m.offline {
		return
	}
	n := 0
	for n < len(m.inbox) && !m.inbox[n].at.After(c.now) {
		n++
	}
	due := m.inbox[:n]
	m.inbox = slices.Clone(m.inbox[n:])
	for _, a := range due {
		m.handle(c, a.ev)
	}
	if !m.wake.IsZero() && !m.wake.After(c.now) {
		m.wake = time.Time{}
		m.handle(c, Tick{})
	}
}

func (m *member) handle(c *crowd, ev Event) {
	var effects []Effect
	switch {
	case m.remote != nil:
		effects = m.remote(c.now, ev)
	case m == c.watched:
		m.timed(func() { effects = m.agent.Handle(c.now, ev) })
	default:
		effects = m.agent.Handle(c.now, ev)
	}
	for _, e := range effects {
		if w, ok := e.(WakeAt); ok {
			m.wake = w.Time
		}
		m.effects = append(m.effects, e)
	}
	if c.patient && m.agent != nil {
		m.agent.probeAt = time.Time{}
		for _, p := range m.agent.order {
			p.ask.vain = 0
		}
	}
}

// route is the server and the frame layers.
func (c *crowd) route(m *member, e Effect) {
	switch e := e.(type) {
	case SendMessages:
		c.texts++
		c.recipients += len(e.Messages)
		size := 0
		for _, o := range e.Messages {
			size += len(o.Envelope.Body) + envelopeOverhead
			if to := c.places[o.To]; to != nil && (c.loses == nil || !c.loses(m, to)) {
				c.send(to, MessageReceived{From: m.ref, Envelope: o.Envelope})
			}
		}
		c.bytes += size
		c.largest = max(c.largest, size)
	case ClaimKeys:
		var ev KeysClaimed
		for _, d := range e.Devices {
			owner := c.places[d]
			if owner == nil {
				continue
			}
			k := ClaimedKey{Device: d, Key: owner.fallback}
			if len(owner.otks) > 0 {
				k.Key, owner.otks = owner.otks[0], owner.otks[1:]
			}
			ev.Keys = append(ev.Keys, k)
			c.send(owner, KeyCount{OneTimeKeys: len(owner.otks)})
		}
		c.send(m, ev)
	case UploadKeys:
		m.otks = append(m.otks, e.OneTimeKeys...)
		if e.FallbackKey != nil {
			m.fallback = *e.FallbackKey
		}
	case SendData:
		c.said++
		for _, to := range c.members {
			if to != m && !m.offline {
				c.send(to, DataReceived{From: m.ref, Body: e.Body})
			}
		}
	case SealWith:
		m.kid = e.KID
	case OpenWith:
		if from := c.places[e.From]; from != nil {
			if m.keys[from] == nil {
				m.keys[from] = map[uint64]bool{}
			}
			m.keys[from][e.KID] = false
		}
	case DropKey:
		if from := c.places[e.From]; from != nil {
			delete(m.keys[from], e.KID)
		}
	case Show:
		if from := c.places[e.From]; from != nil {
			m.state[from] = e.State
		}
	case WakeAt:
		m.wake = e.Time // NewAgent's first
	}
}

// listen notes who lacks the key of whom, and gives the frame layers' reports of those who speak: a frame of each has just
// arrived everywhere.
func (c *crowd) listen() {
	for _, n := range c.members {
		for _, m := range c.members {
			if n == m || n.offline || m.offline {
				continue
			}
			pair := [2]*member{n, m}
			told, have := n.keys[m][m.kid]
			if n.canOpen(m) {
				delete(c.deaf, pair)
			} else if since, ok := c.deaf[pair]; ok {
				c.deafFor = max(c.deafFor, c.now.Sub(since))
			} else {
				c.deaf[pair] = c.now
			}
			if !m.speaks || have && told {
				continue
			}
			if have {
				n.keys[m][m.kid] = true
				c.send(n, FrameOpened{From: m.ref, KID: m.kid})
			} else {
				c.send(n, KeyWanted{From: m.ref, KID: m.kid})
			}
		}
	}
}

// canOpen says whether n has the key that m seals with, or what it can be derived of.
func (n *member) canOpen(m *member) bool {
	if n.agent == nil {
		_, have := n.keys[m][m.kid]
		return have
	}
	p, kid := n.agent.peers[m.ref], mediacrypt.KeyID(m.kid)
	if p == nil || !p.valid() {
		return false
	}
	g, index := p.keys.generations[kid.Generation()], uint32(kid.Index())
	return g != nil && (g.keys[index] != nil || index >= g.ratchet.Counter && index <= g.head+maxLookAhead)
}

// apart is how many lack the key of somebody whose frames they are sent.
func (c *crowd) apart() (pairs int) {
	for _, n := range c.members {
		for _, m := range c.members {
			if n != m && !n.canOpen(m) {
				pairs++
			}
		}
	}
	return pairs
}

// together fails the test unless everybody has everybody's key and says so.
func (c *crowd) together() {
	c.t.Helper()
	for _, n := range c.members {
		for _, m := range c.members {
			if n != m && (!n.canOpen(m) || n.state[m] != StateNew) {
				c.t.Errorf("%s has no key of %s: %q, %v, %v", n.ref.User, m.ref.User, n.state[m], mediacrypt.KeyID(m.kid), n.agent.Faults())
				return
			}
		}
	}
}
