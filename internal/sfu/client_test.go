package sfu

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// deadline is how long a test waits for what must happen; nothing here waits without a reason.
const deadline = 10 * time.Second

// frameInterval is the pace of test cameras.
const frameInterval = 5 * time.Millisecond

func newSFU(t *testing.T, config Config) *SFU {
	t.Helper()
	config.IncludeLoopback = true
	if config.Addr == "" {
		config.Addr = "127.0.0.1:0"
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// clientAPI is a Pion client with the codecs a browser has, or some of them.
func clientAPI(t *testing.T, names ...string) *webrtc.API {
	t.Helper()
	return clientOver(t, []webrtc.NetworkType{webrtc.NetworkTypeUDP4}, names...)
}

// clientOver is one whose network has nothing else.
func clientOver(t *testing.T, networks []webrtc.NetworkType, names ...string) *webrtc.API {
	t.Helper()
	var conn net.PacketConn
	if networks[0] == webrtc.NetworkTypeUDP6 { // Pion gathers no ::1 by itself
		var err error
		if conn, err = net.ListenPacket("udp6", "[::1]:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	return clientOn(t, networks, conn, names...)
}

// clientOn is one with a socket of the test's, unless it is nil.
func clientOn(t *testing.T, networks []webrtc.NetworkType, conn net.PacketConn, names ...string) *webrtc.API {
	t.Helper()
	media := &webrtc.MediaEngine{}
	for _, c := range codecs {
		if len(names) > 0 && !slices.Contains(names, c.name) {
			continue
		}
		parameters := c.parameters()
		parameters.PayloadType++ // payload types of their own, so that the SFU has to map them
		parameters.PayloadType += 5
		if err := media.RegisterCodec(parameters, c.kind); err != nil {
			t.Fatal(err)
		}
	}
	// Registered in another order than the SFU does: other ids.
	for uri, kind := range map[string]webrtc.RTPCodecType{
		dependencyDescriptorURI: webrtc.RTPCodecTypeVideo, sdp.AudioLevelURI: webrtc.RTPCodecTypeAudio,
		sdp.SDESMidURI: webrtc.RTPCodecTypeVideo, sdp.SDESRTPStreamIDURI: webrtc.RTPCodecTypeVideo,
	} {
		if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, kind); err != nil {
			t.Fatal(err)
		}
	}
	registry := &interceptor.Registry{}
	if err := webrtc.ConfigureRTCPReports(registry); err != nil {
		t.Fatal(err)
	}
	settings := webrtc.SettingEngine{LoggerFactory: silent}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes(networks)
	settings.SetInterfaceFilter(func(name string) bool { return name == "lo" || networks[0] == webrtc.NetworkTypeTCP6 })
	if conn != nil {
		settings.SetICEUDPMux(webrtc.NewICEUDPMux(silent.NewLogger("ice"), conn))
	}
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))
}

// client is a participant: a Peer and the browser's half of its two connections.
type client struct {
	t        *testing.T
	id       string
	api      *webrtc.API
	peer     *Peer
	pub, sub *webrtc.PeerConnection
	up       map[string]*camera // by label

	mu     sync.Mutex
	tracks []DownTrack

	lists    chan []DownTrack // as offered, after the answer
	received chan packet
	seen     []packet // what next has read from received
	streams  chan []Stream
	wanted   chan []WantedTrack
	failed   chan error
	silent   atomic.Bool // leaves offers unanswered
	offers   chan uint64 // those left unanswered
}

// packet is one that arrived.
type packet struct {
	DownTrack
	rtp.Packet
	extensions []string // URIs in it
	descriptor []byte   // dependency descriptor
}

func join(t *testing.T, r *Room, id string, names ...string) *client {
	t.Helper()
	return joinWith(t, r, id, clientAPI(t, names...))
}

func joinWith(t *testing.T, r *Room, id string, api *webrtc.API) *client {
	t.Helper()
	c := &client{t: t, id: id, api: api, up: map[string]*camera{},
		lists: make(chan []DownTrack, 100), received: make(chan packet, 10000),
		streams: make(chan []Stream, 100), wanted: make(chan []WantedTrack, 100), failed: make(chan error, 10), offers: make(chan uint64, 10)}
	c.mu.Lock() // the first offer may come before Join returns
	defer c.mu.Unlock()
	c.peer = r.Join(id, Callbacks{Offer: c.offered, Failed: func(err error) { c.failed <- err },
		Streams: func(list []Stream) { c.streams <- list }, Wanted: func(list []WantedTrack) { c.wanted <- list }})
	t.Cleanup(c.close)
	return c
}

func (c *client) close() {
	c.peer.Close()
	for _, cam := range c.up {
		cam.stop()
	}
	if c.pub != nil {
		_ = c.pub.GracefulClose()
	}
	c.mu.Lock()
	sub := c.sub
	c.mu.Unlock()
	if sub != nil {
		_ = sub.GracefulClose()
	}
}

// offered answers, on the peer's goroutine.
func (c *client) offered(offer uint64, sdp string, tracks []DownTrack) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.silent.Load() {
		c.offers <- offer
		return
	}
	answer, err := c.answerTo(sdp)
	if c.peer.closed() {
		return
	}
	if err != nil {
		c.t.Errorf("%s: offer %d: %v", c.id, offer, err)
		return
	}
	c.tracks = tracks
	if err := c.peer.Answer(offer, answer); err != nil && !errors.Is(err, ErrClosed) {
		c.t.Errorf("%s: answer %d: %v", c.id, offer, err)
	}
	c.lists <- tracks
}

