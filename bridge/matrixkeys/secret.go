package matrixkeys

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	askEvery   = 3 * time.Second // first the oldest, then everybody
	giveUp     = 15 * time.Second
	eldestWait = 2 * time.Second // for those who came after us, who may have made it before they saw us
	mostAsking = 64
)

// exchange is where the secret is from and whom it is for.
type exchange struct {
	held     func() string // the link as it is now, with its secret; nil while there is none
	answers  chan fragment // not nil while we ask
	asked    map[olmdevice.Address]bool
	requests []olmdevice.Address // that came while we had none
}

// Secret gets the link's secret: from those who are in the call, or, where we are the first, by making it. Our own
// membership is there by then, see [Room.Appear].
func (r *Room) Secret(ctx context.Context) (string, error) {
	answers := make(chan fragment, 1)
	r.mu.Lock()
	r.exchange.answers = answers
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.exchange.answers = nil
		clear(r.exchange.asked)
		r.mu.Unlock()
	}()
	made, err := r.ask(ctx, answers)
	if err != nil {
		return "", err
	}
	r.Hold(func() string { return "#" + string(made) })
	return string(made), nil
}

func (r *Room) ask(ctx context.Context, answers <-chan fragment) (fragment, error) {
	patience, again, everybody := time.After(giveUp), time.After(askEvery), false
	first := true
	for {
		r.mu.Lock()
		others, eldest := r.others()
		changed := r.change()
		r.mu.Unlock()
		if len(others) == 0 {
			return newSecret() // nobody is here, or those who were have gone
		}
		if first {
			first = false
			if eldest { // it is for us to make, unless one of them has
				patience, everybody = time.After(eldestWait), true
			}
			r.request(ctx, others, everybody)
		}
		select {
		case secret := <-answers:
			return secret, nil
		case <-changed:
		case <-again:
			again, everybody = time.After(askEvery), true
			r.request(ctx, others, everybody)
		case <-patience:
			if eldest {
				return newSecret()
			}
			return "", &olmdevice.Error{Class: ErrSecret, What: "others are in the call, and none of them gave its secret",
				Hint: "they need to trust this device: verify it in your account's settings; or somebody left without saying so: try again in a few minutes"}
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func newSecret() (fragment, error) {
	s, err := olmkeys.NewSecret(rand.Reader)
	return fragment(s), err
}

// others are those who may have the secret, and whether we have been in the call for longer than all of them. mu is held.
func (r *Room) others() (others []rtc.Membership, eldest bool) {
	standing := r.standing()
	for _, m := range standing {
		if !r.isOwn(m) {
			others = append(others, m)
		}
	}
	return others, len(standing) > 0 && r.isOwn(standing[0])
}

func (r *Room) request(ctx context.Context, others []rtc.Membership, everybody bool) {
	if !everybody {
		others = others[:1]
	}
	var to []olmdevice.Address
	r.mu.Lock()
	content := r.here()
	for _, m := range others {
		a := olmdevice.Address{User: m.User, Device: m.Device}
		r.exchange.asked[a] = true
		to = append(to, a)
	}
	r.mu.Unlock()
	r.tasks.Go(func() { // the homeserver may be away for as long as we wait
		ctx, cancel := context.WithTimeout(ctx, giveUp)
		defer cancel()
		r.unsent(r.device.Send(ctx, rtc.SecretRequestType, content, to...))
	})
}

// given is an answer: only of those whom we asked, and only while we wait.
func (r *Room) given(from olmdevice.Address, is fragment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.exchange.answers == nil || !r.exchange.asked[from] {
		return
	}
	select {
	case r.exchange.answers <- is:
	default: // the second one
	}
}

// Hold gives the link as it is now to answer those who ask, in the place of the one that [Room.Secret] gave: it may change
// during a call.
func (r *Room) Hold(link func() string) {
	r.mu.Lock()
	r.exchange.held = link
	asking := r.exchange.requests
	r.exchange.requests = nil
	r.mu.Unlock()
	for _, a := range asking {
		r.requested(a)
	}
}

// requested is somebody's question: a device that passed the policy, of a joined member, with a membership in the call.
// The bot and its ghosts are not among those: see standing.
func (r *Room) requested(by olmdevice.Address) {
	r.mu.Lock()
	held, here := r.exchange.held, r.here()
	if held == nil {
		if len(r.exchange.requests) < mostAsking {
			r.exchange.requests = append(r.exchange.requests, by)
		}
		r.mu.Unlock()
		return
	}
	r.mu.Unlock()
	r.tasks.Go(func() {
		_, is, _ := strings.Cut(held(), "#")
		if is == "" {
			return
		}
		ctx, cancel := context.WithTimeout(r.ctx, giveUp)
		defer cancel()
		r.unsent(r.device.Send(ctx, rtc.SecretType, secret{here, fragment(is)}, by))
	})
}
