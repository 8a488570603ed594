package sfu

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

func TestLateJoinerGetsAKeyFrame(t *testing.T) {
	const lost = 2 // requests the publisher never sees
	room := newSFU(t, Config{}).Room("r")
	a := join(t, room, "A")
	cam := a.add("cam", "vp8")
	a.publish()
	b := join(t, room, "B")
	b.next("key frame", func(p packet) bool { return KeyFrame(p.Codec, p.Payload) })

	asked := cam.asked.Load()
	cam.ignore.Store(asked + lost)
	c := join(t, room, "C")
	c.next("key frame", func(p packet) bool { return KeyFrame(p.Codec, p.Payload) })
	if n := cam.asked.Load() - asked; n <= lost {
		t.Errorf("asked %d times, want more than the %d lost", n, lost)
	}
}

func TestSubscriberMayAskForAKeyFrame(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	cam := a.add("cam", "av1")
	a.publish()
	first := b.next("key frame", func(p packet) bool { return KeyFrame(p.Codec, p.Payload) })
	asked := cam.asked.Load()
	ask := func() {
		if err := b.sub.WriteRTCP(pictureLoss(first.SSRC)); err != nil {
			t.Fatal(err)
		}
	}
	for range 50 { // one decoder in trouble is no flood for the publisher
		ask()
	}
	b.next("second key frame", func(p packet) bool {
		return KeyFrame(p.Codec, p.Payload) && p.SequenceNumber != first.SequenceNumber
	})
	if n := cam.asked.Load() - asked; n < 1 || n > 3 {
		t.Errorf("50 requests became %d", n)
	}
}

func TestPublishAgainAddsAndEnds(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	a.add("cam", "vp8")
	a.publish()
	first := b.subscribed("A/cam/vp8")

	screen := a.add("screen", "vp9") // a codec that the first negotiation had no track of
	a.publish()
	b.subscribed("A/cam/vp8", "A/screen/vp9")
	b.next("screen", func(p packet) bool { return p.Label == "screen" })

	if err := a.pub.RemoveTrack(screen.tr.Sender()); err != nil {
		t.Fatal(err)
	}
	a.publish()
	if last := b.subscribed("A/cam/vp8"); last[0] != first[0] {
		t.Errorf("the camera moved from %v to %v", first[0], last[0])
	}

	again := a.add("screen", "av1")
	a.publish()
	list := b.subscribed("A/cam/vp8", "A/screen/av1")
	p := b.next("screen again", func(p packet) bool { return p.Label == "screen" && p.Codec == "av1" })
	if p.MID != list[1].MID && p.MID != list[0].MID {
		t.Errorf("mid %s is not in %v", p.MID, list)
	}
	if again.payload(p.SequenceNumber) == nil {
		t.Error("the packet is not of the new screen")
	}
}

// Visitors come and go: their tracks take over the sections of those who were there before, and what is received there is
// the new one's.
func TestSectionsAreTakenOver(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	stays := join(t, room, "S")
	var taken []string // extensions by section, as answered first
	for visit, codec := range []string{"vp8", "vp9", "av1", "vp8", "h264"} {
		guest := join(t, room, fmt.Sprint("G", visit))
		guest.add("mic", "opus")
		guest.add("cam", codec)
		guest.publish()
		list := stays.subscribed(fmt.Sprintf("G%d/cam/%s", visit, codec), fmt.Sprintf("G%d/mic/opus", visit))
		for _, track := range list {
			stays.next(track.Peer+" "+track.Label, func(p packet) bool {
				return p.DownTrack == track && string(guest.up[track.Label].payload(p.SequenceNumber)) == string(p.Payload)
			})
		}
		offered, answered := extensionsOf(stays)
		if visit == 0 {
			taken = answered
		} else if !slices.Equal(offered, taken) {
			t.Errorf("visit %d: extensions %q, first there were %q", visit, offered, taken)
		}
		guest.peer.Close()
		stays.subscribed()
	}
	if slices.Contains(taken, "") {
		t.Errorf("extensions %q", taken)
	}
	if n := strings.Count(stays.sub.RemoteDescription().SDP, "\nm="); n != 2 {
		t.Errorf("%d media sections for one guest at a time", n)
	}
}

// extensionsOf are the header extensions of each section that is received.
func extensionsOf(c *client) (offered, answered []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return extensionLines(c.sub.RemoteDescription().SDP), extensionLines(c.sub.LocalDescription().SDP)
}

func extensionLines(description string) (bySection []string) {
	for _, section := range strings.Split(description, "\r\nm=")[1:] {
		lines := slices.DeleteFunc(strings.Split(section, "\r\n"), func(line string) bool { return !strings.HasPrefix(line, "a=extmap:") })
		slices.Sort(lines)
		bySection = append(bySection, strings.Join(lines, "\n"))
	}
	return bySection
}

