package doctor

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/web"
)

const loopback = "127.0.0.1:0"

// server is a node behind a proxy that does what a test makes of it. It says of its page what is true.
func server(t *testing.T, cfg node.Config, between func(http.Handler) http.Handler) *httptest.Server {
	t.Helper()
	cfg.UDP = loopback
	cfg.Web = web.New(fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "assets/page.js": {Data: []byte("1")}})
	n, err := node.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != node.HealthPath {
			n.Handler().ServeHTTP(w, r)
			return
		}
		list := httptest.NewRecorder()
		cfg.Web.ServeHTTP(list, httptest.NewRequest(http.MethodGet, "/bundle.txt", nil))
		fmt.Fprintf(w, `{"status":"ok","version":"1.2.3","bundle":"%x"}`, sha256.Sum256(list.Body.Bytes()))
	})
	s := httptest.NewUnstartedServer(between(h))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(func() {
		s.Close()
		if err := n.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func asItIs(h http.Handler) http.Handler { return h }

func visit(t *testing.T, s *httptest.Server, v Visit) Report {
	t.Helper()
	v.Roots = x509.NewCertPool()
	v.Roots.AddCert(s.Certificate())
	v.URL = s.URL + v.URL
	r, err := v.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r Report) of(name string) Finding {
	i := slices.IndexFunc(r, func(f Finding) bool { return f.Name == name })
	if i < 0 {
		return Finding{}
	}
	return r[i]
}

// A server without fault: everything is looked at, every way of media was gone, and nothing is complained of.
func TestVisit(t *testing.T) {
	r := visit(t, server(t, node.Config{TURN: loopback, TLS: true, Rooms: []string{"blue-harbour"}}, asItIs), Visit{URL: "/r/blue-harbour#the-secret", patience: 3 * time.Second})
	want := []string{"name", "certificate", "page", "headers", "HSTS", "clock", "private", "health", "bundle", "signalling", "media by UDP", "media by TCP", "relay by UDP", "relay by TCP"}
	for _, name := range want {
		if f := r.of(name); f.Verdict != OK || f.What == "" || f.Hint != "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	// httptest's server does not lead to TURN.
	if len(r) != len(want)+1 || r.of("relay by TLS").Verdict != Warning {
		t.Errorf("%+v", r)
	}
	if f := r.of("bundle"); !strings.Contains(f.What, "2 files") {
		t.Errorf("%+v", f)
	}
	var text, body bytes.Buffer
	r.Text(&text)
	if !strings.Contains(text.String(), "\nok       media by UDP  to 127.0.0.1 port ") || !strings.HasSuffix(text.String(), "\nok: 14, warnings: 1, failures: 0, skipped: 0\n") || strings.Contains(text.String(), "secret") {
		t.Errorf("%s", &text)
	}
	var read struct {
		Healthy  bool
		Findings Report
	}
	if err := r.JSON(&body); err != nil || json.Unmarshal(body.Bytes(), &read) != nil || !read.Healthy || !slices.Equal(read.Findings, r) {
		t.Errorf("%v %s", err, &body)
	}
}

// What a proxy or an operator can get wrong is found, and is all that is found.
func TestVisitFindsFaults(t *testing.T) {
	answering := func(change func(http.Header)) func(http.Handler) http.Handler {
		return func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(&changed{ResponseWriter: w, change: change}, r)
			})
		}
	}
	asking := func(change func(*http.Request)) func(http.Handler) http.Handler {
		return func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { change(r); h.ServeHTTP(w, r) })
		}
	}
	instead := func(path, body string) func(http.Handler) http.Handler {
		return func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == path {
					_, _ = w.Write([]byte(body))
					return
				}
				h.ServeHTTP(w, r)
			})
		}
	}
	adding := func(path, more string) func(http.Handler) http.Handler {
		return func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != path {
					h.ServeHTTP(w, r)
					return
				}
				h.ServeHTTP(&changed{ResponseWriter: w, change: func(head http.Header) { head.Del("Content-Length") }}, r)
				_, _ = w.Write([]byte(more))
			})
		}
	}
	since := func(d time.Duration) func(http.Header) {
		return func(head http.Header) { head.Set("Date", time.Now().Add(d).UTC().Format(http.TimeFormat)) }
	}
	for name, c := range map[string]struct {
		between func(http.Handler) http.Handler
		visit   Visit
		finding string
		verdict Verdict
		what    string
	}{
		"no CSP":              {answering(func(head http.Header) { head.Del("Content-Security-Policy") }), Visit{}, "headers", Failure, "Content-Security-Policy"},
		"a header twice":      {answering(func(head http.Header) { head.Add("Referrer-Policy", "no-referrer") }), Visit{}, "headers", Failure, "Referrer-Policy"},
		"no HSTS":             {answering(func(head http.Header) { head.Del("Strict-Transport-Security") }), Visit{}, "HSTS", Warning, "stay with HTTPS"},
		"a slow clock":        {answering(since(-time.Hour)), Visit{}, "clock", Failure, "-1h"},
		"a clock that drifts": {answering(since(40 * time.Second)), Visit{}, "clock", Warning, "40s"},
		"figures for all":     {instead("/metrics", "grotto_sessions 0"), Visit{}, "private", Failure, "/metrics"},
		"profiles for all":    {instead("/debug/pprof/", "goroutine"), Visit{}, "private", Failure, "/debug/pprof/"},
		"another script":      {instead("/assets/page.js", "2"), Visit{}, "bundle", Failure, "page.js"},
		"more in the page":    {adding("/", "<script>"), Visit{}, "bundle", Failure, "/ is not"},
		"more in rooms":       {adding("/r/some-room", "<script>"), Visit{}, "bundle", Failure, "r/some-room is not"},
		"another list":        {instead("/bundle.txt", "2"), Visit{}, "bundle", Failure, "list of files"},
		"another build":       {asItIs, Visit{Bundle: strings.Repeat("0", 64)}, "bundle", Failure, "not the one that you expect"},
		"something else":      {instead("/healthz", "<h1>It works</h1>"), Visit{}, "health", Failure, "/healthz"},
		"no WebSockets":       {asking(func(r *http.Request) { r.Header.Del("Upgrade") }), Visit{}, "signalling", Failure, "400"},
		"no Origin":           {asking(func(r *http.Request) { r.Header.Del("Origin") }), Visit{}, "signalling", Failure, "from anywhere"},
		"another Host":        {asking(func(r *http.Request) { r.Host = "backend:8080" }), Visit{}, "signalling", Failure, "403"},
	} {
		t.Run(name, func(t *testing.T) {
			c.visit.withoutMedia = true
			r := visit(t, server(t, node.Config{TLS: true}, c.between), c.visit)
			if f := r.of(c.finding); f.Verdict != c.verdict || !strings.Contains(f.What, c.what) || f.Hint == "" {
				t.Errorf("%+v", f)
			}
			for _, f := range r {
				if f.Verdict != OK && f.Name != c.finding && name != "something else" {
					t.Errorf("as well: %+v", f)
				}
			}
			if r.Healthy() != (c.verdict == Warning) {
				t.Error("healthy or not")
			}
		})
	}
}

