package olmkeys

import (
	"errors"
	"testing"

	"maunium.net/go/mautrix/crypto/goolm/megolm"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// TestF5_OtherRoomOrCall: the same ratchet of the same identity gives other keys in another room, call, join or under
// another secret, so a frame of the one does not open in the other. With the same context it does.
func TestF5_OtherRoomOrCall(t *testing.T) {
	type place struct {
		room, secret string
		call         CallID
		owner        Ref
	}
	here := place{room: "!blue:example.org", secret: "0123456789abcdef", call: CallID{1},
		owner: Ref{User: "@ada:example.org", Device: "ADADEVICE0", JoinID: JoinID{2}}}
	ratchet, err := megolm.NewWithRandom(7)
	if err != nil {
		t.Fatal(err)
	}
	kid := mediacrypt.NewKeyID(3, 7)
	key := func(p place, l label) mediacrypt.BaseKey {
		t.Helper()
		link, err := newLink(Secret(p.secret), p.room)
		if err != nil {
			t.Fatal(err)
		}
		s := newSchedule(&link, p.room, p.call, p.owner)
		return s.baseKey(l, kid.Generation(), ratchet).Media()
	}
	sealer, err := mediacrypt.NewSealer(kid, key(here, labelMedia))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sealer.Seal(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, []byte("frame"))
	if err != nil {
		t.Fatal(err)
	}
	open := func(k mediacrypt.BaseKey) error {
		o := mediacrypt.NewOpener()
		if err := o.Add(kid, k); err != nil {
			t.Fatal(err)
		}
		_, _, err := o.Open(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, sealed)
		return err
	}
	if err := open(key(here, labelMedia)); err != nil {
		t.Fatalf("in its own place: %v", err)
	}
	elsewhere := map[string]func(*place){
		"room":   func(p *place) { p.room = "!red:example.org" },
		"secret": func(p *place) { p.secret = "fedcba9876543210" },
		"call":   func(p *place) { p.call = CallID{9} },
		"user":   func(p *place) { p.owner.User = "@eve:example.org" },
		"device": func(p *place) { p.owner.Device = "EVEDEVICE0" },
		"join":   func(p *place) { p.owner.JoinID = JoinID{9} },
	}
	for name, change := range elsewhere {
		p := here
		change(&p)
		if err := open(key(p, labelMedia)); !errors.Is(err, mediacrypt.ErrAuthentication) {
			t.Errorf("in another %s: %v", name, err)
		}
	}
	if err := open(key(here, labelData)); !errors.Is(err, mediacrypt.ErrAuthentication) {
		t.Errorf("under the key of data frames: %v", err)
	}
}
