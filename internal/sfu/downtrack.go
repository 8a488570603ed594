package sfu

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// downTrack is a track as forwarded to one subscriber. It is a webrtc.TrackLocal: Pion binds it when the subscriber's answer
// is there, and unbinds it at the end.
type downTrack struct {
	up         *upTrack
	subscriber *Peer
	id, stream string
	tr         *webrtc.RTPTransceiver // set before it is used, never changed

	mu      sync.Mutex
	writer  webrtc.TrackLocalWriter // nil while not bound
	ssrc    uint32
	payload uint8
	first   uint64 // extended sequence number of the first packet sent; 0: none yet
	ids     extensionIDs
	again   resender
	packets uint32 // sent; for sender reports
	octets  uint32
	refused bool                          // by the subscriber's last answer
	open    bool                          // the connection is up
	header  rtp.Header                    // scratch
	values  [extensionCount]rtp.Extension // scratch
}

// RID, ID, StreamID and Kind make it a webrtc.TrackLocal.
func (d *downTrack) RID() string               { return "" }
func (d *downTrack) ID() string                { return d.id }
func (d *downTrack) StreamID() string          { return d.stream }
func (d *downTrack) Kind() webrtc.RTPCodecType { return d.up.codec.kind }

// Bind is called by Pion with what the subscriber's answer left. When the codec is not among it there is nothing to send, but
// that is no error: an error here would refuse the whole answer because of one track.
func (d *downTrack) Bind(context webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	for _, c := range context.CodecParameters() {
		if !equalMIME(c.MimeType, d.up.codec.capability.MimeType) {
			continue
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.writer = context.WriteStream()
		d.ssrc, d.payload = uint32(context.SSRC()), uint8(c.PayloadType)
		d.ids = newExtensionIDs(context.HeaderExtensions())
		d.again = newResender(context, d.up.codec.rtx)
		return c, nil
	}
	return d.up.codec.parameters(), nil
}

// Unbind is called by Pion when the track is removed or the connection closes.
func (d *downTrack) Unbind(webrtc.TrackLocalContext) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writer = nil
	return nil
}

// start lets packets through once the connection is up: what is sent before is lost, a key frame above all. It reports
// whether that made a difference.
func (d *downTrack) start() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open || d.refused || d.writer == nil {
		return false
	}
	d.open = true
	return true
}

// refuse ends or resumes forwarding as the subscriber's answer says.
func (d *downTrack) refuse(refused bool) {
	d.mu.Lock()
	d.refused = refused
	d.open = d.open && !refused
	d.mu.Unlock()
	if refused {
		d.up.keyFramePassed(d)
	}
}

// write sends one packet with this subscriber's SSRC, payload type and extension ids; sequence numbers and timestamps stay,
// so gaps remain visible to the receiver. It reports whether the packet went out.
//
// Nothing older than the first packet sent is sent: SRTP's rollover counter starts with that one and cannot count below it.
func (d *downTrack) write(s *upStream, packet *rtp.Packet, number uint64, values *extensionValues) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open || d.writer == nil || number < d.first || s.index != 0 {
		return false
	}
	if d.first == 0 {
		d.first = number
	}
	h := &d.header
	*h = rtp.Header{
		Version: packet.Version, Padding: packet.Padding, PaddingSize: packet.Header.PaddingSize, Marker: packet.Marker,
		PayloadType: d.payload, SequenceNumber: packet.SequenceNumber, Timestamp: packet.Timestamp, SSRC: d.ssrc,
		Extensions: d.values[:0],
	}
	d.ids.write(h, values)
	if _, err := d.writer.WriteRTP(h, packet.Payload); err != nil {
		return false
	}
	d.packets++
	d.octets += uint32(len(packet.Payload))
	stats := &d.subscriber.sfu.stats
	stats.packetsOut.Add(1)
	stats.bytesOut.Add(uint64(len(packet.Payload)))
	return true
}

// feedback reads the subscriber's RTCP.
func (d *downTrack) feedback(sender *webrtc.RTPSender) {
	buffer := make([]byte, maxPacket)
	for {
		n, _, err := sender.Read(buffer)
		if err != nil {
			return
		}
		now := time.Now()
		readFeedback(buffer[:n], d.wantKeyFrame, func(sequence uint16) { d.resend(sequence, now) })
	}
}

// report tells the subscriber which moment of the publisher's clock a timestamp is (RFC 3550 §6.4.1), so that the
// publisher's tracks play in step. The moment is the publisher's own word.
func (d *downTrack) report(s *upStream, from *rtcp.SenderReport) *rtcp.SenderReport {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open || d.packets == 0 || s.index != 0 {
		return nil
	}
	return &rtcp.SenderReport{SSRC: d.ssrc, NTPTime: from.NTPTime, RTPTime: from.RTPTime, PacketCount: d.packets, OctetCount: d.octets}
}

// wantKeyFrame does nothing for audio, nor before or after the time when a key frame could arrive.
func (d *downTrack) wantKeyFrame() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if keys := d.up.streams[0].keys; keys != nil && d.open && d.writer != nil {
		keys.want(d)
	}
}
