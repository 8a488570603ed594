package node

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/internal/split"
	"github.com/grotto-meet/grotto/internal/turn"
	"github.com/grotto-meet/grotto/internal/wire"
)

// httpsPort is what a host without a port means over TLS.
const httpsPort = "443"

// relay is the TURN server as rooms see it.
type relay struct {
	server *turn.Server
	host   string
	tcp    net.Listener  // on the same port as UDP; nil: none of both
	secure *split.Branch // connections to the page's port that turned out to be TURN; nil: none
}

// newRelay opens the sockets. It gives nil where there is nothing to serve on.
func newRelay(cfg Config, media *sfu.SFU) (*relay, error) {
	r := &relay{host: cfg.TURNHost}
	config := turn.Config{Peers: media.Relays, Dial: media.Dial}
	if cfg.TURN != "" {
		udp, tcp, err := listenTURN(cfg.TURN)
		switch {
		case err == nil:
			config.UDP, config.Streams = udp, []net.Listener{tcp}
			r.tcp = tcp
		case cfg.TURNOptional && errors.Is(err, syscall.EADDRINUSE):
			if cfg.Log != nil {
				cfg.Log.Warn("no TURN: its port is in use", "address", cfg.TURN)
			}
		default:
			return nil, &TURNError{Err: err}
		}
	}
	if cfg.TLS {
		r.secure = split.NewBranch(&net.TCPAddr{})
		config.Streams = append(config.Streams, r.secure)
	}
	if len(config.Streams) == 0 {
		return nil, nil
	}
	var err error
	if r.server, err = turn.New(config); err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	return r, nil
}

// listenTURN opens the same port for both. Of a port that the system chooses, TCP may be taken: then another one is tried.
func listenTURN(addr string) (net.PacketConn, net.Listener, error) {
	for attempt := 0; ; attempt++ {
		udp, err := net.ListenPacket("udp", addr)
		if err != nil {
			return nil, nil, err
		}
		tcp, err := net.Listen("tcp", udp.LocalAddr().String())
		if err == nil {
			return udp, tcp, nil
		}
		_ = udp.Close()
		if _, port, _ := net.SplitHostPort(addr); port != "0" || attempt == 10 {
			return nil, nil, err
		}
	}
}

// Grant names the relays by the host that the client knows us by: it got through to that.
func (r *relay) Grant(host, call, session string) []wire.ICEServer {
	name, pagePort, err := net.SplitHostPort(host)
	if err != nil { // without a port
		name, pagePort = host, httpsPort
		if len(name) > 2 && name[0] == '[' {
			name = name[1 : len(name)-1]
		}
	}
	if r.host != "" {
		name = r.host
	}
	if name == "" {
		return nil
	}
	user, password := r.server.Grant(call, session)
	var all []wire.ICEServer
	add := func(scheme, port, transport string) {
		all = append(all, wire.ICEServer{URL: scheme + ":" + net.JoinHostPort(name, port) + "?transport=" + transport, Username: user, Credential: password})
	}
	if r.tcp != nil {
		_, port, _ := net.SplitHostPort(r.tcp.Addr().String())
		add("turn", port, "udp")
		add("turn", port, "tcp")
	}
	if r.secure != nil {
		add("turns", pagePort, "tcp")
	}
	return all
}

func (r *relay) Revoke(session string) { r.server.Revoke(session) }

// Share makes the page's TLS listener serve TURN as well, so that networks which let nothing but HTTPS pass let media pass. What it
// returns is for the HTTP server. STUN begins with two zero bits (RFC 8489 §5), HTTP with a letter.
func (n *Node) Share(page net.Listener) net.Listener {
	if n.relay == nil || n.relay.secure == nil {
		return page
	}
	return split.Share(page, n.relay.secure, func(first byte) bool { return first>>6 == 0 })
}
