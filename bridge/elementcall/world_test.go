//go:build goolm

package elementcall

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/elementcall/lkframe"
	"github.com/grotto-meet/grotto/bridge/elementcall/lkroom"
	"github.com/grotto-meet/grotto/bridge/elementcall/lkserver"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/wire"
)

// Beside other tests a browser takes many times what it takes alone.
const patience = 2 * time.Minute

func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }

// world is a meeting server, a homeserver with a room, a LiveKit server and its tokens, all on this machine.
type world struct {
	t       *testing.T
	hs      *homeserver.Server
	livekit *lkserver.Server
	focus   string
	link    call.Link
	owner   homeserver.User
	room    id.RoomID

	gatewayUser id.UserID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, hs: homeserver.Shared(t), livekit: lkserver.Start(t)}
	tokens := httptest.NewServer(w.livekit.Tokens(w.hs.URL))
	t.Cleanup(tokens.Close)
	w.focus = tokens.URL
	n, err := node.New(node.Config{UDP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	page := httptest.NewServer(n.Handler())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = n.Close(ctx)
		page.CloseClientConnections()
		page.Close()
	})
	if w.link, err = call.ParseLink(page.URL + "/r/gateway#" + "AAAAAAAAAAAAAAAAAAAAAA"); err != nil {
		t.Fatal(err)
	}
	w.owner = w.hs.Register(t, "owner")
	var made struct {
		ID id.RoomID `json:"room_id"`
	}
	w.must(w.hs.Call(w.owner.Token, http.MethodPost, "/_matrix/client/v3/createRoom", map[string]any{"preset": "public_chat", "name": "Gateway",
		// Element Call seals nothing in rooms that are not encrypted.
		"initial_state":                []map[string]any{{"type": "m.room.encryption", "content": map[string]string{"algorithm": "m.megolm.v1.aes-sha2"}}},
		"power_level_content_override": map[string]any{"events": map[string]int{rtc.MemberType.Type: 0}}}, &made))
	w.room = made.ID
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) eventually(what string, condition func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !condition(); {
		if time.Now().After(deadline) {
			w.t.Fatalf("not within %v: %s", patience, what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// gateway runs one until the test ends, or the returned function is called.
func (w *world) gateway() (stop func()) {
	w.t.Helper()
	u := w.hs.Register(w.t, "gateway")
	w.gatewayUser = id.UserID(u.ID)
	account := &Account{Homeserver: w.hs.URL, User: id.UserID(u.ID), Password: u.Password, Room: w.room, Notice: func(text string) { w.t.Log("gateway: " + text) }}
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Config{Link: w.link, Name: "Gateway to Element Call", Room: w.room, Focus: []string{w.focus}, Login: account.Login, Notice: account.Notice})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				w.t.Error("the gateway: ", err)
			}
		case <-time.After(patience):
			w.t.Error("the gateway does not end")
		}
		if err := account.Close(); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

// join enters the meeting with files.
func (w *world) join(name string, config call.Config, files ...string) *call.Call {
	w.t.Helper()
	for i, f := range files {
		files[i] = filepath.Join("../../testdata/media", f)
	}
	media, err := call.OpenMedia(files)
	w.must(err)
	config.Link, config.Name, config.Publish = w.link, name, media
	c, err := call.Join(w.t.Context(), config)
	w.must(err)
	w.t.Cleanup(c.Leave)
	return c
}

// opened is how many frames of somebody's source have opened.
func opened(c *call.Call, name string, source wire.Source) (n int) {
	for _, t := range c.Report().Tracks {
		if t.Name == name && t.Source == source {
			n += t.FramesOpened
		}
	}
	return n
}

func there(c *call.Call, name string) bool {
	for _, p := range c.Participants() {
		if p.Name == name {
			return true
		}
	}
	return false
}

// element stands in for Element Call: a Matrix device, a LiveKit participant, and a key. A real one is in browser_test.go.
type element struct {
	w      *world
	device *olmdevice.Device
	room   *lkroom.Room
	cancel context.CancelFunc

	mu     sync.Mutex
	rings  rings
	given  map[olmdevice.Address][]byte // the newest key of each device
	tracks map[string]string            // identity by the track's SID
	count  map[string]int               // frames that opened, by identity and codec
	muted  map[string]bool              // identity and source
	asked  int                          // requests of a key frame
	camera *lkroom.Incoming             // the newest
}

func (w *world) account(name string) *Account {
	u := w.hs.Register(w.t, name)
	return &Account{Homeserver: w.hs.URL, User: id.UserID(u.ID), Password: u.Password, Room: w.room}
}

func (w *world) element(name string) *element {
	w.t.Helper()
	account := w.account(name)
	e := &element{w: w, given: map[olmdevice.Address][]byte{}, tracks: map[string]string{}, count: map[string]int{}, muted: map[string]bool{}}
	device, err := account.Login(w.t.Context(), name)
	w.must(err)
	e.device = device
	_, err = device.Client().JoinRoomByID(w.t.Context(), w.room)
	w.must(err)
	w.must(device.Client().SetDisplayName(w.t.Context(), strings.ToUpper(name[:1])+name[1:]))
	ctx, cancel := context.WithCancel(w.t.Context())
	e.cancel = cancel
	var running sync.WaitGroup
	running.Go(func() { _ = device.Run(ctx) })
	running.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case r := <-device.Received():
				if index, key, err := readKey(w.room, r); err == nil {
					e.mu.Lock()
					e.given[r.From] = key
					e.mu.Unlock()
					_ = e.rings.of(r.From).Set(index, key)
				}
			}
		}
	})
	w.t.Cleanup(func() { cancel(); running.Wait(); _ = account.Close() })
	return e
}

