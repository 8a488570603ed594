package deploy

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/rest"
)

const (
	domain = "meet.example.org"

	// nobody is whom the service runs as.
	nobody = 65534

	// patience is for clients that try UDP first, on a busy machine.
	patience = 40 * time.Second

	installedData = "/var/lib/private/grotto"
	figures       = "127.0.0.1:9090"
)

// site is a machine that the package is installed on, and others that people call from.
type site struct {
	deb, root      string
	server, client host
	authority      *authority
	running        *exec.Cmd
}

// install puts the package into a root folder that has nothing but what dpkg itself needs.
func install(t *testing.T, deb, root string) {
	t.Helper()
	if _, err := exec.LookPath("dpkg"); err != nil {
		without(t, "dpkg is not installed")
	}
	put(t, filepath.Join(root, "var/lib/dpkg/status"), "", 0o644)
	for _, folder := range []string{"info", "updates"} {
		if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg", folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	said := dpkg(t, root, "--install", deb)
	if !strings.Contains(said, "systemctl enable --now grotto") {
		t.Errorf("who installed it is not told how to go on:\n%s", said)
	}
}

func dpkg(t *testing.T, root string, args ...string) string {
	t.Helper()
	return run(t, "dpkg", append([]string{"--root=" + root, "--force-script-chrootless", "--log=" + os.DevNull}, args...)...)
}

// newSite installs the package and writes down what an operator would: the domain and the certificate.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{root: t.TempDir()}
	s.server, s.client = twoHosts(t)
	s.deb = filepath.Join(released(t), "grotto_"+runtime.GOARCH+".deb")
	install(t, s.deb, s.root)
	s.authority = newAuthority(t)
	settings := filepath.Join(s.root, "etc/grotto/grotto.yaml")
	if info, err := os.Stat(settings); err != nil || info.Mode() != 0o600 {
		t.Errorf("the settings may hold secrets: %v %v", info, err)
	}
	put(t, settings, fmt.Sprintf("domain: %s\ntls-cert: /etc/grotto/cert.pem\ntls-key: /etc/grotto/key.pem\nmetrics: %s\n", domain, figures), 0o600)
	put(t, filepath.Join(s.root, "etc/hosts"), fmt.Sprintf("%s %s\n127.0.0.1 localhost\n", s.server.ip, domain), 0o644)
	put(t, filepath.Join(s.root, "etc/ssl/certs/ca-certificates.crt"), s.authority.pem, 0o644)
	for _, folder := range []string{"tmp", installedData} {
		if err := os.MkdirAll(filepath.Join(s.root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(s.root, installedData), 0o700); err != nil {
		t.Fatal(err)
	}
	s.own(t, installedData)
	s.own(t, "etc/grotto/grotto.yaml")
	s.certify(t, 1)
	dpkg(t, s.root, "--install", s.deb) // an upgrade, as far as settings go
	if !strings.Contains(read(t, settings), "domain: "+domain) {
		t.Error("the operator's settings went with an upgrade")
	}
	s.own(t, "etc/grotto/grotto.yaml")
	return s
}

// own gives a file to the service's user, as systemd does with its folder and its copy of the settings.
func (s *site) own(t *testing.T, path string) {
	t.Helper()
	if err := os.Chown(filepath.Join(s.root, path), nobody, nobody); err != nil {
		t.Fatal(err)
	}
}

// certify puts a certificate in place.
func (s *site) certify(t *testing.T, serial int64) {
	t.Helper()
	cert, key := s.authority.issue(t, serial)
	put(t, filepath.Join(s.root, "etc/grotto/key.pem"), key, 0o600)
	put(t, filepath.Join(s.root, "etc/grotto/cert.pem"), cert, 0o600)
	s.own(t, "etc/grotto/key.pem")
	s.own(t, "etc/grotto/cert.pem")
}

var execStart = regexp.MustCompile(`(?m)^ExecStart=(.*)$`)

// start runs what the unit says as the unit says: as nobody, with leave for ports below 1024 and none else.
func (s *site) start(t *testing.T) {
	t.Helper()
	line := execStart.FindStringSubmatch(read(t, filepath.Join(s.root, "usr/lib/systemd/system/grotto.service")))
	if line == nil {
		t.Fatal("the unit starts nothing")
	}
	words := strings.Fields(strings.ReplaceAll(line[1], "${CREDENTIALS_DIRECTORY}", "/etc/grotto"))
	cmd := command(s.root, []string{"STATE_DIRECTORY=" + installedData}, words...)
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	cmd.SysProcAttr.AmbientCaps = []uintptr{capNetBindService}
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := s.server.there(cmd.Start); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	s.running = cmd
	soon(t, "an answer", func() bool { return s.figure("grotto_calls") >= 0 })
}

// capNetBindService is CAP_NET_BIND_SERVICE (capabilities(7)).
const capNetBindService = 10

// kill is kill -9.
func (s *site) kill(t *testing.T) {
	t.Helper()
	_ = s.running.Process.Kill()
	if err := s.running.Wait(); err == nil {
		t.Fatal("it was gone before")
	}
}

// figure is one of what the server counts, or -1.
func (s *site) figure(name string) float64 {
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DialContext: s.server.dial, DisableKeepAlives: true}}
	answer, err := client.Get("http://" + figures + "/metrics")
	if err != nil {
		return -1
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	for line := range strings.Lines(string(body)) {
		if text, found := strings.CutPrefix(line, name+" "); found {
			n, _ := strconv.ParseFloat(strings.TrimSpace(text), 64)
			return n
		}
	}
	return -1
}

func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not in time", what)
		}
	}
}

