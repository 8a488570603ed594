package call

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// Names of participants who have not said theirs.
const (
	nameless = "Participant"
	stranger = "Unknown participant" // has no valid proof: what it says is not listened to
)

// maxMet bounds whom a server can make us remember.
const maxMet = 4096

// Report is what happened in a call so far.
type Report struct {
	Room         string              `json:"room"`
	User         string              `json:"user"`
	Device       string              `json:"device"`
	KeySource    olmkeys.KeySource   `json:"key_source,omitempty"` // "": the link and Olm
	Generation   uint32              `json:"generation"`           // sealed with last
	Index        uint32              `json:"index"`
	Participants []ParticipantReport `json:"participants"`
	Tracks       []TrackReport       `json:"tracks"`
	Sent         []SentReport        `json:"sent"`
	words        bool                // the secret is one that was told aloud
}

// ParticipantReport is somebody who was met.
type ParticipantReport struct {
	User    string            `json:"user"`
	Device  string            `json:"device"`
	Name    string            `json:"name"`
	State   olmkeys.PeerState `json:"state"`
	Warning olmkeys.Warning   `json:"warning,omitempty"` // about the list of participants
	Matrix  string            `json:"matrix,omitempty"`  // who it is to Config.Transport, once it has been heard from, and
	Trust   string            `json:"trust,omitempty"`   // how far that is proven
	NoKeys  bool              `json:"no_keys,omitempty"` // Config.Transport does not reach it
}

// TrackReport counts the frames of a remote track.
type TrackReport struct {
	User          string      `json:"user"`
	Device        string      `json:"device"`
	Name          string      `json:"name"`
	Source        wire.Source `json:"source"`
	Codec         wire.Codec  `json:"codec"`
	FramesOpened  int         `json:"frames_opened"`
	FramesFailed  int         `json:"frames_failed"`      // did not verify, replayed, malformed
	FramesNoKey   int         `json:"frames_without_key"` // dropped, since the sender's key was not here
	FramesEarly   int         `json:"frames_before_key"`  // opened before the first key frame: they cannot be decoded
	FramesWritten int         `json:"frames_written"`
	Bytes         int64       `json:"bytes"`          // opened
	FirstFrameMS  int64       `json:"first_frame_ms"` // from the beginning of the call; -1: none opened
	id            TrackID
}

// SentReport counts the frames of a publication.
type SentReport struct {
	Source wire.Source `json:"source"`
	Codec  wire.Codec  `json:"codec"`
	Frames int         `json:"frames"`
	Bytes  int64       `json:"bytes"` // sealed
}

// tally keeps the counts; goroutines of tracks and of the session write.
type tally struct {
	mu     sync.Mutex
	states map[olmkeys.Ref]olmkeys.PeerState
	warned map[olmkeys.Ref]olmkeys.Warning
	names  map[olmkeys.Ref]string
	tracks map[TrackID]*TrackReport
	sent   map[wire.Source]*SentReport
}

func newTally() *tally {
	return &tally{states: map[olmkeys.Ref]olmkeys.PeerState{}, warned: map[olmkeys.Ref]olmkeys.Warning{}, names: map[olmkeys.Ref]string{},
		tracks: map[TrackID]*TrackReport{}, sent: map[wire.Source]*SentReport{}}
}

func (t *tally) state(ref olmkeys.Ref, s olmkeys.PeerState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, met := t.states[ref]; met || len(t.states) < maxMet || t.forgetStranger() {
		t.states[ref] = s
	}
}

// forgetStranger makes room for somebody by forgetting one who never had a key. mu is held.
func (t *tally) forgetStranger() bool {
	for ref, s := range t.states {
		if s == olmkeys.StateRefused || s == olmkeys.StateWrongSecret {
			delete(t.states, ref)
			delete(t.warned, ref)
			delete(t.names, ref)
			return true
		}
	}
	return false
}

func (t *tally) warning(ref olmkeys.Ref, w olmkeys.Warning) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, met := t.states[ref]; met {
		t.warned[ref] = w
	}
}

// newAgent: who was warned of is judged anew.
func (t *tally) newAgent() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.warned)
}

func (t *tally) name(ref olmkeys.Ref, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, met := t.states[ref]; met {
		t.names[ref] = name
	}
}

// track changes the counts of a track.
func (t *tally) track(id TrackID, change func(*TrackReport)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.tracks[id]
	if r == nil {
		r = &TrackReport{User: id.From.User, Device: id.From.Device, Source: id.Source, Codec: id.Codec, FirstFrameMS: -1, id: id}
		t.tracks[id] = r
	}
	change(r)
}

