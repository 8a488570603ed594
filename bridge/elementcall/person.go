package elementcall

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"maunium.net/go/mautrix/event"

	"github.com/grotto-meet/grotto/bridge/elementcall/lkroom"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/wire"
)

// maxName is the longest name that Grotto shows.
const maxName = 64

// person is a participant of Element Call, who is one of Grotto, too. Joining may take long, as in a waiting room; what is
// sent meanwhile waits in tracks. The membership belongs to the gateway's goroutine.
type person struct {
	gateway    *gateway
	at         olmdevice.Address
	membership rtc.Membership
	cancel     context.CancelFunc
	wake       chan struct{}

	mu    sync.Mutex
	feeds map[slot]*feed // as they should be
	muted map[wire.Source]bool
}

// slot is where a track of Element Call's comes out.
type slot struct {
	source wire.Source
	codec  wire.Codec
}

// feed is what a slot shows. A camera that is switched off and on again is another track of Element Call's, and the same
// of ours, muted meanwhile.
type feed struct {
	live  *call.Live
	track atomic.Pointer[lkroom.Incoming]
}

func (g *gateway) newPerson(at olmdevice.Address, m rtc.Membership) *person {
	ctx, cancel := context.WithCancel(g.ctx)
	p := &person{gateway: g, at: at, membership: m, cancel: cancel, wake: make(chan struct{}, 1), feeds: map[slot]*feed{}, muted: map[wire.Source]bool{}}
	g.running.Go(func() { p.run(ctx) })
	return p
}

// labelled is a name with the label, both within what Grotto shows.
func labelled(name string) string {
	name = strings.TrimSpace(name)
	for utf8.RuneCountInString(name) > maxName-utf8.RuneCountInString(Label) {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name + Label
}

func (p *person) run(ctx context.Context) {
	defer p.cancel()
	g := p.gateway
	joined, err := call.Join(ctx, call.Config{Link: g.config.Link, Network: g.config.Network, Name: labelled(p.name(ctx)), Watch: call.WatchNothing,
		OnNotice: func(text string) { g.notice("%s: %s", p.at.User, text) }})
	if err != nil {
		if ctx.Err() == nil {
			g.notice("%s cannot be brought into the meeting: %v", p.at.User, err)
		}
		return
	}
	defer joined.Leave()
	sent := map[*call.Live]bool{}
	for {
		p.follow(joined, sent)
		select {
		case <-ctx.Done():
			return
		case <-joined.Done():
			if err := joined.Err(); err != nil && ctx.Err() == nil {
				g.notice("%s is no longer in the meeting: %v", p.at.User, err)
			}
			return
		case <-p.wake:
		}
	}
}

// follow makes the call publish what there is.
func (p *person) follow(joined *call.Call, sent map[*call.Live]bool) {
	p.mu.Lock()
	wanted := map[*call.Live]bool{}
	for _, f := range p.feeds {
		wanted[f.live] = true
	}
	muted := map[wire.Source]bool{}
	for s, on := range p.muted {
		muted[s] = on
	}
	p.mu.Unlock()
	for l := range sent {
		if !wanted[l] {
			delete(sent, l)
			p.report(joined.Withdraw(l))
		}
	}
	for l := range wanted {
		if !sent[l] {
			sent[l] = true
			p.report(joined.Add(l))
		}
	}
	for s, on := range muted {
		joined.Mute(s, on)
	}
}

func (p *person) report(err error) {
	if err != nil {
		p.gateway.notice("Something of %s is not sent: %v", p.at.User, err)
	}
}

// name is what the room calls them.
func (p *person) name(ctx context.Context) string {
	var member event.MemberEventContent
	if err := p.gateway.device.Client().StateEvent(ctx, p.gateway.config.Room, event.StateMember, string(p.at.User), &member); err == nil && member.Displayname != "" {
		return member.Displayname
	}
	return string(p.at.User)
}

// leave does not wait: saying goodbye takes a moment.
func (p *person) leave() { p.cancel() }

func (p *person) change(f func()) {
	p.mu.Lock()
	f()
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// feed gives the slot's, which shows this track from now on.
func (p *person) feed(at slot, track *lkroom.Incoming) (f *feed) {
	p.change(func() {
		f = p.feeds[at]
		if f == nil {
			f = &feed{}
			f.live = call.NewLive(at.source, at.codec, func() { f.track.Load().WantKeyFrame() })
			p.feeds[at] = f
		}
		f.track.Store(track)
	})
	return f
}

// end is told that a track has ended. A shared screen goes; what else there is stays, switched off.
func (p *person) end(at slot, track *lkroom.Incoming) {
	p.change(func() {
		f := p.feeds[at]
		if f == nil || f.track.Load() != track {
			return
		}
		if at.source == wire.SourceScreen || at.source == wire.SourceScreenAudio {
			delete(p.feeds, at)
		}
		p.muted[at.source] = true
	})
}

func (p *person) mute(s wire.Source, on bool) { p.change(func() { p.muted[s] = on }) }
