package bridge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
)

// postKind is what is to be sent.
type postKind string

const (
	postJoin    postKind = "join"    // takes an invitation
	postDecline postKind = "decline" // declines it
	postState   postKind = "state"   // the state event, as the link is now
	postWord    postKind = "word"    // target is which, sender the event that it answers
	postRing    postKind = "ring"    // target is the call
	postKick    postKind = "kick"    // target is who, sender who wants it
)

// post is something that is sent until the homeserver has taken it, also after a restart.
type post struct {
	seq    int64
	room   id.RoomID
	kind   postKind
	target string
	sender string
	txn    string // of what it is the answer to; made of the moment if empty
	made   time.Time
}

// maxPosts bounds what waits for a homeserver that is away.
const maxPosts = 10_000

// post writes down what is to be sent, once for each txn.
func (b *Bridge) post(ctx context.Context, p post) error {
	p.made = time.Now()
	if p.txn == "" {
		p.txn = fmt.Sprint(p.made.UnixNano())
	}
	_, err := b.db.ExecContext(ctx, `INSERT OR IGNORE INTO grotto_post (room, kind, target, sender, txn, made)
		SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM grotto_post) < ?`,
		p.room, string(p.kind), p.target, p.sender, string(p.kind)+" "+p.target+" "+p.txn, millis(p.made), maxPosts)
	if err == nil {
		b.wake()
	}
	return err
}

func (b *Bridge) wake() {
	select {
	case b.posted <- struct{}{}:
	default:
	}
}

func (d database) nextPost(ctx context.Context, after int64) (p post, err error) {
	var made int64
	err = d.QueryRowContext(ctx, "SELECT seq, room, kind, target, sender, txn, made FROM grotto_post WHERE seq > ? ORDER BY seq LIMIT 1", after).
		Scan(&p.seq, &p.room, &p.kind, &p.target, &p.sender, &p.txn, &made)
	p.made = time.UnixMilli(made)
	return p, err
}

const (
	// often is how often guests' memberships are looked at when nothing happens, and what could not be sent is tried again.
	often = 5 * time.Second
	// lastWord is how long after its cause something is still said.
	lastWord = 10 * time.Minute
)

// send sends what was written down, and keeps ghosts in step with who is there.
func (b *Bridge) send(ctx context.Context) error {
	client := b.client.Load()
	tick := time.NewTicker(often)
	defer tick.Stop()
	for {
		if err := b.sendAll(ctx, client); err != nil {
			return err
		}
		if err := b.ghosts(ctx, client); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.posted:
		case <-tick.C:
		}
	}
}

// sendAll: what one room cannot have holds nothing else up.
func (b *Bridge) sendAll(ctx context.Context, client *mautrix.Client) error {
	var after int64
	for {
		p, err := b.db.nextPost(ctx, after)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		after = p.seq
		err = b.deliver(ctx, client, p)
		switch {
		case err == nil, refused(err), errors.Is(err, errNoCrypto):
			if err != nil {
				b.counters.refused.Add(1)
				b.cfg.Log.Warn("the homeserver does not take something", "what", string(p.kind), "why", why(err))
			}
			if _, err := b.db.ExecContext(ctx, "DELETE FROM grotto_post WHERE seq = ?", p.seq); err != nil {
				return err
			}
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errLater):
		default:
			b.counters.failed(err)
			return nil // the homeserver is away, or wants less at a time: later, in the same order
		}
	}
}

// errLater: what it needs is not there yet.
var errLater = errors.New("bridge: not yet")

func (b *Bridge) deliver(ctx context.Context, client *mautrix.Client, p post) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	late := time.Since(p.made) > lastWord
	switch p.kind {
	case postJoin:
		_, err := client.JoinRoomByID(ctx, p.room)
		return err
	case postDecline:
		_, err := client.LeaveRoom(ctx, p.room)
		return err
	case postState:
		return b.sendState(ctx, client, p)
	case postWord:
		if late {
			return nil
		}
		return b.sendWord(ctx, client, p)
	case postRing:
		return b.sendRing(ctx, client, p)
	case postKick:
		if late {
			return nil
		}
		return b.sendKick(ctx, client, p)
	}
	return nil
}

// complaining is how often the bot says that it lacks power.
const complaining = time.Hour

// stateAgain is the target of a state event that has to differ from the last one: homeservers drop what is as it was, whoever wrote that.
const stateAgain = "again"

