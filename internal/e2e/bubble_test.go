package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/transport/v4/vnet"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media/samplebuilder"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
	"github.com/grotto-meet/grotto/internal/keyframe"
	"github.com/grotto-meet/grotto/internal/repair"
	"github.com/grotto-meet/grotto/internal/sfu"
)

var quiet = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled, ScopeLevels: map[string]logging.LogLevel{}}

// bubble is an SFU and its clients on a virtual network in a bubble of testing/synctest: everything but the wires is real,
// and a minute takes as long as its computations.
type bubble struct {
	t      *testing.T
	router *vnet.Router
	conn   *badnet.Conn
	sfu    *sfu.SFU
	room   *sfu.Room
	people []*person
	free   []*host
}

func newBubble(t *testing.T) *bubble {
	t.Helper()
	router, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/24", LoggerFactory: quiet})
	must(t, err)
	server, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{"10.0.0.1"}})
	must(t, err)
	must(t, router.AddNet(server))
	must(t, router.Start())
	conn, err := server.ListenPacket("udp4", "10.0.0.1:4000")
	must(t, err)
	b := &bubble{t: t, router: router, conn: badnet.Wrap(conn, 1)}
	b.sfu, err = sfu.New(sfu.Config{UDP: b.conn})
	must(t, err)
	b.room = b.sfu.Room("room")
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// close ends everything: a bubble ends only when nothing runs in it any more.
func (b *bubble) close() {
	for _, p := range b.people {
		p.close()
	}
	if err := b.sfu.Close(); err != nil {
		b.t.Error(err)
	}
	_ = b.router.Stop()
}

// host is a place on the network. It cannot be taken away again, so the next who joins gets it.
type host struct {
	net *vnet.Net
	ip  netip.Addr
}

func (b *bubble) host() *host {
	b.t.Helper()
	if n := len(b.free); n > 0 {
		h := b.free[n-1]
		b.free = b.free[:n-1]
		b.conn.Link(h.ip).Set(badnet.Conditions{})
		return h
	}
	ip := fmt.Sprintf("10.0.0.%d", 10+len(b.people))
	net, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}})
	must(b.t, err)
	must(b.t, b.router.AddNet(net))
	return &host{net, netip.MustParseAddr(ip)}
}

// person is a client with both connections.
type person struct {
	b    *bubble
	api  *webrtc.API
	host *host
	link *badnet.Link
	peer *sfu.Peer
	left bool // only the test's goroutine knows
	pub  *webrtc.PeerConnection
	sub  *webrtc.PeerConnection
	done chan struct{}
	run  sync.WaitGroup

	mu      sync.Mutex
	failed  error
	streams []sfu.Stream
	wanted  []sfu.WantedTrack
	tracks  []sfu.DownTrack
	shows   map[string]*screen // by publisher
	heard   heard
}

// source is what somebody publishes: a [camera] or a [voice].
type source interface {
	attach(*testing.T, *webrtc.PeerConnection) (sfu.UpTrack, *webrtc.RTPTransceiver)
	run(done <-chan struct{}) // until done is closed, and the connection after it
}

// join brings somebody in. What they publish is given by cameras.
func (b *bubble) join(id string) *person {
	b.t.Helper()
	b.people = slices.DeleteFunc(b.people, func(p *person) bool { return p.left })
	host := b.host()
	media := &webrtc.MediaEngine{}
	must(b.t, media.RegisterDefaultCodecs())
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBNACK}, webrtc.RTPCodecTypeAudio) // as internal/call
	registry := &interceptor.Registry{}
	responder, err := nack.NewResponderInterceptor()
	must(b.t, err)
	registry.Add(responder)
	must(b.t, webrtc.ConfigureRTCPReports(registry))
	must(b.t, webrtc.ConfigureSimulcastExtensionHeaders(media))
	must(b.t, webrtc.ConfigureTWCCSender(media, registry))
	settings := webrtc.SettingEngine{LoggerFactory: quiet}
	settings.SetNet(host.net)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetDTLSRetransmissionInterval(250 * time.Millisecond) // as in internal/call
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	p := &person{b: b, host: host, link: b.conn.Link(host.ip), done: make(chan struct{}), shows: map[string]*screen{},
		api: webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))}
	b.people = append(b.people, p)
	p.mu.Lock() // offers wait for peer
	defer p.mu.Unlock()
	p.peer = b.room.Join(id, sfu.Callbacks{Offer: p.offered,
		Failed:  func(err error) { p.note(func() { p.failed = err }) },
		Streams: func(s []sfu.Stream) { p.note(func() { p.streams = append(p.streams, s...) }) },
		Wanted:  func(w []sfu.WantedTrack) { p.note(func() { p.wanted = append(p.wanted, w...) }) }})
	return p
}

