package deploy

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// The image as it stands, without what runs images: its root folder, its user, its environment and that of the compose file.
func TestImage(t *testing.T) {
	server, _ := twoHosts(t)
	root := t.TempDir()
	run(t, "tar", "-C", root, "-xf", filepath.Join(released(t), "grotto-root_"+runtime.GOARCH+".tar"))
	if roots := x509.NewCertPool(); !roots.AppendCertsFromPEM([]byte(read(t, filepath.Join(root, "etc/ssl/certs/ca-certificates.crt")))) {
		t.Error("it trusts no authority")
	}
	var line, environ []string
	var user uint32
	for _, i := range instructions(t) {
		switch i[0] {
		case "ENTRYPOINT":
			if err := json.Unmarshal([]byte(i[1]), &line); err != nil {
				t.Fatal(err)
			}
		case "ENV":
			environ = append(environ, i[1])
		case "USER":
			if _, err := fmt.Sscanf(i[1], "%d:%d", &user, &user); err != nil || user == 0 {
				t.Fatalf("user %s: %v", i[1], err)
			}
		}
	}
	for name, value := range readCompose(t).Services["grotto"].Environment {
		environ = append(environ, name+"="+value)
	}
	environ = append(environ, "GROTTO_DOMAIN="+domain, "GROTTO_PUBLIC_IP="+server.ip, "GROTTO_ACME_DIRECTORY=https://127.0.0.1:1/dir")
	run(t, "ip", "netns", "exec", server.name, "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start")

	cmd := command(root, environ, line...)
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: user, Gid: user}
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := server.there(cmd.Start); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	client := &http.Client{Transport: &http.Transport{DialContext: server.dial, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var answer *http.Response
	soon(t, "an answer on port 80", func() (done bool) {
		answer, _ = client.Get("http://" + server.ip + "/r/blue-harbour")
		return answer != nil
	})
	_ = answer.Body.Close()
	if to := answer.Header.Get("Location"); to != "https://"+domain+"/r/blue-harbour" {
		t.Errorf("port 80 leads to %q", to)
	}
	conn, err := server.dial(t.Context(), "tcp", net.JoinHostPort(server.ip, "443"))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	kept, err := os.ReadDir(filepath.Join(root, "var/lib/grotto"))
	if err != nil || len(kept) == 0 {
		t.Errorf("nothing is kept: %v", err)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("asked to stop: %v", err)
	}
}
