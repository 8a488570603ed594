package olmkeys

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Seeing who is here: every member says, sealed and signed, which devices it takes keys from and gives keys to. Who
// hears of another list than its own knows that the server does not tell everybody the same.

// The kinds of data frames that the agent itself sends and acts on.
const (
	kindState  = "grotto.state"
	kindLeave  = "grotto.leave"
	kindRemove = "grotto.remove"
)

const (
	stateAfter   = time.Second      // from a change of the roster to the state that tells it
	statePause   = 2 * time.Second  // between two states, at least
	stateEvery   = 15 * time.Second // between two states, at most
	silentAfter  = 2*stateEvery + 5*time.Second
	hashLife     = 5 * time.Second // a peer may still be where we were so long ago
	maxHashes    = 256             // of that time
	judgeAfter   = 4500 * time.Millisecond
	maxUnmatched = 30 * time.Second // a list that never comes to rest hides a difference no longer than this
	maxRemoved   = 1 << 12          // join ids that members removed
	maxRemoval   = 64               // join ids in one removal
	maxSpeakers  = 16               // who say their state because of a change; the others only in their turn
)

// rosterHash names a set of devices: SHA-256 over the sorted SHA-256(call_keys).
type rosterHash [sha256.Size]byte

// watch is what the agent says of its own roster.
type watch struct {
	hash      rosterHash
	past      []pastHash // those before, oldest first
	changedAt time.Time
	changed   bool // the roster, since hash was computed
	sentAt    time.Time
	sendAt    time.Time
	removed   map[JoinID]struct{}
	departed  []*peer // said, or were said, to be gone
	left      bool    // we are
	codes     []*codeJob
}

type pastHash struct {
	hash  rosterHash
	until time.Time
}

// claims is what one peer said of its roster.
type claims struct {
	last      rosterHash
	any       bool
	differs   bool      // the last one, from what was ours then
	repeated  bool      // the last two differed and were the same, so their sender came to rest
	unmatched int       // in succession; not even where we were lately
	since     time.Time // of the first of them
	heardAt   time.Time // or admitted
	warning   Warning
}

type stateBody struct {
	RosterHash Bytes  `json:"roster_hash"`
	KID        string `json:"kid"`
	Kept       bool   `json:"kept,omitempty"`   // its sender keeps its identity over calls
	Change     uint32 `json:"change,omitempty"` // how often the link was changed; then also:
	LinkID     Bytes  `json:"link_id,omitempty"`
}

type removeBody struct {
	JoinIDs []JoinID `json:"join_id"`
}

// roster is the sorted SHA-256(call_keys) of all members, ourselves and whom we blocked included.
func (a *Agent) roster() [][sha256.Size]byte {
	list := [][sha256.Size]byte{sha256.Sum256(a.announcement.CallKeys)}
	for _, p := range a.order {
		if p.listed() {
			list = append(list, p.dev.hash)
		}
	}
	slices.SortFunc(list, func(x, y [sha256.Size]byte) int { return bytes.Compare(x[:], y[:]) })
	return list
}

func hashRoster(roster [][sha256.Size]byte) rosterHash {
	h := sha256.New()
	for _, d := range roster {
		h.Write(d[:])
	}
	return rosterHash(h.Sum(nil))
}

// runWatch says our state when it is due and judges those of the others.
func (a *Agent) runWatch() {
	a.runCodes()
	w := &a.watch
	if w.changed {
		a.noteRoster()
	}
	if !w.left && due(w.sendAt, a.now) {
		a.sendState()
	}
	for _, p := range a.order {
		if p.valid() {
			a.judge(p)
		}
	}
}

func (a *Agent) noteRoster() {
	w := &a.watch
	w.changed = false
	roster := a.roster()
	hash := hashRoster(roster)
	if hash == w.hash {
		return
	}
	w.past = append(w.past, pastHash{hash: w.hash, until: a.now.Add(hashLife)})
	w.past = w.past[max(0, len(w.past)-maxHashes):]
	w.hash, w.changedAt = hash, a.now
	if w.sentAt.IsZero() || speaks(hash, roster, a.ownHash()) {
		a.stateWithin(stateAfter)
	} else {
		a.stateWithin(stateEvery)
	}
	for _, p := range a.order {
		if p.claims.any && p.claims.last == hash {
			p.claims.match()
			a.warn(p, "")
		}
	}
}

// speaks says whether the device is among the few whose turn it is to say that they have this roster. That everybody says
// so to everybody is the most of what a change of a large call would cost; whoever hears of another roster than its own
// answers at once, so it is enough that somebody on each side begins. The roster's hash draws them anew each time.
func speaks(h rosterHash, roster [][sha256.Size]byte, own [sha256.Size]byte) bool {
	if len(roster) <= maxSpeakers {
		return true
	}
	rank := func(device [sha256.Size]byte) [sha256.Size]byte { return sha256.Sum256(append(h[:], device[:]...)) }
	mine, before := rank(own), 0
	for _, device := range roster {
		if other := rank(device); bytes.Compare(other[:], mine[:]) < 0 {
			before++
		}
	}
	return before < maxSpeakers
}

