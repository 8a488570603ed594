package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

func built() http.Handler {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return New(fstest.MapFS{
		".keep": text(""), "icon.svg": text("<svg/>"), "app.webmanifest": text("{}"),
		"index.html": text("the page"), "index.html.br": text("page br"), "index.html.gz": text("page gz"),
		"embed.js": text("the module"), "assets/worker-1a2b.js": text("the worker"), "assets/worker-1a2b.js.gz": text("worker gz"),
		"assets/engine-3c4d.wasm": text("the engine"), "assets/engine-3c4d.wasm.br": text("engine br"), "assets/engine-3c4d.wasm.gz": text("engine gz"),
	})
}

func get(t *testing.T, h http.Handler, target, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var text strings.Builder
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(text.String(), "\r\n\r\n")
	return after
}

func TestFiles(t *testing.T) {
	const wasm, js, html = "application/wasm", "text/javascript; charset=utf-8", "text/html; charset=utf-8"
	for _, c := range []struct {
		path, accept   string
		status         int
		body, kind     string
		encoding, keep string
	}{
		{"/", "", 200, "the page", html, "", fresh},
		{"/r/blue-harbour", "gzip, deflate, br, zstd", 200, "page br", html, "br", fresh},
		{"/r/blue-harbour?codec=vp9", "gzip", 200, "page gz", html, "gzip", fresh},
		{"/index.html", "br;q=0, gzip;q=0.5", 200, "page gz", html, "gzip", fresh},
		{"/", "identity", 200, "the page", html, "", fresh},
		{"/embed.js", "br", 200, "the module", js, "", fresh},
		{"/assets/engine-3c4d.wasm", "br", 200, "engine br", wasm, "br", immutable},
		{"/assets/engine-3c4d.wasm", "", 200, "the engine", wasm, "", immutable},
		{"/assets/worker-1a2b.js", "br, gzip", 200, "worker gz", js, "gzip", immutable},
		{"/assets/worker-1a2b.js", "br", 200, "the worker", js, "", immutable},
		{"/app.webmanifest", "", 200, "{}", "application/manifest+json", "", fresh},
		{"/icon.svg", "br", 200, "<svg/>", "image/svg+xml", "", fresh},
		{"/assets/engine-3c4d.wasm.br", "", 404, "", "", "", ""},
		{"/assets/other.js", "", 404, "", "", "", ""},
		{"/assets/", "", 404, "", "", "", ""},
		{"/.keep", "", 404, "", "", "", ""},
		{"/r/", "", 404, "", "", "", ""},
		{"/r/a/b", "", 404, "", "", "", ""},
		{"/r", "", 404, "", "", "", ""},
		{"/../web.go", "", 404, "", "", "", ""},
	} {
		r := get(t, built(), c.path, c.accept)
		if r.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", c.path, r.StatusCode, c.status)
		}
		policed(t, c.path, r)
		if c.status != 200 {
			continue
		}
		head := r.Header
		if got := body(t, r); got != c.body || head.Get("Content-Type") != c.kind || head.Get("Content-Encoding") != c.encoding || head.Get("Cache-Control") != c.keep {
			t.Errorf("%s (%s): %q, %v", c.path, c.accept, got, head)
		}
	}
}

func policed(t *testing.T, path string, r *http.Response) {
	t.Helper()
	policy := r.Header.Get("Content-Security-Policy")
	for _, must := range []string{"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval';", "style-src 'self';", "worker-src 'self'", "manifest-src 'self'",
		"connect-src 'self' ws://example.com wss://example.com;", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"} {
		if !strings.Contains(policy, must) {
			t.Errorf("%s: the policy lacks %s: %s", path, must, policy)
		}
	}
	for _, never := range []string{"'unsafe-inline'", "'unsafe-eval'", "*", "http:"} {
		if strings.Contains(policy, never) {
			t.Errorf("%s: the policy has %s", path, never)
		}
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)"} {
		if r.Header.Get(name) != want {
			t.Errorf("%s: %s is %q", path, name, r.Header.Get(name))
		}
	}
}

// A server that only stands there holds no copy of the page.
func TestTheBuildIsNotCopied(t *testing.T) {
	const size = 8 << 20
	dist := fstest.MapFS{"index.html": {Data: bytes.Repeat([]byte{'x'}, size)}, "index.html.gz": {Data: bytes.Repeat([]byte{'y'}, size)}}
	inUse := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := inUse()
	h := New(dist)
	if grown := inUse() - before; grown > size/8 {
		t.Errorf("%d bytes more in use", grown)
	}
	if r := get(t, h, "/", "gzip"); r.ContentLength != size || len(body(t, r)) != size {
		t.Errorf("%d bytes", r.ContentLength)
	}
}

func TestRevalidation(t *testing.T) {
	first := get(t, built(), "/", "br")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "br")
	r.Header.Set("If-None-Match", first.Header.Get("ETag"))
	w := httptest.NewRecorder()
	built().ServeHTTP(w, r)
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("status %d", w.Code)
	}
	if plain := get(t, built(), "/", "").Header.Get("ETag"); plain == first.Header.Get("ETag") || plain == "" {
		t.Error("two encodings share an ETag")
	}
}

