package olmkeys

import (
	"cmp"
	"crypto/mlkem"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// Limits of what a server can make us keep.
const (
	maxPeers = 1024    // devices in a call
	maxGone  = 1 << 16 // join ids that left; beyond, nobody new is admitted
)

// Config says who we are, and in which call.
type Config struct {
	Room   string // !<slug>:<server_name>
	Call   CallID
	User   string // @<localpart>:<server_name>
	Device string // 10 x [A-Z0-9]
	JoinID JoinID // drawn if zero
	Secret Secret // of the link, from ParseSecret
	Rand   io.Reader

	Identity *Identity // kept from earlier calls; nil for a guest, whose identity lasts for this join
	Known    []Pin     // whom we remember; a guest is not told of changes ([Pinned])
	Keys     KeySource // where sender keys come from; with another one than KeysOlm there is no Secret, but SetKey
}

// Announcement is what a device publishes when it joins: about itself, and the first keys for others to dial it with.
type Announcement struct {
	Announced
	OneTimeKeys []SignedKey `json:"one_time_keys"`
	FallbackKey SignedKey   `json:"fallback_key"`
}

// Agent holds all keys of one device in one join of one call. It does no input or output and reads no clock: see
// [Agent.Handle]. It is not safe for concurrent use.
type Agent struct {
	config       Config
	self         Ref
	link         link
	account      *ownAccount
	kem          *mlkem.DecapsulationKey768
	announcement Announcement

	now     time.Time
	sender  *senderKey         // nil where keys come from outside
	outside *KeySet            // nil where they do not
	sealer  *mediacrypt.Sealer // of data frames, at the sender's KID; nil while no key was set
	seq     uint64             // of data frames
	unsaid  []SayToAll         // waiting until newcomers can read it
	profile SayToAll           // the last we said of ourselves

	maxFrames uint64 // maxFramesPerKey

	peers    map[Ref]*peer
	order    []*peer // the peers, sorted
	gone     map[Ref]struct{}
	early    map[Ref][]earlyMessage
	watch    watch
	trust    trust
	relink   relink
	earlyLen int

	probeAt     time.Time // when somebody who does not answer is tried again
	unsaidAt    time.Time // when what waits is said anyway
	againAt     time.Time // when the profile is said again
	lastAgain   time.Time
	joinAt      time.Time // when the pending joins are advanced for
	rotateAt    time.Time // when the pending leaves are rotated for
	answers     bucket
	fallbackAt  time.Time // when the used fallback key is replaced
	forgetAt    time.Time // when the replaced one is forgotten
	lastRefresh time.Time
	woken       time.Time // the last WakeAt

	effects  []Effect
	messages []OutgoingMessage
	claims   []Ref
	faults   map[error]uint64
}

// NewAgent makes the keys of a device. The effects are the first key to seal with and the first WakeAt.
func NewAgent(cfg Config, now time.Time) (*Agent, []Effect, error) {
	switch {
	case !validRoom(cfg.Room):
		return nil, nil, fmt.Errorf("%w: room id; hint: !<slug>:<server_name>", ErrConfig)
	case !validUser(cfg.User):
		return nil, nil, fmt.Errorf("%w: user id; hint: @<localpart>:<server_name>", ErrConfig)
	case !validDevice(cfg.Device):
		return nil, nil, fmt.Errorf("%w: device id; hint: %d times A-Z or 0-9", ErrConfig, deviceIDSize)
	case cfg.Call == CallID{}:
		return nil, nil, fmt.Errorf("%w: no call id", ErrConfig)
	}
	cfg.Rand = reader(cfg.Rand)
	if cfg.JoinID == (JoinID{}) {
		if _, err := io.ReadFull(cfg.Rand, cfg.JoinID[:]); err != nil {
			return nil, nil, fmt.Errorf("olmkeys: drawing a join id: %w", err)
		}
	}
	a := &Agent{
		config: cfg,
		self:   Ref{User: cfg.User, Device: cfg.Device, JoinID: cfg.JoinID},
		now:    now,
		peers:  make(map[Ref]*peer),
		gone:   make(map[Ref]struct{}),
		early:  make(map[Ref][]earlyMessage),
		faults: make(map[error]uint64),
		watch:  watch{removed: make(map[JoinID]struct{})},

		maxFrames: maxFramesPerKey,
	}
	a.answers, a.relink.accepts = bucket{rate: answersPerSecond}, bucket{rate: relinksPerSec}
	var err error
	if err := a.setUp(cfg.Keys, cfg.Secret); err != nil {
		return nil, nil, err
	}
	a.config.Secret = nil // what follows from it is enough
	if a.account, err = newOwnAccount(); err != nil {
		return nil, nil, err
	}
	if a.trust, err = newTrust(cfg.Known, cfg.Identity != nil); err != nil {
		return nil, nil, err
	}
	if cfg.Identity != nil {
		a.account.use(cfg.Identity)
		a.config.Identity = nil // likewise
	}
	a.config.Known = nil
	if a.kem, err = mlkem.GenerateKey768(); err != nil {
		return nil, nil, fmt.Errorf("olmkeys: ML-KEM key: %w", err)
	}
	if err := a.announce(); err != nil {
		return nil, nil, err
	}
	if a.outside == nil {
		own := newSchedule(&a.link, cfg.Room, cfg.Call, a.self)
		if a.sender, err = newSenderKey(own, now); err != nil {
			return nil, nil, fmt.Errorf("olmkeys: sender key: %w", err)
		}
		a.sealWith()
	}
	a.watch.hash = hashRoster(a.roster())
	return a, a.flush(), nil
}

func (a *Agent) announce() error {
	k := callKeys{
		room: a.config.Room, call: a.config.Call, ref: a.self,
		ed25519: a.account.ed25519, curve25519: a.account.curve25519, ek: a.kem.EncapsulationKey().Bytes(),
	}
	b := k.encode()
	oneTimeKeys, err := a.account.newOneTimeKeys(oneTimeKeysTarget)
	if err != nil {
		return err
	}
	a.announcement = Announcement{
		Announced:   Announced{Ref: a.self, CallKeys: b, Sig: a.account.sign(callKeysMessage(b)), Proof: a.link.proof(b)},
		OneTimeKeys: oneTimeKeys,
		FallbackKey: a.account.fallbackKey(),
	}
	return nil
}

// Announcement is what to join the call with.
func (a *Agent) Announcement() Announcement { return a.announcement }

// Ref is who we are in this join.
func (a *Agent) Ref() Ref { return a.self }

// Sending is the generation and index that media frames are sealed under now; zeros while no key was set from outside.
func (a *Agent) Sending() (generation uint32, index uint32) {
	if a.sealer == nil {
		return 0, 0
	}
	kid := a.sealer.KID()
	return kid.Generation(), uint32(kid.Index())
}

// Faults counts, by error, what was dropped as malformed, forged or out of place.
func (a *Agent) Faults() map[string]uint64 {
	m := make(map[string]uint64, len(a.faults))
	for err, n := range a.faults {
		m[err.Error()] = n
	}
	return m
}

// Format does not show what an Agent holds, whatever the verb.
func (a *Agent) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "olmkeys.Agent("+a.self.String()+")")
}

