package room

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/grotto-meet/grotto/internal/wire"
)

// pipe is a socket without a network, so that synctest can own the time.
type pipe struct {
	in, out chan []byte
	stuck   chan struct{} // Write waits for it, if set
	lingers bool          // the other side does not answer a close
	once    sync.Once
	closed  chan struct{}
	mu      sync.Mutex
	code    wire.Code
	vouched string
}

const pipeDepth = 4096

func newPipe() *pipe {
	return &pipe{in: make(chan []byte), out: make(chan []byte, pipeDepth), closed: make(chan struct{})}
}

func (p *pipe) Wait() error { return nil }

func (p *pipe) Read() ([]byte, error) {
	select {
	case text := <-p.in:
		return text, nil
	case <-p.closed:
		return nil, io.EOF
	}
}

func (p *pipe) Write(parts ...[]byte) error {
	if p.stuck != nil {
		select {
		case <-p.stuck:
		case <-p.closed:
			return io.ErrClosedPipe
		}
	}
	select {
	case <-p.closed:
		return io.ErrClosedPipe
	case p.out <- bytes.Join(parts, nil):
		return nil
	}
}

// Close is answered by the other side at once.
func (p *pipe) Close(code wire.Code) {
	p.mu.Lock()
	p.code = code
	p.mu.Unlock()
	if !p.lingers {
		p.Abort()
	}
}

func (p *pipe) Abort() { p.once.Do(func() { close(p.closed) }) }

func (p *pipe) Host() string { return "meet.example:8443" }

func (p *pipe) Vouched() string { return p.vouched }

func (p *pipe) closedWith() wire.Code {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code
}

// bench is a server and the clients of one test.
type bench struct {
	*testing.T
	server *Server
	media  *fakeMedia
}

// within runs a test in a bubble with a clock of its own.
func within(t *testing.T, cfg Config, run func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		media := &fakeMedia{peers: map[string]*fakePeer{}}
		if cfg.Media == nil {
			cfg.Media = media
		}
		b := &bench{T: t, server: New(cfg), media: media}
		defer func() {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			b.server.Shutdown(ctx)
		}()
		run(b)
	})
}

func (b *bench) connect() *client {
	c := &client{bench: b}
	c.reconnect()
	return c
}

// client speaks the protocol by hand.
type client struct {
	*bench
	sock    *pipe
	id      uint64
	seq     uint64
	welcome *wire.Welcome
	self    wire.Device
}

func (c *client) reconnect() {
	c.sock = newPipe()
	if !c.server.accept(c.sock) {
		c.sock.Abort()
		return
	}
	go c.server.serve(c.sock)
}

func (c *client) raw(text string) {
	c.Helper()
	select {
	case c.sock.in <- []byte(text):
	case <-c.sock.closed:
	}
}

// send numbers and sends a request.
func (c *client) send(m wire.ClientMessage) uint64 {
	c.Helper()
	c.id++
	c.sendAs(c.id, m)
	return c.id
}

func (c *client) sendAs(id uint64, m wire.ClientMessage) {
	c.Helper()
	wire.SetID(m, id)
	text, err := wire.Encode(m)
	if err != nil {
		c.Fatal(err)
	}
	c.raw(string(text))
}

// next waits for a message.
func (c *client) next() wire.ServerMessage {
	c.Helper()
	synctest.Wait()
	select {
	case text := <-c.sock.out:
		m, err := wire.DecodeServer(text)
		if err != nil {
			c.Fatalf("%s: %v", text, err)
		}
		if seq := wire.Seq(m); seq != 0 {
			if seq != c.seq+1 {
				c.Fatalf("seq %d after %d", seq, c.seq)
			}
			c.seq = seq
		}
		return m
	default:
		c.Fatal("nothing came")
		return nil
	}
}

// want waits for a message of one kind.
func want[M wire.ServerMessage](c *client) M {
	c.Helper()
	m := c.next()
	typed, ok := m.(M)
	if !ok {
		c.Fatalf("got %T %+v", m, m)
	}
	return typed
}

func (c *client) wantError(code wire.Code) *wire.Error {
	c.Helper()
	e := want[*wire.Error](c)
	if e.Code != code {
		c.Fatalf("got %v, want %s", e, code)
	}
	return e
}

