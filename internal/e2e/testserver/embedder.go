package main

import (
	_ "embed"
	"io"
	"net/http"
	"net/http/httptest"
)

//go:embed host.html
var hostPage string

//go:embed host.js
var hostScript string

// serveEmbedder serves a page of the same origin that embeds a room, under the policy that Grotto's own page has.
func serveEmbedder(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	own := httptest.NewRecorder()
	page := httptest.NewRequest(http.MethodHead, "/", nil)
	page.Host = r.Host
	handler.ServeHTTP(own, page)
	w.Header().Set("Content-Security-Policy", own.Header().Get("Content-Security-Policy"))
	if r.URL.Path == "/test/host.js" {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = io.WriteString(w, hostScript)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, hostPage)
}