func TestRelabelledTrackIsAnother(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	cam := a.add("cam", "vp8")
	a.publish()
	before := b.subscribed("A/cam/vp8")
	b.next("camera", func(p packet) bool { return p.Label == "cam" })
	delete(a.up, "cam")
	a.up["other"] = cam
	a.publish()
	if after := b.subscribed("A/other/vp8"); after[0].MID == before[0].MID {
		t.Error("two labels share a media section")
	}
	b.next("packet under the new label", func(p packet) bool { return p.Label == "other" })
}

func TestLeaveRemovesTracks(t *testing.T) {
	s := newSFU(t, Config{})
	room := s.Room("r")
	a, b, c := join(t, room, "A"), join(t, room, "B"), join(t, room, "C")
	for _, p := range []*client{a, b} {
		p.add("mic", "opus")
		p.publish()
	}
	c.subscribed("A/mic/opus", "B/mic/opus")
	a.peer.Close()
	c.subscribed("B/mic/opus")
	b.peer.Close()
	c.subscribed()
	if got := s.Stats(); got.Peers != 1 || got.UpTracks != 0 || got.DownTracks != 0 {
		t.Errorf("left over: %+v", got)
	}
	c.peer.Close()
	if got := s.Stats(); got.Rooms != 0 || got.Peers != 0 {
		t.Errorf("left over: %+v", got)
	}
}

func TestRoomsAreApart(t *testing.T) {
	s := newSFU(t, Config{})
	a, b := join(t, s.Room("one"), "A"), join(t, s.Room("one"), "B")
	x, y := join(t, s.Room("two"), "A"), join(t, s.Room("two"), "B")
	for _, c := range []*client{a, x} {
		c.add("cam", "vp8")
		c.publish()
	}
	b.subscribed("A/cam/vp8")
	y.subscribed("A/cam/vp8")
	if p := b.next("camera", func(packet) bool { return true }); a.up["cam"].payload(p.SequenceNumber) == nil || string(a.up["cam"].payload(p.SequenceNumber)) != string(p.Payload) {
		t.Error("B of one got something else than A of one sent")
	}
	if p := y.next("camera", func(packet) bool { return true }); string(x.up["cam"].payload(p.SequenceNumber)) != string(p.Payload) {
		t.Error("B of two got something else than A of two sent")
	}
}

func TestJoinWithTheSameIDReplaces(t *testing.T) {
	s := newSFU(t, Config{})
	room := s.Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	a.add("mic", "opus")
	a.publish()
	b.subscribed("A/mic/opus")
	again := join(t, room, "A")
	if err := <-a.failed; !errors.Is(err, ErrReplaced) {
		t.Errorf("failed with %v", err)
	}
	b.subscribed()
	again.add("mic", "opus")
	again.publish()
	b.subscribed("A/mic/opus")
	if n := s.Stats().Peers; n != 2 {
		t.Errorf("%d peers", n)
	}
}

func TestLostConnectionFailsOnce(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	a.add("mic", "opus")
	a.publish()
	b.next("sound", func(packet) bool { return true })
	_ = b.sub.Close()
	if err := wait(t, b.failed); !errors.Is(err, ErrConnection) {
		t.Errorf("failed with %v", err)
	}
	_ = a.pub.Close()
	if err := wait(t, a.failed); !errors.Is(err, ErrConnection) {
		t.Errorf("failed with %v", err)
	}
	for _, c := range []*client{a, b} {
		c.peer.fail(ErrConnection) // as when the other connection goes too
		c.peer.Close()
		if len(c.failed) != 0 {
			t.Error("failed twice")
		}
	}
}

func TestOffersNeverOverlap(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	b := join(t, room, "B")
	b.silent.Store(true)
	a := join(t, room, "A")
	a.add("mic", "opus")
	a.publish()
	first := wait(t, b.offers)
	for _, codec := range []string{"vp8", "vp9", "av1", "h264"} {
		a.add(codec, codec)
		a.publish()
	}
	c := join(t, room, "C") // sees them all, so B could have been told by now
	c.subscribed("A/mic/opus", "A/vp8/vp8", "A/vp9/vp9", "A/av1/av1", "A/h264/h264")
	if len(b.offers) != 0 {
		t.Fatal("a second offer while the first waits")
	}
	b.silent.Store(false)
	if err := b.peer.Answer(first+1, validAnswer); !errors.Is(err, ErrNoOffer) {
		t.Errorf("answer to no offer: %v", err)
	}
	b.mu.Lock()
	answer, err := b.answerTo(b.peer.sub.pc.LocalDescription().SDP)
	b.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.peer.Answer(first, answer); err != nil {
		t.Fatal(err)
	}
	// All that happened meanwhile comes at once.
	if list := wait(t, b.lists); len(list) != 5 {
		t.Errorf("second offer has %d tracks, want all 5", len(list))
	}
	if err := b.peer.Answer(first, answer); !errors.Is(err, ErrNoOffer) {
		t.Errorf("second answer: %v", err)
	}
}

