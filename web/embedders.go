package web

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// embeddersPath is where the page asks, when it stands in a frame, whose messages it may listen to.
const embeddersPath = "embedders.json"

// embedScript is the script that pages of other origins load, to have a room in a frame. It holds nothing of anybody's.
const embedScript = "external_api.js"

// ParseOrigin reads the origin of a page that may have a room in a frame, as browsers write it: https://host, with :port
// if that is not 443. Plain HTTP is for this machine only: elsewhere a frame in such a page gets no camera.
func ParseOrigin(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != strings.TrimSuffix(text, "/") || !isHost(u.Host) {
		return "", fmt.Errorf("web: %q is not an origin: write https://host or https://host:port", text)
	}
	host := strings.ToLower(u.Host)
	if host == "" || strings.HasPrefix(host, ":") {
		return "", fmt.Errorf("web: %q names no host", text)
	}
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		name := u.Hostname()
		ip := net.ParseIP(name)
		if name != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return "", fmt.Errorf("web: %q is plain HTTP, where a frame gets no camera: use https", text)
		}
		host = strings.TrimSuffix(host, ":80")
	default:
		return "", fmt.Errorf("web: %q is neither https nor http", text)
	}
	return u.Scheme + "://" + host, nil
}

// ancestors is what of the policy says who may frame a page: one of this origin, or of those named.
func ancestors(embedders []string) string {
	return strings.Join(append([]string{"frame-ancestors 'self'"}, embedders...), " ")
}

// embeddersFile tells the page who may frame it, beside its own origin.
func embeddersFile(embedders []string) *file {
	if embedders == nil {
		embedders = []string{}
	}
	body, err := json.Marshal(map[string][]string{"origins": embedders})
	if err != nil {
		panic("web: " + err.Error()) // strings
	}
	return madeFile(embeddersPath, body)
}

// forEmbedders lets a page elsewhere load the script, and only that: everything else is for this origin.
func forEmbedders(head http.Header, name string) {
	if name == embedScript {
		head.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}
