//go:build goolm

package elementcall

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/homeserver"
	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	tools  = "testdata/ec"
	widget = tools + "/node_modules/@element-hq/element-call-embedded/dist"
	lib    = tools + "/node_modules/matrix-widget-api/dist/api.min.js"
)

// host is a Matrix client in which Element Call is a widget: a page, and behind it an Olm device.
type host struct {
	w      *world
	device *olmdevice.Device

	mu      sync.Mutex
	hearers map[chan told]struct{}
}

type told struct {
	Kind  string `json:"kind"` // state, to_device
	Event any    `json:"event"`
}

func (w *world) host(name string) (h *host, address string) {
	w.t.Helper()
	account := w.account(name)
	device, err := account.Login(w.t.Context(), name)
	w.must(err)
	_, err = device.Client().JoinRoomByID(w.t.Context(), w.room)
	w.must(err)
	w.must(device.Client().SetDisplayName(w.t.Context(), strings.ToUpper(name[:1])+name[1:]))
	h = &host{w: w, device: device, hearers: map[chan told]struct{}{}}
	for _, t := range []event.Type{event.StateMember, rtc.MemberType} {
		device.On(t, func(_ context.Context, e *event.Event) {
			if e.StateKey != nil && e.RoomID == w.room {
				h.tell(told{"state", map[string]any{"type": e.Type.Type, "sender": e.Sender, "state_key": *e.StateKey, "content": e.Content.Raw,
					"origin_server_ts": e.Timestamp, "event_id": e.ID, "room_id": e.RoomID, "unsigned": struct{}{}}})
			}
		})
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = device.Run(ctx) })
	running.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case m := <-device.Received():
				h.tell(told{"to_device", map[string]any{"type": m.Type.Type, "sender": m.From.User, "content": m.Content}})
			}
		}
	})
	server := httptest.NewServer(h.handler())
	w.t.Cleanup(func() {
		cancel()
		running.Wait()
		server.CloseClientConnections()
		server.Close()
		_ = account.Close()
	})
	return h, server.URL
}

func (h *host) tell(what told) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for hearer := range h.hearers {
		select {
		case hearer <- what:
		default:
		}
	}
}

func (h *host) handler() http.Handler {
	mux := http.NewServeMux()
	file := func(path string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }
	}
	mux.HandleFunc("GET /{$}", file(tools+"/host.html"))
	mux.HandleFunc("GET /host.js", file(tools+"/host.js"))
	mux.HandleFunc("GET /api.js", file(lib))
	mux.Handle("GET /ec/", http.StripPrefix("/ec/", http.FileServer(http.Dir(widget))))
	// New keys are used at once, where Element Call's own configuration waits five seconds.
	mux.HandleFunc("GET /ec/config.json", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"matrix_rtc_session":{"wait_for_key_rotation_ms":1000}}`)
	})
	mux.HandleFunc("GET /config.json", func(w http.ResponseWriter, _ *http.Request) {
		self := h.device.Self()
		_ = json.NewEncoder(w).Encode(map[string]string{"user": string(self.User), "device": string(self.Device), "room": string(h.w.room), "focus": h.w.focus})
	})
	mux.HandleFunc("GET /events", h.events)
	mux.HandleFunc("POST /to-device", h.send)
	to, err := url.Parse(h.w.hs.URL)
	h.w.must(err)
	mux.Handle("/_matrix/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Header.Set("Authorization", "Bearer "+h.device.Client().AccessToken)
	}})
	return mux
}

func (h *host) events(w http.ResponseWriter, r *http.Request) {
	hearer := make(chan told, 1024)
	h.mu.Lock()
	h.hearers[hearer] = struct{}{}
	h.mu.Unlock()
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	_ = flush.Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case what := <-hearer:
			line, err := json.Marshal(what)
			if err != nil {
				return
			}
			_, _ = fmt.Fprintf(w, "data: %s\n\n", line)
			_ = flush.Flush()
		}
	}
}

func (h *host) send(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Type      string                                        `json:"type"`
		Encrypted bool                                          `json:"encrypted"`
		Messages  map[id.UserID]map[id.DeviceID]json.RawMessage `json:"messages"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !in.Encrypted {
		http.Error(w, "what is to be encrypted, by user and device", http.StatusBadRequest)
		return
	}
	var all []olmdevice.Outgoing
	for user, devices := range in.Messages {
		for device, content := range devices {
			all = append(all, olmdevice.Outgoing{To: olmdevice.Address{User: user, Device: device}, Content: content})
		}
	}
	for _, not := range h.device.SendEach(r.Context(), event.Type{Type: in.Type, Class: event.ToDeviceEventType}, all) {
		fmt.Fprintln(w, not.To, not.Err)
	}
}

