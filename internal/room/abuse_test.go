package room

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// byToken takes the token for the user's name.
type byToken struct{}

func (byToken) Admit(_ context.Context, token, _ string) (Identity, error) {
	if token == "" {
		return Identity{}, errors.New("the key of this server is kettle")
	}
	return Identity{Localpart: token}, nil
}

func TestS2_FirstMessage(t *testing.T) {
	hello := func(rest string) string { return `{"type":"hello","id":9,"version":1,` + rest + `}` }
	for name, c := range map[string]struct {
		cfg  Config
		text string
		code wire.Code
		id   uint64
	}{
		"not JSON":            {Config{}, `GET / HTTP/1.1`, wire.CodeBadMessage, 0},
		"too large":           {Config{}, strings.Repeat(" ", wire.MaxMessageSize+1), wire.CodeTooLarge, 0},
		"version 2":           {Config{}, `{"type":"hello","id":9,"version":2,"room":"blue-harbour"}`, wire.CodeBadVersion, 9},
		"not hello":           {Config{}, `{"type":"leave","id":9}`, wire.CodeBadMessage, 9},
		"no slug":             {Config{}, hello(`"room":""`), wire.CodeBadRoom, 9},
		"short slug":          {Config{}, hello(`"room":"ab"`), wire.CodeBadRoom, 9},
		"slug in capitals":    {Config{}, hello(`"room":"Blue"`), wire.CodeBadRoom, 9},
		"slug with a path":    {Config{}, hello(`"room":"../etc"`), wire.CodeBadRoom, 9},
		"slug with a colon":   {Config{}, hello(`"room":"blue:harbour"`), wire.CodeBadRoom, 9},
		"long slug":           {Config{}, hello(`"room":"` + strings.Repeat("a", 65) + `"`), wire.CodeBadRoom, 9},
		"room not listed":     {Config{Rooms: []string{"red-harbour"}}, hello(`"room":"blue-harbour"`), wire.CodeUnknownRoom, 9},
		"token not asked for": {Config{}, hello(`"room":"blue-harbour","token":"x"`), wire.CodeBadToken, 9},
		"token missing":       {Config{Auth: byToken{}}, hello(`"room":"blue-harbour"`), wire.CodeBadToken, 9},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, c.cfg, func(b *bench) {
				someone := b.connect()
				someone.raw(c.text)
				e := someone.wantError(c.code)
				if e.ID != c.id || e.Message == "" || strings.Contains(e.Message, "kettle") || (c.code != wire.CodeBadMessage && e.Hint == "") {
					t.Errorf("%+v", e)
				}
				if !someone.gone() || someone.sock.closedWith() != c.code {
					t.Error("the socket is open")
				}
				if n := b.server.Stats().Refused; n[c.code] != 1 || len(n) != 1 {
					t.Errorf("counted: %v", n)
				}
				b.server.mu.Lock()
				defer b.server.mu.Unlock()
				if len(b.server.sessions) != 0 || len(b.server.calls) != 0 {
					t.Error("something was left behind")
				}
			})
		})
	}
}

func TestS2_LaterMessages(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		code   wire.Code
		closes bool
	}{
		"not JSON":    {`{`, wire.CodeBadMessage, true},
		"no id":       {`{"type":"leave"}`, wire.CodeBadMessage, true},
		"unknown":     {`{"type":"shout","id":50}`, wire.CodeBadMessage, false},
		"hello again": {`{"type":"hello","id":50,"version":1,"room":"blue-harbour"}`, wire.CodeBadMessage, false},
		"join again":  {`{"type":"join","id":50,` + joinFields() + `}`, wire.CodeAlreadyJoined, false},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, Config{}, func(b *bench) {
				people := b.call(2)
				people[0].raw(c.text)
				e := people[0].wantError(c.code)
				if people[0].gone() != c.closes || c.closes != (e.ID == 0) {
					t.Errorf("closed %v, error %+v", people[0].gone(), e)
				}
				if c.closes { // the session is still there to resume
					people[0].resume()
					want[*wire.Resumed](people[0])
				}
				people[1].quiet()
			})
		})
	}
}

