package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/grotto-meet/grotto/internal/node"
)

// The forwarding benchmark is three processes: this one, a server, and the load. The latter two are this program in
// another role, so that one file is all there is to run.
const (
	roleServer = "server" // Grotto
	roleFloor  = "floor"  // stock Pion
	roleLoad   = "load"   // the participants
)

const freePath = "/bench/free" // gives unused memory back to the system before RSS is read

// serveRole runs a server until standard input ends. It prints where it listens.
func serveRole(role string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+freePath, func(http.ResponseWriter, *http.Request) {
		for range 3 { // pools are emptied at the second time; stacks shrink by half each time
			debug.FreeOSMemory()
		}
	})
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	switch role {
	case roleServer:
		node.SaveMemory()
		n, err := node.New(node.Config{UDP: "127.0.0.1:0", Participants: 1000})
		if err != nil {
			return err
		}
		mux.Handle("/", n.Handler())
	case roleFloor:
		f, err := newFloor()
		if err != nil {
			return err
		}
		mux.Handle("/", f)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(l, mux)
}

// process is a server under test.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	addr  string
	kind  string // roleServer or roleFloor: how it is spoken to
}

// start runs a server: this program in a role.
func start(role string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(self, "-role", role), kind: role}
	p.cmd.Stderr = os.Stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.stdin = stdin
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("%s did not start: %w", role, err)
	}
	p.addr = strings.TrimSpace(line)
	return p, nil
}

func (p *process) stop() {
	_ = p.stdin.Close()
	_ = p.cmd.Wait()
}

// free asks the server to give unused memory back.
func free(addr string) error {
	answer, err := http.Post("http://"+addr+freePath, "", nil)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// usage is what the kernel counted for a process.
type usage struct {
	cpu time.Duration // user and system
	rss int64         // bytes
}

// clockTick is USER_HZ, which is 100 on every Linux that Go runs on.
const clockTick = time.Second / 100

// usageOf reads proc(5).
func usageOf(pid int) (usage, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, fmt.Errorf("%w; hint: this benchmark needs Linux", err)
	}
	_, rest, ok := strings.Cut(string(text), ") ") // the name may hold spaces, but the state follows
	fields := strings.Fields(rest)
	if !ok || len(fields) < 22 {
		return usage{}, errors.New("odd /proc/PID/stat")
	}
	number := func(i int) int64 { // of the fields behind the name; a field that is no number is 0
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	return usage{cpu: time.Duration(number(11)+number(12)) * clockTick, rss: number(21) * int64(os.Getpagesize())}, nil
}

// runLoad runs the participants in a process of their own.
func runLoad(s scenario) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return result{}, err
	}
	cmd := exec.Command(self, "-role", roleLoad, "-scenario", string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return result{}, fmt.Errorf("load: %w", err)
	}
	var r result
	return r, json.Unmarshal(out, &r)
}
