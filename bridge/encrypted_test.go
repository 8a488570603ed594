//go:build goolm

package bridge

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/homeserver"
)

// person is somebody with a device of Matrix that encrypts.
type person struct {
	*olmdevice.Device
	mu    sync.Mutex
	wrote []string // by the bot, opened
}

func (b *bench) person(u homeserver.User) *person {
	b.Helper()
	db, err := olmdevice.OpenDB(filepath.Join(b.TempDir(), "matrix.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	d, err := olmdevice.Open(b.Context(), olmdevice.Config{Homeserver: b.hs.URL, User: id.UserID(u.ID), Password: u.Password, DB: db, PickleKey: make([]byte, olmdevice.PickleKeySize)})
	if err != nil {
		b.Fatal(err)
	}
	p := &person{Device: d}
	d.On(event.EventMessage, func(_ context.Context, e *event.Event) {
		if e.Sender.String() == b.bot() && e.Mautrix.WasEncrypted {
			p.mu.Lock()
			p.wrote = append(p.wrote, e.Content.AsMessage().Body)
			p.mu.Unlock()
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	b.Cleanup(func() { cancel(); running.Wait() })
	<-d.Ready()
	return p
}

// traced is for several goroutines.
type traced struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *traced) Write(line []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(line)
}

func (t *traced) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// notices of the bot that could be opened.
func (p *person) notices() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.wrote, "\n")
}

// In an encrypted room the bot reads and writes encrypted, also after a restart. The secret that one device sends to another is in none of its logs and files.
func TestM1_EncryptedRoom(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var trace traced
	fully := func(c *Config) { c.Trace = &trace }
	b.start(fully)
	alice, bob := b.hs.Register(t, "alice"), b.hs.Register(t, "bob")
	a, o := b.person(alice), b.person(bob)
	room := b.room(alice, bob)
	b.setState(alice, room, "m.room.encryption", "", object{"algorithm": "m.megolm.v1.aes-sha2"})
	b.eventually("it is encrypted", func() bool {
		is, err := a.Client().StateStore.IsEncrypted(t.Context(), room)
		return err == nil && is
	})
	say := func(text string) {
		t.Helper()
		if _, err := a.Client().SendMessageEvent(t.Context(), room, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: text}); err != nil {
			t.Fatal(err)
		}
	}
	say("!call")
	b.eventually("the link is said, encrypted", func() bool { return strings.Contains(a.notices(), public+"/r/") })
	for _, e := range b.history(alice, room, "m.room.message") {
		t.Errorf("in the clear: %v", e)
	}
	const secret = "correct horse battery staple"
	if unsent := a.Send(t.Context(), rtc.SecretType, object{"v": 1, "room_id": room, "secret": secret}, o.Self()); len(unsent) > 0 {
		t.Fatal(unsent)
	}
	if got := <-o.Received(); !strings.Contains(string(got.Content), secret) {
		t.Fatalf("%s", got.Content)
	}
	b.stop()
	b.start(fully)
	say("!call")
	b.eventually("it is said again after a restart", func() bool { return strings.Count(a.notices(), public+"/r/") == 2 })
	b.stop()
	files, _ := filepath.Glob(b.path + "*")
	slug, _ := b.bridge.Linked(room)
	found := false
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(text, []byte(slug))
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the secret is in %s", path)
		}
	}
	if !found || !strings.Contains(trace.String(), "/sync") {
		t.Error("the search finds nothing of what is there")
	}
	for what, text := range map[string]string{"log": b.log.String(), "trace": trace.String()} {
		if strings.Contains(text, secret) {
			t.Errorf("the secret is in the %s", what)
		}
	}
	for _, private := range []string{"alice", public, room.String(), b.registration.AppToken} {
		if strings.Contains(b.log.String(), private) {
			t.Errorf("%q is in the log", private)
		}
	}
}