func (t *tally) sentFrame(m Media, size int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.sent[m.Source]
	if r == nil {
		r = &SentReport{Source: m.Source, Codec: m.Codec}
		t.sent[m.Source] = r
	}
	r.Frames++
	r.Bytes += int64(size)
}

// nameOf is what to call a participant. mu is held.
func (t *tally) nameOf(ref olmkeys.Ref) string {
	if s := t.states[ref]; s == olmkeys.StateWrongSecret || s == olmkeys.StateRefused {
		return stranger
	}
	return cmp.Or(t.names[ref], nameless)
}

// called is nameOf, for others.
func (t *tally) called(ref olmkeys.Ref) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.nameOf(ref)
}

// Report tells what happened so far.
func (c *Call) Report() Report {
	c.mu.Lock()
	s, words := c.sending, len(c.config.Link.secret) > olmkeys.SecretSize
	c.mu.Unlock()
	r := Report{words: words, Room: s.room, User: s.user, Device: s.device, KeySource: c.config.Keys, Generation: s.generation, Index: s.index,
		Participants: []ParticipantReport{}, Tracks: []TrackReport{}, Sent: []SentReport{}}
	t := c.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	for ref, state := range t.states {
		peer := c.peer(ref)
		r.Participants = append(r.Participants, ParticipantReport{User: ref.User, Device: ref.Device, Name: t.nameOf(ref), State: state, Warning: t.warned[ref],
			Matrix: peer.ID, Trust: peer.Trust, NoKeys: peer.Route == RouteNowhere})
	}
	for id, track := range t.tracks {
		track.Name = t.nameOf(id.From)
		r.Tracks = append(r.Tracks, *track)
	}
	for _, sent := range t.sent {
		r.Sent = append(r.Sent, *sent)
	}
	slices.SortFunc(r.Participants, func(a, b ParticipantReport) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Device, b.Device))
	})
	slices.SortFunc(r.Tracks, func(a, b TrackReport) int { return cmp.Compare(a.id.Serial, b.id.Serial) })
	slices.SortFunc(r.Sent, func(a, b SentReport) int { return cmp.Compare(a.Source, b.Source) })
	return r
}

// Opened is nil if a frame of anybody opened; else it says why none did.
func (r Report) Opened() error {
	frames, strangers := 0, 0
	for _, t := range r.Tracks {
		if t.FramesOpened > 0 {
			return nil
		}
		frames += t.FramesFailed + t.FramesNoKey
	}
	for _, p := range r.Participants {
		if p.State == olmkeys.StateWrongSecret {
			strangers++
		}
	}
	e := &Error{Class: ErrNothing}
	switch outside := r.KeySource != olmkeys.KeysOlm; {
	case outside && strangers > 0 && strangers == len(r.Participants):
		e.What, e.Hint = "nothing could be opened: the others' keys come from a link with a secret, not from outside", "join with their whole link, or give all the same key"
	case outside && frames > 0:
		e.What = fmt.Sprintf("nothing could be opened: %d frames came, sealed under another key than the one given", frames)
		e.Hint = "compare the keys, or the passphrase and its salt"
	case strangers > 0 && strangers == len(r.Participants):
		return anotherSecret(r.words)
	case frames > 0:
		e.What = fmt.Sprintf("nothing could be opened: %d frames came, without a key that fits", frames)
		e.Hint = "join again; if it happens again, compare links"
	case len(r.Participants) > 0:
		e.What, e.Hint = "nothing could be opened: the others sent no media", "turn a microphone or camera on"
	default:
		e.What, e.Hint = "nothing could be opened: nobody else was there", "stay longer with --for, or check the link"
	}
	return e
}

// Met is nil unless everybody who was there had another secret: for those who do not care about media.
func (r Report) Met() error {
	for _, p := range r.Participants {
		if p.State != olmkeys.StateWrongSecret {
			return nil
		}
	}
	if len(r.Participants) == 0 {
		return nil
	}
	return anotherSecret(r.words)
}

func anotherSecret(words bool) error {
	e := &Error{Class: ErrNothing, What: "nothing could be opened: the others joined with another secret", Hint: "copy the whole link again, it ends in #..."}
	if words {
		e.What += "; check the words"
		e.Hint = "have them read out again, in their order"
	}
	return e
}

// sinceStart is the time of the call, in milliseconds.
func (c *Call) sinceStart() int64 { return time.Since(c.start).Milliseconds() }
