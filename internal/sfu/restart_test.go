package sfu

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// ufrag is the ICE user name in a description: another one after each restart.
func ufrag(t *testing.T, sdp string) string {
	t.Helper()
	_, rest, found := strings.Cut(sdp, "a=ice-ufrag:")
	if !found {
		t.Fatal("no ice-ufrag")
	}
	name, _, _ := strings.Cut(rest, "\r\n")
	return name
}

// localPort is where the client sends from: a restart gathers anew.
func localPort(pc *webrtc.PeerConnection) uint16 {
	pair, err := pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || pair == nil {
		return 0
	}
	return pair.Local.Port
}

// moved waits until the client sends from another port.
func moved(t *testing.T, pc *webrtc.PeerConnection, from uint16) {
	t.Helper()
	timeout := time.After(deadline)
	for now := localPort(pc); now == 0 || now == from; now = localPort(pc) {
		select {
		case <-timeout:
			t.Fatalf("from port %d as before", now)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// goesOn waits for packets that were sent after everything that has arrived so far.
func (c *client) goesOn(what string) {
	c.t.Helper()
	for len(c.received) > 0 {
		<-c.received
	}
	seen := c.seen
	c.seen = nil
	for range 20 {
		c.next(what, func(packet) bool { return true })
		c.seen = nil
	}
	c.seen = seen
}

func TestRestartOfTheSubscribingConnection(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	a.add("cam", "vp8")
	a.publish()
	first := b.subscribed("A/cam/vp8")
	b.goesOn("camera")
	before, port := ufrag(t, b.sub.RemoteDescription().SDP), localPort(b.sub)

	b.peer.Restart()
	second := b.subscribed("A/cam/vp8")
	if first[0] != second[0] {
		t.Errorf("the camera moved from %v to %v", first[0], second[0])
	}
	if ufrag(t, b.sub.RemoteDescription().SDP) == before {
		t.Error("the same credentials again")
	}
	moved(t, b.sub, port)
	b.goesOn("camera after the restart")
	if state := b.sub.ConnectionState(); state != webrtc.PeerConnectionStateConnected {
		t.Error(state)
	}
	select {
	case err := <-b.failed:
		t.Error(err)
	default:
	}
}

func TestRestartOfThePublishingConnection(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	a.add("cam", "vp8")
	a.publish()
	first := b.subscribed("A/cam/vp8")
	b.goesOn("camera")
	before, port := ufrag(t, a.pub.RemoteDescription().SDP), localPort(a.pub)

	a.restart()
	if ufrag(t, a.pub.RemoteDescription().SDP) == before {
		t.Error("the same credentials again")
	}
	moved(t, a.pub, port)
	b.goesOn("camera after the restart")
	a.restart() // and once more
	b.goesOn("camera after the second restart")

	// To the subscriber it is the same track: nothing was offered again.
	a.add("mic", "opus")
	a.publish()
	for _, d := range b.subscribed("A/cam/vp8", "A/mic/opus") {
		if d.Label == "cam" && d != first[0] {
			t.Errorf("the camera moved from %v to %v", first[0], d)
		}
	}
}

// A client may ask at any time: before there is anything, with an offer under way, many times.
func TestRestartAtOddTimes(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	b.peer.Restart()
	b.silent.Store(true)
	a.add("cam", "vp8")
	a.publish()
	offer := <-b.offers
	for range 10 {
		b.peer.Restart()
	}
	b.silent.Store(false)
	b.mu.Lock()
	sdp := b.peer.sub.pc.LocalDescription().SDP
	answer, err := b.answerTo(sdp)
	b.tracks = []DownTrack{{MID: "0", Peer: "A", Label: "cam", Codec: "vp8"}}
	b.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.peer.Answer(offer, answer); err != nil {
		t.Fatal(err)
	}
	b.subscribed("A/cam/vp8")
	if ufrag(t, b.sub.RemoteDescription().SDP) == ufrag(t, sdp) {
		t.Error("the same credentials again")
	}
	b.goesOn("camera")
	b.peer.Close()
	b.peer.Restart()
}
