package call

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/olmkeys"
)

// TestJoinGivenUp: whoever loses patience with a server that takes the connection and says nothing gets an error, not
// half a call.
func TestJoinGivenUp(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	link, err := ParseLink("http://" + silent.Addr().String() + "/r/some-room#" + newSecret())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if conn, err := silent.Accept(); err == nil {
			defer conn.Close()
			cancel()
			<-t.Context().Done()
		}
	}()
	c, err := Join(ctx, Config{Link: link})
	if c != nil || !errors.Is(err, ErrConnect) || !errors.Is(err, context.Canceled) {
		t.Errorf("got call %v, error %v", c, err)
	}
}

// TestUntrustedCertificate: the error says that it is the certificate.
func TestUntrustedCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would say that we hung up
	server.StartTLS()
	defer server.Close()
	link, err := ParseLink(server.URL + "/r/some-room#" + newSecret())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Join(t.Context(), Config{Link: link}); !errors.Is(err, ErrConnect) || !strings.Contains(err.Error(), "certificate of 127.0.0.1") {
		t.Errorf("got %v", err)
	}
}

// TestNothingIsSentAfterLeave: Leave returns when the goroutines of the files have ended, too.
func TestNothingIsSentAfterLeave(t *testing.T) {
	w := newWorld(t)
	c := w.join(newSecret(), Config{Name: "A"}, "opus.ogg")
	eventually(t, "A sends", func() bool { return len(c.Report().Sent) > 0 })
	c.Leave()
	sent := c.Report().Sent[0].Frames
	<-time.After(100 * time.Millisecond) // five frames' time
	if now := c.Report().Sent[0].Frames; now != sent {
		t.Errorf("%d frames were sent after Leave", now-sent)
	}
}

// TestEffectsKeepTheirOrder: a newcomer is told our profile after everything that the agent had said before; a data
// frame that overtakes an older one would have that one refused, and an older WakeAt would replace the newer.
func TestEffectsKeepTheirOrder(t *testing.T) {
	secret := bytes.Repeat([]byte{7}, 16)
	agent, _, err := olmkeys.NewAgent(olmkeys.Config{Room: "!some-room:localhost", Call: olmkeys.CallID{1},
		User: "@a:localhost", Device: "AAAAAAAAAA", Secret: secret}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := &session{call: &Call{config: Config{Name: "A"}, tally: newTally()}, signalling: &signalling{}, agent: agent,
		ring: newKeyRing(), wake: time.NewTimer(time.Hour), known: map[olmkeys.Ref]bool{}, people: map[olmkeys.Ref]*person{}, inCall: true,
		asking: &asking{}, files: newFiles()}
	older := []byte("older")
	s.carryOut([]olmkeys.Effect{
		olmkeys.Show{From: olmkeys.Ref{User: "@b:localhost", Device: "BBBBBBBBBB"}, State: olmkeys.StateNew},
		olmkeys.SendData{Body: older},
	})
	if len(s.signalling.outbox) != 2 {
		t.Fatalf("%d messages went out", len(s.signalling.outbox))
	}
	if first := s.signalling.outbox[0].text; !bytes.Contains(first, []byte(base64.RawStdEncoding.EncodeToString(older))) {
		t.Errorf("first went out %s", first)
	}
}
