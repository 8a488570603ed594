package sfu

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

const (
	maxTracks = 16 // that one peer may publish
	// maxMIDs bounds the media sections of one connection, those before included: Pion keeps a transceiver of each for ever,
	// and goes through all of them at each offer.
	maxMIDs = 512
)

// publisher is the connection on which a client sends. Only the client offers here.
type publisher struct {
	peer *Peer

	mu      sync.Mutex
	pc      *webrtc.PeerConnection // nil until the first offer
	started chan struct{}          // closed when pc has begun with ICE
	link    *link                  // of pc
	intake  *intake                // of pc
	mids    map[string]struct{}    // that pc has been offered
	sources map[string]*source     // by MID
	closed  bool
}

// publish applies an offer. Everything that can be wrong with it is looked for before it is applied.
func (p *publisher) publish(raw string, list []UpTrack) (string, error) {
	offer, sections, err := readOffer(raw)
	if err == nil {
		err = checkTracks(list, sections)
	}
	if err != nil {
		p.peer.sfu.stats.descriptions.Add(1)
		return "", err
	}
	if p.peer.room != nil && p.peer.room.noLevels {
		offer = withoutLevels(offer)
	}
	list = slices.Clone(list) // the caller's
	for i, t := range list {
		list[i].stereo = sections[t.MID].stereo
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.peer.closed() {
		return "", ErrClosed
	}
	fresh := p.pc == nil
	if fresh {
		if p.pc, err = p.connect(); err != nil {
			return "", err
		}
	}
	if !fresh {
		// Before ICE has begun Pion takes the same credentials for new ones, and restarts. It begins at once, in a goroutine.
		select {
		case <-p.started:
		case <-p.peer.done:
			return "", ErrClosed
		}
	}
	if err := p.count(sections); err != nil {
		p.peer.fail(err)
		return "", err
	}
	answer, err := p.negotiate(offer, list, sections)
	switch {
	case err == nil:
	case fresh: // nothing stood on it: the next offer gets a new connection
		p.peer.sfu.stats.descriptions.Add(1)
		p.link.close()
		_ = p.pc.Close()
		p.pc = nil
		return "", fmt.Errorf("%w: %w", ErrDescription, err)
	default: // Pion has no rollback of an offer, so what was applied cannot be taken back
		err = fmt.Errorf("%w: %w: %w", ErrConnection, ErrDescription, err)
		p.peer.fail(err)
		return "", err
	}
	ended, added := p.assign(list)
	p.peer.room.update(ended, added)
	return answer, nil
}

// count refuses an offer that would bring more MIDs than one connection may have. It can only begin anew.
func (p *publisher) count(sections map[string]section) error {
	for mid := range sections {
		p.mids[strings.Clone(mid)] = struct{}{} // alone: the offer is not to be kept
	}
	if n := len(p.mids); n > maxMIDs {
		return fmt.Errorf("%w: %d mids offered in one connection, at most %d allowed: join again", ErrConnection, n, maxMIDs)
	}
	return nil
}

// checkTracks holds the client's list against its offer.
func checkTracks(list []UpTrack, sections map[string]section) error {
	if len(list) > maxTracks {
		return fmt.Errorf("%w: %d tracks, at most %d allowed", ErrTracks, len(list), maxTracks)
	}
	seen := map[string]bool{}
	for _, t := range list {
		c := codecNamed(t.Codec)
		s, ok := sections[t.MID]
		switch {
		case c == nil:
			return fmt.Errorf("%w: codec %q is not forwarded", ErrTracks, t.Codec)
		case !ok || !s.sending:
			return fmt.Errorf("%w: mid %q does not send in this offer", ErrTracks, t.MID)
		case seen[t.MID]:
			return fmt.Errorf("%w: mid %q twice", ErrTracks, t.MID)
		case len(s.payloads[t.Codec]) == 0:
			return fmt.Errorf("%w: mid %q does not offer %s", ErrTracks, t.MID, t.Codec)
		}
		if err := checkLayers(t, s.rids); err != nil {
			return err
		}
		seen[t.MID] = true
	}
	return nil
}

func (p *publisher) connect() (*webrtc.PeerConnection, error) {
	pc, err := p.peer.sfu.publish.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("sfu: %w", err)
	}
	started := make(chan struct{})
	var once sync.Once
	pc.OnICEConnectionStateChange(func(webrtc.ICEConnectionState) { once.Do(func() { close(started) }) })
	p.started = started
	p.mids = map[string]struct{}{}
	p.link = p.peer.sfu.newLink()
	p.intake = newIntake(p.link)
	pc.OnTrack(p.receive)
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { p.peer.watch(pc) })
	return pc, nil
}

