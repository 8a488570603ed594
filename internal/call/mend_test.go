package call

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v4"
)

// mending is a mender whose restarts and losses are counted.
type mending struct {
	*mender
	restarts, losses int
	heard            func()
}

func newMending() *mending {
	m := &mending{}
	m.mender = &mender{
		post:    func(f func()) bool { f(); return true },
		restart: func(heard func()) { m.restarts++; m.heard = heard },
		lost:    func() { m.losses++ },
	}
	return m
}

func (m *mending) pass(d time.Duration) {
	time.Sleep(d) // virtual
	synctest.Wait()
}

func TestMender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMending()
		m.changed(webrtc.PeerConnectionStateConnecting)
		m.changed(webrtc.PeerConnectionStateConnected)
		if m.pass(time.Minute); m.restarts != 0 {
			t.Fatal("restarted what was well")
		}
		m.changed(webrtc.PeerConnectionStateDisconnected)
		m.heard()
		m.changed(webrtc.PeerConnectionStateFailed) // no second beginning
		if m.restarts != 1 {
			t.Fatalf("%d restarts at once", m.restarts)
		}
		m.pass(mendEvery)
		m.heard()
		m.changed(webrtc.PeerConnectionStateConnected)
		if m.pass(time.Minute); m.restarts != 2 || m.losses != 0 {
			t.Errorf("%d restarts, %d losses", m.restarts, m.losses)
		}
	})
}

// While signalling is down restarts do not pile up, and after half a minute it is over.
func TestMenderGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMending()
		m.changed(webrtc.PeerConnectionStateFailed)
		if m.pass(mendFor - time.Millisecond); m.restarts != 1 || m.losses != 0 {
			t.Errorf("%d restarts, %d losses", m.restarts, m.losses)
		}
		if m.pass(time.Minute); m.restarts != 1 || m.losses != 1 {
			t.Errorf("%d restarts, %d losses", m.restarts, m.losses)
		}
	})
}

// A connection that does not come up at all is trouble as well.
func TestMenderOfASlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMending()
		m.changed(webrtc.PeerConnectionStateConnecting)
		if m.pass(mendEvery - time.Millisecond); m.restarts != 0 {
			t.Error("restarted too soon")
		}
		m.pass(time.Millisecond)
		m.heard()
		m.changed(webrtc.PeerConnectionStateConnecting) // by the restart
		if m.restarts != 1 {
			t.Errorf("%d restarts", m.restarts)
		}
		if m.pass(mendEvery); m.restarts != 2 {
			t.Errorf("%d restarts", m.restarts)
		}
		m.changed(webrtc.PeerConnectionStateConnected)
		if m.pass(time.Minute); m.restarts != 2 || m.losses != 0 {
			t.Errorf("%d restarts, %d losses", m.restarts, m.losses)
		}
	})
}

func TestMenderRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMending()
		m.changed(webrtc.PeerConnectionStateDisconnected)
		m.changed(webrtc.PeerConnectionStateClosed)
		if m.pass(time.Minute); m.restarts != 1 || m.losses != 0 {
			t.Errorf("%d restarts, %d losses", m.restarts, m.losses)
		}
	})
}

// A server that says goodbye closes the media, too: what fails by that does not speak before it.
func TestGoodbyeBeforeFailure(t *testing.T) {
	for _, said := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := &session{ctx: t.Context(), actions: make(chan func())}
			failed := errors.New("closed")
			s.mediaFailed(failed)
			time.Sleep(mediaPatience / 2) // virtual
			want := failed
			if said {
				want, s.end = errOver, errOver
			}
			(<-s.actions)()
			if !errors.Is(s.end, want) {
				t.Errorf("%v, expected %v", s.end, want)
			}
		})
	}
}
