package call

import (
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4/pkg/media/samplebuilder"

	"github.com/grotto-meet/grotto/internal/repair"
	"github.com/grotto-meet/grotto/internal/wire"
)

// How long the assembler waits for a packet that is missing: for as long as it is asked for. After this the frame is given
// up and a key frame asked for.
const (
	maxLatePackets = 512
	maxLateTime    = repair.GiveUp
)

// sealedFrame is a frame as it left the sender's sealer.
type sealedFrame struct {
	data      []byte
	timestamp uint32 // RTP
	loss      bool   // something before this frame was given up
}

// assembler puts the packets of one track in order and together again. Use it from one goroutine.
type assembler struct {
	depacketizer rtp.Depacketizer
	builder      *samplebuilder.SampleBuilder
	codec        codecInfo
	cut          bool // a frame without its end was given up
	begun        bool
	newest       rtp.Header // with the highest sequence number
	given        bool       // a whole frame was
	last         uint16     // number of the last packet of what was given
	leapt        bool       // what is before first was given up
	first        uint16
}

func newAssembler(codec codecInfo) *assembler {
	var d rtp.Depacketizer
	switch codec.wire {
	case wire.CodecVP8:
		d = &codecs.VP8Packet{}
	case wire.CodecVP9:
		d = &vp9Layers{}
	case wire.CodecAV1:
		// Gives OBUs with sizes, also where the packetizer took them off; mediacrypt ignores the sizes.
		d = &codecs.AV1Depacketizer{}
	case wire.CodecH264:
		d = h264Units{}
	default:
		d = &codecs.OpusPacket{}
	}
	a := &assembler{depacketizer: d, codec: codec}
	a.begin(nil)
	return a
}

// begin gives up all packets but these, which begin a key frame, and those to come. It does nothing if the builder gave up
// what is before by itself and has come to that key frame: it would be given twice.
func (a *assembler) begin(packets []*rtp.Packet) (frames []sealedFrame) {
	if a.given && len(packets) > 0 && int16(packets[0].SequenceNumber-a.last) <= 0 {
		return nil
	}
	a.builder = samplebuilder.New(maxLatePackets, a.depacketizer, a.codec.params.ClockRate,
		samplebuilder.WithMaxTimeDelay(maxLateTime), samplebuilder.WithRTPHeaders(true))
	a.cut = false
	if len(packets) > 0 {
		a.leapt, a.first = true, packets[0].SequenceNumber
	}
	for _, p := range packets {
		frames = append(frames, a.push(p)...)
	}
	return frames
}

// push takes a packet, which must not be changed afterwards, and gives the frames that are whole now.
func (a *assembler) push(p *rtp.Packet) []sealedFrame {
	if len(p.Payload) == 0 {
		// Padding: a probe of the sender's, on its own or to end a burst. It has a sequence number of its own, which the
		// builder would take for a frame that lost its head; but skipping it would leave a gap. So the builder has it.
		p.Marker = false
	}
	if !a.begun || int16(p.SequenceNumber-a.newest.SequenceNumber) > 0 {
		a.begun, a.newest = true, p.Header
	}
	if a.leapt {
		ahead := int16(p.SequenceNumber - a.first)
		if ahead < 0 { // to the builder it would be a gap of its own
			return nil
		}
		a.leapt = ahead < maxLatePackets
	}
	a.builder.Push(p)
	return a.pop()
}

// flush gives what is left when the track has ended. The builder's own Flush may run past its end, and through all 65,536
// numbers for each of them; a packet from so late that nothing waits any longer does the same.
func (a *assembler) flush() []sealedFrame {
	if !a.begun {
		return nil
	}
	late := uint32(2 * maxLateTime.Seconds() * float64(a.codec.params.ClockRate))
	a.builder.Push(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: a.newest.SequenceNumber + 1, Timestamp: a.newest.Timestamp + late}})
	return a.pop()
}

func (a *assembler) pop() (frames []sealedFrame) {
	for s := a.builder.Pop(); s != nil; s = a.builder.Pop() {
		if a.codec.video && !whole(s.RTPHeaders) {
			a.cut = true
			continue
		}
		a.given, a.last = true, s.RTPHeaders[len(s.RTPHeaders)-1].SequenceNumber
		loss := a.cut || s.PrevDroppedPackets > 0
		layers, lost := a.layers(s.Data)
		for _, data := range layers {
			if len(data) > 0 {
				frames = append(frames, sealedFrame{data: data, timestamp: s.PacketTimestamp, loss: loss})
				loss = false
			}
		}
		a.cut = lost || loss
	}
	return frames
}

// layers are the sealed frames of a picture, the lowest first; one, unless the stream has spatial layers.
func (a *assembler) layers(picture []byte) (frames [][]byte, lost bool) {
	switch a.codec.wire {
	case wire.CodecVP9:
		return cutVP9(picture)
	case wire.CodecAV1:
		return cutAV1(picture), false
	}
	return [][]byte{picture}, false
}

// whole says whether these are all packets of one frame, given that the first begins one and no number is missing. A
// sender that is short of time drops packets before it numbers them, so a frame can lack its end without a gap; the
// builder then runs on into the next frame, up to its marker. Each frame has a timestamp of its own, and a marker at
// its end (RFC 7741 §4.1, RFC 9628 §4.1; AV1 RTP specification §4.2, RFC 6184 §5.1).
func whole(packets []*rtp.Header) bool {
	last := packets[len(packets)-1]
	return last.Marker && packets[0].Timestamp == last.Timestamp
}
