package sfu

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
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
	ids     extensionIDs
	numbers uint8 // id of the extension with the transport-wide number; 0: not negotiated
	again   resender
	packets uint32 // sent; for sender reports
	octets  uint32
	refused bool // by the subscriber's last answer
	open    bool // the connection is up

	selector selector
	rewriter rewrite.Rewriter
	epoch    uint32      // of the stream that is sent, see upStream.moved
	want     layerChoice // by what the subscriber shows
	shown    Shown
	allowed  layerChoice  // by the room on the way
	lost     bool         // the receiver waits for a key frame
	told     Stream       // to the subscriber
	at       time.Time    // of the newest packet sent
	interest atomic.Int32 // layers wanted; read without the lock
	budget   budget       // of key frames; has a lock of its own

	header     rtp.Header                        // scratch
	values     [extensionCount + 1]rtp.Extension // scratch
	wide       [2]byte                           // scratch: the transport-wide number
	head       [rewrite.MaxHead]byte             // scratch
	descriptor []byte                            // scratch
}

// newDownTrack makes one that is sent all there is.
func newDownTrack(up *upTrack, subscriber *Peer) *downTrack {
	d := &downTrack{up: up, subscriber: subscriber, want: allLayers, allowed: allLayers}
	d.selector.encodings = up.encodings()
	d.interest.Store(int32(allLayers.spatial))
	d.retarget()
	return d
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
		d.writer = d.subscriber.sub.link
		d.ssrc, d.payload = uint32(context.SSRC()), uint8(c.PayloadType)
		d.ids = newExtensionIDs(context.HeaderExtensions())
		d.again = newResender(context, d.up.codec.rtx)
		d.subscriber.sub.addressed(d, d.ssrc)
		d.measure(context, c)
		if d.up.codec.keyFrame == nil && slices.Contains(c.RTCPFeedback, askedAgain) {
			d.subscriber.sub.link.keepSounds()
		}
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

// start lets packets through once the connection is up: what is sent before is lost, a key frame above all.
func (d *downTrack) start() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open || d.refused || d.writer == nil {
		return
	}
	d.open, d.lost = true, true
	d.askForKeyFrames()
}

// refuse ends or resumes forwarding as the subscriber's answer says.
func (d *downTrack) refuse(refused bool) {
	d.mu.Lock()
	d.refused = refused
	if refused {
		d.open, d.selector.sending = false, false
	}
	d.mu.Unlock()
	if refused {
		d.up.keyFramePassed(d)
	}
}

// write sends one packet if it is of the layers that this subscriber gets: with its SSRC, payload type and extension ids, and
// with the numbers of one stream without gaps but those that the network made, see package rewrite. Nobody else sends while
// it runs, so the payload's beginning is changed where it lies, and put back.
func (d *downTrack) write(s *upStream, packet *rtp.Packet, values *extensionValues, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open || d.writer == nil {
		return
	}
	number, edit, begins, ok := d.number(s, now)
	if !ok {
		return
	}
	p := &s.packet
	h := &d.header
	*h = rtp.Header{
		Version: packet.Version, Padding: packet.Padding, PaddingSize: packet.Header.PaddingSize, Marker: edit.Marker(p),
		PayloadType: d.payload, SequenceNumber: number, Timestamp: packet.Timestamp + edit.Timestamp, SSRC: d.ssrc,
		Extensions: d.values[:0],
	}
	out := *values
	out[extensionDescriptor] = d.editDescriptor(s, values[extensionDescriptor], edit, begins)
	d.ids.write(h, &out)
	n := edit.Head(p, packet.Payload, &d.head)
	d.swap(packet.Payload, n)
	err := d.send(h, packet.Payload, d.class(), now)
	d.swap(packet.Payload, n)
	stats := &d.subscriber.sfu.stats
	if errors.Is(err, errNoRoom) {
		stats.packetsLeftOut.Add(1)
		d.stop()
		return
	}
	if err != nil {
		stats.packetsUnsent.Add(1)
		return
	}
	if p.Key && s.keys != nil {
		d.lost = false
		d.askForKeyFrames()
	}
	d.at = now
	d.packets++
	d.octets += uint32(len(packet.Payload))
	stats.packetsOut.Add(1)
	stats.bytesOut.Add(uint64(len(packet.Payload)))
}

// swap changes the payload's beginning, and changes it back.
func (d *downTrack) swap(payload []byte, n int) {
	for i := range n {
		payload[i], d.head[i] = d.head[i], payload[i]
	}
}

// number decides about the stream's packet, and gives it its number if it is sent. Late packets are judged by the place
// that was kept for them alone.
func (d *downTrack) number(s *upStream, now time.Time) (number uint16, edit *rewrite.Edit, begins, ok bool) {
	p, stream := &s.packet, uint8(s.index)
	if _, current := d.rewriter.Current(); d.selector.sending && current == stream && d.epoch != s.epoch {
		d.selector.sending = false
		d.askForKeyFrames()
	}
	if d.selector.sending && d.rewriter.Late(stream, p) {
		return d.rewriter.Fill(stream, p)
	}
	if d.crowded(p) {
		d.subscriber.sfu.stats.packetsLeftOut.Add(1)
		return 0, nil, false, false
	}
	before := d.selector.current
	switch d.selector.next(int8(stream), p) {
	case verdictIgnore:
		return 0, nil, false, false
	case verdictDrop:
		d.rewriter.Drop(p, s.descriptor)
		if d.selector.held == heldTooLong {
			d.askForKeyFrames()
		}
		return 0, nil, false, false
	case verdictBegin:
		d.rewriter.Begin(stream, p, d.timestamp(s, now), d.selector.top(), d.activeTargets(s))
		d.epoch = s.epoch
		d.tell()
	case verdictForward:
		if p.Key || d.selector.current != before {
			d.rewriter.Layers(p, d.selector.top(), d.activeTargets(s))
			d.tell()
		}
	}
	return d.rewriter.Forward(p)
}

// report tells the subscriber which moment of the publisher's clock a timestamp is (RFC 3550 §6.4.1), so that the
// publisher's tracks play in step. The moment is the publisher's own word.
func (d *downTrack) report(s *upStream, from *rtcp.SenderReport) *rtcp.SenderReport {
	d.mu.Lock()
	defer d.mu.Unlock()
	edit, stream := d.rewriter.Current()
	if !d.open || d.packets == 0 || int(stream) != s.index {
		return nil
	}
	return &rtcp.SenderReport{SSRC: d.ssrc, NTPTime: from.NTPTime, RTPTime: from.RTPTime + edit.Timestamp, PacketCount: d.packets, OctetCount: d.octets}
}

// wantKeyFrame does nothing for audio, nor before or after the time when a key frame could arrive.
func (d *downTrack) wantKeyFrame() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lost = true
	d.askForKeyFrames()
}
