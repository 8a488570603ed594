package webhook

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/internet"
	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/store"
)

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// The vector of Standard Webhooks, computed with openssl; and what a receiver refuses.
func TestVerify(t *testing.T) {
	body := []byte(`{"test": 2432232314}`)
	h := http.Header{}
	h.Set(HeaderID, "msg_p5jXN8AQM9LWM0D4loKWxJek")
	h.Set(HeaderTimestamp, "1614265330")
	h.Set(HeaderSignature, "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	now := time.Unix(1614265330, 0).Add(tolerance)
	if id, err := Verify(testSecret, h, body, now); err != nil || id != "msg_p5jXN8AQM9LWM0D4loKWxJek" {
		t.Fatal(id, err)
	}
	other := func(name, value string) http.Header {
		c := h.Clone()
		c.Set(name, value)
		return c
	}
	for what, is := range map[string]func() (string, error){
		"another body":      func() (string, error) { return Verify(testSecret, h, append(body, ' '), now) },
		"another secret":    func() (string, error) { return Verify("whsec_AAAA", h, body, now) },
		"no secret":         func() (string, error) { return Verify("", h, body, now) },
		"sent again":        func() (string, error) { return Verify(testSecret, h, body, now.Add(time.Second)) },
		"of the future":     func() (string, error) { return Verify(testSecret, h, body, now.Add(-2*tolerance-time.Second)) },
		"another id":        func() (string, error) { return Verify(testSecret, other(HeaderID, "msg_x"), body, now) },
		"another time":      func() (string, error) { return Verify(testSecret, other(HeaderTimestamp, "1614265331"), body, now) },
		"no signature":      func() (string, error) { return Verify(testSecret, other(HeaderSignature, ""), body, now) },
		"another signature": func() (string, error) { return Verify(testSecret, other(HeaderSignature, "v1,AAAA"), body, now) },
	} {
		if _, err := is(); !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// roundTrip is an address that answers as a test says.
type roundTrip func(*http.Request) (status int, err error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	status, err := f(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("no")), Request: r}, nil
}

func hooked(t *testing.T, cfg Config, url string) (*Sender, store.Webhook) {
	t.Helper()
	kept, err := store.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	hook, err := kept.CreateWebhook(t.Context(), store.Webhook{URL: url, Secret: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Store = kept
	return New(cfg), hook
}

// An event is tried until it is taken, later and later, each time under its own id and the time of the try; then no more.
func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		ids := map[string]bool{}
		answers := []int{500, 0, 302, 404, 204}
		s, hook := hooked(t, Config{transport: roundTrip(func(r *http.Request) (int, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			id, err := Verify(testSecret, r.Header, body, time.Now())
			if err != nil || !bytes.Contains(body, []byte(`"type":"test"`)) || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%v %v %s", err, r.Header, body)
			}
			ids[id] = true
			at = append(at, time.Since(began))
			if answer := answers[len(at)-1]; answer != 0 {
				return answer, nil
			}
			return 0, errors.New("no connection")
		})}, "https://example.org/hook")
		go s.Run(t.Context())
		if err := s.Send(t.Context(), hook, rest.Event{Type: rest.Test}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(8 * time.Minute)
		waits, err := s.cfg.Store.Deliveries(t.Context(), hook.ID, store.Page{})
		if err != nil || len(waits) != 1 || waits[0].Tries != 4 || waits[0].Problem != "it answered 404" {
			t.Errorf("%+v %v", waits, err)
		}
		time.Sleep(time.Hour)
		if len(at) != 5 || len(ids) != 1 {
			t.Fatal(at, ids)
		}
		if got := s.Stats(); got != (Stats{Taken: 1, Failed: 4}) {
			t.Errorf("counted: %+v", got)
		}
		for i := range 4 {
			if waited := at[i+1] - at[i]; waited < backoff[i] || waited > backoff[i]+time.Second {
				t.Errorf("try %d came after %v", i+1, waited)
			}
		}
		if waits, err := s.cfg.Store.Deliveries(t.Context(), hook.ID, store.Page{}); err != nil || len(waits) != 0 {
			t.Errorf("%+v %v", waits, err)
		}
	})
}

// What nobody takes is given up after three days, and an address that is gone is asked no more.
func TestGivingUp(t *testing.T) {
	for status, tries := range map[int]int{500: len(backoff) + 1, 410: 1} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			s, hook := hooked(t, Config{transport: roundTrip(func(*http.Request) (int, error) { asked++; return status, nil })}, "https://example.org/hook")
			go s.Run(t.Context())
			if err := s.Send(t.Context(), hook, rest.Event{Type: rest.Test}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(75 * time.Hour)
			is, err := s.cfg.Store.Webhook(t.Context(), hook.ID)
			if asked != tries || err != nil || is.Disabled != (status == 410) {
				t.Errorf("%d: %d tries, %+v %v", status, asked, is, err)
			}
		})
	}
}

