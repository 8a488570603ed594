package e2e

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu"
)

const (
	videoClock    = 90000
	frameRate     = 30
	frameInterval = time.Second / frameRate
	packetSize    = 1100
	keyFrameSize  = 5 // times that of another frame
)

// layer is one encoding of a camera.
type layer struct {
	rid           string // "" where there is one
	width, height int
	rate          int // bit/s
}

var (
	plain     = []layer{{"", 640, 360, 500_000}}
	simulcast = []layer{{"q", 320, 180, 150_000}, {"h", 640, 360, 450_000}, {"f", 1280, 720, 1_200_000}}
)

// camera sends VP8 that says in each frame what it is and which frame it refers to, so that a [screen] knows what a decoder
// could show. Every other frame is one that none refers to: temporal layer 1.
type camera struct {
	layers      []layer
	encodings   []*encoding
	transceiver *webrtc.RTPTransceiver
}

type encoding struct {
	layer
	number    int
	track     *webrtc.TrackLocalStaticRTP
	sequence  uint16
	timestamp uint32
	picture   uint16
	base      uint8 // TL0PICIDX
	keyIndex  uint8
	frame     uint32 // counts all
	refers    uint32 // the newest frame of temporal layer 0
	keyWanted atomic.Bool
}

func (c *camera) attach(t *testing.T, pc *webrtc.PeerConnection) (sfu.UpTrack, *webrtc.RTPTransceiver) {
	t.Helper()
	up := sfu.UpTrack{Label: "camera", Codec: "vp8"}
	for i, l := range c.layers {
		var options []func(*webrtc.TrackLocalStaticRTP)
		if l.rid != "" {
			options = append(options, webrtc.WithRTPStreamID(l.rid))
			up.Layers = append(up.Layers, sfu.Layer{RID: l.rid, Width: l.width, Height: l.height})
		}
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "camera", "stream", options...)
		must(t, err)
		c.encodings = append(c.encodings, &encoding{layer: l, number: i, track: track, sequence: uint16(1000 * i), timestamp: uint32(100_000 * i)})
		if i > 0 {
			must(t, c.transceiver.Sender().AddEncoding(track))
			continue
		}
		c.transceiver, err = pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		must(t, err)
	}
	return up, c.transceiver
}

func (c *camera) run(done <-chan struct{}) {
	var requests sync.WaitGroup
	defer requests.Wait()
	sender := c.transceiver.Sender()
	for _, e := range c.encodings {
		requests.Go(func() { e.listen(sender) })
	}
	var mid, rid uint8
	for _, x := range sender.GetParameters().HeaderExtensions {
		switch x.URI {
		case sdp.SDESMidURI:
			mid = uint8(x.ID)
		case sdp.SDESRTPStreamIDURI:
			rid = uint8(x.ID)
		}
	}
	extend := func(h *rtp.Header, e *encoding) {
		if e.rid != "" {
			_ = h.SetExtension(mid, []byte(c.transceiver.Mid()))
			_ = h.SetExtension(rid, []byte(e.rid))
		}
	}
	ticker := time.NewTicker(frameInterval)
	defer ticker.Stop()
	for n := 0; ; n++ {
		for _, e := range c.encodings {
			e.send(n, extend)
		}
		select {
		case <-done:
			return
		case <-ticker.C:
		}
	}
}

func (e *encoding) listen(sender *webrtc.RTPSender) {
	for {
		var packets []rtcp.Packet
		var err error
		if e.rid != "" {
			packets, _, err = sender.ReadSimulcastRTCP(e.rid)
		} else {
			packets, _, err = sender.ReadRTCP()
		}
		if err != nil {
			return
		}
		for _, p := range packets {
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				e.keyWanted.Store(true)
			}
		}
	}
}

// stamp is what a frame says of itself, behind the VP8 header that the SFU reads.
type stamp struct {
	Layer, Temporal uint8
	Key             bool
	Frame, Refers   uint32
	Sent            int64 // ns
}

const stampAt, stampSize = 10, 1 + 1 + 1 + 4 + 4 + 8