func joinFields() string {
	text, err := wire.Encode(joinMessage(1, 1))
	if err != nil {
		panic(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(text), `{"type":"join","id":0,`), "}")
}

func TestNothingBeforeJoin(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		ada := b.call(1)[0]
		eve := b.connect()
		eve.hello("blue-harbour")
		for _, m := range []wire.ClientMessage{
			&wire.UploadKeys{}, &wire.Prove{Proof: octets(1, 32)}, &wire.ClaimKeys{Devices: []wire.Device{ada.self}}, &wire.SendData{Body: octets(1, 8)},
			&wire.ToDevice{Messages: []wire.Envelope{envelopeTo(ada.self, "AAAA")}},
			&wire.Publish{SDP: "offer"}, &wire.SubscribeAnswer{Offer: 1, SDP: "answer"},
		} {
			eve.send(m)
			if e := eve.wantError(wire.CodeNotJoined); e.ID != eve.id {
				t.Errorf("%+v", e)
			}
		}
		ada.quiet()
	})
}

func TestRoomFull(t *testing.T) {
	within(t, Config{Participants: 2}, func(b *bench) {
		people := b.call(2)
		third := b.connect()
		third.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour"})
		third.wantError(wire.CodeRoomFull)
		again := b.connect() // a reload takes a place that is its own
		again.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Replaces: people[0].welcome.Resume})
		want[*wire.Welcome](again)
		b.connect().hello("red-harbour")
	})
}

func TestS2_SlowConsumer(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(3)
		slow, bob, cyd := people[0], people[1], people[2]
		slow.sock.stuck = make(chan struct{})
		var sent int
		for cyd.sock.closedWith() == "" && sent < 2*maxKept {
			bob.send(&wire.SendData{Body: octets(1, 8)})
			sent++
			want[*wire.OK](bob)
			if _, isData := cyd.next().(*wire.Data); !isData {
				break
			}
			if sent%10 == 9 {
				time.Sleep(200 * time.Millisecond)
			}
			if sent%500 == 0 {
				cyd.ping()
			}
			if sent > maxKept+1 { // one is in the socket's hands
				break
			}
		}
		left := want[*wire.Roster](bob).Left
		if len(left) != 1 || !sameDevice(&left[0], &slow.self) {
			t.Fatalf("%+v", left)
		}
		close(slow.sock.stuck)
		synctest.Wait()
		last := slow.drain()
		if bye, ok := last.(*wire.Bye); !ok || bye.Code != wire.CodeSlowConsumer {
			t.Errorf("last message %+v", last)
		}
		if slow.sock.closedWith() != wire.CodeSlowConsumer {
			t.Errorf("closed with %q", slow.sock.closedWith())
		}
		if n := b.server.Stats().Ended[wire.CodeSlowConsumer]; n != 1 {
			t.Errorf("%d are counted", n)
		}
		slow.resume()
		slow.seq = 0
		slow.wantError(wire.CodeResumeUnknown)
	})
}

// drain reads to the end and gives the last message.
func (c *client) drain() (last wire.ServerMessage) {
	for len(c.sock.out) > 0 {
		m, err := wire.DecodeServer(<-c.sock.out)
		if err != nil {
			c.Fatal(err)
		}
		last = m
	}
	return last
}

func TestS2_Rates(t *testing.T) {
	big := &wire.ToDevice{Messages: []wire.Envelope{envelopeTo(wire.Device{User: "@a:localhost", Device: "ABCDEFGHIJ", JoinID: octets(1, 16)}, strings.Repeat("A", 16000))}}
	for name, c := range map[string]struct {
		flood wire.ClientMessage
		max   int // how many may pass at once
	}{
		"messages": {&wire.UploadKeys{}, messagesBurst},
		"bytes":    {big, bytesBurst / 16000},
		"data":     {&wire.SendData{Body: octets(1, 40000)}, dataBurst / 40000},
		"claims":   {&wire.ClaimKeys{Devices: make100()}, claimsBurst / 100},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, Config{}, func(b *bench) {
				people := b.call(2)
				eve, bob := people[0], people[1]
				passed := 0
				for ; passed <= c.max; passed++ {
					eve.send(c.flood)
					if e, refused := eve.next().(*wire.Error); refused && e.Code == wire.CodeRateLimited {
						break
					}
				}
				if passed > c.max || passed < c.max-5 {
					t.Errorf("%d passed, want about %d", passed, c.max)
				}
				bob.drain()
				for range refusalsBurst + 1 {
					if eve.gone() {
						break
					}
					eve.send(c.flood)
				}
				if bye, ok := eve.drain().(*wire.Bye); !ok || bye.Code != wire.CodeRateLimited || !eve.gone() {
					t.Errorf("still there after %d refusals", refusalsBurst)
				}
			})
		})
	}
}

