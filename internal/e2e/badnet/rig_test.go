package badnet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/wire"
)

// echo is a server that says each packet back, with the port it came from before it.
func echo(t *testing.T) *net.UDPAddr {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			_, _ = conn.WriteToUDPAddrPort(fmt.Appendf(nil, "%d %s", from.Port(), b[:n]), from)
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr)
}

const sdpOf = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:1 1 udp 2130706431 127.0.0.1 %[1]d typ host\r\n" +
	"a=candidate:2 1 udp 2130706431 127.0.0.1 9999 typ host ufrag abc\r\na=candidate:3 1 tcp 1671430143 127.0.0.1 %[1]d typ host tcptype passive\r\n" +
	"a=candidate:4 1 udp 2130706431 ::1 %[1]d typ host\r\na=candidate:5 1 udp 2130706431 192.0.2.9 %[1]d typ host\r\n" +
	"a=candidate:6 1 udp 16777215 192.0.2.7 4444 typ relay raddr 0.0.0.0 rport 0\r\na=end-of-candidates\r\n"

// welcome makes a session and returns the port it is told of.
func welcome(t *testing.T, r *Rig, c *relay.Conn, n int) int {
	t.Helper()
	w := &wire.Welcome{DeviceID: fmt.Sprint("DEVICE", n), Resume: fmt.Sprint("token", n), ICEServers: []wire.ICEServer{{URL: "turn:192.0.2.7"}}}
	r.FromServer(c, w)
	if len(w.ICEServers) != 0 {
		t.Error("there is a way round the rig")
	}
	return advertised(t, r, c)
}

func advertised(t *testing.T, r *Rig, c *relay.Conn) (port int) {
	t.Helper()
	offer := &wire.SubscribeOffer{SDP: fmt.Sprintf(sdpOf, r.media.Port)}
	r.FromServer(c, offer)
	var lines []string
	for line := range strings.Lines(offer.SDP) {
		if strings.HasPrefix(line, "a=candidate:") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	if len(lines) != 2 || !strings.HasSuffix(lines[1], " typ host") {
		t.Fatalf("%q", lines)
	}
	if _, err := fmt.Sscanf(lines[0], "a=candidate:1 1 udp 2130706431 127.0.0.1 %d typ host", &port); err != nil || port == r.media.Port {
		t.Fatalf("%q", lines)
	}
	if !strings.HasSuffix(offer.SDP, "a=end-of-candidates\r\n") {
		t.Error(offer.SDP)
	}
	return port
}

func ask(t *testing.T, client *net.UDPConn, port int, text string) (from int, answer string) {
	t.Helper()
	if _, err := client.WriteToUDP([]byte(text), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}); err != nil {
		t.Fatal(err)
	}
	_ = client.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 2000)
	n, err := client.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(b[:n]), "%d %s", &from, &answer); err != nil {
		t.Fatal(err)
	}
	return from, answer
}

// Clients come through lines of their own, with a port each towards the server, which rebinding changes.
func TestRig(t *testing.T) {
	r := New(echo(t), 1)
	defer r.Close()
	first, second := &relay.Conn{}, &relay.Conn{}
	port, other := welcome(t, r, first, 1), welcome(t, r, second, 2)
	if port == other {
		t.Fatal("one line for two")
	}
	client, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	from, answer := ask(t, client, port, "hello")
	again, _ := ask(t, client, port, "hello")
	if answer != "hello" || from != again {
		t.Error(answer, from, again)
	}
	if elsewhere, _ := ask(t, client, other, "hello"); elsewhere == from {
		t.Error("the same port for two lines")
	}
	r.Line("DEVICE1").Rebind()
	if now, _ := ask(t, client, port, "hello"); now == from {
		t.Error("the port is the same")
	}
	resumed := &relay.Conn{} // another socket of the same session
	r.FromClient(resumed, &wire.Resume{Token: "token1"})
	if now := advertised(t, r, resumed); now != port {
		t.Error("another line after resuming")
	}
	if s := r.Line("DEVICE1").Stats(Down); s.Passed != 3 {
		t.Errorf("%+v", s)
	}
}

// The control address sets and reads.
func TestControl(t *testing.T) {
	r := New(echo(t), 1)
	defer r.Close()
	welcome(t, r, &relay.Conn{}, 1)
	welcome(t, r, &relay.Conn{}, 2)
	mux := http.NewServeMux()
	r.Handle(mux)
	do := func(method, path string, want int) []byte {
		t.Helper()
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != want {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		return bytes.Clone(w.Body.Bytes())
	}
	do("POST", "/net?loss=0.05&burst=4&rate=500000&queue=300ms&delay=50ms&jitter=10ms&reorder=0.01", 200)
	all := Conditions{Loss: 0.05, Burst: 4, Rate: 500_000, Queue: 300 * time.Millisecond, Delay: 50 * time.Millisecond, Jitter: 10 * time.Millisecond, Reorder: 0.01}
	do("POST", "/net?down=true&device=DEVICE2&direction=down", 200)
	welcome(t, r, &relay.Conn{}, 3)
	for _, want := range []struct {
		device string
		d      Direction
		c      Conditions
	}{{"DEVICE1", Up, all}, {"DEVICE1", Down, all}, {"DEVICE2", Up, all}, {"DEVICE2", Down, Conditions{Down: true}}, {"DEVICE3", Down, all}} {
		if c := r.Line(want.device).Conditions(want.d); c != want.c {
			t.Errorf("%s %s: %+v", want.device, want.d, c)
		}
	}
	do("POST", "/net?loss=x", 400)
	do("POST", "/net?device=DEVICE9", 404)
	do("POST", "/rebind", 200)
	var stats []struct {
		Device   string
		Up, Down Stats
	}
	if err := json.Unmarshal(do("GET", "/net", 200), &stats); err != nil || len(stats) != 3 || stats[1].Device != "DEVICE2" {
		t.Error(err, stats)
	}
}
