package call

import (
	"bytes"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// hostile is a world whose server lies: signalling goes through a relay that a test tells what to do, and the SFU sends
// what a test makes of each packet.
type hostile struct {
	*world
	relay *relay.Relay

	mu    sync.Mutex
	forge func(sfu.TapPacket, *rtp.Packet) []sfu.Forgery
}

func newHostile(t *testing.T) *hostile {
	t.Helper()
	h := new(hostile)
	h.world = newWorldWith(t, h.packet)
	h.relay = relay.New("ws://" + h.Addr().String() + node.SignalPath)
	front := httptest.NewServer(h.relay)
	t.Cleanup(front.Close)
	h.front = strings.TrimPrefix(front.URL, "http://")
	return h
}

// sends sets what the SFU sends; nil: what it was sent.
func (h *hostile) sends(forge func(sfu.TapPacket, *rtp.Packet) []sfu.Forgery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forge = forge
}

func (h *hostile) packet(t sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.forge == nil {
		return asSent(p)
	}
	return h.forge(t, p)
}

func asSent(p *rtp.Packet) []sfu.Forgery { return []sfu.Forgery{{Packet: *p}} }

// with is a packet like another one, of a later time if so wished, that carries something else.
func with(p *rtp.Packet, payload []byte, later uint32) rtp.Packet {
	q := *p
	q.Header = p.Header.Clone()
	q.Padding, q.PaddingSize, q.Header.PaddingSize = false, 0, 0
	q.Timestamp += later
	q.Payload = bytes.Clone(payload)
	return q
}

// trackOf is the report of a participant's track.
func (c *Call) trackOf(device string, source wire.Source) (sum TrackReport) {
	for _, t := range c.Report().Tracks {
		if t.Device == device && t.Source == source {
			sum.FramesOpened += t.FramesOpened
			sum.FramesFailed += t.FramesFailed
			sum.FramesNoKey += t.FramesNoKey
		}
	}
	return sum
}

func (c *Call) device() string { return c.Report().Device }

// shows is what a call shows of a device.
func (c *Call) shows(device string) (olmkeys.PeerState, olmkeys.Warning) {
	for _, p := range c.Report().Participants {
		if p.Device == device {
			return p.State, p.Warning
		}
	}
	return "", ""
}

// listens waits until a call hears a device's microphone, and gives how often it did.
func (c *Call) listens(t *testing.T, device string, more int) int {
	t.Helper()
	before := c.trackOf(device, wire.SourceMic).FramesOpened
	eventually(t, "frames open", func() bool { return c.trackOf(device, wire.SourceMic).FramesOpened >= before+more })
	return c.trackOf(device, wire.SourceMic).FramesOpened
}

// refuses waits until a call has refused frames of a device's microphone.
func (c *Call) refuses(t *testing.T, device string, more int) {
	t.Helper()
	refused := func() int {
		r := c.trackOf(device, wire.SourceMic)
		return r.FramesFailed + r.FramesNoKey
	}
	before := refused()
	eventually(t, "frames are refused", func() bool { return refused() >= before+more })
}

// faults are what a call's agent dropped.
func (c *Call) faults(t *testing.T) (faults map[string]uint64) {
	t.Helper()
	if err := c.inSession(func(s *session) error { faults = s.agent.Faults(); return nil }); err != nil {
		t.Fatal(err)
	}
	return faults
}

// forClient makes a hook that changes what the server says to one device only.
func forClient(device string, change func(wire.ServerMessage) []wire.ServerMessage) func(*relay.Conn, wire.ServerMessage) []wire.ServerMessage {
	return func(c *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
		if c.Member().Device.Device != device {
			return []wire.ServerMessage{m}
		}
		return change(m)
	}
}

// connOf is the newest connection of a device.
func (h *hostile) connOf(device string) *relay.Conn {
	conns := h.relay.Conns()
	slices.Reverse(conns)
	for _, c := range conns {
		if c.Member().Device.Device == device {
			return c
		}
	}
	h.t.Fatalf("%s never connected", device)
	return nil
}