func TestSubscriberWithoutTheCodec(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a := join(t, room, "A")
	a.add("mic", "opus")
	a.add("cam", "vp8")
	a.publish()
	b := join(t, room, "B", "opus")
	b.next("sound", func(p packet) bool { return p.Label == "mic" })
	a.add("screen", "vp9")
	a.add("music", "opus")
	a.publish()
	b.next("more sound", func(p packet) bool { return p.Label == "music" })
	select {
	case err := <-b.failed:
		t.Error(err)
	default:
	}
	for _, p := range b.seen {
		if p.Codec != "opus" {
			t.Fatalf("got %s", p.Codec)
		}
	}
}

func TestTapSeesWhatWasSent(t *testing.T) {
	taps := make(chan TapPacket, 100)
	s := newSFU(t, Config{Tap: func(p TapPacket) {
		p.Payload = []byte(string(p.Payload))
		select {
		case taps <- p:
		default:
		}
	}})
	a := join(t, s.Room("r"), "A") // alone: nothing is forwarded
	const marker = "a plaintext marker"
	cam := a.add("cam", "vp8")
	cam.changed = func(p *rtp.Packet) { p.Payload = append(p.Payload, marker...) }
	a.publish()
	p := wait(t, taps)
	if !strings.HasSuffix(string(p.Payload), marker) {
		t.Errorf("tapped %x", p.Payload)
	}
	p.Payload = nil
	want := TapPacket{Room: "r", Publisher: "A", Label: "cam", Codec: "vp8", SSRC: p.SSRC, PayloadType: 102}
	if p.Room != want.Room || p.Publisher != want.Publisher || p.Label != want.Label || p.Codec != want.Codec || p.PayloadType != want.PayloadType || p.SSRC == 0 {
		t.Errorf("tapped %+v, want %+v", p, want)
	}
}

func TestForeignCodecIsDropped(t *testing.T) {
	s := newSFU(t, Config{})
	a, b := join(t, s.Room("r"), "A"), join(t, s.Room("r"), "B")
	a.add("cam", "vp8")
	liar := a.add("liar", "vp8")
	liar.codec = "vp9" // as announced
	a.publish()
	b.subscribed("A/cam/vp8", "A/liar/vp9")
	first := b.next("camera", func(p packet) bool { return p.Label == "cam" })
	b.next("much later", func(p packet) bool { return p.Label == "cam" && p.SequenceNumber-first.SequenceNumber > 50 })
	for _, p := range b.seen {
		if p.Label == "liar" {
			t.Fatal("VP8 went out as VP9")
		}
	}
	if s.Stats().PacketsDropped == 0 {
		t.Error("nothing was dropped")
	}
}

func TestUnannouncedTrackIsDropped(t *testing.T) {
	taps := make(chan TapPacket, 1000)
	s := newSFU(t, Config{Tap: func(p TapPacket) {
		select {
		case taps <- p:
		default:
		}
	}})
	a, b := join(t, s.Room("r"), "A"), join(t, s.Room("r"), "B")
	a.add("mic", "opus")
	hidden := a.add("hidden", "opus")
	offer, list := a.description()
	list = slices.DeleteFunc(list, func(t UpTrack) bool { return t.MID == hidden.tr.Mid() })
	a.complete(offer, list)
	b.subscribed("A/mic/opus")
	for p := wait(t, taps); p.Label != ""; p = wait(t, taps) { // the tap sees it nevertheless
	}
	if s.Stats().DownTracks != 1 {
		t.Error("it is subscribed to")
	}
}

func TestExtensionsAreMapped(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	const descriptorSize = 40 // needs the two-byte form
	id := func(tr *webrtc.RTPTransceiver, uri string) uint8 {
		for _, e := range tr.Sender().GetParameters().HeaderExtensions {
			if e.URI == uri {
				return uint8(e.ID)
			}
		}
		return 0
	}
	cam, mic := a.add("cam", "av1"), a.add("mic", "opus")
	cam.changed = func(p *rtp.Packet) {
		if id := id(cam.tr, dependencyDescriptorURI); id != 0 {
			_ = p.SetExtension(id, make([]byte, descriptorSize))
		}
	}
	mic.changed = func(p *rtp.Packet) {
		if id := id(mic.tr, sdp.AudioLevelURI); id != 0 {
			_ = p.SetExtension(id, []byte{0x81})
		}
	}
	a.publish()
	has := func(label, uri string) func(packet) bool {
		return func(p packet) bool { return p.Label == label && len(p.extensions) == 1 && p.extensions[0] == uri }
	}
	p := b.next("dependency descriptor", has("cam", dependencyDescriptorURI))
	if ids := p.GetExtensionIDs(); len(ids) != 1 || len(p.GetExtension(ids[0])) != descriptorSize {
		t.Errorf("extensions %v", ids)
	}
	b.next("audio level", has("mic", sdp.AudioLevelURI))
}

func wait[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(deadline):
		t.Fatal("timeout")
		panic("unreachable")
	}
}
