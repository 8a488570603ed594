package call

import (
	"net"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/wire"
)

// Sealed media goes by each of the ways.
func TestNetworks(t *testing.T) {
	for name, network := range map[string]Network{"UDP": NetworkUDP, "TCP": NetworkTCP, "relay": NetworkRelay} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, secret := startWorld(&world{t: t, with: func(c *node.Config) { c.TURN = "127.0.0.1:0" }}), newSecret()
			w.join(secret, Config{Name: "A", Network: network}, "opus.ogg", "vp8.ivf")
			b := w.join(secret, Config{Name: "B", Network: network})
			eventually(t, "B hears and sees A", func() bool {
				return b.opened("A", wire.SourceMic) > 20 && b.opened("A", wire.SourceCamera) > 10
			})
		})
	}
}

// Who cannot reach the media port at all, by UDP or TCP, comes through the relay after some seconds.
func TestRelayWhereNothingElseWorks(t *testing.T) {
	dead, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer dead.Close() // hears everything and answers nothing
	w := startWorld(&world{t: t, with: func(c *node.Config) {
		c.TURN, c.PublicIPs, c.PublicOnly = "127.0.0.1:0", []string{dead.LocalAddr().String()}, true
	}})
	secret := newSecret()
	w.join(secret, Config{Name: "A"}, "opus.ogg")
	b := w.join(secret, Config{Name: "B"})
	eventually(t, "B hears A", func() bool { return b.opened("A", wire.SourceMic) > 20 })
}

func TestNarrowed(t *testing.T) {
	const sdp = "v=0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\na=candidate:2 1 tcp 1 192.0.2.1 1 typ host tcptype passive\r\na=end-of-candidates\r\n"
	for _, w := range []*ways{newWays(NetworkAny, nil), newWays(NetworkRelay, nil)} {
		if got := w.narrowed(sdp); strings.Contains(got, "tcp") || !strings.Contains(got, "udp") {
			t.Error(got)
		}
	}
	for _, w := range []*ways{newWays(NetworkTCP, nil), {wide: true}} {
		if w.narrowed(sdp) != sdp {
			t.Errorf("%+v", w)
		}
	}
}