// Handle takes an event in at a time and returns what is to be done, in this order. A time before that of the last
// event counts as that. It keeps none of the event's slices that the caller might change, and whatever bytes of peers
// or the server the event carries, it does not panic.
func (a *Agent) Handle(now time.Time, ev Event) []Effect {
	if now.After(a.now) {
		a.now = now
	}
	if due(a.woken, a.now) {
		a.runTimers()
	}
	switch ev := ev.(type) {
	case RosterChanged:
		a.rosterChanged(ev)
	case KeysClaimed:
		a.keysClaimed(ev)
	case KeyCount:
		a.keyCount(ev)
	case MessageReceived:
		a.messageReceived(ev.From, ev.Envelope)
	case DataReceived:
		a.dataReceived(ev.From, ev.Body)
	case SayToAll:
		a.sayToAll(ev)
	case SayTo:
		a.sayTo(ev)
	case Verify:
		a.verifyStep(ev)
	case QRWanted:
		a.qrWanted(ev.With)
	case QRScanned:
		a.qrScanned(ev)
	case Block:
		a.block(ev.Device)
	case Remove:
		a.removeAll(ev)
	case ProofReceived:
		a.proofReceived(ev)
	case SetKey:
		a.setKey(ev)
	case KeyWanted:
		a.keyWanted(ev.From, mediacrypt.KeyID(ev.KID))
	case FrameOpened:
		a.frameOpened(ev.From, mediacrypt.KeyID(ev.KID))
	case FrameFailed:
		a.frameFailed(ev.From)
	case Resumed:
		a.hurry()
	case Leaving:
		a.leaving()
	case CodeWanted:
		if len(a.watch.codes) >= maxCodes {
			a.fault(ErrTooMany)
		} else {
			a.watch.codes = append(a.watch.codes, a.newCode(a.roster()))
		}
	case Tick:
		a.woken = time.Time{} // a tick that came early must be asked for again
	}
	a.heed()
	a.runTimers()
	for a.heed() {
		a.runTimers()
	}
	return a.flush()
}

