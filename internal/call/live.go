package call

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// Live is a track whose frames are made elsewhere and sent as they come, for who carries media between two meetings.
type Live struct {
	source wire.Source
	codec  wire.Codec
	wanted func()
	frames chan liveFrame
	over   chan struct{} // closed when it is withdrawn
}

type liveFrame struct {
	data      []byte
	timestamp uint32
}

// NewLive makes one. wanted is called when somebody needs a key frame; it may not block.
func NewLive(source wire.Source, codec wire.Codec, wanted func()) *Live {
	return &Live{source: source, codec: codec, wanted: wanted, frames: make(chan liveFrame, maxAhead), over: make(chan struct{})}
}

// Media is what to publish.
func (l *Live) Media() Media { return Media{Path: "live", Source: l.source, Codec: l.codec, live: l} }

// Write sends a frame with the RTP timestamp that it had, and says whether there was room for it. It may keep data.
func (l *Live) Write(data []byte, timestamp uint32) bool {
	select {
	case l.frames <- liveFrame{data, timestamp}:
		return true
	default:
		return false
	}
}

// runLive sends what comes until the session ends. What waited for the session is old.
func (f *publication) runLive() {
	l := f.media.live
	for len(l.frames) > 0 {
		<-l.frames
	}
	l.wanted()
	var last uint32
	var at time.Time
	for begun := false; ; begun = true {
		select {
		case <-f.session.ctx.Done():
			return
		case <-l.over:
			return
		case frame := <-l.frames:
			if begun {
				f.packets.SkipSamples(f.step(frame.timestamp-last, time.Since(at)))
			}
			last, at = frame.timestamp, time.Now()
			f.send(frame.data, 0)
		}
	}
}

// longStep is more than lies between frames of one clock.
const longStep = 10 * time.Second

// step is how far frames are apart: by their timestamps, unless they are another clock's.
func (f *publication) step(step uint32, elapsed time.Duration) uint32 {
	if rate := float64(f.codec.params.ClockRate); step > uint32(longStep.Seconds()*rate) {
		return uint32(min(elapsed, longStep).Seconds() * rate)
	}
	return step
}

// wantKey is told that somebody needs a key frame.
func (f *publication) wantKey() {
	f.keyWanted.Store(true)
	if f.media.live != nil {
		f.media.live.wanted()
	}
}

// withdrawn says whether this was given up.
func (f *publication) withdrawn() bool {
	if f.media.live == nil {
		return false
	}
	select {
	case <-f.media.live.over:
		return true
	default:
		return false
	}
}

// publishing is what is published now.
func (c *Call) publishing() []Media {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.config.Publish
}

// Add publishes another track, from now on.
func (c *Call) Add(l *Live) error {
	c.mu.Lock()
	c.config.Publish = append(slices.Clip(c.config.Publish), l.Media())
	c.mu.Unlock()
	return c.republish(func(p *publisher) error {
		if p.pc == nil {
			return p.connect() // adds all
		}
		if slices.ContainsFunc(p.files, func(f *publication) bool { return f.media.live == l }) {
			return nil // the session has begun meanwhile
		}
		return p.add(l.Media())
	})
}

// Withdraw ends a track, once.
func (c *Call) Withdraw(l *Live) error {
	close(l.over)
	c.mu.Lock()
	c.config.Publish = slices.DeleteFunc(slices.Clone(c.config.Publish), func(m Media) bool { return m.live == l })
	c.mu.Unlock()
	return c.republish(func(p *publisher) error {
		for _, f := range p.files {
			if f.media.live == l {
				return p.pc.RemoveTrack(f.sender)
			}
		}
		return nil
	})
}

// republish tells everybody of a change in what is published; without a session, the next one begins with it.
func (c *Call) republish(change func(*publisher) error) error {
	var failed error
	_ = c.inSession(func(s *session) error {
		if s.views() {
			return nil
		}
		if failed = change(s.publisher); failed == nil {
			s.publisher.renew()
			s.introduce()
		}
		return nil
	})
	return failed
}

// Mute says whether a source of ours is switched off, and stops it meanwhile.
func (c *Call) Mute(source wire.Source, on bool) {
	c.mu.Lock()
	changed := c.muted[source] != on
	c.muted[source] = on
	c.mu.Unlock()
	if !changed {
		return
	}
	_ = c.inSession(func(s *session) error { // the next one begins with it
		s.introduce()
		return nil
	})
}

// WantKeyFrame asks for a key frame of a track that is received, as soon as its next packet has come.
func (c *Call) WantKeyFrame(id TrackID) {
	if asked, ok := c.asked.Load(id); ok {
		asked.(*atomic.Bool).Store(true)
	}
}

// Sending is what somebody says they send.
type Sending struct {
	From                olmkeys.Ref
	Mic, Camera, Screen bool
}

// Packetizer splits sealed frames of a codec, but VP9, into packets. None of them is read.
func Packetizer(codec wire.Codec) (rtp.Packetizer, bool) {
	info, ok := codecNamed(codec)
	if !ok {
		return nil, false
	}
	if codec == wire.CodecVP9 {
		return nil, false // the packets of which say what is in the frame
	}
	f := &publication{media: Media{Codec: codec}}
	return rtp.NewPacketizer(mtu, 0, 0, f.payloader(), rtp.NewRandomSequencer(), info.params.ClockRate), true
}

// Assembler puts the packets of a track together again. Use it from one goroutine.
type Assembler struct{ assembler *assembler }

// Sealed is a frame as it left the sender's sealer.
type Sealed struct {
	Data      []byte
	Timestamp uint32 // RTP
	Loss      bool   // something before this frame was given up
}

// NewAssembler is for tracks of a codec.
func NewAssembler(codec wire.Codec) (*Assembler, bool) {
	info, ok := codecNamed(codec)
	if !ok {
		return nil, false
	}
	return &Assembler{newAssembler(info)}, true
}

// Push takes a packet, which must not be changed afterwards, and gives the frames that are whole now.
func (a *Assembler) Push(p *rtp.Packet) (frames []Sealed) {
	for _, f := range a.assembler.push(p) {
		frames = append(frames, Sealed{f.data, f.timestamp, f.loss})
	}
	return frames
}

// KeyFrame tells whether a frame can be decoded without the ones before it.
func KeyFrame(codec wire.Codec, frame []byte) bool { return keyFrame(codec, frame) }
