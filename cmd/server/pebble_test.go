package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// The server against Let's Encrypt's own test authority, which is built from the module in the folder pebble.

const (
	domain = "meet.example.org"

	// patience is for an authority on a busy machine.
	patience = time.Minute
)

func buildPebble(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "pebble")
	build := exec.Command("go", "build", "-o", program, "github.com/letsencrypt/pebble/v2/cmd/pebble")
	build.Dir = "pebble"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// freePort is of TCP, and free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// authority is a Pebble, as it is seen by who asks it for certificates.
type authority struct {
	directory string
	trusted   string         // file with the certificate that it is reached by
	roots     *x509.CertPool // of the certificates that it gives
}

// startPebble asks for the domain at these ports of this machine.
func startPebble(t *testing.T, program string, tlsPort, httpPort int) authority {
	t.Helper()
	certFile, keyFile, own := certificate(t)
	listen, manage := fmt.Sprintf("127.0.0.1:%d", freePort(t)), fmt.Sprintf("127.0.0.1:%d", freePort(t))
	config := filepath.Join(t.TempDir(), "pebble.json")
	body, err := json.Marshal(map[string]any{"pebble": map[string]any{"listenAddress": listen, "managementListenAddress": manage,
		"certificate": certFile, "privateKey": keyFile, "httpPort": httpPort, "tlsPort": tlsPort}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, body, 0o600); err != nil {
		t.Fatal(err)
	}
	pebble := exec.Command(program, "-config", config, "-dnsserver", resolver(t))
	pebble.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", "PEBBLE_AUTHZREUSE=0")
	if err := pebble.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = pebble.Process.Kill()
		_ = pebble.Wait()
	})
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: own}}}
	defer client.CloseIdleConnections()
	var root []byte
	soon(t, "the authority", func() bool {
		r, err := client.Get("https://" + manage + "/roots/0")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		root, err = io.ReadAll(r.Body)
		return err == nil && r.StatusCode == http.StatusOK
	})
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(root) {
		t.Fatalf("no root: %s", root)
	}
	return authority{"https://" + listen + "/dir", certFile, roots}
}

// resolver is a DNS server, over TCP, to which every name is this machine's.
func resolver(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for resolve(c) == nil {
				}
			}()
		}
	}()
	return l.Addr().String()
}

// resolve answers one question (RFC 1035 §4.2.2).
func resolve(c net.Conn) error {
	var length [2]byte
	if _, err := io.ReadFull(c, length[:]); err != nil {
		return err
	}
	packet := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(c, packet); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(packet); err != nil {
		return err
	}
	m.Header = dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}
	for _, q := range m.Questions {
		if q.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}})
		}
	}
	answer, err := m.AppendPack(make([]byte, 2))
	if err != nil {
		return err
	}
	binary.BigEndian.PutUint16(answer, uint16(len(answer)-2))
	_, err = c.Write(answer)
	return err
}

// soon waits for what the outside does.
func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not in time", what)
		}
	}
}

// hosted is a server of the domain in a process of its own.
type hosted struct {
	cmd       *exec.Cmd
	tls, http int // ports
	roots     *x509.CertPool
}

func startHosted(t *testing.T, from authority, data string, tlsPort, httpPort int) *hosted {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--domain", domain, "--data", data, "--acme-directory", from.directory, "--turn", "off",
		"--listen", fmt.Sprintf("127.0.0.1:%d", tlsPort), "--http", fmt.Sprintf("127.0.0.1:%d", httpPort), "--udp", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), asServer+"=1", "SSL_CERT_FILE="+from.trusted)
	cmd.Stderr = t.Output()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "Grotto is at https://"+domain+"/\n" {
		t.Fatalf("%q %v", line, err)
	}
	return &hosted{cmd, tlsPort, httpPort, from.roots}
}

func (h *hosted) stop(t *testing.T) {
	t.Helper()
	_ = h.cmd.Process.Signal(syscall.SIGTERM)
	if err := h.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// serial is that of the certificate, once there is one that its roots vouch for.
func (h *hosted) serial(t *testing.T) (serial string) {
	t.Helper()
	soon(t, "a certificate", func() bool {
		c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.tls), &tls.Config{ServerName: domain, RootCAs: h.roots})
		if err != nil {
			return false
		}
		defer c.Close()
		serial = c.ConnectionState().PeerCertificates[0].SerialNumber.String()
		return true
	})
	return serial
}

func TestCertificateFromAnAuthority(t *testing.T) {
	pebble := buildPebble(t)
	tlsPort, httpPort := freePort(t), freePort(t)
	from := startPebble(t, pebble, tlsPort, httpPort)
	data := filepath.Join(t.TempDir(), "state", "grotto")
	h := startHosted(t, from, data, tlsPort, httpPort)
	serial := h.serial(t)
	testServed(t, h)
	testKept(t, data)
	h.stop(t)

	t.Run("it is kept for the next time", func(t *testing.T) {
		h := startHosted(t, from, data, tlsPort, httpPort)
		defer h.stop(t)
		if again := h.serial(t); again != serial {
			t.Error("another one was ordered")
		}
	})
	t.Run("it is renewed before it ends", func(t *testing.T) {
		writeEnding(t, data)
		h := startHosted(t, from, data, tlsPort, httpPort)
		defer h.stop(t)
		if h.serial(t) == serial {
			t.Error("it is the old one")
		}
	})
	t.Run("by plain HTTP, where the page's port is not to be reached", func(t *testing.T) {
		tlsPort, httpPort := freePort(t), freePort(t)
		from := startPebble(t, pebble, freePort(t), httpPort)
		h := startHosted(t, from, t.TempDir()+"/new", tlsPort, httpPort)
		defer h.stop(t)
		h.serial(t)
	})
}

// testServed: the page over HTTPS and nowhere else.
func testServed(t *testing.T, h *hosted) {
	t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: h.roots, ServerName: domain}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	if got := fetch(t, client, fmt.Sprintf("https://127.0.0.1:%d/healthz", h.tls)); got.head.Get("Strict-Transport-Security") == "" || !strings.Contains(string(got.body), `"ok"`) {
		t.Errorf("%v %s", got.head, got.body)
	}
	if got := fetch(t, client, fmt.Sprintf("http://127.0.0.1:%d/r/blue-harbour", h.http)); got.head.Get("Location") != "https://"+domain+"/r/blue-harbour" {
		t.Errorf("%v", got.head)
	}
	for _, name := range []string{"", "other.example.org"} {
		if c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.tls), &tls.Config{ServerName: name, InsecureSkipVerify: true}); err == nil {
			_ = c.Close()
			t.Errorf("a certificate for %q", name)
		}
	}
}

// testKept: what is kept is for this user alone.
func testKept(t *testing.T, data string) {
	t.Helper()
	files := 0
	if err := filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		if !d.IsDir() {
			files++
		}
		return nil
	}); err != nil || files < 2 {
		t.Errorf("%d files: %v", files, err)
	}
}

// writeEnding puts a certificate that ends tomorrow, and that no root vouches for, in the place of the one that is kept.
func writeEnding(t *testing.T, data string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{domain}, NotBefore: time.Now().AddDate(0, 0, -89), NotAfter: time.Now().AddDate(0, 0, 1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	body := append(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	if err := os.WriteFile(filepath.Join(data, "acme", domain), body, 0o600); err != nil {
		t.Fatal(err)
	}
}
