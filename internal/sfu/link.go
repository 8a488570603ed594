package sfu

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu/burst"
)

// link is the media of one PeerConnection, past Pion: packets are taken where the socket is read and sent where they were
// made, through SRTP of our own. Pion keeps ICE, DTLS and the descriptions. What that saves is four goroutines' turns on the
// way in, and as many locks on the way out.
//
// The link is made with its PeerConnection and opened when that is connected; until then nothing passes.
type link struct {
	sfu *SFU
	rtp func(h *rtp.Header, packet []byte, at time.Time) bool // receiving's lock is held; false: leave it to Pion
	// rtcp is given compound packets, under receiving's lock.
	rtcp func(compound []byte, at time.Time)

	receiving sync.Mutex // of what follows
	in        *srtp.Context
	header    rtp.Header
	reports   rtcp.Header
	streams   map[uint32]struct{} // that in keeps something of, for ever
	closed    bool

	sending sync.Mutex // of what follows
	out     *srtp.Context
	to      netip.AddrPort
	dest    dest       // writes there; nil: nowhere
	opening rtp.Header // scratch of EncryptRTP
	packet  []byte     // nil until something is sent
	frame   frameSize
	sounds  *sounds // nil: none is sent again
}

// sealOverhead is the most that SRTP and SRTCP add: a tag of 16 bytes, and an index of 4.
const sealOverhead = 20

var errNotOpen = errors.New("sfu: the connection is not up")

func (s *SFU) newLink() *link {
	return &link{sfu: s}
}

// open lets media pass. It is called again when the connection comes up anew, with another address.
func (l *link) open(pc *webrtc.PeerConnection) error {
	l.receiving.Lock()
	opened, closed := l.in != nil, l.closed
	l.receiving.Unlock()
	if opened || closed {
		return nil
	}
	in, out, err := newContexts(pc)
	if err != nil {
		return err
	}
	transport := pc.SCTP().Transport().ICETransport()
	transport.OnSelectedCandidatePairChange(l.follow)
	l.receiving.Lock()
	l.in = in
	l.receiving.Unlock()
	l.sending.Lock()
	l.out = out
	l.sending.Unlock()
	if pair, err := transport.GetSelectedCandidatePair(); err == nil && pair != nil {
		l.follow(pair)
	}
	return nil
}

// follow sends to the address that ICE has chosen, and takes what comes from there.
func (l *link) follow(pair *webrtc.ICECandidatePair) {
	ip, err := netip.ParseAddr(pair.Remote.Address)
	if err != nil {
		return
	}
	l.route(netip.AddrPortFrom(ip.Unmap(), pair.Remote.Port))
}

func (l *link) route(to netip.AddrPort) {
	l.sending.Lock()
	defer l.sending.Unlock()
	if l.out == nil { // closed
		return
	}
	from := l.to
	l.to, l.dest = to, l.sfu.links.dest(to)
	l.sfu.links.move(l, from, to)
}

func (l *link) close() {
	l.receiving.Lock()
	l.closed = true
	l.receiving.Unlock()
	l.sending.Lock()
	from := l.to
	defer l.sending.Unlock()
	l.out, l.sounds, l.to, l.dest = nil, nil, netip.AddrPort{}, nil
	l.sfu.links.move(l, from, netip.AddrPort{})
}

// take is given what came from this link's address and reports whether it is done with.
func (l *link) take(b, scratch []byte, at time.Time) bool {
	l.receiving.Lock()
	defer l.receiving.Unlock()
	if l.closed {
		return true
	}
	if l.in == nil {
		return false
	}
	ssrc := binary.BigEndian.Uint32(b[8:])
	if isRTCP(b) {
		ssrc = binary.BigEndian.Uint32(b[4:])
	}
	if _, known := l.streams[ssrc]; !known && len(l.streams) >= maxStreams {
		return true
	}
	if isRTCP(b) {
		plain, err := l.in.DecryptRTCP(scratch, b, &l.reports)
		if err == nil {
			l.knows(ssrc)
			if l.rtcp != nil {
				l.rtcp(plain, at)
			}
		}
		return true
	}
	plain, err := l.in.DecryptRTP(scratch, b, &l.header)
	if err != nil {
		// Pion may have seen more of this stream than we have, so it looks at it once more. Not at what came twice: it would
		// take that for the beginning of another stream.
		return l.rtp == nil || !errors.Is(err, srtp.ErrFailedToVerifyAuthTag)
	}
	l.knows(ssrc)
	return l.rtp == nil || l.rtp(&l.header, plain, at)
}

// knows notes a stream that has shown to be the client's.
func (l *link) knows(ssrc uint32) {
	if l.streams == nil {
		l.streams = map[uint32]struct{}{}
	}
	l.streams[ssrc] = struct{}{}
}

// maxStreams bounds the SSRCs of one connection: SRTP keeps a replay window of each. Honest clients have some tens.
const maxStreams = 2048

// The first bytes of RTP and RTCP are 128 to 191 (RFC 7983 §7); RTCP's second is 192 to 223 (RFC 5761 §4).
func isMedia(b []byte) bool { return len(b) > rtpHeader && b[0]>>6 == 2 }
func isRTCP(b []byte) bool  { return b[1] >= 192 && b[1] <= 223 }

