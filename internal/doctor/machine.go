package doctor

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Bounds of what a machine has.
const (
	leastFiles  = 8192      // a participant takes up to three sockets, and a relay one
	leastRoom   = 256 << 20 // bytes on the data folder's disk
	leastBuffer = 4 << 20   // bytes that a UDP socket may hold: a key frame that goes to everybody
)

// Port is one that the server listens on.
type Port struct {
	Name    string // of the setting
	Network string // tcp or udp
	Address string
}

// Machine is what a server needs of the machine that it runs on.
type Machine struct {
	Data   string // folder
	Ports  []Port
	Domain string   // empty: none
	Public []string // addresses that reach this machine from outside: IP or IP:PORT
	Runs   bool     // the server is there, and has its ports
	Closed []Port   // not to be reached from elsewhere

	lookup func(string) ([]net.IP, error) // net.LookupIP if nil
}

// Run looks.
func (m Machine) Run() (r Report) {
	m.folder(&r)
	for _, p := range m.Ports {
		m.port(&r, p)
	}
	for _, p := range m.Closed {
		if host, _, _ := net.SplitHostPort(p.Address); !isLocal(host) {
			r.warn(p.Name, "listen on localhost, or keep the port closed to others", "%s is open to whoever reaches it", p.Address)
		}
	}
	m.addresses(&r)
	clock(&r)
	files(&r)
	buffers(&r)
	segments(&r)
	return r
}

// folder: is it there, ours alone, and with room? What is not there yet is made by the server.
func (m Machine) folder(r *Report) {
	const name = "data folder"
	info, err := os.Stat(m.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		parent := m.Data
		for {
			if parent = filepath.Dir(parent); parent == "/" || parent == "." || exists(parent) {
				break
			}
		}
		if !writable(parent) {
			r.warn(name, "--data names a folder that the server's user can write", "%s is not there, and this user cannot make it", m.Data)
			return
		}
		r.ok(name, "%s will be made at the first start", m.Data)
		return
	case err != nil:
		r.fail(name, "--data names a folder that the server's user can write", "%v", err)
		return
	case !info.IsDir():
		r.fail(name, "--data names a folder", "%s is none", m.Data)
		return
	case info.Mode().Perm()&0o077 != 0:
		r.fail(name, "chmod -R go= "+m.Data, "%s is open to other users", m.Data)
		return
	case !writable(m.Data):
		r.fail(name, "--data names a folder that the server's user can write", "%s cannot be written", m.Data)
		return
	}
	if free, ok := room(m.Data); ok && free < leastRoom {
		r.warn(name, "make room on the disk", "%d MB are left for %s", free>>20, m.Data)
		return
	}
	r.ok(name, "%s, for its user alone", m.Data)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func writable(dir string) bool {
	probe, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		return false
	}
	_ = probe.Close()
	return os.Remove(probe.Name()) == nil
}

// port tries to have it. That the server has it already is well.
func (m Machine) port(r *Report, p Port) {
	name := p.Name + " (" + p.Network + ")"
	err := listen(p)
	switch {
	case err == nil && m.Runs:
		r.warn(name, "see in the server's log why it does without", "%s is free, though the server runs", p.Address)
	case err == nil:
		r.ok(name, "%s is free", p.Address)
	case errors.Is(err, syscall.EADDRINUSE) && m.Runs:
		r.ok(name, "%s is in use, by the server that runs", p.Address)
	case errors.Is(err, syscall.EADDRINUSE):
		r.fail(name, "stop the other program (ss -lnp shows which), or choose another port with --"+p.Name, "%s is in use", p.Address)
	case errors.Is(err, syscall.EACCES) && m.Runs:
		r.skip(name, "this user may not listen on %s; the server does", p.Address)
	case errors.Is(err, syscall.EACCES):
		r.fail(name, "let systemd give the server CAP_NET_BIND_SERVICE, or: setcap cap_net_bind_service=+ep grotto-server", "this user may not listen on %s", p.Address)
	default:
		r.fail(name, "--"+p.Name+" takes HOST:PORT or :PORT", "%s: %v", p.Address, short(err))
	}
}

func listen(p Port) error {
	if p.Network == "udp" {
		c, err := net.ListenPacket("udp", p.Address)
		if err == nil {
			_ = c.Close()
		}
		return err
	}
	l, err := net.Listen("tcp", p.Address)
	if err == nil {
		_ = l.Close()
	}
	return err
}

// addresses of this machine, and what the DNS says of it.
func (m Machine) addresses(r *Report) {
	own := ownAddresses()
	v6 := slices.ContainsFunc(own, netip.Addr.Is6)
	if v6 {
		r.ok("IPv6", "this machine has it")
	} else {
		r.warn("IPv6", "get an IPv6 address for this machine: networks with IPv6 only reach it through a translator otherwise", "this machine has none that leads anywhere")
	}
	reached := slices.Clone(own)
	for _, text := range m.Public {
		if ip, err := netip.ParseAddr(text); err == nil {
			reached = append(reached, ip)
		} else if both, err := netip.ParseAddrPort(text); err == nil {
			reached = append(reached, both.Addr())
		}
	}
	if !slices.ContainsFunc(reached, func(ip netip.Addr) bool { return !ip.IsPrivate() && !isShared(ip) }) {
		r.warn("address", "name the address outside with --public-ip", "this machine has private addresses only: media reaches it from its own network, and from elsewhere by --public-ip")
	}
	if m.Domain == "" {
		return
	}
	lookup := m.lookup
	if lookup == nil {
		lookup = net.LookupIP
	}
	named, err := lookup(m.Domain)
	if err != nil {
		r.fail("DNS", "give "+m.Domain+" an A record, and an AAAA record if the server has IPv6", "%s has no address", m.Domain)
		return
	}
	var other []string
	for _, ip := range named {
		addr, _ := netip.AddrFromSlice(ip)
		if !slices.Contains(reached, addr.Unmap()) {
			other = append(other, addr.Unmap().String())
		}
	}
	if len(other) > 0 {
		r.warn("DNS", "behind NAT say so with --public-ip; otherwise correct the record", "%s is %s, which is no address of this machine", m.Domain, strings.Join(other, ", "))
		return
	}
	r.ok("DNS", "%s leads to this machine", m.Domain)
}

// isShared: RFC 6598, between a provider's NAT and its subscribers.
func isShared(ip netip.Addr) bool { return netip.MustParsePrefix("100.64.0.0/10").Contains(ip) }

// ownAddresses are those that could be reached from elsewhere.
func ownAddresses() (all []netip.Addr) {
	addrs, _ := net.InterfaceAddrs() // none is an answer, too
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok && ip.Unmap().IsGlobalUnicast() {
				all = append(all, ip.Unmap())
			}
		}
	}
	return all
}

func hasIPv6() bool {
	return slices.ContainsFunc(ownAddresses(), func(ip netip.Addr) bool { return ip.Is6() && !ip.IsPrivate() })
}