// changed changes headers before they are sent.
type changed struct {
	http.ResponseWriter
	change func(http.Header)
	sent   bool
}

func (c *changed) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *changed) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(c.ResponseWriter).Hijack()
}

func (c *changed) WriteHeader(status int) {
	if !c.sent {
		c.change(c.Header())
	}
	c.sent = true
	c.ResponseWriter.WriteHeader(status)
}

func (c *changed) Write(b []byte) (int, error) {
	if !c.sent {
		c.WriteHeader(http.StatusOK)
	}
	return c.ResponseWriter.Write(b)
}

// A port that nothing gets through to, and a server that lets nobody in.
func TestVisitWithoutAWay(t *testing.T) {
	s := server(t, node.Config{PublicIPs: []string{"192.0.2.1"}, PublicOnly: true}, asItIs) // RFC 5737: nobody's
	r := visit(t, s, Visit{patience: time.Second})
	if f := r.of("media by UDP"); f.Verdict != Failure || !strings.Contains(f.What, "192.0.2.1 port ") || !strings.Contains(f.Hint, "--public-ip") {
		t.Errorf("%+v", f)
	}
	if f := r.of("relay by UDP"); f.Verdict != Skipped {
		t.Errorf("%+v", f)
	}
	r = visit(t, server(t, node.Config{Rooms: []string{"blue-harbour"}}, asItIs), Visit{})
	if f := r.of("media by UDP"); f.Verdict != Skipped || !strings.Contains(f.What, "no such room") {
		t.Errorf("%+v", f)
	}
}

func TestVisitToNobody(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	url := s.URL
	if r := visit(t, s, Visit{withoutMedia: true}); r.Healthy() {
		t.Error("another program's page is well")
	}
	if r, err := (Visit{URL: url}).Run(t.Context()); err != nil || r.of("certificate").Verdict != Failure || len(r) != 2 {
		t.Errorf("%+v %v", r, err)
	}
	s.Close()
	if r, err := (Visit{URL: url}).Run(t.Context()); err != nil || r.of("name").Verdict != Failure || r.of("page").Verdict != Failure || len(r) != 2 {
		t.Errorf("%+v %v", r, err)
	}
	none := httptest.NewUnstartedServer(http.NotFoundHandler())
	none.Config.ErrorLog = log.New(io.Discard, "", 0)
	none.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("no certificate yet") }}
	none.StartTLS()
	defer none.Close()
	if r := visit(t, none, Visit{}); r.of("certificate").Verdict != Failure || !strings.Contains(r.of("certificate").What, "there is none for") {
		t.Errorf("%+v", r)
	}
	for _, bad := range []string{"", "meet.example", "ftp://meet.example/", "https://"} {
		if _, err := (Visit{URL: bad}).Run(t.Context()); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
