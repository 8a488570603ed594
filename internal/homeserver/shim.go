package homeserver

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Shim stands before a homeserver and adds what Dendrite lacks, as Synapse has it: delayed events (MSC4140) and RTC transports
// (MSC4143). What it does not know it passes on.
type Shim struct {
	URL string

	target string
	proxy  *httputil.ReverseProxy

	mu         sync.Mutex
	transports json.RawMessage
	broken     map[string]int // by what the path contains: the status instead of an answer
	delayed    delayed
}

// NewShim puts a shim before the homeserver at target, until the test ends.
func NewShim(t testing.TB, target string) *Shim {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	s := &Shim{target: target, transports: json.RawMessage("[]"), broken: map[string]int{}}
	s.delayed.send = s.forward
	s.proxy = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: addFeatures,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			refuse(w, http.StatusBadGateway, "M_UNKNOWN", err.Error())
		},
	}
	front := httptest.NewServer(s)
	s.URL = front.URL
	t.Cleanup(func() {
		s.delayed.stop()
		front.CloseClientConnections() // a /sync may still wait
		front.Close()
	})
	return s
}

// Break answers with this status, and not at all from the homeserver, to requests whose path contains the text. Zero mends it.
func (s *Shim) Break(pathContains string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if status == 0 {
		delete(s.broken, pathContains)
		return
	}
	s.broken[pathContains] = status
}

// Transports sets what the homeserver's RTC transports are, as a list in JSON. At first there are none.
func (s *Shim) Transports(list string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transports = json.RawMessage(list)
}

// Delayed lists the delayed events that wait, by their state keys.
func (s *Shim) Delayed() []string { return s.delayed.waiting() }

// Elapse lets the time of all delayed events come now.
func (s *Shim) Elapse() { s.delayed.elapse() }

const (
	delayedPath    = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events"
	transportsPath = "/_matrix/client/unstable/org.matrix.msc4143/rtc/transports"
	versionsPath   = "/_matrix/client/versions"
	delayParam     = "org.matrix.msc4140.delay"
)

func (s *Shim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if status := s.brokenAt(r.URL.Path); status != 0 {
		refuse(w, status, "M_UNKNOWN", "broken on command")
		return
	}
	ours := r.URL.Path == transportsPath || strings.HasPrefix(r.URL.Path, delayedPath)
	switch {
	case ours && r.Method == http.MethodOptions: // a page elsewhere asks whether it may
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	case r.URL.Path == delayedPath || strings.HasPrefix(r.URL.Path, delayedPath+"/"):
		s.delayed.serve(w, r, strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, delayedPath), "/"))
	case r.URL.Path == transportsPath:
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.Header.Get("Authorization") == "" {
			refuse(w, http.StatusUnauthorized, "M_MISSING_TOKEN", "no access token")
			return
		}
		answer(w, map[string]any{"rtc_transports": s.transports})
	case r.Method == http.MethodPut && r.URL.Query().Has(delayParam):
		s.delayed.schedule(w, r)
	default:
		s.proxy.ServeHTTP(w, r)
	}
}

func (s *Shim) brokenAt(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for text, status := range s.broken {
		if strings.Contains(path, text) {
			return status
		}
	}
	return 0
}

// forward sends a delayed event whose time has come.
func (s *Shim) forward(e *delayedEvent) {
	_ = call(s.target, e.token, http.MethodPut, e.path, e.Content, nil) // as with Synapse, nobody learns of a failure
}

// addFeatures says in the list of what the homeserver can that it can do what the shim does.
func addFeatures(resp *http.Response) error {
	if resp.Request.URL.Path != versionsPath || resp.StatusCode != http.StatusOK {
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return err
	}
	var versions map[string]any
	if err := json.Unmarshal(body, &versions); err != nil {
		return err
	}
	features, _ := versions["unstable_features"].(map[string]any)
	if features == nil {
		features = map[string]any{}
	}
	features["org.matrix.msc4140"], features["org.matrix.msc4143"] = true, true
	versions["unstable_features"] = features
	if body, err = json.Marshal(versions); err != nil {
		return err
	}
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	resp.ContentLength = int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, code, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errcode": code, "error": reason})
}
