package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/web"
)

// asServer makes the test's binary the server's, so that signals can be sent to a process of its own.
const asServer = "TEST_AS_GROTTO_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		main()
	}
	os.Exit(tested(m))
}

// tested runs the tests, with a folder of their own for what servers keep.
func tested(m *testing.M) int {
	folder, err := os.MkdirTemp("", "grotto-server")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	os.Setenv("XDG_STATE_HOME", folder)
	return m.Run()
}

// try runs the program until it ends by itself.
func try(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

func TestHelpAndVersion(t *testing.T) {
	code, out, _ := try(t, "--help")
	if code != exitOK || !strings.Contains(out, "--public-ip") || !strings.Contains(out, "Usage: grotto-server") {
		t.Errorf("%d\n%s", code, out)
	}
	if code, out, _ := try(t, "--version"); code != exitOK || out != "grotto-server dev\npage "+web.Bundle()+"\n" {
		t.Errorf("%d %q", code, out)
	}
}

func TestBadInputHasAHint(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	open := t.TempDir()
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	certFile, keyFile, _ := certificate(t)
	const anyTCP, anyUDP = "--listen=127.0.0.1:0", "--udp=127.0.0.1:0"
	for name, c := range map[string]struct {
		args []string
		code int
		says string
		hint string
	}{
		"unknown flag":      {[]string{"--colour"}, exitUsage, "--colour", "--help"},
		"argument":          {[]string{"start"}, exitUsage, "start", "--help"},
		"port in use":       {[]string{"--listen", tcp.Addr().String(), anyUDP}, exitFail, "is in use", "--listen"},
		"media port in use": {[]string{anyTCP, "--udp", udp.LocalAddr().String()}, exitFail, "is in use", "--udp"},
		"metrics in use":    {[]string{anyTCP, anyUDP, "--metrics", tcp.Addr().String()}, exitFail, "is in use", "--metrics"},
		"TURN port in use":  {[]string{anyTCP, anyUDP, "--turn", tcp.Addr().String()}, exitFail, "is in use", "--turn"},
		"no such address":   {[]string{"--listen", "192.0.2.1:1", anyUDP}, exitFail, "not an address of this machine", "--listen"},
		"no port":           {[]string{"--listen", "localhost", anyUDP}, exitUsage, `--listen: "localhost" is not an address`, "HOST:PORT"},
		"key without cert":  {[]string{"--tls-key", "key.pem"}, exitUsage, "both tls-cert and tls-key", "certificate"},
		"no certificate":    {[]string{anyTCP, anyUDP, "--tls-cert", "none.pem", "--tls-key", "none.pem"}, exitFail, "none.pem", "PEM files"},
		"room no slug":      {[]string{anyTCP, anyUDP, "--room", "Blue Harbour"}, exitUsage, `--room: "Blue Harbour" is not the name of a room`, "a-z"},
		"public name":       {[]string{anyTCP, anyUDP, "--public-ip", "meet.example"}, exitUsage, "neither IP nor IP:PORT", "brackets"},
		"open to others":    {[]string{anyTCP, "--domain", domain, "--data", open}, exitFail, "open to other users", "chmod -R go="},
		"no folder":         {[]string{anyTCP, "--domain", domain, "--data", certFile + "/x"}, exitFail, "not a directory", "--data"},
		"HTTP port in use":  {[]string{anyTCP, "--domain", domain, "--data", t.TempDir() + "/new", "--http", tcp.Addr().String()}, exitFail, "is in use", "--http"},
		"another domain":    {[]string{anyTCP, "--domain", domain, "--tls-cert", certFile, "--tls-key", keyFile}, exitFail, "not for " + domain + " but for [127.0.0.1]", "the same host"},
		"the same, checked": {[]string{"config", "check", "--domain", domain, "--tls-cert", certFile, "--tls-key", keyFile}, exitFail, "not for " + domain, "the same host"},
		"no such file":      {[]string{"--config", "none.yaml"}, exitUsage, "none.yaml: no such file", "config example"},
		"server name":       {[]string{anyTCP, anyUDP, "--server-name", "a|b"}, exitUsage, "not a server name", "host name"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, stderr := try(t, c.args...)
			message, hint, _ := strings.Cut(stderr, "\nhint: ")
			if code != c.code || !strings.HasPrefix(message, "grotto-server: ") || !strings.Contains(message, c.says) || !strings.Contains(hint, c.hint) {
				t.Errorf("status %d\n%s%s", code, out, stderr)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	t.Setenv("GROTTO_UDP", ":7")
	file := filepath.Join(t.TempDir(), "grotto.yaml")
	if err := os.WriteFile(file, []byte("udp: :6\nvoices: 3\nroom: [blue-harbour]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := try(t, "config", "print", "--config", file, "--voices", "4")
	if code != exitOK || !strings.Contains(out, `udp: ":7"  # GROTTO_UDP`) || !strings.Contains(out, "voices: 4  # --voices") || !strings.Contains(out, `room: ["blue-harbour"]  # `+file+":3") {
		t.Errorf("%d\n%s", code, out)
	}
	if code, out, _ := try(t, "config", "check", "--config", file); code != exitOK || out != "In order: 3 settings, with those of "+file+".\n" {
		t.Errorf("%d %q", code, out)
	}
	if code, out, _ := try(t, "config", "example", "--config", "none.yaml"); code != exitOK || !strings.Contains(out, "#udp: ") {
		t.Errorf("%d %q", code, out)
	}
	if err := os.WriteFile(file, []byte("\nlisen: x\nvoices: y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := try(t, "config", "check", "--config", file)
	if want := "grotto-server: " + file + ":2: unknown key \"lisen\"\nhint: did you mean listen?\ngrotto-server: " + file + ":3: voices"; code != exitUsage || !strings.HasPrefix(stderr, want) {
		t.Errorf("%d\n%s", code, stderr)
	}
}

func TestGreeting(t *testing.T) {
	addr := &net.TCPAddr{IP: net.IPv4zero, Port: 8080}
	for name, c := range map[string]struct {
		f    config.Settings
		link string
		hint bool
	}{
		"everywhere":      {config.Settings{Listen: ":8080"}, "http://localhost:8080/", true},
		"everywhere IPv4": {config.Settings{Listen: "0.0.0.0:8080"}, "http://localhost:8080/", true},
		"everywhere IPv6": {config.Settings{Listen: "[::]:8080"}, "http://localhost:8080/", true},
		"loopback":        {config.Settings{Listen: "127.0.0.1:8080"}, "http://127.0.0.1:8080/", false},
		"loopback IPv6":   {config.Settings{Listen: "[::1]:8080"}, "http://[::1]:8080/", false},
		"localhost":       {config.Settings{Listen: "localhost:8080"}, "http://localhost:8080/", false},
		"one address":     {config.Settings{Listen: "192.0.2.1:8080"}, "http://192.0.2.1:8080/", true},
		"domain":          {config.Settings{Listen: ":8443", Domain: domain}, "https://meet.example.org/", false},
		"domain and port": {config.Settings{Listen: ":8080", Domain: domain, TLSCert: "c", TLSKey: "k"}, "https://meet.example.org:8080/", false},
		"HTTPS":           {config.Settings{Listen: "meet.example:8080", TLSCert: "c", TLSKey: "k"}, "https://meet.example:8080/", false},
	} {
		var out bytes.Buffer
		greet(&out, addr, &c.f)
		if line, rest, _ := strings.Cut(out.String(), "\n"); line != "Grotto is at "+c.link || c.hint != strings.Contains(rest, "plain HTTP") {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}

// process is the whole program in a process of its own.
type process struct {
	*exec.Cmd
	url string
	log *lockedBuffer
}

func startProcess(t *testing.T, args ...string) process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := process{Cmd: exec.Command(program, append([]string{"--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0"}, args...)...), log: new(lockedBuffer)}
	p.Env = append(os.Environ(), asServer+"=1")
	p.Stderr = p.log
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
	p.url = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "Grotto is at "), "/")
	return p
}

// lockedBuffer is written to while it is read.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Page, health, signalling; then SIGTERM, a bye, and status 0.
func TestServesUntilSIGTERM(t *testing.T) {
	cmd := startProcess(t)
	url, stderr := cmd.url, cmd.log

	var health struct{ Status, Version, Bundle string }
	response := fetch(t, http.DefaultClient, url+"/healthz")
	if err := json.Unmarshal(response.body, &health); err != nil || health.Status != "ok" || health.Version != "dev" || len(health.Bundle) != 64 {
		t.Errorf("%s %v", response.body, err)
	}
	for _, path := range []string{"/", "/r/blue-harbour", "/assets/none.js"} {
		if got := fetch(t, http.DefaultClient, url+path); !strings.Contains(got.head.Get("Content-Security-Policy"), "default-src 'none'") || got.head.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %v", path, got.head)
		}
	}
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/v1/signal", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if got := exchange(t, ws, `{"type":"hello","id":1,"version":1,"room":"blue-harbour"}`); got.Type != "welcome" {
		t.Errorf("%+v", got)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := exchange(t, ws, ""); got.Type != "bye" || got.Code != "shutting_down" {
		t.Errorf("%+v", got)
	}
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("closed with %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, stderr.String())
	}
	if log := stderr.String(); !strings.Contains(log, "stopping") || strings.Contains(log, "blue-harbour") || strings.Contains(log, "127.0.0.1") {
		t.Errorf("log:\n%s", log)
	}
}

type answer struct{ Type, Code string }

// exchange sends a text, if any, and reads one.
func exchange(t *testing.T, ws *websocket.Conn, text string) (a answer) {
	t.Helper()
	if text != "" {
		if err := ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := ws.ReadJSON(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

type fetched struct {
	head http.Header
	body []byte
}

func fetch(t *testing.T, client *http.Client, url string) fetched {
	t.Helper()
	r, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fetched{r.Header, body}
}

func TestHTTPS(t *testing.T) {
	certFile, keyFile, roots := certificate(t)
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--tls-cert", certFile, "--tls-key", keyFile, "--metrics", "127.0.0.1:0"}, in, io.Discard)
	}()
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	figures, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if got := fetch(t, http.DefaultClient, strings.TrimPrefix(strings.TrimSpace(figures), "Its figures are at ")); !strings.Contains(string(got.body), "\ngrotto_calls 0\n") {
		t.Errorf("figures: %s", got.body)
	}
	url := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "Grotto is at "), "/")
	config := &tls.Config{RootCAs: roots}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	defer client.CloseIdleConnections()
	if got := fetch(t, client, url+"/"); got.head.Get("Strict-Transport-Security") != "max-age=31536000" {
		t.Errorf("%v", got.head)
	}
	dialer := &websocket.Dialer{TLSClientConfig: config}
	ws, _, err := dialer.Dial("wss"+strings.TrimPrefix(url, "https")+"/v1/signal", http.Header{"Origin": {url}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if got := exchange(t, ws, `{"type":"hello","id":1,"version":1,"room":"x"}`); got.Type != "error" || got.Code != "bad_room" {
		t.Errorf("%+v", got)
	}
	if got := fetch(t, http.DefaultClient, "http"+strings.TrimPrefix(url, "https")+"/"); !strings.Contains(string(got.body), "https://") {
		t.Errorf("plain HTTP at the port of HTTPS: %s", got.body)
	}
	stop()
	if code := <-done; code != exitOK {
		t.Errorf("status %d", code)
	}
}

// certificate makes one for 127.0.0.1.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private), roots
}
