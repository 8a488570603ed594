package olmdevice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

const (
	waiting     = 1024 // messages that came and were not taken
	firstRetry  = time.Second
	lastRetry   = 10 * time.Second
	fetchWindow = 10 * time.Second // in which strangers' messages make us look at an account's devices fetchMost times
	fetchMost   = 5
	timelineMax = 50
)

// Device is logged in, and follows the homeserver while [Device.Run] does.
type Device struct {
	config   Config
	client   *mautrix.Client
	syncer   *syncer
	olm      *machine
	received chan Received
	ready    chan struct{}

	sending sync.Mutex // a device's messages go out in the order in which they were given
	down    bool       // in Run's goroutine only
	failed  int

	mu      sync.Mutex
	fetched map[id.UserID][]time.Time

	// RecoveryKey opens the identity that Open made for an account that had none. Show it to the person, once; it is
	// kept nowhere.
	RecoveryKey string
	// Unsigned says what to do where this device is not signed by its account's identity: others who ask for that do not
	// speak with it. Empty where it is.
	Unsigned string
}

// Open logs in, or takes up the kept session, publishes the device's keys and has it signed. Nothing is followed yet.
func Open(ctx context.Context, config Config) (*Device, error) {
	if err := hasOlm(); err != nil {
		return nil, err
	}
	client, err := login(ctx, &config)
	if err != nil {
		return nil, err
	}
	d := &Device{
		config: config, client: client,
		received: make(chan Received, waiting), ready: make(chan struct{}), fetched: make(map[id.UserID][]time.Time),
	}
	if config.Trace != nil {
		client.Log = zerolog.New(config.Trace)
	}
	d.syncer = &syncer{DefaultSyncer: mautrix.NewDefaultSyncer(), d: d}
	d.Follow(config.Rooms...)
	client.Syncer = d.syncer
	if d.olm, err = newMachine(ctx, d); err != nil {
		return nil, &Error{Class: ErrStore, What: fmt.Sprintf("the device's keys cannot be used: %v", err), Hint: "delete the file of the Matrix session and log in anew", Err: err}
	}
	if err := d.olm.sign(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Self is this device.
func (d *Device) Self() Address { return Address{d.client.UserID, d.client.DeviceID} }

// Client is for everything but to-device messages: it encrypts what it sends to encrypted rooms.
func (d *Device) Client() *mautrix.Client { return d.client }

// On has a handler called for room events of a type, decrypted ones among them. Before [Device.Run] only.
func (d *Device) On(t event.Type, handler func(context.Context, *event.Event)) {
	d.syncer.OnEventType(t, handler)
}

// Follow keeps /sync to these rooms, in the place of [Config.Rooms]. Before [Device.Run] only.
func (d *Device) Follow(rooms ...id.RoomID) {
	d.syncer.FilterJSON = &mautrix.Filter{
		Presence: &mautrix.FilterPart{NotTypes: []event.Type{{Type: "*"}}},
		Room: &mautrix.RoomFilter{Rooms: rooms, State: &mautrix.FilterPart{Rooms: rooms},
			Timeline: &mautrix.FilterPart{Rooms: rooms, Limit: timelineMax}},
	}
}

// Received is where messages come out. What nobody takes is refused, once many wait.
func (d *Device) Received() <-chan Received { return d.received }

// Ready is closed when the homeserver's first answer has been handled.
func (d *Device) Ready() <-chan struct{} { return d.ready }

// Run follows the homeserver until the context ends, through its absences. It ends by itself only when the homeserver
// has logged the device out, with [ErrLoggedOut].
func (d *Device) Run(ctx context.Context) error {
	for {
		err := d.client.SyncWithContext(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, mautrix.MUnknownToken) {
			return &Error{Class: ErrLoggedOut, What: fmt.Sprintf("%s has logged %s out", d.client.HomeserverURL.Host, d.Self()), Hint: "log in anew", Err: err}
		}
		pause, _ := d.syncer.OnFailedSync(nil, err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Logout ends the session at the homeserver and forgets it here.
func (d *Device) Logout(ctx context.Context) error {
	_, err := d.client.Logout(ctx)
	return errors.Join(err, d.config.forget())
}

// Joined tells whether an account is a joined member of a room, as far as this device has heard.
func (d *Device) Joined(ctx context.Context, room id.RoomID, user id.UserID) (bool, error) {
	store := d.client.StateStore
	if known, err := store.HasFetchedMembers(ctx, room); err != nil {
		return false, err
	} else if !known && !store.IsMembership(ctx, room, user, event.MembershipJoin) {
		// The filter was another one when this room's state would have come.
		if _, err := d.client.State(ctx, room); err != nil {
			return false, fmt.Errorf("olmdevice: who is in the room: %w", err)
		}
	}
	return store.IsMembership(ctx, room, user, event.MembershipJoin), nil
}

// syncer is mautrix's, with shorter pauses, and with custom to-device messages, which mautrix's machine decrypts and
// drops.
type syncer struct {
	*mautrix.DefaultSyncer
	d *Device
}

// ProcessResponse handles what came in one answer.
func (s *syncer) ProcessResponse(ctx context.Context, resp *mautrix.RespSync, since string) error {
	d := s.d
	if d.down && d.config.Down != nil {
		d.config.Down(nil)
	}
	d.down, d.failed = false, 0
	err := s.DefaultSyncer.ProcessResponse(ctx, resp, since)
	select {
	case <-d.ready:
	default:
		close(d.ready)
	}
	return err
}

// OnFailedSync says how long to wait.
func (s *syncer) OnFailedSync(_ *mautrix.RespSync, err error) (time.Duration, error) {
	if errors.Is(err, mautrix.MUnknownToken) {
		return 0, err
	}
	d := s.d
	if !d.down && d.config.Down != nil {
		d.config.Down(err)
	}
	d.down = true
	pause := min(firstRetry<<min(d.failed, 10), lastRetry)
	d.failed++
	return pause, nil
}

// toDevice takes the messages out of an answer that are for the caller, before mautrix's machine sees the rest.
func (d *Device) toDevice(ctx context.Context, resp *mautrix.RespSync, since string) bool {
	rest := resp.ToDevice.Events[:0]
	for _, e := range resp.ToDevice.Events {
		e.Type.Class = event.ToDeviceEventType
		switch {
		case e.Type == event.ToDeviceEncrypted:
			if r, refusal := d.olm.decrypt(ctx, e); refusal != nil {
				d.refuse(*refusal)
			} else if r != nil {
				d.deliver(*r)
			}
		case custom(e.Type):
			d.refuse(Refusal{e.Type.Type, Address{User: e.Sender}, ErrPlaintext})
		default:
			rest = append(rest, e)
		}
	}
	resp.ToDevice.Events = rest
	return true
}

func (d *Device) deliver(r Received) {
	select {
	case d.received <- r:
	default:
		d.refuse(Refusal{r.Type.Type, r.From, ErrCrowded})
	}
}

func (d *Device) refuse(r Refusal) {
	if d.config.Refused != nil {
		d.config.Refused(r)
	}
}

// mayFetch keeps a sender from making us ask for its account's devices all the time.
func (d *Device) mayFetch(user id.UserID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	looks := slices.DeleteFunc(d.fetched[user], func(at time.Time) bool { return now.Sub(at) >= fetchWindow })
	if len(looks) < fetchMost {
		d.fetched[user] = append(looks, now)
		return true
	}
	d.fetched[user] = looks
	return false
}
