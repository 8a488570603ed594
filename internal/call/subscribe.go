package call

import (
	"strings"
	"sync"

	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/wire"
)

// subscriber is the subscribing peer connection: the server offers. A goroutine of its own answers, since that takes time which
// the session does not have.
type subscriber struct {
	session *session
	offers  chan *wire.SubscribeOffer // the newest one only
	running sync.WaitGroup

	mu   sync.Mutex
	pc   *webrtc.PeerConnection
	ways *ways // of pc; made before it
	mids map[string]wire.Subscription
	over bool
}

func newSubscriber(s *session) *subscriber {
	sub := &subscriber{session: s, offers: make(chan *wire.SubscribeOffer, 1), mids: map[string]wire.Subscription{}}
	sub.running.Go(sub.run)
	return sub
}

// offered takes an offer in place of one that was not yet looked at.
func (s *subscriber) offered(m *wire.SubscribeOffer) {
	select {
	case <-s.offers:
	default:
	}
	s.offers <- m
}

func (s *subscriber) run() {
	for {
		select {
		case <-s.session.ctx.Done():
			return
		case m := <-s.offers:
			sdp, err := s.answer(m)
			s.session.post(func() {
				if err != nil {
					s.session.mediaFailed(err)
					return
				}
				s.session.request(&wire.SubscribeAnswer{Offer: m.Offer, SDP: sdp})
			})
		}
	}
}

func (s *subscriber) answer(m *wire.SubscribeOffer) (string, error) {
	s.mu.Lock()
	for _, t := range m.Tracks {
		s.mids[t.MID] = t // taken over by another track only after it was inactive
	}
	pc, over := s.pc, s.over
	s.mu.Unlock()
	if over {
		return "", s.session.ctx.Err()
	}
	if pc == nil {
		s.ways = s.session.ways()
		made, err := newPeerConnection(s.ways)
		if err != nil {
			return "", err
		}
		made.OnConnectionStateChange(s.session.mender(func(heard func()) {
			err := s.ways.widen(made)
			if err == nil {
				err = s.session.signalling.request(&wire.Restart{}, func(wire.ServerMessage) { heard() })
			}
			if err != nil {
				s.session.mediaFailed(err)
			}
		}))
		made.OnTrack(func(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) { s.arrived(made, t, r) })
		s.mu.Lock()
		s.pc, pc, over = made, made, s.over
		s.mu.Unlock()
		if over { // close came before there was a connection to end
			_ = made.Close()
			return "", s.session.ctx.Err()
		}
	}
	offer := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: resting(s.ways.narrowed(m.SDP))}
	if err := pc.SetRemoteDescription(offer); err != nil {
		return "", err
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	return describe(pc, answer)
}

// resting says of sections that carry nothing that the server might receive in them, which comes to the same for us, who send nothing. Pion
// stops what would receive in an inactive one, at each description anew, and replaces it at the first only: a track that
// takes over a section which was inactive in two offers would never be heard (pion/webrtc issue 2226).
func resting(sdp string) string {
	return strings.ReplaceAll(sdp, "\r\na=inactive\r\n", "\r\na=recvonly\r\n")
}

// arrived begins to read a track. What it claims to be was said in the offer, and the frames have to agree.
func (s *subscriber) arrived(pc *webrtc.PeerConnection, remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	for _, t := range pc.GetTransceivers() {
		if t.Receiver() != receiver {
			continue
		}
		s.mu.Lock()
		sub, announced := s.mids[t.Mid()]
		over := s.over
		if announced && !over {
			s.running.Add(1)
		}
		s.mu.Unlock()
		if announced && !over {
			go func() {
				defer s.running.Done()
				if t, ok := newTrack(s.session, pc, remote, sub); ok {
					t.run()
				}
			}()
		}
		return
	}
}

// close ends the connection and waits for the tracks.
func (s *subscriber) close() {
	s.mu.Lock()
	s.over = true
	pc := s.pc
	s.mu.Unlock()
	if pc != nil {
		_ = pc.Close()
	}
}
