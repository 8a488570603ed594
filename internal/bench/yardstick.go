package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A yardstick is a floor that others keep: a Go module whose cmd/naive speaks as our own floor does. What ours costs should be
// what that one costs, or ratios to it would flatter us.
const (
	roleYardstick   = "yardstick"
	targetYardstick = 0.1 // so far from it, either way
)

// buildYardstick compiles the module in a folder and returns the program, which is to be removed with the folder it is in. The
// module is copied, since building may complete its list of sums.
func buildYardstick(dir string) (program string, err error) {
	tmp, err := os.MkdirTemp("", "yardstick")
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(filepath.Join(tmp, "module"), os.DirFS(dir)); err != nil {
		return "", errors.Join(fmt.Errorf("yardstick: %w", err), os.RemoveAll(tmp))
	}
	program = filepath.Join(tmp, "naive")
	cmd := exec.Command("go", "build", "-mod=mod", "-o", program, "./cmd/naive")
	cmd.Dir = filepath.Join(tmp, "module")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", errors.Join(fmt.Errorf("yardstick: %w", err), os.RemoveAll(tmp))
	}
	return program, nil
}

// startYardstick gives it a port that is free now, as it does not say which one it took.
func startYardstick(program string) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{kind: roleFloor, addr: l.Addr().String()}
	_ = l.Close()
	p.cmd = exec.Command(program, "-addr", p.addr)
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.stdin = killed{p.cmd.Process}
	for deadline := time.Now().Add(setupLimit); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.addr)
		if err == nil {
			return p, conn.Close()
		}
		if time.Now().After(deadline) {
			p.stop()
			return nil, fmt.Errorf("the yardstick does not listen: %w", err)
		}
	}
}

// killed ends a process that does not end with its input.
type killed struct{ process *os.Process }

func (k killed) Close() error { return k.process.Kill() }

// againstYardstick says how far our floor is from it.
func againstYardstick(s scenario, floor, yardstick []result) Row {
	cpu := func(r result) float64 { return r.CPU }
	r := Row{Name: fmt.Sprintf("forwarding %v: CPU a packet of our floor / the yardstick's", s), Unit: "us",
		Value: median(floor, cpu), Floor: median(yardstick, cpu), Target: 1 + targetYardstick}
	r.Ratio = r.Value / r.Floor
	if r.Ratio < 1-targetYardstick || r.Ratio > 1+targetYardstick {
		fmt.Fprintf(os.Stderr, "bench: the floor costs %.2f times what the yardstick costs: ratios to it are worth little\n", r.Ratio)
	}
	return r
}
