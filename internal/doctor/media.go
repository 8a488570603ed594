package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/wire"
)

// wayTimeout is for one way of media, all told. A browser gives up after 15 s at the latest.
const wayTimeout = 12 * time.Second

func (v *Visit) signal() string {
	return "ws" + strings.TrimPrefix(v.base.String(), "http") + "/v1/signal"
}

func (v *Visit) dial(ctx context.Context, head http.Header) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{HandshakeTimeout: askTimeout, TLSClientConfig: v.plain.Clone(), Proxy: http.ProxyFromEnvironment}
	return d.DialContext(ctx, v.signal(), head)
}

// origin: pages of others must not use their visitors to get at this server.
func (v *Visit) origin(ctx context.Context) {
	own, answer, err := v.dial(ctx, http.Header{"Origin": {v.base.String()}})
	if err != nil {
		status := "no answer"
		if answer != nil {
			status = answer.Status
		}
		v.report.fail("signalling", "a proxy in between must pass WebSockets, and the Host header as it is", "%s takes no WebSocket of its own page: %s (%v)", v.signal(), status, short(err))
		return
	}
	_ = own.Close()
	foreign, _, err := v.dial(ctx, http.Header{"Origin": {"https://elsewhere.example"}})
	if err == nil {
		_ = foreign.Close()
		v.report.fail("signalling", "a proxy in between must pass the Origin header as it is", "it takes WebSockets of pages from anywhere")
		return
	}
	v.report.ok("signalling", "WebSockets of its own pages, and of no others")
}

// way is one that media can take.
type way struct {
	name     string
	networks []webrtc.NetworkType
	relay    func(wire.ICEServer) bool // nil: to the media port itself
	hint     string
}

var (
	udp = []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	tcp = []webrtc.NetworkType{webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6}
)

func relayBy(scheme, transport string) func(wire.ICEServer) bool {
	return func(s wire.ICEServer) bool {
		return strings.HasPrefix(s.URL, scheme+":") && strings.HasSuffix(s.URL, "="+transport)
	}
}

var ways = []way{
	{"media by UDP", udp, nil, "open the UDP port to everybody; behind NAT name the address outside with --public-ip"},
	{"media by TCP", tcp, nil, "open the TCP port to everybody; behind NAT name the address outside with --public-ip"},
	{"relay by UDP", udp, relayBy("turn", "udp"), "open the TURN port (3478) for UDP"},
	{"relay by TCP", slices.Concat(udp, tcp), relayBy("turn", "tcp"), "open the TURN port (3478) for TCP"},
	{"relay by TLS", slices.Concat(udp, tcp), relayBy("turns", "tcp"), "a proxy with HTTPS before the server must not be where TURN over TLS goes: let the server have the port itself"},
}

var (
	errNoWay  = errors.New("the server offers none")
	errNobody = errors.New("nothing came through")
)

// media tries all ways at a time. That one relay does not work is a pity; that nothing does, or nothing by UDP, is not to be had.
func (v *Visit) media(ctx context.Context) {
	errs := make([]error, len(ways))
	paths := make([]string, len(ways))
	var all sync.WaitGroup
	for i, w := range ways {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, v.patience)
			defer cancel()
			paths[i], errs[i] = v.try(ctx, w)
		})
	}
	all.Wait()
	for i, w := range ways {
		refused, isRefused := errors.AsType[*wire.Error](errs[i])
		switch {
		case errs[i] == nil:
			v.report.ok(w.name, "%s", paths[i])
		case isRefused:
			v.report.skip(w.name, "the server lets nobody in here: %s (give a room of it in the URL, or a token)", refused.Message)
		case errors.Is(errs[i], errNoWay):
			v.report.skip(w.name, "the server offers none")
		case w.relay == nil && i == 0:
			v.report.fail(w.name, w.hint, "%v", errs[i])
		default:
			v.report.warn(w.name, w.hint, "%v", errs[i])
		}
	}
}

