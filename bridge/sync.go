package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
)

const (
	// longPoll is how long the homeserver may wait with its answer.
	longPoll = 30 * time.Second
	// timelineLimit is how many events of a room come at a time. Of more than that between two answers the oldest commands are missed, no state.
	timelineLimit = 100
)

func filter() *mautrix.Filter {
	none := &mautrix.FilterPart{NotTypes: []event.Type{{Type: "*"}}}
	types := []event.Type{event.StateMember, event.StatePowerLevels, event.StateCreate, event.StateEncryption, event.StateJoinRules, rtc.CallType, rtc.MemberType}
	return &mautrix.Filter{Presence: none, AccountData: none, Room: &mautrix.RoomFilter{AccountData: none, Ephemeral: none,
		State:    &mautrix.FilterPart{Types: types},
		Timeline: &mautrix.FilterPart{Limit: timelineLimit, Types: append([]event.Type{event.EventMessage, event.EventEncrypted, rtc.NotificationType}, types...)}}}
}

// sync reads the homeserver's news. How far it has read is kept only when they were acted on.
func (b *Bridge) sync(ctx context.Context) error {
	client := b.client.Load()
	// In full, and not by a number under which the homeserver keeps it: Dendrite's database does not bear it when a request is broken off while it is looked up.
	wanted, err := json.Marshal(filter())
	if err != nil {
		return err
	}
	since, err := b.db.value(ctx, valueSince)
	if err != nil {
		return err
	}
	caughtUp := false
	for {
		wait := longPoll
		if !caughtUp {
			wait = 0
		}
		got, err := b.ask(ctx, client, since, string(wanted), wait)
		if err != nil {
			return err
		}
		b.mu.Lock()
		b.heard = time.Now()
		b.mu.Unlock()
		if b.crypt != nil {
			b.crypt.news(ctx, got, since)
			if err := b.unseal(ctx, client); err != nil {
				return err
			}
		}
		if !caughtUp {
			if err := b.loadAll(ctx, client); err != nil {
				return err
			}
		}
		if err := b.actOn(ctx, client, got, news{first: since == "", old: !caughtUp}); err != nil {
			return err
		}
		if err := b.db.setValue(ctx, valueSince, got.NextBatch); err != nil {
			return err
		}
		since = got.NextBatch
		b.counters.syncs.Add(1)
		if !caughtUp {
			caughtUp = true
			close(b.ready)
		}
	}
}

