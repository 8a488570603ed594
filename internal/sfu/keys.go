package sfu

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
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
	field := reflect.ValueOf(transport).Elem().FieldByName("conn")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*dtls.Conn]() {
		return nil, errors.New("sfu: this version of Pion keeps its DTLS connection elsewhere")
	}
	if field.IsNil() {
		return nil, errors.New("sfu: DTLS is not done")
	}
	return *(**dtls.Conn)(unsafe.Pointer(field.UnsafeAddr())), nil
}

// dtlsClient reports whether we opened the handshake: only with a client that answers that it waits (RFC 5763 §5).
func dtlsClient(pc *webrtc.PeerConnection) bool {
	remote := pc.CurrentRemoteDescription()
	return remote != nil && remote.Type == webrtc.SDPTypeAnswer && strings.Contains(remote.SDP, "a=setup:passive")
}
