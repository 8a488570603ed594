package sfu

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
)

// voice is a microphone whose packets say how loud they are.
func (c *client) voice(level *atomic.Int32) *camera {
	mic := c.add("mic", "opus")
	mic.changed = func(p *rtp.Packet) {
		for _, e := range mic.tr.Sender().GetParameters().HeaderExtensions {
			if e.URI == sdp.AudioLevelURI {
				_ = p.SetExtension(uint8(e.ID), []byte{byte(level.Load())})
			}
		}
	}
	return mic
}

const (
	aloud   = 20
	whisper = 100
)

// TestSpeakers: everybody is told who speaks, and with one place for a voice the others are not sent until it is free.
// What is sent of a voice that was left out has no gap in it.
func TestSpeakers(t *testing.T) {
	s := newSFU(t, Config{Voices: 1})
	room := s.Room("r")
	told := make(chan []string, 1000)
	a, b := join(t, room, "A"), join(t, room, "B")
	listener := room.Join("L", Callbacks{Speakers: func(peers []string) { told <- peers }})
	t.Cleanup(listener.Close)
	c := join(t, room, "C")
	var levelA, levelB atomic.Int32
	levelA.Store(aloud)
	levelB.Store(whisper)
	a.voice(&levelA)
	b.voice(&levelB)
	a.publish()
	b.publish()
	expect := func(want ...string) {
		t.Helper()
		timeout := time.After(deadline)
		for {
			select {
			case got := <-told:
				if slices.Equal(got, want) {
					return
				}
			case <-timeout:
				t.Fatalf("nobody was told of %v", want)
			}
		}
	}
	of := func(peer string) func(packet) bool { return func(p packet) bool { return p.Peer == peer } }
	expect("A")
	c.next("A's voice", of("A"))
	c.mu.Lock()
	for _, p := range c.seen {
		if p.Peer == "B" {
			t.Error("a whisper was sent")
		}
	}
	c.mu.Unlock()
	levelA.Store(whisper)
	expect()
	levelB.Store(aloud)
	expect("B")
	first := c.next("B's voice", of("B"))
	c.next("the next of B's voice", func(p packet) bool { return p.Peer == "B" && p.SequenceNumber == first.SequenceNumber+1 })
	levelB.Store(whisper)
	expect()
	last := c.next("A's last words", func(p packet) bool {
		return p.Peer == "A" && !slices.ContainsFunc(c.seen, func(later packet) bool { return later.Peer == "A" && later.SequenceNumber-p.SequenceNumber-1 < 1<<15 })
	})
	levelA.Store(aloud)
	expect("A")
	c.next("A's voice again, with the number that follows", func(p packet) bool { return p.Peer == "A" && p.SequenceNumber == last.SequenceNumber+1 })
}

// TestWithoutLevels: a room can do without them. Then the answer does not ask for them, and every voice is sent.
func TestWithoutLevels(t *testing.T) {
	s := newSFU(t, Config{Voices: 1})
	room := s.Room("r").WithoutLevels()
	a, b, c := join(t, room, "A"), join(t, room, "B"), join(t, room, "C")
	var level atomic.Int32
	level.Store(whisper)
	for _, from := range []*client{a, b} {
		from.voice(&level)
		from.publish()
		if strings.Contains(from.pub.RemoteDescription().SDP, sdp.AudioLevelURI) {
			t.Error("the answer asks for levels")
		}
	}
	for _, peer := range []string{"A", "B"} {
		c.next(peer+"'s voice", func(p packet) bool { return p.Peer == peer })
	}
}
