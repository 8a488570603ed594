package burst

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"
)

// TestReads: more packets than one call gives, of every size, from addresses of both families, come in their order and whole, each
// with where it is from; what is left by Take is read.
func TestReads(t *testing.T) {
	const packets = 5*batch + 3
	for _, c := range []struct{ network, at, from string }{
		{"udp4", "127.0.0.1:0", "127.0.0.1:0"}, {"udp", ":0", "127.0.0.1:0"}, {"udp", ":0", "[::1]:0"}, {"udp6", "[::1]:0", "[::1]:0"},
	} {
		t.Run(c.network+" "+c.from, func(t *testing.T) {
			from, err := net.ListenPacket("udp", c.from)
			switch {
			case err != nil && c.from == "[::1]:0":
				t.Skip("this machine has no IPv6: ", err)
			case err != nil:
				t.Fatal(err)
			}
			defer from.Close()
			sender := from.(*net.UDPConn)
			sockets, err := Listen(c.network, c.at, 1)
			if err != nil {
				t.Fatal(err)
			}
			taken := make(chan []byte, packets)
			conn := New(sockets[0], Config{Take: func(b, scratch []byte, a netip.AddrPort) bool {
				if a != addrOf(sender) {
					t.Errorf("from %v, not %v", a, addrOf(sender))
				}
				if len(scratch) < len(b) {
					t.Error("no room to work")
				}
				if b[1] == audio {
					return false
				}
				taken <- bytes.Clone(b)
				return true
			}})
			defer conn.Close()
			port := conn.LocalAddr().(*net.UDPAddr).Port
			to := netip.AddrPortFrom(addrOf(sender).Addr(), uint16(port))
			sent := func(i int) []byte { return packet(video, i, 12+i*16, false) }
			for i := range packets {
				if _, err := sender.WriteToUDPAddrPort(sent(i), to); err != nil {
					t.Fatal(err)
				}
			}
			for i := range packets {
				select {
				case got := <-taken:
					if !bytes.Equal(got, sent(i)) {
						t.Fatalf("packet %d: %d bytes of %d", i, len(got), binary.BigEndian.Uint16(got[2:]))
					}
				case <-time.After(5 * time.Second):
					t.Fatalf("packet %d did not come", i)
				}
			}
			if _, err := sender.WriteToUDPAddrPort(packet(audio, 7, 50, false), to); err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 100)
			if n, a, err := conn.ReadFromAddrPort(b); err != nil || n != 50 || a != addrOf(sender) {
				t.Error(n, a, err)
			}
		})
	}
}
