package sfu

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"
	"github.com/pion/webrtc/v4"
)

// replayWindow is how far behind the newest a packet may come once more: RTX of a slow network is not that late.
const replayWindow = 1024

// newContexts makes the SRTP of a connection, as Pion has made its own when DTLS was done. Pion's never sends: two contexts
// with one key that both send would use nonces twice.
func newContexts(pc *webrtc.PeerConnection) (in, out *srtp.Context, err error) {
	conn, err := dtlsOf(pc.SCTP().Transport())
	if err != nil {
		return nil, nil, err
	}
	state, ok := conn.ConnectionState()
	profile, chosen := conn.SelectedSRTPProtectionProfile()
	if !ok || !chosen {
		return nil, nil, errors.New("sfu: DTLS is not done")
	}
	config := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := config.ExtractSessionKeysFromDTLS(&state, dtlsClient(pc)); err != nil {
		return nil, nil, fmt.Errorf("sfu: %w", err)
	}
	keys := config.Keys
	in, err = srtp.CreateContext(keys.RemoteMasterKey, keys.RemoteMasterSalt, config.Profile, srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
	if err != nil {
		return nil, nil, fmt.Errorf("sfu: %w", err)
	}
	out, err = srtp.CreateContext(keys.LocalMasterKey, keys.LocalMasterSalt, config.Profile)
	if err != nil {
		return nil, nil, fmt.Errorf("sfu: %w", err)
	}
	return in, out, nil
}

// dtlsOf takes the connection out of Pion's transport, which has no method for it and none that exports keys. A version of
// Pion that keeps it elsewhere fails here, and every test of this package with it.
func dtlsOf(transport *webrtc.DTLSTransport) (*dtls.Conn, error) {
	conn, err := field[*dtls.Conn](transport, "conn")
	switch {
	case err != nil:
		return nil, err
	case *conn == nil:
		return nil, errors.New("sfu: DTLS is not done")
	}
	return *conn, nil
}

// field points to a private field of Pion's transport.
func field[T any](transport *webrtc.DTLSTransport, name string) (*T, error) {
	f := reflect.ValueOf(transport).Elem().FieldByName(name)
	if !f.IsValid() || f.Type() != reflect.TypeFor[T]() {
		return nil, fmt.Errorf("sfu: this version of Pion keeps its %s elsewhere", name)
	}
	return (*T)(unsafe.Pointer(f.UnsafeAddr())), nil
}

// endSessions ends Pion's own SRTP of a connection on which nothing is left for it to receive: two goroutines that wait with 8 KiB
// each, and two that wait for them. Contexts of ours must be open. Closing the connection ends them once more, which does no harm.
func endSessions(transport *webrtc.DTLSTransport) error {
	transport.State() // has the lock under which the sessions are made, once DTLS is done
	for _, name := range []string{"srtpSession", "srtcpSession"} {
		session, err := field[atomic.Value](transport, name)
		if err != nil {
			return err
		}
		if closer, ok := session.Load().(io.Closer); ok {
			if err := closer.Close(); err != nil {
				return fmt.Errorf("sfu: %w", err)
			}
		}
	}
	return nil
}

// dtlsClient reports whether we opened the handshake: only with a client that answers that it waits (RFC 5763 §5).
func dtlsClient(pc *webrtc.PeerConnection) bool {
	remote := pc.CurrentRemoteDescription()
	return remote != nil && remote.Type == webrtc.SDPTypeAnswer && strings.Contains(remote.SDP, "a=setup:passive")
}
