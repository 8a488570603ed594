package call

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/keyframe"
	"github.com/grotto-meet/grotto/internal/repair"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/mediacrypt"
	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	keyFrameRetry = time.Second            // between requests of a key frame: until one has opened, and after loss
	askEvery      = 100 * time.Millisecond // between questions to the agent about frames that do not open
	soundLate     = 250 * time.Millisecond // the server keeps it a little longer, to send it again once
	tellEvery     = 100 * time.Millisecond // between telling it of frames that failed
)

// track takes one remote track from packets to opened frames. It runs in one goroutine.
type track struct {
	session *session
	id      TrackID
	ref     olmkeys.Ref
	codec   codecInfo
	source  mediacrypt.Source
	pc      *webrtc.PeerConnection
	remote  *webrtc.TrackRemote
	from    *sender
	order   *mediacrypt.Order // of sound; nil for pictures
	missing repair.Asker
	leap    repair.Leap[*rtp.Packet]
	arrived arrivals

	verified  mediacrypt.KeyID // of the last frame that opened
	opened    bool
	asked     *atomic.Bool // for a key frame, by somebody else
	troubled  bool         // the agent was told of trouble since it last heard that frames verify
	wantKey   bool         // no key frame yet, or loss since
	askedKey  time.Time
	askedKeys time.Time
	toldAt    time.Time
}

func newTrack(s *session, pc *webrtc.PeerConnection, remote *webrtc.TrackRemote, sub wire.Subscription) (*track, bool) {
	codec, ok := codecNamed(sub.Codec)
	source, known := sourceOf(sub.Source)
	if !ok || !known {
		return nil, false
	}
	ref := refOf(sub.From)
	from := s.ring.sender(ref)
	var missing repair.Asker
	if !codec.video {
		missing.GiveUp = soundLate
	}
	return &track{
		session: s, ref: ref, codec: codec, source: source, pc: pc, remote: remote,
		from: from, order: from.order(source), missing: missing,
		id:      TrackID{From: ref, Source: sub.Source, Codec: sub.Codec, Serial: s.call.nextSerial()},
		wantKey: codec.video, asked: new(atomic.Bool),
	}, true
}

func (t *track) run() {
	t.session.call.asked.Store(t.id, t.asked)
	defer t.session.call.asked.Delete(t.id)
	assembler := newAssembler(t.codec)
	t.count(func(*TrackReport) {}) // it is listed, whether or not a frame opens
	for {
		t.requestKeyFrame()
		p, err := t.read()
		if err != nil {
			break
		}
		frames := assembler.push(p)
		if on := t.leaps(p); on != nil {
			frames = append(frames, assembler.begin(on)...)
		}
		for _, f := range frames {
			t.frame(f)
		}
	}
	for _, f := range assembler.flush() {
		t.frame(f)
	}
	if r := t.session.call.config.Recorder; r != nil {
		r.end(t.id)
	}
}

// leaps returns the packets of a key frame to go on with, if it is time to give up what is missing before it.
func (t *track) leaps(p *rtp.Packet) []*rtp.Packet {
	if !t.codec.video {
		return nil
	}
	return t.leap.Got(&t.missing, p.SequenceNumber, p.Timestamp, p.Marker, keyframe.Begins(string(t.codec.wire), p.Payload), p, time.Now())
}

// read gives the next packet of the track, and asks for those that are missing meanwhile.
func (t *track) read() (*rtp.Packet, error) {
	for {
		if due := t.missing.Due(time.Now(), nil); len(due) > 0 {
			_ = t.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{MediaSSRC: uint32(t.remote.SSRC()), Nacks: rtcp.NackPairsFromSequenceNumbers(due)}})
		}
		next, _ := t.missing.Next() // zero: no deadline
		if err := t.remote.SetReadDeadline(next); err != nil {
			return nil, err
		}
		p, _, err := t.remote.ReadRTP()
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			continue
		}
		if err != nil {
			return nil, err
		}
		now := time.Now()
		t.arrived.note(p.Timestamp, now)
		t.missing.Got(p.SequenceNumber, now)
		return p, nil
	}
}

