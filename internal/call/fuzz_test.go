package call

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// FuzzFrame: what a peer's opened frame says about itself. It may lie, but not stop the program.
func FuzzFrame(f *testing.F) {
	for _, name := range []string{"vp8.ivf", "vp9.ivf", "av1.ivf", "h264.h264"} {
		file, err := os.ReadFile("../../testdata/media/" + name)
		if err != nil {
			f.Fatal(err)
		}
		media, err := openTrack(bytes.NewReader(file), 0)
		if err != nil {
			f.Fatal(err)
		}
		for range 2 { // a key frame and a delta frame
			frame, _, err := media.next()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(frame)
		}
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		for _, codec := range []wire.Codec{wire.CodecOpus, wire.CodecVP8, wire.CodecVP9, wire.CodecAV1, wire.CodecH264} {
			key := keyFrame(codec, frame)
			if _, _, err := frameSize(codec, frame); err == nil && codec != wire.CodecAV1 && !key {
				t.Errorf("%s: a frame with a size that is no key frame", codec)
			}
		}
	})
}

// FuzzLayers: what a server says about the borders of frames. Nothing is made up, and nothing stops the program.
func FuzzLayers(f *testing.F) {
	f.Add([]byte{0x0a, 1, 0, 0x32, 3, 1, 2, 3, 0x32, 2, 4, 5})
	f.Add([]byte{0x8c, 0x80, 1, 7, 7})
	f.Add([]byte{0x78, 0, 13, 0x67, 0x42, 0xe0, 0x1f, 0xda, 2, 0x80, 0xf6, 0x80, 0x78, 0x44, 0x23, 0x50, 0, 4, 0x68, 0xce, 0x3c, 0x80})
	f.Add([]byte{0x7c, 0x85, 0x88, 0x80})
	f.Add([]byte{0x32, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := bytes.Join(cutAV1(b), nil); !bytes.Equal(got, b) {
			t.Errorf("%x became %x", b, got)
		}
		record, err := new(vp9Layers).Unmarshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var h264 h264Units
		if unit, err := h264.Unmarshal(b); err != nil || len(unit) > 2*len(b)+len(nalLongStart) {
			t.Errorf("%x became %x, %v", b, unit, err)
		}
		h264.IsPartitionHead(b)
		for _, unit := range [][]byte{b, record} {
			frames, _ := cutVP9(unit)
			if n := len(bytes.Join(frames, nil)); n > len(unit) {
				t.Errorf("%d bytes of %d", n, len(unit))
			}
		}
	})
}

// FuzzMediaFile: files come from anywhere. Reading ends, and says why.
func FuzzMediaFile(f *testing.F) {
	for _, name := range []string{"vp8.ivf", "opus.ogg", "h264.h264"} {
		file, err := os.ReadFile("../../testdata/media/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file[:min(len(file), 700)])
	}
	f.Add(webmOf(f, "vp8.ivf", "opus.ogg")[:2000])
	f.Add(webmOf(f, "h264.h264")[:2000])
	f.Fuzz(func(t *testing.T, file []byte) {
		media, err := openTrack(bytes.NewReader(file), 0)
		for err == nil {
			_, interval, nextErr := media.next()
			if nextErr == nil && interval <= 0 {
				t.Fatalf("an interval of %v", interval)
			}
			err = nextErr
		}
		var known *Error
		if !errors.Is(err, io.EOF) && !errors.As(err, &known) {
			t.Errorf("an error without a hint: %v", err)
		}
	})
}

// FuzzHeard: what a member says besides media. Whatever it is, what is handed on can be shown at a terminal.
func FuzzHeard(f *testing.F) {
	for _, kind := range []string{profileKind, chatKind, reactionKind, pollKind, voteKind, fileKind, wantKind, chunkKind, fileGoneKind, "grotto.other"} {
		for _, body := range []string{`{"name":"A\u001b[2J","hand":1}`, `{"text":"a\r\nb\u202e\u009b"}`, `{"emoji":"👍"}`, `[]`, `{"text":1}`, `"\ud800"`,
			`{"nonce":"AAAAAAAAAAAAAAAAAAAAAA","question":"a\u001b?","options":["b\u202e","c"]}`, `{"votes":{"A":[0]}}`, `{"id":"AAAAAAAAAAAAAAAAAAAAAA","name":"a/b\nc","size":1,"key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`} {
			f.Add(kind, []byte(body))
		}
	}
	from := olmkeys.Ref{User: "@b:localhost", Device: "BBBBBBBBBB"}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		shown := func(s string, most int) {
			if n := utf8.RuneCountInString(s); n > most || !utf8.ValidString(s) || s != cleanText(s) {
				t.Errorf("%q: %d characters", s, n)
			}
		}
		c := &Call{tally: newTally(), config: Config{
			OnChat:   func(l ChatLine) { shown(l.Text, maxText); shown(l.Name, maxName) },
			OnPerson: func(e PersonEvent) { shown(e.Name, maxName); shown(e.Emoji, 2); shown(e.Text, maxAsked) },
		}}
		s := &session{call: c, people: map[olmkeys.Ref]*person{from: {state: olmkeys.StateNew}},
			asking: &asking{own: map[string][]int{}}, files: newFiles()}
		for _, private := range []bool{false, true} {
			s.heard(olmkeys.Heard{From: from, Kind: kind, Body: body, Private: private})
		}
	})
}
