package room

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// lender is a relay that keeps book.
type lender struct {
	mu    sync.Mutex
	lent  map[string][2]string // host and call, by session
	taken []string
}

func (l *lender) Grant(host, call, session string) []wire.ICEServer {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lent[session] = [2]string{host, call}
	return []wire.ICEServer{{URL: "turn:" + host, Username: session, Credential: "x"}}
}

func (l *lender) Revoke(session string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = append(l.taken, session)
	delete(l.lent, session)
}

// took is what was revoked so far.
func (l *lender) took() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.taken)
}

// A session gets credentials of its own with its welcome, and loses them with its end, be it a leave or a socket that never came
// back; not while its socket is away.
func TestCredentialsLiveAsLongAsTheirSession(t *testing.T) {
	l := &lender{lent: map[string][2]string{}}
	within(t, Config{Relay: l}, func(b *bench) {
		people := b.call(2)
		ann, ben := people[0], people[1]
		names := []string{ann.welcome.ICEServers[0].Username, ben.welcome.ICEServers[0].Username}
		if names[0] == names[1] || l.lent[names[0]] != l.lent[names[1]] || l.lent[names[0]][0] != "meet.example:8443" {
			t.Fatalf("%v", l.lent)
		}
		ann.send(&wire.Leave{})
		want[*wire.OK](ann)
		if taken := l.took(); !slices.Equal(taken, names[:1]) {
			t.Errorf("after a leave: %v", taken)
		}
		ben.sock.Abort()
		time.Sleep(resumeWindow - time.Second)
		if taken := l.took(); len(taken) != 1 {
			t.Errorf("while the socket is away: %v", taken)
		}
		time.Sleep(2 * time.Second)
		if taken := l.took(); !slices.Equal(taken, names) {
			t.Errorf("after the session expired: %v", taken)
		}
	})
}
