package call

import (
	"fmt"
	"slices"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Watch is what of the others' media the server is asked for.
type Watch int

// What there is to watch.
const (
	WatchAll     Watch = iota // every picture as large as it comes, and all sound
	WatchNothing              // for those who came to write
)

// large is more than a picture has: one that is shown so is sent as large as it comes.
const large = 8192

// watch tells the server what is watched of all that it offers. It goes out before the answer, so that what nobody
// watches is never sent.
func (s *session) watch(offered []wire.Subscription) {
	for _, t := range offered {
		i := slices.IndexFunc(s.offered, func(o wire.Subscription) bool { return o.MID == t.MID })
		if i < 0 || s.offered[i].Source != t.Source || refOf(s.offered[i].From) != refOf(t.From) {
			delete(s.paused, t.MID) // the section is another's now
		}
	}
	s.offered = offered
	s.show()
}

// show tells the server what is watched of what it offered last.
func (s *session) show() { s.request(showing(s.call.config.Watch, s.offered, s.wants)) }

// wants says whether somebody's track is received at all.
func (s *session) wants(t wire.Subscription) bool {
	p := s.call.config.Player
	return p == nil || p.wants(refOf(t.From), t.Source, s.call.tally.called(refOf(t.From)))
}

// showing is the message for these subscriptions.
func showing(watch Watch, offered []wire.Subscription, wants func(wire.Subscription) bool) *wire.Show {
	m := &wire.Show{Videos: []wire.Shown{}, Silent: []string{}}
	for _, t := range offered[:min(len(offered), wire.MaxShown)] {
		video := t.Source == wire.SourceCamera || t.Source == wire.SourceScreen
		switch {
		case video && watch == WatchAll && wants(t):
			rank := wire.RankPinned
			if t.Source == wire.SourceScreen {
				rank = wire.RankScreen
			}
			m.Videos = append(m.Videos, wire.Shown{MID: t.MID, Width: large, Height: large, Rank: rank})
		case !video && (watch == WatchNothing || !wants(t)):
			m.Silent = append(m.Silent, t.MID)
		}
	}
	return m
}

// streams tells a person which pictures there is no room for. What is hidden is so because we watch nothing.
func (s *session) streams(changed []wire.Stream) {
	for _, c := range changed {
		i := slices.IndexFunc(s.offered, func(t wire.Subscription) bool { return t.MID == c.MID })
		if i < 0 {
			continue
		}
		t := s.offered[i]
		switch paused := c.State == wire.StreamPaused; {
		case paused && !s.paused[c.MID]:
			s.paused[c.MID] = true
			s.call.notice(fmt.Sprintf("The %s of %s is paused: the connection is too slow for it.", t.Source, s.nameOf(refOf(t.From))))
		case !paused && s.paused[c.MID]:
			delete(s.paused, c.MID)
			s.call.notice(fmt.Sprintf("The %s of %s comes again.", t.Source, s.nameOf(refOf(t.From))))
		}
	}
}

// wanted rests files that nobody is sent, and makes them begin with a key frame when somebody is again.
func (p *publisher) wanted(tracks []wire.WantedTrack) {
	for _, w := range tracks {
		for i, t := range p.tracks {
			if t.Mid() != w.MID {
				continue
			}
			f := p.files[i]
			if w.Layers > 0 && f.resting.Load() {
				f.wantKey()
			}
			f.resting.Store(w.Layers == 0)
		}
	}
}