// quiet checks that nothing is waiting.
func (c *client) quiet() {
	c.Helper()
	synctest.Wait()
	if len(c.sock.out) > 0 {
		c.Fatalf("unexpected: %s", <-c.sock.out)
	}
}

func (c *client) gone() bool {
	synctest.Wait()
	select {
	case <-c.sock.closed:
		return true
	default:
		return false
	}
}

func (c *client) hello(room string) *wire.Welcome {
	c.Helper()
	c.send(&wire.Hello{Version: wire.Version, Room: room})
	c.welcome = want[*wire.Welcome](c)
	return c.welcome
}

func (c *client) join(joinID byte) *wire.Joined {
	c.Helper()
	c.send(joinMessage(joinID, 3))
	c.self = wire.Device{User: c.welcome.User, Device: c.welcome.DeviceID, JoinID: octets(joinID, 16)}
	return want[*wire.Joined](c)
}

func (c *client) resume() {
	c.Helper()
	c.reconnect()
	c.sendAs(1, &wire.Resume{Version: wire.Version, Token: c.welcome.Resume, Seq: c.seq})
}

// ping waits for a pong, by which everything sent before has been handled.
func (c *client) ping() {
	c.Helper()
	c.send(&wire.Ping{Seq: c.seq})
	want[*wire.Pong](c)
}

// call brings n clients into a room, who have read everything.
func (b *bench) call(n int) []*client {
	b.Helper()
	var all []*client
	for i := range n {
		c := b.connect()
		c.hello("blue-harbour")
		c.join(byte(i + 1))
		for _, other := range all {
			want[*wire.Roster](other)
		}
		all = append(all, c)
	}
	return all
}

func octets(b byte, n int) wire.Base64 { return bytes.Repeat([]byte{b}, n) }

func signedKey(id string, b byte) wire.SignedKey {
	return wire.SignedKey{KeyID: id, Key: octets(b, 32), Sig: octets(b, 64)}
}

func joinMessage(joinID byte, oneTimeKeys int) *wire.Join {
	fallback := signedKey("fallback", 99)
	fallback.Fallback = true
	m := &wire.Join{JoinID: octets(joinID, 16), CallKeys: octets(joinID, 96), Sig: octets(joinID, 64), Proof: octets(joinID, 32), FallbackKey: fallback}
	for i := range oneTimeKeys {
		m.OneTimeKeys = append(m.OneTimeKeys, signedKey(strings.Repeat("k", i+1), byte(i)))
	}
	return m
}

func envelopeTo(d wire.Device, body string) wire.Envelope {
	return wire.Envelope{To: d, Olm: 1, Body: body, Sender: strings.Repeat("S", 43)}
}

// fakeMedia is an SFU that only takes notes.
type fakeMedia struct {
	mu    sync.Mutex
	peers map[string]*fakePeer
	order []*fakePeer
	block chan struct{} // Publish waits for it, if set
}

type fakePeer struct {
	media  *fakeMedia
	call   string
	name   string
	to     MediaCallbacks
	mu     sync.Mutex
	did    []string
	closed bool
}

func (f *fakeMedia) Join(call, name string, to MediaCallbacks) MediaPeer {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := &fakePeer{media: f, call: call, name: name, to: to}
	f.peers[name] = p
	f.order = append(f.order, p)
	return p
}

var errRefused = errors.New("sfu: no such codec")

func (p *fakePeer) Publish(sdp string, tracks []wire.Publication) (string, error) {
	if p.media.block != nil {
		<-p.media.block
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.did = append(p.did, "publish "+sdp)
	if sdp == "bad" {
		return "", errRefused
	}
	return "answer to " + sdp, nil
}

func (p *fakePeer) Unpublish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.did = append(p.did, "unpublish")
}

func (p *fakePeer) Answer(offer uint64, sdp string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.did = append(p.did, "answer "+sdp)
	if sdp == "bad" {
		return errRefused
	}
	return nil
}

func (p *fakePeer) Show([]wire.Shown, []string) {}
func (p *fakePeer) Restart()                    {}

func (p *fakePeer) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

func (p *fakePeer) done() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.did)
}

func (p *fakePeer) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}
