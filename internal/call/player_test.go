package call

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/webm"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// play hands frames of several people to a player, as they would come.
func play(t *testing.T, p *Player, files map[TrackID]string) {
	t.Helper()
	clips, began := map[TrackID]clip{}, time.Now()
	for id, file := range files {
		c := readClip(t, file)
		id.Codec = c.codec
		clips[id] = c
	}
	for n, more := 0, true; more; n++ {
		more = false
		for id, c := range clips {
			if n >= len(c.frames) {
				continue
			}
			more = true
			info, _ := codecNamed(c.codec)
			p.frame(Frame{Track: id, Key: keyFrame(c.codec, c.frames[n]), Timestamp: uint32(c.at[n].Seconds() * float64(info.params.ClockRate)),
				Arrived: began.Add(c.at[n]), Data: c.frames[n]})
		}
	}
}

// TestPlayer: one of two is played, with picture and sound, from the first key frame on.
func TestPlayer(t *testing.T) {
	var out bytes.Buffer
	p := NewPlayer(&out, "Name of A", []wire.Source{wire.SourceCamera, wire.SourceMic})
	p.names = func(ref olmkeys.Ref) string { return "Name of " + ref.Device }
	ann, ben := olmkeys.Ref{User: "@ann:x", Device: "A"}, olmkeys.Ref{User: "@ben:x", Device: "B"}
	play(t, p, map[TrackID]string{{From: ann, Source: wire.SourceMic}: "opus.ogg", {From: ann, Source: wire.SourceCamera, Serial: 1}: "h264.h264",
		{From: ann, Source: wire.SourceScreen, Serial: 2}: "vp9.ivf", {From: ben, Source: wire.SourceCamera, Serial: 3}: "vp8.ivf"})
	r, err := webm.NewReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	frames := map[webm.Codec]int{}
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		frames[r.Tracks()[b.Track].Codec]++
	}
	if want := len(readClip(t, "h264.h264").frames); len(frames) != 2 || frames[webm.H264] != want {
		t.Errorf("%v, and not %d pictures of H.264 and sound", frames, want)
	}
	if want := len(readClip(t, "opus.ogg").frames); frames[webm.Opus] != want {
		t.Errorf("%v, and not %d of sound", frames, want)
	}
	if p.Err() != nil || p.ended() {
		t.Error(p.Err())
	}
	// Another codec cannot go on in the same stream.
	p.frame(Frame{Track: TrackID{From: ann, Source: wire.SourceCamera, Codec: wire.CodecVP8, Serial: 9}, Key: true, Data: []byte{0}})
	if !p.ended() || p.Err() == nil {
		t.Error("another codec is played")
	}
}

// TestPlayerSoundAlone: who waits for a picture that never comes waits a moment.
func TestPlayerSoundAlone(t *testing.T) {
	var out bytes.Buffer
	p := NewPlayer(&out, "", []wire.Source{wire.SourceCamera, wire.SourceMic})
	play(t, p, map[TrackID]string{{From: olmkeys.Ref{User: "@ann:x", Device: "A"}, Source: wire.SourceMic}: "opus.ogg"})
	if r, err := webm.NewReader(&out); err != nil || len(r.Tracks()) != 1 {
		t.Error(err)
	}
}

// TestPlayerIsLeft: a pipe that nobody reads any more ends it, without an error.
func TestPlayerIsLeft(t *testing.T) {
	reads, writes := io.Pipe()
	_ = reads.Close()
	p := NewPlayer(writes, "", []wire.Source{wire.SourceMic})
	play(t, p, map[TrackID]string{{From: olmkeys.Ref{User: "@ann:x", Device: "A"}, Source: wire.SourceMic}: "opus.ogg"})
	if !p.ended() || p.Err() != nil {
		t.Errorf("over: %v, %v", p.ended(), p.Err())
	}
}

// TestPlayerOfOne: of two whom the name would fit, the first is played.
func TestPlayerOfOne(t *testing.T) {
	var out bytes.Buffer
	p := NewPlayer(&out, "", []wire.Source{wire.SourceMic})
	ann, ben := olmkeys.Ref{User: "@ann:x", Device: "A"}, olmkeys.Ref{User: "@ben:x", Device: "B"}
	play(t, p, map[TrackID]string{{From: ann, Source: wire.SourceMic}: "opus.ogg", {From: ben, Source: wire.SourceMic}: "opus.ogg"})
	r, err := webm.NewReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; err == nil; n++ {
		_, err = r.Next()
	}
	if want := len(readClip(t, "opus.ogg").frames); n-1 != want {
		t.Errorf("%d frames, not the %d of one", n-1, want)
	}
}