// browser is Chromium with the host's page.
type browser struct {
	in io.WriteCloser

	mu  sync.Mutex
	now look
}

type look struct {
	Video []struct {
		ID     string `json:"id"`
		Frames int    `json:"frames"`
		Width  int    `json:"width"`
	} `json:"video"`
	Audio []struct {
		ID     string  `json:"id"`
		Energy float64 `json:"energy"`
	} `json:"audio"`
	Text   string   `json:"text"`
	Errors []string `json:"errors"`
	Said   []string `json:"said"`
}

func (w *world) browser(address string) *browser {
	w.t.Helper()
	process := exec.Command("node", filepath.Join(tools, "drive.mjs"), address)
	process.Stderr = os.Stderr
	homeserver.DieWithParent(process)
	in, err := process.StdinPipe()
	w.must(err)
	out, err := process.StdoutPipe()
	w.must(err)
	w.must(process.Start())
	b := &browser{in: in}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var now look
			if json.Unmarshal(lines.Bytes(), &now) == nil {
				b.mu.Lock()
				b.now = now
				b.mu.Unlock()
			}
		}
	}()
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.t.Logf("Element Call: %+v", b.look())
		}
		_ = in.Close()
		select {
		case <-read:
		case <-time.After(10 * time.Second):
			_ = process.Process.Kill()
		}
		_ = process.Wait()
	})
	return b
}

func (b *browser) look() look {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *browser) click(id string) { _, _ = io.WriteString(b.in, id+"\n") }

// frames is the largest number of frames of any remote video, heard the same of sound.
func (b *browser) frames() (most int) {
	for _, v := range b.look().Video {
		most = max(most, v.Frames)
	}
	return most
}

func (b *browser) heard() (most float64) {
	for _, a := range b.look().Audio {
		most = max(most, a.Energy)
	}
	return most
}

// need skips the test without its tools, which `make` fetches; in CI it fails.
func need(t *testing.T) {
	t.Helper()
	for _, path := range []string{widget + "/index.html", lib, "../../web/node_modules/playwright/index.mjs"} {
		if _, err := os.Stat(path); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skipf("%v: npm ci, in %s and in web", err, tools)
		}
	}
}

// Element Call itself, in Chromium, and Grotto's client: both see and hear each other.
func TestElementCall(t *testing.T) {
	need(t)
	w := newWorld(t)
	sends := make(chan call.Sending, 99)
	bob := w.join("Bob", call.Config{OnSending: func(s call.Sending) { sends <- s }}, "vp8.ivf", "opus.ogg")
	stop := w.gateway()
	_, address := w.host("erin")
	erin := w.browser(address)

	const name = "Erin" + Label
	w.eventually("Element Call's picture opens in Grotto", func() bool { return opened(bob, name, wire.SourceCamera) > 10 })
	w.eventually("Element Call's sound opens in Grotto", func() bool { return opened(bob, name, wire.SourceMic) > 10 })
	w.eventually("Grotto's picture is decoded in Element Call", func() bool { return erin.frames() > 10 })
	w.eventually("Grotto's sound is heard in Element Call", func() bool { return erin.heard() > 0 })
	w.eventually("the gateway is to be seen in Element Call", func() bool { return strings.Contains(strings.ToLower(erin.look().Text), "gateway") })
	if !there(bob, "Gateway to Element Call") {
		t.Error("the gateway is not to be seen in Grotto")
	}

	// Somebody leaves Element Call, so that there are new keys on both sides.
	carol := w.element("carol")
	carol.enter()
	w.eventually("Carol is there", func() bool { return there(bob, "Carol"+Label) })
	carol.leave()
	w.eventually("Carol is gone", func() bool { return !there(bob, "Carol"+Label) })
	seen, shown := erin.frames(), opened(bob, name, wire.SourceCamera)
	w.eventually("pictures go on for longer than the old keys are used", func() bool {
		return erin.frames() > seen+90 && opened(bob, name, wire.SourceCamera) > shown+15 // at 30 and 5 a second
	})

	for len(sends) > 0 {
		<-sends
	}
	erin.click("incall_mute")
	w.eventually("a microphone that is muted in Element Call is so in Grotto", func() bool {
		select {
		case s := <-sends:
			return !s.Mic
		default:
			return false
		}
	})
	erin.click("incall_leave")
	w.eventually("who left Element Call is gone from Grotto", func() bool { return !there(bob, name) })
	stop()
}