// flowing waits until everybody is in the call and receives, of a server that has just begun.
func (s *site) flowing(t *testing.T, people int) {
	t.Helper()
	soon(t, fmt.Sprintf("%d people who receive", people), func() bool {
		return s.figure("grotto_sessions") == float64(people) && s.figure("grotto_tracks_out") >= 4
	})
	soon(t, "media", func() bool { return s.figure("grotto_packets_out_total") > 500 })
	before := s.recorded()
	soon(t, "media, at who records it", func() bool { return s.recorded() > before+50_000 })
}

// recorded is how much there is of the recording.
func (s *site) recorded() (size int64) {
	files, _ := os.ReadDir(filepath.Join(s.root, recording))
	for _, file := range files {
		if info, err := file.Info(); err == nil {
			size += info.Size()
		}
	}
	return size
}

// person takes part by the installed client.
type person struct {
	cmd      *exec.Cmd
	out, err strings.Builder
}

func (s *site) join(t *testing.T, link, name string, args ...string) *person {
	t.Helper()
	return s.attend(t, append([]string{"join", link, "--name", name, "--json"}, args...)...)
}

// recording is where somebody writes what arrives.
const recording = "tmp/recording"

func (s *site) record(t *testing.T, link, name string) *person {
	t.Helper()
	return s.attend(t, "record", link, "--name", name, "--json", "--out", "/"+recording)
}

func (s *site) attend(t *testing.T, args ...string) *person {
	t.Helper()
	p := &person{cmd: command(s.root, []string{"HOME=/tmp"}, append([]string{"/usr/bin/grotto"}, args...)...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, io.MultiWriter(&p.err, t.Output())
	if err := s.client.there(p.cmd.Start); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// leave asks somebody to go, and gives what they received of each track.
func (p *person) leave(t *testing.T) map[string]int {
	t.Helper()
	_ = p.cmd.Process.Signal(os.Interrupt)
	err := p.cmd.Wait()
	var told struct {
		Tracks []struct {
			Name, Source string
			Opened       int `json:"frames_opened"`
			Failed       int `json:"frames_failed"`
		}
	}
	if err := json.Unmarshal([]byte(p.out.String()), &told); err != nil {
		t.Fatalf("%v: %s", err, p.out.String())
	}
	if err != nil {
		t.Errorf("%v: %+v", err, told)
	}
	opened := map[string]int{}
	for _, track := range told.Tracks {
		opened[track.Name+" "+track.Source] += track.Opened
		if track.Failed > 0 {
			t.Errorf("%+v", track)
		}
	}
	return opened
}

// serial is that of the certificate that people see.
func (s *site) serial(t *testing.T) int64 {
	t.Helper()
	raw, err := s.client.dial(t.Context(), "tcp", s.server.ip+":443")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	conn := tls.Client(raw, &tls.Config{ServerName: domain, RootCAs: s.authority.pool()})
	if err := conn.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// api is the REST API, with a key that root made beside the running server.
func (s *site) api(t *testing.T) *rest.Client {
	t.Helper()
	key := strings.TrimSpace(s.said(t, serverIn(installedData, "api-key", "create", "--name", "test")...))
	to := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.authority.pool()}, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return s.client.dial(ctx, network, s.server.ip+":443")
		}}
	return &rest.Client{Server: "https://" + domain, Key: key, HTTP: &http.Client{Transport: to}}
}

// makeRoom makes one for so many, and its link.
func makeRoom(t *testing.T, api *rest.Client, participants int) (id, link string) {
	t.Helper()
	privacy := "public"
	room, err := api.CreateRoom(t.Context(), rest.RoomSettings{Privacy: &privacy, MaxParticipants: &participants})
	if err != nil {
		t.Fatal(err)
	}
	if link, err = rest.WithSecret(room.Link); err != nil {
		t.Fatal(err)
	}
	return room.ID, link
}

// full sees to it that one more is refused, and told why.
func (s *site) full(t *testing.T, link string) {
	t.Helper()
	late := s.join(t, link, "Dora", "--for", "10s")
	if err := late.cmd.Wait(); err == nil || !strings.Contains(late.err.String(), "full") {
		t.Errorf("the room takes a fourth: %v", err)
	}
}

// lose empties the folder of what is kept, as a disk that broke would.
func (s *site) lose(t *testing.T) {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(s.root, installedData))
	if err != nil || len(files) == 0 {
		t.Fatalf("there was nothing: %v", err)
	}
	for _, file := range files {
		if err := os.RemoveAll(filepath.Join(s.root, installedData, file.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

func serverIn(data string, line ...string) []string {
	return append([]string{"/usr/bin/grotto-server", "--data", data}, line...)
}

func (s *site) said(t *testing.T, line ...string) string {
	t.Helper()
	cmd := command(s.root, []string{"HOME=/tmp"}, line...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", line, err)
	}
	return string(out)
}

// purge takes the package away. What the server kept is not the package's.
func (s *site) purge(t *testing.T) {
	t.Helper()
	if said := dpkg(t, s.root, "--purge", "grotto"); !strings.Contains(said, installedData) {
		t.Errorf("what is left is not said:\n%s", said)
	}
	for path, left := range map[string]bool{"usr/bin/grotto-server": false, "usr/lib/systemd/system/grotto.service": false, "etc/grotto/grotto.yaml": false, installedData: true} {
		if _, err := os.Stat(filepath.Join(s.root, path)); (err == nil) != left {
			t.Errorf("%s: %v", path, err)
		}
	}
}
