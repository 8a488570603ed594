package homeserver

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// shared is the homeserver of all tests of a package.
var shared struct {
	sync.Mutex
	main   bool
	folder string
	server *Server
}

// Main is the body of a package's TestMain whose tests use [Shared]: func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }
func Main(m *testing.M) int {
	shared.main = true
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		shared.server.close()
		if code != 0 {
			fmt.Fprintf(os.Stderr, "the homeserver said:\n%s", shared.server.said.String())
		}
	}
	_ = os.RemoveAll(shared.folder)
	return code
}

// Shared is the package's homeserver, started by the first test that asks for it. Tests keep apart by their own users and rooms, and
// do not stop it.
func Shared(t testing.TB) *Server {
	t.Helper()
	if !shared.main {
		t.Fatal("homeserver: the package's TestMain has to call Main")
	}
	program := Need(t, dendrite)
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		return shared.server
	}
	folder, err := os.MkdirTemp("", "grotto-homeserver-")
	if err != nil {
		t.Fatal(err)
	}
	shared.folder = folder
	if shared.server, err = start(program, folder); err != nil {
		t.Fatal(err)
	}
	return shared.server
}
