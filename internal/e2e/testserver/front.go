package main

import (
	"net"
	"net/http"

	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/wire"
)

// newFront listens for the relay, which is where signalling comes from then: through a bad network, from a hostile server.
func newFront(h *host) (*relay.Relay, error) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		_ = http.Serve(kept{inner, h}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.current().ServeHTTP(w, r) }))
	}()
	front := relay.New("ws://" + inner.Addr().String() + node.SignalPath)
	front.FromServer(func(c *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
		if h.hostile != nil {
			h.hostile.signalling(c, m)
		}
		if h.rig != nil {
			h.rig.FromServer(c, m)
		}
		return []wire.ServerMessage{m}
	})
	front.FromClient(func(c *relay.Conn, m wire.ClientMessage) []wire.ClientMessage {
		if h.rig != nil {
			h.rig.FromClient(c, m)
		}
		return []wire.ClientMessage{m}
	})
	return front, nil
}