func make100() []wire.Device {
	list := make([]wire.Device, 100)
	for i := range list {
		list[i] = wire.Device{User: "@a:localhost", Device: "ABCDEFGHIJ", JoinID: octets(1, 16)}
	}
	return list
}

func TestRatesRecover(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		eve := b.call(1)[0]
		for refused := false; !refused; {
			eve.send(&wire.UploadKeys{})
			_, refused = eve.next().(*wire.Error)
		}
		time.Sleep(time.Second)
		for range messagesPerSecond {
			eve.send(&wire.UploadKeys{})
			want[*wire.OK](eve)
		}
	})
}

func TestShutdown(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(3)
		silent := b.connect()
		people[2].sock.Abort() // away
		synctest.Wait()
		b.server.Shutdown(b.Context())
		for _, c := range people[:2] {
			if bye, ok := c.drain().(*wire.Bye); !ok || bye.Code != wire.CodeShuttingDown || !c.gone() {
				t.Errorf("last message %+v", bye)
			}
		}
		if !silent.gone() {
			t.Error("a socket without a session is open")
		}
		for i, p := range b.media.order {
			if !p.isClosed() {
				t.Errorf("media peer %d is open", i)
			}
		}
		if b.server.accept(newPipe()) {
			t.Error("a socket was taken after the stop")
		}
	})
}

// A client that does not read must not hold up the stop.
func TestShutdownDoesNotWaitForever(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		stuck := b.call(1)[0]
		stuck.sock.stuck = make(chan struct{})
		ctx, cancel := context.WithTimeout(b.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		b.server.Shutdown(ctx)
		if took := time.Since(began); took != 3*time.Second || !stuck.gone() {
			t.Errorf("took %v", took)
		}
	})
}

// K14 for the server's log: everything that happens is logged, and nothing of it names anybody.
func TestLogNamesNobody(t *testing.T) {
	var log logBuffer
	within(t, Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), Auth: byToken{}}, func(b *bench) {
		ada := b.connect()
		ada.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: "kettle-token"})
		ada.welcome = want[*wire.Welcome](ada)
		ada.join(1)
		ada.send(&wire.SendData{Body: []byte("kettle-data")})
		ada.send(&wire.Publish{SDP: "kettle-sdp", Tracks: []wire.Publication{}})
		ada.next()
		ada.next()
		eve := b.connect()
		eve.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: "kettle-eve"})
		eve.welcome = want[*wire.Welcome](eve)
		eve.join(2)
		b.media.order[1].to.Failed(errors.New("kettle-address 192.0.2.7"))
		ada.next()
		ada.next()
		ada.sock.Abort()
		ada.resume()
		want[*wire.Resumed](ada)
		ada.raw(`{"kettle-bad"`)
		ada.wantError(wire.CodeBadMessage)
		time.Sleep(resumeWindow)
		synctest.Wait()
		text := log.String()
		for _, must := range []string{"call begins", "joined", "media_lost", "session resumed", "session expired", "call ends"} {
			if !strings.Contains(text, must) {
				t.Errorf("not logged: %s", must)
			}
		}
		for _, never := range []string{"kettle", "blue-harbour", ada.welcome.User, ada.welcome.DeviceID, ada.welcome.Resume, "192.0.2.7",
			base64.RawStdEncoding.EncodeToString(ada.welcome.Call), base64.RawStdEncoding.EncodeToString(octets(1, 32))} {
			if strings.Contains(text, never) {
				t.Errorf("logged: %s in\n%s", never, text)
			}
		}
	})
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
