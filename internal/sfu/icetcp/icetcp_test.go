package icetcp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

const deadline = 5 * time.Second

// binding is a STUN message as ICE begins with.
var binding = append([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)

// newBridge stands in front of a media port that echoes.
func newBridge(t *testing.T) (*Bridge, string) {
	t.Helper()
	media, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = media.Close() })
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := media.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = media.WriteTo(b[:n], from)
		}
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := New(l, func() (net.Conn, error) { return net.Dial("udp", media.LocalAddr().String()) })
	t.Cleanup(func() { _ = b.Close() })
	return b, l.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(deadline))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func framed(b []byte) []byte { return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...) }

func TestFramesGoBothWays(t *testing.T) {
	_, addr := newBridge(t)
	c := dial(t, addr)
	in, buffer := bufio.NewReader(c), make([]byte, MaxFrame)
	for _, frame := range [][]byte{binding, {1}, bytes.Repeat([]byte{7}, MaxFrame)} {
		raw := framed(frame)
		for i := range raw[:min(len(raw), 30)] { // byte by byte, as TCP may
			if _, err := c.Write(raw[i : i+1]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Write(raw[min(len(raw), 30):]); err != nil {
			t.Fatal(err)
		}
		if got, err := readFrame(in, buffer); err != nil || !bytes.Equal(got, frame) {
			t.Fatalf("%d bytes of %d: %v", len(got), len(frame), err)
		}
	}
}

func TestOnlyICEGetsThrough(t *testing.T) {
	_, addr := newBridge(t)
	for name, raw := range map[string][]byte{
		"HTTP":      []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"no cookie": framed(make([]byte, 20)),
		"too short": framed(binding[:19]),
		"empty":     framed(nil),
		"too long":  append(framed(binding), 0xff, 0xff, 1),
	} {
		c := dial(t, addr)
		if _, err := c.Write(raw); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); err != nil {
			if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
				t.Errorf("%s: the connection stays", name)
			}
		}
	}
	c := dial(t, addr)
	if _, err := c.Write(framed(binding)); err != nil {
		t.Fatal(err)
	}
	if _, err := readFrame(bufio.NewReader(c), make([]byte, MaxFrame)); err != nil {
		t.Errorf("a client after them: %v", err)
	}
}

func TestTooManyFromOneAddress(t *testing.T) {
	b, addr := newBridge(t)
	for range MaxPerAddress {
		dial(t, addr)
	}
	more := dial(t, addr)
	if _, err := more.Read(make([]byte, 1)); err == nil {
		t.Error("one more was served")
	} else if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Error("one more was kept waiting")
	}
	if n := b.Conns(); n != MaxPerAddress {
		t.Errorf("%d connections", n)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if n := b.Conns(); n != 0 {
		t.Errorf("%d connections after the end", n)
	}
}

// Who has a network of IPv6 has more addresses than there are places.
func TestNetwork(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1:5":              "192.0.2.1/32",
		"[::ffff:192.0.2.1]:5":     "192.0.2.1/32",
		"[2001:db8:1:2:3:4:5:6]:5": "2001:db8:1:2::/64",
	} {
		if got := network(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))).String(); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

// Whatever bytes come, frames are cut as their lengths say, or the connection ends.
func FuzzReadFrame(f *testing.F) {
	f.Add(framed(binding))
	f.Add(append(framed(nil), framed([]byte{1})...))
	f.Add([]byte{0xff, 0xff, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, buffer, used := bufio.NewReader(bytes.NewReader(raw)), make([]byte, MaxFrame), 0
		for {
			frame, err := readFrame(in, buffer)
			if err != nil {
				return
			}
			if want := raw[used : used+lengthBytes+len(frame)]; !bytes.Equal(framed(frame), want) {
				t.Fatalf("%x, want %x", framed(frame), want)
			}
			used += lengthBytes + len(frame)
		}
	})
}