// heed acts on what was heard of departures and changes of the link; whether there was any.
func (a *Agent) heed() (any bool) {
	for a.endJoins() || a.takeSecrets() {
		any = true
	}
	return any
}

// runTimers does everything that is due. Nothing due stays due, or WakeAt would ask for the past again and again.
func (a *Agent) runTimers() {
	if a.outside == nil {
		a.runSenderKey()
	}
	if due(a.fallbackAt, a.now) || due(a.forgetAt, a.now) {
		a.refreshFallbackKey()
	}
	a.runRelink()
	a.expireEarly()
	for _, p := range a.order {
		a.runPeerTimers(p)
	}
	a.runProbe()
	a.sayAgain()
	a.sayWaiting()
	a.runWatch()
}

func (a *Agent) runSenderKey() {
	if due(a.rotateAt, a.now) || due(a.sender.renewAt, a.now) {
		a.rotate()
	}
	if a.sender.switchDue(a.now) {
		a.sealWith()
	}
	if due(a.sender.advanceAt, a.now) {
		a.advance()
	}
	if due(a.joinAt, a.now) {
		a.joinAdvance()
	}
}

// next is when runTimers has something to do again.
func (a *Agent) next() time.Time {
	t := a.rotateAt
	if a.outside == nil {
		t = earlier(t, a.sender.next())
	}
	t = earlier(t, a.joinAt)
	t = earlier(t, a.unsaidAt)
	if !a.watch.left {
		t = earlier(t, a.againAt)
	}
	t = earlier(t, a.probeAt)
	t = earlier(t, a.nextWatch())
	t = earlier(t, a.nextRelink())
	t = earlier(t, a.fallbackAt)
	t = earlier(t, a.forgetAt)
	for _, list := range a.early {
		t = earlier(t, list[0].until)
	}
	for _, p := range a.order {
		t = earlier(t, p.next())
	}
	return t
}

func (a *Agent) emit(e Effect) { a.effects = append(a.effects, e) }

// fault counts what was dropped under its sentinel error.
func (a *Agent) fault(err error) {
	for _, known := range []error{
		ErrProof, ErrAnnouncement, ErrReplaced, ErrNotAdmitted, ErrSignedKey, ErrReplayedDial, ErrUndecryptable,
		ErrEnvelope, ErrMessageType, ErrOtherCall, ErrOtherLink, ErrUnwrap, ErrOldGeneration, ErrChain, ErrDataSignature,
		ErrDataOrder, ErrData, ErrVerification, ErrTooMany, ErrUnexpectedKeys, ErrMalformed, ErrUndelivered, ErrOutsideKey, ErrKeySource,
	} {
		if errors.Is(err, known) {
			a.faults[known]++
			return
		}
	}
	a.faults[errOwn]++
}

var errOwn = errors.New("olmkeys: internal")

// flush returns the effects: messages and claims together, in batches that a signalling message can hold.
func (a *Agent) flush() []Effect {
	for len(a.messages) > 0 {
		n, size := 0, 0
		for n < len(a.messages) && n < maxBatch && size < maxBatchBytes {
			size += len(a.messages[n].Envelope.Body) + envelopeOverhead
			n++
		}
		a.emit(SendMessages{Messages: a.messages[:n:n]})
		a.messages = a.messages[n:]
	}
	a.messages = nil
	for batch := range slices.Chunk(a.claims, maxBatch) {
		a.emit(ClaimKeys{Devices: batch})
	}
	a.claims = nil
	if next := a.next(); !next.Equal(a.woken) {
		a.woken = next
		a.emit(WakeAt{Time: next})
	}
	effects := a.effects
	a.effects = nil
	return effects
}

// The signalling protocol's limits are 128 recipients and 256 KiB a message; these stay below.
const (
	maxBatch         = 128
	maxBatchBytes    = 180 << 10
	envelopeOverhead = 384 // the JSON around a body
)

// dialsFirst says who begins: the smaller user and device. Only joins of one device differ in the join id alone.
func dialsFirst(a, b Ref) bool {
	return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Device, b.Device)) < 0
}

// bucket lets rate events a second pass, at most rate at once.
type bucket struct {
	rate   float64
	tokens float64
	at     time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.tokens = min(b.rate, b.tokens+b.rate*now.Sub(b.at).Seconds())
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// ready is when a token is there again.
func (b *bucket) ready(now time.Time) time.Time {
	return now.Add(time.Duration((1-min(1, b.tokens))/b.rate*float64(time.Second)).Round(time.Millisecond) + time.Millisecond)
}
