package matrixkeys

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	answerPatience = 30 * time.Second // for the homeserver, where a person waits
	echoPatience   = 10 * time.Second // for our own membership to come back
	mostEarly      = 64               // messages whose sender's membership has not come yet
	earlyPatience  = 10 * time.Second
	mostQueued     = 1024 // batches of messages that wait to be sent
)

// Config of a [Room].
type Config struct {
	Device *olmdevice.Device // opened and not running: the room runs it
	Room   id.RoomID
	// Guests gives keys to people of the call who are not of Matrix, by signalling.
	Guests bool
	Notice func(string) // what a person should know, from any goroutine; may be nil
}

// Room is a Matrix room whose call this device takes part in. Its methods may be called from any goroutine.
type Room struct {
	config Config
	device *olmdevice.Device
	self   olmdevice.Address
	cancel context.CancelFunc
	ctx    context.Context
	tasks  sync.WaitGroup

	outgoing chan []olmkeys.OutgoingMessage
	joined   func(context.Context, id.RoomID, id.UserID) (bool, error)

	mu       sync.Mutex
	link     rtc.Call
	linkedBy id.UserID
	bot      id.UserID // as the Grotto server says
	roster   rtc.Roster
	changed  chan struct{} // closed, and another one put in its place, when the roster changed
	early    []early
	rewrite  time.Time // when our membership was last written again because another wrote over it
	own      *stay     // nil until Appear
	call     callState
	exchange exchange
}

// early is a message of somebody whose membership has not come yet.
type early struct {
	olmdevice.Received
	until time.Time
}

// Errors of this package that a person can do something about are an [olmdevice.Error] of these classes.
var (
	ErrRoom   = errors.New("matrixkeys: the room")
	ErrSecret = errors.New("matrixkeys: no secret")
	ErrToken  = errors.New("matrixkeys: no join token")
)

// Enter follows a room that the account is a member of and that has a meeting. The context is for the entering only.
func Enter(ctx context.Context, config Config) (*Room, error) {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &Room{config: config, device: config.Device, self: config.Device.Self(), ctx: run, cancel: cancel,
		outgoing: make(chan []olmkeys.OutgoingMessage, mostQueued), joined: config.Device.Joined, changed: make(chan struct{})}
	r.exchange.asked = map[olmdevice.Address]bool{}
	for _, t := range []event.Type{rtc.MemberType, rtc.StickyType, rtc.CallType, event.StateMember} {
		r.device.On(t, r.roomEvent)
	}
	r.tasks.Go(func() {
		if err := r.device.Run(run); err != nil && run.Err() == nil {
			r.notice(err.Error())
		}
	})
	r.tasks.Go(r.receive)
	r.tasks.Go(r.sendQueued)
	err := r.look(ctx)
	if err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

// look reads the room's state as it is now: what /sync brings is only what has changed since the last run.
func (r *Room) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	select {
	case <-r.device.Ready():
	case <-ctx.Done():
		return &olmdevice.Error{Class: ErrRoom, What: "the homeserver does not answer", Err: ctx.Err()}
	}
	state, err := r.device.Client().State(ctx, r.config.Room)
	if err != nil {
		return &olmdevice.Error{Class: ErrRoom, What: fmt.Sprintf("%s cannot be read", r.config.Room), Hint: "join it in a Matrix client first", Err: err}
	}
	for _, t := range []event.Type{rtc.CallType, rtc.MemberType} {
		for _, e := range state[t] {
			r.apply(e)
		}
	}
	if r.Link().Slug == "" {
		return &olmdevice.Error{Class: ErrRoom, What: fmt.Sprintf("%s has no meeting", r.config.Room), Hint: "write !call in the room, to its Grotto bot"}
	}
	return nil
}

// Link is the room's meeting, without its secret.
func (r *Room) Link() rtc.Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.link
}

// Close takes our membership back and stops following the room.
func (r *Room) Close(ctx context.Context) error {
	err := r.disappear(ctx)
	r.stop()
	return err
}

func (r *Room) stop() {
	r.cancel()
	r.tasks.Wait()
}

func (r *Room) notice(text string) {
	if r.config.Notice != nil {
		r.config.Notice(text)
	}
}

func (r *Room) roomEvent(_ context.Context, e *event.Event) {
	if e.RoomID == r.config.Room {
		r.apply(e)
	}
}

// apply takes in an event of the room.
func (r *Room) apply(e *event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e.Type.Type {
	case rtc.CallType.Type:
		if r.own != nil {
			return // the meeting that one is in stays
		}
		if is, err := rtc.ParseCall(e); err == nil {
			r.link, r.linkedBy = is, e.Sender
		} else {
			r.link = rtc.Call{}
		}
		return
	case event.StateMember.Type:
		user := id.UserID(e.GetStateKey())
		if e.Content.AsMember().Membership == event.MembershipJoin {
			return
		}
		r.expel(user)
		if len(r.roster.Forget(user)) == 0 {
			return
		}
	default:
		changes := r.roster.Apply(e)
		if len(changes) == 0 {
			return
		}
		for _, c := range changes {
			if r.own == nil || !r.isOwn(c.Membership) {
				continue
			}
			if c.Kind == rtc.Joined {
				r.own.created = c.Membership.Created
			}
			if c.Kind == rtc.Overwritten && time.Since(r.rewrite) > echoPatience {
				r.rewrite = time.Now()
				r.tasks.Go(func() { _, _ = r.write(r.ctx) })
			}
		}
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Room) isOwn(m rtc.Membership) bool {
	return m.User == r.self.User && m.Device == r.self.Device
}

// standing are those in this meeting's call, the oldest first, without whoever is told no secret. mu is held.
func (r *Room) standing() (in []rtc.Membership) {
	for _, m := range r.roster.Members(time.Now()) {
		url, ours := m.Ours()
		if ours && strings.HasSuffix(url, "/r/"+r.link.Slug) && !r.withheld(m.User) {
			in = append(in, m)
		}
	}
	return in
}

// ghostName is of users that a bot makes for guests: its own name comes before it.
var ghostName = regexp.MustCompile(`^_guest_[0-9]+$`)

// withheld tells whether a user is never told the secret: the bot that linked the room, and its ghosts. mu is held.
func (r *Room) withheld(user id.UserID) bool {
	for _, bot := range []id.UserID{r.linkedBy, r.bot} {
		if bot == "" {
			continue
		}
		rest, found := strings.CutPrefix(user.Localpart(), bot.Localpart())
		if user == bot || found && ghostName.MatchString(rest) && user.Homeserver() == bot.Homeserver() {
			return true
		}
	}
	return false
}

// present tells whether a device has a membership in this call. mu is held.
func (r *Room) present(a olmdevice.Address) bool {
	for _, m := range r.standing() {
		if m.User == a.User && m.Device == a.Device {
			return true
		}
	}
	return false
}

// change gives a channel that is closed at the roster's next change. mu is held.
func (r *Room) change() <-chan struct{} { return r.changed }
