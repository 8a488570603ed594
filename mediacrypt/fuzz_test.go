package mediacrypt

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// The corpora lie in testdata/fuzz and run in plain go test; -update writes them anew from the vectors.
func TestFuzzCorpora(t *testing.T) {
	if *update {
		writeCorpora(t)
	}
	for _, target := range []string{"FuzzParseHeader", "FuzzOpen", "FuzzCutPrefix", "FuzzUnescape"} {
		files, err := os.ReadDir(filepath.Join("testdata", "fuzz", target))
		if err != nil || len(files) < 10 {
			t.Errorf("%s has a corpus of %d: %v", target, len(files), err)
		}
	}
}

func writeCorpora(t *testing.T) {
	write := func(target, name, entry string) {
		dir := filepath.Join("testdata", "fuzz", target)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("go test fuzz v1\n"+entry+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	frame := func(target, name string, src Source, codec Codec, b []byte) {
		write(target, name, fmt.Sprintf("byte(%q)\nbyte(%q)\n[]byte(%q)", rune(src), rune(codec), b))
	}
	vs := readVectors(t)
	for i, v := range vs.Frames {
		frame("FuzzOpen", fmt.Sprintf("frame%02d", i), v.Source, v.Codec, v.Sealed)
		write("FuzzCutPrefix", fmt.Sprintf("frame%02d", i), fmt.Sprintf("byte(%q)\n[]byte(%q)", rune(v.Codec), v.Sealed))
		write("FuzzParseHeader", fmt.Sprintf("header%02d", i), fmt.Sprintf("[]byte(%q)", v.Header))
	}
	for i, a := range vs.Variants {
		frame("FuzzOpen", fmt.Sprintf("variant%02d", i), a.Source, a.Codec, a.Sealed)
		write("FuzzCutPrefix", fmt.Sprintf("variant%02d", i), fmt.Sprintf("byte(%q)\n[]byte(%q)", rune(a.Codec), a.Sealed))
	}
	for i, b := range []string{"", "\x00", "\x00\x00", "\x00\x00\x00", "\x00\x00\x00\x00\x00\x00", "\x00\x00\x01", "\x00\x00\x02\x00",
		"\x00\x00\x03", "\x00\x00\x03\x03", "\x00\x00\x03\x04", "\x00\x00\x03\x00\x00\x03\x01", "\x00\x00\x04\x00\x00", "a\x00\x00\x03\x00\x00"} {
		write("FuzzUnescape", fmt.Sprintf("edge%02d", i), fmt.Sprintf("[]byte(%q)", b))
	}
	for i, b := range [][]byte{{}, {0xff}, {0x88, 8}, {0x80, 7}, {0x90, 0, 9}, bytes.Repeat([]byte{0xff}, MaxHeaderSize)} {
		write("FuzzParseHeader", fmt.Sprintf("edge%02d", i), fmt.Sprintf("[]byte(%q)", b))
	}
}

func FuzzParseHeader(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := ParseHeader(b)
		if err != nil {
			return
		}
		// One encoding for each header: what parses is what Append writes.
		if again := h.Append(nil); !bytes.Equal(again, b[:n]) {
			t.Errorf("%x parses as %v, which is %x", b[:n], h, again)
		}
	})
}

func FuzzCutPrefix(f *testing.F) {
	f.Fuzz(func(t *testing.T, codec byte, b []byte) {
		c := Codec(codec % byte(CodecH264+1))
		rest, k, err := cutPrefix(c, b)
		if err == nil && !bytes.HasSuffix(b, rest) && (c != CodecH264 || !bytes.HasSuffix(b, append(bytes.Clone(rest), h264End))) {
			t.Errorf("%v: %x leaves %x", c, b, rest)
		}
		if err == nil && (k == kindUntold) != (c != CodecVP8 && c != CodecAV1 && c != CodecH264) {
			t.Errorf("%v: kind %v", c, k)
		}
		// What Seal puts around is always cut off again.
		told := kindOf(c, b)
		prefixed := append(appendPrefix(nil, c, told, len(b)), b...)
		if c == CodecH264 {
			prefixed = append(prefixed, h264End)
		}
		if rest, k, err := cutPrefix(c, prefixed); err != nil || k != told || !bytes.Equal(rest, b) {
			t.Errorf("%v: %x comes back as %x, %v, %v", c, b, rest, k, err)
		}
	})
}

func FuzzUnescape(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		escaped := appendNALEnd(bytes.Clone(b), 0)
		if want := escapedSlowly(b); !bytes.Equal(escaped, want) {
			t.Fatalf("%x escaped is %x, want %x", b, escaped, want)
		}
		unit := escaped[:len(escaped)-1]
		for _, start := range []string{"\x00\x00\x00", "\x00\x00\x01", "\x00\x00\x02"} {
			if bytes.Contains(escaped, []byte(start)) {
				t.Errorf("%x escaped is %x", b, escaped)
			}
		}
		if got, err := unescape([]byte("before"), unit); err != nil || string(got) != "before"+string(b) {
			t.Errorf("%x escaped comes back as %x, %v", b, got, err)
		}
		// Whatever is taken has one form only.
		if got, err := unescape(nil, b); err == nil && !bytes.Equal(appendNALEnd(got, 0), append(bytes.Clone(b), h264End)) {
			t.Errorf("%x is taken for %x", b, got)
		}
	})
}

// escapedSlowly is H.264 §7.4.1 word for word.
func escapedSlowly(b []byte) []byte {
	var out []byte
	for zeros, i := 0, 0; i < len(b); i++ {
		if zeros == 2 && b[i] <= 3 {
			out, zeros = append(out, 3), 0
		}
		if out = append(out, b[i]); b[i] == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return append(out, 0x80)
}

func FuzzOpen(f *testing.F) {
	vs := readVectors(f)
	f.Fuzz(func(t *testing.T, src, codec byte, b []byte) {
		o := NewOpener()
		known := map[string]bool{}
		for _, v := range vs.Frames {
			if err := o.Add(KeyID(v.KID), BaseKey(v.BaseKey)); err != nil {
				t.Fatal(err)
			}
			known[string(v.Frame)] = true
		}
		// Whatever comes, only frames that were sealed come out.
		if got, _, err := o.Open(nil, Source(src), Codec(codec), b); err == nil && !known[string(got)] {
			t.Errorf("%x opens as %x", b, got)
		}
		// And every frame can be sealed and opened again.
		if check(Source(src), Codec(codec)) != nil || len(b) == 0 {
			return
		}
		sealed := sealAt(t, 99, testKey, 0, Source(src), Codec(codec), b)
		if got, _, err := openerWith(t, 99, testKey).Open(nil, Source(src), Codec(codec), sealed); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%x sealed opens as %x, %v", b, got, err)
		}
	})
}
