package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/web"
)

// check looks at the values themselves.
func (l *loader) check() {
	s := &l.Settings
	l.address("listen", s.Listen)
	l.address("udp", s.UDP)
	l.address("metrics", s.Metrics)
	for name, value := range map[string]string{"http": s.HTTP, "turn": s.TURN} {
		if value != Auto && value != Off {
			l.address(name, value)
		}
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
	if err := new(slog.Level).UnmarshalText([]byte(s.LogLevel)); err != nil {
		l.wrong("log-level", fmt.Sprintf("%q is no level", s.LogLevel), "debug, info, warn or error")
	}
	if s.Drain < 0 {
		l.wrong("drain", "it is less than nothing", "0s stops at once")
	}
	if s.NetworkLimits < 0 {
		l.wrong("network-limits", "it is less than nothing", "0 lifts the limits")
	}
	for _, proxy := range s.Proxies {
		if _, err := ParseNetwork(proxy); err != nil {
			l.wrong("trusted-proxy", fmt.Sprintf("%q is neither IP nor network", proxy), "write 192.0.2.7, or a network as 10.0.0.0/8")
		}
	}
	l.slugs("room", s.Room)
	l.slugs("no-audio-levels-in", s.NoLevelsIn)
	if s.ServerName != "" && !wire.ValidServerName(s.ServerName) {
		l.wrong("server-name", fmt.Sprintf("%q is not a server name", s.ServerName), "write a host name, with a port if need be")
	}
	if s.Domain != "" && !isDomain(s.Domain) {
		l.wrong("domain", fmt.Sprintf("%q is not the name of a host on the internet", s.Domain), "write it as in the DNS, without https:// and port: meet.example.org; other scripts as xn--...")
	}
	if s.ACMEEmail != "" && strings.Count(s.ACMEEmail, "@") != 1 {
		l.wrong("acme-email", fmt.Sprintf("%q is no address of mail", s.ACMEEmail), "write name@example.org")
	}
	if u, err := url.Parse(s.ACMEDirectory); s.ACMEDirectory != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		l.wrong("acme-directory", fmt.Sprintf("%q is no address of an authority", s.ACMEDirectory), "write https://...; without it Let's Encrypt is asked")
	}
	for name, value := range map[string]string{"oidc-issuer": s.OIDCIssuer, "oidc-redirect": s.OIDCRedirect} {
		if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname()+":"))) {
			l.wrong(name, fmt.Sprintf("%q is no address that is safe on the way", value), "write https://...")
		}
	}
	l.matrix()
	l.together()
}

// together looks at what does not go with what.
func (l *loader) together() {
	s := &l.Settings
	if (s.OIDCIssuer == "") != (s.OIDCClientID == "") {
		l.wrong("oidc-issuer", "signing in needs both oidc-issuer and oidc-client-id", "name both, or neither")
	}
	switch {
	case s.TLSCert != "" && s.TLSKey == "":
		l.wrong("tls-cert", "HTTPS needs both tls-cert and tls-key", "name the file of the private key, too")
	case s.TLSKey != "" && s.TLSCert == "":
		l.wrong("tls-key", "HTTPS needs both tls-cert and tls-key", "name the file of the certificate, too")
	case s.Dev && s.TLS():
		l.wrong("dev", "it is without TLS", "leave out dev, or domain, tls-cert and tls-key")
	case s.Dev && s.Listen != "" && !isLoopback(s.Listen):
		l.wrong("dev", "it is on localhost", "leave out dev, or listen")
	case s.HTTP != Auto && s.HTTP != Off && s.Domain == "":
		l.wrong("http", "it needs to know where to lead to", "name the domain, too")
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

// ParseNetwork reads an address or a network.
func ParseNetwork(text string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
		ip = ip.Unmap()
		return ip.Prefix(ip.BitLen())
	}
	prefix, err := netip.ParsePrefix(text)
	return prefix.Masked(), err
}

// isDomain: labels of letters, digits and hyphens, at least two, the last one not a number (RFC 1123 §2.1).
func isDomain(name string) bool {
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	_, err := strconv.Atoi(labels[len(labels)-1])
	return len(labels) > 1 && len(name) <= 253 && err != nil
}

func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
