package sfu

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

var simulcastLayers = []Layer{{"q", 320, 180}, {"h", 640, 360}, {"f", 1280, 720}}

// encoder is one encoding of a test camera: VP8 in two temporal layers, two packets a frame, sealed as far as an SFU can tell.
type encoder struct {
	layer int
	rid   string
	local *webrtc.TrackLocalStaticRTP
	cam   *camera
	key   atomic.Bool // a key frame was asked for
	asked atomic.Int32
	off   atomic.Bool // as by a publisher's congestion control
}

// simulcast adds a camera in three sizes.
func (c *client) simulcast(label string) (*camera, []*encoder) {
	c.t.Helper()
	if c.pub == nil {
		pc, err := c.api.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			c.t.Fatal(err)
		}
		c.pub = pc
	}
	cam := &camera{codec: "vp8", layers: simulcastLayers, quit: make(chan struct{}), done: make(chan struct{})}
	var encoders []*encoder
	for i, l := range simulcastLayers {
		local, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "track", "stream", webrtc.WithRTPStreamID(l.RID))
		if err != nil {
			c.t.Fatal(err)
		}
		if i == 0 {
			cam.tr, err = c.pub.AddTransceiverFromTrack(local, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		} else {
			err = cam.tr.Sender().AddEncoding(local)
		}
		if err != nil {
			c.t.Fatal(err)
		}
		e := &encoder{layer: i, rid: l.RID, local: local, cam: cam}
		encoders = append(encoders, e)
		cam.more = append(cam.more, e.run)
	}
	c.up[label] = cam
	return cam, encoders
}

// run sends until the camera stops. Numbers and timestamps of the encodings have nothing to do with each other.
func (e *encoder) run() {
	var seed [8]byte
	_, _ = rand.Read(seed[:])
	number, clock := binary.BigEndian.Uint16(seed[:]), binary.BigEndian.Uint32(seed[2:])
	picture, level := binary.BigEndian.Uint16(seed[6:])&0x7fff, seed[1]
	go e.requests()
	ticker := time.NewTicker(frameInterval)
	defer ticker.Stop()
	begin := time.Now()
	e.key.Store(true)
	for i := uint32(0); ; i++ {
		select {
		case <-e.cam.quit:
			return
		case <-ticker.C:
		}
		if e.off.Load() {
			e.key.Store(true)
			continue
		}
		key := e.key.Swap(false)
		temporal := byte(i % 2)
		if key {
			temporal = 0
		}
		if temporal == 0 {
			level++
		}
		picture = (picture + 1) & 0x7fff
		timestamp := clock + uint32(time.Since(begin).Seconds()*videoClock)
		for part := range 2 {
			first, prefix := byte(0x80), byte(0x11)
			if part == 0 {
				first |= 0x10
			}
			if key {
				prefix = 0x10
			}
			payload := []byte{first, 0xe0, 0x80 | byte(picture>>8), byte(picture), level, temporal<<6 | temporal<<5, prefix, byte(e.layer), 0, 0, 0, 0}
			binary.BigEndian.PutUint32(payload[8:], i)
			payload = append(payload, make([]byte, 40+300*e.layer)...)
			e.write(&rtp.Packet{Header: rtp.Header{Version: 2, Marker: part == 1, SequenceNumber: number, Timestamp: timestamp}, Payload: payload})
			number++
		}
	}
}

func (e *encoder) write(p *rtp.Packet) {
	for _, x := range e.cam.tr.Sender().GetParameters().HeaderExtensions {
		switch x.URI {
		case sdp.SDESMidURI:
			_ = p.SetExtension(uint8(x.ID), []byte(e.cam.tr.Mid()))
		case sdp.SDESRTPStreamIDURI:
			_ = p.SetExtension(uint8(x.ID), []byte(e.rid))
		}
	}
	_ = e.local.WriteRTP(p)
}

func (e *encoder) requests() {
	for {
		packets, _, err := e.cam.tr.Sender().ReadSimulcastRTCP(e.rid)
		if err != nil {
			return
		}
		for _, p := range packets {
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				e.asked.Add(1)
				e.key.Store(true)
			}
		}
	}
}

