package call

import (
	"io"
	"reflect"
	"sync/atomic"
	"testing"

	"github.com/grotto-meet/grotto/internal/wire"
)

func TestShowing(t *testing.T) {
	offered := []wire.Subscription{
		{MID: "0", Source: wire.SourceMic}, {MID: "1", Source: wire.SourceCamera},
		{MID: "2", Source: wire.SourceScreen}, {MID: "3", Source: wire.SourceScreenAudio},
	}
	all := &wire.Show{Silent: []string{}, Videos: []wire.Shown{
		{MID: "1", Width: large, Height: large, Rank: wire.RankPinned}, {MID: "2", Width: large, Height: large, Rank: wire.RankScreen},
	}}
	nothing := &wire.Show{Videos: []wire.Shown{}, Silent: []string{"0", "3"}}
	for watch, want := range map[Watch]*wire.Show{WatchAll: all, WatchNothing: nothing} {
		got := showing(watch, offered, func(wire.Subscription) bool { return true })
		if !reflect.DeepEqual(got, want) {
			t.Errorf("watch %d shows %+v, want %+v", watch, got, want)
		}
		wire.SetID(got, 1)
		text, err := wire.Encode(got)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.DecodeClient(text); err != nil {
			t.Errorf("watch %d: the server refuses %s: %v", watch, text, err)
		}
	}
}

// TestShowingOne: of who is played, only what is played is received.
func TestShowingOne(t *testing.T) {
	ann, ben := wire.Device{User: "@ann:x", Device: "A"}, wire.Device{User: "@ben:x", Device: "B"}
	offered := []wire.Subscription{{MID: "0", From: ann, Source: wire.SourceMic}, {MID: "1", From: ann, Source: wire.SourceCamera},
		{MID: "2", From: ann, Source: wire.SourceScreen}, {MID: "3", From: ben, Source: wire.SourceMic}, {MID: "4", From: ben, Source: wire.SourceCamera}}
	p := NewPlayer(io.Discard, "Ann", []wire.Source{wire.SourceCamera, wire.SourceMic})
	got := showing(WatchAll, offered, func(s wire.Subscription) bool {
		return p.wants(refOf(s.From), s.Source, map[string]string{"A": "Ann", "B": "Ben"}[s.From.Device])
	})
	want := &wire.Show{Silent: []string{"3"}, Videos: []wire.Shown{{MID: "1", Width: large, Height: large, Rank: wire.RankPinned}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, not %+v", got, want)
	}
}

// TestWatchNothing: who watches nothing is sent nothing, and what nobody watches is not sent to the server either, until
// somebody does. Sound goes on: it is never asked about.
func TestWatchNothing(t *testing.T) {
	w, secret := newWorld(t), newSecret()
	sender := w.join(secret, Config{Name: "Sender"}, "vp8.ivf", "opus.ogg")
	var frames atomic.Int64
	writer := w.join(secret, Config{Name: "Writer", Watch: WatchNothing, OnFrame: func(Frame) { frames.Add(1) }})
	eventually(t, "Writer sees Sender", func() bool { return writer.state("Sender").Healthy() })
	camera := func() int {
		for _, s := range sender.Report().Sent {
			if s.Source == wire.SourceCamera {
				return s.Frames
			}
		}
		return 0
	}
	resting := func() (is bool) {
		_ = sender.inSession(func(s *session) error {
			is = s.publisher.files[0].resting.Load()
			return nil
		})
		return is
	}
	eventually(t, "the camera rests", resting)
	before := camera()
	viewer := w.join(secret, Config{Name: "Viewer"})
	eventually(t, "Viewer opens the camera", func() bool { return viewer.opened("Sender", wire.SourceCamera) > 5 })
	if resting() || camera() <= before {
		t.Errorf("the camera sent %d frames while it rested and %d since", before, camera())
	}
	for _, track := range viewer.Report().Tracks {
		if track.Source == wire.SourceCamera && track.FramesEarly > 0 {
			t.Errorf("%d frames came before the first key frame", track.FramesEarly)
		}
	}
	if n := frames.Load(); n > 0 {
		t.Errorf("Writer opened %d frames and watches nothing", n)
	}
}
