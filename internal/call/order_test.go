package call

import (
	"testing"

	"github.com/grotto-meet/grotto/mediacrypt"
	"github.com/grotto-meet/grotto/olmkeys"
)

// TestF15_TheOrderOutlivesTracks: what a server held back is not heard on a track that it makes anew, and each source of
// each sender has an order of its own.
func TestF15_TheOrderOutlivesTracks(t *testing.T) {
	ring := newKeyRing()
	ada, ben := olmkeys.Ref{User: "@ada:x"}, olmkeys.Ref{User: "@ben:x"}
	serial := 0
	made := func(from olmkeys.Ref, source mediacrypt.Source) *track {
		serial++
		return &track{id: TrackID{Serial: serial}, order: ring.sender(from).order(source)}
	}
	hears := func(tr *track, ctr uint64, timestamp uint32) bool {
		return !tr.disordered(mediacrypt.Header{KID: 7, CTR: ctr}, timestamp)
	}
	first := made(ada, mediacrypt.SourceMic)
	for ctr := uint64(100); ctr < 300; ctr++ {
		if !hears(first, ctr, uint32(ctr)*960) {
			t.Fatalf("frame %d, in order, is not heard", ctr)
		}
	}
	if hears(first, 50, 300*960) {
		t.Error("held back, on the same track: heard")
	}
	again := made(ada, mediacrypt.SourceMic)
	if hears(again, 51, 5) || hears(again, 299, 5) {
		t.Error("held back, on a new track: heard")
	}
	if !hears(again, 300, 5) {
		t.Error("the next frame, on a new track, is not heard")
	}
	for name, other := range map[string]*track{
		"the screen's sound": made(ada, mediacrypt.SourceScreenAudio), "another's microphone": made(ben, mediacrypt.SourceMic),
	} {
		if !hears(other, 51, 5) {
			t.Errorf("%s is held to the order of ada's microphone", name)
		}
	}
	picture := made(ada, mediacrypt.SourceCamera)
	if !hears(picture, 9, 960) || !hears(picture, 8, 1920) {
		t.Error("pictures are held to an order")
	}
	// With the check off, as for pictures, what was held back is heard.
	again.order = nil
	if !hears(again, 51, 5) {
		t.Error("the attack does not even work without the order: this test proves nothing")
	}
}