func TestMethods(t *testing.T) {
	for method, want := range map[string]int{http.MethodHead: 200, http.MethodPost: 405, http.MethodDelete: 405} {
		w := httptest.NewRecorder()
		built().ServeHTTP(w, httptest.NewRequest(method, "/", nil))
		if w.Code != want || method == http.MethodHead && w.Body.Len() != 0 {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestBundle(t *testing.T) {
	r := get(t, New(fstest.MapFS{"index.html": {Data: []byte("page")}, "index.html.br": {Data: []byte("p")}, "assets/a.js": {Data: []byte("script")}}), "/bundle.txt", "br")
	const want = "21a0270b7f66a1e4c25933f13a1e5a1bbb4757578072930c8189131f9c6aaae1  assets/a.js\n" +
		"3660315a9af3df255d8f19ab077e4797822b41488a0e2a04bc6af71213c23274  index.html\n"
	if got := body(t, r); got != want || r.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%q, %v", got, r.Header)
	}
	if len(Bundle()) != 64 {
		t.Errorf("%q", Bundle())
	}
}

func TestWithoutABuild(t *testing.T) {
	h := New(fstest.MapFS{".keep": &fstest.MapFile{}})
	for _, path := range []string{"/", "/r/blue-harbour"} {
		if r := get(t, h, path, ""); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body(t, r), "hint: make build") {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

// A Host header is the client's to choose and must not write policy.
func TestHostCannotWritePolicy(t *testing.T) {
	for _, host := range []string{"a; script-src *", "a b", "a,b", "*", "a/b", ""} {
		if p := policy(host, ancestors(nil)); !strings.Contains(p, "connect-src 'self'; ") {
			t.Errorf("%q: %s", host, p)
		}
	}
}

// A page elsewhere may show a room in a frame, if it is named; the script for that, and nothing else, is for every origin.
func TestS6_WhoMayEmbed(t *testing.T) {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	dist := fstest.MapFS{"index.html": text("the page"), "external_api.js": text("the script")}
	for _, c := range []struct {
		embedders       []string
		policy, listing string
	}{
		{nil, "; frame-ancestors 'self'", `{"origins":[]}`},
		{[]string{"https://a.example", "https://b.example:8443"}, "; frame-ancestors 'self' https://a.example https://b.example:8443",
			`{"origins":["https://a.example","https://b.example:8443"]}`},
	} {
		h := New(dist, c.embedders...)
		for path, share := range map[string]string{"/r/blue-harbour": "same-origin", "/embedders.json": "same-origin", "/external_api.js": "cross-origin", "/none": "same-origin"} {
			r := get(t, h, path, "")
			if p := r.Header.Get("Content-Security-Policy"); !strings.HasSuffix(p, c.policy) {
				t.Errorf("%s: %s", path, p)
			}
			if got := r.Header.Get("Cross-Origin-Resource-Policy"); got != share {
				t.Errorf("%s is for %s", path, got)
			}
		}
		r := get(t, h, "/embedders.json", "")
		if got := body(t, r); got != c.listing || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Cache-Control") != fresh {
			t.Errorf("%s, %v", got, r.Header)
		}
	}
}

// The operator's page is shown in no frame, whoever may show rooms.
func TestS6_OperatorsPageIsFramedByNobody(t *testing.T) {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	h := New(fstest.MapFS{"index.html": text("the page"), "admin.html": text("the operator's")}, "https://a.example")
	for _, path := range []string{"/admin", "/admin.html"} {
		r := get(t, h, path, "")
		if p := r.Header.Get("Content-Security-Policy"); r.StatusCode != 200 || !strings.HasSuffix(p, "; frame-ancestors 'none'") || body(t, r) != "the operator's" {
			t.Errorf("%s: %d %s", path, r.StatusCode, p)
		}
	}
	if r := get(t, New(fstest.MapFS{}), "/admin", ""); r.StatusCode != 503 {
		t.Error(r.StatusCode)
	}
}

func TestParseOrigin(t *testing.T) {
	for text, want := range map[string]string{
		"https://a.example": "https://a.example", "https://A.example/": "https://a.example", "https://a.example:443": "https://a.example",
		"https://a.example:8443": "https://a.example:8443", "http://localhost:3000": "http://localhost:3000", "http://127.0.0.1:80": "http://127.0.0.1",
		"http://[::1]:3000": "http://[::1]:3000",
		"http://a.example":  "", "https://*.example": "", "*": "", "a.example": "", "": "", "https://": "", "https://:443": "", "https://a.example/path": "",
		"https://a.example?x": "", "https://u@a.example": "", "https://a.example; script-src *": "", "https://a b": "", "null": "", "data:,x": "", "ftp://a.example": "",
	} {
		if got, err := ParseOrigin(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
