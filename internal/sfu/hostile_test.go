package sfu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
)

// marker is in what attackers send, and must not arrive in anybody else's name.
const marker = "sent by the attacker"

// meeting is a call that goes on while others attack.
type meeting struct {
	t    *testing.T
	sfu  *SFU
	room *Room
	a, b *client
}

func newMeeting(t *testing.T) *meeting {
	t.Helper()
	s := newSFU(t, Config{})
	m := &meeting{t: t, sfu: s, room: s.Room("r")}
	m.a, m.b = join(t, m.room, "A"), join(t, m.room, "B")
	m.a.add("cam", "vp8")
	m.a.add("mic", "opus")
	m.a.publish()
	m.b.subscribed("A/cam/vp8", "A/mic/opus")
	m.b.next("key frame", func(p packet) bool { return p.Label == "cam" && KeyFrame(p.Codec, p.Payload) })
	return m
}

// goesOn: what A sends arrives at B, and nothing else in A's name; nobody has lost a connection.
func (m *meeting) goesOn() {
	m.t.Helper()
	m.b.goesOn("camera or sound of A")
	m.b.next("a later packet of A's camera", func(p packet) bool { return p.Peer == "A" && p.Label == "cam" })
	for _, p := range m.b.seen {
		if p.Peer == "A" && bytes.Contains(p.Payload, []byte(marker)) {
			m.t.Error("the attacker's packet came as A's")
		}
	}
	for _, c := range []*client{m.a, m.b} {
		select {
		case err := <-c.failed:
			m.t.Errorf("%s: %v", c.id, err)
		default:
		}
	}
}

// attacker is a member of the room who has keys to its own connections and knows its own socket.
type attacker struct {
	*client
	meeting *meeting
	socket  *net.UDPConn
	seal    *srtp.Context
}

// attacker publishes a camera, on the only connection it has.
func (m *meeting) attacker() *attacker {
	m.t.Helper()
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = socket.Close() })
	c := joinWith(m.t, m.room, "E", clientOn(m.t, []webrtc.NetworkType{webrtc.NetworkTypeUDP4}, socket))
	c.silent.Store(true)
	e := &attacker{client: c, meeting: m, socket: socket}
	// Its numbers do not wrap before the SFU has seen the first: the attacker's own context knows of no rollover.
	e.add("cam", "vp8").changed = func(p *rtp.Packet) { p.SequenceNumber += 100 }
	e.publish()
	m.b.next("packet of the attacker's own camera", func(p packet) bool { return p.Peer == "E" })
	if _, e.seal, err = newContexts(e.pub); err != nil {
		m.t.Fatal(err)
	}
	return e
}

func (e *attacker) send(b []byte) { _, _ = e.socket.WriteTo(b, e.meeting.sfu.Addr()) }

func (e *attacker) sendRTP(p *rtp.Packet) {
	raw, err := p.Marshal()
	if err != nil {
		e.t.Fatal(err)
	}
	sealed, err := e.seal.EncryptRTP(nil, raw, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	e.send(sealed)
}

func (e *attacker) sendRTCP(compound []byte) {
	sealed, err := e.seal.EncryptRTCP(nil, compound, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	e.send(sealed)
}

// gets shows that the attacker's packets arrive at all: sealed and of its own stream, this one passes, in its own name.
func (e *attacker) gets() {
	e.t.Helper()
	head := frame("vp8", true)[:12]
	e.sendRTP(&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 102, SSRC: e.ssrc(), SequenceNumber: 1000, Marker: true}, Payload: append(head, marker...)})
	e.meeting.b.next("the attacker's packet in its own name", func(p packet) bool { return p.Peer == "E" && bytes.Contains(p.Payload, []byte(marker)) })
	e.meeting.b.seen = nil
}

func (e *attacker) ssrc() uint32 {
	return uint32(e.up["cam"].tr.Sender().GetParameters().Encodings[0].SSRC)
}