func (c *client) answerTo(sdp string) (string, error) {
	if c.sub == nil {
		pc, err := c.api.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			return "", err
		}
		pc.OnTrack(c.receive)
		c.sub = pc
	}
	if err := c.sub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}); err != nil {
		return "", err
	}
	answer, err := c.sub.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	return answer.SDP, c.sub.SetLocalDescription(answer)
}

func (c *client) receive(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	mid := receiver.RTPTransceiver().Mid()
	c.mu.Lock()
	i := slices.IndexFunc(c.tracks, func(d DownTrack) bool { return d.MID == mid })
	down := DownTrack{MID: mid}
	if i >= 0 {
		down = c.tracks[i]
	}
	c.mu.Unlock()
	extensions := receiver.GetParameters().HeaderExtensions
	for {
		p, _, err := remote.ReadRTP()
		if err != nil {
			return
		}
		got := packet{DownTrack: down, Packet: *p}
		for _, e := range extensions {
			if p.GetExtension(uint8(e.ID)) != nil {
				got.extensions = append(got.extensions, e.URI)
			}
			if e.URI == dependencyDescriptorURI {
				got.descriptor = p.GetExtension(uint8(e.ID))
			}
		}
		select {
		case c.received <- got:
		default: // the test has seen enough
		}
	}
}

// camera sends frames of one packet each: key frames when asked, deltas otherwise, with random content.
type camera struct {
	codec   string
	tr      *webrtc.RTPTransceiver
	local   *webrtc.TrackLocalStaticRTP
	ignore  atomic.Int32 // that many requests are lost
	asked   atomic.Int32
	wantKey atomic.Bool
	changed func(*rtp.Packet) // before it is sent
	layers  []Layer
	more    []func() // what runs instead of run, until quit
	started bool

	mu   sync.Mutex
	sent map[uint16][]byte
	quit chan struct{}
	once sync.Once
	done chan struct{}
}

func (cam *camera) start() {
	if !cam.started {
		cam.started = true
		if cam.more != nil {
			var running sync.WaitGroup
			for _, f := range cam.more {
				running.Go(f)
			}
			go func() { running.Wait(); close(cam.done) }()
			return
		}
		go cam.run()
		go cam.requests(cam.tr.Sender())
	}
}

func (cam *camera) stop() {
	cam.once.Do(func() { close(cam.quit) })
	if cam.started {
		<-cam.done
	}
}

// add makes a track; publish announces it.
func (c *client) add(label, codec string) *camera {
	c.t.Helper()
	if c.pub == nil {
		pc, err := c.api.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			c.t.Fatal(err)
		}
		c.pub = pc
	}
	local, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: codecNamed(codec).capability.MimeType}, "track", "stream")
	if err != nil {
		c.t.Fatal(err)
	}
	tr, err := c.pub.AddTransceiverFromTrack(local, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		c.t.Fatal(err)
	}
	cam := &camera{codec: codec, tr: tr, local: local, sent: map[uint16][]byte{}, quit: make(chan struct{}), done: make(chan struct{})}
	c.up[label] = cam
	return cam
}

func (cam *camera) requests(sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if _, ok := p.(*rtcp.PictureLossIndication); !ok {
				continue
			}
			if cam.asked.Add(1) > cam.ignore.Load() {
				cam.wantKey.Store(true)
			}
		}
	}
}

