package bridge

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/internal/wire"

	"github.com/grotto-meet/grotto/bridge/rtc"
)

// Commands of the bot.
const (
	commandCall = "!call"
	commandStop = "!call stop"
)

// maxLinks bounds how many rooms have a call: the state of each is kept.
const maxLinks = 5000

// invited takes an invitation by those who may give one, and declines others'.
func (b *Bridge) invited(ctx context.Context, client *mautrix.Client, room id.RoomID, events []*event.Event) error {
	for _, e := range events {
		if e.Type.Type != event.StateMember.Type || e.GetStateKey() != client.UserID.String() {
			continue
		}
		if b.allowed(client.UserID, e.Sender) {
			return b.post(ctx, post{room: room, kind: postJoin})
		}
		b.counters.declined.Add(1)
		return b.post(ctx, post{room: room, kind: postDecline})
	}
	return nil
}

func (b *Bridge) allowed(bot, by id.UserID) bool {
	_, own, _ := bot.Parse()
	_, server, err := by.Parse()
	if err != nil {
		return false
	}
	if len(b.cfg.Allow) == 0 {
		return server == own
	}
	for _, is := range b.cfg.Allow {
		if is == "*" || is == by.String() || is == server {
			return true
		}
	}
	return false
}

// command does what a message tells the bot to, if whoever wrote it may.
func (b *Bridge) command(ctx context.Context, client *mautrix.Client, room id.RoomID, e *event.Event) error {
	text := e.Content.AsMessage()
	if text.MsgType != event.MsgText || text.RelatesTo.GetReplaceID() != "" {
		return nil
	}
	what := strings.ToLower(strings.Join(strings.Fields(text.Body), " "))
	if what != commandCall && what != commandStop {
		return nil
	}
	if !b.known(room) {
		if err := b.load(ctx, client, room); err != nil {
			return unless(refused(err), err)
		}
	}
	if !b.mayCall(room, e.Sender) {
		b.forget(room)
		return b.say(ctx, room, wordNoPower, e.ID)
	}
	if what == commandStop {
		if _, ok := b.Linked(room); !ok {
			return nil
		}
		return b.endLink(ctx, room)
	}
	return b.link(ctx, client, room, e.ID)
}

// forget drops what is known of a room without a call.
func (b *Bridge) forget(room id.RoomID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.linked[room] == nil {
		delete(b.states, room)
	}
}

func unless(passed bool, err error) error {
	if passed {
		return nil
	}
	return err
}

// mayCall: whoever could write the state event themselves, and moderators.
func (b *Bridge) mayCall(room id.RoomID, user id.UserID) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	s := b.states[room]
	if s == nil || s.members[user] != event.MembershipJoin {
		return false
	}
	level := s.levelOf(user)
	return level >= moderatorPower || level >= s.levels().GetEventLevel(rtc.CallType)
}

// link joins a Matrix room to a room of Grotto, once, and says where that is. The name is the operator's choice or random: who could choose it would be
// given the power over whatever room is called so.
func (b *Bridge) link(ctx context.Context, client *mautrix.Client, room id.RoomID, asked id.EventID) error {
	if !b.known(room) {
		if err := b.load(ctx, client, room); err != nil {
			return unless(refused(err), err)
		}
	}
	if _, ok := b.Linked(room); !ok {
		l := link{room: room, slug: b.cfg.Links[room.String()]}
		if l.slug == "" {
			l.slug = randomSlug()
		}
		if taken, ok := b.RoomOf(l.slug); ok && taken != room {
			return b.say(ctx, room, wordTaken, asked)
		}
		if len(b.allLinks()) >= maxLinks {
			b.forget(room)
			return b.say(ctx, room, wordFull, asked)
		}
		if err := b.db.keepLink(ctx, l); err != nil {
			return err
		}
		b.mu.Lock()
		b.linked[room], b.slugs[l.slug] = &l, room
		b.mu.Unlock()
		b.counters.links.Add(1)
	}
	if err := b.post(ctx, post{room: room, kind: postState, txn: string(asked)}); err != nil {
		return err
	}
	return b.say(ctx, room, wordLink, asked)
}

// randomSlug is 60 bits.
func randomSlug() string {
	text := strings.ToLower(rand.Text())[:12]
	if !wire.ValidSlug(text) {
		panic("bridge: " + text) // letters and digits are one
	}
	return text
}

// endLink takes a link back, and says so in the room.
func (b *Bridge) endLink(ctx context.Context, room id.RoomID) error {
	if err := b.unlink(ctx, room); err != nil {
		return err
	}
	return b.post(ctx, post{room: room, kind: postState})
}

// unlink forgets a link. Who is in the call stays: nobody is let in by Matrix any more.
func (b *Bridge) unlink(ctx context.Context, room id.RoomID) error {
	b.mu.Lock()
	l := b.linked[room]
	delete(b.states, room)
	delete(b.linked, room)
	if l != nil {
		delete(b.slugs, l.slug)
	}
	b.mu.Unlock()
	if l == nil {
		return nil
	}
	if err := b.db.dropLink(ctx, room); err != nil {
		return err
	}
	b.wake()
	return nil
}

// called is for the state event that says which call a room has. Writing it takes the power to: the homeserver has seen to that.
func (b *Bridge) called(ctx context.Context, client *mautrix.Client, e *event.Event) error {
	if e.Sender == client.UserID || e.GetStateKey() != "" {
		return nil
	}
	is, _ := e.Content.Raw["slug"].(string)
	url, _ := e.Content.Raw["url"].(string)
	_, linked := b.Linked(e.RoomID)
	theirs := url != "" && !strings.HasPrefix(url, b.cfg.Public+"/")
	switch {
	case linked && (is == "" || theirs): // taken back, or for another server
		return b.unlink(ctx, e.RoomID)
	case is == "" || theirs:
		return nil
	case !linked:
		return b.link(ctx, client, e.RoomID, e.ID)
	}
	b.reconcile()
	return nil
}

// restoring is how often the bot writes its state event anew at most.
const restoring = 20 * time.Second

// restore has the bot write which call a room has where somebody else did: clients take whoever wrote it for the bot.
func (b *Bridge) restore(ctx context.Context, l link) error {
	client := b.client.Load()
	b.mu.RLock()
	s := b.states[l.room]
	others := s != nil && client != nil && s.caller != "" && s.caller != client.UserID
	b.mu.RUnlock()
	if !others || !b.lasts.first(l.room.String()+"restore", restoring) {
		return nil
	}
	return b.post(ctx, post{room: l.room, kind: postState, target: stateAgain})
}
