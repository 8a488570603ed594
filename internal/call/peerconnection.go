package call

import (
	"fmt"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// newPeerConnection makes one that knows our codecs. Loopback candidates are for servers on this machine.
func newPeerConnection() (*webrtc.PeerConnection, error) {
	engine := &webrtc.MediaEngine{}
	for _, c := range codecTable {
		kind := webrtc.RTPCodecTypeAudio
		if c.video {
			kind = webrtc.RTPCodecTypeVideo
		}
		if err := engine.RegisterCodec(c.params, kind); err != nil {
			return nil, fmt.Errorf("call: codec %s: %w", c.wire, err)
		}
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(engine, registry); err != nil {
		return nil, fmt.Errorf("call: interceptors: %w", err)
	}
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))
	return api.NewPeerConnection(webrtc.Configuration{})
}

// describe sets a local description. The server needs none of our candidates, so nobody waits for them.
func describe(pc *webrtc.PeerConnection, d webrtc.SessionDescription) (string, error) {
	if err := pc.SetLocalDescription(d); err != nil {
		return "", err
	}
	return pc.LocalDescription().SDP, nil
}