func (t *track) frame(f sealedFrame) {
	if f.loss {
		t.wantKey = t.codec.video
	}
	if t.from.gone.Load() {
		t.count(func(r *TrackReport) { r.FramesNoKey++ })
		return
	}
	data, h, err := t.from.opener.Open(nil, t.source, t.codec.crypt, f.data)
	if errors.Is(err, mediacrypt.ErrUnknownKey) {
		if !t.keyWanted(h.KID) {
			t.count(func(r *TrackReport) { r.FramesNoKey++ })
			return
		}
		data, h, err = t.from.opener.Open(nil, t.source, t.codec.crypt, f.data)
	}
	switch {
	case errors.Is(err, mediacrypt.ErrUnknownKey):
		t.count(func(r *TrackReport) { r.FramesNoKey++ })
	case err != nil:
		t.count(func(r *TrackReport) { r.FramesFailed++ })
		t.failed(h.KID)
	case t.disordered(h, f.timestamp):
		t.count(func(r *TrackReport) { r.FramesFailed++ }) // not the key's fault, so the agent need not know
	default:
		t.show(data, h.KID, f.timestamp)
	}
}

// disordered says whether this is sound that was said at another time than its RTP timestamp claims, as when a server
// plays speech in an order of its own. A remote track has one SSRC, so a serial of ours names its run of timestamps.
func (t *track) disordered(h mediacrypt.Header, timestamp uint32) bool {
	return t.order != nil && t.order.Accept(h, timestamp, uint64(t.id.Serial)) != nil
}

// show hands an opened frame on.
func (t *track) show(data []byte, kid mediacrypt.KeyID, timestamp uint32) {
	if !t.opened || t.troubled || kid != t.verified {
		t.verified, t.troubled = kid, false
		t.session.post(func() { t.session.handle(olmkeys.FrameOpened{From: t.ref, KID: uint64(kid)}) })
	}
	key := keyFrame(t.codec.wire, data)
	if key {
		t.wantKey = false
	}
	first := !t.opened
	t.opened = true
	t.count(func(r *TrackReport) {
		if first {
			r.FirstFrameMS = t.session.call.sinceStart()
		}
		if !key && t.codec.video && r.FramesOpened == r.FramesEarly {
			r.FramesEarly++
		}
		r.FramesOpened++
		r.Bytes += int64(len(data))
	})
	f := Frame{Track: t.id, Key: key, Timestamp: timestamp, Arrived: t.arrived.of(timestamp), Data: data}
	if r := t.session.call.config.Recorder; r != nil && r.frame(f) {
		t.count(func(r *TrackReport) { r.FramesWritten++ })
	}
	if p := t.session.call.config.Player; p != nil {
		p.frame(f)
	}
	if t.session.call.config.OnFrame != nil {
		t.session.call.config.OnFrame(f)
	}
}

// keyWanted asks the agent for the key of a KID and says whether it is worth another try. Frames that nobody can open
// must not keep the agent busy.
func (t *track) keyWanted(kid mediacrypt.KeyID) bool {
	if time.Since(t.askedKeys) < askEvery {
		return false
	}
	t.askedKeys, t.troubled = time.Now(), true
	return t.session.do(func() { t.session.handle(olmkeys.KeyWanted{From: t.ref, KID: uint64(kid)}) })
}

// failed tells the agent, who acts on three failures within half a second: a flood of forged frames must not keep it busy.
func (t *track) failed(kid mediacrypt.KeyID) {
	if time.Since(t.toldAt) < tellEvery {
		return
	}
	t.toldAt, t.troubled = time.Now(), true
	t.session.post(func() { t.session.handle(olmkeys.FrameFailed{From: t.ref, KID: uint64(kid)}) })
}

// requestKeyFrame asks the sender for a key frame, again and again until one has opened: the first request may come
// before the sender can answer it, and senders answer one of several at most.
func (t *track) requestKeyFrame() {
	t.wantKey = t.asked.Swap(false) && t.codec.video || t.wantKey
	if !t.wantKey || time.Since(t.askedKey) < keyFrameRetry {
		return
	}
	t.askedKey = time.Now()
	_ = t.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(t.remote.SSRC())}})
}

func (t *track) count(change func(*TrackReport)) { t.session.call.tally.track(t.id, change) }