// enter joins the call.
func (e *element) enter() {
	w := e.w
	w.t.Helper()
	a, err := admit(w.t.Context(), e.device, w.room, w.focus)
	w.must(err)
	e.room, err = lkroom.Join(w.t.Context(), lkroom.Config{URL: a.URL, Token: a.Token, Receive: true, OnUpdate: e.updated, OnTrack: func(t *lkroom.Incoming) { go e.receive(t) }})
	w.must(err)
	w.t.Cleanup(e.room.Leave)
	self := e.device.Self()
	m := rtc.Membership{User: self.User, Device: self.Device, Expires: time.Now().Add(time.Hour), Transports: []rtc.Transport{{Type: rtc.LiveKitType, Service: w.focus, Alias: string(w.room)}}}
	_, err = e.device.Client().SendStateEvent(w.t.Context(), w.room, rtc.MemberType, rtc.StateKey(self.User, self.Device), m.Content(time.Now()))
	w.must(err)
}

func (e *element) updated(p *lkroom.Participant) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range p.Tracks {
		e.tracks[t.SID] = p.Identity
		e.muted[fmt.Sprint(p.Identity, t.Source)] = t.Muted
	}
}

func (e *element) receive(t *lkroom.Incoming) {
	codec := codecs[0]
	for _, c := range codecs {
		if strings.EqualFold(c.mime, t.MIMEType) {
			codec = c
		}
	}
	if codec.video {
		e.mu.Lock()
		e.camera = t
		e.mu.Unlock()
	}
	t.WantKeyFrame()
	assembler, _ := call.NewAssembler(codec.wire)
	for {
		p, err := t.Read()
		if err != nil {
			return
		}
		for _, f := range assembler.Push(p) {
			e.mu.Lock()
			identity := e.tracks[t.Track]
			e.mu.Unlock()
			user, device, _ := cutIdentity(identity)
			if _, err := e.rings.of(olmdevice.Address{User: user, Device: device}).Open(codec.frame, f.Data); err == nil {
				e.mu.Lock()
				e.count[identity+" "+codec.mime]++
				e.mu.Unlock()
			}
		}
	}
}

func cutIdentity(identity string) (id.UserID, id.DeviceID, bool) {
	i := strings.LastIndex(identity, ":")
	if i < 0 {
		return "", "", false
	}
	return id.UserID(identity[:i]), id.DeviceID(identity[i+1:]), true
}

// frames is how many of a codec have opened, of how many devices.
func (e *element) frames(mime string) (devices, least int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for k, n := range e.count {
		if strings.HasSuffix(k, " "+mime) {
			if devices++; devices == 1 || n < least {
				least = n
			}
		}
	}
	return devices, least
}

// tell gives a key to the gateway's devices.
func (e *element) tell(index byte, key []byte, change func(*keysContent)) {
	e.w.t.Helper()
	content := keysOf(e.w.room, e.device.Self(), index, key, time.Now())
	if change != nil {
		change(&content)
	}
	if unsent := e.device.Send(e.w.t.Context(), keysType, content, e.w.gateways(e.device.Client())...); len(unsent) > 0 {
		e.w.t.Log("not told: ", unsent)
	}
}

// gateways are the devices of the gateway's account that are in the call.
func (w *world) gateways(client *mautrix.Client) (all []olmdevice.Address) {
	state, err := client.State(w.t.Context(), w.room)
	w.must(err)
	for _, e := range state[rtc.MemberType] {
		if m, err := rtc.ParseState(e); err == nil && m.User == w.gatewayUser {
			all = append(all, olmdevice.Address{User: m.User, Device: m.Device})
		}
	}
	return all
}

// send publishes sealed frames until the test ends.
func (e *element) send(source lkroom.Source, codec codec, index byte, key []byte, frame func(n int) []byte) *lkroom.Outgoing {
	w := e.w
	w.t.Helper()
	out, err := e.room.Publish(w.t.Context(), source, codec.mime, func() { e.mu.Lock(); e.asked++; e.mu.Unlock() })
	w.must(err)
	sealer, err := lkframe.NewSealer(key, index)
	w.must(err)
	stream := sealer.Stream(codec.frame)
	packets, _ := call.Packetizer(codec.wire)
	step := uint32(960)
	if codec.video {
		step = 1800
	}
	w.feed(func(n int) {
		sealed, err := stream.Seal(frame(n), uint32(n)*step)
		if err != nil {
			return
		}
		packets.SkipSamples(step)
		for _, p := range packets.Packetize(sealed, 0) {
			_ = out.Write(p)
		}
	})
	return out
}

// feed calls f fifty times a second until the test ends.
func (w *world) feed(f func(n int)) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	w.t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			f(n)
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (e *element) leave() {
	self := e.device.Self()
	_, err := e.device.Client().SendStateEvent(e.w.t.Context(), e.w.room, rtc.MemberType, rtc.StateKey(self.User, self.Device), struct{}{})
	e.w.must(err)
	e.room.Leave()
}
