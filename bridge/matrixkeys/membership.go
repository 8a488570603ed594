package matrixkeys

import (
	"context"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
)

// delayedEvents (MSC4140): a homeserver without them sends what it should send later at once.
const delayedEvents = "org.matrix.msc4140"

const (
	leaveDelay   = 15 * time.Second // after the last sign of life, where the homeserver can
	restartEvery = 5 * time.Second

	// shortExpiry is of a membership that nobody takes back if we crash: the room's next call waits for it.
	shortExpiry = 10 * time.Minute
	// renewAt is what is left of a membership when it is written again.
	renewAt = 5 * time.Minute
)

// stay is our membership, while we are in the call.
type stay struct {
	created time.Time
	expiry  time.Duration
	delay   id.DelayID // of the leave that the homeserver sends without us
	delayed bool
	stop    context.CancelFunc
}

// Appear says in the room that this device is in the call, and keeps saying so. It returns once the homeserver has given
// that back: who was here before is known by then.
func (r *Room) Appear(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	versions, err := r.device.Client().Versions(ctx)
	if err != nil {
		return &olmdevice.Error{Class: ErrRoom, What: "the homeserver does not say what it can", Err: err}
	}
	keeping, stop := context.WithCancel(r.ctx)
	own := &stay{expiry: shortExpiry, delayed: versions.UnstableFeatures[delayedEvents], stop: stop}
	r.mu.Lock()
	if r.own != nil {
		r.mu.Unlock()
		stop()
		return nil
	}
	r.own = own
	r.mu.Unlock()
	r.schedule(ctx) // the leave first, so that there is no moment without it
	written, err := r.write(ctx)
	if err != nil {
		stop()
		r.mu.Lock()
		r.own = nil
		r.mu.Unlock()
		hint := "the homeserver has to let members write " + rtc.MemberType.Type + ": a moderator sets the power level for it"
		if !errors.Is(err, mautrix.MForbidden) {
			hint = "try again"
		}
		return &olmdevice.Error{Class: ErrRoom, What: fmt.Sprintf("%s does not take this device into its call", r.config.Room), Hint: hint, Err: err}
	}
	r.tasks.Go(func() { r.keep(keeping) })
	return r.echo(ctx, written)
}

// echo waits for our own membership to come back: not for one that is left of an earlier run.
func (r *Room) echo(ctx context.Context, written id.EventID) error {
	late := time.After(echoPatience)
	for {
		r.mu.Lock()
		back, changed := r.ownMembership(), r.change()
		r.mu.Unlock()
		if back.Event == written {
			return nil
		}
		select {
		case <-changed:
		case <-late:
			return &olmdevice.Error{Class: ErrRoom, What: "the homeserver does not give back that this device is in the call", Hint: "try again"}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ownMembership is the one that stands. mu is held.
func (r *Room) ownMembership() (own rtc.Membership) {
	for _, m := range r.roster.Members(time.Now()) {
		if r.isOwn(m) {
			own = m
		}
	}
	return own
}

// write publishes our membership, as it has been since the first time.
func (r *Room) write(ctx context.Context) (id.EventID, error) {
	now := time.Now()
	r.mu.Lock()
	if r.own == nil {
		r.mu.Unlock()
		return "", nil
	}
	m := rtc.Membership{User: r.self.User, Device: r.self.Device, ID: string(r.self.User) + ":" + string(r.self.Device), Intent: "video",
		Created: r.own.created, Expires: now.Add(r.own.expiry), Transports: []rtc.Transport{{Type: rtc.TransportType, URL: r.link.URL}}}
	r.mu.Unlock()
	sent, err := r.device.Client().SendStateEvent(ctx, r.config.Room, rtc.MemberType, r.key(), m.Content(now))
	if err != nil {
		return "", err
	}
	return sent.EventID, nil
}

func (r *Room) key() string { return rtc.StateKey(r.self.User, r.self.Device) }

// schedule has the homeserver take our membership back when it has not heard of us for a while.
func (r *Room) schedule(ctx context.Context) {
	r.mu.Lock()
	own := r.own
	r.mu.Unlock()
	if own == nil || !own.delayed {
		return
	}
	sent, err := r.device.Client().SendStateEvent(ctx, r.config.Room, rtc.MemberType, r.key(), struct{}{}, mautrix.ReqSendEvent{UnstableDelay: leaveDelay})
	r.mu.Lock()
	defer r.mu.Unlock()
	own.delay = ""
	if err == nil {
		own.delay = sent.UnstableDelayID
	}
}

// keep renews what would end.
func (r *Room) keep(ctx context.Context) {
	tick := time.NewTicker(restartEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		once, cancel := context.WithTimeout(ctx, answerPatience)
		r.mu.Lock()
		own := r.own
		if own == nil {
			r.mu.Unlock()
			cancel()
			return
		}
		standing, delay := r.ownMembership(), own.delay
		r.mu.Unlock()
		if own.delayed {
			err := errors.New("not scheduled")
			if delay != "" {
				_, err = r.device.Client().UpdateDelayedEvent(once, &mautrix.ReqUpdateDelayedEvent{DelayID: delay, Action: event.DelayActionRestart})
			}
			if err != nil && !awayError(err) { // it was sent meanwhile, or is not known any more
				r.schedule(once)
			}
		}
		if time.Until(standing.Expires) < renewAt {
			_, _ = r.write(once) // or the next time
		}
		cancel()
	}
}

// awayError tells a homeserver that does not answer from one that refuses.
func awayError(err error) bool {
	answer, ok := errors.AsType[mautrix.HTTPError](err)
	return ok && (answer.Response == nil || answer.Response.StatusCode >= 500)
}

// disappear takes our membership back.
func (r *Room) disappear(ctx context.Context) error {
	r.mu.Lock()
	own := r.own
	r.own = nil
	r.mu.Unlock()
	if own == nil {
		return nil
	}
	own.stop()
	ctx, cancel := context.WithTimeout(ctx, echoPatience)
	defer cancel()
	_, err := r.device.Client().SendStateEvent(ctx, r.config.Room, rtc.MemberType, r.key(), struct{}{})
	if own.delay != "" && err == nil {
		_, _ = r.device.Client().UpdateDelayedEvent(ctx, &mautrix.ReqUpdateDelayedEvent{DelayID: own.delay, Action: event.DelayActionCancel})
	}
	return err
}
