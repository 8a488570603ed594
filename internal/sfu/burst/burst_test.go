package burst

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

const video, audio = 96, 111

func bundleVideo(payloadType uint8) bool { return payloadType == video }

func listen(t testing.TB) *net.UDPConn {
	t.Helper()
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = udp.Close() })
	_ = udp.SetReadBuffer(4 << 20)
	return udp
}

func addrOf(udp *net.UDPConn) netip.AddrPort { return udp.LocalAddr().(*net.UDPAddr).AddrPort() }

// packet is RTP with a number in it.
func packet(payloadType uint8, number, size int, marker bool) []byte {
	b := bytes.Repeat([]byte{byte(number)}, size)
	b[0], b[1] = 128, payloadType
	if marker {
		b[1] |= markerBit
	}
	binary.BigEndian.PutUint16(b[2:], uint16(number))
	return b
}

func receive(t *testing.T, from *net.UDPConn) []byte {
	t.Helper()
	b := make([]byte, 2000)
	if err := from.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, err := from.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

// TestOneCallAFrame: six packets, one call; what arrives is what was sent.
func TestOneCallAFrame(t *testing.T) {
	to := listen(t)
	c := New(listen(t), Config{Bundle: bundleVideo, Delay: time.Hour})
	defer c.Close()
	if c.plain.Load() {
		t.Skip("this kernel has no UDP_SEGMENT")
	}
	var sent [][]byte
	d := c.Dest(addrOf(to))
	for i := range 6 {
		size := 1000
		if i == 5 {
			size = 400
		}
		sent = append(sent, packet(video, i, size, i == 5))
		if n, err := d.Write(sent[i]); n != size || err != nil {
			t.Fatal(n, err)
		}
	}
	for i := range sent {
		if got := receive(t, to); !bytes.Equal(got, sent[i]) {
			t.Fatalf("packet %d: %d bytes", i, len(got))
		}
	}
	if packets, calls := c.Stats(); packets != 6 || calls != 1 {
		t.Errorf("%d packets in %d calls", packets, calls)
	}
}

// TestAnyOrderOfSizes holds every run against what was written, whatever the sizes.
func TestAnyOrderOfSizes(t *testing.T) {
	for name, plain := range map[string]bool{"segments": false, "plain": true} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			to := listen(t)
			c := New(listen(t), Config{Bundle: bundleVideo})
			defer c.Close()
			d := c.Dest(addrOf(to))
			if plain {
				c.plain.Store(true)
			}
			for round := range 50 {
				var sent [][]byte
				for i := range 1 + random.IntN(100) {
					b := packet(video, round*100+i, 12+random.IntN(3)*600+random.IntN(2), random.IntN(20) == 0)
					sent = append(sent, b)
					if _, err := d.Write(b); err != nil {
						t.Fatal(err)
					}
				}
				for i := range sent {
					if got := receive(t, to); !bytes.Equal(got, sent[i]) {
						t.Fatalf("round %d, packet %d: %d bytes instead of %d", round, i, len(got), len(sent[i]))
					}
				}
			}
		})
	}
}

// TestNothingElseWaits: audio, RTCP, STUN and DTLS leave at once, and a lone video packet after the delay.
func TestNothingElseWaits(t *testing.T) {
	to := listen(t)
	c := New(listen(t), Config{Bundle: bundleVideo, Delay: time.Hour})
	defer c.Close()
	rtcp := packet(0, 1, 40, false)
	rtcp[1] = 206
	for name, b := range map[string][]byte{"audio": packet(audio, 1, 100, false), "rtcp": rtcp, "stun": make([]byte, 20),
		"dtls": append([]byte{22}, make([]byte, 30)...), "short": {128, video}} {
		if _, err := c.Dest(addrOf(to)).Write(b); err != nil {
			t.Fatal(name, err)
		}
		if got := receive(t, to); !bytes.Equal(got, b) {
			t.Errorf("%s: %x", name, got)
		}
	}
	soon := New(listen(t), Config{Bundle: bundleVideo, Delay: time.Millisecond})
	defer soon.Close()
	lone := packet(video, 1, 100, false)
	if _, err := soon.Dest(addrOf(to)).Write(lone); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, to); !bytes.Equal(got, lone) {
		t.Errorf("%x", got)
	}
}

