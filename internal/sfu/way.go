package sfu

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu/allot"
	"github.com/grotto-meet/grotto/internal/sfu/bwe"
)

// way is the way to one subscriber: what it carries, and how that is divided among the videos that it is sent.
type way struct {
	reports atomic.Bool                  // the subscriber negotiated feedback
	videos  atomic.Pointer[[]*downTrack] // replaced, never changed
	urgent  atomic.Bool                  // the estimate fell

	mu        sync.Mutex // the innermost: nothing is called under it
	estimator bwe.Estimator
	sound     int // bytes of it since the allocator looked

	// What follows is the allocator's.
	allocator allot.Allocator[*downTrack]
	begun     time.Time
	looked    time.Time
	next      time.Time
	speech    float64 // bits a second of sound, smoothed
	wanted    float64 // bits a second that a better picture would take; 0: all are as good as they are wanted
}

// packetCost is what a packet's header takes besides what [bwe.Overhead] says.
const packetCost = 20

// sent records a packet and returns its transport-wide number.
func (w *way) sent(now time.Time, payload int, sound bool) uint16 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if sound {
		w.sound += payload + packetCost + bwe.Overhead
	}
	return w.estimator.Sent(now, payload+packetCost)
}

// receive reads what a compound packet of RTCP says about the way, and reports whether there is less room than before.
func (w *way) receive(b []byte, now time.Time) (fell bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.estimator.Rate()
	readWay(b, func(feedback []byte) { _ = w.estimator.Feedback(now, feedback) }, func(bits float64) { w.estimator.Limit(bits) })
	if fell = w.estimator.Rate() < before; fell {
		w.urgent.Store(true)
	}
	return fell
}

// RTCP that tells of the way: transport-wide feedback, and receiver estimated maximum bitrate
// (draft-alvestrand-rmcat-remb-03 §2.2).
const (
	formatTransport = 15
	formatREMB      = 15
	rembSize        = 20 // up to the bitrate
)

// readWay finds it in a compound packet. Packets that break off end it.
func readWay(b []byte, feedback func([]byte), limit func(bits float64)) {
	for len(b) >= rtcpHeader {
		size := rtcpHeader * (1 + int(binary.BigEndian.Uint16(b[2:])))
		if size > len(b) {
			return
		}
		switch kind, format := b[1], b[0]&0x1f; {
		case kind == rtcpTransport && format == formatTransport:
			feedback(b[:size])
		case kind == rtcpPayload && format == formatREMB && size >= rembSize && string(b[12:16]) == "REMB":
			number := binary.BigEndian.Uint32(b[16:])
			limit(float64(number&0x3ffff) * float64(uint64(1)<<(number>>18&0x3f)))
		}
		b = b[size:]
	}
}

// transportID is the id of the header extension for transport-wide numbers, 0 if the subscriber has not negotiated both that
// and the feedback.
func transportID(context webrtc.TrackLocalContext, c webrtc.RTPCodecParameters) uint8 {
	if !slices.ContainsFunc(c.RTCPFeedback, func(f webrtc.RTCPFeedback) bool { return f.Type == webrtc.TypeRTCPFBTransportCC }) {
		return 0
	}
	for _, e := range context.HeaderExtensions() {
		if e.URI == sdp.TransportCCURI && e.ID > 0 && e.ID < 256 {
			return uint8(e.ID)
		}
	}
	return 0
}
