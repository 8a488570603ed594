package olmkeys

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// KeySource says where the keys that frames are sealed under come from.
type KeySource string

// The sources.
const (
	KeysOlm            KeySource = ""                // sender keys, handed out over Olm
	KeysShared         KeySource = "shared"          // one key for everybody, set from outside
	KeysPerParticipant KeySource = "per_participant" // a key for each participant, set from outside
)

const (
	minOutsideKey         = 32
	maxOutsideKey         = 1 << 10
	maxKeyUsers           = 4096
	maxOutsideGenerations = 4           // of one device, open at the same time
	outsideOverlap        = time.Minute // how long a device may go on with the generation before

	passphraseRounds = 600_000
	passphraseKey    = 32

	// SaltSize is the length in bytes of what [NewSalt] draws, and the least that [PassphraseKey] takes.
	SaltSize = 16
)

// KeySet is the newest key of each participant, or of everybody, as they were set from outside. It outlives joins: a
// program that joins anew gives [KeySet.Keys] to the new [Agent]. It is not safe for concurrent use.
type KeySet struct {
	source KeySource
	keys   map[string]SetKey
}

// NewKeySet makes an empty one, for KeysShared or KeysPerParticipant.
func NewKeySet(source KeySource) (*KeySet, error) {
	if source != KeysShared && source != KeysPerParticipant {
		return nil, fmt.Errorf("%w: no keys are set from outside with the key source %q; hint: %q or %q",
			ErrConfig, string(source), string(KeysShared), string(KeysPerParticipant))
	}
	return &KeySet{source: source, keys: make(map[string]SetKey)}, nil
}

// Set takes a key in, or says why not. The same key once more changes nothing: fresh is false then.
func (s *KeySet) Set(k SetKey) (fresh bool, err error) {
	switch {
	case len(k.Key) < minOutsideKey || len(k.Key) > maxOutsideKey:
		return false, fmt.Errorf("%w: a key of %d bytes; hint: %d random bytes, or what PassphraseKey makes", ErrOutsideKey, len(k.Key), minOutsideKey)
	case s.source == KeysShared && k.User != "":
		return false, fmt.Errorf("%w: a shared key is nobody's own; hint: leave the user out", ErrOutsideKey)
	case s.source == KeysPerParticipant && !validUser(k.User):
		return false, fmt.Errorf("%w: user id; hint: @<localpart>:<server_name>", ErrOutsideKey)
	}
	old, have := s.keys[k.User]
	switch {
	case have && k.Generation < old.Generation:
		return false, fmt.Errorf("%w: generation %d after %d; hint: generations only rise", ErrOutsideKey, k.Generation, old.Generation)
	case have && k.Generation == old.Generation:
		if !hmac.Equal(k.Key, old.Key) {
			return false, fmt.Errorf("%w: another key for generation %d; hint: a new key has a higher generation", ErrOutsideKey, k.Generation)
		}
		return false, nil
	case !have && len(s.keys) >= maxKeyUsers:
		return false, ErrTooMany
	}
	k.Key = bytes.Clone(k.Key)
	s.keys[k.User] = k
	return true, nil
}

// Keys is the newest key of each participant, sorted by user.
func (s *KeySet) Keys() []SetKey {
	var list []SetKey
	for _, k := range s.keys {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b SetKey) int { return bytes.Compare([]byte(a.User), []byte(b.User)) })
	return list
}

// of is the key that the frames of a user are sealed under.
func (s *KeySet) of(user string) (SetKey, bool) {
	if s.source == KeysShared {
		user = ""
	}
	k, ok := s.keys[user]
	return k, ok
}

// Format does not show the keys, whatever the verb.
func (s *KeySet) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// NewSalt draws a room's salt for [PassphraseKey]. It is no secret. A nil reader means crypto/rand.
func NewSalt(random io.Reader) ([]byte, error) {
	b := make([]byte, SaltSize)
	if _, err := io.ReadFull(reader(random), b); err != nil {
		return nil, fmt.Errorf("olmkeys: drawing a salt: %w", err)
	}
	return b, nil
}

// PassphraseKey makes a key for [SetKey] of a passphrase that people agreed on: PBKDF2-HMAC-SHA256 with 600,000 rounds,
// which take a fifth of a second or so. All must use the same salt, of the room and of 16 random bytes or more, and the
// passphrase byte for byte. The key is as strong as the passphrase: the server has frames to try guesses on, offline, as
// many as it can pay for.
func PassphraseKey(passphrase, room string, salt []byte) (Secret, error) {
	switch {
	case passphrase == "":
		return nil, fmt.Errorf("%w: an empty passphrase", ErrOutsideKey)
	case !validRoom(room):
		return nil, fmt.Errorf("%w: room id; hint: !<slug>:<server_name>", ErrOutsideKey)
	case len(salt) < SaltSize:
		return nil, fmt.Errorf("%w: a salt of %d bytes; hint: %d random bytes, the same for everybody", ErrOutsideKey, len(salt), SaltSize)
	}
	key, err := pbkdf2.Key(sha256.New, passphrase, append(lp(nil, room), salt...), passphraseRounds, passphraseKey)
	if err != nil {
		return nil, fmt.Errorf("olmkeys: %w", err)
	}
	return key, nil
}

// newNoLink stands in for a link where keys come from outside: the salt says so, and nobody has a proof.
func newNoLink(source KeySource) link {
	return link{outside: true, mediaSalt: sha256.Sum256([]byte("grotto v1 no link" + string(source)))}
}