// garbage is malformed in the ways that each protocol on the port can be, and random.
func garbage(ufrag string, yield func([]byte) bool) {
	random := rand.New(rand.NewPCG(5, 5))
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	request := stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewUsername(ufrag+":x"), stun.NewShortTermIntegrity("wrong"), stun.Fingerprint)
	cookie := func(length uint16, rest []byte) []byte {
		b := append([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, noise(12)...)
		binary.BigEndian.PutUint16(b[2:], length)
		return append(b, rest...)
	}
	fixed := [][]byte{
		{}, {0}, {0x80}, noise(1500), noise(8192), noise(65000),
		request.Raw, request.Raw[:len(request.Raw)-1], cookie(0, nil), cookie(0xffff, nil), cookie(4, []byte{0, 6, 0xff, 0xff}), cookie(4, noise(4)),
		{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, append([]byte{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, noise(1200)...), // DTLS
		{0x80, 96, 0, 1}, append([]byte{0x9f, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, 0xbe, 0xde, 0xff, 0xff), append([]byte{0x80, 200, 0xff, 0xff}, noise(8)...), // RTP, RTCP
		{0x40, 0, 0xff, 0xff, 1},
	}
	for _, b := range fixed {
		if !yield(b) {
			return
		}
	}
	first := []byte{0, 1, 20, 22, 63, 64, 79, 128, 144, 0x90, 191, 255}
	for range 5000 {
		b := noise(1 + random.IntN(200))
		b[0] = first[random.IntN(len(first))]
		if !yield(b) {
			return
		}
	}
}

func TestS5_GarbageFromStrangers(t *testing.T) {
	m := newMeeting(t)
	to := m.sfu.Addr().String()
	for range 3 {
		conn, err := net.Dial("udp4", to)
		if err != nil {
			t.Fatal(err)
		}
		garbage(ufrag(t, m.a.pub.RemoteDescription().SDP), func(b []byte) bool {
			_, _ = conn.Write(b)
			return true
		})
		_ = conn.Close()
	}
	m.goesOn()
}

func TestS5_GarbageFromAParticipant(t *testing.T) {
	m := newMeeting(t)
	e := m.attacker()
	garbage(ufrag(t, e.pub.RemoteDescription().SDP), func(b []byte) bool {
		e.send(b)
		return true
	})
	m.goesOn()
	m.b.next("packet of the attacker's own camera", func(p packet) bool { return p.Peer == "E" }) // whom it harms least of all
}

// RTP without SRTP is none.
func TestS5_PlainRTP(t *testing.T) {
	m := newMeeting(t)
	e := m.attacker()
	e.gets()
	before := m.sfu.Stats()
	for i := range uint16(1000) {
		p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 102, SSRC: e.ssrc(), SequenceNumber: 40000 + i, Marker: true}, Payload: []byte(marker)}
		raw, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		e.send(raw)
	}
	m.goesOn()
	for _, p := range m.b.seen {
		if bytes.Contains(p.Payload, []byte(marker)) {
			t.Error("a packet passed that was not sealed")
		}
	}
	if after := m.sfu.Stats(); after.PacketsIn-before.PacketsIn > 900 {
		t.Errorf("%d packets were taken", after.PacketsIn-before.PacketsIn)
	}
}

// Sealed as it should be, and malformed all the same; or of streams that are others'.
func TestS5_SealedGarbage(t *testing.T) {
	m := newMeeting(t)
	e := m.attacker()
	e.gets()
	own := e.ssrc()
	var foreign []uint32
	for _, cam := range m.a.up {
		foreign = append(foreign, uint32(cam.tr.Sender().GetParameters().Encodings[0].SSRC))
	}
	payload := []byte(marker)
	for i := range uint16(500) {
		for _, ssrc := range append(foreign, 0, 1, 0xffffffff, uint32(i)*7919) {
			e.sendRTP(&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 102, SSRC: ssrc, SequenceNumber: i, Marker: true}, Payload: payload})
		}
		e.sendRTP(&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: uint8(i & 127), SSRC: own, SequenceNumber: 30000 + i, CSRC: make([]uint32, 15)}, Payload: payload})
		e.sendRTP(&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 102, SSRC: own, SequenceNumber: 32000 + i}})
		e.sendRTP(&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 102, SSRC: own, SequenceNumber: 34000 + i, Padding: true, PaddingSize: 255}, Payload: payload[:i%20]})
		odd := rtp.Header{Version: 2, PayloadType: 102, SSRC: own, SequenceNumber: 36000 + i, Extension: true, ExtensionProfile: 0x1000}
		for id := uint8(1); id < 15; id++ {
			_ = odd.SetExtension(id, bytes.Repeat([]byte{byte(i)}, int(i)%100)) // too long ones are left out
		}
		e.sendRTP(&rtp.Packet{Header: odd, Payload: payload})
	}
	// The padding's length is more than there is.
	raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 102, SSRC: own, SequenceNumber: 38000}, Payload: []byte{255}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	raw[0] |= 0x20
	if sealed, err := e.seal.EncryptRTP(nil, raw, nil); err == nil {
		e.send(sealed)
	}
	m.goesOn()
}