// watch looks at the state as it is now: Pion calls handlers from goroutines, so an older state may be told after a newer.
func (p *Peer) watch(pc *webrtc.PeerConnection) {
	switch state := pc.ConnectionState(); state {
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed: // closed: by the client, else fail ignores it
		if p.sub.owns(pc) || p.pub.owns(pc) {
			p.fail(fmt.Errorf("%w: %s", ErrConnection, state))
		}
	case webrtc.PeerConnectionStateConnected:
		p.pub.connected(pc)
		p.sub.connected(pc)
	}
}

// connected lets media through.
func (p *publisher) connected(pc *webrtc.PeerConnection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pc != pc || p.closed {
		return
	}
	if err := p.link.open(pc); err != nil {
		p.peer.fail(fmt.Errorf("%w: %w", ErrConnection, err))
	}
}

// owns is false for a connection that has been given up.
func (p *publisher) owns(pc *webrtc.PeerConnection) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pc == pc && !p.closed
}

// negotiate answers the offer.
func (p *publisher) negotiate(offer string, list []UpTrack, sections map[string]section) (string, error) {
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	for _, t := range list {
		if err := p.choose(t, sections[t.MID]); err != nil {
			return "", err
		}
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	select {
	case <-gathered:
	case <-p.peer.done:
		return "", ErrClosed
	}
	stereo := map[string]bool{}
	for _, t := range list {
		if t.stereo {
			stereo[t.MID] = true
		}
	}
	return withStereo(p.peer.sfu.described(answer.SDP), receiverStereo, stereo), nil
}

// choose puts the announced codec and its retransmission first in the answer's section: that is what senders then use. The
// others stay, for senders that cannot negotiate again what an answer once left out; packets of theirs are dropped.
func (p *publisher) choose(t UpTrack, s section) error {
	i := slices.IndexFunc(p.pc.GetTransceivers(), func(tr *webrtc.RTPTransceiver) bool { return tr.Mid() == t.MID })
	if i < 0 {
		return fmt.Errorf("mid %q has no receiver", t.MID)
	}
	tr := p.pc.GetTransceivers()[i]
	if tr.Receiver() == nil {
		return fmt.Errorf("mid %q has no receiver", t.MID)
	}
	c := codecNamed(t.Codec)
	var first, rest []webrtc.RTPCodecParameters
	for _, candidate := range tr.Receiver().GetParameters().Codecs {
		if equalMIME(candidate.MimeType, c.capability.MimeType) && slices.Contains(s.payloads[t.Codec], uint8(candidate.PayloadType)) {
			first = append(first, candidate)
		} else {
			rest = append(rest, candidate)
		}
	}
	if len(first) == 0 {
		return fmt.Errorf("mid %q: no common %s", t.MID, t.Codec)
	}
	return tr.SetCodecPreferences(append(first, rest...))
}

// assign makes the sources carry the listed tracks. A track whose label or codec changed is another track.
func (p *publisher) assign(list []UpTrack) (ended, added []*upTrack) {
	listed := map[string]UpTrack{}
	for _, t := range list {
		listed[t.MID] = t
		if p.sources[t.MID] == nil {
			p.sources[t.MID] = newSource(p.peer)
		}
	}
	for mid, s := range p.sources {
		old := s.track.Load()
		if old != nil && old.same(listed[mid]) {
			old.resize(listed[mid].Layers)
			continue
		}
		if old != nil {
			ended = append(ended, old)
			s.retire(old)
		}
	}
	for _, t := range list { // in the client's order
		if s := p.sources[t.MID]; s.track.Load() == nil {
			added = append(added, p.carry(s, t))
		}
	}
	return ended, added
}

// carry makes a source a track, of the streams it has now or of the next.
func (p *publisher) carry(s *source, t UpTrack) *upTrack {
	up := newUpTrack(p.peer, t, p.askKeyFrame)
	for _, stream := range up.streams {
		stream.remote.Store(s.remotes[stream.rid])
	}
	if s.taken {
		up.resume(s.wanted)
	}
	s.track.Store(up)
	return up
}

// askKeyFrame sends a picture loss indication (RFC 4585 §6.3.1). Before the first packet there is nothing to name; the
// request will be repeated.
func (p *publisher) askKeyFrame(s *upStream) {
	ssrc := s.ssrc.Load()
	p.mu.Lock()
	link := p.link
	p.mu.Unlock()
	if ssrc == 0 || link == nil {
		return
	}
	request, err := (&rtcp.PictureLossIndication{SenderSSRC: ownSSRC, MediaSSRC: ssrc}).Marshal()
	if err == nil && link.writeRTCP(request) == nil {
		p.peer.sfu.stats.keyFrameRequests.Add(1)
	}
}

// receive is Pion's OnTrack, in a goroutine of its own. The MID is known here, since the description with it was applied.
func (p *publisher) receive(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	if !p.peer.sfu.enter() {
		return
	}
	defer p.peer.sfu.running.Done()
	tr := receiver.RTPTransceiver()
	if tr == nil {
		return
	}
	s, intake := p.begin(tr.Mid(), remote)
	if s == nil {
		return
	}
	parameters := receiver.GetParameters()
	if known := intake.find(remote); known != nil {
		s.read(intake, known) // what comes under the other SSRC, until the link knows it
		return
	}
	in := newInlet(s, remote, parameters)
	in.mid, in.rid = tr.Mid(), remote.RID()
	intake.add(in, parameters)
	s.read(intake, in)
	intake.remove(in)
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.remotes[remote.RID()] == remote { // ended: the next one may begin a track without replacing this
		delete(s.remotes, remote.RID())
	}
}

// begin makes a stream the current one of its MID and RID. A second stream under those of one that goes on is another track
// to the subscribers, since its sequence numbers would collide with those of the first (see sequence). Pion says the same one
// again when its RID comes from another SSRC. nil: closed.
func (p *publisher) begin(mid string, remote *webrtc.TrackRemote) (*source, *intake) {
	p.mu.Lock() // waits until an offer under way has been assigned
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil
	}
	s := p.sources[mid]
	if s == nil { // sends, but is not announced: it is read, counted and dropped
		s = newSource(p.peer)
		p.sources[mid] = s
	}
	if s.remotes[remote.RID()] == remote {
		return s, p.intake
	}
	s.remotes[remote.RID()] = remote
	if up := s.track.Load(); up != nil {
		if stream := up.encoding(remote.RID()); stream != nil && !stream.remote.CompareAndSwap(nil, remote) {
			s.retire(up)
			p.peer.room.update([]*upTrack{up}, []*upTrack{p.carry(s, up.UpTrack)})
		}
	}
	return s, p.intake
}

// end returns the tracks that have thereby ended. What still comes is dropped like any that is not announced.
func (p *publisher) end() []*upTrack {
	p.mu.Lock()
	defer p.mu.Unlock()
	ended, _ := p.assign(nil)
	return ended
}

// close returns the tracks that have thereby ended.
func (p *publisher) close() []*upTrack {
	p.mu.Lock()
	p.closed = true
	pc := p.pc
	ended, _ := p.assign(nil)
	p.mu.Unlock()
	if pc != nil {
		p.link.close()
		_ = pc.GracefulClose()
	}
	return ended
}
