//go:build amd64 || arm64

package burst

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"
)

// rtcp is a packet of RTCP as SRTCP leaves it: a head in the clear, and behind it what seals it.
func rtcp(kind, format byte, words, seal int) []byte {
	b := make([]byte, 4*(words+1), 4*(words+1)+seal)
	b[0], b[1] = 2<<6|format, kind
	binary.BigEndian.PutUint16(b[2:], uint16(words))
	return b[:cap(b)]
}

// kinds of packets, and whether they may wait.
var kinds = []struct {
	name   string
	packet []byte
	waits  bool
}{
	{"receiver report", rtcp(201, 2, 13, 20), true},
	{"receiver report of an older profile", rtcp(201, 1, 7, 14), true},
	{"transport-wide feedback", rtcp(205, 15, 9, 20), true},
	{"REMB", rtcp(206, 15, 5, 20), true},
	{"receiver report, NACK", append(rtcp(201, 1, 7, 0), rtcp(205, 1, 3, 20)...), false},
	{"receiver report, NACK, of an older profile", append(rtcp(201, 1, 7, 0), rtcp(205, 1, 3, 14)...), false},
	{"sender report", rtcp(200, 0, 6, 20), false},
	{"NACK", rtcp(205, 1, 3, 20), false},
	{"PLI", rtcp(206, 1, 2, 20), false},
	{"FIR", rtcp(206, 4, 4, 20), false},
	{"BYE", rtcp(203, 1, 1, 20), false},
	{"video", packet(video, 1, 1000, true), false},
	{"sound", packet(audio, 201, 100, false), false},
	{"STUN", append([]byte{0, 1, 0, 0}, make([]byte, 16)...), false},
	{"DTLS", append([]byte{22, 201}, make([]byte, 30)...), false},
	{"a byte", []byte{128}, false},
	{"nothing", nil, false},
}

// separated opens so many sockets and one for reports.
func separated(t *testing.T, network, addr string, sockets int) []*net.UDPConn {
	t.Helper()
	all, err := Listen(network, addr, sockets+1)
	if err != nil {
		t.Fatal(err)
	}
	for _, udp := range all {
		t.Cleanup(func() { _ = udp.Close() })
	}
	if len(all) == 1 || !separate(all, sockets) {
		t.Fatal("reports are not kept apart; Linux has been able to since 4.5")
	}
	return all
}

// TestSeparation: reports come to the last socket, all else from one address to one of the others, and each of them gets some.
func TestSeparation(t *testing.T) {
	const sockets, senders = 3, 40
	for _, c := range []struct{ network, at, from string }{
		{"udp4", "127.0.0.1:0", "127.0.0.1"}, {"udp", ":0", "127.0.0.1"}, {"udp", ":0", "::1"},
	} {
		t.Run(c.network+" "+c.from, func(t *testing.T) {
			all := separated(t, c.network, c.at, sockets)
			to := &net.UDPAddr{IP: net.ParseIP(c.from), Port: all[0].LocalAddr().(*net.UDPAddr).Port}
			got := make([]int, sockets)
			for range senders {
				from, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(c.from)})
				switch {
				case err != nil && c.from == "::1":
					t.Skip("this machine has no IPv6: ", err)
				case err != nil:
					t.Fatal(err)
				}
				defer from.Close()
				at := -1
				for _, kind := range kinds {
					if _, err := from.WriteTo(kind.packet, to); err != nil {
						t.Fatal(err)
					}
					i := whereIs(t, all)
					switch {
					case kind.waits != (i == sockets):
						t.Errorf("%s came to socket %d", kind.name, i)
					case kind.waits, len(kind.packet) < 2:
					case at < 0:
						at = i
						got[i]++
					case at != i:
						t.Errorf("%s came to socket %d, others to %d", kind.name, i, at)
					}
				}
			}
			for i, n := range got {
				if n == 0 {
					t.Errorf("socket %d gets nothing from %d addresses", i, senders)
				}
			}
		})
	}
}

// whereIs reads the one packet that is there; loopback has it there when it was sent.
func whereIs(t *testing.T, all []*net.UDPConn) int {
	t.Helper()
	for i, udp := range all {
		r := newReceiver(udp)
		r.into(0, make([]byte, 2000))
		if r.more() > 0 {
			return i
		}
	}
	t.Fatal("it came to no socket")
	return -1
}

// TestReportsComeLater: nobody is woken for a report; it comes with what comes next, and when it is asked for.
func TestReportsComeLater(t *testing.T) {
	sockets, err := Listen("udp4", "127.0.0.1:0", 4)
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan byte, 10)
	passed := make(chan bool, 10)
	c := New(sockets[0], Config{Quiet: true, Passed: func() { passed <- true }, Take: func(b, _ []byte, _ netip.AddrPort) bool {
		taken <- b[1]
		return true
	}}, sockets[1:]...)
	defer c.Close()
	if c.reports == nil {
		t.Fatal("reports are not kept apart; Linux has been able to since 4.5")
	}
	from := listen(t)
	send := func(b []byte) {
		t.Helper()
		c.reports.read.Store(-int64(time.Hour)) // the last look is long ago
		if _, err := from.WriteTo(b, c.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	next := func(want byte) {
		t.Helper()
		select {
		case got := <-taken:
			if got != want {
				t.Errorf("%d came instead of %d", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%d did not come", want)
		}
	}
	send(rtcp(205, 15, 9, 20))
	if len(taken) > 0 {
		t.Error("a report was read at once")
	}
	send(packet(audio, 1, 100, false))
	next(audio)
	<-passed
	next(205)
	send(rtcp(201, 1, 7, 20))
	c.ReadReports()
	next(201)
	if len(passed) > 0 {
		t.Error("a report woke somebody")
	}
	_ = c.Close()
	c.ReadReports()
}

// TestRestDoesNotCome: what a reader left in the midst of a frame is sent all the same.
func TestRestDoesNotCome(t *testing.T) {
	to := listen(t)
	var d *Dest
	ready := make(chan bool)
	c := New(listen(t), Config{Bundle: bundleVideo, Take: func(b, _ []byte, _ netip.AddrPort) bool {
		<-ready
		_, _ = d.Write(b)
		return true
	}})
	defer c.Close()
	d = c.Dest(addrOf(to))
	close(ready)
	if _, err := listen(t).WriteTo(packet(video, 1, 100, false), c.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, to); len(got) != 100 {
		t.Errorf("%x", got)
	}
}
