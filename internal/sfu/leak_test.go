package sfu

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// Everything a call started is gone when it ends: ours, and Pion's on both sides.
func TestCloseLeavesNothingRunning(t *testing.T) {
	before := running()
	s := newSFU(t, Config{})
	room := s.Room("r")
	var clients []*client
	for _, id := range []string{"A", "B", "C"} {
		c := join(t, room, id)
		c.add("mic", "opus")
		c.add("cam", "vp8")
		c.publish()
		clients = append(clients, c)
	}
	for _, c := range clients {
		c.next("picture", func(p packet) bool { return p.Label == "cam" })
	}
	early := join(t, room, "D") // closed in the middle of everything
	early.add("mic", "opus")
	offer, list := early.description()
	if _, err := early.peer.Publish(offer, list); err != nil {
		t.Fatal(err)
	}
	early.close()
	clients[0].close()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := s.Stats(); got.Rooms != 0 || got.Peers != 0 || got.UpTracks != 0 || got.DownTracks != 0 {
		t.Errorf("left over: %+v", got)
	}
	late := room.Join("late", Callbacks{})
	if _, err := late.Publish(offer, list); err == nil {
		t.Error("published after the end")
	}
	for _, c := range clients {
		c.close()
	}
	tick := time.NewTicker(10 * time.Millisecond) // Pion's last goroutines end in their own time
	defer tick.Stop()
	timeout := time.After(deadline)
	for len(running()) > len(before) {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("still running:\n%s", strings.Join(running(), "\n\n"))
		}
	}
}

// Pion's own SRTP waits for media on three of a pair's connections: not on the server's subscribing one, where none can come.
func TestSubscribingConnectionsWaitForNoMedia(t *testing.T) {
	sessions := func() (n int) {
		for _, g := range running() {
			if strings.Contains(g, "srtp/v3.(*session).start") {
				n++
			}
		}
		return n
	}
	before := sessions()
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	for _, c := range []*client{a, b} {
		c.add("cam", "vp8")
		c.publish()
	}
	for _, c := range []*client{a, b} {
		c.next("picture", func(p packet) bool { return p.Label == "cam" })
	}
	const want = 2 * 3 * 2 // for each of them, three connections with RTP and RTCP
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(deadline)
	for sessions()-before > want {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("%d sessions, want %d", sessions()-before, want)
		}
	}
	a.add("mic", "opus") // and goes on as before
	a.publish()
	b.next("sound", func(p packet) bool { return p.Label == "mic" })
}

// running are the goroutines in Pion or in this package, but for tests.
func running() []string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var found []string
	for _, g := range strings.Split(string(stacks), "\n\n") {
		if (strings.Contains(g, "pion/") || strings.Contains(g, "/sfu.")) && !strings.Contains(g, "testing.tRunner") {
			found = append(found, g)
		}
	}
	return found
}
