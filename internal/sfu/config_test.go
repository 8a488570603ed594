package sfu

import (
	"net"
	"strconv"
	"strings"
	"testing"
)

func TestCandidatesOffered(t *testing.T) {
	for _, test := range []struct {
		name           string
		config         Config
		want, unwanted []string
	}{
		{"loopback", Config{IncludeLoopback: true}, []string{" udp ", " 127.0.0.1 "}, []string{" tcp "}},
		{"public", Config{IncludeLoopback: true, PublicIPs: []string{"203.0.113.7", "2001:db8::7"}}, []string{" 127.0.0.1 ", " 203.0.113.7 PORT ", " 2001:db8::7 PORT "}, nil},
		{"another port", Config{PublicIPs: []string{"203.0.113.7:4000", "[2001:db8::7]:5000"}}, []string{" 203.0.113.7 4000 ", " 2001:db8::7 5000 "}, nil},
		{"nothing else", Config{IncludeLoopback: true, PublicIPs: []string{"203.0.113.7"}, PublicOnly: true}, []string{" 203.0.113.7 "}, []string{" 127.0.0.1 "}},
		{"no public one to offer only", Config{IncludeLoopback: true, PublicOnly: true}, []string{" 127.0.0.1 "}, nil},
		{"no loopback", Config{PublicIPs: []string{"203.0.113.7"}}, nil, []string{" 127.0.0.1 ", " ::1 "}},
		{"TCP", Config{IncludeLoopback: true, TCP: true}, []string{" udp ", " tcp ", " typ host tcptype passive"}, nil},
		{"one address", Config{Addr: "127.0.0.1:0", IncludeLoopback: true}, []string{" 127.0.0.1 PORT "}, []string{" ::1 "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.config.Addr == "" {
				test.config.Addr = ":0"
			}
			s, err := New(test.config)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			a := join(t, s.Room("r"), "A")
			a.add("mic", "opus")
			offer, list := a.description()
			answer, err := a.peer.Publish(offer, list)
			if err != nil {
				t.Fatal(err)
			}
			port := strconv.Itoa(s.Addr().(*net.UDPAddr).Port)
			for _, part := range test.want {
				if !strings.Contains(answer, strings.ReplaceAll(part, "PORT", port)) {
					t.Errorf("no candidate with %q", part)
				}
			}
			for _, part := range test.unwanted {
				if strings.Contains(answer, part) {
					t.Errorf("a candidate with %q", part)
				}
			}
			if !strings.Contains(answer, "a=ice-lite") || strings.Count(answer, "a=end-of-candidates") != 1 {
				t.Error("the answer is not complete")
			}
		})
	}
}

func TestBadConfig(t *testing.T) {
	taken, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, config := range map[string]Config{
		"port taken":   {Addr: taken.LocalAddr().String()},
		"no address":   {Addr: "nowhere"},
		"no public IP": {Addr: "127.0.0.1:0", PublicIPs: []string{"meet.example.org"}},
		"public port":  {Addr: "127.0.0.1:0", PublicIPs: []string{"203.0.113.7:0"}},
		"public zone":  {Addr: "127.0.0.1:0", PublicIPs: []string{"fe80::1%lo"}},
	} {
		if s, err := New(config); err == nil {
			_ = s.Close()
			t.Errorf("%s: accepted", name)
		} else if !strings.HasPrefix(err.Error(), "sfu: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A socket of the caller's is used as it is.
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{UDP: conn})
	if err != nil {
		t.Fatal(err)
	}
	if s.Addr() != conn.LocalAddr() && s.Addr().String() != conn.LocalAddr().String() {
		t.Errorf("listens on %v", s.Addr())
	}
	_ = s.Close()
}

// TestPortForBoth: of the ports that the system chooses for UDP, some are taken for TCP.
func TestPortForBoth(t *testing.T) {
	for range 500 {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
	}
	for range 200 {
		s, err := New(Config{Addr: "127.0.0.1:0", TCP: true})
		if err != nil {
			t.Fatal(err)
		}
		if s.listener == nil {
			t.Error("no media over TCP")
		}
		_ = s.Close()
	}
}
