package gate

import (
	"bufio"
	"net"
	"net/http"
)

// answer knows whether the connection was taken over, as a WebSocket's is: then it counts until that closes.
type answer struct {
	http.ResponseWriter
	gate    *Gate
	network *network
	taken   bool
}

func (a *answer) done() {
	if !a.taken {
		a.gate.end(a.network)
	}
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Hijack implements [http.Hijacker].
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, buffers, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	a.taken = true
	g, n := a.gate, a.network // alone: the answer is not to be kept
	return &conn{Conn: c, left: func() { g.end(n) }}, buffers, nil
}
