package sfu

import (
	"net"
	"strings"
	"testing"
)

func TestCandidatesOffered(t *testing.T) {
	for _, test := range []struct {
		name           string
		config         Config
		want, unwanted []string
	}{
		{"loopback", Config{IncludeLoopback: true}, []string{" 127.0.0.1 "}, nil},
		{"public", Config{IncludeLoopback: true, PublicIPs: []string{"203.0.113.7"}}, []string{" 127.0.0.1 ", " 203.0.113.7 "}, nil},
		{"no loopback", Config{PublicIPs: []string{"203.0.113.7"}}, nil, []string{" 127.0.0.1 "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.config.Addr = ":0"
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
			for _, ip := range test.want {
				if !strings.Contains(answer, ip) {
					t.Errorf("no candidate%s", ip)
				}
			}
			for _, ip := range test.unwanted {
				if strings.Contains(answer, ip) {
					t.Errorf("candidate%s", ip)
				}
			}
			if !strings.Contains(answer, "a=ice-lite") || !strings.Contains(answer, "a=end-of-candidates") {
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
		"IPv6 public":  {Addr: "127.0.0.1:0", PublicIPs: []string{"2001:db8::1"}},
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
