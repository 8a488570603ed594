package front

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/acme"
)

// faulty is an authority that gives what is set.
type faulty struct {
	certificate *tls.Certificate
	asked       []time.Duration // since the beginning
	began       time.Time
}

func (f *faulty) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.asked = append(f.asked, time.Since(f.began))
	if f.certificate == nil {
		return nil, errors.New("it says no")
	}
	return f.certificate, nil
}

func certificateUntil(end time.Time) *tls.Certificate {
	return &tls.Certificate{Leaf: &x509.Certificate{NotBefore: end.AddDate(0, 0, -90), NotAfter: end}}
}

func newFaulty(log *bytes.Buffer) (*Authority, *faulty) {
	f := &faulty{began: time.Now()}
	a := NewAuthority(ACME{Domain: "meet.example.org", Log: slog.New(slog.NewTextHandler(log, nil))})
	a.get = f.get
	return a, f
}

// Authorities count failures: they are asked ever more seldom, and never by what comes in.
func TestFailuresAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		a, f := newFaulty(&log)
		ctx, stop := context.WithCancel(t.Context())
		go a.Run(ctx)
		time.Sleep(3*time.Hour - time.Second)
		config := a.TLS()
		for range 100 {
			if _, err := config.GetCertificate(&tls.ClientHelloInfo{ServerName: "meet.example.org"}); !errors.Is(err, errNotYet) {
				t.Fatal(err)
			}
		}
		want := []time.Duration{0, 10 * time.Minute, 30 * time.Minute, 70 * time.Minute, 130 * time.Minute}
		if len(f.asked) != len(want) {
			t.Fatalf("asked at %v", f.asked)
		}
		for i := range want {
			if f.asked[i] != want[i] {
				t.Errorf("asked at %v", f.asked)
			}
		}
		if got := log.String(); strings.Count(got, "hint=") != len(want) || !strings.Contains(got, "it says no") {
			t.Error(got)
		}
		f.certificate = certificateUntil(time.Now().AddDate(0, 0, 90))
		time.Sleep(lastRetry)
		synctest.Wait()
		if got, err := config.GetCertificate(&tls.ClientHelloInfo{ServerName: "Meet.Example.org."}); err != nil || got != f.certificate {
			t.Errorf("%v %v", got, err)
		}
		stop()
	})
}

func TestRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		a, f := newFaulty(&log)
		f.certificate = certificateUntil(time.Now().AddDate(0, 0, 90))
		ctx, stop := context.WithCancel(t.Context())
		go a.Run(ctx)
		time.Sleep(71 * 24 * time.Hour)
		synctest.Wait()
		if got := log.String(); strings.Count(got, "\n") != 1 {
			t.Errorf("while all is well:\n%s", got)
		}
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		if !strings.Contains(log.String(), "could not be renewed") {
			t.Errorf("nothing is said of a certificate that ends:\n%s", &log)
		}
		f.certificate = certificateUntil(time.Now().AddDate(0, 0, 90))
		time.Sleep(checkEvery)
		synctest.Wait()
		log.Reset()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if log.Len() > 0 {
			t.Errorf("after the renewal:\n%s", &log)
		}
		stop()
	})
}

// The authority's own question goes through before there is a certificate; other names get nothing.
func TestWhoIsAnswered(t *testing.T) {
	var log bytes.Buffer
	a, f := newFaulty(&log)
	config := a.TLS()
	for name, c := range map[string]struct {
		hello tls.ClientHelloInfo
		asks  int
	}{
		"visitor":     {tls.ClientHelloInfo{ServerName: "meet.example.org", SupportedProtos: []string{"http/1.1"}}, 0},
		"authority":   {tls.ClientHelloInfo{ServerName: "meet.example.org", SupportedProtos: []string{acme.ALPNProto}}, 1},
		"other name":  {tls.ClientHelloInfo{ServerName: "other.example.org", SupportedProtos: []string{acme.ALPNProto}}, 0},
		"no name":     {tls.ClientHelloInfo{}, 0},
		"by pretence": {tls.ClientHelloInfo{ServerName: "meet.example.org", SupportedProtos: []string{acme.ALPNProto, "http/1.1"}}, 0},
	} {
		f.asked = nil
		if _, err := config.GetCertificate(&c.hello); err == nil || len(f.asked) != c.asks {
			t.Errorf("%s: asked %d times, %v", name, len(f.asked), err)
		}
	}
}

func TestHTTPQuestions(t *testing.T) {
	a := NewAuthority(ACME{Domain: "meet.example.org", Folder: t.TempDir()})
	h := a.HTTP(Redirect("meet.example.org"))
	for target, want := range map[string]int{
		"http://meet.example.org/r/x":                                     http.StatusMovedPermanently,
		"http://meet.example.org/.well-known/acme-challenge/none":         http.StatusNotFound,
		"http://meet.example.org:5002/.well-known/acme-challenge/none":    http.StatusNotFound,
		"http://other.example.org/.well-known/acme-challenge/none":        http.StatusForbidden,
		"http://meet.example.org/.well-known/acme-challenge/../../passwd": http.StatusNotFound,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		if w.Code != want {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

// An authority need not say in its last answer which order it is about; one that does is believed.
func TestLocated(t *testing.T) {
	answers := map[string]func(http.ResponseWriter){
		"/account": func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://ca/account/1")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"status":"valid"}`)
		},
		"/order": func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://ca/order/1")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"finalize":"http://ca/finalize/1"}`)
		},
		"/finalize/1": func(http.ResponseWriter) {},
		"/finalize/2": func(http.ResponseWriter) {},
		"/told":       func(w http.ResponseWriter) { w.Header().Set("Location", "https://ca/other") },
	}
	l := &located{next: roundTrip(func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		answers[r.URL.Path](w)
		return w.Result()
	})}
	for _, c := range []struct{ path, location, body string }{
		{"/finalize/1", "", ""},
		{"/account", "https://ca/account/1", `{"status":"valid"}`},
		{"/order", "https://ca/order/1", `{"finalize":"http://ca/finalize/1"}`},
		{"/finalize/2", "", ""},
		{"/told", "https://ca/other", ""},
		{"/finalize/1", "https://ca/order/1", ""},
	} {
		r, err := l.RoundTrip(httptest.NewRequest(http.MethodPost, "http://ca"+c.path, nil))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(r.Body); err != nil || string(body) != c.body || r.Header.Get("Location") != c.location {
			t.Errorf("%s: %v %s %v", c.path, r.Header, body, err)
		}
	}
}

type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }
