package bridge

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
)

// state is what is known of a Matrix room. Bridge.mu guards it.
type state struct {
	version   int // counts what was taken
	members   map[id.UserID]event.Membership
	locals    map[string]id.UserID // by what they are called here
	power     *event.PowerLevelsEventContent
	create    *event.Event
	encrypted bool
	rule      event.JoinRule
	caller    id.UserID                // who wrote which call the room has
	call      rtc.Roster               // what devices say of their being in the call
	learned   map[id.UserID]id.EventID // joins that were asked for, until the news of them come: what comes before is older
	over      map[string]time.Time     // when it was heard that a device, by its state key, took that back
}

func newState() *state {
	return &state{members: map[id.UserID]event.Membership{}, locals: map[string]id.UserID{}, learned: map[id.UserID]id.EventID{}, over: map[string]time.Time{}}
}

// change is what an event changed that is to be acted on.
type change int

const (
	nothing      change = iota
	cameIn              // somebody is a member
	wentOut             // somebody is not any more
	powerChanged        // somebody's may have
	callChanged         // a device says that it is in the call, or not any more
	overwritten         // somebody wrote what another device would have to
)

// take notes a state event. The lock is held.
func (s *state) take(e *event.Event) change {
	s.version++
	switch e.Type {
	case event.StateMember:
		user, is := id.UserID(e.GetStateKey()), e.Content.AsMember().Membership
		if join, ok := s.learned[user]; ok {
			if join == e.ID {
				delete(s.learned, user)
			}
			return nothing
		}
		was := s.members[user]
		s.members[user] = is
		s.locals[rtc.Localpart(user)] = user
		switch {
		case is == event.MembershipJoin && was != is:
			return cameIn
		case is != event.MembershipJoin && (was == event.MembershipJoin || is == event.MembershipBan || is == event.MembershipLeave):
			s.call.Forget(user)
			return wentOut
		}
	case event.StatePowerLevels:
		s.power = e.Content.AsPowerLevels()
		s.power.CreateEvent = s.create
		return powerChanged
	case event.StateCreate:
		s.create = e
		if s.power != nil {
			s.power.CreateEvent = e
		}
	case event.StateEncryption:
		s.encrypted = true
	case event.StateJoinRules:
		s.rule = e.Content.AsJoinRules().JoinRule
	case rtc.CallType:
		if e.GetStateKey() == "" {
			s.caller = e.Sender
		}
	case rtc.MemberType, rtc.StickyType:
		return s.takeStay(e)
	}
	return nothing
}

// takeStay believes a membership whose key is its sender's. What is written under others' keys is noted and changes nothing: the room's rules let every
// member write there, and it would end calls.
func (s *state) takeStay(e *event.Event) (what change) {
	for _, c := range s.call.Apply(e) {
		key := rtc.StateKey(c.Membership.User, c.Membership.Device)
		switch c.Kind {
		case rtc.Overwritten:
			return overwritten
		case rtc.Left:
			s.over[key], what = time.Now(), callChanged
		case rtc.Joined, rtc.Updated:
			delete(s.over, key)
			what = callChanged
		}
	}
	return what
}

// wasOver notes what a device took back while nobody listened.
func (s *state) wasOver(e *event.Event) {
	if m, err := rtc.ParseState(e); errors.Is(err, rtc.ErrLeft) {
		s.over[rtc.StateKey(m.User, m.Device)] = time.UnixMilli(e.Timestamp)
	}
}

// levelOf is somebody's power. The lock is held.
func (s *state) levelOf(user id.UserID) int {
	if s.power != nil {
		return s.power.GetUserLevel(user)
	}
	if s.create != nil && s.create.Sender == user { // Client-Server API, m.room.power_levels: without one the creator has 100, others 0
		return ownerPower
	}
	return 0
}

