package badnet

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/wire"
)

// Rig stands in front of a server's media port, with a [Line] for each client. Its hooks see the signalling: without
// them nobody comes this way. Its methods may be called from any goroutine.
type Rig struct {
	seed  uint64
	media *net.UDPAddr

	mu      sync.Mutex
	initial [2]Conditions
	lines   []*Line
	byConn  map[*relay.Conn]*Line
	byToken map[string]*Line
	closed  bool
}

// Line is what one session sends and receives over, whatever sockets it signals through.
type Line struct {
	*Link
	Device string // as the server named it
	udp    *forwarder
}

// Rebind changes the address that the server sees, as when a router forgets or a phone changes networks.
func (l *Line) Rebind() { l.udp.rebind() }

// New makes the rig of the server whose media port that is.
func New(media *net.UDPAddr, seed uint64) *Rig {
	server := *media
	if server.IP == nil || server.IP.IsUnspecified() {
		server.IP = outward()
	}
	return &Rig{seed: seed, media: &server, byConn: map[*relay.Conn]*Line{}, byToken: map[string]*Line{}}
}

// outward is an IPv4 address of this machine, not loopback where there is another: the address that a client is told it has
// is then one of that kind too, and Firefox takes no answer that says loopback.
func outward() net.IP {
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP
		}
	}
	return net.IPv4(127, 0, 0, 1)
}

// Set changes one direction for everybody who is there, and for those who come.
func (r *Rig) Set(d Direction, c Conditions) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.initial[d] = c
	for _, l := range r.lines {
		l.SetOne(d, c)
	}
}

// Lines are those of all sessions so far, in their order.
func (r *Rig) Lines() []*Line {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines)
}

// Line is the one of a device, nil if there is none.
func (r *Rig) Line(device string) *Line {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.IndexFunc(r.lines, func(l *Line) bool { return l.Device == device }); i >= 0 {
		return r.lines[i]
	}
	return nil
}

// FromClient is the hook for what clients say.
func (r *Rig) FromClient(c *relay.Conn, m wire.ClientMessage) []wire.ClientMessage {
	if resume, ok := m.(*wire.Resume); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.byConn[c] = r.byToken[resume.Token]
	}
	return []wire.ClientMessage{m}
}

// FromServer is the hook for what the server says. It panics when the machine has no socket left.
func (r *Rig) FromServer(c *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
	switch m := m.(type) {
	case *wire.Welcome:
		r.begin(c, m)
		m.ICEServers = nil
	case *wire.SubscribeOffer:
		m.SDP = r.advertise(c, m.SDP)
	case *wire.Published:
		m.SDP = r.advertise(c, m.SDP)
	}
	return []wire.ServerMessage{m}
}

func (r *Rig) begin(c *relay.Conn, m *wire.Welcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	link := newLink(r.seed, uint64(len(r.lines)))
	udp, err := newForwarder(r.media, link)
	if err != nil {
		panic(fmt.Sprintf("badnet: %v", err))
	}
	l := &Line{Link: link, Device: m.DeviceID, udp: udp}
	l.SetOne(Up, r.initial[Up])
	l.SetOne(Down, r.initial[Down])
	r.lines = append(r.lines, l)
	r.byConn[c], r.byToken[m.Resume] = l, l
}

func (r *Rig) advertise(c *relay.Conn, sdp string) string {
	r.mu.Lock()
	l := r.byConn[c]
	r.mu.Unlock()
	if l == nil {
		return sdp
	}
	return rewrite(sdp, l.udp.port())
}

// Close ends all lines.
func (r *Rig) Close() {
	r.mu.Lock()
	r.closed = true
	lines := r.lines
	r.mu.Unlock()
	for _, l := range lines {
		l.udp.close()
	}
}

// rewrite leaves of the candidates (RFC 8839 §5.1) the IPv4 hosts over UDP, on that port.
func rewrite(sdp string, port int) string {
	const transport, address, portField, kind = 2, 4, 5, 7
	var out strings.Builder
	seen := map[string]bool{}
	for line := range strings.Lines(sdp) {
		if strings.HasPrefix(line, "m=") {
			clear(seen)
		}
		if strings.HasPrefix(line, "a=candidate:") {
			f := strings.Fields(line)
			if len(f) <= kind || !strings.EqualFold(f[transport], "udp") || f[kind] != "host" || strings.Contains(f[address], ":") {
				continue
			}
			f[portField] = strconv.Itoa(port)
			if host := f[1] + f[address]; seen[host] {
				continue // of another port, as where the server has several
			} else {
				seen[host] = true
			}
			line = strings.Join(f, " ") + "\r\n"
		}
		out.WriteString(line)
	}
	return out.String()
}