// TestNoAllocations: in steady state a packet costs none.
func TestNoAllocations(t *testing.T) {
	c := New(listen(t), Config{Bundle: bundleVideo, Delay: time.Hour})
	defer c.Close()
	d := c.Dest(addrOf(listen(t)))
	b, last := packet(video, 1, 1000, false), packet(video, 1, 1000, true)
	frame := func() {
		for range 5 {
			_, _ = d.Write(b)
		}
		_, _ = d.Write(last)
	}
	frame()
	if n := testing.AllocsPerRun(100, frame); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkFrame(b *testing.B) {
	for name, plain := range map[string]bool{"segments": false, "plain": true} {
		b.Run(name, func(b *testing.B) {
			c := New(listen(b), Config{Bundle: bundleVideo})
			defer c.Close()
			d := c.Dest(addrOf(listen(b)))
			if plain {
				c.plain.Store(true)
			}
			p, last := packet(video, 1, 1041, false), packet(video, 1, 1041, true)
			for b.Loop() {
				for range 5 {
					_, _ = d.Write(p)
				}
				_, _ = d.Write(last)
			}
		})
	}
}

// TestSeveralSockets: whatever socket a packet comes to, it is offered to Take once, and what that leaves is read.
func TestSeveralSockets(t *testing.T) {
	sockets, err := Listen("udp4", "127.0.0.1:0", 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(sockets) == 1 {
		t.Skip("this system has one socket a port")
	}
	const senders = 40
	var mu sync.Mutex
	taken := map[netip.AddrPort]int{}
	c := New(sockets[0], Config{Take: func(packet, scratch []byte, from netip.AddrPort) bool {
		copy(scratch, packet)
		mu.Lock()
		defer mu.Unlock()
		taken[from]++
		return packet[1] == video
	}}, sockets[1:]...)
	defer c.Close()
	left := map[netip.AddrPort]bool{}
	for i := range senders {
		from := listen(t)
		for _, kind := range []byte{video, audio} {
			if _, err := from.WriteTo(packet(kind, i, 100, false), c.LocalAddr()); err != nil {
				t.Fatal(err)
			}
		}
		b := make([]byte, 2000)
		n, addr, err := c.ReadFromAddrPort(b)
		if err != nil || n != 100 || b[1] != audio || addr != addrOf(from) {
			t.Fatal(n, addr, err)
		}
		left[addr] = true
	}
	mu.Lock()
	defer mu.Unlock()
	if len(left) != senders || len(taken) != senders {
		t.Error(len(left), len(taken))
	}
	for from, n := range taken {
		if n != 2 {
			t.Error(from, n)
		}
	}
	_ = c.Close()
	if _, _, err := c.ReadFromAddrPort(make([]byte, 10)); err == nil {
		t.Error("read from a closed one")
	}
}

// TestPortInUse: several sockets on a port are ours alone.
func TestPortInUse(t *testing.T) {
	other := listen(t)
	if all, err := Listen("udp4", other.LocalAddr().String(), 2); err == nil {
		t.Error("shared a port with another program", len(all))
	}
}

// TestFamilies: package net and our own sender reach the same addresses, from sockets of either family.
func TestFamilies(t *testing.T) {
	for network, from := range map[string]string{"udp4": "127.0.0.1:0", "udp": ":0"} {
		sockets, err := Listen(network, from, 1)
		if err != nil {
			t.Fatal(err)
		}
		c := New(sockets[0], Config{})
		defer c.Close()
		to := listen(t)
		for _, d := range []*Dest{c.Dest(addrOf(to)), {conn: c, udp: c.UDPConn, addr: addrOf(to)}} {
			b := packet(video, 1, 100, true)
			if _, err := d.Write(b); err != nil {
				t.Fatal(network, err)
			}
			if got := receive(t, to); !bytes.Equal(got, b) {
				t.Errorf("%s: %x", network, got)
			}
		}
	}
}
