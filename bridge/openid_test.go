package bridge

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/internet"
)

// world is the internet of a test: every name leads to one server, which says by what name and port it was asked.
type world struct {
	*httptest.Server
	dialled []string
	files   map[string]string // .well-known/matrix/server, by host
	records map[string]net.SRV
}

func newWorld(t *testing.T, o *openID) *world {
	w := &world{files: map[string]string{}, records: map[string]net.SRV{}}
	w.Server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/matrix/server":
			file, ok := w.files[r.Host]
			if strings.HasPrefix(file, "https:") {
				http.Redirect(rw, r, file, http.StatusFound)
				return
			}
			if !ok {
				http.NotFound(rw, r)
				return
			}
			fmt.Fprintf(rw, `{"m.server":%q}`, file)
		case "/_matrix/federation/v1/openid/userinfo":
			fmt.Fprintf(rw, `{"sub":"@eve:evil.example","host":%q}`, r.Host)
		default:
			t.Errorf("asked %s", r.URL)
		}
	}))
	t.Cleanup(w.Close)
	transport := internet.Transport(&net.Dialer{Timeout: time.Second}, time.Second)
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // of other names
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		w.dialled = append(w.dialled, address)
		return new(net.Dialer).DialContext(ctx, network, w.Listener.Addr().String())
	}
	o.outside = client(resolving(transport))
	o.lookup = func(_ context.Context, service, host string) ([]*net.SRV, error) {
		if record, ok := w.records[service+" "+host]; ok {
			return []*net.SRV{&record}, nil
		}
		return nil, &net.DNSError{IsNotFound: true}
	}
	return w
}

