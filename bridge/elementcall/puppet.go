package elementcall

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/bridge/elementcall/lkframe"
	"github.com/grotto-meet/grotto/bridge/elementcall/lkroom"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	// grace is how old a key may be that a newcomer is given; after it they get a new one, and nothing from before.
	grace = 10 * time.Second
	// settle is how long a new key travels before it is used, as in Element Call.
	settle = time.Second
	// resend is after how long those are tried again whom a key did not reach, resends times.
	resend  = 2 * time.Second
	resends = 5
)

// puppet is a participant of Grotto in Element Call: a Matrix device and a LiveKit participant, with a key of its own.
type puppet struct {
	gateway *gateway
	ref     olmkeys.Ref
	name    string
	ctx     context.Context
	cancel  context.CancelFunc
	wake    chan struct{}

	mu      sync.Mutex
	members map[olmdevice.Address]bool // whom the key is for
	rotate  bool                       // somebody has left
	room    *lkroom.Room
	sealer  *lkframe.Sealer
	tracks  map[wire.Source]*outgoing
	off     map[wire.Source]bool
}

// outgoing is a track on its way into LiveKit. Its frames come one after the other.
type outgoing struct {
	room    *lkroom.Room // where it is, or is about to be
	track   *lkroom.Outgoing
	codec   codec
	packets rtp.Packetizer

	from   call.TrackID
	last   uint32 // timestamp
	begun  bool
	sealer *lkframe.Sealer
	stream *lkframe.Stream
}

func newPuppet(g *gateway, ref olmkeys.Ref, name string, members []olmdevice.Address) *puppet {
	ctx, cancel := context.WithCancel(g.ctx)
	p := &puppet{gateway: g, ref: ref, name: name, ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1),
		members: map[olmdevice.Address]bool{}, tracks: map[wire.Source]*outgoing{}, off: map[wire.Source]bool{}}
	for _, m := range members {
		p.members[m] = true
	}
	return p
}

func (p *puppet) run() {
	defer p.cancel()
	g := p.gateway
	device, err := g.config.Login(p.ctx, p.name+" (Grotto, through gateway)")
	if err != nil {
		if p.ctx.Err() == nil {
			g.notice("%s is not carried into Element Call: %v", p.name, err)
		}
		return
	}
	g.mu.Lock()
	g.own[device.Self()] = true
	g.mu.Unlock()
	defer g.leaveMatrix(device)
	var running sync.WaitGroup
	defer running.Wait()
	defer p.cancel()
	running.Go(func() { _ = device.Run(p.ctx) }) // its one-time keys have to be kept up; a lost session ends sending keys
	running.Go(func() { drain(p.ctx, device) })
	running.Go(func() { keepMembership(p.ctx, device, g.config.Room, g.config.Focus[0], g.notice) })
	running.Go(func() {
		keepJoined(p.ctx, g.notice, p.name, func(ctx context.Context) (*lkroom.Room, error) {
			a, err := admit(ctx, device, g.config.Room, g.config.Focus[0])
			if err != nil {
				return nil, err
			}
			room, err := lkroom.Join(ctx, lkroom.Config{URL: a.URL, Token: a.Token})
			if err == nil {
				p.mu.Lock()
				p.room = room
				p.mu.Unlock()
			}
			return room, err
		}, func(err error) { g.notice("%v", err); p.cancel() })
	})
	p.keys(device)
}

// drain throws away what comes to a puppet's device: the gateway's own device has the same keys.
func drain(ctx context.Context, device *olmdevice.Device) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-device.Received():
		}
	}
}

func (p *puppet) memberCame(at olmdevice.Address) {
	p.mu.Lock()
	p.members[at] = true
	p.mu.Unlock()
	p.poke()
}

// memberLeft makes a new key for those who stay.
func (p *puppet) memberLeft(at olmdevice.Address) {
	p.mu.Lock()
	delete(p.members, at)
	p.rotate = true
	p.mu.Unlock()
	p.poke()
}

func (p *puppet) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// keys makes the puppet's keys and gives them to Element Call's devices, until the context ends.
func (p *puppet) keys(device *olmdevice.Device) {
	var (
		index  byte
		key    []byte
		made   time.Time
		has    map[olmdevice.Address]int // attempts left; 0: has it
		retry  <-chan time.Time
		sealer *lkframe.Sealer
	)
	for {
		p.mu.Lock()
		rotate := p.rotate || key == nil
		p.rotate = false
		var to []olmdevice.Address
		for m := range p.members {
			left, given := has[m]
			switch {
			case given && left > 0:
				to = append(to, m)
			case !given:
				to = append(to, m)
				rotate = rotate || time.Since(made) > grace
			}
		}
		if rotate {
			to = to[:0]
			for m := range p.members {
				to = append(to, m)
			}
		}
		p.mu.Unlock()
		first := key == nil
		if rotate {
			if !first {
				index++
			}
			key = make([]byte, lkframe.KeySize)
			_, _ = rand.Read(key) // never fails
			sealer, _ = lkframe.NewSealer(key, index)
			made, has = time.Now(), map[olmdevice.Address]int{}
		}
		retry = p.share(device, index, key, to, has)
		if rotate {
			wait := settle
			if first {
				wait = 0
			}
			if !sleep(p.ctx, wait) {
				return
			}
			p.mu.Lock()
			p.sealer = sealer
			p.mu.Unlock()
		}
		select {
		case <-p.ctx.Done():
			return
		case <-p.wake:
		case <-retry:
		}
	}
}

