package bridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
)

const (
	// featureDelayed is of homeservers that have delayed events (MSC4140). Others send such an event at once: they are not asked to.
	featureDelayed = "org.matrix.msc4140"
	// ghostDelay is how long after the bridge was last heard a ghost's membership ends by itself.
	ghostDelay = 2 * time.Minute
	// heartbeat is how often it is put off.
	heartbeat = ghostDelay / 4
)

// willLeave has the homeserver end a ghost's membership unless it is put off. The id is empty where it does not do that.
func (b *Bridge) willLeave(ctx context.Context, room id.RoomID, number int) (delay string, err error) {
	if !b.delayed {
		return "", nil
	}
	user := b.ghostID(number)
	as, err := b.as(user)
	if err != nil {
		return "", err
	}
	got, err := as.SendStateEvent(ctx, room, rtc.MemberType, rtc.StateKey(user, ghostDevice), struct{}{}, mautrix.ReqSendEvent{UnstableDelay: ghostDelay})
	switch {
	case refused(err): // too many, or for too long: then without
		return "", nil
	case err != nil:
		return "", err
	}
	return string(got.UnstableDelayID), nil
}

// beat puts the end off, now and then. It says whether it has come: the bridge was away for too long.
func (b *Bridge) beat(ctx context.Context, room id.RoomID, g ghost) (ended bool, err error) {
	if g.delay == "" || !b.lasts.first(fmt.Sprint(room, " beat ", g.number), heartbeat) {
		return false, nil
	}
	err = b.update(ctx, g, event.DelayActionRestart)
	if refused(err) {
		return true, nil
	}
	return false, err
}

// letStay calls the end off: the number may be another guest's soon.
func (b *Bridge) letStay(ctx context.Context, g ghost) error {
	if g.delay == "" {
		return nil
	}
	if err := b.update(ctx, g, event.DelayActionCancel); err != nil && !refused(err) {
		return err
	}
	return nil
}

// update speaks both of the draft's forms: the action in the path, and before that in the body.
func (b *Bridge) update(ctx context.Context, g ghost, action event.DelayAction) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	as, err := b.as(b.ghostID(g.number))
	if err != nil {
		return err
	}
	_, err = as.MakeRequest(ctx, http.MethodPost, as.BuildClientURL("unstable", featureDelayed, "delayed_events", g.delay, string(action)), struct{}{}, nil)
	if errors.Is(err, mautrix.MUnrecognized) {
		_, err = as.UpdateDelayedEvent(ctx, &mautrix.ReqUpdateDelayedEvent{DelayID: id.DelayID(g.delay), Action: action})
	}
	return err
}
