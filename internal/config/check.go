package config

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/web"
)

// check looks at the values themselves.
func (l *loader) check() {
	s := &l.Settings
	l.address("listen", s.Listen)
	l.address("udp", s.UDP)
	if s.TURN != "auto" && s.TURN != "off" {
		l.address("turn", s.TURN)
	}
	for _, ip := range s.PublicIP {
		if !isPublicIP(ip) {
			l.wrong("public-ip", fmt.Sprintf("%q is neither IP nor IP:PORT", ip), "of IPv6 with a port the address stands in brackets: [2001:db8::7]:8081")
		}
	}
	if s.Voices < 0 {
		l.wrong("voices", "it is less than nothing", "0 forwards everybody")
	}
	for _, origin := range s.EmbedAt {
		if _, err := web.ParseOrigin(origin); err != nil {
			l.wrong("embed-origin", fmt.Sprintf("%q is not the origin of a page that gets a camera", origin), "write https://host or https://host:port")
		}
	}
	l.slugs("room", s.Room)
	l.slugs("no-audio-levels-in", s.NoLevelsIn)
	if s.ServerName != "" && !wire.ValidServerName(s.ServerName) {
		l.wrong("server-name", fmt.Sprintf("%q is not a server name", s.ServerName), "write a host name, with a port if need be")
	}
	switch {
	case s.TLSCert != "" && s.TLSKey == "":
		l.wrong("tls-cert", "HTTPS needs both tls-cert and tls-key", "name the file of the private key, too")
	case s.TLSKey != "" && s.TLSCert == "":
		l.wrong("tls-key", "HTTPS needs both tls-cert and tls-key", "name the file of the certificate, too")
	case s.Dev && s.TLSCert != "":
		l.wrong("dev", "it is without TLS", "leave out dev, or tls-cert and tls-key")
	case s.Dev && s.Listen != "" && !isLoopback(s.Listen):
		l.wrong("dev", "it is on localhost", "leave out dev, or listen")
	}
}

// wrong complains of a value where it was set.
func (l *loader) wrong(name, what, hint string) {
	where, set := l.From[name]
	if !set {
		where = "default"
	}
	if where != "--"+name {
		what = name + ": " + what
	}
	l.complain(where, what, hint)
}

func (l *loader) address(name, value string) {
	if value == "" {
		return
	}
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		l.wrong(name, fmt.Sprintf("%q is not an address to listen on", value), "write HOST:PORT, or :PORT for every interface")
	}
}

func (l *loader) slugs(name string, all []string) {
	for _, slug := range all {
		if !wire.ValidSlug(slug) {
			l.wrong(name, fmt.Sprintf("%q is not the name of a room", slug), "3 to 64 characters of a-z, 0-9 and -")
		}
	}
}

func isPublicIP(text string) bool {
	if ip, err := netip.ParseAddr(text); err == nil {
		return ip.Zone() == ""
	}
	both, err := netip.ParseAddrPort(text)
	return err == nil && both.Addr().Zone() == "" && both.Port() != 0
}

func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
