package elementcall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/olmkeys"
)

// Label stands behind the name of everybody who is carried into Grotto. Who has it is not carried out again: two gateways
// would carry each other's people round for ever.
const Label = " (Element Call, through gateway)"

const (
	maxPuppets = 24 // of Grotto's people: each costs the account a session
	lookEvery  = 10 * time.Second
	farewell   = 10 * time.Second
)

// Config says what to carry between which rooms.
type Config struct {
	Link    call.Link
	Network call.Network
	Name    string // of the gateway, in the meeting
	Room    id.RoomID
	// Focus are the addresses of the services that give tokens for LiveKit servers. Who uses another one is not carried,
	// and the first is where Grotto's people are. Empty: as the homeserver says.
	Focus []string
	// Login gives another device of the gateway's account.
	Login func(ctx context.Context, name string) (*olmdevice.Device, error)
	// Notice is told what a person wants to know, in words, from any goroutine.
	Notice func(string)
}

// Errors of the class ErrGateway end the gateway.
var ErrGateway = errors.New("elementcall: the gateway cannot go on")

// Error is what a person can do something about.
type Error struct {
	What, Hint string
	Err        error // may be nil
}

func (e *Error) Error() string { return "elementcall: " + e.What }

// Unwrap gives the class and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrGateway}
	}
	return []error{ErrGateway, e.Err}
}

type gateway struct {
	config   Config
	ctx      context.Context
	actions  chan func()
	running  sync.WaitGroup
	failed   error
	device   *olmdevice.Device
	listener *call.Call

	roster    rtc.Roster
	rings     rings
	people    map[string]*person // Element Call's, by their keys in the roster
	ears      []*ear
	elsewhere map[string]bool // notices of other foci were given

	mu      sync.RWMutex // puppets is read for each frame
	puppets map[olmkeys.Ref]*puppet
	own     map[olmdevice.Address]bool
}

// Run carries until the context ends, or nothing can be carried any more.
func Run(ctx context.Context, config Config) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g := &gateway{config: config, ctx: ctx, actions: make(chan func()), people: map[string]*person{}, elsewhere: map[string]bool{},
		puppets: map[olmkeys.Ref]*puppet{}, own: map[olmdevice.Address]bool{}}
	defer g.running.Wait()
	defer cancel()
	if err := g.enterMatrix(); err != nil {
		return err
	}
	defer g.leaveMatrix(g.device)
	for _, focus := range g.config.Focus {
		e := &ear{gateway: g, focus: focus}
		g.ears = append(g.ears, e)
		g.running.Go(e.run)
	}
	listener, err := call.Join(ctx, call.Config{Link: config.Link, Network: config.Network, Name: config.Name,
		OnFrame: g.frame, OnPerson: g.person, OnSending: g.sending, OnNotice: config.Notice})
	if err != nil {
		return err
	}
	g.listener = listener
	defer listener.Leave()
	g.running.Go(g.takeKeys)
	err = g.loop()
	cancel() // the listener's callbacks wait for us no more
	for _, p := range g.people {
		p.leave()
	}
	return err
}

func (g *gateway) loop() error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for g.failed == nil {
		select {
		case <-g.ctx.Done():
			return nil
		case <-g.listener.Done():
			return g.listener.Err()
		case act := <-g.actions:
			act()
		case now := <-look.C:
			g.changed(g.roster.Expire(now))
		}
	}
	return g.failed
}

// post runs f in the gateway's goroutine, later.
func (g *gateway) post(f func()) {
	select {
	case g.actions <- f:
	case <-g.ctx.Done():
	}
}

func (g *gateway) notice(format string, args ...any) {
	if g.config.Notice != nil {
		g.config.Notice(fmt.Sprintf(format, args...))
	}
}

// enterMatrix logs in and listens to who is in the call.
func (g *gateway) enterMatrix() error {
	device, err := g.config.Login(g.ctx, "Grotto gateway")
	if err != nil {
		return err
	}
	g.device = device
	g.own[device.Self()] = true
	if _, err := device.Client().JoinRoomByID(g.ctx, g.config.Room); err != nil {
		return &Error{"the account cannot enter the room: " + err.Error(), "invite " + string(device.Self().User) + " to it", err}
	}
	apply := func(_ context.Context, e *event.Event) {
		if e.RoomID == g.config.Room {
			g.post(func() { g.changed(g.roster.Apply(e)) })
		}
	}
	device.On(rtc.MemberType, apply)
	device.On(rtc.StickyType, apply)
	device.On(event.StateMember, func(_ context.Context, e *event.Event) {
		if e.RoomID == g.config.Room && e.StateKey != nil && e.Content.AsMember().Membership != event.MembershipJoin {
			g.post(func() {
				g.changed(g.roster.Forget(id.UserID(*e.StateKey)))
				g.rings.forget(id.UserID(*e.StateKey))
			})
		}
	})
	if g.config.Focus, err = foci(g.ctx, device.Client(), g.config.Focus); err != nil {
		return err
	}
	g.running.Go(func() {
		if err := device.Run(g.ctx); g.ctx.Err() == nil {
			g.post(func() { g.failed = err })
		}
	})
	g.running.Go(func() { keepMembership(g.ctx, device, g.config.Room, g.config.Focus[0], g.notice) })
	return nil
}

