package sfu

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Callbacks of one peer. Any may be nil.
type Callbacks struct {
	// Offer hands out a description of the subscribing connection and all that is subscribed to, by MID. The client's
	// answer goes to [Peer.Answer] with the same number; until then no other offer is made.
	Offer func(offer uint64, sdp string, tracks []DownTrack)
	// Wanted says how many layers of one's own videos somebody is sent now, for those where that changed.
	Wanted func([]WantedTrack)
	// Streams says how the videos that one subscribes to are sent now, for those where that changed.
	Streams func([]Stream)
	// Speakers lists the peers that speak, the loudest first, when that changes.
	Speakers func(peers []string)
	// Failed says, once, that a connection of this peer is lost or that another one took its id. The peer is of no use any
	// more: close it.
	Failed func(error)
}

// UpTrack is one track a client publishes, by the MID of the media section in its own offer. Label says nothing to the SFU.
// Codec is one of opus, vp8, vp9, av1, h264; the answer prefers it, and packets of any other are dropped.
// Layers are the sizes that a video comes in, smallest first: none where there is one.
type UpTrack struct {
	MID, Label, Codec string
	Layers            []Layer

	stereo bool // as its section of the offer says
}

// Layer is a simulcast encoding, or a spatial layer of a scalable stream, which has no RID.
type Layer struct {
	RID           string // RFC 8851
	Width, Height int
}

// same tells tracks apart; what sizes one comes in may change.
func (t UpTrack) same(other UpTrack) bool {
	return t.MID == other.MID && t.Label == other.Label && t.Codec == other.Codec && slices.Equal(t.rids(), other.rids())
}

// WantedTrack is how many layers of a track are wanted, from the smallest up; 0: none.
type WantedTrack struct {
	MID    string
	Layers int
}

// Stream is how a subscribed video is sent: which layer, counted from 0, or why none (Layer -1).
type Stream struct {
	MID   string
	State StreamState
	Layer int
}

// StreamState is why a subscribed video is sent or not.
type StreamState string

// The states: sent; not shown by the subscriber; no room on the way to the subscriber.
const (
	StreamLive   StreamState = "live"
	StreamHidden StreamState = "hidden"
	StreamPaused StreamState = "paused"
)

// Shown is a video that the subscriber sees, and how large in pixels.
type Shown struct {
	MID           string
	Width, Height int
	Rank          Rank
}

// Rank orders videos when there is not room for all.
type Rank int

// The ranks, the most important first.
const (
	RankScreen Rank = iota
	RankPinned
	RankSpeaker
	RankGrid
)

// DownTrack is one track a client is offered, by the MID in our offer. Peer and Label are the publisher's.
type DownTrack struct{ MID, Peer, Label, Codec string }

// Peer is one client in one room.
type Peer struct {
	id        string
	sfu       *SFU
	room      *room // nil only if made after Close
	callbacks Callbacks
	stream    string // in session descriptions: tracks of one peer play in step

	pub  *publisher
	sub  *subscriber
	news news

	failed  atomic.Bool
	failure chan error // one, for run
	done    chan struct{}
	once    sync.Once
}

func newPeer(s *SFU, id string, callbacks Callbacks) *Peer {
	p := &Peer{id: id, sfu: s, callbacks: callbacks, stream: s.name("p"), failure: make(chan error, 1), done: make(chan struct{}), news: newNews()}
	p.pub = &publisher{peer: p, sources: map[string]*source{}}
	p.sub = &subscriber{peer: p, downs: map[*upTrack]*downTrack{}, wake: make(chan struct{}, 1)}
	return p
}

// Publish takes the client's offer for its publishing connection and the list of all its tracks, and returns the answer.
// Further calls renegotiate: tracks that are missing from the list end, others are added. On an error nothing has
// changed, unless the error is [ErrConnection]: then the publishing connection is lost, and Failed says so too.
func (p *Peer) Publish(sdp string, tracks []UpTrack) (answer string, err error) {
	return p.pub.publish(sdp, tracks)
}

// Unpublish ends all tracks of this peer; the next Publish may begin others.
func (p *Peer) Unpublish() { p.room.update(p.pub.end(), nil) }

// Answer takes the client's answer to the offer of that number.
func (p *Peer) Answer(offer uint64, sdp string) error {
	return p.sub.answer(offer, sdp)
}

// Show says which subscribed videos are seen, all of them at a time, and which sound is not listened to, by the MIDs of
// our offers. What is not seen is not sent. Before the first call everything is sent.
func (p *Peer) Show(videos []Shown, silent []string) { p.sub.show(videos, silent) }

// Restart makes an offer with new ICE credentials, for a client whose network has changed. The publishing connection restarts
// when the client's offer has new ones.
func (p *Peer) Restart() { p.sub.restart() }

// Close removes the peer and frees all it has. Callbacks under way may still return after it; no new one begins.
func (p *Peer) Close() {
	p.once.Do(func() {
		close(p.done)
		if p.room == nil {
			return
		}
		p.sfu.leave(p)
		p.room.update(p.pub.close(), nil)
		p.sub.close()
	})
}

func (p *Peer) closed() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// fail reports the first failure, and only if the peer was not closed before.
func (p *Peer) fail(err error) {
	if p.closed() || !p.failed.CompareAndSwap(false, true) {
		return
	}
	p.sfu.stats.connectionsLost.Add(1)
	p.sfu.log.Info("peer failed", "reason", reason(err))
	p.failure <- err
}

// run makes this peer's offers and calls its callbacks.
func (p *Peer) run() {
	for {
		select {
		case err := <-p.failure:
			if p.callbacks.Failed != nil {
				p.callbacks.Failed(err)
			}
		case <-p.sub.wake:
			p.apart(p.sub.negotiate)
		case <-p.news.wake:
			p.tellNews()
		case <-p.done:
			p.last()
			return
		}
	}
}

// apart runs f on a stack of its own: this goroutine waits nearly all its life, and would keep the stack that a description takes.
func (p *Peer) apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// last delivers a failure that came together with the end, as when a join replaces this peer.
func (p *Peer) last() {
	select {
	case err := <-p.failure:
		if p.callbacks.Failed != nil {
			p.callbacks.Failed(err)
		}
	default:
	}
}
