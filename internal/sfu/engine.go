package sfu

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/transport/v4/stdnet"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu/burst"
)

const (
	// iceDisconnected and iceFailed add up to the 30 s for which signalling may be resumed as well.
	iceDisconnected = 10 * time.Second
	iceFailed       = 20 * time.Second
	iceKeepalive    = 2 * time.Second

	// handshakeAgain is after how long a flight of the DTLS handshake is sent again: a second, as RFC 9147 §5.8.2 begins
	// with, would be half of what joining over a lossy line may take. Browsers begin with less, too.
	handshakeAgain = 250 * time.Millisecond

	// socketBuffer absorbs the burst of a key frame going to everybody. The kernel may grant less.
	socketBuffer = 4 << 20

	dependencyDescriptorURI = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)

// silent keeps Pion quiet: its log lines carry addresses, and what matters reaches us as errors and states.
// One logger serves all: Pion asks for a dozen a connection.
var silent logging.LoggerFactory = oneLogger{(&logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}).NewLogger("")}

type oneLogger struct{ logging.LeveledLogger }

func (l oneLogger) NewLogger(string) logging.LeveledLogger { return l.LeveledLogger }

// maxSockets of the one port. Each is read by a goroutine that forwards what it reads, so there is one a core.
const maxSockets = 8

// listen opens the one UDP port, for both families where the machine has both and the address names none. On every interface, even
// where only loopback is wanted: Firefox does not connect to a socket bound to 127.0.0.1.
func listen(addr string, s *SFU) (net.PacketConn, error) {
	sockets, err := burst.Listen("udp", addr, 2*min(maxSockets, runtime.GOMAXPROCS(0))) // to read and to send
	if err != nil {
		return nil, fmt.Errorf("sfu: listen: %w", err)
	}
	for _, udp := range sockets {
		_ = udp.SetReadBuffer(socketBuffer)
		_ = udp.SetWriteBuffer(socketBuffer)
	}
	return bundled(s, sockets...), nil
}

// bundled sends the packets of a video frame to one subscriber in one system call, and takes out what links are for. Sound
// does not wait.
func bundled(s *SFU, sockets ...*net.UDPConn) net.PacketConn {
	return burst.New(sockets[0], burst.Config{Take: s.links.take, Bundle: waits, Passed: s.tender.passed, Quiet: true}, sockets[1:]...)
}

// readReports reads what receivers report, which waits for somebody to ask, see [burst.Config].
func (s *SFU) readReports() {
	if c, ok := s.conn.(*burst.Conn); ok {
		c.ReadReports()
	}
}

// waits says which of our payload types are of video.
func waits(payloadType uint8) bool { return videoPayloads[payloadType&(1<<7-1)] }

var videoPayloads = func() (video [1 << 7]bool) {
	for _, c := range codecs {
		if c.kind == webrtc.RTPCodecTypeVideo {
			video[c.payloadType], video[c.rtx] = true, true
		}
	}
	return video
}()

// newAPIs builds Pion twice over one port: what is negotiated with publishers differs from what is with subscribers.
func newAPIs(conn net.PacketConn) (publish, subscribe *api, mux ice.UDPMux, err error) {
	settings, err := newSettings()
	if err != nil {
		return nil, nil, nil, err
	}
	publishMedia, err := publishEngine()
	if err != nil {
		return nil, nil, nil, err
	}
	mux = webrtc.NewICEUDPMux(silent.NewLogger("ice"), conn)
	settings.SetICEUDPMux(newSingle(mux, conn.LocalAddr()))
	shown := &certificates{}
	return &api{settings, publishMedia, shown}, &api{settings, nil, shown}, mux, nil
}

// api makes connections of one kind. Each has a binding request handler of its own.
type api struct {
	settings     webrtc.SettingEngine
	media        *webrtc.MediaEngine // of publishing ones; see sending
	certificates *certificates
}

func (a *api) NewPeerConnection(configuration webrtc.Configuration) (*webrtc.PeerConnection, error) {
	pc, _, err := a.connect(configuration, a.settings, a.media)
	return pc, err
}

