package sfu

import (
	"slices"
	"sync"
)

// news is what a peer is to be told about its videos, the newest state of each only.
type news struct {
	wake chan struct{} // one place: several changes are one

	mu       sync.Mutex
	wanted   []*upTrack
	streams  []*downTrack
	speakers *[]string // nil: as told
}

func newNews() news { return news{wake: make(chan struct{}, 1)} }

// want notes that the layers wanted of an own track have changed.
func (n *news) want(up *upTrack) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Contains(n.wanted, up) {
		n.wanted = append(n.wanted, up)
	}
	n.ring()
}

// stream notes that a subscribed video is sent in another way.
func (n *news) stream(d *downTrack) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Contains(n.streams, d) {
		n.streams = append(n.streams, d)
	}
	n.ring()
}

// speak notes who speaks now.
func (n *news) speak(peers []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.speakers = &peers
	n.ring()
}

func (n *news) ring() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// tellNews is called by the peer's one goroutine.
func (p *Peer) tellNews() {
	n := &p.news
	n.mu.Lock()
	ups, downs, speakers := n.wanted, n.streams, n.speakers
	n.wanted, n.streams, n.speakers = nil, nil, nil
	n.mu.Unlock()
	if speakers != nil && p.callbacks.Speakers != nil {
		p.callbacks.Speakers(*speakers)
	}
	var wanted []WantedTrack
	for _, up := range ups {
		up.mu.Lock()
		if !up.ended {
			wanted = append(wanted, WantedTrack{MID: up.MID, Layers: up.wanted})
		}
		up.mu.Unlock()
	}
	var streams []Stream
	for _, d := range downs {
		d.mu.Lock()
		now := d.told
		d.mu.Unlock()
		if now.MID = p.sub.mid(d); now.MID != "" {
			streams = append(streams, now)
		}
	}
	if len(wanted) > 0 && p.callbacks.Wanted != nil {
		p.callbacks.Wanted(wanted)
	}
	if len(streams) > 0 && p.callbacks.Streams != nil {
		p.callbacks.Streams(streams)
	}
}