func (cam *camera) run() {
	defer close(cam.done)
	ticker := time.NewTicker(frameInterval)
	defer ticker.Stop()
	for seq := uint16(65500); ; seq++ { // wraps soon
		select {
		case <-cam.quit:
			return
		case <-ticker.C:
		}
		p := &rtp.Packet{Header: rtp.Header{Version: 2, Marker: true, SequenceNumber: seq, Timestamp: uint32(seq) * 3000}}
		p.Payload = frame(cam.codec, cam.wantKey.Swap(false))
		if cam.changed != nil {
			cam.changed(p)
		}
		cam.mu.Lock()
		cam.sent[seq] = p.Payload
		cam.mu.Unlock()
		_ = cam.local.WriteRTP(p)
	}
}

func (cam *camera) payload(seq uint16) []byte {
	cam.mu.Lock()
	defer cam.mu.Unlock()
	return cam.sent[seq]
}

// frame is one packet's payload: the descriptor and clear prefix as packetizers make them, then noise.
func frame(codec string, key bool) []byte {
	prefixes := map[string][2][]byte{
		"opus": {nil, nil},
		"vp8":  {{0x10, 0x11}, {0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1}},
		"vp9":  {{0x4c}, {0x0c}},
		"av1":  {{0x10}, {0x18}},
		"h264": {{0x41, 0x9a}, {0x78, 0, 13, 0x67, 0x42, 0xe0, 0x1f, 0xda, 2, 0x80, 0xf6, 0x80, 0x78, 0x44, 0x23, 0x50, 0, 4, 0x68, 0xce, 0x3c, 0x80}},
	}
	prefix := prefixes[codec][0]
	if key {
		prefix = prefixes[codec][1]
	}
	noise := make([]byte, 200)
	_, _ = rand.Read(noise)
	return append(slices.Clone(prefix), noise...)
}

func (c *client) description() (string, []UpTrack) { return c.describe(nil) }

func (c *client) describe(options *webrtc.OfferOptions) (string, []UpTrack) {
	c.t.Helper()
	offer, err := c.pub.CreateOffer(options)
	if err != nil {
		c.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(c.pub)
	if err := c.pub.SetLocalDescription(offer); err != nil {
		c.t.Fatal(err)
	}
	<-gathered
	var list []UpTrack
	for label, cam := range c.up {
		if cam.tr.Sender() != nil && cam.tr.Direction() == webrtc.RTPTransceiverDirectionSendonly {
			list = append(list, UpTrack{MID: cam.tr.Mid(), Label: label, Codec: cam.codec, Layers: cam.layers})
		}
	}
	return c.pub.LocalDescription().SDP, list
}

func (c *client) publish() {
	c.t.Helper()
	c.complete(c.description())
}

// restart publishes the same with new ICE credentials.
func (c *client) restart() {
	c.t.Helper()
	c.complete(c.describe(&webrtc.OfferOptions{ICERestart: true}))
}

func (c *client) complete(offer string, list []UpTrack) {
	c.t.Helper()
	for _, cam := range c.up {
		cam.start()
	}
	answer, err := c.peer.Publish(offer, list)
	if err != nil {
		c.t.Fatalf("%s: publish: %v", c.id, err)
	}
	if err := c.pub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		c.t.Fatalf("%s: answer: %v", c.id, err)
	}
}

// next waits for a packet that fits, among those that came and those that come.
func (c *client) next(what string, fits func(packet) bool) packet {
	c.t.Helper()
	if i := slices.IndexFunc(c.seen, fits); i >= 0 {
		return c.seen[i]
	}
	timeout := time.After(deadline)
	for {
		select {
		case p := <-c.received:
			if c.seen = append(c.seen, p); fits(p) {
				return p
			}
		case <-timeout:
			c.t.Fatalf("%s: no %s", c.id, what)
		}
	}
}

// offeredList waits until exactly these "peer/label/codec" are subscribed to.
func (c *client) subscribed(want ...string) []DownTrack {
	c.t.Helper()
	slices.Sort(want)
	var last []string
	timeout := time.After(deadline)
	for {
		select {
		case list := <-c.lists:
			last = nil
			for _, d := range list {
				last = append(last, fmt.Sprintf("%s/%s/%s", d.Peer, d.Label, d.Codec))
			}
			slices.Sort(last)
			if slices.Equal(last, want) {
				return list
			}
		case <-timeout:
			c.t.Fatalf("%s: subscribed to %v, want %v", c.id, last, want)
		}
	}
}

func pictureLoss(ssrc uint32) []rtcp.Packet {
	return []rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}
}
