package sfu

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// subscriber is the connection on which a client receives. Only we offer here, from the peer's one goroutine.
type subscriber struct {
	peer *Peer
	wake chan struct{} // one place: several changes are one

	mu          sync.Mutex
	pc          *webrtc.PeerConnection // nil until there is something to subscribe to
	senders     *webrtc.API            // of pc
	requests    requests               // under the link's receiving lock
	link        *link                  // of pc
	downs       map[*upTrack]*downTrack
	order       []*downTrack // as in the description
	negotiation negotiation
	offered     string           // the last description, before candidates: to read the answer by
	up          bool             // the connection is
	shown       map[string]Shown // by MID; nil: all
	silent      map[string]bool
	closed      bool

	addressees addressees
	way        way
}

// addressees are the tracks by what feedback names them by. Its lock is taken where packets arrive.
type addressees struct {
	mu     sync.RWMutex
	bySSRC map[uint32]*downTrack
}

// addressed makes d get the feedback that names ssrc.
func (s *subscriber) addressed(d *downTrack, ssrc uint32) {
	s.addressees.mu.Lock()
	defer s.addressees.mu.Unlock()
	if s.addressees.bySSRC == nil {
		s.addressees.bySSRC = map[uint32]*downTrack{}
	}
	s.addressees.bySSRC[ssrc] = d
}

func (s *subscriber) forget(d *downTrack) {
	s.addressees.mu.Lock()
	defer s.addressees.mu.Unlock()
	maps.DeleteFunc(s.addressees.bySSRC, func(_ uint32, other *downTrack) bool { return other == d })
}

func (s *subscriber) track(ssrc uint32) *downTrack {
	s.addressees.mu.RLock()
	defer s.addressees.mu.RUnlock()
	return s.addressees.bySSRC[ssrc]
}

// receiveRTCP is given all RTCP that the subscriber sends.
func (s *subscriber) receiveRTCP(compound []byte, at time.Time) {
	if s.way.receive(compound, at) {
		s.peer.sfu.allocator.ring()
	}
	readFeedback(compound, func(media uint32) bool {
		if !s.requests.allow(at) {
			return false
		}
		if d := s.track(media); d != nil {
			d.wantKeyFrame()
		}
		return true
	}, func(media uint32, sequence uint16) bool {
		if !s.requests.allow(at) {
			return false
		}
		if d := s.track(media); d != nil {
			d.resend(sequence, at)
		}
		return true
	})
}

// changed asks for an offer some time soon.
func (s *subscriber) changed() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// restart asks for an offer with new ICE credentials some time soon: the client's way to us has changed or broken.
func (s *subscriber) restart() {
	s.mu.Lock()
	s.negotiation.restart()
	s.mu.Unlock()
	s.changed()
}

// negotiate offers the room as it is now, if it differs from what was offered last or ICE is to restart.
func (s *subscriber) negotiate() {
	offer, sdp, tracks, err := s.offer()
	switch {
	case err != nil:
		s.peer.fail(fmt.Errorf("%w: %w", ErrConnection, err))
	case sdp != "" && s.peer.callbacks.Offer != nil:
		s.peer.callbacks.Offer(offer, sdp, tracks)
	}
}

func (s *subscriber) offer() (offer uint64, sdp string, tracks []DownTrack, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.negotiation.begin() {
		return 0, "", nil, nil
	}
	changed, err := s.follow(s.peer.room.wanted(s.peer))
	restart := s.negotiation.again && s.pc != nil
	if err != nil || !changed && !restart {
		return 0, "", nil, err
	}
	description, err := s.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart && s.negotiation.offer > 0})
	if err != nil {
		return 0, "", nil, err
	}
	gathered := webrtc.GatheringCompletePromise(s.pc)
	if err := s.pc.SetLocalDescription(description); err != nil {
		return 0, "", nil, err
	}
	select {
	case <-gathered:
	case <-s.peer.done:
		return 0, "", nil, nil
	}
	stereo := map[string]bool{}
	s.way.carry(s.order)
	for _, d := range s.order {
		if d.up.stereo {
			stereo[d.tr.Mid()] = true
		}
		s.choose(d)
		tracks = append(tracks, DownTrack{MID: d.tr.Mid(), Peer: d.up.owner.id, Label: d.up.Label, Codec: d.up.Codec})
	}
	s.peer.sfu.stats.offers.Add(1)
	s.offered = withExtensions(description.SDP, s.order)
	return s.negotiation.offered(), withStereo(s.peer.sfu.described(s.offered), senderStereo, stereo), tracks, nil
}

// follow makes the connection carry the wanted tracks, and reports whether anything changed. Tracks are added before others
// are removed: so a section that a track takes over has been inactive in an offer that was answered.
func (s *subscriber) follow(wanted []*upTrack) (changed bool, err error) {
	keep := make(map[*upTrack]bool, len(wanted))
	for _, up := range wanted {
		keep[up] = true
	}
	before := len(s.order)
	for _, up := range wanted {
		if s.downs[up] != nil {
			continue
		}
		d, err := s.add(up)
		if err != nil {
			return changed, err
		}
		if d != nil {
			s.order, changed = append(s.order, d), true
		}
	}
	kept := s.order[:0]
	for i, d := range s.order {
		if i >= before || keep[d.up] {
			kept = append(kept, d)
			continue
		}
		changed = true
		if err := s.remove(d); err != nil {
			return changed, err
		}
	}
	clear(s.order[len(kept):])
	s.order = kept
	return changed, nil
}

