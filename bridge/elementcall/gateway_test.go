//go:build goolm

package elementcall

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/grotto-meet/grotto/bridge/elementcall/lkframe"
	"github.com/grotto-meet/grotto/bridge/elementcall/lkroom"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/wire"
)

func picture(n int) []byte {
	return []byte{byte(min(n%50, 1)), 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, byte(n)}
}

func sound(n int) []byte { return []byte{0x78, byte(n), 2, 3} }

func key(b byte) []byte { return bytes.Repeat([]byte{b}, lkframe.KeySize) }

// A whole evening: media both ways, keys, mute, leaving, and connections that are lost.
func TestCarries(t *testing.T) {
	w := newWorld(t)
	var alices atomic.Pointer[call.Sending] // what Alice says she sends
	var seen atomic.Pointer[call.Frame]     // of hers
	bob := w.join("Bob", call.Config{OnSending: func(s call.Sending) {
		if s.Camera {
			alices.CompareAndSwap(nil, &s)
		} else if a := alices.Load(); a != nil && a.From == s.From {
			alices.Store(&s)
		}
	}, OnFrame: func(f call.Frame) {
		if f.Track.Source == wire.SourceCamera {
			seen.Store(&f)
		}
	}}, "opus.ogg")
	var asked atomic.Int32 // Bob, for a key frame
	bobs := call.NewLive(wire.SourceCamera, wire.CodecVP8, func() { asked.Add(1) })
	w.must(bob.Add(bobs))
	w.feed(func(n int) { bobs.Write(picture(n), uint32(n)*1800) })
	stop := w.gateway()
	alice := w.element("alice")
	alice.enter()
	w.eventually("the gateway and Bob are in Element Call's call", func() bool { return len(w.gateways(alice.device.Client())) == 2 })
	alice.tell(0, key(1), nil)
	alice.send(lkroom.Microphone, codecs[0], 0, key(1), sound)
	camera := alice.send(lkroom.Camera, codecs[1], 0, key(1), picture)

	const name = "Alice" + Label
	w.eventually("alice is heard in Grotto", func() bool { return opened(bob, name, wire.SourceMic) > 20 })
	w.eventually("alice is seen in Grotto", func() bool { return opened(bob, name, wire.SourceCamera) > 20 })
	w.eventually("bob is heard and seen in Element Call", func() bool {
		seers, seen := alice.frames("video/VP8")
		hearers, heard := alice.frames("audio/opus")
		return seers == 1 && hearers == 1 && seen > 20 && heard > 20
	})
	wanted := func() int { alice.mu.Lock(); defer alice.mu.Unlock(); return alice.asked }
	ofAlice, ofBob := wanted(), asked.Load()
	w.eventually("a key frame that Bob needs is asked of Alice", func() bool {
		bob.WantKeyFrame(seen.Load().Track)
		return wanted() > ofAlice
	})
	w.eventually("a key frame that Alice needs is asked of Bob", func() bool {
		alice.mu.Lock()
		defer alice.mu.Unlock()
		alice.camera.WantKeyFrame()
		return asked.Load() > ofBob
	})

	w.must(camera.Mute(true))
	w.eventually("alice's camera is off in Grotto", func() bool { s := alices.Load(); return s != nil && !s.Camera && s.Mic })

	w.livekit.Stop()
	w.livekit.Again(t)
	alice.room.Leave()
	alice.enter()
	before := opened(bob, name, wire.SourceMic)
	alice.send(lkroom.Microphone, codecs[0], 0, key(1), sound)
	w.eventually("alice is heard after LiveKit came back", func() bool { return opened(bob, name, wire.SourceMic) > before+20 })

	stop()
	w.eventually("nothing of the gateway is left in either", func() bool {
		return len(w.gateways(alice.device.Client())) == 0 && !there(bob, name) && !there(bob, "Gateway to Element Call")
	})
}

// M9: the gateway is a participant that everybody sees, and whom it carries bears the label. Its keys are made anew when
// somebody leaves Element Call, and it takes no key that another than its owner sent.
func TestM9_GatewayIsVisibleAndKeysRotate(t *testing.T) {
	w := newWorld(t)
	bob := w.join("Bob", call.Config{}, "opus.ogg")
	alice, carol := w.element("alice"), w.element("carol")
	for _, e := range []*element{alice, carol} {
		e.enter()
	}
	w.gateway()
	w.eventually("everybody is there", func() bool {
		return there(bob, "Gateway to Element Call") && there(bob, "Alice"+Label) && there(bob, "Carol"+Label) &&
			len(w.gateways(alice.device.Client())) == 2
	})

	// Keys that nobody may take: of another device, and of another room. Then the right one.
	alice.send(lkroom.Microphone, codecs[0], 3, key(9), sound)
	alice.tell(3, key(9), func(c *keysContent) { c.Member.Device = carol.device.Self().Device })
	alice.tell(3, key(9), func(c *keysContent) { c.Room = "!other:localhost" })
	carol.tell(3, key(9), nil) // hers, not Alice's
	carol.tell(0, key(2), nil)
	carol.send(lkroom.Microphone, codecs[0], 0, key(2), sound)
	w.eventually("Carol is heard", func() bool { return opened(bob, "Carol"+Label, wire.SourceMic) > 20 })
	if n := opened(bob, "Alice"+Label, wire.SourceMic); n > 0 {
		t.Errorf("%d frames of Alice's opened by a key that was not hers", n)
	}
	alice.tell(3, key(9), nil)
	w.eventually("Alice is heard", func() bool { return opened(bob, "Alice"+Label, wire.SourceMic) > 20 })

	puppet := func() (at olmdevice.Address, newest []byte) {
		alice.mu.Lock()
		defer alice.mu.Unlock()
		for at, key := range alice.given {
			if at.User == w.gatewayUser && alice.count[fmt.Sprintf("%s:%s audio/opus", at.User, at.Device)] > 20 {
				return at, key
			}
		}
		return at, nil
	}
	w.eventually("Bob is heard", func() bool { _, key := puppet(); return key != nil })
	at, before := puppet()
	w.eventually("Carol has the same key of Bob's", func() bool {
		carol.mu.Lock()
		defer carol.mu.Unlock()
		return bytes.Equal(carol.given[at], before)
	})
	carol.leave()
	w.eventually("Bob has another key", func() bool { _, key := puppet(); return key != nil && !bytes.Equal(key, before) })
	heard := func() int {
		alice.mu.Lock()
		defer alice.mu.Unlock()
		return alice.count[fmt.Sprintf("%s:%s audio/opus", at.User, at.Device)]
	}
	n := heard()
	w.eventually("Bob is heard under it", func() bool { return heard() > n+100 })
	carol.mu.Lock()
	if !bytes.Equal(carol.given[at], before) {
		t.Error("Carol was given a key after she had left")
	}
	carol.mu.Unlock()
	w.eventually("Carol is gone from Grotto", func() bool { return !there(bob, "Carol"+Label) })
}
