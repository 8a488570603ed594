package lkroom

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/bridge/elementcall/lkserver"
)

const patience = 20 * time.Second

func take[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("not within %v: %s", patience, what)
		panic("unreachable")
	}
}

type member struct {
	*Room
	updates chan Participant
	tracks  chan *Incoming
}

func join(t *testing.T, s *lkserver.Server, identity string, receive bool) *member {
	t.Helper()
	m := &member{updates: make(chan Participant, 99), tracks: make(chan *Incoming, 9)}
	r, err := Join(t.Context(), Config{URL: s.URL, Token: s.Token(t, "room", identity), Receive: receive,
		OnUpdate: func(p *Participant) { m.updates <- *p }, OnTrack: func(i *Incoming) { m.tracks <- i }})
	if err != nil {
		t.Fatal(err)
	}
	m.Room = r
	t.Cleanup(r.Leave)
	return m
}

// until waits for an update of a participant that is as wanted.
func (m *member) until(t *testing.T, what, identity string, wanted func(Participant) bool) {
	t.Helper()
	for deadline := time.After(patience); ; {
		select {
		case p := <-m.updates:
			if p.Identity == identity && wanted(p) {
				return
			}
		case <-deadline:
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// feed sends packets with this payload until the test ends.
func feed(t *testing.T, o *Outgoing, payload []byte) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := uint16(0); ; n++ {
			_ = o.Write(&rtp.Packet{Header: rtp.Header{Version: 2, Marker: true, SequenceNumber: n, Timestamp: uint32(n) * 1800}, Payload: payload})
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

func TestRoom(t *testing.T) {
	s := lkserver.Start(t)
	if _, err := Join(t.Context(), Config{URL: s.URL, Token: "no token"}); !errors.Is(err, ErrRefused) {
		t.Error("without a token:", err)
	}
	alice, bob := join(t, s, "alice", false), join(t, s, "bob", true)
	if len(bob.Trailer()) == 0 || bob.Self().Identity != "bob" {
		t.Errorf("bob is %+v, trailer %q", bob.Self(), bob.Trailer())
	}
	wanted := make(chan bool, 99)
	sound, err := alice.Publish(t.Context(), Microphone, "audio/opus", func() {})
	if err != nil {
		t.Fatal(err)
	}
	picture, err := alice.Publish(t.Context(), Camera, "video/VP8", func() { wanted <- true })
	if err != nil {
		t.Fatal(err)
	}
	feed(t, sound, []byte("sound"))
	feed(t, picture, append([]byte{0x10}, []byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, 'p'}...))
	for range 2 {
		track := take(t, "a track", bob.tracks)
		if track.Participant != alice.Self().SID {
			t.Errorf("it is %s's, not %s's", track.Participant, alice.Self().SID)
		}
		if _, err := track.Read(); err != nil {
			t.Error(err)
		}
		if track.Track == picture.SID {
			track.WantKeyFrame()
		}
	}
	take(t, "a request of a key frame", wanted)
	if err := sound.Mute(true); err != nil {
		t.Fatal(err)
	}
	bob.until(t, "alice is muted", "alice", func(p Participant) bool {
		for _, track := range p.Tracks {
			if track.SID == sound.SID && track.Muted && track.Source == Microphone && track.Encryption == GCM {
				return true
			}
		}
		return false
	})
	alice.Leave()
	if alice.Err() != nil {
		t.Error("having left:", alice.Err())
	}
	bob.until(t, "alice is gone", "alice", func(p Participant) bool { return p.State == Gone })
	again := join(t, s, "bob", true)
	take(t, "the former bob's end", bob.Done())
	if !errors.Is(bob.Err(), ErrEnded) {
		t.Error("somebody else came as bob:", bob.Err())
	}
	s.Stop()
	take(t, "the end of a server", again.Done())
	if !errors.Is(again.Err(), ErrLost) {
		t.Error("the server is gone:", again.Err())
	}
}