// add gives a track a section, see the package's doc. It returns nil for a track that ended just now.
func (s *subscriber) add(up *upTrack) (*downTrack, error) {
	if err := s.connect(); err != nil {
		return nil, err
	}
	d := newDownTrack(up, s.peer)
	d.id, d.stream = s.peer.sfu.name("t"), up.owner.stream
	if s.shown != nil && up.codec.keyFrame != nil { // nobody can have said yet that it is seen
		d.show(noLayers, Shown{})
	}
	if !up.attach(d) {
		return nil, nil
	}
	tr, err := s.section(d)
	if err == nil {
		err = tr.SetCodecPreferences(preferring(up.codec, tr.Sender().GetParameters().Codecs))
	}
	if err != nil {
		up.detach(d)
		return nil, err
	}
	d.tr = tr
	s.downs[up] = d
	s.peer.sfu.stats.downTracks.Add(1)
	return d, nil
}

// section is one whose track has ended, or a new one.
func (s *subscriber) section(d *downTrack) (*webrtc.RTPTransceiver, error) {
	for _, tr := range s.pc.GetTransceivers() {
		if tr.Kind() != d.Kind() || tr.Sender() != nil {
			continue
		}
		sender, err := s.senders.NewRTPSender(d, s.pc.SCTP().Transport())
		if err != nil {
			return nil, err
		}
		return tr, tr.SetSender(sender, d)
	}
	return s.pc.AddTransceiverFromTrack(d, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
}

// preferring puts the track's codec first. The others stay in the section: Pion takes a codec that the first answer did
// not contain as unsupported for ever, and later tracks may use it.
func preferring(c *codec, all []webrtc.RTPCodecParameters) []webrtc.RTPCodecParameters {
	var first, rest []webrtc.RTPCodecParameters
	for _, candidate := range all {
		if equalMIME(candidate.MimeType, c.capability.MimeType) {
			first = append(first, candidate)
		} else {
			rest = append(rest, candidate)
		}
	}
	return append(first, rest...)
}

func (s *subscriber) remove(d *downTrack) error {
	d.up.detach(d)
	s.forget(d)
	delete(s.downs, d.up)
	delete(s.shown, d.tr.Mid()) // what was said of it is not said of a track that takes its section over
	delete(s.silent, d.tr.Mid())
	s.peer.sfu.stats.downTracks.Add(-1)
	return s.pc.RemoveTrack(d.tr.Sender())
}

func (s *subscriber) connect() error {
	if s.pc != nil {
		return nil
	}
	pc, senders, err := s.peer.sfu.subscribe.sending()
	if err != nil {
		return err
	}
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { s.peer.watch(pc) })
	var once sync.Once
	pc.OnICEConnectionStateChange(func(webrtc.ICEConnectionState) { once.Do(s.begun) })
	s.senders = senders
	s.pc, s.link = pc, s.peer.sfu.newLink()
	s.link.rtcp = s.receiveRTCP
	s.way.pacing.out = s.link
	return nil
}

func (s *subscriber) begun() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.negotiation.begins() {
		s.changed()
	}
}

func (s *subscriber) writeRTCP(packet rtcp.Packet) {
	if b, err := packet.Marshal(); err == nil {
		_ = s.link.writeRTCP(b) // fails only when the connection is gone
	}
}

// owns reports whether pc is this connection and not yet closed by us.
func (s *subscriber) owns(pc *webrtc.PeerConnection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pc == pc && !s.closed
}

// connected lets media through.
func (s *subscriber) connected(pc *webrtc.PeerConnection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pc != pc || s.closed {
		return
	}
	if err := s.link.open(pc); err != nil {
		s.peer.fail(fmt.Errorf("%w: %w", ErrConnection, err))
		return
	}
	s.up = true
	s.lighten(pc)
	s.start()
	if s.negotiation.connected() {
		s.changed()
	}
}

// lighten ends what Pion has ready for media that it will not see: the link takes all that comes. It waits for what Pion has begun
// with, and that may wait for us.
func (s *subscriber) lighten(pc *webrtc.PeerConnection) {
	if !s.peer.sfu.enter() {
		return
	}
	go func() {
		defer s.peer.sfu.running.Done()
		if err := endSessions(pc.SCTP().Transport()); err != nil {
			s.peer.fail(fmt.Errorf("%w: %w", ErrConnection, err))
		}
	}()
}

// start asks for key frames now that they can arrive.
func (s *subscriber) start() {
	for _, d := range s.order {
		if s.up {
			d.start()
		}
	}
	if s.up && s.way.reports.Load() {
		s.peer.sfu.allocator.join(s)
	}
}

func (s *subscriber) answer(offer uint64, raw string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed || s.peer.closed():
		return ErrClosed
	case !s.negotiation.expects(offer):
		return fmt.Errorf("%w: %d", ErrNoOffer, offer)
	}
	sdp, received, err := readAnswer(raw, s.offered)
	if err != nil { // the offer stays, another answer may come
		s.peer.sfu.stats.descriptions.Add(1)
		return err
	}
	for _, d := range s.order {
		d.refuse(!received[d.tr.Mid()])
	}
	err = s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp})
	if err != nil { // applied by half, and nothing can mend it
		s.peer.sfu.stats.descriptions.Add(1)
		err = fmt.Errorf("%w: %w: %w", ErrConnection, ErrDescription, err)
		s.peer.fail(err)
		return err
	}
	s.start()
	if s.negotiation.answered() {
		s.changed()
	}
	return nil
}

func (s *subscriber) close() {
	s.mu.Lock()
	s.closed = true
	for _, d := range s.order {
		d.up.detach(d)
	}
	s.peer.sfu.stats.downTracks.Add(-int64(len(s.order)))
	s.order = nil
	clear(s.downs)
	s.way.carry(nil)
	pc := s.pc
	s.mu.Unlock()
	s.peer.sfu.allocator.leave(s)
	s.way.clear()
	if pc != nil {
		s.link.close()
		_ = pc.GracefulClose()
	}
}
