package deploy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// host is a network namespace: a machine as far as the network goes.
type host struct{ name, ip string }

// twoHosts are joined by a cable that no UDP goes through.
func twoHosts(t *testing.T) (server, client host) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root makes hosts: networks, and folders to be root in")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		without(t, "ip is not installed: apt-get install iproute2")
	}
	server = host{fmt.Sprintf("grotto-server-%d", os.Getpid()), "198.18.0.1"} // for tests between networks (RFC 2544)
	client = host{fmt.Sprintf("grotto-client-%d", os.Getpid()), "198.18.0.2"}
	for _, h := range []host{server, client} {
		if said, err := exec.Command("ip", "netns", "add", h.name).CombinedOutput(); err != nil {
			t.Skipf("this machine lets nobody make networks: %s", said) // a container's root, also in CI
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", h.name).Run() })
	}
	server.set(t, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", client.name)
	for _, h := range []host{server, client} {
		h.set(t, "link", "set", "lo", "up")
		h.set(t, "link", "set", "cable", "up")
		h.set(t, "address", "add", h.ip+"/24", "dev", "cable")
		h.set(t, "rule", "add", "priority", "10", "ipproto", "udp", "prohibit") // what a host says to itself comes before
	}
	return server, client
}

func (h host) set(t *testing.T, args ...string) {
	t.Helper()
	run(t, "ip", append([]string{"-netns", h.name}, args...)...)
}

// there does something that makes sockets or processes, on the host. What it makes stays there.
func (h host) there(do func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with this goroutine
		result <- func() error {
			space, err := os.Open("/run/netns/" + h.name)
			if err != nil {
				return err
			}
			defer space.Close()
			if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
				return fmt.Errorf("%s: %w", h.name, err)
			}
			return do()
		}()
	}()
	return <-result
}

// dial calls from this host.
func (h host) dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = h.there(func() error {
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// noUDP: nothing that follows proves anything if UDP gets through.
func noUDP(t *testing.T, from, to host) {
	t.Helper()
	conn, err := from.dial(t.Context(), "udp", to.ip+":8081")
	if err == nil {
		defer conn.Close()
		_, err = conn.Write([]byte("x"))
	}
	if !errors.Is(err, syscall.EACCES) {
		t.Fatalf("UDP goes through from %s: %v", from.name, err)
	}
}

// command is a program inside a root folder, as it would see it on a machine of its own.
func command(root string, environ []string, line ...string) *exec.Cmd {
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir, cmd.Env = "/", environ
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	return cmd
}
