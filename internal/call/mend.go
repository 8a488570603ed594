package call

import (
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	mendEvery = 5 * time.Second  // between restarts of ICE: signalling and checks have time to succeed
	mendFor   = 30 * time.Second // then it is given up: the server does so after as long without a packet
)

// mender keeps a peer connection whose way to the server broke or changed, by restarting ICE until it is up again. Tracks and keys
// stay. It is used in the session's goroutine.
type mender struct {
	post    func(func()) bool  // to run in the session's goroutine
	restart func(heard func()) // heard is called when the server has answered
	lost    func()             // nothing helped
	since   time.Time          // when trouble began; zero: there is none
	timer   *time.Timer        // of the next restart
	waiting bool               // the server has not answered: signalling may be down as well
}

func (m *mender) changed(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected, webrtc.PeerConnectionStateClosed:
		m.rest()
	case webrtc.PeerConnectionStateConnecting: // which may take long where there is no way by UDP
		if m.since.IsZero() {
			m.rest()
			m.timer = time.AfterFunc(mendEvery, func() { m.post(m.begin) })
		}
	case webrtc.PeerConnectionStateDisconnected, webrtc.PeerConnectionStateFailed:
		m.begin()
	}
}

func (m *mender) begin() {
	if m.since.IsZero() {
		m.rest()
		m.since = time.Now()
		m.again()
	}
}

func (m *mender) again() {
	if m.since.IsZero() {
		return
	}
	if time.Since(m.since) >= mendFor {
		m.rest()
		m.lost()
		return
	}
	m.timer = time.AfterFunc(mendEvery, func() { m.post(m.again) })
	if !m.waiting {
		m.waiting = true
		m.restart(func() { m.waiting = false })
	}
}

func (m *mender) rest() {
	m.since = time.Time{}
	if m.timer != nil {
		m.timer.Stop()
	}
}