// sending makes a connection together with what makes senders for it: of its own engine, which knows what was negotiated.
func (a *api) sending() (*webrtc.PeerConnection, *webrtc.API, error) {
	media, err := subscribeEngine()
	if err != nil {
		return nil, nil, err
	}
	settings := a.settings
	settings.DisableMediaEngineCopy(true)
	return a.connect(webrtc.Configuration{}, settings, media)
}

func (a *api) connect(configuration webrtc.Configuration, settings webrtc.SettingEngine, media *webrtc.MediaEngine) (*webrtc.PeerConnection, *webrtc.API, error) {
	shown, err := a.certificates.get()
	if err != nil {
		return nil, nil, err
	}
	configuration.Certificates = shown
	f := &follower{}
	settings.SetICEBindingRequestHandler(f.asked)
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := api.NewPeerConnection(configuration)
	f.crowded = func() { go func() { _ = pc.Close() }() } // called in the loop that Close waits for
	return pc, api, err
}

func newSettings() (webrtc.SettingEngine, error) {
	settings := webrtc.SettingEngine{LoggerFactory: silent}
	settings.SetLite(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetICETimeouts(iceDisconnected, iceFailed, iceKeepalive)
	settings.SetDTLSRetransmissionInterval(handshakeAgain)
	// AES-128-GCM first: a sixth of the cost of AES-CM with SHA-1, which stays for clients that have nothing else.
	settings.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	// The DTLS server chooses the profile, so be the server in answers too.
	if err := settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return settings, fmt.Errorf("sfu: %w", err)
	}
	// Without one, each connection reads the list of interfaces, and keeps it.
	network, err := stdnet.NewNet()
	if err != nil {
		return settings, fmt.Errorf("sfu: %w", err)
	}
	settings.SetNet(network)
	return settings, nil
}

// publishEngine: what clients send. No interceptor stands in the way: see intake.
func publishEngine() (*webrtc.MediaEngine, error) {
	media, err := newMediaEngine(func(uri string) bool { return true })
	if err != nil {
		return nil, err
	}
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC}, webrtc.RTPCodecTypeVideo)
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC}, webrtc.RTPCodecTypeAudio)
	return media, nil
}

// subscribeEngine: what clients receive. No interceptor stands in the way of packets: retransmission and reports are ours.
func subscribeEngine() (*webrtc.MediaEngine, error) {
	media, err := newMediaEngine(func(uri string) bool { return extensionOf(uri) != extensionNone || uri == sdp.TransportCCURI })
	if err != nil {
		return nil, err
	}
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC}, webrtc.RTPCodecTypeVideo)
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC}, webrtc.RTPCodecTypeAudio)
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBGoogREMB}, webrtc.RTPCodecTypeVideo)
	return media, nil
}

func newMediaEngine(negotiate func(uri string) bool) (*webrtc.MediaEngine, error) {
	media := &webrtc.MediaEngine{}
	for _, c := range codecs {
		if err := media.RegisterCodec(c.parameters(), c.kind); err != nil {
			return nil, fmt.Errorf("sfu: %s: %w", c.name, err)
		}
		if c.rtx == 0 {
			continue
		}
		if err := media.RegisterCodec(c.retransmission(), c.kind); err != nil {
			return nil, fmt.Errorf("sfu: %s: %w", c.name, err)
		}
	}
	audio, video := []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio}, []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo}
	for _, e := range []struct {
		uri   string
		kinds []webrtc.RTPCodecType
	}{
		{sdp.SDESMidURI, append(audio, video...)},
		{sdp.TransportCCURI, append(audio, video...)},
		{sdp.AudioLevelURI, audio},
		{dependencyDescriptorURI, video},
		{sdp.SDESRTPStreamIDURI, video},
		{sdp.SDESRepairRTPStreamIDURI, video},
	} {
		for _, kind := range e.kinds {
			if !negotiate(e.uri) {
				continue
			}
			if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: e.uri}, kind); err != nil {
				return nil, fmt.Errorf("sfu: %w", err)
			}
		}
	}
	return media, nil
}
