package doctor

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMachine(t *testing.T) {
	taken, err := net.Listen("tcp", loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	socket, err := net.ListenPacket("udp", loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	open, file := t.TempDir(), filepath.Join(t.TempDir(), "file")
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(t.TempDir(), "mine")
	if err := os.Mkdir(mine, 0o700); err != nil {
		t.Fatal(err)
	}
	port := func(network, address string) []Port { return []Port{{"listen", network, address}} }
	for name, c := range map[string]struct {
		machine Machine
		finding string
		verdict Verdict
		what    string
	}{
		"free port":                {Machine{Ports: port("tcp", loopback)}, "listen (tcp)", OK, "free"},
		"taken port":               {Machine{Ports: port("tcp", taken.Addr().String())}, "listen (tcp)", Failure, "in use"},
		"taken port of UDP":        {Machine{Ports: port("udp", socket.LocalAddr().String())}, "listen (udp)", Failure, "in use"},
		"our port":                 {Machine{Ports: port("tcp", taken.Addr().String()), Runs: true}, "listen (tcp)", OK, "that runs"},
		"a port that it is not at": {Machine{Ports: port("udp", loopback), Runs: true}, "listen (udp)", Warning, "though the server runs"},
		"no address of ours":       {Machine{Ports: port("tcp", "192.0.2.1:0")}, "listen (tcp)", Failure, "192.0.2.1"},
		"figures for all":          {Machine{Closed: []Port{{"metrics", "tcp", ":9090"}}}, "metrics", Warning, "whoever reaches it"},
		"folder":                   {Machine{Data: mine}, "data folder", OK, "for its user alone"},
		"folder to come":           {Machine{Data: filepath.Join(mine, "a", "b")}, "data folder", OK, "will be made"},
		"folder for all":           {Machine{Data: open}, "data folder", Failure, "open to other users"},
		"a file":                   {Machine{Data: file}, "data folder", Failure, "is none"},
		"no such name":             {Machine{Domain: "meet.example", lookup: at()}, "DNS", Failure, "no address"},
		"another machine":          {Machine{Domain: "meet.example", lookup: at("203.0.113.7")}, "DNS", Warning, "203.0.113.7, which is no address of this machine"},
		"behind NAT":               {Machine{Domain: "meet.example", Public: []string{"203.0.113.7", "[2001:db8::7]:8081"}, lookup: at("203.0.113.7", "2001:db8::7")}, "DNS", OK, "leads to this machine"},
	} {
		r := c.machine.Run()
		if f := r.of(c.finding); f.Verdict != c.verdict || !strings.Contains(f.What, c.what) || (f.Hint == "") != (f.Verdict == OK) {
			t.Errorf("%s: %+v", name, f)
		}
		for _, always := range []string{"IPv6", "system clock", "open files", "UDP buffers", "segmentation"} {
			if r.of(always).Verdict == "" {
				t.Errorf("%s: nothing is said of %s", name, always)
			}
		}
	}
	if r := (Machine{Closed: []Port{{"metrics", "tcp", "localhost:9090"}}}).Run(); r.of("metrics").Verdict != "" {
		t.Error("figures on this machine are complained of")
	}
}

func at(addrs ...string) func(string) ([]net.IP, error) {
	return func(string) (ips []net.IP, err error) {
		if len(addrs) == 0 {
			return nil, &net.DNSError{IsNotFound: true}
		}
		for _, text := range addrs {
			ips = append(ips, net.ParseIP(text))
		}
		return ips, nil
	}
}