// setUp decides where keys come from, for the whole call.
func (a *Agent) setUp(source KeySource, secret Secret) (err error) {
	if source == KeysOlm {
		a.link, err = newLink(secret, a.config.Room)
		return err
	}
	if a.outside, err = NewKeySet(source); err != nil {
		return err
	}
	if len(secret) > 0 {
		return fmt.Errorf("%w: a secret, though keys are set from outside; hint: one or the other: a link without the part behind '#', or no key source", ErrConfig)
	}
	a.link = newNoLink(source)
	return nil
}

// CheckKey says what [SetKey] would be refused for, for programs that want to know at once.
func (a *Agent) CheckKey(k SetKey) error {
	if a.outside == nil {
		return fmt.Errorf("%w: the keys of this meeting come over Olm", ErrKeySource)
	}
	trial := KeySet{source: a.outside.source, keys: make(map[string]SetKey)}
	if old, have := a.outside.keys[k.User]; have {
		trial.keys[k.User] = old
	} else if len(a.outside.keys) >= maxKeyUsers {
		return ErrTooMany
	}
	_, err := trial.Set(k)
	return err
}

func (a *Agent) setKey(k SetKey) {
	if a.outside == nil {
		a.fault(ErrKeySource)
		return
	}
	fresh, err := a.outside.Set(k)
	if err != nil {
		a.fault(err)
	}
	if !fresh {
		return
	}
	if own, _ := a.outside.of(a.self.User); own.User == k.User {
		a.sealOutside(own)
	}
	for _, p := range a.order {
		if key, have := a.outside.of(p.ref.User); p.valid() && have && key.User == k.User {
			a.openOutside(p, key)
		}
	}
}

// sealOutside seals with the key from now on. Its generation is new, so its counters may begin at 0.
func (a *Agent) sealOutside(k SetKey) {
	own := newSchedule(&a.link, a.config.Room, a.config.Call, a.self)
	kid := mediacrypt.NewKeyID(k.Generation, 0)
	sealer, err := mediacrypt.NewSealer(kid, own.derive(labelData, k.Generation, 0, k.Key).Media())
	if err != nil {
		panic("olmkeys: " + err.Error()) // only for a KID wider than 48 bits
	}
	a.emit(SealWith{KID: uint64(kid), BaseKey: own.derive(labelMedia, k.Generation, 0, k.Key)})
	a.sealer = sealer
	a.stateWithin(stateAfter)
}

// outsideKeys are the keys of one device: of the generations that were set since it came, and of the one it came to.
type outsideKeys struct {
	open []outsideGeneration // oldest first
	over int64               // generations up to this one are over for good
}

type outsideGeneration struct {
	number uint32
	dieAt  time.Time // zero while it is the newest
}

// openOutside opens frames of the device under the key. Those that are on their way under the key before still open.
func (a *Agent) openOutside(p *peer, k SetKey) {
	p.ask = askState{}
	p.outside.endOlder(k.Generation, a.now.Add(outsideOverlap))
	p.outside.open = append(p.outside.open, outsideGeneration{number: k.Generation})
	if len(p.outside.open) > maxOutsideGenerations {
		a.drop(p, p.outside.end(1))
	}
	s := &p.keys.schedules[0]
	a.install(p, []keyChange{{
		kid:   mediacrypt.NewKeyID(k.Generation, 0),
		media: s.derive(labelMedia, k.Generation, 0, k.Key),
		data:  s.derive(labelData, k.Generation, 0, k.Key),
	}})
}

// endOlder lets the generations before this one end at a time, if they do not end earlier.
func (o *outsideKeys) endOlder(generation uint32, at time.Time) {
	for i := range o.open {
		if o.open[i].number < generation {
			o.open[i].dieAt = earlier(o.open[i].dieAt, at)
		}
	}
}

// end ends the oldest n generations for good.
func (o *outsideKeys) end(n int) (drop []mediacrypt.KeyID) {
	for _, g := range o.open[:n] {
		drop = append(drop, mediacrypt.NewKeyID(g.number, 0))
		o.over = int64(g.number)
	}
	o.open = slices.Clone(o.open[n:])
	return drop
}

func (o *outsideKeys) expire(now time.Time) []mediacrypt.KeyID {
	n := 0
	for n < len(o.open) && due(o.open[n].dieAt, now) { // older ones never die later
		n++
	}
	return o.end(n)
}

func (o *outsideKeys) next() time.Time {
	if len(o.open) == 0 {
		return time.Time{}
	}
	return o.open[0].dieAt
}

// wantOutside: there is nobody to ask for a key; either it is set or it is not.
func (a *Agent) wantOutside(p *peer, kid mediacrypt.KeyID) wanted {
	o := &p.outside
	switch {
	case slices.ContainsFunc(o.open, func(g outsideGeneration) bool { return mediacrypt.NewKeyID(g.number, 0) == kid }):
		return wantedInstalled
	case uint64(kid)>>48 != 0, kid.Index() != 0, int64(kid.Generation()) <= o.over,
		len(o.open) > 0 && kid.Generation() < o.open[0].number:
		return wantedNever
	}
	p.ask.unknown(a.now, kid.Generation(), unknownPatience)
	return wantedLater
}

// openedOutside: the device has the key that was set for it, and seals with it.
func (a *Agent) openedOutside(p *peer, kid mediacrypt.KeyID) {
	p.ask.opened(kid.Generation())
	p.outside.endOlder(kid.Generation(), a.now.Add(oldAfterFrame))
	a.show(p, StateOutside)
}

// What can be wrong with a key that a program sets.
var (
	ErrOutsideKey = errors.New("olmkeys: key from outside refused")      // length, user or generation
	ErrKeySource  = errors.New("olmkeys: keys come from another source") // one source for the whole call
)
