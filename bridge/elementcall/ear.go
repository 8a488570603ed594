package elementcall

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/grotto-meet/grotto/bridge/elementcall/lkframe"
	"github.com/grotto-meet/grotto/bridge/elementcall/lkroom"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/wire"
)

// ear is the gateway's own place in a LiveKit room: it receives what everybody there sends. All but run belongs to the
// gateway's goroutine.
type ear struct {
	gateway      *gateway
	focus        string
	participants map[string]*lkParticipant // by SID
}

type lkParticipant struct {
	lkroom.Participant
	incoming map[string]*incoming // by the track's SID
}

// incoming is a track that is carried, once its sender and what it shows are known.
type incoming struct {
	track   *lkroom.Incoming
	person  *person // whose it is now: who leaves and comes back is another one
	slot    slot
	feed    atomic.Pointer[feed]
	over    bool
	refused bool
}

// run joins, and joins again when the connection is lost.
func (e *ear) run() {
	g := e.gateway
	keepJoined(g.ctx, g.notice, "The gateway", func(ctx context.Context) (*lkroom.Room, error) {
		a, err := admit(ctx, g.device, g.config.Room, e.focus)
		if err != nil {
			return nil, err
		}
		g.post(func() { e.participants = map[string]*lkParticipant{} }) // of the room before
		return lkroom.Join(ctx, lkroom.Config{URL: a.URL, Token: a.Token, Receive: true,
			OnUpdate: func(p *lkroom.Participant) { g.post(func() { e.updated(p) }) },
			OnTrack:  func(t *lkroom.Incoming) { g.post(func() { e.arrived(t) }) }})
	}, func(err error) { g.post(func() { g.failed = err }) })
}

const (
	firstPause = time.Second
	lastPause  = 15 * time.Second
)

// keepJoined stays in a LiveKit room until the context ends. ended is told when the server does not want us any more.
func keepJoined(ctx context.Context, notice func(string, ...any), who string, join func(context.Context) (*lkroom.Room, error), ended func(error)) {
	pause := firstPause
	for {
		room, err := join(ctx)
		if err == nil {
			pause = firstPause
			select {
			case <-ctx.Done():
				room.Leave()
				return
			case <-room.Done():
				err = room.Err()
			}
		}
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, lkroom.ErrEnded) {
			ended(&Error{who + " was removed from Element Call's call", "", err})
			return
		}
		notice("%s lost the connection to LiveKit: %v. Trying again.", who, err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, lastPause)
	}
}

func (e *ear) updated(p *lkroom.Participant) {
	if p.State == lkroom.Gone {
		delete(e.participants, p.SID) // its tracks end by themselves
		return
	}
	have := e.participants[p.SID]
	if have == nil {
		have = &lkParticipant{incoming: map[string]*incoming{}}
		e.participants[p.SID] = have
	}
	have.Participant = *p
	e.match()
}

func (e *ear) arrived(t *lkroom.Incoming) {
	p := e.participants[t.Participant]
	if p == nil { // what it is comes later
		p = &lkParticipant{incoming: map[string]*incoming{}}
		e.participants[t.Participant] = p
	}
	p.incoming[t.Track] = &incoming{track: t}
	e.match()
}

// match carries tracks whose sender is known by now, and says what is muted.
func (e *ear) match() {
	for _, p := range e.participants {
		person := e.gateway.personOf(p.Identity)
		if person == nil {
			continue
		}
		for _, t := range p.Tracks {
			if in := p.incoming[t.SID]; in != nil {
				e.carry(person, in, t)
			}
		}
	}
}

func (e *ear) carry(person *person, in *incoming, t *lkroom.Track) {
	if in.refused || in.over {
		return
	}
	if in.person != person {
		source, codec, ok := shown(t.Source, in.track.MIMEType)
		switch {
		case !ok:
			in.refused = true
			return
		case t.Encryption != lkroom.GCM:
			in.refused = true
			e.gateway.notice("%s sends without encryption, which is not carried. hint: switch Element Call's encryption on", person.at.User)
			return
		}
		first := in.person == nil
		in.person, in.slot = person, slot{source, codec.wire}
		in.feed.Store(person.feed(in.slot, in.track))
		if first {
			e.gateway.running.Go(func() { e.gateway.pump(in, person.at, codec) })
		}
	}
	person.mute(in.slot.source, t.Muted)
}

// codec is what is known of one here.
type codec struct {
	wire  wire.Codec
	frame lkframe.Codec
	mime  string
	video bool
}

var codecs = []codec{
	{wire.CodecOpus, lkframe.Opus, "audio/opus", false},
	{wire.CodecVP8, lkframe.VP8, "video/VP8", true},
	{wire.CodecH264, lkframe.H264, "video/H264", true},
}

var sources = map[lkroom.Source]wire.Source{
	lkroom.Camera: wire.SourceCamera, lkroom.Microphone: wire.SourceMic,
	lkroom.Screen: wire.SourceScreen, lkroom.ScreenAudio: wire.SourceScreenAudio,
}

func shown(s lkroom.Source, mime string) (wire.Source, codec, bool) {
	source, ok := sources[s]
	for _, c := range codecs {
		if strings.EqualFold(c.mime, mime) && c.video == s.Video() {
			return source, c, ok
		}
	}
	return source, codec{}, false
}

// keyFrameRetry is between requests of a key frame.
const keyFrameRetry = time.Second

// pump opens the frames of a track and hands them on until it ends.
func (g *gateway) pump(in *incoming, at olmdevice.Address, codec codec) {
	assembler, _ := call.NewAssembler(codec.wire) // all of codecs are known
	wantKey, asked := codec.video, time.Time{}
	for {
		if wantKey && time.Since(asked) >= keyFrameRetry {
			in.track.WantKeyFrame()
			asked = time.Now()
		}
		p, err := in.track.Read()
		if err != nil {
			break
		}
		for _, f := range assembler.Push(p) {
			if lkframe.Injected(f.Data, in.track.Trailer) {
				continue
			}
			data, err := g.rings.of(at).Open(codec.frame, f.Data)
			if err != nil || f.Loss {
				wantKey = codec.video
			}
			if err != nil {
				continue
			}
			if call.KeyFrame(codec.wire, data) {
				wantKey = false
			}
			if !in.feed.Load().live.Write(data, f.Timestamp) {
				wantKey = codec.video
			}
		}
	}
	g.post(func() {
		in.over = true
		in.person.end(in.slot, in.track)
	})
}

// identities are the names that a membership's device may have in LiveKit.
func identities(m rtc.Membership) []string {
	plain := string(m.User) + ":" + string(m.Device)
	text, err := json.Marshal([]string{string(m.User), string(m.Device), m.ID})
	if err != nil {
		panic(err) // three strings
	}
	sum := sha256.Sum256(text)
	return []string{plain, base64.RawStdEncoding.EncodeToString(sum[:])}
}

func (g *gateway) personOf(identity string) *person {
	for _, p := range g.people {
		for _, i := range identities(p.membership) {
			if i == identity {
				return p
			}
		}
	}
	return nil
}
