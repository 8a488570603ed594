package sfu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/pion/ice/v4"

	"github.com/grotto-meet/grotto/internal/sfu/icetcp"
)

// Where clients are told to send, and how that is written down. Pion would list one address each time for the agent and keep a
// goroutine and a buffer for it; what it listens on is the same socket for all. So its agents have one address a family, and the
// candidates in descriptions are ours.

// single is a mux that tells agents of one address a family.
type single struct {
	ice.UDPMux
	addrs []net.Addr
}

func newSingle(mux ice.UDPMux, local net.Addr) single {
	bound := addrPort(local)
	if !bound.Addr().IsUnspecified() {
		return single{mux, []net.Addr{local}}
	}
	addrs := []net.Addr{&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(bound.Port())}}
	if bound.Addr().Is6() {
		addrs = append(addrs, &net.UDPAddr{IP: net.IPv6loopback, Port: int(bound.Port())})
	}
	return single{mux, addrs}
}

func (s single) GetListenAddresses() []net.Addr { return s.addrs }

// addrPort reads a UDP or TCP address.
func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.UDPAddr:
		return unmapped(a.AddrPort())
	case *net.TCPAddr:
		return unmapped(a.AddrPort())
	}
	return netip.AddrPort{}
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// publicAddress reads what an operator says of the way from outside: an address, with a port where NAT changes that, too.
func publicAddress(text string, port uint16) (netip.AddrPort, error) {
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
		return netip.AddrPortFrom(ip.Unmap(), port), nil
	}
	if both, err := netip.ParseAddrPort(text); err == nil && both.Addr().Zone() == "" && both.Port() != 0 {
		return unmapped(both), nil
	}
	return netip.AddrPort{}, fmt.Errorf("sfu: public address %q is neither IP nor IP:PORT", text)
}

// readPublic reads the configured public addresses.
func (s *SFU) readPublic() error {
	port := addrPort(s.conn.LocalAddr()).Port()
	for _, text := range s.config.PublicIPs {
		a, err := publicAddress(text, port)
		if err != nil {
			return err
		}
		s.public = append(s.public, a)
	}
	return nil
}

// open listens on the media port, for TCP too where that is wanted. Of a port that the system chooses, TCP may be taken: then
// another one is tried.
func (s *SFU) open(addr string) (err error) {
	_, port, _ := net.SplitHostPort(addr)
	for attempt := 0; ; attempt++ {
		if s.conn, err = listen(addr, s); err != nil {
			return err
		}
		if s.openTCP() == nil || port != "0" || attempt == 10 {
			return nil
		}
		_ = s.conn.Close()
	}
}

// openTCP listens for media over TCP, where that is wanted: on the listener that was given, else on the media port's number.
func (s *SFU) openTCP() (err error) {
	if s.listener = s.config.Streams; s.listener == nil && s.config.TCP {
		s.listener, err = net.Listen("tcp", s.conn.LocalAddr().String())
	}
	return err
}

// serveTCP serves media over TCP. It is of use to few, so a port that is taken is no reason not to start.
func (s *SFU) serveTCP() {
	if s.listener == nil {
		_ = s.openTCP()
	}
	switch {
	case s.listener != nil:
		s.tcpPort = addrPort(s.listener.Addr()).Port()
		s.tcp = icetcp.New(s.listener, func() (net.Conn, error) { return s.Dial(context.Background()) })
	case s.config.TCP:
		s.log.Warn("no media over TCP: the port is in use", "port", addrPort(s.conn.LocalAddr()).Port())
	}
}

// Dial makes a socket that is connected to the media port, from within this machine. It is no loopback socket where that can be
// avoided: clients are told where their packets seem to come from, and Firefox takes loopback for a mistake.
func (s *SFU) Dial(ctx context.Context) (net.Conn, error) {
	to := addrPort(s.conn.LocalAddr())
	if to.Addr().IsUnspecified() {
		all := localAddresses(to.Addr())
		i := slices.IndexFunc(all, func(ip netip.Addr) bool { return !ip.IsLoopback() })
		if len(all) == 0 {
			return nil, errors.New("sfu: this machine has no address")
		}
		to = netip.AddrPortFrom(all[max(i, 0)], to.Port())
	}
	return new(net.Dialer).DialContext(ctx, "udp", to.String())
}

