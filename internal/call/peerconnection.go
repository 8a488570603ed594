package call

import (
	"fmt"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/webrtc/v4"
)

// handshakeAgain is after how long a flight of the DTLS handshake is sent again. Pion's second is long for joining.
const handshakeAgain = 250 * time.Millisecond

// newPeerConnection makes one that knows our codecs. Loopback candidates are for servers on this machine.
func newPeerConnection(w *ways) (*webrtc.PeerConnection, error) {
	engine := &webrtc.MediaEngine{}
	for _, c := range codecTable {
		kind := webrtc.RTPCodecTypeAudio
		if c.video {
			kind = webrtc.RTPCodecTypeVideo
		}
		if err := engine.RegisterCodec(c.params, kind); err != nil {
			return nil, fmt.Errorf("call: codec %s: %w", c.wire, err)
		}
		if c.video {
			if err := engine.RegisterCodec(retransmission(c.params), kind); err != nil {
				return nil, fmt.Errorf("call: retransmission of %s: %w", c.wire, err)
			}
		}
	}
	registry, err := interceptors(engine)
	if err != nil {
		return nil, fmt.Errorf("call: interceptors: %w", err)
	}
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetDTLSRetransmissionInterval(handshakeAgain)
	configuration := w.set(&settings)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))
	return api.NewPeerConnection(configuration)
}

// interceptors answer for lost packets, and report what came. Asking for lost packets is for the tracks: Pion's own
// generator does not see what comes again over RTX, and asks for it without end.
func interceptors(engine *webrtc.MediaEngine) (*interceptor.Registry, error) {
	registry := &interceptor.Registry{}
	responder, err := nack.NewResponderInterceptor()
	if err != nil {
		return nil, err
	}
	registry.Add(responder)
	if err := webrtc.ConfigureRTCPReports(registry); err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureSimulcastExtensionHeaders(engine); err != nil {
		return nil, err
	}
	return registry, webrtc.ConfigureTWCCSender(engine, registry)
}

// retransmission is RTX (RFC 4588) for a codec, under the next payload type.
func retransmission(of webrtc.RTPCodecParameters) webrtc.RTPCodecParameters {
	return parameters(webrtc.MimeTypeRTX, of.ClockRate, 0, of.PayloadType+1, fmt.Sprintf("apt=%d", of.PayloadType), nil)
}

// describe sets a local description. The server needs none of our candidates, so nobody waits for them.
func describe(pc *webrtc.PeerConnection, d webrtc.SessionDescription) (string, error) {
	if err := pc.SetLocalDescription(d); err != nil {
		return "", err
	}
	return pc.LocalDescription().SDP, nil
}
