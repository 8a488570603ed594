package mediacrypt

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

func TestRefusedArguments(t *testing.T) {
	s, err := NewSealer(testKID, testKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		src   Source
		codec Codec
		frame string
		want  error
	}{
		{SourceMic, CodecOpus, "", ErrEmpty},
		{SourceCamera, CodecH264 + 1, "x", ErrCodec},
		{SourceCamera, 99, "x", ErrCodec},
		{0, CodecOpus, "x", ErrSource},
		{6, CodecOpus, "x", ErrSource},
	} {
		if b, err := s.Seal(nil, c.src, c.codec, []byte(c.frame)); !errors.Is(err, c.want) || b != nil {
			t.Errorf("Seal(%v, %v, %q) = %x, %v", c.src, c.codec, c.frame, b, err)
		}
	}
	if s.Count() != 0 {
		t.Errorf("refused frames took %d counters", s.Count())
	}
	if _, err := NewSealer(maxKeyID+1, testKey); !errors.Is(err, ErrKeyID) {
		t.Errorf("NewSealer: %v", err)
	}
	if err := NewOpener().Add(maxKeyID+1, testKey); !errors.Is(err, ErrKeyID) {
		t.Errorf("Add: %v", err)
	}
}

func TestOpenerZeroValue(t *testing.T) {
	var o Opener
	sealed := sealAt(t, testKID, testKey, 0, SourceMic, CodecOpus, []byte("x"))
	if _, _, err := o.Open(nil, SourceMic, CodecOpus, sealed); !errors.Is(err, ErrUnknownKey) {
		t.Error(err)
	}
	if err := o.Add(testKID, testKey); err != nil || !o.Has(testKID) || o.Has(testKID+1) {
		t.Error(err)
	}
	if _, _, err := o.Open(nil, SourceMic, CodecOpus, sealed); err != nil {
		t.Error(err)
	}
	var never Opener
	never.Drop(testKID)
	if err := never.Add(testKID, testKey); !errors.Is(err, ErrKeyDropped) || never.Has(testKID) {
		t.Errorf("a key dropped before it came: %v", err)
	}
}

func TestConcurrentOpenAcceptsOnce(t *testing.T) {
	o := openerWith(t, testKID, testKey)
	var wg sync.WaitGroup
	accepted := make([]int, 8)
	for g := range accepted {
		wg.Go(func() {
			for ctr := range uint64(200) {
				sealed := sealAt(t, testKID, testKey, ctr, SourceCamera, CodecVP9, []byte("frame"))
				if frame, _, err := o.Open(nil, SourceCamera, CodecVP9, sealed); err == nil && string(frame) == "frame" {
					accepted[g]++
				}
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range accepted {
		sum += n
	}
	if sum != 200 {
		t.Errorf("%d of 200 frames accepted", sum)
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	key := BaseKey(bytes.Repeat([]byte{0xa7}, KeySize))
	sealer, err := NewSealer(testKID, key)
	if err != nil {
		t.Fatal(err)
	}
	opener := openerWith(t, testKID, key)
	holder := struct {
		Key BaseKey
		Ptr *BaseKey
		Map map[string]BaseKey
	}{key, &key, map[string]BaseKey{"k": key}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "%s", "%q", "%d", "%o", "%b", "%c", "%T %[1]v", "%08x", "% x"} {
		for _, v := range []any{key, &key, []BaseKey{key}, holder, &holder, sealer, opener} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	fmt.Fprintln(&out, key, key.String(), key.GoString(), fmt.Errorf("key %v", key))
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("m", "key", key, "ptr", &key, "holder", holder, "sealer", sealer, "opener", opener)
	}
	enc := json.NewEncoder(&out)
	for _, v := range []any{key, holder, sealer, opener, map[BaseKey]int{key: 1}} {
		if err := enc.Encode(v); err != nil {
			t.Error(err)
		}
	}
	secrets := [][]byte{key[:], sealer.cipher.salt[:], aes256gcm.derive(testKID, key[:]).key}
	if s := leaks(out.String(), secrets); s != "" {
		t.Errorf("printed: %s", s)
	}
	if !strings.Contains(out.String(), redacted) || !strings.Contains(out.String(), "mediacrypt.Sealer(3/17)") {
		t.Error("nothing was printed at all")
	}
	// The search finds what it looks for.
	for _, verb := range []string{"%v", "%x", "%X", "%s", "%#v"} {
		if leaks(fmt.Sprintf(verb, key.Bytes()), secrets) == "" {
			t.Errorf("a leak by %s would not be found", verb)
		}
	}
}

// leaks looks for three bytes in a row of any secret, in the forms that fmt and json write.
func leaks(text string, secrets [][]byte) string {
	for _, s := range secrets {
		piece := s[:3]
		h := hex.EncodeToString(piece)
		for _, form := range []string{
			string(piece), h, strings.ToUpper(h), fmt.Sprintf("% x", piece), strings.Trim(fmt.Sprint(piece), "[]"),
			fmt.Sprintf("%d, %d, %d", piece[0], piece[1], piece[2]), fmt.Sprintf("%d,%d,%d", piece[0], piece[1], piece[2]),
			fmt.Sprintf("0x%x, 0x%x, 0x%x", piece[0], piece[1], piece[2]),
		} {
			if strings.Contains(text, form) {
				return form
			}
		}
	}
	return ""
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		testKID.String(): "3/17", SourceScreenAudio.String(): "screen_audio", Source(9).String(): "source(9)",
		CodecAV1.String(): "av1", Codec(9).String(): "codec(9)", NewKeyID(1<<32-1, 65535).String(): "4294967295/65535",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if k := NewKeyID(1<<32-1, 65535); k.Generation() != 1<<32-1 || k.Index() != 65535 || k != maxKeyID {
		t.Errorf("%v", uint64(k))
	}
}

func TestNothingAllocated(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s, err := NewSealer(testKID, testKey)
	if err != nil {
		t.Fatal(err)
	}
	o := openerWith(t, testKID, testKey)
	for _, codec := range []Codec{CodecOpus, CodecVP8, CodecVP9, CodecAV1, CodecH264} {
		frame := testFrame(codec, true, 1200)
		sealed, opened := make([]byte, 0, len(frame)+MaxOverhead), make([]byte, 0, len(frame))
		allocs := testing.AllocsPerRun(100, func() {
			b, err := s.Seal(sealed, SourceCamera, codec, frame)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := o.Open(opened, SourceCamera, codec, b); err != nil {
				t.Fatal(err)
			}
		})
		if allocs != 0 {
			t.Errorf("%v: %v allocations", codec, allocs)
		}
	}
}
