package doctor

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	askTimeout = 10 * time.Second
	maxAnswer  = 64 << 20 // of a file of the page

	soon       = 7 * 24 * time.Hour // before a certificate ends, it should have been renewed
	clockWarns = 10 * time.Second
	clockFails = 2 * time.Minute // tokens and certificates are refused then
)

// Visit is a look from outside.
type Visit struct {
	URL    string // of the server, or of a room of it
	Bundle string // the hash that the page is to have; any if empty
	Token  string // join token, for servers that ask for one
	Roots  *x509.CertPool

	patience     time.Duration // with a way of media; wayTimeout if 0
	withoutMedia bool          // for tests of the rest

	base   *url.URL
	slug   string
	client *http.Client
	plain  *tls.Config
	report Report
}

// Run visits. The error says that the URL is none.
func (v Visit) Run(ctx context.Context) (Report, error) {
	u, err := url.Parse(v.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("doctor: this is not the address of a server")
	}
	if room, ok := strings.CutPrefix(u.Path, "/r/"); ok {
		v.slug = room
	}
	if v.patience == 0 {
		v.patience = wayTimeout
	}
	v.base = &url.URL{Scheme: u.Scheme, Host: u.Host}
	v.plain = &tls.Config{RootCAs: v.Roots}
	transport := &http.Transport{TLSClientConfig: v.plain, Proxy: http.ProxyFromEnvironment}
	defer transport.CloseIdleConnections()
	v.client = &http.Client{Timeout: askTimeout, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	v.names(ctx)
	if !v.page(ctx) {
		return v.report, nil
	}
	v.redirect(ctx)
	v.private(ctx)
	v.health(ctx)
	v.bundle(ctx)
	v.origin(ctx)
	if !v.withoutMedia {
		v.media(ctx)
	}
	return v.report, nil
}

// names looks the host up, and whether a server answers at each of its addresses: one that does not makes people wait, or fail.
func (v *Visit) names(ctx context.Context) {
	host, port := v.base.Hostname(), v.port()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(addrs) == 0 {
		v.report.fail("name", "give "+host+" an A record, and an AAAA record if the server has IPv6", "%s has no address (%v)", host, err)
		return
	}
	errs := make([]error, len(addrs))
	var all sync.WaitGroup
	for i, ip := range addrs {
		all.Go(func() {
			conn, err := (&net.Dialer{Timeout: askTimeout / 2}).DialContext(ctx, "tcp", netip.AddrPortFrom(ip.Unmap(), port).String())
			if errs[i] = err; err == nil {
				_ = conn.Close()
			}
		})
	}
	all.Wait()
	texts := make([]string, len(addrs))
	good := true
	for i, ip := range addrs {
		texts[i] = ip.Unmap().String()
		switch {
		case errs[i] == nil:
		case ip.Is6() && !ip.Is4In6() && !hasIPv6():
			v.report.skip("name", "whether %s answers: there is no IPv6 here", texts[i])
		default:
			good = false
			v.report.fail("name", fmt.Sprintf("open TCP port %d to everybody, or take the address out of the DNS", port), "%s is %s, where nothing answers at port %d (%v)", host, texts[i], port, short(errs[i]))
		}
	}
	if good {
		v.report.ok("name", "%s is %s", host, strings.Join(texts, ", "))
	}
}

func (v *Visit) port() uint16 {
	switch {
	case v.base.Port() != "":
		n, _ := net.LookupPort("tcp", v.base.Port())
		return uint16(n)
	case v.base.Scheme == "https":
		return 443
	}
	return 80
}

// short leaves out of an error what the finding says already.
func short(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

func (v *Visit) get(ctx context.Context, address string) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	answer, err := v.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return answer, body, err
}

// page asks for the first page: the certificate, the headers and the clock come with it. It is false where nobody answers.
func (v *Visit) page(ctx context.Context) bool {
	asked := time.Now()
	answer, _, err := v.get(ctx, v.base.String()+"/")
	took := time.Since(asked)
	if err != nil {
		var untrusted *tls.CertificateVerificationError
		switch {
		case errors.As(err, &untrusted):
			v.report.fail("certificate", "let the server get one with --domain, or name files with the whole chain by --tls-cert", "it is not trusted: %v", untrusted.Err)
		case strings.Contains(err.Error(), "remote error: tls: "):
			v.report.fail("certificate", "see in the server's log whether it got one: the name must lead to it, and port 443 or 80 be open to everybody", "there is none for %s (%v)", v.base.Hostname(), short(err))
		default:
			v.report.fail("page", "see that the server runs, and that a firewall lets its port through", "nothing answers at %s (%v)", v.base, short(err))
		}
		return false
	}
	secure := v.base.Scheme == "https"
	switch {
	case answer.TLS != nil:
		leaf := answer.TLS.PeerCertificates[0]
		left := time.Until(leaf.NotAfter)
		if left < soon {
			v.report.warn("certificate", "see in the server's log why it was not renewed", "it ends on %s", leaf.NotAfter.Format(time.DateOnly))
		} else {
			v.report.ok("certificate", "trusted, by %s, until %s; %s", leaf.Issuer.CommonName, leaf.NotAfter.Format(time.DateOnly), tls.VersionName(answer.TLS.Version))
		}
	case isLocal(v.base.Hostname()):
		v.report.skip("certificate", "plain HTTP on this machine")
	default:
		v.report.fail("certificate", "use --domain, or --tls-cert and --tls-key, or a proxy with HTTPS", "plain HTTP: browsers give no camera or microphone to this page")
	}
	if answer.StatusCode != http.StatusOK {
		v.report.fail("page", "make build, before the server is built", "it is answered with %s", answer.Status)
	} else {
		v.report.ok("page", "it comes")
	}
	v.headers(answer.Header, secure)
	v.clock(answer.Header.Get("Date"), asked.Add(took/2))
	return true
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// headers that every answer has. A proxy may drop or change them.
func (v *Visit) headers(head http.Header, secure bool) {
	var missing []string
	for name, has := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Permissions-Policy": "camera=(self)", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if !strings.Contains(head.Get(name), has) || len(head.Values(name)) != 1 {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		v.report.fail("headers", "a proxy in between must pass the server's headers as they are, once", "missing or changed: %s", strings.Join(missing, ", "))
	} else {
		v.report.ok("headers", "content security policy and five others, as the server sends them")
	}
	switch hsts := head.Get("Strict-Transport-Security"); {
	case !secure:
	case !strings.Contains(hsts, "max-age="), strings.Contains(hsts, "max-age=0"):
		v.report.warn("HSTS", "where a proxy has the certificate, let it send Strict-Transport-Security: max-age=31536000", "browsers are not told to stay with HTTPS")
	default:
		v.report.ok("HSTS", "%s", hsts)
	}
}

func (v *Visit) clock(date string, now time.Time) {
	theirs, err := http.ParseTime(date)
	if err != nil {
		v.report.warn("clock", "a proxy in between must pass the Date header", "the server does not say what time it is")
		return
	}
	apart := theirs.Add(time.Second / 2).Sub(now).Round(time.Second) // the header has whole seconds
	hint := "let both machines set their clocks by NTP"
	switch {
	case apart.Abs() >= clockFails:
		v.report.fail("clock", hint, "the server's is %v from ours: certificates and tokens are refused", apart)
	case apart.Abs() >= clockWarns:
		v.report.warn("clock", hint, "the server's is %v from ours", apart)
	default:
		v.report.ok("clock", "the server's is that of this machine")
	}
}

// redirect asks what plain HTTP does, at its own port.
func (v *Visit) redirect(ctx context.Context) {
	if v.base.Scheme != "https" || v.base.Port() != "" {
		return
	}
	answer, _, err := v.get(ctx, "http://"+v.base.Host+"/r/some-room")
	switch {
	case err != nil:
		v.report.warn("plain HTTP", "open TCP port 80, so that who leaves out https:// gets there", "nothing answers at port 80 (%v)", short(err))
	case answer.StatusCode/100 != 3 || !strings.HasPrefix(answer.Header.Get("Location"), "https://"+v.base.Host+"/"):
		v.report.fail("plain HTTP", "whatever answers there is to lead to https://"+v.base.Host+"/", "port 80 answers %s and leads to %q", answer.Status, answer.Header.Get("Location"))
	default:
		v.report.ok("plain HTTP", "leads to HTTPS")
	}
}

// private: what is the operator's is not where the page is.
func (v *Visit) private(ctx context.Context) {
	for path, mark := range map[string]string{"/metrics": "grotto_sessions", "/debug/pprof/": "goroutine"} {
		if _, body, err := v.get(ctx, v.base.String()+path); err == nil && strings.Contains(string(body), mark) {
			v.report.fail("private", "leave that path out of the proxy", "%s is there for everybody", path)
			return
		}
	}
	v.report.ok("private", "neither figures nor profiles are where the page is")
}

func (v *Visit) health(ctx context.Context) {
	var is struct{ Status, Version string }
	answer, body, err := v.get(ctx, v.base.String()+"/healthz")
	if err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(body, &is) != nil || is.Status != "ok" {
		v.report.fail("health", "see that this is a Grotto server, and that a proxy passes all paths", "/healthz is not answered as a Grotto server does")
		return
	}
	v.report.ok("health", "grotto-server %s", is.Version)
	if answer, _, err := v.get(ctx, v.base.String()+"/readyz"); err != nil || answer.StatusCode != http.StatusOK {
		v.report.warn("ready", "start it again once its calls are over", "the server lets no call begin: it is about to stop")
	}
}

// bundle holds what the server gives against what it says that it gives.
func (v *Visit) bundle(ctx context.Context) {
	var says struct{ Bundle string }
	_, body, err := v.get(ctx, v.base.String()+"/healthz")
	if err != nil || json.Unmarshal(body, &says) != nil {
		return // health has said so
	}
	_, list, err := v.get(ctx, v.base.String()+"/bundle.txt")
	sum := sha256.Sum256(list)
	hash := hex.EncodeToString(sum[:])
	const changed = "something between here and the server changes the page, or the server does: compare with the release's bundle hash before you join"
	switch {
	case err != nil:
		v.report.fail("bundle", "a proxy in between must pass all paths", "/bundle.txt does not come (%v)", short(err))
		return
	case hash != says.Bundle:
		v.report.fail("bundle", changed, "the list of files has hash %s, and the server says %s", hash, says.Bundle)
		return
	case v.Bundle != "" && !strings.EqualFold(v.Bundle, hash):
		v.report.fail("bundle", changed, "it is %s, and not the one that you expect", hash)
		return
	}
	n := 0
	for line := range strings.Lines(string(list)) {
		want, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		paths := []string{name}
		if name == "index.html" {
			paths = []string{name, "/", "r/some-room"} // where people get it
		}
		for _, path := range paths {
			answer, body, err := v.get(ctx, v.base.JoinPath(path).String())
			sum := sha256.Sum256(body)
			if err != nil || answer.StatusCode != http.StatusOK || hex.EncodeToString(sum[:]) != want {
				v.report.fail("bundle", changed, "%s is not what the list says", path)
				return
			}
		}
		n++
	}
	v.report.ok("bundle", "%s, and its %d files are what it says", hash, n)
}
