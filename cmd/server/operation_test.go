package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// An operator's day: SIGHUP, a look into the program, and a stop that waits for the call until it must not.
func TestSignals(t *testing.T) {
	folder := t.TempDir()
	file, profiles := filepath.Join(folder, "grotto.yaml"), filepath.Join(folder, "pprof.sock")
	configure := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configure("drain: 1m\n")
	server := startProcess(t, "--config", file, "--pprof", profiles)
	logged := func(text string) {
		t.Helper()
		for late := time.After(10 * time.Second); !strings.Contains(server.log.String(), text); {
			select {
			case <-late:
				t.Fatalf("not logged: %s\n%s", text, server.log)
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	signal := func(s os.Signal) {
		t.Helper()
		if err := server.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}

	if info, err := os.Stat(profiles); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	inside := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", profiles) }}}
	if got := fetch(t, inside, "http://local/debug/pprof/goroutine?debug=1"); !strings.HasPrefix(string(got.body), "goroutine profile: ") {
		t.Errorf("%s", got.body)
	}
	if got := fetch(t, http.DefaultClient, server.url+"/debug/pprof/"); strings.Contains(string(got.body), "goroutine") {
		t.Error("profiles are where the page is")
	}

	configure("drain: 1m\nlog-level: warn\nvoices: 3\n")
	signal(syscall.SIGHUP)
	logged("other settings have changed")
	configure("drain: 1m\nlog-level: deafening\n")
	signal(syscall.SIGHUP)
	logged("the settings are not taken")
	configure("drain: 1m\nlog-level: debug\n")
	signal(syscall.SIGHUP)
	logged("log-level=debug")

	dial := func(room string) (*websocket.Conn, answer) {
		ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.url, "http")+"/v1/signal", nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ws.Close() })
		return ws, exchange(t, ws, `{"type":"hello","id":1,"version":1,"room":"`+room+`"}`)
	}
	ready := func() string { return string(fetch(t, http.DefaultClient, server.url+"/readyz").body) }
	ada, _ := dial("blue-harbour")
	if got := ready(); got != "{\"status\":\"ready\"}\n" {
		t.Error(got)
	}
	signal(syscall.SIGTERM)
	logged("draining")
	for late := time.Now().Add(10 * time.Second); !strings.Contains(ready(), "draining"); {
		if time.Now().After(late) {
			t.Fatal(ready())
		}
	}
	configure("drain: 1m\nlog-level: info\n") // a certificate may have to be renewed meanwhile
	signal(syscall.SIGHUP)
	logged("log-level=info")
	if _, got := dial("blue-harbour"); got.Type != "welcome" {
		t.Errorf("to the call that goes on: %+v", got)
	}
	if _, got := dial("red-harbour"); got.Code != "shutting_down" {
		t.Errorf("to a new call: %+v", got)
	}
	signal(syscall.SIGTERM) // nobody waits any more
	if got := exchange(t, ada, ""); got.Type != "bye" || got.Code != "shutting_down" {
		t.Errorf("%+v", got)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("%v\n%s", err, server.log)
	}
	if _, err := os.Stat(profiles); err == nil {
		t.Error("the socket was left behind")
	}
}

func TestPprofTakesNobodysFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := try(t, "--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--pprof", file)
	if code != exitFail || !strings.Contains(stderr, "is no socket") || !strings.Contains(stderr, "hint: ") {
		t.Errorf("%d %s", code, stderr)
	}
	if body, err := os.ReadFile(file); err != nil || string(body) != "mine" {
		t.Errorf("%q %v", body, err)
	}
}

// A supervisor may keep the socket over a restart: who comes meanwhile waits, and nobody is refused.
func TestInheritedSocket(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	file, err := socket.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := func() *exec.Cmd {
		cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ exec "$0" "$@"`, program, "--listen", socket.Addr().String(), "--udp", "127.0.0.1:0", "--turn", "off")
		cmd.Env = append(os.Environ(), asServer+"=1", "LISTEN_FDS=1")
		cmd.ExtraFiles = []*os.File{file}
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		return cmd
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	url := "http://" + socket.Addr().String() + "/healthz"
	first := start()
	if got := fetch(t, client, url); !strings.Contains(string(got.body), `"ok"`) {
		t.Errorf("%s", got.body)
	}
	if err := first.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() { // nobody serves now
		r, err := client.Get(url)
		if err == nil {
			err = r.Body.Close()
		}
		answered <- err
	}()
	start()
	if err := <-answered; err != nil {
		t.Error(err)
	}
}
