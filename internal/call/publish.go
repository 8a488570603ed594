package call

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/mediacrypt"
)

// mtu bounds an RTP packet, so that with SRTP, UDP and IPv6 around it it fits every path (RFC 8200 §5: 1,280).
const mtu = 1200

// publisher is the publishing peer connection: this side offers.
type publisher struct {
	session *session
	pc      *webrtc.PeerConnection
	ways    *ways
	files   []*publication
	tracks  []*webrtc.RTPTransceiver // of the files, in their order
	running sync.WaitGroup
	asked   bool // an offer is not answered yet, and
	again   bool // is old

	mu      sync.Mutex
	started bool
	over    bool
}

// publication is a file on its way into a track.
type publication struct {
	session   *session
	media     Media
	codec     codecInfo
	source    mediacrypt.Source
	loop      *loop
	track     *webrtc.TrackLocalStaticRTP
	sender    *webrtc.RTPSender
	packets   rtp.Packetizer
	vp9       *vp9Payloader // set for VP9
	keyWanted atomic.Bool   // somebody needs a key frame
	resting   atomic.Bool   // nobody is sent this
}

func newPublisher(s *session) *publisher { return &publisher{session: s} }

// begin publishes the files of the configuration, if there are any. What fails ends the session.
func (p *publisher) begin() {
	if len(p.session.call.publishing()) == 0 {
		return
	}
	if err := p.connect(); err != nil {
		p.session.end = err
		return
	}
	p.publish(nil, func() {})
}

// publish offers the tracks; heard is called when the server has answered, however.
func (p *publisher) publish(options *webrtc.OfferOptions, heard func()) {
	offer, err := p.offer(options)
	if err != nil {
		p.session.mediaFailed(err)
		return
	}
	p.asked = true
	err = p.session.signalling.request(offer, func(m wire.ServerMessage) {
		heard()
		p.asked = false
		if answer, ok := m.(*wire.Published); ok {
			if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: p.ways.narrowed(answer.SDP)}); err != nil {
				p.session.mediaFailed(err)
			}
		}
		if p.again {
			p.renew()
		}
	})
	if err != nil {
		p.session.end = err
	}
}

// renew offers what has changed, after the answer to what was offered before.
func (p *publisher) renew() {
	if p.again = p.asked; !p.again {
		p.publish(nil, func() {})
	}
}

func (p *publisher) connect() error {
	p.ways = p.session.ways()
	pc, err := newPeerConnection(p.ways)
	if err != nil {
		return err
	}
	p.pc = pc
	for _, m := range p.session.call.publishing() {
		if err := p.add(m); err != nil {
			return err
		}
	}
	mender := p.session.mender(func(heard func()) {
		if err := p.ways.widen(p.pc); err != nil {
			p.session.mediaFailed(err)
			return
		}
		p.publish(&webrtc.OfferOptions{ICERestart: true}, heard)
	})
	var once sync.Once
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			once.Do(p.start)
		}
		mender(state)
	})
	return nil
}

// add is for what was not published yet.
func (p *publisher) add(m Media) error {
	f, err := newPublication(p.session, m)
	if err != nil {
		return err
	}
	t, err := p.pc.AddTransceiverFromTrack(f.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return err
	}
	f.sender = t.Sender()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files, p.tracks = append(p.files, f), append(p.tracks, t)
	if p.started && !p.over {
		f.start(p)
	}
	return nil
}

func (p *publisher) offer(options *webrtc.OfferOptions) (*wire.Publish, error) {
	description, err := p.pc.CreateOffer(options)
	if err != nil {
		return nil, err
	}
	sdp, err := describe(p.pc, description)
	if err != nil {
		return nil, err
	}
	offer := &wire.Publish{SDP: sdp}
	for i, t := range p.tracks {
		if p.files[i].withdrawn() {
			continue
		}
		offer.Tracks = append(offer.Tracks, wire.Publication{MID: t.Mid(), Source: p.files[i].media.Source, Codec: p.files[i].media.Codec})
	}
	return offer, nil
}

// start sends the files, unless close was faster.
func (p *publisher) start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	p.started = true
	for _, f := range p.files {
		f.start(p)
	}
}

func (f *publication) start(p *publisher) {
	p.running.Go(f.feedback)
	p.running.Go(f.run)
}

// close ends the connection. The goroutines of the files end once the session's context has ended, too.
func (p *publisher) close() {
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	if p.pc != nil {
		_ = p.pc.Close()
	}
	for _, f := range p.files {
		if f.loop != nil {
			f.loop.close()
		}
	}
}