// An outbox that cannot be written does not send the same over and over.
func TestOutboxCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	kept, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	hook, err := kept.CreateWebhook(t.Context(), store.Webhook{URL: "https://example.org/hook", Secret: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	asked := 0
	s := New(Config{Store: kept, transport: roundTrip(func(*http.Request) (int, error) {
		if asked++; asked > 1 {
			stop() // else it would never end
		}
		return http.StatusNoContent, nil
	})})
	if err := s.Send(t.Context(), hook, rest.Event{Type: rest.Test}); err != nil {
		t.Fatal(err)
	}
	beside, err := sql.Open("sqlite", path) // the driver of package store
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	if _, err := beside.ExecContext(t.Context(), "CREATE TRIGGER full BEFORE DELETE ON delivery BEGIN SELECT RAISE(FAIL, 'full'); END"); err != nil {
		t.Fatal(err)
	}
	if wait := s.round(ctx); asked != 1 || wait != look {
		t.Errorf("asked %d times, then waits %v", asked, wait)
	}
}

// Nothing goes to the server's own network: neither by an address, nor by a name that leads there, nor by a redirect.
func TestS1_WebhooksStayOutside(t *testing.T) {
	asked := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer inside.Close()
	s, _ := hooked(t, Config{}, "")
	for _, address := range []string{"http://example.org/", "https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/", "https://[fd00::1]/", "https://169.254.169.254/latest",
		"https://[::ffff:127.0.0.1]/", "https://0.0.0.0/", "https://100.64.1.1/", "https://[64:ff9b::7f00:1]/", "https://localhost/", "https://a:b@example.org/", "ftp://example.org", "https://", "example.org", "::"} {
		if err := s.Check(address); err == nil {
			t.Errorf("%s is fine", address)
		}
	}
	for _, address := range []string{"https://example.org/hook?x=1", "https://203.0.114.1/", "https://[2606:4700::1]:8443/"} {
		if err := s.Check(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	// The name is fine, what it leads to is not: the dialer sees the address.
	for _, url := range []string{inside.URL, strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)} {
		answer, err := s.client.Get(url)
		if !errors.Is(err, internet.ErrPrivate) {
			t.Errorf("%s: %v", url, err)
		}
		if err == nil {
			_ = answer.Body.Close()
		}
	}
	away := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect))
	defer away.Close()
	open, hook := hooked(t, Config{Private: true}, away.URL)
	if err := open.post(t.Context(), hook, store.Delivery{ID: "x", Body: []byte("{}")}); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Error(err)
	}
	if asked != 0 {
		t.Errorf("the inside was asked %d times", asked)
	}
	hook.URL = inside.URL
	if err := open.post(t.Context(), hook, store.Delivery{ID: "x", Body: []byte("{}")}); err != nil || asked != 1 {
		t.Error(asked, err) // with the setting it goes through, so the test sees what it should
	}
}
