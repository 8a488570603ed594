package front

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// maxOrder bounds what is read of an order.
const maxOrder = 64 << 10

// located says in the answer to an order's "finalize" where the order is. Authorities may leave that out (RFC 8555 §7.4), and
// golang.org/x/crypto before v0.58.0 looks for the order nowhere else.
type located struct {
	next http.RoundTripper

	mu              sync.Mutex
	finalize, order string // URLs of the latest order
}

func (l *located) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.next.RoundTrip(r)
	if err != nil || r.Method != http.MethodPost {
		return answer, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	location := answer.Header.Get("Location")
	switch {
	case location == "" && r.URL.String() == l.finalize:
		answer.Header.Set("Location", l.order)
	case location != "" && answer.StatusCode == http.StatusCreated:
		body, err := io.ReadAll(io.LimitReader(answer.Body, maxOrder))
		_ = answer.Body.Close()
		answer.Body = io.NopCloser(bytes.NewReader(body))
		var order struct{ Finalize string }
		if err == nil && json.Unmarshal(body, &order) == nil && order.Finalize != "" { // else it is an account
			l.finalize, l.order = order.Finalize, location
		}
	}
	return answer, nil
}