const rtpHeader = 12

// WriteRTP seals and sends a packet. It makes the link a [webrtc.TrackLocalWriter] for all tracks of the connection.
func (l *link) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	l.sending.Lock()
	defer l.sending.Unlock()
	if !l.ready() {
		return 0, errNotOpen
	}
	if !h.Padding && waits(h.PayloadType) {
		l.frame.align(h, len(payload))
	}
	size := h.MarshalSize() + len(payload) + int(h.PaddingSize)
	if size+sealOverhead > len(l.packet) {
		return 0, errTooLong
	}
	n, err := h.MarshalTo(l.packet)
	if err != nil {
		return 0, err
	}
	n += copy(l.packet[n:], payload)
	if h.Padding && h.PaddingSize > 0 {
		clear(l.packet[n:size])
		l.packet[size-1] = h.PaddingSize
	}
	sealed, err := l.out.EncryptRTP(l.packet, l.packet[:size], &l.opening)
	if err != nil {
		return 0, err
	}
	if l.sounds != nil && !waits(h.PayloadType) {
		l.sounds.keep(h, sealed, time.Now())
	}
	return l.dest.Write(sealed)
}

// ready makes room for a packet if there is somewhere to send it. The lock is held.
func (l *link) ready() bool {
	if l.out == nil || l.dest == nil {
		return false
	}
	if l.packet == nil {
		l.packet = make([]byte, maxPacket+sealOverhead)
	}
	return true
}

// alignment of video packets. The packets of a frame differ by a byte (libwebrtc cuts frames into even parts), and the kernel
// takes only packets of one size in one call; with RTP's padding (RFC 3550 §5.1) they are. It costs 4 bytes a packet.
const alignment = 8

// frameSize is what the packets of one frame are made as large as.
type frameSize struct {
	ssrc, timestamp uint32
	size            int
}

func (f *frameSize) align(h *rtp.Header, payload int) {
	size := h.MarshalSize() + payload
	if spare := f.size - size; f.ssrc != h.SSRC || f.timestamp != h.Timestamp || spare < 0 || spare > alignment+1 {
		// A byte at least, since those that follow may have one more.
		*f = frameSize{h.SSRC, h.Timestamp, size + alignment - size%alignment}
	}
	if padding := f.size - size; padding > 0 {
		h.Padding, h.PaddingSize = true, byte(padding)
	}
}

// Write is for packets that are written out. Nobody has such.
func (l *link) Write(b []byte) (int, error) {
	var packet rtp.Packet
	if err := packet.Unmarshal(b); err != nil {
		return 0, err
	}
	return l.WriteRTP(&packet.Header, packet.Payload)
}

var errTooLong = errors.New("sfu: packet too long")

// writeRTCP seals and sends a compound packet.
func (l *link) writeRTCP(compound []byte) error {
	l.sending.Lock()
	defer l.sending.Unlock()
	if !l.ready() {
		return errNotOpen
	}
	var h rtcp.Header
	sealed, err := l.out.EncryptRTCP(l.packet, compound, &h)
	if err != nil {
		return err
	}
	_, err = l.dest.Write(sealed)
	return err
}

// links is the way between the socket and the links.
type links struct {
	conn net.PacketConn

	mu     sync.RWMutex
	byAddr map[netip.AddrPort]*link
}

func (s *links) move(l *link, from, to netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byAddr[from] == l {
		delete(s.byAddr, from)
	}
	if to.IsValid() {
		s.byAddr[to] = l
	}
}

// take is given every packet that comes, and reports whether it is done with.
func (s *links) take(b, scratch []byte, from netip.AddrPort) bool {
	if !isMedia(b) {
		return false
	}
	s.mu.RLock()
	l := s.byAddr[netip.AddrPortFrom(from.Addr().Unmap(), from.Port())]
	s.mu.RUnlock()
	return l != nil && l.take(b, scratch, time.Now())
}

// dest is what writes to one address: a [burst.Dest], or a socket of another kind with the address.
type dest interface{ Write(b []byte) (int, error) }

func (s *links) dest(to netip.AddrPort) dest {
	if c, ok := s.conn.(*burst.Conn); ok {
		return c.Dest(to)
	}
	return plainDest{s.conn, net.UDPAddrFromAddrPort(to)}
}

type plainDest struct {
	conn net.PacketConn
	to   net.Addr
}

func (d plainDest) Write(b []byte) (int, error) { return d.conn.WriteTo(b, d.to) }

// watched is a socket of another kind than UDP, as tests have, whose media is taken on the way.
type watched struct {
	net.PacketConn
	sfu     *SFU
	scratch []byte
}

func (w watched) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, addr, err := w.PacketConn.ReadFrom(b)
		n = min(n, burst.MaxDatagram)
		if udp, ok := addr.(*net.UDPAddr); err == nil && ok && w.sfu.links.take(b[:n], w.scratch, udp.AddrPort()) {
			w.sfu.tender.passed()
			continue
		}
		return n, addr, err
	}
}