// leaveMatrix takes a membership back and logs out, also when the context has ended.
func (g *gateway) leaveMatrix(device *olmdevice.Device) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(g.ctx), farewell)
	defer cancel()
	if err := withdrawMembership(ctx, device, g.config.Room); err != nil {
		g.notice("A membership of the gateway's stays in the room until it expires: %v", err)
	}
	if err := device.Logout(ctx); err != nil {
		g.notice("A session of the gateway's account is still open: %v. Close %q in the account's settings.", err, device.Self().Device)
	}
}

// changed takes in who came to Element Call's call, and who left it.
func (g *gateway) changed(changes []rtc.Change) {
	for _, c := range changes {
		at := olmdevice.Address{User: c.Membership.User, Device: c.Membership.Device}
		if g.isOwn(at) {
			continue
		}
		switch c.Kind {
		case rtc.Joined, rtc.Updated:
			g.cameOrChanged(at, c)
		case rtc.Left:
			g.left(at)
		case rtc.Overwritten:
			g.notice("%s overwrote the membership of %s. It stands as it was.", c.By, at)
		}
	}
}

func (g *gateway) cameOrChanged(at olmdevice.Address, c rtc.Change) {
	focus := ""
	for _, t := range c.Membership.Transports {
		if t.Type == rtc.LiveKitType && focus == "" {
			focus = t.Service
		}
	}
	if focus == "" {
		return // one of ours, or without media
	}
	if !slices.ContainsFunc(g.config.Focus, func(f string) bool { return sameFocus(f, focus) }) {
		if !g.elsewhere[focus] && len(g.elsewhere) < maxPuppets {
			g.elsewhere[focus] = true
			g.notice("%s sends through %s, which is not carried. hint: --focus %s", at.User, focus, focus)
		}
		return
	}
	p := g.people[at.String()]
	if p == nil {
		p = g.newPerson(at, c.Membership)
		g.people[at.String()] = p
		for _, puppet := range g.allPuppets() {
			puppet.memberCame(at)
		}
	}
	p.membership = c.Membership
	for _, e := range g.ears {
		e.match()
	}
}

func (g *gateway) left(at olmdevice.Address) {
	p := g.people[at.String()]
	if p == nil {
		return
	}
	delete(g.people, at.String())
	p.leave()
	for _, puppet := range g.allPuppets() {
		puppet.memberLeft(at)
	}
}

// members are whom our keys are for.
func (g *gateway) members() (all []olmdevice.Address) {
	for _, p := range g.people {
		all = append(all, p.at)
	}
	return all
}

func (g *gateway) isOwn(at olmdevice.Address) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.own[at]
}

func (g *gateway) allPuppets() (all []*puppet) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, p := range g.puppets {
		all = append(all, p)
	}
	return all
}

func (g *gateway) puppetOf(ref olmkeys.Ref) *puppet {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.puppets[ref]
}

// person is told who comes and goes in the meeting. It runs in the call's goroutine.
func (g *gateway) person(e call.PersonEvent) {
	switch e.What {
	case call.Joined:
		if strings.Contains(e.Name, Label) {
			return
		}
		g.post(func() { g.addPuppet(e.From, e.Name) })
	case call.Left:
		g.post(func() { g.dropPuppet(e.From) })
	}
}

func (g *gateway) addPuppet(ref olmkeys.Ref, name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.puppets[ref] != nil {
		return
	}
	if len(g.puppets) >= maxPuppets {
		g.notice("%s is not carried into Element Call: %d people are.", name, maxPuppets)
		return
	}
	p := newPuppet(g, ref, name, g.members())
	g.puppets[ref] = p
	g.running.Go(p.run)
}

func (g *gateway) dropPuppet(ref olmkeys.Ref) {
	g.mu.Lock()
	p := g.puppets[ref]
	delete(g.puppets, ref)
	g.mu.Unlock()
	if p != nil {
		p.cancel()
	}
}

// frame is called with each frame that opened, from its track's goroutine.
func (g *gateway) frame(f call.Frame) {
	if p := g.puppetOf(f.Track.From); p != nil {
		p.frame(f)
	}
}

func (g *gateway) sending(s call.Sending) {
	if p := g.puppetOf(s.From); p != nil {
		p.sending(s)
	}
}
