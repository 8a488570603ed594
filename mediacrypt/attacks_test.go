package mediacrypt

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestF2_Replay(t *testing.T) {
	frame := []byte("said once")
	first := sealAt(t, testKID, testKey, 0, SourceMic, CodecOpus, frame)
	o := openerWith(t, testKID, testKey)
	open := func(sealed []byte) error {
		_, _, err := o.Open(nil, SourceMic, CodecOpus, sealed)
		return err
	}
	if err := open(first); err != nil {
		t.Fatal(err)
	}
	if err := open(first); !errors.Is(err, ErrReplay) {
		t.Errorf("at once: %v", err)
	}
	// The key handed over again, as by a repeated share or a track made anew, resets nothing.
	if err := o.Add(testKID, testKey); err != nil {
		t.Fatal(err)
	}
	if err := open(first); !errors.Is(err, ErrReplay) {
		t.Errorf("after Add: %v", err)
	}
	if err := open(sealAt(t, testKID, testKey, windowSize, SourceMic, CodecOpus, frame)); err != nil {
		t.Fatal(err)
	}
	if err := open(first); !errors.Is(err, ErrReplay) {
		t.Errorf("when the window moved on: %v", err)
	}
	if err := o.Add(testKID+1, baseKey(2)); err != nil {
		t.Fatal(err)
	}
	if err := open(first); !errors.Is(err, ErrReplay) {
		t.Errorf("after the next key: %v", err)
	}
	o.Drop(testKID)
	if err := open(first); !errors.Is(err, ErrUnknownKey) || !errors.Is(err, ErrKeyDropped) {
		t.Errorf("after Drop: %v", err)
	}
	if err := o.Add(testKID, testKey); !errors.Is(err, ErrKeyDropped) {
		t.Errorf("a dropped key came back: %v", err)
	}
	// A window that forgets, here a new Opener, lets it through.
	if _, _, err := openerWith(t, testKID, testKey).Open(nil, SourceMic, CodecOpus, first); err != nil {
		t.Errorf("the attack does not even work without a window: %v", err)
	}
}

func TestF3_ReorderedOnce(t *testing.T) {
	s, err := NewSealer(testKID, testKey)
	if err != nil {
		t.Fatal(err)
	}
	var frames [][]byte
	for range 500 {
		b, err := s.Seal(nil, SourceMic, CodecOpus, []byte("sound"))
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, b)
	}
	frames = append(frames, frames...)
	rand.New(rand.NewPCG(3, 3)).Shuffle(len(frames), func(i, j int) { frames[i], frames[j] = frames[j], frames[i] })
	o := openerWith(t, testKID, testKey)
	opened, replayed, withoutWindow := map[uint64]int{}, 0, 0
	for _, b := range frames {
		_, h, err := o.Open(nil, SourceMic, CodecOpus, b)
		switch {
		case err == nil:
			opened[h.CTR]++
		case errors.Is(err, ErrReplay):
			replayed++
		default:
			t.Fatal(err)
		}
		o.keys[testKID].cipher.setNonce(h.CTR)
		k := &o.keys[testKID].cipher
		if _, err := k.aead.Open(nil, k.nonce[:], b[len(h.Append(nil)):], k.setAAD(h.Append(nil), SourceMic, CodecOpus)); err == nil {
			withoutWindow++
		}
	}
	if len(opened) != 500 || replayed != 500 {
		t.Errorf("%d of 500 opened, %d of 500 copies refused", len(opened), replayed)
	}
	if withoutWindow != 1000 {
		t.Errorf("the cipher alone opened %d of 1000: this test proves nothing", withoutWindow)
	}
}