// stateWithin brings the next state forward, as far as the pause between two allows.
func (a *Agent) stateWithin(d time.Duration) {
	at := a.now.Add(d)
	if earliest := a.watch.sentAt.Add(statePause); earliest.After(at) {
		at = earliest
	}
	if a.watch.sendAt.IsZero() || at.Before(a.watch.sendAt) {
		a.watch.sendAt = at
	}
}

func (a *Agent) sendState() {
	w := &a.watch
	told := w.changedAt.Add(stateAfter)
	if a.sealer == nil {
		w.sendAt = a.now.Add(stateEvery) // or when a key is set
		return
	}
	if told.After(a.now) && !a.everybodyReads() {
		w.sendAt = told // newcomers are about to get our key
		return
	}
	w.sentAt = a.now
	w.sendAt = a.now.Add(stateEvery)
	if told.After(a.now) {
		a.stateWithin(stateAfter) // they have not read this one
	}
	if len(a.members()) == 0 {
		return
	}
	s := stateBody{RosterHash: w.hash[:], KID: strconv.FormatUint(uint64(a.sealer.KID()), 10), Kept: a.trust.keeps}
	if a.relink.change > 0 {
		s.Change, s.LinkID = a.relink.change, a.link.id[:]
	}
	body, err := json.Marshal(s)
	if err != nil {
		panic("olmkeys: " + err.Error()) // bytes and digits
	}
	a.say(SayToAll{Kind: kindState, Body: body})
}

// internal acts on a data frame of a kind that is ours; false for what people say.
func (a *Agent) internal(p *peer, kind string, body []byte) (ours bool, err error) {
	switch kind {
	case kindState:
		return true, a.stateReceived(p, body)
	case kindLeave:
		a.depart(p)
		return true, nil
	case kindRemove:
		return true, a.removeDevices(body, p.ref)
	}
	return false, nil
}

func (a *Agent) stateReceived(p *peer, body []byte) error {
	var s stateBody
	if json.Unmarshal(body, &s) != nil || len(s.RosterHash) != len(rosterHash{}) {
		return fmt.Errorf("%w: state", ErrData)
	}
	if _, err := strconv.ParseUint(s.KID, 10, 48); err != nil {
		return fmt.Errorf("%w: state", ErrData)
	}
	if (s.Change > 0) != (len(s.LinkID) > 0) || len(s.LinkID) > 0 && len(s.LinkID) != len(linkID{}) {
		return fmt.Errorf("%w: state", ErrData)
	}
	a.learnChange(s.LinkID, s.Change)
	if s.Kept && !p.keeps {
		p.keeps = true
		a.remember(p)
	}
	if a.watch.changed {
		a.noteRoster()
	}
	c, said := &p.claims, rosterHash(s.RosterHash)
	c.repeated = c.differs && c.last == said
	c.any, c.last, c.heardAt = true, said, a.now
	switch {
	case said == a.watch.hash:
		c.match()
		a.warn(p, "")
		return nil
	case a.hadHash(said):
		c.unmatched = 0
	default:
		if c.unmatched == 0 {
			c.since = a.now
		}
		c.unmatched++
	}
	c.differs = true
	if c.warning == WarnSilent {
		a.warn(p, "")
	}
	if c.warning == "" {
		a.stateWithin(0) // so that the other learns of it too
	}
	return nil
}

func (c *claims) match() { c.unmatched, c.differs, c.repeated = 0, false, false }

func (a *Agent) hadHash(h rosterHash) bool {
	return slices.ContainsFunc(a.watch.past, func(p pastHash) bool { return p.hash == h && p.until.After(a.now) })
}

// judge warns of a peer. That a list differs is no wonder while it changes: the server tells one of us first. So a peer
// must have stayed with its list for two states and we with ours for long enough that a peer which the server tells
// the same would have said so: 2 s of the server's, up to 2 s to its next state, and its way here.
func (a *Agent) judge(p *peer) {
	c := &p.claims
	rested := c.repeated && c.last != a.watch.hash && due(a.watch.changedAt.Add(judgeAfter), a.now)
	restless := c.unmatched >= 2 && due(c.since.Add(maxUnmatched), a.now)
	switch {
	case rested || restless:
		a.warn(p, WarnRosterDiffers)
	case c.warning == "" && due(c.heardAt.Add(silentAfter), a.now):
		a.warn(p, WarnSilent)
	}
}

func (a *Agent) warn(p *peer, w Warning) {
	if p.claims.warning != w {
		p.claims.warning = w
		a.emit(Warn{From: p.ref, Warning: w})
	}
}

// next is when judge may come to another end, if nothing is received.
func (c *claims) next(changedAt time.Time) time.Time {
	if c.warning == WarnRosterDiffers {
		return time.Time{}
	}
	var t time.Time
	if c.warning == "" {
		t = c.heardAt.Add(silentAfter)
	}
	if c.repeated {
		t = earlier(t, changedAt.Add(judgeAfter))
	}
	if c.unmatched >= 2 {
		t = earlier(t, c.since.Add(maxUnmatched))
	}
	return t
}

// nextWatch is when runWatch has something to do.
func (a *Agent) nextWatch() time.Time {
	var t time.Time
	if !a.watch.left {
		t = a.watch.sendAt
	}
	if len(a.watch.codes) > 0 {
		t = earlier(t, a.watch.codes[0].at)
	}
	for _, p := range a.order {
		if p.valid() {
			t = earlier(t, p.claims.next(a.watch.changedAt))
		}
	}
	return t
}