// levels are what is needed for things.
func (s *state) levels() *event.PowerLevelsEventContent {
	if s.power != nil {
		return s.power
	}
	zero := 0
	return &event.PowerLevelsEventContent{StateDefaultPtr: &zero, CreateEvent: s.create}
}

// load asks for all of a room's state.
func (b *Bridge) load(ctx context.Context, client *mautrix.Client, room id.RoomID) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	all, err := client.State(ctx, room)
	if err != nil {
		return err
	}
	s := newState()
	if err := b.store.ReplaceCachedMembers(ctx, room, slices.Collect(maps.Values(all[event.StateMember]))); err != nil {
		return err
	}
	for _, e := range all[event.StateEncryption] {
		e.RoomID = room
		mautrix.UpdateStateStore(ctx, b.store, e)
	}
	for _, kind := range []event.Type{event.StateCreate, event.StatePowerLevels, event.StateEncryption, event.StateJoinRules, event.StateMember, rtc.CallType} {
		for _, e := range all[kind] {
			s.take(e)
		}
	}
	for _, e := range all[rtc.MemberType] {
		s.take(e)
		s.wasOver(e)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.states[room] = s
	return nil
}

func (b *Bridge) known(room id.RoomID) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.states[room] != nil
}

// fresh is how long what is known of a room is taken for true without news from the homeserver: a sync is answered every 30 s at the least.
const fresh = 90 * time.Second

// ErrAway says that the homeserver cannot be asked.
var ErrAway = errors.New("bridge: the homeserver does not answer")

// Member implements [Links]. Who is not known to be in it is asked for, and everybody is when there was no news for a while.
func (b *Bridge) Member(ctx context.Context, room id.RoomID, user id.UserID) (Member, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	for ctx.Err() == nil {
		b.mu.RLock()
		s, heard := b.states[room], b.heard
		version := 0
		if s != nil {
			version = s.version
			if s.members[user] == event.MembershipJoin && time.Since(heard) < fresh {
				m := Member{Joined: true, Power: s.levelOf(user)}
				b.mu.RUnlock()
				return m, nil
			}
		}
		b.mu.RUnlock()
		client := b.client.Load()
		if client == nil {
			select {
			case b.hurry <- struct{}{}:
			default:
			}
			return Member{}, ErrAway
		}
		if s == nil || time.Since(heard) >= fresh {
			if err := b.load(ctx, client, room); refused(err) {
				return Member{}, nil // the bot is not in the room
			} else if err != nil {
				return Member{}, ErrAway
			}
			b.mu.RLock()
			if s = b.states[room]; s != nil {
				version = s.version
			}
			b.mu.RUnlock()
		}
		var is event.MemberEventContent
		switch err := client.StateEvent(ctx, room, event.StateMember, user.String(), &is); {
		case refused(err): // there is none
			return Member{}, nil
		case err != nil:
			return Member{}, ErrAway
		case is.Membership != event.MembershipJoin:
			return Member{}, nil
		}
		// Which event it was says the whole state alone.
		all, err := client.State(ctx, room)
		if refused(err) {
			return Member{}, nil
		} else if err != nil {
			return Member{}, ErrAway
		}
		e := all[event.StateMember][user.String()]
		if e == nil || e.Content.AsMember().Membership != event.MembershipJoin {
			return Member{}, nil
		}
		if m, ok := b.learned(room, user, e.ID, version); ok {
			return m, nil
		}
	}
	return Member{}, ErrAway
}

// learned notes that somebody came in before the news of it: they may be in the call before it. If there were other news meanwhile these may be later.
func (b *Bridge) learned(room id.RoomID, user id.UserID, join id.EventID, version int) (Member, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.states[room]
	if s == nil || s.version != version {
		return Member{}, false
	}
	if s.members[user] != event.MembershipJoin {
		s.learned[user] = join
	}
	s.members[user] = event.MembershipJoin
	s.locals[rtc.Localpart(user)] = user
	return Member{Joined: true, Power: s.levelOf(user)}, true
}