// Reports about others' streams change nothing for them.
func TestS5_SealedReports(t *testing.T) {
	m := newMeeting(t)
	e := m.attacker()
	random := rand.New(rand.NewPCG(6, 6))
	asked := m.a.up["cam"].asked.Load()
	cam := uint32(m.a.up["cam"].tr.Sender().GetParameters().Encodings[0].SSRC)
	for range 200 {
		good, err := rtcp.Marshal([]rtcp.Packet{
			&rtcp.ReceiverReport{SSRC: 77, Reports: []rtcp.ReceptionReport{{SSRC: cam, FractionLost: 255}}},
			&rtcp.PictureLossIndication{SenderSSRC: 77, MediaSSRC: cam},
			&rtcp.FullIntraRequest{SenderSSRC: 77, FIR: []rtcp.FIREntry{{SSRC: cam}}},
			&rtcp.TransportLayerNack{SenderSSRC: 77, MediaSSRC: cam, Nacks: []rtcp.NackPair{{PacketID: uint16(random.Uint32()), LostPackets: 0xffff}}},
			&rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: 77, Bitrate: 1, SSRCs: []uint32{cam}},
			&rtcp.Goodbye{Sources: []uint32{cam}},
			&rtcp.SenderReport{SSRC: cam, NTPTime: random.Uint64(), RTPTime: random.Uint32()},
		})
		if err != nil {
			t.Fatal(err)
		}
		e.sendRTCP(good)
		for range 10 {
			bad := bytes.Clone(good)
			for range 1 + random.IntN(6) {
				bad[8+random.IntN(len(bad)-8)] = byte(random.Uint32())
			}
			e.sendRTCP(bad[:8+random.IntN(len(bad)-7)])
		}
	}
	m.goesOn()
	if n := m.a.up["cam"].asked.Load() - asked; n > 2 {
		t.Errorf("the attacker's reports became %d requests to A", n)
	}
}

// Checks from ever more addresses, all of them in order, are no way to fill our memory.
func TestS5_ChecksFromManyAddresses(t *testing.T) {
	m := newMeeting(t)
	e := m.attacker()
	theirs, ours := ufrag(t, e.pub.RemoteDescription().SDP), ufrag(t, e.pub.LocalDescription().SDP)
	_, rest, _ := strings.Cut(e.pub.RemoteDescription().SDP, "a=ice-pwd:")
	password, _, _ := strings.Cut(rest, "\r\n")
	for i := range maxFrom + 50 {
		conn, err := net.Dial("udp4", m.sfu.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		check := stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewUsername(theirs+":"+ours), stun.NewShortTermIntegrity(password), stun.Fingerprint)
		_, _ = conn.Write(check.Raw)
		if i == 0 { // it is a check as it should be
			_ = conn.SetReadDeadline(time.Now().Add(deadline))
			if _, err := conn.Read(make([]byte, 1500)); err != nil {
				t.Fatal(err)
			}
		}
		_ = conn.Close()
	}
	select {
	case err := <-e.failed:
		if !errors.Is(err, ErrConnection) {
			t.Error(err)
		}
	case <-time.After(deadline):
		t.Error("the attacker goes on")
	}
	m.goesOn()
}

// A flood costs its sender, not the others, and leaves nothing behind.
func TestS5_Flood(t *testing.T) {
	m := newMeeting(t)
	e := m.attacker()
	own := e.ssrc()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	payload := bytes.Repeat([]byte(marker), 50)
	for i := range uint32(30_000) {
		p := &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 102, SSRC: own, SequenceNumber: uint16(i), Timestamp: i, Marker: i%3 == 0}, Payload: payload}
		if i%2 == 1 {
			p.SSRC = i // a stream of its own
		}
		e.sendRTP(p)
	}
	m.goesOn()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 32<<20 {
		t.Errorf("%d MiB more on the heap", grown>>20)
	}
}

// Descriptions that are no good are refused, one by one, and change nothing for their sender or the others.
func TestS5_Descriptions(t *testing.T) {
	m := newMeeting(t)
	e := m.attacker()
	files, err := filepath.Glob("testdata/fuzz/Fuzz*/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	good, list := e.description()
	random := rand.New(rand.NewPCG(7, 7))
	bad := []string{"", "v=0", strings.Repeat("a", maxOffer+1), strings.Repeat("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", 1000), good + good}
	for _, name := range files {
		corpus, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bad = append(bad, string(corpus))
	}
	for range 300 {
		mutant := []byte(good)
		for range 1 + random.IntN(3) {
			i := random.IntN(len(mutant))
			mutant = append(mutant[:i], mutant[min(len(mutant), i+random.IntN(30)):]...)
		}
		bad = append(bad, string(mutant))
	}
	other := join(t, m.room, "F") // whose answers are no better
	for _, sdp := range bad {
		if _, _, err := readOffer(sdp); err == nil {
			continue // what is well-formed may be taken
		}
		if _, err := e.peer.Publish(sdp, list); !errors.Is(err, ErrDescription) && !errors.Is(err, ErrTracks) {
			t.Errorf("%.200q: %v", sdp, err)
		}
		for offer := range uint64(3) {
			if err := other.peer.Answer(offer, sdp); err == nil {
				t.Errorf("%.200q: taken as an answer", sdp)
			}
		}
	}
	m.goesOn()
	m.b.next("packet of the attacker's own camera", func(p packet) bool { return p.Peer == "E" })
}
