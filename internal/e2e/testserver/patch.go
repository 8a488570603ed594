package main

import (
	_ "embed"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
)

//go:embed patches.js
var patches string

// isWorker says whether this is the script of the page's worker, as the bundler names it.
func isWorker(url string) bool {
	name := path.Base(url)
	return strings.HasPrefix(name, "worker-") && strings.HasSuffix(name, ".js")
}

// servePatched serves the worker's script with a patch before it. The product itself has no switch for any of this.
func servePatched(w http.ResponseWriter, r *http.Request, handler http.Handler, patch string) {
	plain := r.Clone(r.Context())
	plain.Header.Del("Accept-Encoding")
	plain.Header.Del("If-None-Match")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, plain)
	for name, values := range answer.Header() {
		if name != "Content-Length" && name != "Cache-Control" && name != "Etag" {
			w.Header()[name] = values
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(answer.Code)
	_, _ = w.Write([]byte(strings.Replace(patches, "'PATCH'", "'"+patch+"'", 1)))
	_, _ = w.Write(answer.Body.Bytes())
}
