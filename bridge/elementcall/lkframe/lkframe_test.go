package lkframe

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
)

type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

type vector struct {
	Name      string   `json:"name"`
	Codec     string   `json:"codec"`
	Key       hexBytes `json:"key"`
	Index     byte     `json:"index"`
	SSRC      uint32   `json:"ssrc"`
	Timestamp uint32   `json:"timestamp"`
	Counter   uint32   `json:"counter"`
	Frame     hexBytes `json:"frame"`
	Sealed    hexBytes `json:"sealed"`
	Opened    hexBytes `json:"opened"`
}

var codecs = map[string]Codec{"opus": Opus, "vp8": VP8, "vp9": VP9, "h264": H264}

func vectors(t testing.TB) (frames []vector, trailer []byte) {
	t.Helper()
	raw, err := os.ReadFile("testdata/frames.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Trailer hexBytes `json:"sif_trailer"`
		Frames  []vector `json:"frames"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Frames) == 0 {
		t.Fatal("no vectors")
	}
	return file.Frames, file.Trailer
}

func TestVectorsOfLiveKit(t *testing.T) {
	frames, _ := vectors(t)
	for _, v := range frames {
		t.Run(v.Name, func(t *testing.T) {
			s, err := NewSealer(v.Key, v.Index)
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := s.seal(codecs[v.Codec], makeIV(v.SSRC, v.Timestamp, v.Counter), v.Frame)
			if err != nil || !bytes.Equal(sealed, v.Sealed) {
				t.Errorf("sealed %x, %v; livekit-client %x", sealed, err, v.Sealed)
			}
			var r Ring
			if err := r.Set(v.Index, v.Key); err != nil {
				t.Fatal(err)
			}
			opened, err := r.Open(codecs[v.Codec], v.Sealed)
			if err != nil || !bytes.Equal(opened, v.Opened) {
				t.Errorf("opened %x, %v; livekit-client %x", opened, err, v.Opened)
			}
		})
	}
}

// Each bit that is changed anywhere in a frame keeps it from opening.
func TestChangedFramesDoNotOpen(t *testing.T) {
	frames, _ := vectors(t)
	for _, v := range frames {
		for i := range len(v.Sealed) * 8 {
			changed := bytes.Clone(v.Sealed)
			changed[i/8] ^= 1 << (i % 8)
			var r Ring
			if err := r.Set(v.Index, v.Key); err != nil {
				t.Fatal(err)
			}
			opened, err := r.Open(codecs[v.Codec], changed)
			if err == nil && v.Codec == "h264" && bytes.Equal(opened, v.Opened) {
				continue // an escape that stood for nothing
			}
			if err == nil {
				t.Fatalf("%s opens with bit %d changed", v.Name, i)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	var r Ring
	key := bytes.Repeat([]byte{7}, KeySize)
	s, err := NewSealer(key, 200)
	if err != nil {
		t.Fatal(err)
	}
	stream := s.Stream(Opus)
	seal := func() []byte {
		sealed, err := stream.Seal([]byte("sound"), 960)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	sealed := seal()
	if _, err := r.Open(Opus, sealed); !errors.Is(err, ErrUnknownKey) {
		t.Error("without a key:", err)
	}
	if err := r.Set(200, bytes.Repeat([]byte{8}, KeySize)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Open(Opus, sealed); !errors.Is(err, ErrOpen) {
		t.Error("with another's key:", err)
	}
	if err := r.Set(200, key); err != nil {
		t.Fatal(err)
	}
	if opened, err := r.Open(Opus, sealed); err != nil || string(opened) != "sound" {
		t.Errorf("with the key: %q, %v", opened, err)
	}
	if err := r.Set(200, bytes.Clone(key)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Open(Opus, sealed); !errors.Is(err, ErrReplayed) {
		t.Error("again, after the same key was set again:", err)
	}
	if _, err := r.Open(Opus, seal()); err != nil {
		t.Error("the next of the same time:", err)
	}
	r.Clear()
	if _, err := r.Open(Opus, seal()); !errors.Is(err, ErrUnknownKey) {
		t.Error("after Clear:", err)
	}
	if r.Set(0, key[:15]) == nil {
		t.Error("a key of 15 bytes is taken")
	}
}

// The window is held against remembering all.
func TestReplays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, start := range []uint32{0, 1 << 31, ^uint32(0) - 100_000} {
		g := &guard{seen: map[uint64]bool{}}
		accepted := map[uint64]bool{}
		var sent []uint64
		late := 0
		for i := range 20_000 {
			id := uint64(start+uint32(i)*3000)<<32 | uint64(i)
			if random.IntN(3) == 0 && len(sent) > 0 {
				id = sent[random.IntN(len(sent))]
			}
			if random.IntN(10) == 0 {
				id -= uint64(random.IntN(100)*3000) << 32 // out of order
				late++
			}
			ok := g.accept(id)
			if ok && accepted[id] {
				t.Fatalf("frame %d of %d accepted twice", i, start)
			}
			if ok {
				accepted[id] = true
			}
			sent = append(sent, id)
		}
		if len(accepted) < 10_000 || late == 0 {
			t.Errorf("from %d: only %d accepted", start, len(accepted))
		}
	}
	g := &guard{seen: map[uint64]bool{}}
	for i := range remembered * 3 { // all at nearly the same time
		if id := uint64(1000+i/3)<<32 | uint64(i); !g.accept(id) || g.accept(id) {
			t.Fatal("of many at once,", i)
		}
	}
	if g.accept(1000 << 32) {
		t.Error("a forgotten one is accepted")
	}
}

func TestInjected(t *testing.T) {
	_, trailer := vectors(t)
	if !Injected(append([]byte{1, 2}, trailer...), trailer) || Injected(append(bytes.Clone(trailer), 1), trailer) || Injected([]byte{1}, nil) {
		t.Error("frames of the server's are not told apart")
	}
}

func TestEscapesComeBack(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		body := make([]byte, random.IntN(60))
		for i := range body {
			body[i] = byte(random.IntN(5))
		}
		escaped := escape(body)
		if !bytes.Equal(unescape(escaped), body) {
			t.Fatalf("%x becomes %x and then %x", body, escaped, unescape(escaped))
		}
		if bytes.Contains(escaped, startCode) || bytes.Contains(escaped, []byte{0, 0, 0}) {
			t.Fatalf("%x still holds a start code", escaped)
		}
	}
}

func TestAV1IsRefused(t *testing.T) {
	s, err := NewSealer(make([]byte, KeySize), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stream(Codec(9)).Seal([]byte{1, 2, 3}, 0); !errors.Is(err, ErrCodec) {
		t.Error(err)
	}
}

func FuzzOpen(f *testing.F) {
	frames, _ := vectors(f)
	for _, v := range frames {
		f.Add(int(codecs[v.Codec]), []byte(v.Sealed))
	}
	f.Add(int(H264), []byte{0, 0, 1, 0x65})
	f.Add(int(VP8), []byte{0})
	f.Fuzz(func(t *testing.T, codec int, frame []byte) {
		var r Ring
		for i := range indices {
			if err := r.Set(byte(i), bytes.Repeat([]byte{0xaa}, KeySize)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.Open(Codec(codec), frame); err == nil {
			t.Error("a frame of no key opens")
		}
		s, err := NewSealer(bytes.Repeat([]byte{0xaa}, KeySize), 1)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := s.Stream(Codec(codec)).Seal(frame, 5)
		if err != nil {
			return
		}
		opened, err := r.Open(Codec(codec), sealed)
		if err != nil {
			t.Fatal("what was sealed does not open: ", err)
		}
		if Codec(codec) != H264 && !bytes.Equal(opened, frame) { // start codes become long
			t.Fatalf("%x comes out as %x", frame, opened)
		}
	})
}