// sendState says in the room's state which call belongs to it: {} if none does.
func (b *Bridge) sendState(ctx context.Context, client *mautrix.Client, p post) error {
	var content any = struct{}{}
	if slug, ok := b.Linked(p.room); ok {
		is := rtc.Call{Slug: slug, URL: b.url(slug)}
		content = is
		if p.target == stateAgain {
			content = struct {
				rtc.Call
				Again int64 `json:"again"`
			}{is, p.made.UnixMilli()}
		}
	}
	_, err := client.SendStateEvent(ctx, p.room, rtc.CallType, "", content)
	if refused(err) {
		b.counters.refused.Add(1)
		if b.lasts.first(p.room.String()+"power", complaining) {
			return b.say(ctx, p.room, wordPowerless, "")
		}
		return nil
	}
	return err
}

// url is a room's, without what is behind the #: the bot does not know it.
func (b *Bridge) url(slug string) string { return b.cfg.Public + "/r/" + slug }

// write sends an event, sealed where the room is encrypted.
func (b *Bridge) write(ctx context.Context, client *mautrix.Client, room id.RoomID, kind event.Type, content any, txn string) error {
	if !b.known(room) {
		if err := b.load(ctx, client, room); err != nil {
			return err
		}
	}
	b.mu.RLock()
	encrypted := b.states[room] != nil && b.states[room].encrypted
	b.mu.RUnlock()
	if encrypted {
		if b.crypt == nil {
			return errNoCrypto
		}
		sealed, err := b.crypt.seal(ctx, room, kind, content)
		if err != nil {
			return err
		}
		kind, content = event.EventEncrypted, sealed
	}
	_, err := client.SendMessageEvent(ctx, room, kind, content, mautrix.ReqSendEvent{TransactionID: txnID(txn)})
	return err
}

// sendKick removes somebody from the Matrix room whom a moderator removed from the call, if that moderator could do it without the bot.
func (b *Bridge) sendKick(ctx context.Context, client *mautrix.Client, p post) error {
	target, by := id.UserID(p.target), id.UserID(p.sender)
	if !b.known(p.room) {
		if err := b.load(ctx, client, p.room); err != nil {
			return err
		}
	}
	is, may := b.mayKick(p.room, by, target)
	switch {
	case !is:
		return nil
	case !may:
		b.counters.spared.Add(1)
		return nil
	}
	_, err := client.KickUser(ctx, p.room, &mautrix.ReqKickUser{UserID: target, Reason: "removed from the call by a moderator"})
	if err == nil {
		b.counters.kicks.Add(1)
	}
	return err
}

// mayKick says whether somebody is in a room, and whether somebody else there could remove them.
func (b *Bridge) mayKick(room id.RoomID, by, target id.UserID) (is, may bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	s := b.states[room]
	if s == nil || s.members[target] != event.MembershipJoin {
		return false, false
	}
	return true, s.members[by] == event.MembershipJoin && s.levelOf(by) >= s.levels().Kick() && s.levelOf(by) > s.levelOf(target)
}

const (
	// ringLife is how long it may ring (MSC4075).
	ringLife = 30 * time.Second
	// forMember is how long the ring waits for the membership that it speaks of.
	forMember = 3 * time.Second
)

func (b *Bridge) sendRing(ctx context.Context, client *mautrix.Client, p post) error {
	age := time.Since(p.made)
	going, about := b.ringsFor(p.room, p.target)
	switch {
	case !going || age > ringLife:
		return nil
	case about == "" && age < forMember:
		time.AfterFunc(forMember/10, b.wake)
		return errLater
	}
	ring := rtc.Notification{Ring: true, Member: about, Room: true, Sent: time.Now(), Lifetime: ringLife, Intent: "video"}
	if err := b.write(ctx, client, p.room, rtc.NotificationType, ring.Content(), p.txn); err != nil {
		return err
	}
	b.counters.rings.Add(1)
	return nil
}

// ringsFor says whether a call goes on, and gives the oldest membership in it.
func (b *Bridge) ringsFor(room id.RoomID, call string) (going bool, oldest id.EventID) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if s := b.states[room]; s != nil {
		if in := s.call.Members(time.Now()); len(in) > 0 {
			oldest = in[0].Event
		}
	}
	return b.linked[room] != nil && b.linked[room].call == call, oldest
}
