package call

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/grotto-meet/grotto/internal/webm"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// headWait is how long a player waits for the other tracks once one has come: none can be added to a stream.
const headWait = 1500 * time.Millisecond

// Player writes what one participant sends to a pipe as WebM, each frame at once. It goes into Config.Player.
type Player struct {
	to      io.Writer
	from    string // name or device; "": whoever comes first
	sources []wire.Source
	names   func(olmkeys.Ref) string
	over    chan struct{}

	mu     sync.Mutex
	whom   olmkeys.Ref // without the join id, which changes when somebody comes back
	early  []Frame     // before the head
	firsts []Frame     // of each track, by which it is described
	stream *webm.Stream
	began  time.Time
	codecs map[wire.Source]wire.Codec // of the tracks in the head, which are in this
	order  []wire.Source
	takes  map[TrackID]*take
	err    error
}

// NewPlayer plays these sources of a participant.
func NewPlayer(to io.Writer, from string, sources []wire.Source) *Player {
	return &Player{to: to, from: from, sources: sources, names: func(olmkeys.Ref) string { return nameless }, over: make(chan struct{}),
		codecs: map[wire.Source]wire.Codec{}, takes: map[TrackID]*take{}}
}

// Over is closed when nothing more can be played; Err says why: of a pipe that nobody reads any more, nil.
func (p *Player) Over() <-chan struct{} { return p.over }

// Err is nil unless something could not be played.
func (p *Player) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// wants says whether a track is to be received at all.
func (p *Player) wants(from olmkeys.Ref, source wire.Source, name string) bool {
	return slices.Contains(p.sources, source) && (p.from == "" || p.from == from.Device || cleanName(p.from) == name)
}

// frame takes a frame of anybody.
func (p *Player) frame(f Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended() || !p.wants(f.Track.From, f.Track.Source, p.names(f.Track.From)) {
		return
	}
	who := olmkeys.Ref{User: f.Track.From.User, Device: f.Track.From.Device}
	if p.whom == (olmkeys.Ref{}) {
		p.whom = who
	}
	if p.whom != who {
		return
	}
	if p.stream == nil && !p.begin(f) {
		return
	}
	p.write(f)
}

func (p *Player) ended() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

func (p *Player) end(err error) {
	if !p.ended() {
		p.err = err
		close(p.over)
	}
}

// begin keeps frames until it is known which tracks there are. It says whether this frame is still to be written.
func (p *Player) begin(f Frame) bool {
	known := slices.ContainsFunc(p.firsts, func(first Frame) bool { return first.Track.Source == f.Track.Source })
	if !known {
		if _, ok := webmTrack(f.Track.Codec, f.Data); !f.Key || !ok {
			return false
		}
		p.firsts = append(p.firsts, f)
	}
	p.early = append(p.early, f)
	p.began = p.firsts[0].arrival()
	if len(p.firsts) < len(p.sources) && f.arrival().Sub(p.began) < headWait {
		return false
	}
	var tracks []webm.Track
	for _, first := range p.firsts {
		t, _ := webmTrack(first.Track.Codec, first.Data)
		t.Name = trackName(p.names(first.Track.From), first.Track.Source)
		tracks = append(tracks, t)
		p.codecs[first.Track.Source] = first.Track.Codec
		p.order = append(p.order, first.Track.Source)
	}
	stream, err := webm.NewStream(p.to, webm.Info{Title: p.names(f.Track.From), Began: p.began, Program: program}, tracks)
	if err != nil {
		p.end(unread(err))
		return false
	}
	p.stream = stream
	for _, f := range p.early {
		p.write(f)
	}
	p.early, p.firsts = nil, nil
	return false
}

func (p *Player) write(f Frame) {
	codec, listed := p.codecs[f.Track.Source]
	if !listed || p.ended() {
		return // it came too late for the head
	}
	if codec != f.Track.Codec {
		p.end(&Error{Class: ErrMedia, What: fmt.Sprintf("the %s is sent as %s now, and was begun as %s", f.Track.Source, f.Track.Codec, codec), Hint: "play it again"})
		return
	}
	t := p.takes[f.Track]
	if t == nil {
		if !f.Key {
			return
		}
		info, _ := codecNamed(codec)
		t = &take{to: p.stream, index: slices.Index(p.order, f.Track.Source), codec: info, began: p.began}
		p.takes[f.Track] = t
	}
	if _, err := t.write(f); err != nil {
		p.end(unread(err))
	}
}

// unread: that nobody looks any more is no failure.
func unread(err error) error {
	if errors.Is(err, io.ErrClosedPipe) || errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return &Error{Class: ErrMedia, What: "it cannot be written: " + plainPathError(err).Error(), Err: err}
}
