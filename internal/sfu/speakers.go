package sfu

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/sdp/v3"

	"github.com/grotto-meet/grotto/internal/sfu/speaker"
)

// DefaultVoices is how many of a room are forwarded at a time. More cannot be told apart by ear.
const DefaultVoices = 8

const (
	lookEvery = 200 * time.Millisecond // for changes of who speaks
	lookLater = 300 * time.Millisecond // when nobody sends any more
)

// speakers is who speaks in a room. Its lock comes after a link's, and before the room's.
type speakers struct {
	room *room

	mu     sync.Mutex
	floor  speaker.Floor[*upTrack]
	began  time.Time
	looked time.Time
	list   []*upTrack // scratch
	told   []string
	timer  *time.Timer // looks again while somebody speaks
}

func newSpeakers(r *room, voices int) *speakers {
	return &speakers{room: r, began: time.Now(), floor: speaker.Floor[*upTrack]{Places: max(0, voices)}}
}

// heard is told of a packet of sound and its level (RFC 6464 §3), and reports whether it is forwarded. Sound that comes
// without a level always is.
func (s *speakers) heard(up *upTrack, level []byte, now time.Time) bool {
	const loudness = 0x7f // the bit above says whether it is a voice, which senders leave out or get wrong
	if s == nil || len(level) == 0 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	forwarded := s.floor.Heard(up, level[0]&loudness, now.Sub(s.began))
	if now.Sub(s.looked) >= lookEvery {
		s.look(now)
	}
	return forwarded
}

// look tells everybody who speaks, if others do than before, or another one speaks loudest.
func (s *speakers) look(now time.Time) {
	s.looked = now
	s.list = s.floor.Speaking(now.Sub(s.began), s.list)
	if len(s.list) == 0 && len(s.told) == 0 {
		return
	}
	var peers []string
	for _, up := range s.list {
		if !slices.Contains(peers, up.owner.id) {
			peers = append(peers, up.owner.id)
		}
	}
	if !sameSpeakers(peers, s.told) {
		s.told = peers
		for _, p := range s.room.members() {
			p.news.speak(peers)
		}
	}
	if len(peers) == 0 {
		return
	}
	if s.timer == nil {
		s.timer = time.AfterFunc(lookLater, s.lookAgain)
	} else {
		s.timer.Reset(lookLater)
	}
}

func (s *speakers) lookAgain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look(time.Now())
}

// sameSpeakers: the order below the first place changes with every word.
func sameSpeakers(a, b []string) bool {
	if len(a) != len(b) || len(a) > 0 && a[0] != b[0] {
		return false
	}
	for _, peer := range a {
		if !slices.Contains(b, peer) {
			return false
		}
	}
	return true
}

// forget is told that a track has ended.
func (s *speakers) forget(up *upTrack) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.floor.Forget(up)
}

// withoutLevels takes the levels out of an offer, so that the answer does not ask for them.
func withoutLevels(offer string) string {
	var kept strings.Builder
	for line := range strings.SplitAfterSeq(offer, "\n") {
		if !strings.HasPrefix(line, "a=extmap:") || !strings.Contains(line, sdp.AudioLevelURI) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// hush leaves a voice out for everybody, so that what follows later has the numbers that follow what was sent.
func (s *upStream) hush() {
	if s.hushed {
		return
	}
	s.hushed = true
	for _, d := range *s.up.downs.Load() {
		d.mu.Lock()
		d.selector.sending = false
		d.mu.Unlock()
	}
}