// loadAll asks for the state of the rooms that matter. It is newer than the answer that the loop begins with, whose state is passed over: nobody is
// expelled for having left and come back meanwhile.
func (b *Bridge) loadAll(ctx context.Context, client *mautrix.Client) error {
	for _, l := range b.allLinks() {
		err := b.load(ctx, client, l.room)
		if refused(err) { // the bot is not in it any more
			err = b.unlink(ctx, l.room)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// news is what is to be known of an answer.
type news struct {
	first bool // it tells what was before the bot was there
	old   bool // it tells what was while the bot was away
}

func (b *Bridge) ask(ctx context.Context, client *mautrix.Client, since, filter string, wait time.Duration) (*mautrix.RespSync, error) {
	ctx, cancel := context.WithTimeout(ctx, wait+requestTimeout)
	defer cancel()
	return client.FullSyncRequest(ctx, mautrix.ReqSync{Timeout: int(wait.Milliseconds()), Since: since, FilterID: filter})
}

// actOn acts on an answer. An error means that nothing is lost: the same answer comes again.
func (b *Bridge) actOn(ctx context.Context, client *mautrix.Client, got *mautrix.RespSync, is news) error {
	for room, news := range got.Rooms.Invite {
		if err := b.invited(ctx, client, room, news.State.Events); err != nil {
			return err
		}
	}
	for room := range got.Rooms.Leave {
		if err := b.unlink(ctx, room); err != nil { // the bot is not in it any more
			return err
		}
	}
	for room, news := range got.Rooms.Join {
		if err := b.roomNews(ctx, client, room, news, is); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bridge) roomNews(ctx context.Context, client *mautrix.Client, room id.RoomID, got *mautrix.SyncJoinedRoom, is news) error {
	if len(got.State.Events) > 0 { // there is a gap: what was asked for may lie in it
		b.mu.Lock()
		if s := b.states[room]; s != nil {
			clear(s.learned)
		}
		b.mu.Unlock()
	}
	for _, e := range got.State.Events {
		if err := b.careful(func() error { return b.stateNews(ctx, client, room, e, is) }); err != nil {
			return err
		}
	}
	for _, e := range got.Sticky.Events {
		b.stickyNews(room, e)
	}
	begin := 0 // what was said before the bot came is not for it
	for i, e := range got.Timeline.Events {
		if e.Type.Type == event.StateMember.Type && e.GetStateKey() == client.UserID.String() && e.Content.Raw["membership"] == "join" {
			begin = i
		}
	}
	for i, e := range got.Timeline.Events {
		if err := b.careful(func() error {
			switch {
			case e.StateKey != nil:
				return b.stateNews(ctx, client, room, e, is)
			case i >= begin && !is.first:
				return b.said(ctx, client, room, e)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// careful passes over an event that breaks what acts on it: it would come again, and nothing after it.
func (b *Bridge) careful(act func() error) error {
	defer func() {
		if p := recover(); p != nil {
			b.counters.broken.Add(1)
			b.cfg.Log.Error("an event of Matrix broke what acts on it; it was passed over", "stack", string(debug.Stack()))
		}
	}()
	return act()
}

// parse gives an event the class and the shape that it has; false: it is to be passed over.
func parse(e *event.Event, room id.RoomID, class event.TypeClass) bool {
	e.RoomID = room
	e.Type.Class = class
	err := e.Content.ParseRaw(e.Type)
	return err == nil || errors.Is(err, event.ErrUnsupportedContentType) || errors.Is(err, event.ErrContentAlreadyParsed)
}

func (b *Bridge) stateNews(ctx context.Context, client *mautrix.Client, room id.RoomID, e *event.Event, is news) error {
	if e.StateKey == nil || !parse(e, room, event.StateEventType) {
		return nil
	}
	mautrix.UpdateStateStore(ctx, b.store, e)
	if e.Type == event.StateMember && b.crypt != nil {
		b.crypt.member(ctx, e)
	}
	what, l := b.take(room, e, is)
	if e.Type == rtc.CallType {
		return b.called(ctx, client, e)
	}
	if what == overwritten {
		b.counters.overwrites.Add(1)
		b.cfg.Log.Warn("somebody wrote a membership in a call that another device would have to write; it was passed over")
	}
	if l == nil {
		return nil
	}
	switch what {
	case wentOut:
		b.out(l.slug, id.UserID(e.GetStateKey()))
	case powerChanged, cameIn:
		b.compare()
	case callChanged:
		b.reconcile()
	}
	return nil
}

// take notes an event where the room's state is known: otherwise it is asked for when it is needed, or was.
func (b *Bridge) take(room id.RoomID, e *event.Event, is news) (change, *link) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.states[room]; s != nil && !is.old {
		return s.take(e), b.linked[room]
	}
	return nothing, b.linked[room]
}

// stickyNews is for memberships as sticky events (MSC4354).
func (b *Bridge) stickyNews(room id.RoomID, e *event.Event) {
	if e.StateKey != nil || !parse(e, room, event.MessageEventType) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.states[room]; s != nil && s.take(e) == callChanged {
		b.reconcile()
	}
}

// said is for what somebody wrote.
func (b *Bridge) said(ctx context.Context, client *mautrix.Client, room id.RoomID, e *event.Event) error {
	if e.Sender == client.UserID || !parse(e, room, event.MessageEventType) {
		return nil
	}
	if e.Type == event.EventEncrypted {
		if b.crypt == nil {
			return nil
		}
		opened, err := b.crypt.open(ctx, e)
		if err != nil {
			return b.keepSealed(ctx, e)
		}
		e = opened
	}
	return b.heardOf(ctx, client, room, e)
}

// heardOf is for what could be read.
func (b *Bridge) heardOf(ctx context.Context, client *mautrix.Client, room id.RoomID, e *event.Event) error {
	switch e.Type.Type {
	case event.EventMessage.Type:
		return b.command(ctx, client, room, e)
	case rtc.NotificationType.Type:
		b.rang(ctx, room, time.UnixMilli(e.Timestamp))
	}
	return nil
}

func (b *Bridge) allLinks() []link {
	b.mu.RLock()
	defer b.mu.RUnlock()
	all := make([]link, 0, len(b.linked))
	for _, l := range b.linked {
		all = append(all, *l)
	}
	return all
}
