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
	openers map[olmkeys.Ref]*mediacrypt.Opener
}

func newKeyRing() *keyRing { return &keyRing{openers: map[olmkeys.Ref]*mediacrypt.Opener{}} }

// opener is the one of this participant; it holds no key before the agent gave one.
func (r *keyRing) opener(ref olmkeys.Ref) *mediacrypt.Opener {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.openers[ref]
	if o == nil {
		o = mediacrypt.NewOpener()
		r.openers[ref] = o
	}
	return o
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
		return true, r.opener(e.From).Add(mediacrypt.KeyID(e.KID), e.BaseKey.Media())
	case olmkeys.DropKey:
		r.opener(e.From).Drop(mediacrypt.KeyID(e.KID))
	case olmkeys.DropDevice:
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.openers, e.From)
	default:
		return false, nil
	}
	return true, nil
}
