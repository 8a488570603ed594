package sfu

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	// resendGap is the least time between two copies of one packet: below any round trip worth retransmitting over, and
	// above the pace of receivers that ask in every report.
	resendGap = 15 * time.Millisecond

	// copies of one packet that are sent at most. Some receivers (Pion's NACK generator) ask without end for what has come
	// back over its stream of retransmissions.
	copies = 5

	// A receiver is sent so many packets again, so that nobody can make us send more than was sent before.
	resendsPerSecond = 1000
	resendBurst      = 250
)

// resender answers one subscriber's requests for packets of one track that were lost (RFC 4585 §6.2.1), over a stream of
// its own (RFC 4588): the same packet again under the same number would be the same SRTP nonce again.
type resender struct {
	ssrc     uint32 // 0: the subscriber has not negotiated retransmission
	payload  uint8
	sequence uint16
	sent     map[uint16]copied
	tokens   float64
	at       time.Time
	kept     keptPacket
	scratch  []byte
}

// copied is when a packet was sent again last, and how often.
type copied struct {
	at time.Time
	n  int
}

// newResender uses what Pion negotiated for the stream.
func newResender(context webrtc.TrackLocalContext, retransmission webrtc.PayloadType) resender {
	for _, c := range context.CodecParameters() {
		if c.PayloadType == retransmission && retransmission != 0 {
			return resender{ssrc: uint32(context.SSRCRetransmission()), payload: uint8(retransmission)}
		}
	}
	return resender{}
}

// allow says whether the packet may be sent again.
func (r *resender) allow(sequence uint16, now time.Time) bool {
	r.tokens = min(resendBurst, r.tokens+resendsPerSecond*now.Sub(r.at).Seconds())
	r.at = now
	before := r.before(sequence, now)
	return r.tokens >= 1 && before.n < copies && now.Sub(before.at) >= resendGap
}

// spend is called when it is sent again, and not before: what is asked for has not come itself yet, or there is no room for it.
func (r *resender) spend(sequence uint16, now time.Time) {
	n := r.before(sequence, now).n + 1
	r.tokens--
	if r.sent == nil || len(r.sent) >= historySize {
		r.sent = make(map[uint16]copied)
	}
	r.sent[sequence] = copied{now, n}
}

func (r *resender) before(sequence uint16, now time.Time) copied {
	before := r.sent[sequence]
	if now.Sub(before.at) > historySpan { // another packet's: numbers wrap
		return copied{}
	}
	return before
}

// resend sends a packet of the track again.
func (d *downTrack) resend(sequence uint16, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.up.codec.keyFrame == nil {
		d.resendSound(sequence, now)
		return
	}
	r := &d.again
	if r.ssrc == 0 || !d.open || d.writer == nil || !r.allow(sequence, now) {
		return
	}
	stream, number, edit, ok := d.rewriter.Find(sequence)
	if !ok || int(stream) >= len(d.up.streams) {
		return
	}
	s := d.up.streams[stream]
	if !s.history.take(number, &r.kept) {
		return
	}
	if d.numbers != 0 && !d.subscriber.sub.way.mayRepair(now, len(r.kept.payload)) {
		return
	}
	r.spend(sequence, now)
	p := &r.kept.packet
	values := extensionValues(r.kept.values)
	values[extensionDescriptor] = d.editDescriptorAgain(values[extensionDescriptor], &edit)
	r.sequence++
	d.header = rtp.Header{Version: 2, Marker: edit.Marker(p), PayloadType: r.payload, SequenceNumber: r.sequence,
		Timestamp: p.Timestamp + edit.Timestamp, SSRC: r.ssrc, Extensions: d.values[:0]}
	d.ids.write(&d.header, &values)
	copy(r.kept.payload, d.head[:edit.Head(p, r.kept.payload, &d.head)])
	r.scratch = binary.BigEndian.AppendUint16(r.scratch[:0], sequence)
	r.scratch = append(r.scratch, r.kept.payload...)
	if d.send(&d.header, r.scratch, classAgain, now) == nil {
		d.subscriber.sfu.stats.packetsAgain.Add(1)
	}
}
