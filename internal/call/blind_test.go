package call

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/mediacrypt"
)

// wrappedPlaintext is what a client without encryption would put where the sealed frame stands: the frame as it is,
// behind the prefix that lets packetizers work. It exists in this test only.
func wrappedPlaintext(_ *mediacrypt.Sealer, _ mediacrypt.Source, _ mediacrypt.Codec, frame []byte) ([]byte, error) {
	return bytes.Clone(frame), nil
}

// pieces are bytes from the middle of a file's frames, long enough not to occur by chance.
func pieces(t *testing.T, path string) (list [][]byte) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	media, err := openTrack(f, 0)
	if err != nil {
		t.Fatal(err)
	}
	for {
		frame, _, err := media.next()
		if errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		if len(frame) >= 64 {
			list = append(list, frame[len(frame)/2:len(frame)/2+16])
		}
	}
}

func found(w *world, list [][]byte) (n int) {
	for _, piece := range list {
		if w.tap.contains(piece) {
			n++
		}
	}
	return n
}

// TestF7_TheServerSeesNoPlaintext: two clients in a call; what passed the SFU holds neither a frame of the sender nor a
// marker placed in each. With sealing replaced by identity, which only a test can do, both are found, and the receiver
// opens none of it: a plain client is not rendered.
func TestF7_TheServerSeesNoPlaintext(t *testing.T) {
	for _, file := range []string{"vp8.ivf", "h264.h264"} {
		t.Run(file, func(t *testing.T) { testBlind(t, file) })
	}
}

func testBlind(t *testing.T, file string) {
	marker := []byte("GROTTO-PLAINTEXT-MARKER")
	video, sound := pieces(t, "../../testdata/media/"+file), pieces(t, "../../testdata/media/opus.ogg")

	t.Run("sealed", func(t *testing.T) {
		w, secret := newWorld(t), newSecret()
		w.join(secret, Config{Name: "A", mark: marker}, file, "opus.ogg")
		b := w.join(secret, Config{Name: "B"})
		eventually(t, "B opens A's frames", func() bool {
			return b.opened("A", wire.SourceCamera) > 60 && b.opened("A", wire.SourceMic) > 100
		})
		if n := len(w.tap.all()); n < 100 {
			t.Fatalf("the SFU saw %d packets only; the test is blind", n)
		}
		if w.tap.contains(marker) {
			t.Error("the marker passed the SFU in the clear")
		}
		if n := found(w, video) + found(w, sound); n > 0 {
			t.Errorf("%d pieces of frames passed the SFU in the clear", n)
		}
	})

	t.Run("identity, so that the test can fail", func(t *testing.T) {
		w, secret := newWorld(t), newSecret()
		w.join(secret, Config{Name: "A", mark: marker, seal: wrappedPlaintext}, file, "opus.ogg")
		b := w.join(secret, Config{Name: "B"})
		eventually(t, "packets pass", func() bool { return len(w.tap.all()) > 300 })
		if !w.tap.contains(marker) {
			t.Error("the marker is not found though nothing was sealed")
		}
		if found(w, video) == 0 || found(w, sound) == 0 {
			t.Error("pieces of frames are not found though nothing was sealed")
		}
		if n := b.opened("A", wire.SourceCamera) + b.opened("A", wire.SourceMic); n > 0 {
			t.Errorf("B showed %d frames that were never sealed", n)
		}
	})
}
