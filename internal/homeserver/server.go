package homeserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"
)

const (
	// patience is for a homeserver on a busy machine; by itself it is there in half a second.
	patience = 30 * time.Second
	// farewell is how long it may take to end by itself, with everything written.
	farewell = 10 * time.Second
)

// Server is a running homeserver.
type Server struct {
	URL  string // of its client API, and of its federation API
	Name string // what comes after the colon in identifiers: localhost

	front           *front
	folder, program string
	appservices     []string

	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	said    bytes.Buffer  // read after that
}

// Option changes a homeserver before it starts.
type Option func(*Server)

// WithAppservice makes an appservice known, by the text of its registration file.
func WithAppservice(registration string) Option {
	return func(s *Server) { s.appservices = append(s.appservices, registration) }
}

// Start runs a homeserver until the test ends.
func Start(t testing.TB, opts ...Option) *Server {
	t.Helper()
	program := Need(t, dendrite)
	s, err := start(program, t.TempDir(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.close()
		if t.Failed() {
			t.Logf("the homeserver said:\n%s", s.said.String())
		}
	})
	return s
}

func start(program, folder string, opts ...Option) (*Server, error) {
	s := &Server{Name: name, folder: folder, program: program}
	for _, opt := range opts {
		opt(s)
	}
	var err error
	if s.front, s.URL, err = newFront(); err != nil {
		return nil, err
	}
	// A port was free a moment ago: should another take it meanwhile, one tries the next.
	for range 3 {
		if err = s.run(); err == nil {
			return s, nil
		}
	}
	s.close()
	return nil, err
}

// close is the end of it.
func (s *Server) close() {
	s.halt()
	_ = s.front.server.Close()
}

func freeAddress() (*url.URL, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return &url.URL{Scheme: "http", Host: l.Addr().String()}, nil
}

// Folder is where it keeps everything.
func (s *Server) Folder() string { return s.folder }

// Stop takes the homeserver down, as for a restart: it writes what it has to write.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if !s.halt() {
		t.Fatal("the homeserver is down already")
	}
}

// Again brings it back at the same address, with what it knew, and with options that it had not.
func (s *Server) Again(t testing.TB, opts ...Option) {
	t.Helper()
	for _, opt := range opts {
		opt(s)
	}
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) run() error {
	address, err := freeAddress()
	if err == nil {
		err = s.configure()
	}
	if err != nil {
		return err
	}
	process := exec.Command(s.program, "--config", s.config(), "--http-bind-address", address.Host, "--really-enable-open-registration")
	process.Dir = s.folder
	process.Stdout, process.Stderr = &s.said, &s.said
	DieWithParent(process)
	if err := process.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		_ = process.Wait()
		close(ended)
	}()
	s.process, s.ended = process, ended
	if err := s.answers(address.String()); err != nil {
		s.halt()
		return fmt.Errorf("%w\n%s", err, s.said.String())
	}
	s.front.target.Store(address)
	return nil
}

// answers waits until the homeserver does.
func (s *Server) answers(at string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, at+"/_matrix/client/versions", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-s.ended:
			return errors.New("homeserver: it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("homeserver: no answer in %v", patience)
		case <-tick.C:
		}
	}
}

// halt ends the process, and says whether it still ran.
func (s *Server) halt() bool {
	if s.process == nil {
		return false
	}
	s.front.target.Store(nil)
	_ = s.process.Process.Signal(os.Interrupt)
	select {
	case <-s.ended:
	case <-time.After(farewell):
		_ = s.process.Process.Kill()
		<-s.ended
	}
	s.process = nil
	return true
}
