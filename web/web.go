// Package web serves the browser's client, which is built into the program.
//
// [Handler] serves what `make build` put into dist; without a build it says how to make one. [New] does the same for
// another file system.
//
// Every response carries the content security policy, also those of the worker and the key engine: a worker takes its
// policy from its own response. Nothing is compressed here; the .br and .gz beside a file are served to those who
// take them. Who may show a room in a frame is this origin and those that [Handler] is given. What has its hash
// in its name (assets/) is kept for a year, everything else is asked for anew each time.
// [Bundle] names the build, and /bundle.txt says what it consists of.
//
// Does not protect: whoever runs this server decides what code the page is.
package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// dist holds .keep in a fresh clone, so that the program builds without Node.
//
//go:embed all:dist
var dist embed.FS

// Handler serves the built client. Pages of the named origins, see [ParseOrigin], may show it in a frame.
func Handler(embedders ...string) http.Handler {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("web: " + err.Error()) // dist is embedded above
	}
	return New(sub, embedders...)
}

const (
	index     = "index.html"
	admin     = "admin.html" // the operator's page, at /admin
	hashed    = "assets/"
	immutable = "public, max-age=31536000, immutable"
	fresh     = "no-cache" // may be stored, must be asked for
)

// contentTypes of what a build has. The system's table is not asked: it may be missing, or wrong about wasm.
var contentTypes = map[string]string{
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".wasm":        "application/wasm",
	".svg":         "image/svg+xml",
	".json":        "application/json",
	".png":         "image/png",
	".ico":         "image/x-icon",
	".webmanifest": "application/manifest+json",
	".txt":         "text/plain; charset=utf-8",
	".woff2":       "font/woff2",
}

// encodings in the order of preference.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

type file struct {
	body     content
	sum      [sha256.Size]byte
	kind     string
	encoded  map[string]content // by content encoding
	lifetime string
}

type handler struct {
	files     map[string]*file
	ancestors string
}

// New serves a built client from a file system, whose names and sums are read once, here.
func New(dist fs.FS, embedders ...string) http.Handler {
	h := &handler{files: map[string]*file{}, ancestors: ancestors(embedders)}
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") || isEncoded(name) {
			return err
		}
		f, err := load(dist, name)
		h.files[name] = f
		return err
	})
	if err != nil {
		panic("web: " + err.Error()) // the files are part of the program
	}
	h.files[bundlePath] = bundle(h.files)
	h.files[embeddersPath] = embeddersFile(embedders) // not of the bundle: the operator's
	return h
}

func isEncoded(name string) bool {
	for _, e := range encodings {
		if strings.HasSuffix(name, e.suffix) {
			return true
		}
	}
	return false
}

func load(dist fs.FS, name string) (*file, error) {
	body, err := stored(dist, name)
	if err != nil {
		return nil, err
	}
	f, err := newFile(name, body)
	if err != nil {
		return nil, err
	}
	for _, e := range encodings {
		if c, err := stored(dist, name+e.suffix); err == nil {
			f.encoded[e.name] = c
		}
	}
	return f, nil
}

func newFile(name string, body content) (f *file, err error) {
	f = &file{body: body, encoded: map[string]content{}, lifetime: fresh}
	if f.sum, err = body.sum(); err != nil {
		return nil, err
	}
	if f.kind = contentTypes[path.Ext(name)]; f.kind == "" {
		f.kind = "application/octet-stream"
	}
	if strings.HasPrefix(name, hashed) {
		f.lifetime = immutable
	}
	return f, nil
}

// madeFile is one of what is not embedded.
func madeFile(name string, body []byte) *file {
	f, err := newFile(name, made(body))
	if err != nil {
		panic("web: " + err.Error()) // memory
	}
	return f
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	ancestors := h.ancestors
	switch {
	case isPage(name):
		name = index
	case name == "admin", name == admin:
		name, ancestors = admin, "frame-ancestors 'none'"
	}
	setHeaders(w.Header(), policy(r.Host, ancestors))
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD here", http.StatusMethodNotAllowed)
		return
	}
	forEmbedders(w.Header(), name)
	f := h.files[name]
	switch {
	case f != nil:
		f.serve(w, r)
	case name == index, name == admin:
		http.Error(w, "This server was built without its web client.\nhint: make build", http.StatusServiceUnavailable)
	default:
		http.NotFound(w, r)
	}
}

// isPage: the home page, and /r/<slug>. Whether the slug is one is for the page to say, in its own words.
func isPage(name string) bool {
	slug, room := strings.CutPrefix(name, "r/")
	return name == "" || name == index || room && slug != "" && !strings.Contains(slug, "/")
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Type", f.kind)
	head.Set("Cache-Control", f.lifetime)
	body, etag := f.body, hex.EncodeToString(f.sum[:12])
	if len(f.encoded) > 0 {
		head.Set("Vary", "Accept-Encoding")
		for _, e := range encodings {
			if c, ok := f.encoded[e.name]; ok && accepts(r.Header.Values("Accept-Encoding"), e.name) {
				head.Set("Content-Encoding", e.name)
				body, etag = c, etag+"-"+e.name
				break
			}
		}
	}
	etag = `"` + etag + `"`
	head.Set("ETag", etag)
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	head.Set("Content-Length", strconv.FormatInt(body.size, 10))
	if r.Method == http.MethodGet {
		_ = body.copyTo(w) // the reader has gone: nothing to do
	}
}

// accepts reads Accept-Encoding (RFC 9110 §12.5.3): an encoding that is named, and not with q=0.
func accepts(headers []string, encoding string) bool {
	for _, header := range headers {
		for item := range strings.SplitSeq(header, ",") {
			name, params, err := mime.ParseMediaType(strings.TrimSpace(item))
			if err != nil || name != encoding {
				continue
			}
			q, err := strconv.ParseFloat(params["q"], 64)
			return params["q"] == "" || err == nil && q > 0
		}
	}
	return false
}

// setHeaders sets the headers of every response.
func setHeaders(head http.Header, policy string) {
	head.Set("Content-Security-Policy", policy)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer") // a room's name is in the path
	head.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// policy allows what the client needs and no more: its own scripts, and WebAssembly but not eval; pictures and media
// made in the page; requests and WebSockets to this host. Some browsers do not take 'self' for WebSockets, so the
// host is named as well, unless it is not the name of one.
func policy(host, ancestors string) string {
	connect := "'self'"
	if isHost(host) {
		connect += " ws://" + host + " wss://" + host
	}
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
		"media-src 'self' blob: mediastream:; connect-src " + connect + "; worker-src 'self'; manifest-src 'self'; " +
		"base-uri 'none'; form-action 'none'; " + ancestors
}

func isHost(host string) bool {
	for _, c := range []byte(host) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte(".-:[]", c) < 0 {
			return false
		}
	}
	return host != ""
}
