package sfu

import (
	"bytes"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pion/stun/v4"
)

// FuzzSTUN: whatever a stranger sends, and whatever is in a participant's checks beside its credentials, its next check is
// answered.
func FuzzSTUN(f *testing.F) {
	attributes := func(setters ...stun.Setter) []byte {
		return stun.MustBuild(append([]stun.Setter{stun.NewType(stun.MethodBinding, stun.ClassRequest)}, setters...)...).Raw[stunHeader:]
	}
	raw := func(kind stun.AttrType, value ...byte) stun.Setter {
		return stun.RawAttribute{Type: kind, Value: value}
	}
	role := raw(stun.AttrICEControlling, 1, 2, 3, 4, 5, 6, 7, 8)
	check := attributes(role, raw(stun.AttrPriority, 0x6e, 0, 1, 0xff), raw(stun.AttrUseCandidate))
	for _, seed := range [][]byte{
		check, check[:len(check)-1], attributes(raw(stun.AttrICEControlled, 1)), attributes(role, role), attributes(raw(stun.AttrPriority)),
		attributes(raw(stun.AttrUsername, 'x'), raw(stun.AttrMessageIntegrity, make([]byte, 20)...), raw(stun.AttrFingerprint, 1, 2, 3, 4)),
		{0, 6, 0xff, 0xff}, {0, 6, 0, 3, 'a', ':', 'b'},
	} {
		f.Add(seed, []byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42})
	}
	f.Add(check, stun.MustBuild(stun.TransactionID, stun.BindingSuccess, stun.Fingerprint).Raw)
	f.Add(check, []byte{1, 1, 0xff, 0xff, 0x21, 0x12, 0xa4, 0x42})

	conn := &socket{in: make(chan []byte), out: make(chan []byte, 64), done: make(chan struct{})}
	s, err := New(Config{UDP: conn})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	offer, err := os.ReadFile("testdata/chromium-156.sdp")
	if err != nil {
		f.Fatal(err)
	}
	const each = 200 // inputs: who never gets to DTLS is given up some time
	var peer *Peer
	var checks []stun.Setter
	inputs := 0
	f.Fuzz(func(t *testing.T, attributes, stranger []byte) {
		if inputs%each == 0 {
			if peer != nil {
				peer.Close()
			}
			peer = s.Room("r").Join("A", Callbacks{})
			answer, err := peer.Publish(string(offer), nil)
			if err != nil {
				t.Fatal(err)
			}
			checks = []stun.Setter{stun.BindingRequest, stun.NewUsername(ufrag(t, answer) + ":" + ufrag(t, string(offer))),
				stun.NewShortTermIntegrity(password(t, answer)), stun.Fingerprint}
		}
		inputs++
		conn.in <- stranger
		conn.in <- forged(attributes, checks)
		good := stun.MustBuild(append([]stun.Setter{stun.TransactionID}, checks...)...)
		conn.in <- good.Raw
		for timeout := time.After(deadline); ; {
			select {
			case b := <-conn.out:
				if len(b) >= stunHeader && b[0] == 1 && bytes.Equal(b[8:stunHeader], good.TransactionID[:]) {
					return
				}
			case <-timeout:
				t.Fatal("no answer")
			}
		}
	})
}

const stunHeader = 20

// forged is a check with these attributes between name and integrity, which covers them.
func forged(attributes []byte, checks []stun.Setter) []byte {
	m := stun.MustBuild(stun.TransactionID, checks[0], checks[1])
	m.Raw = append(m.Raw, attributes[:min(len(attributes), 1000)]...)
	m.Raw = append(m.Raw, make([]byte, -len(m.Raw)&3)...)
	m.Length = uint32(len(m.Raw) - stunHeader)
	m.WriteHeader()
	for _, last := range checks[2:] {
		if err := last.AddTo(m); err != nil {
			panic(err)
		}
	}
	return m.Raw
}

func password(t *testing.T, sdp string) string {
	t.Helper()
	_, rest, found := strings.Cut(sdp, "a=ice-pwd:")
	if !found {
		t.Fatal("no ice-pwd")
	}
	password, _, _ := strings.Cut(rest, "\r\n")
	return password
}

// socket is a socket without a network: what is put in comes from one address, and what nobody takes out is lost.
type socket struct {
	in, out chan []byte
	done    chan struct{}
}

var wireAddr = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4000}

func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case packet := <-s.in:
		return copy(b, packet), &net.UDPAddr{IP: wireAddr.IP, Port: 5000}, nil
	case <-s.done:
		return 0, nil, net.ErrClosed
	}
}

func (s *socket) WriteTo(b []byte, _ net.Addr) (int, error) {
	select {
	case s.out <- bytes.Clone(b):
	default:
	}
	return len(b), nil
}

func (s *socket) Close() error {
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	return nil
}

func (s *socket) LocalAddr() net.Addr              { return wireAddr }
func (s *socket) SetDeadline(time.Time) error      { return nil }
func (s *socket) SetReadDeadline(time.Time) error  { return nil }
func (s *socket) SetWriteDeadline(time.Time) error { return nil }