// Where a name leads, by the server-server API: the name itself, a file, a record, port 8448.
func TestWhereServersAre(t *testing.T) {
	o := newOffice(t).signIn.ids
	w := newWorld(t, o)
	w.files = map[string]string{"file.example": "there.example:443", "recorded.example": "srv.example", "plain.example": "far.example", "odd.example": "a b", "away.example": "https://inside.example/", "six.example": "[2606:4700::1]"}
	w.records = map[string]net.SRV{"matrix-fed srv.example": {Target: "host.example.", Port: 8449}, "matrix old.example": {Target: "host.example.", Port: 8450}}
	for name, want := range map[string]place{
		"203.0.114.7":      {"203.0.114.7", "203.0.114.7:8448"},
		"203.0.114.7:1234": {"203.0.114.7:1234", "203.0.114.7:1234"},
		"[2606:4700::1]":   {"[2606:4700::1]", "[2606:4700::1]:8448"},
		"name.example:80":  {"name.example:80", "name.example:80"},
		"file.example":     {"there.example:443", "there.example:443"},
		"recorded.example": {"srv.example", "host.example:8449"},
		"srv.example":      {"srv.example", "host.example:8449"},
		"old.example":      {"old.example", "host.example:8450"},
		"plain.example":    {"far.example", "far.example:8448"},
		"six.example":      {"[2606:4700::1]", "[2606:4700::1]:8448"},
		"odd.example":      {"odd.example", "odd.example:8448"},
		"away.example":     {"away.example", "away.example:8448"}, // redirects are not followed
	} {
		if got := o.resolve(t.Context(), name); got != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestPeopleOfOtherServers(t *testing.T) {
	o := newOffice(t, func(c *SignInConfig) { c.Federation = []string{"evil.example", "lies.example"} })
	w := newWorld(t, o.signIn.ids)
	w.records["matrix-fed evil.example"] = net.SRV{Target: "host.example.", Port: 8449}
	o.links.members[blueRoom]["@eve:evil.example"] = Member{Joined: true}
	a := o.given(o.post("/matrix/token", asks("hers", "evil.example", string(blueRoom))))
	if a.User != "@eve:evil.example" || w.dialled[len(w.dialled)-1] != "host.example:8449" {
		t.Errorf("%+v %v", a, w.dialled)
	}
	for range maxAbroad {
		o.signIn.ids.abroad <- struct{}{}
	}
	o.refused("others are slow", o.post("/matrix/token", asks("hers", "evil.example", string(blueRoom))), http.StatusTooManyRequests, "M_LIMIT_EXCEEDED")
	o.given(o.post("/matrix/token", asks("ada's", "hs.example", string(blueRoom)))) // ours is not
	for range maxAbroad {
		<-o.signIn.ids.abroad
	}
	o.refused("speaks for another's people", o.post("/matrix/token", asks("hers", "lies.example", string(blueRoom))), http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
	o.refused("not listed", o.post("/matrix/token", asks("hers", "other.example", string(blueRoom))), http.StatusForbidden, "M_FORBIDDEN")
	o.signIn.ids.others = []string{"*"}
	o.refused("listed, and still not of that server", o.post("/matrix/token", asks("hers", "other.example", string(blueRoom))), http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
}

// M5: matrix_server_name is what a stranger wrote. It leads nowhere inside, by no way, even where everybody may sign in.
func TestM5_ServerNamesLeadOutside(t *testing.T) {
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	go func() {
		for {
			c, err := inside.Accept()
			if err != nil {
				return
			}
			t.Error("a connection from the server to its own network")
			_ = c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(inside.Addr().String())
	o := newOffice(t, func(c *SignInConfig) { c.Federation = []string{"*"} })
	o.signIn.ids.lookup = func(_ context.Context, service, host string) ([]*net.SRV, error) { // a record that leads inside
		var number uint16
		if _, err := fmt.Sscan(port, &number); err != nil {
			t.Error(err)
		}
		return []*net.SRV{{Target: "localhost.", Port: number}}, nil
	}
	for _, name := range []string{"127.0.0.1:" + port, "localhost:" + port, "localhost", "127.0.0.1", "[::1]:" + port, "[::ffff:127.0.0.1]:" + port, "10.1.2.3", "169.254.169.254:80", "0.0.0.0:" + port} {
		o.refused(name, o.post("/matrix/token", asks("ada's", name, string(blueRoom))), http.StatusBadGateway, "M_UNKNOWN")
	}
	r, err := http.NewRequestWithContext(context.WithValue(t.Context(), dialled{}, inside.Addr().String()), http.MethodGet, "https://example.org/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask(o.signIn.ids.outside, r); !errors.Is(err, internet.ErrPrivate) {
		t.Error(err)
	}
	if o.asked != 0 {
		t.Error("the homeserver was asked")
	}
}

func TestCheckOpenID(t *testing.T) {
	answers := http.StatusUnauthorized
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(answers)
		fmt.Fprint(w, `{"sub":"@anybody:hs.example"}`)
	}))
	defer home.Close()
	if err := CheckOpenID(t.Context(), home.URL+"/"); err != nil {
		t.Error(err)
	}
	for _, answers = range []int{http.StatusOK, http.StatusNotFound, http.StatusBadGateway} { // 404: a listener without the resource openid
		if err := CheckOpenID(t.Context(), home.URL); err == nil || !strings.Contains(err.Error(), "hint:") {
			t.Errorf("%d: %v", answers, err)
		}
	}
	home.Close()
	if err := CheckOpenID(t.Context(), home.URL); err == nil {
		t.Error("nobody answers")
	}
}

// FuzzTokenRequest: whatever a stranger writes is refused, or asked of the homeserver; it never fails here.
func FuzzTokenRequest(f *testing.F) {
	f.Add(asks("ada's", "hs.example", string(blueRoom)))
	f.Add(asks("hers", "evil.example:8448", "!x"))
	f.Add(`{"slug":"blue-harbour","device_id":"X","openid_token":{"access_token":"x&y=z#","matrix_server_name":"hs.example"}}`)
	f.Add(`{"openid_token":[]}`)
	f.Fuzz(func(t *testing.T, body string) {
		o := &office{T: t, links: &fakeLinks{}}
		o.signIn = NewSignIn(SignInConfig{Homeserver: "http://127.0.0.1:1", ServerName: "hs.example", Links: o.links, Network: func(*http.Request) string { return "" }})
		o.handler = o.signIn.Handler()
		for _, path := range []string{"/matrix/token", "/matrix/sfu/get", "/matrix/get_token"} {
			if w := o.post(path, body); w.Code < 400 || w.Code == http.StatusInternalServerError || !strings.Contains(w.Body.String(), `"errcode"`) {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}
