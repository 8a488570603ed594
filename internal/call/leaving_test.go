package call

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
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
