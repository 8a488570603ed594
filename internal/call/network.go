package call

import (
	"strings"
	"sync"

	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Network says by which ways media may go.
type Network string

// The ways: by UDP to the server's port, and if that does not work by whatever does; or only by one of them.
const (
	NetworkAny   Network = ""
	NetworkUDP   Network = "udp"
	NetworkTCP   Network = "tcp"
	NetworkRelay Network = "relay" // the server's TURN
)

// ways is what one connection may use. It begins with UDP, since nearly everybody has that, and trying all costs the server a relay
// and several sockets each.
type ways struct {
	network Network
	relays  []webrtc.ICEServer

	mu   sync.Mutex
	wide bool // UDP did not work
}

func newWays(network Network, servers []wire.ICEServer) *ways {
	w := &ways{network: network}
	for _, s := range servers {
		w.relays = append(w.relays, webrtc.ICEServer{URLs: []string{s.URL}, Username: s.Username, Credential: s.Credential})
	}
	return w
}

func (w *ways) set(settings *webrtc.SettingEngine) webrtc.Configuration {
	udp, tcp := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}, []webrtc.NetworkType{webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6}
	switch w.network {
	case NetworkUDP:
		settings.SetNetworkTypes(udp)
	case NetworkTCP:
		settings.SetNetworkTypes(tcp)
	case NetworkAny, NetworkRelay:
		settings.SetNetworkTypes(append(udp, tcp...)) // relays are reached by both
	}
	if w.network == NetworkRelay {
		return webrtc.Configuration{ICEServers: w.relays, ICETransportPolicy: webrtc.ICETransportPolicyRelay}
	}
	return webrtc.Configuration{}
}

// widen allows all ways from the next restart of ICE on.
func (w *ways) widen(pc *webrtc.PeerConnection) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.network != NetworkAny || w.wide {
		return nil
	}
	w.wide = true
	return pc.SetConfiguration(webrtc.Configuration{ICEServers: w.relays})
}

// narrowed is the server's description without what is not to be tried yet, or not at all: Pion dials TCP ports also where only
// relays are allowed.
func (w *ways) narrowed(sdp string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.network != NetworkRelay && (w.network != NetworkAny || w.wide) {
		return sdp
	}
	var out strings.Builder
	for line := range strings.SplitAfterSeq(sdp, "\r\n") {
		if !strings.HasPrefix(line, "a=candidate:") || !strings.Contains(line, " tcp ") {
			out.WriteString(line)
		}
	}
	return out.String()
}
