package lkroom

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	audioClock = 48000
	videoClock = 90000
)

var videoFeedback = []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}}

// capabilities are the codecs that can be sealed and carried on, in the order in which they are offered.
var capabilities = []webrtc.RTPCodecParameters{
	{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: audioClock, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}},
	{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: videoClock, RTCPFeedback: videoFeedback}},
	{PayloadType: 102, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: videoClock, SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", RTCPFeedback: videoFeedback}},
}

func newAPI(set func(*webrtc.SettingEngine)) (*webrtc.API, error) {
	engine := &webrtc.MediaEngine{}
	for _, c := range capabilities {
		kind := webrtc.RTPCodecTypeVideo
		if c.ClockRate == audioClock {
			kind = webrtc.RTPCodecTypeAudio
		}
		if err := engine.RegisterCodec(c, kind); err != nil {
			return nil, err
		}
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(engine, registry); err != nil {
		return nil, err
	}
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if set != nil {
		set(&settings)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings)), nil
}

// connect makes one of the two connections.
func (r *Room) connect(target int32) (*webrtc.PeerConnection, error) {
	pc, err := r.api.NewPeerConnection(r.ice)
	if err != nil {
		return nil, err
	}
	pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c == nil {
			return
		}
		text, err := json.Marshal(c.ToJSON())
		if err == nil {
			_ = r.send(&request{Trickle: &trickle{Candidate: string(text), Target: target}}) // a lost socket ends the room
		}
	})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed {
			r.end(ErrLost)
		}
	})
	return pc, nil
}

// offered answers the server, which offers what others publish.
func (r *Room) offered(d *description) error {
	r.mu.Lock()
	pc := r.sub
	r.mu.Unlock()
	if pc == nil {
		made, err := r.connect(targetSubscriber)
		if err != nil {
			return err
		}
		made.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { r.arrived(made, t) })
		pc = made
		r.mu.Lock()
		r.sub = pc
		r.mu.Unlock()
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: d.SDP}); err != nil {
		return err
	}
	r.described(pc, targetSubscriber)
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return err
	}
	if err := pc.SetLocalDescription(answer); err != nil {
		return err
	}
	return r.send(&request{Answer: &description{Type: "answer", SDP: pc.LocalDescription().SDP, ID: d.ID}})
}

// Incoming is another's track.
type Incoming struct {
	Participant string // SID
	Track       string // SID
	MIMEType    string
	Trailer     []byte // see Room.Trailer
	remote      *webrtc.TrackRemote
	pc          *webrtc.PeerConnection
}

func (r *Room) arrived(pc *webrtc.PeerConnection, t *webrtc.TrackRemote) {
	participant, _, _ := strings.Cut(t.StreamID(), "|")
	if f := r.config.OnTrack; f != nil {
		f(&Incoming{Participant: participant, Track: t.ID(), MIMEType: t.Codec().MimeType, Trailer: r.trailer, remote: t, pc: pc})
	}
}

// Read gives the next packet; an error when the track has ended.
func (t *Incoming) Read() (*rtp.Packet, error) {
	p, _, err := t.remote.ReadRTP()
	return p, err
}

// WantKeyFrame asks the sender for one.
func (t *Incoming) WantKeyFrame() {
	_ = t.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(t.remote.SSRC())}})
}

// Outgoing is a track of ours.
type Outgoing struct {
	SID    string
	room   *Room
	track  *webrtc.TrackLocalStaticRTP
	sender *webrtc.RTPSender
}

const answerTime = 10 * time.Second

// errPublish: the server did not answer.
var errPublish = errors.New("lkroom: the server does not take the track")

// Publish begins a track whose frames are sealed. wanted is called when somebody needs a key frame.
func (r *Room) Publish(ctx context.Context, source Source, mime string, wanted func()) (*Outgoing, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	r.publishing.Lock()
	defer r.publishing.Unlock()
	var codec *webrtc.RTPCodecParameters
	for i := range capabilities {
		if strings.EqualFold(capabilities[i].MimeType, mime) {
			codec = &capabilities[i]
		}
	}
	if codec == nil {
		return nil, errors.New("lkroom: unknown codec")
	}
	id := "grotto-" + strings.ToLower(rand.Text())
	track, err := webrtc.NewTrackLocalStaticRTP(codec.RTPCodecCapability, id, "grotto")
	if err != nil {
		return nil, err
	}
	sid, err := r.addTrack(ctx, id, source)
	if err != nil {
		return nil, err
	}
	o := &Outgoing{SID: sid, room: r, track: track}
	if err := r.offer(ctx, o); err != nil {
		return nil, err
	}
	go o.feedback(wanted)
	return o, nil
}

func (r *Room) addTrack(ctx context.Context, id string, source Source) (sid string, err error) {
	add := &addTrack{ClientID: id, Name: id, Source: source, DisableRED: true, Encryption: GCM}
	if source.Video() {
		add.Type = 1
	}
	waiting := make(chan *Track, 1)
	r.mu.Lock()
	r.awaited[id] = waiting
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.awaited, id)
		r.mu.Unlock()
	}()
	if err := r.send(&request{AddTrack: add}); err != nil {
		return "", err
	}
	select {
	case t := <-waiting:
		return t.SID, nil
	case <-r.done:
		return "", ErrLost
	case <-ctx.Done():
		return "", errPublish
	}
}

// offer offers all our tracks, and waits for the answer.
func (r *Room) offer(ctx context.Context, o *Outgoing) error {
	r.mu.Lock()
	pc := r.pub
	r.mu.Unlock()
	if pc == nil {
		made, err := r.connect(targetPublisher)
		if err != nil {
			return err
		}
		pc = made
		r.mu.Lock()
		r.pub = pc
		r.mu.Unlock()
	}
	t, err := pc.AddTransceiverFromTrack(o.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return err
	}
	o.sender = t.Sender()
	d, err := pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	answered := make(chan struct{})
	r.mu.Lock()
	r.answered = answered
	r.mu.Unlock()
	if err := pc.SetLocalDescription(d); err != nil {
		return err
	}
	if err := r.send(&request{Offer: &description{Type: "offer", SDP: pc.LocalDescription().SDP}}); err != nil {
		return err
	}
	select {
	case <-answered:
		return nil
	case <-r.done:
		return ErrLost
	case <-ctx.Done():
		return errPublish
	}
}

func (r *Room) takeAnswer(d *description) error {
	r.mu.Lock()
	pc, answered := r.pub, r.answered
	r.answered = nil
	r.mu.Unlock()
	if pc == nil || answered == nil {
		return errProto
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: d.SDP}); err != nil {
		return err
	}
	r.described(pc, targetPublisher)
	close(answered)
	return nil
}

func (o *Outgoing) feedback(wanted func()) {
	for {
		packets, _, err := o.sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				wanted()
			}
		}
	}
}

// Write sends a packet.
func (o *Outgoing) Write(p *rtp.Packet) error { return o.track.WriteRTP(p) }

// Mute tells the others that nothing is sent, or that something is again.
func (o *Outgoing) Mute(on bool) error {
	return o.room.send(&request{Mute: &mute{SID: o.SID, Muted: on}})
}
