package sfu

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu/reception"
)

// path is all that a packet passes, without the negotiation before it: a publisher's sealed packet goes in where the socket
// would have read it, and comes out at receivers' sockets.
type path struct {
	t        testing.TB
	sfu      *SFU
	from     netip.AddrPort
	sealer   *srtp.Context // the publisher's
	video    *upTrack
	packet   rtp.Packet
	plain    []byte
	sealed   []byte
	scratch  []byte
	sequence uint16
	ssrc     uint32
	intake   *intake
	in       *inlet
}

const (
	pathTransport = 3 // id of the header extension
	pathPayload   = 1041
	videoSSRC     = 1000
	vp8Payload    = 96
)

func sealing(t testing.TB, options ...srtp.ContextOption) *srtp.Context {
	t.Helper()
	c, err := srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm, options...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newPath has so many receivers; what they are sent goes to sockets that nobody reads.
func newPath(t testing.TB, receivers int) *path {
	s, err := New(Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p := &path{t: t, sfu: s, from: netip.MustParseAddrPort("192.0.2.1:1"), sealer: sealing(t), ssrc: videoSSRC, plain: make([]byte, 1500), sealed: make([]byte, 1600), scratch: make([]byte, 1600)}
	publisher := newPeer(s, "publisher", Callbacks{})
	publisher.room = &room{id: "r"}
	publisher.room.speakers = newSpeakers(publisher.room, DefaultVoices)
	p.video = newUpTrack(publisher, UpTrack{MID: "0", Label: "camera", Codec: "vp8"}, func(*upStream) {})
	source := newSource(publisher)
	source.track.Store(p.video)
	up := s.newLink()
	up.in, up.out, up.packet = sealing(t, srtp.SRTPReplayProtection(replayWindow)), sealing(t), make([]byte, 2000)
	up.route(sink(t))
	intake := newIntake(up)
	intake.transportID = pathTransport
	remote := &webrtc.TrackRemote{}
	p.video.streams[0].remote.Store(remote)
	in := &inlet{source: source, remote: remote, codecs: map[uint8]*codec{vp8Payload: p.video.codec}, ssrc: videoSSRC, asks: true, account: reception.NewVideo(videoClock)}
	intake.inlets[videoSSRC], intake.all = in, []*inlet{in}
	p.intake, p.in = intake, in
	s.links.move(up, netip.AddrPort{}, p.from)
	for i := range receivers {
		peer := newPeer(s, "receiver", Callbacks{})
		peer.room = publisher.room
		down := s.newLink()
		down.out, down.packet = sealing(t), make([]byte, 2000)
		down.route(sink(t))
		peer.sub.link = down
		d := newDownTrack(p.video, peer)
		d.writer, d.ssrc, d.payload, d.open, d.numbers = down, uint32(5000+i), vp8Payload, true, pathTransport
		p.video.attach(d)
	}
	p.send(pathPayload, true, true)
	return p
}

func sink(t testing.TB) netip.AddrPort {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// send brings one packet in.
func (p *path) send(payload int, key, marker bool) {
	sealed, err := p.sealer.EncryptRTP(p.sealed, p.next(payload, key, marker), &p.packet.Header)
	if err != nil {
		p.t.Fatal(err)
	}
	if !p.sfu.links.take(sealed, p.scratch, p.from) {
		p.t.Fatal("not taken")
	}
}

// next is the next packet, as it is before it is sealed.
func (p *path) next(payload int, key, marker bool) []byte {
	p.sequence++
	p.packet.Header = rtp.Header{Version: 2, PayloadType: vp8Payload, SSRC: p.ssrc, SequenceNumber: p.sequence, Timestamp: uint32(p.sequence) * 500,
		Marker: marker, Extension: true, ExtensionProfile: rtp.ExtensionProfileOneByte, Extensions: p.packet.Extensions[:0]}
	_ = p.packet.SetExtension(pathTransport, binary.BigEndian.AppendUint16(p.sealed[:0], p.sequence))
	n, err := p.packet.Header.MarshalTo(p.plain)
	if err != nil {
		p.t.Fatal(err)
	}
	frame := p.plain[n : n+payload]
	copy(frame, []byte{0x90, 0xf0, 0x80 | byte(p.sequence>>8)&0x7f, byte(p.sequence), byte(p.sequence), byte(p.sequence) & 0x1f, 1})
	if key {
		frame[6] = 0
	}
	return p.plain[:n+payload]
}

// frame is of six packets, of two sizes as libwebrtc cuts them.
func (p *path) frame() {
	for i := range 6 {
		p.send(pathPayload+i/3, false, i == 5)
	}
}

// TestForwardingAllocatesNothing: from the socket to ten receivers' sockets, in steady state.
func TestForwardingAllocatesNothing(t *testing.T) {
	p := newPath(t, 10)
	for range 200 { // the history fills
		p.frame()
	}
	before := p.sfu.Stats().PacketsOut
	if n := testing.AllocsPerRun(200, p.frame); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
	if sent := p.sfu.Stats().PacketsOut - before; sent != 201*6*10 {
		t.Errorf("%d packets sent", sent)
	}
}

// BenchmarkForward is one packet to one of fifty receivers.
func BenchmarkForward(b *testing.B) {
	p := newPath(b, 50)
	n := 0
	for b.Loop() {
		if n%300 == 0 {
			p.frame()
		}
		n++
	}
}
