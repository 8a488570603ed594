package front

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

const (
	loopback = "127.0.0.1:0"
	deadline = 5 * time.Second
)

func dial(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(deadline))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// What comes as a frame and what comes in TLS arrives whole, each at its own listener.
func TestOnePortForAll(t *testing.T) {
	certFile, keyFile := writePair(t, t.TempDir(), pairFor("meet.example.org"))
	files, err := OpenFiles(certFile, keyFile, "meet.example.org")
	if err != nil {
		t.Fatal(err)
	}
	ports, err := Listen(t.Context(), loopback, files.TLS(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ports.Close()
	page, media := ports.Page, ports.Media
	late := time.AfterFunc(2*deadline, ports.Close) // ends Accept
	defer late.Stop()
	if media.Addr().String() != page.Addr().String() {
		t.Errorf("%v %v", media.Addr(), page.Addr())
	}
	for name, c := range map[string]struct {
		l    net.Listener
		text []byte
		over func(net.Conn) net.Conn
	}{
		"frame": {media, []byte{0, 3, 1, 2, 3}, func(c net.Conn) net.Conn { return c }},
		"the largest frame that begins a connection": {media, []byte{6, 0x40, 1}, func(c net.Conn) net.Conn { return c }},
		"HTTP in TLS": {page, []byte("GET /"), func(c net.Conn) net.Conn {
			return tls.Client(c, &tls.Config{ServerName: "meet.example.org", InsecureSkipVerify: true})
		}},
	} {
		raw := dial(t, page)
		go func() { _, _ = c.over(raw).Write(c.text) }()
		in, err := c.l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = in.SetDeadline(time.Now().Add(deadline))
		got := make([]byte, len(c.text))
		if _, err := io.ReadFull(in, got); err != nil || !bytes.Equal(got, c.text) {
			t.Errorf("%s: %q %v", name, got, err)
		}
		_ = in.Close()
	}
	// Plain HTTP is answered, not dropped.
	go http.Serve(ports.Astray, Astray())
	c := dial(t, page)
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: meet.example.org\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || got.StatusCode != http.StatusBadRequest {
		t.Errorf("%+v %v", got, err)
	}
}

func TestPlain(t *testing.T) {
	var guarded bool
	ports, err := Listen(t.Context(), loopback, nil, func(l net.Listener) net.Listener { guarded = true; return l })
	if err != nil {
		t.Fatal(err)
	}
	defer ports.Close()
	if ports.Media != nil || ports.Astray != nil || !guarded {
		t.Errorf("%+v %v", ports, guarded)
	}
}

func TestRedirect(t *testing.T) {
	h := Redirect("meet.example.org")
	for target, want := range map[string]string{
		"http://meet.example.org/r/blue-harbour?a=b": "https://meet.example.org/r/blue-harbour?a=b",
		"http://203.0.113.7/":                        "https://meet.example.org/",
		"http://evil.example//evil.example/":         "https://meet.example.org//evil.example/",
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		if w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != want || w.Header().Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
	}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil)); w.Code != http.StatusForbidden || w.Header().Get("Location") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