// Addresses are those that media is offered by: the interfaces' and the public ones, loopback last. An interface may get another
// address at any time, so they are looked up anew.
func (s *SFU) Addresses() []netip.AddrPort {
	if s.config.PublicOnly && len(s.public) > 0 {
		return s.public
	}
	bound := addrPort(s.conn.LocalAddr())
	var all, loopback []netip.AddrPort
	for _, ip := range localAddresses(bound.Addr()) {
		if ip.IsLoopback() && bound.Addr().IsUnspecified() {
			loopback = append(loopback, netip.AddrPortFrom(ip, bound.Port()))
			continue
		}
		all = append(all, netip.AddrPortFrom(ip, bound.Port()))
	}
	all = append(all, s.public...)
	if s.config.IncludeLoopback || len(all) == 0 {
		all = append(all, loopback...)
	}
	return all
}

// localAddresses are what a socket bound there is reached by. Link-local addresses mean nothing without the interface.
func localAddresses(bound netip.Addr) []netip.Addr {
	if !bound.IsUnspecified() {
		return []netip.Addr{bound}
	}
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var all []netip.Addr
	for _, a := range interfaces {
		prefix, err := netip.ParsePrefix(a.String())
		ip := prefix.Addr().Unmap()
		if err == nil && !ip.IsLinkLocalUnicast() && (ip.Is4() || bound.Is6()) {
			all = append(all, ip)
		}
	}
	// IPv4 first: where both are there it is the one that more often really works.
	slices.SortStableFunc(all, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return all
}

// Relays are the addresses by which relays may reach the media port. A relay has no use for loopback, unless there is nothing else.
func (s *SFU) Relays() []netip.AddrPort {
	all := s.Addresses()
	outside := slices.DeleteFunc(slices.Clone(all), func(a netip.AddrPort) bool { return a.Addr().IsLoopback() })
	if len(outside) == 0 {
		return all
	}
	return outside
}

// Host candidates' priorities (RFC 8445 §5.1.2): 126 for UDP, less for TCP, and the earlier the better.
const (
	preferUDP  = 126
	preferTCP  = 90
	component  = 1
	mostLocal  = 65535
	tcpPassive = " tcptype passive" // RFC 6544: the client connects
	endOfBlock = "a=end-of-candidates\r\n"
	oneOfPions = "a=candidate:"
	lineEnd    = "\r\n"
	maxListed  = 24 // addresses in a description
)

// described puts our candidates in the place of Pion's.
func (s *SFU) described(sdp string) string {
	addresses := s.Addresses()
	addresses = addresses[:min(len(addresses), maxListed)]
	if s.tcp == nil {
		return withCandidates(sdp, addresses, nil)
	}
	return withCandidates(sdp, addresses, s.overTCP(addresses))
}

// overTCP are the addresses of media over TCP.
func (s *SFU) overTCP(addresses []netip.AddrPort) (over []netip.AddrPort) {
	if s.tcpPort == 0 {
		return addresses
	}
	for _, a := range addresses {
		a = netip.AddrPortFrom(a.Addr(), s.tcpPort)
		if !slices.Contains(over, a) { // NAT may lead to one address by several ports
			over = append(over, a)
		}
	}
	return over
}

// withCandidates ends the first media section with them: it is the one whose transport all use.
func withCandidates(sdp string, udp, tcp []netip.AddrPort) string {
	var out strings.Builder
	sections := 0
	for line := range strings.SplitAfterSeq(sdp, lineEnd) {
		if strings.HasPrefix(line, oneOfPions) || line == endOfBlock {
			continue
		}
		if strings.HasPrefix(line, "m=") {
			if sections++; sections == 2 {
				writeCandidates(&out, udp, tcp)
			}
		}
		out.WriteString(line)
	}
	if sections == 1 {
		writeCandidates(&out, udp, tcp)
	}
	return out.String()
}

func writeCandidates(out *strings.Builder, udp, tcp []netip.AddrPort) {
	for i, a := range udp {
		writeCandidate(out, i, "udp", preferUDP, a, "")
	}
	for i, a := range tcp {
		writeCandidate(out, len(udp)+i, "tcp", preferTCP, a, tcpPassive)
	}
	out.WriteString(endOfBlock)
}

func writeCandidate(out *strings.Builder, n int, protocol string, preference uint32, a netip.AddrPort, suffix string) {
	priority := preference<<24 | uint32(mostLocal-n)<<8 | (256 - component)
	fmt.Fprintf(out, "%s%d %d %s %d %s %d typ host%s%s", oneOfPions, n+1, component, protocol, priority, a.Addr(), a.Port(), suffix, lineEnd)
}
