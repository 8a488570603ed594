package call

import (
	"sync"
	"testing"

	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// couriers carry messages between those who have one, and vouch for everybody but some names.
type couriers struct {
	mu     sync.Mutex
	doors  map[olmkeys.Ref]Inbox
	closed bool // as when the homeserver is away
	guests map[string]bool
}

type courier struct {
	all  *couriers
	self olmkeys.Ref
}

func (c *courier) Peer(ref olmkeys.Ref) Peer {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.all.guests[ref.Device] {
		return Peer{Route: RouteNowhere}
	}
	return Peer{Route: RouteTransport, ID: "@" + ref.Device + ":hs", Trust: "verified"}
}

func (c *courier) Begin(_ olmkeys.CallID, self olmkeys.Ref, in Inbox) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.self = self
	c.all.doors[self] = in
}

func (c *courier) Send(messages []olmkeys.OutgoingMessage) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	for _, m := range messages {
		if in := c.all.doors[m.To]; in.Hear != nil && !c.all.closed {
			go in.Hear(olmkeys.MessageReceived{From: c.self, Envelope: m.Envelope})
		}
	}
}

func newCouriers() *couriers {
	return &couriers{doors: map[olmkeys.Ref]Inbox{}, guests: map[string]bool{}}
}

// signalledMessages counts the agents' messages that clients give to the server.
func (h *hostile) signalledMessages() func() int {
	var mu sync.Mutex
	n := 0
	h.relay.FromClient(func(_ *relay.Conn, m wire.ClientMessage) []wire.ClientMessage {
		mu.Lock()
		defer mu.Unlock()
		if sent, ok := m.(*wire.ToDevice); ok {
			n += len(sent.Messages)
		}
		return []wire.ClientMessage{m}
	})
	return func() int { mu.Lock(); defer mu.Unlock(); return n }
}

func TestKeysByTransport(t *testing.T) {
	h, all, secret := newHostile(t), newCouriers(), newSecret()
	signalled := h.signalledMessages()
	ada := h.join(secret, Config{Name: "Ada", Transport: &courier{all: all}}, "opus.ogg")
	bob := h.join(secret, Config{Name: "Bob", Transport: &courier{all: all}})
	bob.listens(t, ada.device(), 5)
	if n := signalled(); n > 0 {
		t.Errorf("%d messages went by signalling", n)
	}
	for _, p := range bob.Report().Participants {
		if p.Matrix != "@"+ada.device()+":hs" || p.Trust != "verified" {
			t.Errorf("shown as %q, %q", p.Matrix, p.Trust)
		}
	}
}

// TestM6_DowngradeToSignalling: the transport is cut, and the server offers what comes by signalling instead.
func TestM6_DowngradeToSignalling(t *testing.T) {
	h, all, secret := newHostile(t), newCouriers(), newSecret()
	all.closed = true
	talkedInto := h.join(secret, Config{Name: "Ada"}, "opus.ogg") // has no transport: all it says goes by signalling
	var seen diary
	config := seen.config("Bob")
	config.Transport = &courier{all: all}
	bob := h.join(secret, config)
	careless := h.join(secret, Config{Name: "Carol"}) // takes it
	careless.listens(t, talkedInto.device(), 5)
	eventually(t, "Bob is told", func() bool { return seen.has(nameless + " " + string(Bypassed)) })
	if n := bob.trackOf(talkedInto.device(), wire.SourceMic).FramesOpened; n > 0 {
		t.Errorf("%d frames opened with keys that came past the transport", n)
	}
	if state, _ := talkedInto.shows(bob.device()); state != olmkeys.StateWaiting {
		t.Errorf("Bob gave keys past the transport: %s", state)
	}
}

// TestGuestsBesideTransport: whom nobody vouches for gets no keys, and everybody sees it.
func TestGuestsBesideTransport(t *testing.T) {
	h, all, secret := newHostile(t), newCouriers(), newSecret()
	guest := h.join(secret, Config{Name: "Guest"}, "opus.ogg")
	all.guests[guest.device()] = true
	var seen diary
	config := seen.config("Bob")
	config.Transport = &courier{all: all}
	bob := h.join(secret, config, "opus.ogg")
	eventually(t, "Bob is told", func() bool { return seen.has(nameless + " " + string(Unvouched)) })
	bob.refuses(t, guest.device(), 5)
	guest.refuses(t, bob.device(), 5)
	if bob.trackOf(guest.device(), wire.SourceMic).FramesOpened+guest.trackOf(bob.device(), wire.SourceMic).FramesOpened > 0 {
		t.Error("a guest has keys, or gave some")
	}
	for _, p := range bob.Report().Participants {
		if !p.NoKeys {
			t.Error("the report does not say that the guest has no keys")
		}
	}
}

// TestM7_GoneWhateverTheServerSays: nobody vouches for Bob any more, and the server goes on to list him.
func TestM7_GoneWhateverTheServerSays(t *testing.T) {
	h, all, secret := newHostile(t), newCouriers(), newSecret()
	ada := h.join(secret, Config{Name: "Ada", Transport: &courier{all: all}}, "opus.ogg")
	bob := h.join(secret, Config{Name: "Bob", Transport: &courier{all: all}})
	carol := h.join(secret, Config{Name: "Carol", Transport: &courier{all: all}})
	bob.listens(t, ada.device(), 5)
	carol.listens(t, ada.device(), 5)
	out := bob.device()
	all.mu.Lock()
	for self, in := range all.doors {
		if self.Device == out {
			delete(all.doors, self) // nothing is sent to him
			continue
		}
		go in.Gone(func(ref olmkeys.Ref) bool { return ref.Device == out })
	}
	all.mu.Unlock()
	bob.refuses(t, ada.device(), 5)
	before := bob.trackOf(ada.device(), wire.SourceMic).FramesOpened
	carol.listens(t, ada.device(), 20)
	if n := bob.trackOf(ada.device(), wire.SourceMic).FramesOpened - before; n > 0 {
		t.Errorf("Bob opened %d more frames", n)
	}
}