// decoder is as strict as a VP8 receiver, and stricter: on loopback nothing may be missing.
type decoder struct {
	t         *testing.T
	n         int
	number    uint16
	timestamp uint32
	picture   uint16
	level     byte
	layer     int
	frame     uint32
	parts     int
	switches  int
}

func (d *decoder) take(p packet) {
	d.t.Helper()
	b := p.Payload
	if len(b) < 12 || b[1] != 0xe0 {
		d.t.Fatalf("payload % x", b[:min(len(b), 12)])
	}
	picture, level, temporal := binary.BigEndian.Uint16(b[2:])&0x7fff, b[4], b[5]>>6
	key, layer, frame, start := b[6]&1 == 0, int(b[7]), binary.BigEndian.Uint32(b[8:]), b[0]&0x10 != 0
	defer func() {
		d.n++
		d.number, d.timestamp, d.picture, d.level, d.layer, d.frame = p.SequenceNumber, p.Timestamp, picture, level, layer, frame
	}()
	if d.n > 0 && p.SequenceNumber != d.number+1 {
		d.t.Errorf("packet %d after %d", p.SequenceNumber, d.number)
	}
	if !start {
		if d.n == 0 || layer != d.layer || frame != d.frame || picture != d.picture || p.Timestamp != d.timestamp || !p.Marker {
			d.t.Errorf("second half of frame %d of layer %d after frame %d of %d", frame, layer, d.frame, d.layer)
		}
		d.parts++
		return
	}
	if d.n > 0 && d.parts != 2 && layer == d.layer {
		d.t.Errorf("frame %d of layer %d is not whole", d.frame, d.layer)
	}
	d.parts = 1
	if d.n == 0 || layer != d.layer {
		d.switches++
		if !key {
			d.t.Errorf("layer %d begins with a delta frame", layer)
		}
	} else if !key && temporal == 0 && frame-d.frame > 2 {
		d.t.Errorf("frame %d of layer %d after %d", frame, layer, d.frame)
	}
	if d.n == 0 {
		return
	}
	if ahead := int32(p.Timestamp - d.timestamp); ahead <= 0 || ahead > 5*videoClock {
		d.t.Errorf("timestamp moves by %d", ahead)
	}
	if picture != (d.picture+1)&0x7fff {
		d.t.Errorf("picture %d after %d", picture, d.picture)
	}
	if want := d.level + 1 - temporal; level != want {
		d.t.Errorf("TL0PICIDX %d after %d in temporal layer %d", level, d.level, temporal)
	}
}

// until feeds the decoder until a packet fits.
func (d *decoder) until(c *client, what string, fits func(packet) bool) {
	d.t.Helper()
	timeout := time.After(deadline)
	for {
		select {
		case p := <-c.received:
			if d.take(p); fits(p) {
				return
			}
		case <-timeout:
			d.t.Fatalf("no %s", what)
		}
	}
}

func layerIs(layer int) func(packet) bool {
	return func(p packet) bool { return int(p.Payload[7]) == layer }
}

// state waits for that word about the one video.
func (c *client) state(want Stream) {
	c.t.Helper()
	timeout := time.After(deadline)
	var last []Stream
	for {
		select {
		case last = <-c.streams:
			if slices.Contains(last, want) {
				return
			}
		case <-timeout:
			c.t.Fatalf("streams %v, want %v", last, want)
		}
	}
}

// Sound that is not listened to is not sent, and goes on afterwards as if it had never stopped.
func TestSilentSound(t *testing.T) {
	came := make(chan struct{}, 10000)
	s := newSFU(t, Config{Tap: func(TapPacket) { came <- struct{}{} }})
	room := s.Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	a.add("mic", "opus")
	a.publish()
	mid := b.subscribed("A/mic/opus")[0].MID
	first := b.next("sound", func(packet) bool { return true })
	b.peer.Show(nil, []string{mid})
	out := s.Stats().PacketsOut
	for range len(came) + 20 {
		<-came
	}
	if now := s.Stats().PacketsOut; now > out+1 { // one may have been on its way
		t.Errorf("%d packets sent", now-out)
	}
	b.peer.Show(nil, nil)
	for i, want := 0, first.SequenceNumber+1; i < 40; i, want = i+1, want+1 {
		if p := wait(t, b.received); p.SequenceNumber != want {
			t.Fatalf("packet %d, want %d", p.SequenceNumber, want)
		}
	}
}

