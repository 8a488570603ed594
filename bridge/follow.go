package bridge

import (
	"context"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// inbox holds what happened in calls until it is looked at.
type inbox struct {
	mu   sync.Mutex
	all  []room.Event
	came chan struct{} // capacity 1
}

// maxInbox bounds it. Whoever was removed then is not removed in Matrix; all else is seen in the roster.
const maxInbox = 100_000

func (i *inbox) put(e room.Event) {
	i.mu.Lock()
	if len(i.all) < maxInbox {
		i.all = append(i.all, e)
	}
	i.mu.Unlock()
	i.wake()
}

func (i *inbox) wake() {
	select {
	case i.came <- struct{}{}:
	default:
	}
}

func (i *inbox) first() (room.Event, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.all) == 0 {
		return room.Event{}, false
	}
	return i.all[0], true
}

func (i *inbox) drop() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.all = i.all[1:]
}

// reconcile has everything looked at again.
func (b *Bridge) reconcile() { b.inbox.wake() }

const (
	// leaving is how long a device that took its membership back has to write another. It may not have been the device: a homeserver that was away, or did not
	// hear of it, ends it as well (MSC4140), and clients see that within seconds. Who leaves on purpose leaves the call by themselves.
	leaving = 20 * time.Second
	// looking is how often everybody is looked at.
	looking = 2 * time.Second
)

// follow acts on what happens in calls, once it is known what they are in.
func (b *Bridge) follow(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-b.ready:
	}
	tick := time.NewTicker(min(looking, b.leaving))
	defer tick.Stop()
	for {
		for {
			e, ok := b.inbox.first()
			if !ok {
				break
			}
			if err := b.happened(ctx, e); err != nil {
				return err // it stays where it is
			}
			b.inbox.drop()
		}
		b.compare()
		for _, l := range b.allLinks() {
			if err := b.restore(ctx, l); err != nil {
				return err
			}
		}
		b.wake()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.inbox.came:
		case <-tick.C:
		}
	}
}

// sameMeeting is how long after a call's end another one is its continuation: people come back after a restart.
const sameMeeting = 2 * time.Minute

func (b *Bridge) happened(ctx context.Context, e room.Event) error {
	defer b.note(e)
	matrixRoom, ok := b.RoomOf(e.Slug)
	if !ok {
		return nil
	}
	b.mu.RLock()
	l := *b.linked[matrixRoom]
	b.mu.RUnlock()
	switch {
	case e.Kind == room.CallBegan && e.Slug == l.slug:
		again := e.At.Sub(l.over) < sameMeeting
		l.call = e.Call
		if again {
			return b.keep(ctx, l)
		}
		l.rung = e.At
		if err := b.keep(ctx, l); err != nil {
			return err
		}
		return b.post(ctx, post{room: matrixRoom, kind: postRing, target: e.Call, txn: e.Call})
	case e.Kind == room.CallEnded && e.Slug == l.slug:
		l.call, l.over = "", e.At
		return b.keep(ctx, l)
	case e.Reason == room.Removed && b.cfg.Kick: // gone by it, or a moment before
		return b.removed(ctx, l, e)
	}
	return nil
}

// note keeps who somebody is while they are there: whoever removed somebody is named by a number.
func (b *Bridge) note(e room.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e.Kind {
	case room.ParticipantJoined:
		b.people[e.Participant.ID] = e.Participant.User
	case room.ParticipantLeft:
		delete(b.people, e.Participant.ID)
		delete(b.given, e.Participant.ID)
	}
}

func (b *Bridge) keep(ctx context.Context, l link) error {
	if err := b.db.keepLink(ctx, l); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.linked[l.room] != nil {
		*b.linked[l.room] = l
	}
	return nil
}

// rang notes that a client has rung, so that it does not ring twice.
func (b *Bridge) rang(ctx context.Context, room id.RoomID, at time.Time) {
	b.mu.RLock()
	l := b.linked[room]
	b.mu.RUnlock()
	if l == nil || time.Since(at) > ringLife {
		return
	}
	_, _ = b.db.ExecContext(ctx, "DELETE FROM grotto_post WHERE room = ? AND kind = ?", room, string(postRing))
}

// removed has somebody removed in Matrix, too. Who is who there is known by what they are called here: only the bridge's tokens name people so.
func (b *Bridge) removed(ctx context.Context, l link, e room.Event) error {
	b.mu.RLock()
	target, by := id.UserID(""), id.UserID("")
	if s := b.states[l.room]; s != nil {
		target, by = s.locals[localpart(e.Participant.User)], s.locals[localpart(b.people[e.By])]
	}
	b.mu.RUnlock()
	if target == "" || by == "" {
		return nil
	}
	return b.post(ctx, post{room: l.room, kind: postKick, target: target.String(), sender: by.String(), txn: e.Participant.ID})
}

// out expels whoever is not a member any more.
func (b *Bridge) out(slug string, user id.UserID) {
	for _, p := range b.everybody()[slug] {
		if p.fromMatrix() && p.is(user) {
			b.expel(p)
		}
	}
}

func (b *Bridge) expel(p present) {
	if err := b.rooms().Expel(p.slug, p.ID); err == nil {
		b.counters.expelled.Add(1)
	}
}

// compare sets right what is not in the call as it is in Matrix.
func (b *Bridge) compare() {
	people := b.everybody()
	for _, l := range b.allLinks() {
		for _, p := range people[l.slug] {
			if p.fromMatrix() {
				b.compareOne(l, p)
			}
		}
	}
}

// compareOne gives somebody the role of their power, and expels who is no member, or on a device that took its membership back. Of people whose being a
// member has not been heard of nothing is said: they were asked about when they came. A role that a moderator gave in the call stays until the power changes.
func (b *Bridge) compareOne(l link, p present) {
	out, role := b.shouldBe(l, p)
	switch {
	case out:
		b.expel(p)
	case role != "" && p.Role != role:
		if b.rooms().SetRole(p.slug, p.ID, role) == nil {
			b.counters.roles.Add(1)
		}
	}
}

// shouldBe says whether somebody has to go, and the role that they get if it is another than they were given last.
func (b *Bridge) shouldBe(l link, p present) (out bool, role wire.Role) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.states[l.room]
	if s == nil {
		return false, ""
	}
	user, known := s.locals[localpart(p.User)]
	if !known {
		return false, ""
	}
	is := s.members[user]
	over, left := s.over[rtc.StateKey(user, id.DeviceID(p.ExternalDevice))]
	if left && p.Since.Before(over) && time.Since(over) >= b.leaving || is != event.MembershipJoin && is != "" {
		return true, ""
	}
	role = RoleOf(s.levelOf(user))
	if b.given[p.ID] == role {
		return false, ""
	}
	b.given[p.ID] = role
	return false, role
}
