package node

import (
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const shareDeadline = 5 * time.Second

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

// share gives a page's listener that does without TLS, and its address.
func share(t *testing.T, wrap func(net.Listener) net.Listener) (page net.Listener, addr string) {
	t.Helper()
	n, err := New(Config{UDP: loopback, TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", loopback)
	if err != nil {
		t.Fatal(err)
	}
	page = n.Share(wrap(tcp))
	t.Cleanup(func() {
		_ = page.Close()
		if err := n.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return page, tcp.Addr().String()
}

func dialShared(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(shareDeadline))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestShareOutlivesAFailedAccept(t *testing.T) {
	page, addr := share(t, func(l net.Listener) net.Listener { return &flaky{Listener: l} })
	if _, err := dialShared(t, addr).Write([]byte("GET")); err != nil {
		t.Fatal(err)
	}
	c, err := page.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b := make([]byte, 3)
	if _, err := io.ReadFull(c, b); err != nil || string(b) != "GET" {
		t.Errorf("%q %v", b, err)
	}
	_ = page.Close()
	if _, err := page.Accept(); err == nil {
		t.Error("a connection after the end")
	}
}

// Who says nothing keeps only those of the same address out.
func TestShareTooManySilent(t *testing.T) {
	page, addr := share(t, func(l net.Listener) net.Listener { return l })
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
	c, err := page.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

func TestHandoverThatNobodyTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		go newHandovers().hand(ours)
		_ = theirs.SetReadDeadline(time.Now().Add(time.Hour))
		if _, err := theirs.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("it stays: %v", err)
		}
	})
}