// share gives the key to devices. The channel says when to try again, if some did not get it.
func (p *puppet) share(device *olmdevice.Device, index byte, key []byte, to []olmdevice.Address, has map[olmdevice.Address]int) <-chan time.Time {
	if len(to) == 0 {
		return nil
	}
	unsent := device.Send(p.ctx, keysType, keysOf(p.gateway.config.Room, device.Self(), index, key, time.Now()), to...)
	missed := map[olmdevice.Address]error{}
	for _, u := range unsent {
		missed[u.To] = u.Err
	}
	again := false
	for _, at := range to {
		left, given := has[at]
		switch err := missed[at]; {
		case err == nil:
			has[at] = 0
		case !given:
			has[at], again = resends, true
		case left > 1:
			has[at], again = left-1, true
		default:
			has[at] = 0
			p.gateway.notice("%s cannot be shown to %s: %v", p.name, at, err)
		}
	}
	if !again {
		return nil
	}
	return time.After(resend)
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// sending is told what the participant says it sends.
func (p *puppet) sending(s call.Sending) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for source, on := range map[wire.Source]bool{wire.SourceMic: s.Mic, wire.SourceCamera: s.Camera, wire.SourceScreen: s.Screen, wire.SourceScreenAudio: s.Screen} {
		if p.off[source] == !on {
			continue
		}
		p.off[source] = !on
		if o := p.tracks[source]; o != nil && o.track != nil {
			_ = o.track.Mute(!on) // a lost room is joined anew
		}
	}
}

// frame seals one and sends it. The first of a source begins its track.
func (p *puppet) frame(f call.Frame) {
	p.mu.Lock()
	o, room, sealer := p.tracks[f.Track.Source], p.room, p.sealer
	if room == nil || sealer == nil {
		p.mu.Unlock()
		return
	}
	if o == nil || o.room != room || o.codec.wire != f.Track.Codec {
		o = p.begin(room, f.Track)
		p.tracks[f.Track.Source] = o
	}
	track := o.track
	p.mu.Unlock()
	if track != nil {
		o.send(track, sealer, f)
	}
}

// begin publishes a track, which takes a moment. p.mu is held.
func (p *puppet) begin(room *lkroom.Room, id call.TrackID) *outgoing {
	o := &outgoing{room: room}
	for _, c := range codecs {
		if c.wire == id.Codec {
			o.codec = c
		}
	}
	if o.codec.mime == "" {
		o.codec.wire = id.Codec
		p.gateway.notice("The %s of %s is sent as %s, which Element Call cannot be given. hint: choose VP8 in their settings", id.Source, p.name, id.Codec)
		return o
	}
	o.packets, _ = call.Packetizer(id.Codec)
	var kind lkroom.Source
	for s, source := range sources {
		if source == id.Source {
			kind = s
		}
	}
	listener := p.gateway.listener
	p.gateway.running.Go(func() {
		track, err := room.Publish(p.ctx, kind, o.codec.mime, func() { listener.WantKeyFrame(id) })
		if err != nil {
			p.mu.Lock()
			if p.tracks[id.Source] == o {
				delete(p.tracks, id.Source) // the next frame tries again
			}
			p.mu.Unlock()
			return
		}
		p.mu.Lock()
		o.track = track
		off := p.off[id.Source]
		p.mu.Unlock()
		if off {
			_ = track.Mute(true)
		}
		listener.WantKeyFrame(id)
	})
	return o
}

// unknownStep is between frames of which nothing says how far they are apart: a thirtieth of a second, or a fiftieth.
const (
	videoStep = 3000
	audioStep = 960
)

func (o *outgoing) send(track *lkroom.Outgoing, sealer *lkframe.Sealer, f call.Frame) {
	if o.sealer != sealer {
		o.sealer, o.stream = sealer, sealer.Stream(o.codec.frame)
	}
	sealed, err := o.stream.Seal(f.Data, f.Timestamp)
	if err != nil {
		return // of a codec that says it is another
	}
	step := f.Timestamp - o.last
	if !o.begun || o.from != f.Track {
		step = audioStep
		if o.codec.video {
			step = videoStep
		}
	}
	o.begun, o.from, o.last = true, f.Track, f.Timestamp
	o.packets.SkipSamples(step)
	for _, packet := range o.packets.Packetize(sealed, 0) {
		if track.Write(packet) != nil {
			return
		}
	}
}
