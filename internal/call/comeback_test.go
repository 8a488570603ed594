package call

import (
	"context"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// TestResumeAfterTenSeconds: signalling is cut for 10 s. Media flows on, nobody leaves, no key changes.
func TestResumeAfterTenSeconds(t *testing.T) {
	w, secret := newWorld(t), newSecret()
	a := w.join(secret, Config{Name: "A"}, "opus.ogg")
	b := w.join(secret, Config{Name: "B"})
	eventually(t, "B hears A", func() bool { return b.opened("A", wire.SourceMic) > 20 })
	before, heard := a.Report(), b.opened("A", wire.SourceMic)

	const outage = 10 * time.Second // named by the requirement; it cannot be virtual, for media runs in real time
	w.cut(true)
	<-time.After(outage)
	if n := b.opened("A", wire.SourceMic) - heard; n < 400 {
		t.Errorf("only %d frames opened while signalling was cut", n)
	}
	w.hear()
	// A third participant is let in by both: their sockets are back.
	c := w.join(secret, Config{Name: "C"})
	eventually(t, "C hears A, and both know C", func() bool {
		return c.opened("A", wire.SourceMic) > 20 && a.state("C") != "" && b.state("C") != ""
	})
	after := a.Report()
	if after.Device != before.Device || after.Generation != before.Generation {
		t.Errorf("A was %s in generation %d, and is %s in generation %d", before.Device, before.Generation, after.Device, after.Generation)
	}
	if len(b.Report().Participants) != 2 {
		t.Errorf("B met %v", b.Report().Participants)
	}
	for _, call := range []*Call{a, b} {
		if tracks := call.Report().Tracks; len(tracks) > 1 {
			t.Errorf("tracks came anew: %+v", tracks)
		}
	}
}

// TestServerRestart: the server drains, stops and, behind the same socket, begins anew with nothing of before; its people come back by themselves, with new join ids and keys.
func TestServerRestart(t *testing.T) {
	w, secret := newWorld(t), newSecret()
	a := w.join(secret, Config{Name: "A"}, "vp8.ivf")
	b := w.join(secret, Config{Name: "B"})
	eventually(t, "B sees A", func() bool { return b.opened("A", wire.SourceCamera) > 10 })
	before := a.Report().User
	// Until it stops, the call goes on as it was.
	limit, reached := context.WithCancel(t.Context())
	drained := make(chan struct{})
	go func() {
		w.node.Drain(limit)
		close(drained)
	}()
	seen := b.opened("A", wire.SourceCamera)
	eventually(t, "B sees A while the server drains", func() bool { return b.opened("A", wire.SourceCamera) > seen+20 })
	if n := len(b.Report().Tracks); n != 1 {
		t.Errorf("%d tracks", n)
	}
	reached()
	<-drained
	w.stop()
	w.cut(false)
	w.start()
	tracks := len(b.Report().Tracks)
	eventually(t, "B sees A again", func() bool {
		all := b.Report().Tracks
		return len(all) > tracks && all[len(all)-1].FramesOpened > 10
	})
	if a.Report().User == before {
		t.Error("A came back as the same guest of a server that forgot it")
	}
}