func newPublication(s *session, m Media) (*publication, error) {
	codec, _ := codecNamed(m.Codec) // OpenMedia gave both names
	source, _ := sourceOf(m.Source)
	track, err := webrtc.NewTrackLocalStaticRTP(codec.params.RTPCodecCapability, string(m.Source), "grotto")
	if err != nil {
		return nil, err
	}
	var file *loop
	if m.Make == nil && m.stream == nil && m.live == nil {
		if file, err = openLoop(m); err != nil {
			return nil, err
		}
	}
	f := &publication{session: s, media: m, codec: codec, source: source, loop: file, track: track}
	f.packets = rtp.NewPacketizer(mtu, 0, 0, f.payloader(), rtp.NewRandomSequencer(), codec.params.ClockRate)
	return f, nil
}

// payloader splits sealed frames. None of them may need to read one.
func (f *publication) payloader() rtp.Payloader {
	switch f.media.Codec {
	case wire.CodecVP8:
		return &codecs.VP8Payloader{EnablePictureID: true}
	case wire.CodecVP9:
		f.vp9 = newVP9Payloader()
		return f.vp9
	case wire.CodecAV1:
		return &codecs.AV1Payloader{}
	case wire.CodecH264:
		return &codecs.H264Payloader{}
	default:
		return &codecs.OpusPayloader{}
	}
}

// feedback listens for requests of a key frame (RFC 4585 §6.3.1, RFC 5104 §4.3.1) until the sender has stopped.
func (f *publication) feedback() {
	for {
		packets, _, err := f.sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				f.wantKey()
			}
		}
	}
}

// run sends the file at its own pace, over and over, until the session ends; or a stream, until it does.
func (f *publication) run() {
	if f.media.live != nil {
		f.runLive()
		return
	}
	next := time.Now()
	for {
		if wait(f.session.ctx, time.Until(next)) != nil {
			return
		}
		frame, duration, err := f.next()
		if f.media.stream != nil && errors.Is(err, io.EOF) {
			f.media.stream.end()
			return
		}
		if f.session.ctx.Err() != nil {
			return
		}
		if err != nil {
			f.session.post(func() { f.session.end = err })
			return
		}
		f.send(frame, duration)
		// A frame is due its predecessor's duration later; after a stall the pace starts anew, without a burst.
		if next = next.Add(duration); time.Since(next) > time.Second {
			next = time.Now()
		}
	}
}

// next gives the next frame. An encoder would make a key frame when asked to; a file goes back to its first.
func (f *publication) next() ([]byte, time.Duration, error) {
	if f.media.Make != nil {
		frame, duration := f.media.Make(f.codec.video && f.keyWanted.Swap(false))
		return frame, duration, nil
	}
	if f.media.stream != nil {
		return f.media.stream.next(f.session.ctx)
	}
	frame, duration, err := f.loop.next()
	if err == nil && f.codec.video && f.keyWanted.Swap(false) && !keyFrame(f.codec.wire, frame) {
		if err = f.loop.rewind(); err == nil {
			frame, duration, err = f.loop.next()
		}
	}
	return frame, duration, err
}

// send seals a frame and sends its packets. Without a key, or somebody to send to, nothing is sent.
func (f *publication) send(frame []byte, duration time.Duration) {
	samples := uint32(duration.Seconds() * float64(f.codec.params.ClockRate))
	if f.resting.Load() || f.session.call.isOff(f.media.Source) {
		f.packets.SkipSamples(samples)
		return
	}
	sealed, err := f.seal(frame)
	if err != nil {
		f.session.post(func() { f.session.call.notice("A frame could not be sealed and was not sent: " + err.Error()) })
		return
	}
	if sealed == nil {
		return
	}
	if f.vp9 != nil {
		f.vp9.describe(frame)
	}
	for _, p := range f.packets.Packetize(sealed, samples) {
		if f.track.WriteRTP(p) != nil {
			return // the connection has gone; the session will be told
		}
	}
	f.session.call.tally.sentFrame(f.media, len(sealed))
}

// seal is nil without an error while there is no key to seal with.
func (f *publication) seal(frame []byte) ([]byte, error) {
	config := &f.session.call.config
	sealer := f.session.ring.sealer.Load()
	if sealer == nil {
		return nil, nil // it was not set from outside yet
	}
	if len(config.mark) > 0 {
		frame = append(frame[:len(frame):len(frame)], config.mark...)
	}
	if config.seal != nil {
		return config.seal(sealer, f.source, f.codec.crypt, frame)
	}
	return sealer.Seal(nil, f.source, f.codec.crypt, frame)
}