// try joins a room alone and connects to the SFU, by one way only.
func (v *Visit) try(ctx context.Context, w way) (path string, err error) {
	ws, _, err := v.dial(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("signalling: %w", short(err))
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { _ = ws.Close() })()
	ask := func(m wire.ClientMessage) (wire.ServerMessage, error) { return exchange(ws, m) }

	slug := "doctor-" + strings.ToLower(rand.Text()[:12])
	if v.slug != "" {
		slug = v.slug + "--" + slug // as a breakout room, which nobody of the room sees
	}
	answer, err := ask(&wire.Hello{ID: 1, Version: wire.Version, Room: slug, Token: v.Token})
	if err != nil {
		return "", err
	}
	welcome, ok := answer.(*wire.Welcome)
	if !ok {
		return "", errors.New("the server does not speak our protocol")
	}
	configuration := webrtc.Configuration{}
	if w.relay != nil {
		i := slices.IndexFunc(welcome.ICEServers, w.relay)
		if i < 0 {
			return "", errNoWay
		}
		s := welcome.ICEServers[i]
		path = "through " + strings.TrimSuffix(s.URL, "?transport=tcp")
		configuration = webrtc.Configuration{ICETransportPolicy: webrtc.ICETransportPolicyRelay,
			ICEServers: []webrtc.ICEServer{{URLs: []string{s.URL}, Username: s.Username, Credential: s.Credential}}}
	}
	key := wire.SignedKey{KeyID: "doctor", Key: random(32), Sig: random(64)}
	if _, err := ask(&wire.Join{ID: 2, JoinID: random(16), CallKeys: random(32), Sig: random(64), OneTimeKeys: []wire.SignedKey{}, FallbackKey: key}); err != nil {
		return "", err
	}

	pc, connected, err := connection(w.networks, configuration)
	if err != nil {
		return "", err
	}
	defer pc.Close()
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		return "", err
	}
	answer, err = ask(&wire.Publish{ID: 3, SDP: offer.SDP, Tracks: []wire.Publication{{MID: pc.GetTransceivers()[0].Mid(), Source: wire.SourceMic, Codec: wire.CodecOpus}}})
	if err != nil {
		return "", err
	}
	published, ok := answer.(*wire.Published)
	if !ok {
		return "", errors.New("the server does not speak our protocol")
	}
	offered := candidates(published.SDP, w)
	if len(offered) == 0 {
		return "", errNoWay
	}
	if path == "" {
		path = "to " + strings.Join(offered, ", ")
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: only(published.SDP, w)}); err != nil {
		return "", err
	}
	select {
	case <-connected:
	case <-ctx.Done():
		return "", fmt.Errorf("%w %s", errNobody, path)
	}
	if taken := selected(pc); w.relay == nil && taken != "" {
		path = "to " + taken
	}
	_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"leave","id":4}`))
	return path, nil
}

// exchange sends a request and reads to its answer. What the server refuses is its *wire.Error.
func exchange(ws *websocket.Conn, m wire.ClientMessage) (wire.ServerMessage, error) {
	text, err := wire.Encode(m)
	if err != nil {
		return nil, err
	}
	if err := ws.WriteMessage(websocket.TextMessage, text); err != nil {
		return nil, err
	}
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return nil, fmt.Errorf("signalling: %w", err)
		}
		answer, err := wire.DecodeServer(text)
		if err != nil {
			return nil, err
		}
		if refused, ok := answer.(*wire.Error); ok {
			return nil, refused
		}
		if wire.ID(answer) == wire.ID(m) {
			return answer, nil
		}
	}
}

// connection offers one sound track, and tells when it is connected.
func connection(networks []webrtc.NetworkType, configuration webrtc.Configuration) (*webrtc.PeerConnection, <-chan struct{}, error) {
	engine := &webrtc.MediaEngine{}
	if err := engine.RegisterDefaultCodecs(); err != nil {
		return nil, nil, err
	}
	var settings webrtc.SettingEngine
	settings.SetNetworkTypes(networks)
	settings.SetIncludeLoopbackCandidate(true) // for a server on this machine
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings)).NewPeerConnection(configuration)
	if err != nil {
		return nil, nil, err
	}
	connected := make(chan struct{})
	var once sync.Once
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(connected) })
		}
	})
	_, err = pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, nil, errors.Join(err, pc.Close())
	}
	return pc, connected, nil
}

// transport is what a way takes to the media port. A relay reaches it by UDP, however the relay itself is reached.
func (w way) transport() string {
	if w.relay == nil && w.networks[0] == webrtc.NetworkTypeTCP4 {
		return "tcp"
	}
	return "udp"
}

// only leaves out of a description the candidates (RFC 8839 §5.1) of other ways: to those by TCP the library goes by itself, whatever it is
// configured to.
func only(sdp string, w way) string {
	var out strings.Builder
	for line := range strings.Lines(sdp) {
		if c, is := candidateOf(line); !is || strings.EqualFold(c.transport, w.transport()) {
			out.WriteString(line)
		}
	}
	return out.String()
}

// candidates are the addresses in a description that a way leads to.
func candidates(sdp string, w way) (addrs []string) {
	for line := range strings.Lines(sdp) {
		c, is := candidateOf(line)
		if is && strings.EqualFold(c.transport, w.transport()) && !slices.Contains(addrs, c.addr) {
			addrs = append(addrs, c.addr)
		}
	}
	return addrs
}

type candidate struct{ transport, addr string }

func candidateOf(line string) (candidate, bool) {
	parts := strings.Fields(line)
	if !strings.HasPrefix(line, "a=candidate:") || len(parts) < 6 {
		return candidate{}, false
	}
	return candidate{parts[2], parts[4] + " port " + parts[5]}, true
}

// selected is where packets go.
func selected(pc *webrtc.PeerConnection) string {
	for _, s := range pc.GetSenders() {
		if s.Transport() == nil {
			continue
		}
		pair, err := s.Transport().ICETransport().GetSelectedCandidatePair()
		if err == nil && pair != nil {
			return fmt.Sprintf("%s port %d", pair.Remote.Address, pair.Remote.Port)
		}
	}
	return ""
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return b
}