// What was said of a track is not said of the one that takes its section over.
func TestShowEndsWithTheTrack(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	a.add("mic", "opus")
	a.publish()
	mid := b.subscribed("A/mic/opus")[0].MID
	b.peer.Show(nil, []string{mid})
	a.close()
	b.subscribed()
	c := join(t, room, "C")
	c.add("mic", "opus")
	c.publish()
	if other := b.subscribed("C/mic/opus")[0].MID; other != mid {
		t.Fatalf("section %q, not %q", other, mid)
	}
	b.next("sound", func(p packet) bool { return p.Peer == "C" })
}

func TestSimulcastSwitches(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	_, encoders := a.simulcast("cam")
	a.publish()
	list := b.subscribed("A/cam/vp8")
	mid := list[0].MID
	d := &decoder{t: t}
	d.until(b, "largest layer", layerIs(2))
	b.state(Stream{MID: mid, State: StreamLive, Layer: 2})

	b.peer.Show([]Shown{{MID: mid, Width: 300, Height: 170, Rank: RankGrid}}, nil)
	d.until(b, "smallest layer", layerIs(0))
	b.state(Stream{MID: mid, State: StreamLive, Layer: 0})
	b.peer.Show([]Shown{{MID: mid, Width: 640, Height: 360, Rank: RankGrid}}, nil)
	d.until(b, "middle layer", layerIs(1))
	b.peer.Show([]Shown{{MID: mid, Width: 1920, Height: 1080, Rank: RankPinned}}, nil)
	d.until(b, "largest layer", layerIs(2))

	// Hidden: nothing is sent. Shown again: the stream goes on where it was, with a key frame.
	b.peer.Show([]Shown{}, nil)
	b.state(Stream{MID: mid, State: StreamHidden, Layer: -1})
	b.peer.Show([]Shown{{MID: mid, Width: 1920, Height: 1080, Rank: RankPinned}}, nil)
	b.state(Stream{MID: mid, State: StreamLive, Layer: 2})
	d.until(b, "key frame", func(p packet) bool { return p.Payload[6]&1 == 0 })

	// Paused for want of room, and with less room.
	down := b.peer.sub.order[0]
	down.allow(noLayers)
	b.state(Stream{MID: mid, State: StreamPaused, Layer: -1})
	down.allow(layerChoice{1, 1})
	b.state(Stream{MID: mid, State: StreamLive, Layer: 1})
	d.until(b, "middle layer", layerIs(1))

	// The publisher stops an encoding without a word.
	encoders[1].off.Store(true)
	b.state(Stream{MID: mid, State: StreamLive, Layer: 0})
	d.until(b, "smallest layer", layerIs(0))
	encoders[1].off.Store(false)
	d.until(b, "middle layer", layerIs(1))

	// Half of the pictures.
	down.allow(layerChoice{1, 0})
	half := 0
	d.until(b, "every second picture", func(p packet) bool {
		if p.Payload[5]>>6 > 0 {
			half = 0
		}
		half++
		return half > 20
	})
	down.allow(allLayers)
	d.until(b, "largest layer", layerIs(2))
	d.until(b, "all pictures", func(p packet) bool { return p.Payload[5]>>6 > 0 })
	if d.switches < 7 {
		t.Errorf("%d switches", d.switches)
	}
	select {
	case list := <-b.lists:
		t.Errorf("negotiated again: %v", list)
	default:
	}
	var rates [3]float64
	for _, o := range down.options(time.Now(), nil) {
		rates[o.spatial] = max(rates[o.spatial], o.bits)
	}
	if rates[0] <= 0 || rates[1] <= rates[0] || rates[2] <= rates[1] {
		t.Errorf("measured %v", rates)
	}
}