func (p *person) note(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *person) offered(offer uint64, sdp string, tracks []sfu.DownTrack) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tracks = tracks
	if p.sub == nil {
		pc, err := p.api.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			p.b.t.Error(err)
			return
		}
		p.sub = pc
		pc.OnTrack(p.arrived)
	}
	err := p.sub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp})
	if err == nil {
		var answer webrtc.SessionDescription
		if answer, err = p.sub.CreateAnswer(nil); err == nil {
			if err = p.sub.SetLocalDescription(answer); err == nil {
				err = p.peer.Answer(offer, answer.SDP)
			}
		}
	}
	if err != nil && !errors.Is(err, sfu.ErrClosed) && !errors.Is(err, webrtc.ErrConnectionClosed) {
		p.b.t.Error(err)
	}
}

// arrived shows a video, or listens.
func (p *person) arrived(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	p.run.Add(1)
	defer p.run.Done()
	if remote.Kind() == webrtc.RTPCodecTypeAudio {
		p.listen(remote)
		return
	}
	mid := receiver.RTPTransceiver().Mid()
	p.mu.Lock()
	s := &screen{}
	for _, t := range p.tracks {
		if t.MID == mid {
			p.shows[t.Peer] = s
		}
	}
	p.mu.Unlock()
	newBuilder := func() *samplebuilder.SampleBuilder {
		return samplebuilder.New(512, &codecs.VP8Packet{}, videoClock, samplebuilder.WithMaxTimeDelay(repair.GiveUp))
	}
	builder := newBuilder()
	var missing repair.Asker
	var leap repair.Leap[*rtp.Packet]
	var leapt *rtp.Packet // what is before it was given up
	p.read(remote, &missing, func(packet *rtp.Packet) {
		if len(packet.Payload) == 0 {
			s.padding()
		}
		if leapt == nil || int16(packet.SequenceNumber-leapt.SequenceNumber) > 0 {
			builder.Push(packet)
		}
		if on := leap.Got(&missing, packet.SequenceNumber, packet.Timestamp, packet.Marker, keyframe.Begins("vp8", packet.Payload), packet, time.Now()); on != nil {
			builder, leapt = newBuilder(), on[0]
			for _, p := range on {
				builder.Push(p)
			}
		}
		for sample := builder.Pop(); sample != nil; sample = builder.Pop() {
			if !s.frame(sample.Data) && s.mayAsk() {
				_ = p.sub.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(remote.SSRC())}})
			}
		}
	})
}

// read gives the packets of a track, and asks for those that are missing.
func (p *person) read(remote *webrtc.TrackRemote, missing *repair.Asker, got func(*rtp.Packet)) {
	for {
		if next, ok := missing.Next(); ok {
			_ = remote.SetReadDeadline(next)
		} else {
			_ = remote.SetReadDeadline(time.Time{})
		}
		packet, _, err := remote.ReadRTP()
		if due := missing.Due(time.Now(), nil); len(due) > 0 {
			_ = p.sub.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{MediaSSRC: uint32(remote.SSRC()), Nacks: rtcp.NackPairsFromSequenceNumbers(due)}})
		}
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			continue
		}
		if err != nil {
			return
		}
		missing.Got(packet.SequenceNumber, time.Now())
		got(packet)
	}
}

// screen is what this person sees of another.
func (p *person) screen(of string) *screen {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.shows[of]
	if s == nil {
		s = &screen{}
	}
	return s
}

// publish announces the source.
func (p *person) publish(c source) {
	t := p.b.t
	t.Helper()
	var err error
	p.pub, err = p.api.NewPeerConnection(webrtc.Configuration{})
	must(t, err)
	up, transceiver := c.attach(t, p.pub)
	offer, err := p.pub.CreateOffer(nil)
	must(t, err)
	gathered := webrtc.GatheringCompletePromise(p.pub)
	must(t, p.pub.SetLocalDescription(offer))
	<-gathered
	up.MID = transceiver.Mid()
	answer, err := p.peer.Publish(p.pub.LocalDescription().SDP, []sfu.UpTrack{up})
	must(t, err)
	connected := make(chan struct{})
	var once sync.Once
	p.pub.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(connected) })
		}
	})
	must(t, p.pub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
	p.run.Go(func() {
		select {
		case <-connected:
			c.run(p.done)
		case <-p.done:
		}
	})
}

// rebind changes the ports that the SFU sees.
func (p *person) rebind() { p.b.conn.Rebind(p.host.ip) }

func (p *person) close() {
	if !p.left {
		p.left = true
		p.leave()
		p.b.free = append(p.b.free, p.host)
	}
}

func (p *person) leave() {
	close(p.done)
	p.peer.Close()
	p.mu.Lock()
	pub, sub := p.pub, p.sub
	p.mu.Unlock()
	for _, pc := range []*webrtc.PeerConnection{pub, sub} {
		if pc != nil {
			_ = pc.GracefulClose()
		}
	}
	p.run.Wait()
}
