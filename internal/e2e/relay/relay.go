// Package relay stands between clients and the signalling of a server, and misbehaves on command: it is the hostile
// server of the tests, between honest clients and an honest server.
//
// [New] gives an http.Handler for the signalling path; what passes goes through the two hooks, which may change, drop
// and add messages. A test that wants a hostile SFU as well sets the Forge hook of internal/sfu.
package relay

import (
	"net/http"
	"slices"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Relay passes signalling on to the server at a ws:// address. Its hooks are called from many goroutines.
type Relay struct {
	backend string

	mu         sync.Mutex
	fromServer func(*Conn, wire.ServerMessage) []wire.ServerMessage
	fromClient func(*Conn, wire.ClientMessage) []wire.ClientMessage
	conns      []*Conn
}

// New passes everything on until a hook is set.
func New(backend string) *Relay { return &Relay{backend: backend} }

// FromServer sets what becomes of a message of the server to a client; nil passes everything on.
func (r *Relay) FromServer(hook func(*Conn, wire.ServerMessage) []wire.ServerMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fromServer = hook
}

// FromClient sets what becomes of a message of a client to the server; nil passes everything on.
func (r *Relay) FromClient(hook func(*Conn, wire.ClientMessage) []wire.ClientMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fromClient = hook
}

// Conns are the connections that were made, in their order, also those that ended.
func (r *Relay) Conns() []*Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.conns)
}

// Conn is one client's socket.
type Conn struct {
	client, server *websocket.Conn

	mu     sync.Mutex // of writing to the client, and of what follows
	member wire.Member
}

// Member is what the client said of itself, as far as it has.
func (c *Conn) Member() wire.Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.member
}

// ToClient tells the client something that the server did not say. Without a Seq it is taken as new.
func (c *Conn) ToClient(m wire.ServerMessage) error {
	text, err := wire.Encode(m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.client.WriteMessage(websocket.TextMessage, text)
}

// ServeHTTP takes a client's socket and opens one to the server.
func (r *Relay) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	server, _, err := websocket.DefaultDialer.DialContext(request.Context(), r.backend, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	client, err := upgrader.Upgrade(w, request, nil)
	if err != nil {
		_ = server.Close()
		return
	}
	c := &Conn{client: client, server: server}
	r.mu.Lock()
	r.conns = append(r.conns, c)
	r.mu.Unlock()
	go r.down(c)
	r.up(c)
}

// up passes on what the client says.
func (r *Relay) up(c *Conn) {
	defer c.server.Close()
	for {
		_, text, err := c.client.ReadMessage()
		if err != nil {
			return
		}
		m, err := wire.DecodeClient(text)
		if err != nil {
			return
		}
		if join, ok := m.(*wire.Join); ok {
			c.mu.Lock()
			c.member.JoinID, c.member.CallKeys, c.member.Sig, c.member.Proof = join.JoinID, join.CallKeys, join.Sig, join.Proof
			c.mu.Unlock()
		}
		r.mu.Lock()
		hook := r.fromClient
		r.mu.Unlock()
		out := []wire.ClientMessage{m}
		if hook != nil {
			out = hook(c, m)
		}
		for _, m := range out {
			text, err := wire.Encode(m)
			if err != nil || c.server.WriteMessage(websocket.TextMessage, text) != nil {
				return
			}
		}
	}
}

// down passes on what the server says.
func (r *Relay) down(c *Conn) {
	defer c.client.Close()
	for {
		_, text, err := c.server.ReadMessage()
		if err != nil {
			return
		}
		m, err := wire.DecodeServer(text)
		if err != nil {
			return
		}
		if welcome, ok := m.(*wire.Welcome); ok {
			c.mu.Lock()
			c.member.User, c.member.Device.Device = welcome.User, welcome.DeviceID
			c.mu.Unlock()
		}
		r.mu.Lock()
		hook := r.fromServer
		r.mu.Unlock()
		out := []wire.ServerMessage{m}
		if hook != nil {
			out = hook(c, m)
		}
		for _, m := range out {
			if c.ToClient(m) != nil {
				return
			}
		}
	}
}
