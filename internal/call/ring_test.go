package call

import (
	"testing"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/mediacrypt"
	"github.com/grotto-meet/grotto/olmkeys"
)

// TestK9_NothingOfTheGoneIsShown: a server that keeps a removed participant's track open, and plays what the key would
// still open, is not listened to; nor does a key that comes late bring them back.
func TestK9_NothingOfTheGoneIsShown(t *testing.T) {
	ref := olmkeys.Ref{User: "@ben:example.org", Device: "BENSDEVICE"}
	kid, key := mediacrypt.NewKeyID(0, 1), olmkeys.BaseKey{1}
	ring := newKeyRing()
	do := func(e olmkeys.Effect) {
		t.Helper()
		if _, err := ring.apply(e); err != nil {
			t.Fatal(err)
		}
	}
	sealer, err := mediacrypt.NewSealer(kid, key.Media())
	if err != nil {
		t.Fatal(err)
	}
	codec, _ := codecNamed(wire.CodecOpus)
	c := &Call{tally: newTally()}
	session := &session{call: c, ctx: t.Context(), actions: make(chan func(), 16)}
	track := &track{session: session, ref: ref, id: TrackID{From: ref, Source: wire.SourceMic, Codec: wire.CodecOpus},
		codec: codec, source: mediacrypt.SourceMic, from: ring.sender(ref)}
	play := func() TrackReport {
		t.Helper()
		sealed, err := sealer.Seal(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, []byte("word"))
		if err != nil {
			t.Fatal(err)
		}
		track.frame(sealedFrame{data: sealed})
		return *c.tally.tracks[track.id]
	}
	do(olmkeys.OpenWith{From: ref, KID: uint64(kid), BaseKey: key})
	if r := play(); r.FramesOpened != 1 {
		t.Fatalf("a participant who is there: %+v", r)
	}
	do(olmkeys.DropDevice{From: ref})
	if r := play(); r.FramesOpened != 1 || r.FramesNoKey != 1 {
		t.Errorf("a participant who has gone: %+v", r)
	}
	do(olmkeys.OpenWith{From: ref, KID: uint64(kid), BaseKey: key})
	track.from = ring.sender(ref) // a new track in their name
	if r := play(); r.FramesOpened != 1 || r.FramesNoKey != 2 {
		t.Errorf("a key that came late, on a new track: %+v", r)
	}
}
