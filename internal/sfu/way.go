package sfu

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu/allot"
	"github.com/grotto-meet/grotto/internal/sfu/bwe"
	"github.com/grotto-meet/grotto/internal/sfu/pace"
)

// way is the way to one subscriber: what it carries, and how that is divided among the videos that it is sent.
type way struct {
	reports atomic.Bool                  // the subscriber negotiated feedback
	videos  atomic.Pointer[[]*downTrack] // replaced, never changed
	urgent  atomic.Bool                  // the estimate fell

	pacing pacing

	mu        sync.Mutex // the innermost: nothing is called under it
	estimator bwe.Estimator
	pacer     pace.Pacer
	sound     int     // bytes of it since the allocator looked
	repair    float64 // bits that may be sent again now
	repaired  time.Time

	// What follows is the allocator's.
	allocator allot.Allocator[*downTrack]
	begun     time.Time
	looked    time.Time
	next      time.Time
	speech    float64 // bits a second of sound, smoothed
	wanted    float64 // bits a second that a better picture would take; 0: all are as good as they are wanted
}

// carry sets what is sent this way.
func (w *way) carry(tracks []*downTrack) {
	videos := slices.DeleteFunc(slices.Clone(tracks), func(d *downTrack) bool { return d.up.codec.keyFrame == nil })
	w.videos.Store(&videos)
}

// packetCost is what a packet's header takes besides what [bwe.Overhead] says.
const packetCost = 20

const (
	// repairShare of what the way carries may be sent again, and so much of it at once, and nothing while a queue is full:
	// receivers ask for all that it dropped, and to put that there again makes it worse. They ask once more, or for a key
	// frame.
	repairShare = 0.25
	repairSpan  = 300 * time.Millisecond
	repairLeast = 20_000 // bits
)

// mayRepair spends what a packet takes that is sent again, if there is room.
func (w *way) mayRepair(now time.Time, payload int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.estimator.Fed() {
		return true
	}
	rate := repairShare * w.estimator.Rate()
	w.repair = min(w.repair+rate*now.Sub(w.repaired).Seconds(), rate*repairSpan.Seconds()+repairLeast)
	w.repaired = now
	bits := float64(payload+packetCost+bwe.Overhead) * 8
	if w.repair < bits || w.estimator.Full(now) {
		return false
	}
	w.repair -= bits
	return true
}

// receive reads what a compound packet of RTCP says about the way, and reports whether there is less room than before.
func (w *way) receive(b []byte, now time.Time) (fell bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.estimator.Rate()
	readWay(b, func(feedback []byte) { _ = w.estimator.Feedback(now, feedback) }, func(bits float64) {
		if !w.estimator.Fed() { // else we know better
			w.estimator.Limit(max(1, bits))
		}
	})
	if fell = w.estimator.Rate() < before; fell {
		w.urgent.Store(true)
	}
	w.pacer.SetRate(w.estimator.Pace(now))
	if fell && w.estimator.Full(now) {
		w.pacer.Hold(now, w.estimator.Backlog(now))
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

// measure looks for what the subscriber reports: transport-wide feedback, or else its own estimate. It must be called with
// the lock held.
func (d *downTrack) measure(context webrtc.TrackLocalContext, c webrtc.RTPCodecParameters) {
	says := func(kind string) bool {
		return slices.ContainsFunc(c.RTCPFeedback, func(f webrtc.RTCPFeedback) bool { return f.Type == kind })
	}
	d.numbers = 0
	for _, e := range context.HeaderExtensions() {
		if e.URI == sdp.TransportCCURI && e.ID > 0 && e.ID < 256 && says(webrtc.TypeRTCPFBTransportCC) {
			d.numbers = uint8(e.ID)
		}
	}
	if d.numbers != 0 || says(webrtc.TypeRTCPFBGoogREMB) {
		d.subscriber.sub.way.reports.Store(true)
	}
	if d.numbers != 0 && d.up.codec.keyFrame != nil {
		d.allowed = firstLayers
		d.retarget()
	}
}

// wish is what the subscriber asks for: how much a video matters, how large it is to be, and whether it is wanted at all.
func (d *downTrack) wish() (rank Rank, size int, wants bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shown.Rank, int(d.want.spatial), d.open && d.up.codec.keyFrame != nil && !d.want.none()
}

// paddingSize is the most that a packet may have (RFC 3550 §5.1).
const paddingSize = 255

// pad sends padding on the track's stream for retransmission, where numbers do not matter to the video, and returns how much
// of it is left to send.
func (d *downTrack) pad(bytes int, now time.Time) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := &d.again
	if r.ssrc == 0 || !d.open || d.writer == nil || d.numbers == 0 {
		return bytes
	}
	for ; bytes > 0; bytes -= paddingSize + packetCost + bwe.Overhead {
		r.sequence++
		d.header = rtp.Header{Version: 2, Padding: true, PaddingSize: paddingSize, PayloadType: r.payload,
			SequenceNumber: r.sequence, Timestamp: d.rewriter.Timestamp(), SSRC: r.ssrc, Extensions: d.values[:0]}
		if d.send(&d.header, nil, classPadding, now) != nil {
			return 0
		}
		d.subscriber.sfu.stats.packetsEmpty.Add(1)
	}
	return bytes
}