func (e *encoding) send(n int, extend func(*rtp.Header, *encoding)) {
	key := e.frame == 0 || e.keyWanted.Swap(false)
	s := stamp{Layer: uint8(e.number), Key: key, Frame: e.frame, Refers: e.refers, Sent: time.Now().UnixNano()}
	size := e.rate / 8 / frameRate
	if key {
		size *= keyFrameSize
	} else if n%2 == 1 {
		s.Temporal = 1
	}
	if s.Temporal == 0 {
		e.refers = e.frame
		e.base++
	}
	e.frame++
	e.keyIndex++
	e.picture = (e.picture + 1) & 0x7fff
	e.timestamp += videoClock / frameRate
	body := frame(s, max(size, stampAt+stampSize), e.layer)
	for first := true; len(body) > 0; first = false {
		chunk := body[:min(packetSize, len(body))]
		body = body[len(chunk):]
		e.sequence++
		p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: e.sequence, Timestamp: e.timestamp, Marker: len(body) == 0}}
		p.Payload = append(e.descriptor(first, s), chunk...)
		extend(&p.Header, e)
		_ = e.track.WriteRTP(p) // fails only when the connection is gone
	}
}

// descriptor is RFC 7741 §4.2, with everything that can be in it.
func (e *encoding) descriptor(first bool, s stamp) []byte {
	const x, n, start, i, l, t, k, sync = 0x80, 0x20, 0x10, 0x80, 0x40, 0x20, 0x10, 0x20
	d := []byte{x, i | l | t | k, 0x80 | byte(e.picture>>8), byte(e.picture), e.base, s.Temporal<<6 | e.keyIndex&0x1f}
	if first {
		d[0] |= start
	}
	if s.Temporal > 0 { // it refers to layer 0 alone, and none to it
		d[0] |= n
		d[5] |= sync
	}
	return d
}

func frame(s stamp, size int, l layer) []byte {
	b := make([]byte, stampAt, size)
	b[0] = 0x11
	if s.Key { // RFC 6386 §9.1
		b[0] = 0x10
		copy(b[3:], []byte{0x9d, 0x01, 0x2a})
		binary.LittleEndian.PutUint16(b[6:], uint16(l.width))
		binary.LittleEndian.PutUint16(b[8:], uint16(l.height))
	}
	b, _ = binary.Append(b, binary.BigEndian, s) // of fixed size: no error
	return b[:size]
}

// screen notes what a decoder could show.
type screen struct {
	mu       sync.Mutex
	layer    uint8
	decoded  map[uint32]bool // of this layer, since its key frame
	shown    []shown
	broken   int // frames that could not be decoded
	paddings int
	asked    time.Time
}

type shown struct {
	at    time.Time
	layer uint8
	delay time.Duration
	bytes int
}

// frame reports whether it could be decoded.
func (s *screen) frame(b []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var f stamp
	if len(b) < stampAt+stampSize {
		s.broken++
		return false
	}
	if _, err := binary.Decode(b[stampAt:], binary.BigEndian, &f); err != nil {
		panic(err)
	}
	if f.Key {
		s.layer, s.decoded = f.Layer, map[uint32]bool{}
	} else if f.Layer != s.layer || !s.decoded[f.Refers] {
		s.broken++
		return false
	}
	s.decoded[f.Frame] = true
	now := time.Now()
	s.shown = append(s.shown, shown{now, f.Layer, now.Sub(time.Unix(0, f.Sent)), len(b)})
	return true
}

func (s *screen) padding() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paddings++
}

// mayAsk limits requests for key frames.
func (s *screen) mayAsk() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.asked) < 300*time.Millisecond {
		return false
	}
	s.asked = time.Now()
	return true
}

// seen is what was shown in a span of time.
type seen struct {
	frames   int
	share    float64         // of the frames that the camera made
	freezes  []time.Duration // in which nothing new was shown for longer than freeze
	switches int             // of layers
	layers   []int           // frames of each
	p50, p99 time.Duration   // from camera to screen
}

// freeze is a pause that people notice.
const freeze = 500 * time.Millisecond

func (s *screen) between(from, to time.Time) (r seen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var delays []time.Duration
	last, layer := from, -1
	r.layers = make([]int, 3)
	pause := func(to time.Time) {
		if gap := to.Sub(last); gap > freeze {
			r.freezes = append(r.freezes, gap)
		}
		last = to
	}
	for _, f := range s.shown {
		if f.at.Before(from) || !f.at.Before(to) {
			continue
		}
		pause(f.at)
		if layer >= 0 && layer != int(f.layer) {
			r.switches++
		}
		layer = int(f.layer)
		r.layers[layer]++
		r.frames++
		delays = append(delays, f.delay)
	}
	pause(to)
	r.share = float64(r.frames) / (frameRate * to.Sub(from).Seconds())
	if slices.Sort(delays); len(delays) > 0 {
		r.p50, r.p99 = delays[len(delays)/2], delays[len(delays)*99/100]
	}
	return r
}

// first is when the first frame was shown; zero if none was.
func (s *screen) first() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.shown) == 0 {
		return time.Time{}
	}
	return s.shown[0].at
}
