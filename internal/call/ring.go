package call

import (
	"sync"
	"sync/atomic"

	"github.com/grotto-meet/grotto/mediacrypt"
	"github.com/grotto-meet/grotto/olmkeys"
)

// keyRing holds what the agent gave: the sealer of our own frames and one opener for each participant. The agent's
// goroutine writes, those of the tracks read.
type keyRing struct {
	sealer atomic.Pointer[mediacrypt.Sealer]

	mu      sync.Mutex
	senders map[olmkeys.Ref]*sender
}

// sender is what must outlive the tracks of a participant: the opener with its replay windows, and the order of sound.
type sender struct {
	gone        atomic.Bool // left or removed: nothing of theirs is shown any more, whatever still arrives
	opener      mediacrypt.Opener
	mic         mediacrypt.Order
	screenAudio mediacrypt.Order
}

// order is that of a source of sound, and nil for pictures.
func (s *sender) order(source mediacrypt.Source) *mediacrypt.Order {
	switch source {
	case mediacrypt.SourceMic:
		return &s.mic
	case mediacrypt.SourceScreenAudio:
		return &s.screenAudio
	}
	return nil
}

func newKeyRing() *keyRing { return &keyRing{senders: map[olmkeys.Ref]*sender{}} }

// sender is the one of this participant; it holds no key before the agent gave one, and none after they have gone.
func (r *keyRing) sender(ref olmkeys.Ref) *sender {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.senders[ref]
	if s == nil {
		s = new(sender)
		r.senders[ref] = s
	}
	return s
}

// apply carries out an effect that is about media keys, and says whether it was one.
func (r *keyRing) apply(e olmkeys.Effect) (bool, error) {
	switch e := e.(type) {
	case olmkeys.SealWith:
		s, err := mediacrypt.NewSealer(mediacrypt.KeyID(e.KID), e.BaseKey.Media())
		if err != nil {
			return true, err
		}
		r.sealer.Store(s)
	case olmkeys.OpenWith:
		if s := r.sender(e.From); s.gone.Load() {
			return true, nil
		}
		return true, r.sender(e.From).opener.Add(mediacrypt.KeyID(e.KID), e.BaseKey.Media())
	case olmkeys.DropKey:
		r.sender(e.From).opener.Drop(mediacrypt.KeyID(e.KID))
	case olmkeys.DropDevice:
		r.mu.Lock()
		defer r.mu.Unlock()
		if s := r.senders[e.From]; s != nil {
			s.gone.Store(true) // for the tracks that hold it
		}
		s := new(sender) // what stays knows that they have gone, since a join id never comes back, and holds no key
		s.gone.Store(true)
		r.senders[e.From] = s
	default:
		return false, nil
	}
	return true, nil
}
