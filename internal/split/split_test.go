package split

import (
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const (
	deadline = 5 * time.Second
	loopback = "127.0.0.1:0"
)

// flaky has no descriptors at first.
type flaky struct {
	net.Listener
	failures atomic.Int64
}

func (l *flaky) Accept() (net.Conn, error) {
	if l.failures.Add(1) <= 2 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

// share gives what does not begin with a digit, what does, and the address of both.
func share(t *testing.T, wrap func(net.Listener) net.Listener) (rest, digits net.Listener, addr string) {
	t.Helper()
	tcp, err := net.Listen("tcp", loopback)
	if err != nil {
		t.Fatal(err)
	}
	branch := NewBranch(tcp.Addr())
	rest = Share(wrap(tcp), branch, func(first byte) bool { return first >= '0' && first <= '9' })
	t.Cleanup(func() {
		_ = rest.Close()
		_ = branch.Close()
	})
	return rest, branch, tcp.Addr().String()
}

func dialShared(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(deadline))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestFirstByteTells(t *testing.T) {
	rest, digits, addr := share(t, func(l net.Listener) net.Listener { return l })
	late := time.AfterFunc(deadline, func() { // ends Accept
		_ = rest.Close()
		_ = digits.Close()
	})
	defer late.Stop()
	if rest.Addr().String() != addr || digits.Addr().String() != addr {
		t.Errorf("%v %v", rest.Addr(), digits.Addr())
	}
	for text, l := range map[string]net.Listener{"1 is a digit": digits, "a is none": rest} {
		if _, err := dialShared(t, addr).Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		b := make([]byte, len(text))
		if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
			t.Errorf("%q %v", b, err)
		}
	}
}

func TestShareOutlivesAFailedAccept(t *testing.T) {
	rest, _, addr := share(t, func(l net.Listener) net.Listener { return &flaky{Listener: l} })
	if _, err := dialShared(t, addr).Write([]byte("GET")); err != nil {
		t.Fatal(err)
	}
	c, err := rest.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b := make([]byte, 3)
	if _, err := io.ReadFull(c, b); err != nil || string(b) != "GET" {
		t.Errorf("%q %v", b, err)
	}
	_ = rest.Close()
	if _, err := rest.Accept(); err == nil {
		t.Error("a connection after the end")
	}
}

// Who says nothing keeps only those of the same address out.
func TestShareTooManySilent(t *testing.T) {
	rest, _, addr := share(t, func(l net.Listener) net.Listener { return l })
	first := dialShared(t, addr)
	for range maxSniffed - 1 {
		dialShared(t, addr)
	}
	more := dialShared(t, addr)
	if _, err := more.Read(make([]byte, 1)); err == nil {
		t.Error("one more was served")
	} else if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Error("one more was kept waiting")
	}
	if _, err := first.Write([]byte("G")); err != nil {
		t.Fatal(err)
	}
	c, err := rest.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

func TestConnectionThatNobodyTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		go NewBranch(nil).hand(ours)
		_ = theirs.SetReadDeadline(time.Now().Add(time.Hour))
		if _, err := theirs.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("it stays: %v", err)
		}
	})
}
