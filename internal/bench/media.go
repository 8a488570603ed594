package main

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/mediacrypt"
)

// What a participant sends: a picture of 1.5 Mbit/s, whose frames differ in size and are cut as a browser cuts them,
// and sound. Both are sealed.
const (
	framesPerSecond = 30
	frameBytes      = 1_500_000 / 8 / framesPerSecond
	frameSpread     = frameBytes * 3 / 10 // a frame is so much larger or smaller than the mean
	keyFrameFactor  = 4
	maxPayload      = 1100
	soundsPerSecond = 50
	soundBytes      = 80
)

// A packet carries a stamp over its sealed bytes: nobody opens them here, and a server that could tell would not be blind.
//
//	magic (4) feed (4) number (8) when it was sent (8)
const stampSize = 24

var magic = []byte{0xC0, 0xDE, 0xFE, 0xED}

// began is the zero of stamps: sender and receiver are one process.
var began = time.Now()

// track is one publication.
type track struct {
	local   *webrtc.TrackLocalStaticRTP
	source  wire.Source
	codec   wire.Codec
	feed    uint32
	sealer  *mediacrypt.Sealer
	sent    atomic.Uint64
	wantKey atomic.Bool
	packet  rtp.Packet
	buffer  []byte
}

func newTrack(publisher string, feed uint32, video bool) (*track, error) {
	t := &track{source: wire.SourceMic, codec: wire.CodecOpus, feed: feed, packet: rtp.Packet{Header: rtp.Header{Version: 2}}}
	capability := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	if video {
		t.source, t.codec = wire.SourceCamera, wire.CodecVP8
		capability = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	}
	var err error
	if t.local, err = webrtc.NewTrackLocalStaticRTP(capability, publisher+string(t.source), publisher); err != nil {
		return nil, err
	}
	t.sealer, err = mediacrypt.NewSealer(mediacrypt.NewKeyID(uint32(feed), 0), mediacrypt.BaseKey{1})
	return t, err
}

func (t *track) video() bool { return t.source == wire.SourceCamera }

// write sends a packet; the stamp goes over its last bytes but those that say what the frame is.
func (t *track) write(payload []byte, at int) {
	stamp := payload[at:]
	copy(stamp, magic)
	binary.BigEndian.PutUint32(stamp[4:], t.feed)
	binary.BigEndian.PutUint64(stamp[8:], t.sent.Add(1))
	binary.BigEndian.PutUint64(stamp[16:], uint64(time.Since(began)))
	t.packet.Payload = payload
	_ = t.local.WriteRTP(&t.packet) // before the connection is up there is nobody to send to
	t.packet.SequenceNumber++
}

// feedback answers requests for key frames, as an encoder does.
func (t *track) feedback(sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				t.wantKey.Store(true)
			}
		}
	}
}

// run sends until stop is closed. Publishers are out of step by phase, as they are in life.
func (t *track) run(stop <-chan struct{}, phase time.Duration) {
	if t.video() {
		t.wantKey.Store(true)
		random := rand.New(rand.NewPCG(1, uint64(t.feed)))
		pace(stop, time.Second/framesPerSecond, phase, func(i int) { t.picture(i, random) })
		return
	}
	frame := make([]byte, soundBytes)
	pace(stop, time.Second/soundsPerSecond, phase, func(i int) {
		t.packet.Timestamp = uint32(i) * (48000 / soundsPerSecond)
		t.buffer, _ = t.sealer.Seal(t.buffer[:0], mediacrypt.SourceMic, mediacrypt.CodecOpus, frame) // frames are whole and few
		t.write(t.buffer, len(t.buffer)-stampSize)
	})
}

// descriptorSize is that of libwebrtc's VP8 payload descriptor (RFC 7741 §4.2): picture id of 15 bits, TL0PICIDX, TID and KEYIDX.
const descriptorSize = 6

func (t *track) picture(i int, random *rand.Rand) {
	size, first := frameBytes-frameSpread+random.IntN(2*frameSpread), byte(0x11)
	if t.wantKey.Swap(false) {
		size, first = size*keyFrameFactor, 0x10
	}
	frame := make([]byte, size)
	copy(frame, []byte{first, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1})
	t.buffer, _ = t.sealer.Seal(t.buffer[:0], mediacrypt.SourceCamera, mediacrypt.CodecVP8, frame)
	t.packet.Timestamp = uint32(i) * (90000 / framesPerSecond)
	pieces := cutEvenly(t.buffer, maxPayload-descriptorSize)
	for k, piece := range pieces {
		payload := append([]byte{0x80, 0xF0, 0x80 | byte(i>>8)&0x7f, byte(i), byte(i), byte(i) & 0x1f}, piece...)
		if k == 0 {
			payload[0] |= 0x10
		}
		t.packet.Marker = k == len(pieces)-1
		t.write(payload, len(payload)-stampSize)
	}
}

// cutEvenly cuts a frame as libwebrtc's packetizers do: the least number of packets, of about one size.
func cutEvenly(frame []byte, most int) [][]byte {
	n := (len(frame) + most - 1) / most
	var pieces [][]byte
	for ; n > 0; n-- {
		size := len(frame) / n
		pieces = append(pieces, frame[:size])
		frame = frame[size:]
	}
	return pieces
}

// pace calls back at even times; what was missed is made up for.
func pace(stop <-chan struct{}, every, phase time.Duration, call func(i int)) {
	next := time.Now().Add(phase)
	timer := time.NewTimer(phase)
	defer timer.Stop()
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-timer.C:
		}
		call(i)
		next = next.Add(every)
		timer.Reset(time.Until(next))
	}
}

// stamp is what a packet says of itself.
type stamp struct {
	feed   uint32
	number uint64 // of the feed's packets, from 1
	sent   time.Duration
}

// readStamp finds the stamp at the end of a packet, before the padding.
func readStamp(packet []byte) (s stamp, ok bool) {
	const rtpHeader, padded = 12, 0x20
	if len(packet) > rtpHeader && packet[0]&padded != 0 {
		packet = packet[:max(0, len(packet)-int(packet[len(packet)-1]))]
	}
	if len(packet) < rtpHeader+stampSize {
		return s, false
	}
	b := packet[len(packet)-stampSize:]
	s = stamp{binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint64(b[8:]), time.Duration(binary.BigEndian.Uint64(b[16:]))}
	return s, bytes.Equal(b[:len(magic)], magic)
}
