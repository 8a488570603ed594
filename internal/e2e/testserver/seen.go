package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"github.com/grotto-meet/grotto/internal/sfu"
)

// marker is what the tests hide in encoder frames before they are sealed; patches.js has the same.
const marker = "GROTTO-PLAINTEXT-MARKER"

// seen is what a hostile SFU could have seen, counted by publication.
type seen struct {
	mu     sync.Mutex
	tracks map[trackID]*track
}

type trackID struct{ publisher, label string }

type track struct {
	Publisher string            `json:"publisher"`
	Source    string            `json:"source"`
	Codec     string            `json:"codec"`
	Packets   int               `json:"packets"`
	Marked    int               `json:"marked"`
	Streams   int               `json:"streams"` // SSRCs, of VP8 and H.264
	Frames    int               `json:"frames"`  // counters, of the same
	Reused    int               `json:"reused"`  // of these for more than one frame
	tails     map[uint32][]byte // the end of each stream's packet before: a marker may be cut in two
	counters  counters
}

func newSeen() *seen { return &seen{tracks: map[trackID]*track{}} }

func (s *seen) tap(p sfu.TapPacket) {
	if len(p.Payload) == 0 {
		return // padding
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := trackID{p.Publisher, p.Label}
	t := s.tracks[id]
	if t == nil {
		t = &track{Publisher: p.Publisher, Source: p.Label, Codec: p.Codec, tails: map[uint32][]byte{}}
		s.tracks[id] = t
	}
	t.Packets++
	tail := t.tails[p.SSRC]
	if bytes.Contains(append(tail, p.Payload...), []byte(marker)) {
		t.Marked++
	}
	t.tails[p.SSRC] = append(tail[:0], p.Payload[max(0, len(p.Payload)-len(marker)+1):]...)
	t.counters.note(p)
	t.Streams, t.Frames, t.Reused = len(t.counters.streams), len(t.counters.sealed), t.counters.reused
}

func (s *seen) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*track, 0, len(s.tracks))
	for _, t := range s.tracks {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *track) int {
		return cmp.Or(cmp.Compare(a.Publisher, b.Publisher), cmp.Compare(a.Source, b.Source))
	})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list)
}