func TestF4_SwappedStreams(t *testing.T) {
	alice, bob := baseKey(1), baseKey(2)
	frame := testFrame(CodecVP9, false, 50)
	sealed := sealAt(t, testKID, alice, 0, SourceCamera, CodecVP9, frame)
	for _, c := range []struct {
		name  string
		key   BaseKey
		src   Source
		codec Codec
	}{
		{"camera as screen", alice, SourceScreen, CodecVP9},
		{"camera as microphone", alice, SourceMic, CodecVP9},
		{"video as audio", alice, SourceMic, CodecOpus},
		{"VP9 as data", alice, SourceCamera, CodecData},
		{"Alice's as Bob's", bob, SourceCamera, CodecVP9},
	} {
		if _, _, err := openerWith(t, testKID, c.key).Open(nil, c.src, c.codec, sealed); !errors.Is(err, ErrAuthentication) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// Were source and codec not in the associated data, as in plain SFrame, the same frame would fit any track.
	c := newFrameCipher(testKID, alice)
	header := Header{KID: testKID}.Append(nil)
	c.setNonce(0)
	plainSFrame := c.aead.Seal(nil, c.nonce[:], frame, header)
	if got, err := c.aead.Open(nil, c.nonce[:], plainSFrame, header); err != nil || !bytes.Equal(got, frame) {
		t.Errorf("the attack does not even work without metadata: %v", err)
	}
}

func TestF6_NothingUnsealedOpens(t *testing.T) {
	o := openerWith(t, 0, testKey)
	silence := []byte{0xf8, 0xff, 0xfe} // the Opus frame that servers and browsers fill gaps with
	for _, codec := range []Codec{CodecData, CodecOpus, CodecVP8, CodecVP9, CodecAV1, CodecH264} {
		for _, key := range []bool{true, false} {
			frame := testFrame(codec, key, 300)
			for _, b := range [][]byte{
				frame, silence, make([]byte, 100), append(bytes.Clone(frame), "LIVEKITTRAILER"...),
				append([]byte(vp8KeyPrefix), frame...), append([]byte(av1KeyPrefix+"\x30"), frame...),
				append([]byte(h264KeyPrefix), append(bytes.Clone(frame), h264End)...),
			} {
				if got, _, err := o.Open(nil, SourceMic, codec, b); err == nil {
					t.Errorf("%v: %x opened as %x", codec, b, got)
				}
			}
		}
	}
	if _, _, err := o.Open(nil, SourceMic, CodecOpus, sealAt(t, 0, testKey, 0, SourceMic, CodecOpus, silence)); err != nil {
		t.Errorf("the same silence, sealed: %v", err)
	}
}

func TestF9_NoNonceTwice(t *testing.T) {
	s, err := NewSealer(testKID, testKey)
	if err != nil {
		t.Fatal(err)
	}
	// Enough for the tracks to meet inside Seal: without its lock this fails on two cores.
	const tracks, each = 8, 10_000
	o := openerWith(t, testKID, testKey)
	seen := make([][]uint64, tracks)
	var wg sync.WaitGroup
	for track := range tracks {
		wg.Go(func() {
			for range each {
				b, err := s.Seal(nil, SourceCamera, CodecVP9, []byte("frame"))
				if err != nil {
					t.Error(err)
					return
				}
				h, _, _ := ParseHeader(b)
				if _, _, err := o.Open(nil, SourceCamera, CodecVP9, b); err != nil && !errors.Is(err, ErrReplay) {
					t.Errorf("frame %d: %v", h.CTR, err) // ErrReplay: too late for the window, on a slow machine
					return
				}
				seen[track] = append(seen[track], h.CTR)
			}
		})
	}
	wg.Wait()
	all := slices.Concat(seen...)
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != tracks*each || all[0] != 0 || all[len(all)-1] != tracks*each-1 {
		t.Errorf("%d frames, counters %d to %d with repetitions", len(all), all[0], all[len(all)-1])
	}
	if s.Count() != tracks*each {
		t.Errorf("Count = %d", s.Count())
	}
	// What a repeated nonce gives away: the XOR of two ciphertexts is that of their frames.
	a := sealAt(t, testKID, testKey, 5, SourceMic, CodecOpus, []byte("attack at dawn"))
	b := sealAt(t, testKID, testKey, 5, SourceMic, CodecOpus, []byte("retreat by dusk")[:14])
	h := len(Header{testKID, 5}.Append(nil))
	if a[h]^b[h] != 'a'^'r' {
		t.Error("the attack does not even work: this test proves nothing")
	}
}

func TestF9_RefusesAtTheLimit(t *testing.T) {
	s, err := NewSealer(testKID, testKey)
	if err != nil {
		t.Fatal(err)
	}
	s.next = maxFrames - 1
	b, err := s.Seal(nil, SourceMic, CodecOpus, []byte("last"))
	if err != nil {
		t.Fatal(err)
	}
	if h, _, err := ParseHeader(b); err != nil || h.CTR != 1<<32-1 {
		t.Errorf("last header %v, %v", h, err)
	}
	for range 2 {
		if b, err := s.Seal(nil, SourceMic, CodecOpus, []byte("one more")); !errors.Is(err, ErrExhausted) || b != nil {
			t.Errorf("beyond the limit: %x, %v", b, err)
		}
	}
	if s.Count() != 1<<32 {
		t.Errorf("Count = %d", s.Count())
	}
}

func TestF10_ForgedFramesChangeNothing(t *testing.T) {
	s, err := NewSealer(testKID, testKey)
	if err != nil {
		t.Fatal(err)
	}
	o := openerWith(t, testKID, testKey)
	r := rand.New(rand.NewPCG(10, 10))
	marked := 0
	var careless replayWindow // marks before it verifies
	for i := range 100 {
		for range 100 {
			h := Header{testKID, uint64(i) + r.Uint64N(1<<40)}
			forged := append(h.Append(nil), make([]byte, 100)...)
			before := o.keys[testKID].window
			if _, _, err := o.Open(nil, SourceCamera, CodecVP9, forged); !errors.Is(err, ErrAuthentication) {
				t.Fatal(err)
			}
			if o.keys[testKID].window != before || len(o.keys) != 1 || len(o.dropped) != 0 {
				t.Fatal("a forged frame changed the state")
			}
			if careless.fresh(h.CTR) {
				careless.mark(h.CTR)
			}
		}
		good, err := s.Seal(nil, SourceCamera, CodecVP9, []byte("good"))
		if err != nil {
			t.Fatal(err)
		}
		if !careless.fresh(uint64(i)) {
			marked++
		}
		if _, _, err := o.Open(nil, SourceCamera, CodecVP9, good); err != nil {
			t.Fatalf("good frame %d among forged ones: %v", i, err)
		}
	}
	forged := append(Header{testKID, 1 << 41}.Append(nil), make([]byte, 1200)...)
	dst := make([]byte, 0, len(forged))
	allocs := testing.AllocsPerRun(100, func() { _, _, _ = o.Open(dst, SourceCamera, CodecVP9, forged) })
	if allocs != 0 && !raceEnabled {
		t.Errorf("a forged frame costs %v allocations", allocs)
	}
	if marked != 100 {
		t.Errorf("marking before verifying lost %d of 100: this test proves nothing", marked)
	}
}

func TestF11_UnknownKeysAndLengths(t *testing.T) {
	o := openerWith(t, testKID, testKey)
	sealed := sealAt(t, testKID+1, testKey, 0, SourceMic, CodecOpus, []byte("x"))
	_, h, err := o.Open(nil, SourceMic, CodecOpus, sealed)
	var unknown *UnknownKeyError
	if !errors.As(err, &unknown) || unknown.KID != testKID+1 || unknown.Dropped || !errors.Is(err, ErrUnknownKey) || h.KID != testKID+1 {
		t.Errorf("%v, %v", h, err)
	}
	if errors.Is(err, ErrKeyDropped) || !strings.Contains(err.Error(), "3/18") {
		t.Errorf("%v", err)
	}
	header := Header{testKID, 0}.Append(nil)
	if _, _, err := o.Open(nil, SourceMic, CodecOpus, header); !errors.Is(err, ErrMalformed) {
		t.Errorf("header without a tag: %v", err)
	}
	if _, _, err := o.Open(nil, SourceMic, CodecOpus, nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing: %v", err)
	}
	// KIDs and numbers beyond the format, cut or not minimal: rejects of frames.json, in TestF1.
}

func TestF13_NothingClearBeyondThePrefix(t *testing.T) {
	marker := []byte("MARKERMARKERMARKER")
	prefixes := map[Codec]map[bool]string{
		CodecData: {false: ""}, CodecOpus: {false: ""}, CodecVP9: {false: ""},
		CodecVP8: {true: "\x10\x00\x00\x9d\x01\x2a\x80\x02\xe0\x01", false: "\x11"},
		CodecAV1: {true: "\x0a\x01\x00\x32", false: "\x32"},
		CodecH264: {true: "\x00\x00\x00\x01\x67\x42\xe0\x1f\xda\x02\x80\xf6\x80\x78\x44\x23\x50\x00\x00\x00\x01\x68\xce\x3c\x80\x00\x00\x00\x01\x65\x88\x80",
			false: "\x00\x00\x00\x01\x41\x9a"},
	}
	for codec, kinds := range prefixes {
		for key, prefix := range kinds {
			frame := bytes.Join([][]byte{testFrame(codec, key, 20), marker, testFrame(codec, key, 400)}, marker)
			sealed := sealAt(t, testKID, testKey, 0, SourceCamera, codec, frame)
			header := Header{KID: testKID}.Append(nil)
			want := append([]byte(prefix), header...)
			if codec == CodecAV1 {
				want = append(appendLEB128([]byte(prefix), uint64(len(header)+len(frame)+tagSize)), header...)
			}
			end := ""
			if codec == CodecH264 {
				end = "\x80"
			}
			if !bytes.HasPrefix(sealed, want) || !bytes.HasSuffix(sealed, []byte(end)) || len(sealed) != len(want)+len(frame)+tagSize+len(end) {
				t.Errorf("%v key=%v: %x in front of %d bytes", codec, key, sealed[:20], len(sealed))
			}
			if bytes.Contains(sealed, marker) || bytes.Contains(sealed[len(want):], frame[:8]) {
				t.Errorf("%v key=%v: a piece of the frame is in the clear", codec, key)
			}
			// The way of ten clear bytes, which others go, shows the picture's size to the server.
			if leak := slices.Concat(frame[:10], sealed); !bytes.Contains(leak, frame[:8]) {
				t.Error("the search would find nothing")
			}
		}
	}
}

// F14 is a limit, not a defence: whoever has a sender's key can seal as that sender.
func TestF14_MembersCanForge(t *testing.T) {
	atAlice := baseKey(1)
	heldByMallory := atAlice
	forged := sealAt(t, testKID, heldByMallory, 70, SourceMic, CodecOpus, []byte("not said by Alice"))
	if _, _, err := openerWith(t, testKID, atAlice).Open(nil, SourceMic, CodecOpus, forged); err != nil {
		t.Errorf("the limit that the package doc states is gone, change the doc: %v", err)
	}
}
