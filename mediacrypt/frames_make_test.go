package mediacrypt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// testFrame makes n bytes that look like a frame of the codec.
func testFrame(codec Codec, key bool, n int) []byte {
	var b []byte
	for i := uint32(0); len(b) < n; i++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint32([]byte("grotto test frame"), i))
		b = append(b, sum[:]...)
	}
	b = b[:n]
	switch {
	case codec == CodecVP8 && key:
		b[0] &^= vp8NotKeyBit
	case codec == CodecVP8:
		b[0] |= vp8NotKeyBit
	case codec == CodecAV1 && key:
		copy(b, "\x12\x00\x0a\x02\x00\x00\x30") // temporal delimiter, sequence header, frame without size
	case codec == CodecAV1:
		copy(b, "\x12\x00\x30")
	case codec == CodecH264 && key: // delimiter, parameter sets, two slices
		copy(b, "\x00\x00\x00\x01\x09\x10\x00\x00\x01\x67\x42\x00\x00\x01\x68\xce\x00\x00\x01\x65\xb8\x00\x00\x01\x65\x12")
	case codec == CodecH264:
		copy(b, "\x00\x00\x00\x01\x41\x9a\x00\x00\x01\x41\x12")
	}
	return b
}

// baseKey is the test key of a number.
func baseKey(n byte) BaseKey {
	var k BaseKey
	for i := range k {
		k[i] = n + byte(i)
	}
	return k
}

func makeFrame(t testing.TB, v frameVector, key bool, size int) frameVector {
	kid := NewKeyID(v.Generation, v.Index)
	v.Kind = kindUntold.String()
	if v.Codec == CodecVP8 || v.Codec == CodecAV1 || v.Codec == CodecH264 {
		v.Kind = map[bool]kind{true: kindKey, false: kindDelta}[key].String()
	}
	k := baseKey(byte(v.Generation))
	v.KID, v.BaseKey, v.Frame = number(kid), k.Bytes(), testFrame(v.Codec, key, size)
	steps(t, &v)
	return v
}

func makeVectors(t testing.TB) frameVectors {
	vs := frameVectors{Comment: "Sealed frames with every step, made by go test ./mediacrypt -update. " +
		"variants open to the frame they are of; rejects fail with the error. Numbers of 64 bits are decimal strings."}
	add := func(name string, src Source, codec Codec, generation uint32, index uint16, ctr uint64, key bool, size int) {
		v := frameVector{Name: name, Source: src, Codec: codec, Generation: generation, Index: index, CTR: number(ctr)}
		vs.Frames = append(vs.Frames, makeFrame(t, v, key, size))
	}
	add("opus first", SourceMic, CodecOpus, 0, 0, 0, false, 80)
	add("opus one byte", SourceMic, CodecOpus, 0, 7, 7, false, 1)
	add("opus of a screen", SourceScreenAudio, CodecOpus, 0, 8, 8, false, 40)
	add("vp8 key", SourceCamera, CodecVP8, 1, 0, 0, true, 100)
	add("vp8 delta", SourceCamera, CodecVP8, 1, 65535, 255, false, 60)
	add("vp9", SourceCamera, CodecVP9, 2, 1, 256, false, 70)
	add("vp9 screen", SourceScreen, CodecVP9, 255, 0, 65535, false, 17)
	add("av1 key", SourceScreen, CodecAV1, 256, 3, 65536, true, 90)
	add("av1 delta", SourceScreen, CodecAV1, 3, 3, 3, false, 64)
	// Sealed parts of 127 and 128 bytes: the length takes one byte and two.
	add("av1 length 127", SourceCamera, CodecAV1, 3, 3, 4, false, 127-5-tagSize)
	add("av1 length 128", SourceCamera, CodecAV1, 3, 3, 5, false, 128-5-tagSize)
	add("data last", SourceData, CodecData, 1<<32-1, 65535, maxFrames-1, false, 33)
	add("vp8 packet", SourceCamera, CodecVP8, 9, 9, 1<<24, true, 1200)
	add("h264 key", SourceCamera, CodecH264, 4, 4, 4, true, 80)
	add("h264 delta", SourceScreen, CodecH264, 4, 4, 5, false, 40)
	// Escapes in the header, of both numbers: 01 00 00 03 and 01 00 00 00.
	add("h264 header escaped", SourceCamera, CodecH264, 0x100, 3, 1<<24, true, 50)
	// And in the ciphertext; the counters were searched for.
	add("h264 ciphertext escaped", SourceCamera, CodecH264, 5, 0, searched(t, NewKeyID(5, 0), 800, escapedInside), false, 800)
	add("h264 ends in zeros", SourceCamera, CodecH264, 5, 1, searched(t, NewKeyID(5, 1), 60, endsInZeros), false, 60)
	for _, v := range vs.Frames {
		vs.alter(t, v)
	}
	vs.wrap()
	vs.units()
	vs.badHeaders()
	vs.Kinds = av1Kinds()
	return vs
}

// alter adds v with bytes of every class flipped and cut, and as another source or codec.
func (vs *frameVectors) alter(t testing.TB, v frameVector) {
	add := func(name string, src Source, codec Codec, sealed []byte) {
		a := altered{Name: v.Name + ": " + name, Of: v.Name, Source: src, Codec: codec, Sealed: sealed}
		o := openerWith(t, KeyID(v.KID), BaseKey(v.BaseKey))
		frame, _, err := o.Open(nil, src, codec, sealed)
		if err == nil && bytes.Equal(frame, v.Frame) {
			vs.Variants = append(vs.Variants, a)
			return
		}
		a.Error = errorName(err)
		vs.Rejects = append(vs.Rejects, a)
	}
	flip := func(class string, at int, bit byte) {
		b := bytes.Clone(v.Sealed)
		b[at] ^= bit
		add(class, v.Source, v.Codec, b)
	}
	switch v.Name {
	case "vp8 packet", "h264 ciphertext escaped": // long: its flips would only make the file long
		return
	case "h264 header escaped", "h264 ends in zeros": // no byte is where the vector has it
		return
	}
	header, body := len(v.Prefix), len(v.Prefix)+len(v.Header)
	tag := body + len(v.Ciphertext) - tagSize
	for i := range v.Prefix {
		flip("prefix low bit", i, 0x01)
		flip("prefix high bit", i, 0x80)
	}
	for i := header; i < body; i++ {
		flip("header low bit", i, 0x01)
		flip("header high bit", i, 0x80)
	}
	flip("first byte of ciphertext", body, 0x01)
	flip("last byte of ciphertext", tag-1, 0x80)
	flip("first byte of tag", tag, 0x01)
	flip("last byte of tag", tag+tagSize-1, 0x80)
	add("other source", v.Source%5+1, v.Codec, v.Sealed)
	add("other codec", v.Source, (v.Codec+1)%(CodecH264+1), v.Sealed)
	add("unknown codec", v.Source, CodecH264+1, v.Sealed)
	add("source 0", 0, v.Codec, v.Sealed)
	add("nothing", v.Source, v.Codec, hexBytes{})
	add("last byte missing", v.Source, v.Codec, v.Sealed[:len(v.Sealed)-1])
	add("only a tag", v.Source, v.Codec, v.Sealed[:body+tagSize])
	add("shorter than a tag", v.Source, v.Codec, v.Sealed[:body+tagSize-1])
	add("header cut", v.Source, v.Codec, v.Sealed[:header+1])
	add("only the prefix", v.Source, v.Codec, v.Sealed[:header])
	add("trailing byte", v.Source, v.Codec, append(bytes.Clone(v.Sealed), 0))
	add("not encrypted", v.Source, v.Codec, v.Frame)
}

// wrap adds AV1 frames taken apart and put together again, well and badly.
func (vs *frameVectors) wrap() {
	at := func(name string) frameVector {
		return vs.Frames[slices.IndexFunc(vs.Frames, func(v frameVector) bool { return v.Name == name })]
	}
	key, delta := at("av1 key"), at("av1 delta")
	add := func(v frameVector, name, prefix, err string) {
		a := altered{Name: v.Name + ": " + name, Of: v.Name, Source: v.Source, Codec: v.Codec, Error: err,
			Sealed: slices.Concat([]byte(prefix), v.Header, v.Ciphertext)}
		if err == "" {
			vs.Variants = append(vs.Variants, a)
		} else {
			vs.Rejects = append(vs.Rejects, a)
		}
	}
	add(delta, "no size", "\x30", "")
	add(delta, "size 0", "\x32\x00", "")
	add(delta, "size too large", "\x32\xff\xff\xff\xff\x0f", "")
	add(delta, "size padded to eight bytes", "\x32\xd5\x80\x80\x80\x80\x80\x80\x00", "")
	add(delta, "temporal delimiter", "\x12\x00\x30", "")
	add(delta, "extension byte", "\x34\x08", "")
	add(delta, "padding", "\x7a\x02\xaa\xbb\x30", "")
	add(key, "temporal delimiter, no size", "\x12\x00\x0a\x01\x00\x30", "")
	add(key, "extension bytes", "\x0e\x08\x01\x00\x36\x08\x00", "")
	add(key, "key prefix gone", "\x30", "authentication")
	add(delta, "key prefix added", "\x0a\x01\x00\x30", "authentication")
	add(key, "two sequence headers", "\x0a\x01\x00\x0a\x01\x00\x30", "malformed")
	add(key, "another sequence header", "\x0a\x01\x01\x30", "malformed")
	add(key, "sequence header without size", "\x08\x00\x30", "malformed")
	add(delta, "temporal delimiter without size", "\x10\x30", "malformed")
	add(delta, "padding without size", "\x78\x30", "malformed")
	add(key, "size of nine bytes", "\x32\x80\x80\x80\x80\x80\x80\x80\x80\x00", "malformed")
	add(key, "size beyond 32 bits", "\x32\x80\x80\x80\x80\x10", "malformed")
	add(key, "a frame header OBU", "\x1a\x01\x00\x30", "malformed")
	add(key, "temporal delimiter with content", "\x12\x01\x00\x30", "malformed")
	add(key, "forbidden bit", "\xb0", "malformed")
}

// units adds H.264 frames whose NAL units are put together in another way.
func (vs *frameVectors) units() {
	at := func(name string) frameVector {
		return vs.Frames[slices.IndexFunc(vs.Frames, func(v frameVector) bool { return v.Name == name })]
	}
	add := func(v frameVector, name, err string, sealed ...[]byte) {
		vs.Rejects = append(vs.Rejects, altered{Name: v.Name + ": " + name, Of: v.Name, Source: v.Source, Codec: v.Codec,
			Sealed: slices.Concat(sealed...), Error: err})
	}
	key, delta, escaped := at("h264 key"), at("h264 delta"), at("h264 header escaped")
	end := []byte{h264End}
	add(delta, "key prefix", "authentication", []byte(h264KeyPrefix), delta.Header, delta.Ciphertext, end)
	add(key, "delta prefix", "authentication", []byte(h264DeltaPrefix), key.Header, key.Ciphertext, end)
	add(key, "no parameter sets", "malformed", key.Sealed[25:])
	add(key, "parameter sets twice", "malformed", key.Sealed[:25], key.Sealed)
	add(key, "start code of three bytes", "malformed", key.Sealed[1:])
	add(key, "no end", "malformed", key.Sealed[:len(key.Sealed)-1])
	add(key, "another end", "malformed", key.Sealed[:len(key.Sealed)-1], []byte{0x40})
	add(key, "zeros behind the end", "malformed", key.Sealed, []byte{0, 0})
	add(key, "a start code at the end", "malformed", key.Sealed[:len(key.Sealed)-1], []byte{0, 0, 1}, end)
	add(key, "an escape at the end", "malformed", key.Sealed[:len(key.Sealed)-1], []byte{0, 0, nalEscape}, end)
	add(escaped, "not escaped", "malformed", escaped.Prefix, escaped.Header, escaped.Ciphertext, end)
	twice := bytes.Replace(escaped.Sealed[len(escaped.Prefix):], []byte{0, 0, nalEscape}, []byte{0, 0, nalEscape, nalEscape}, 1)
	add(escaped, "escaped twice", "authentication", escaped.Prefix, twice)
	needless := slices.Concat(key.Ciphertext, []byte{0, 0, nalEscape, 4})
	add(key, "a needless escape", "malformed", key.Prefix, key.Header, needless, end)
}

// searched is a counter at which a delta frame of that size becomes the ciphertext that is wanted.
func searched(t testing.TB, kid KeyID, size int, wanted func(ciphertext []byte) bool) uint64 {
	t.Helper()
	c := newFrameCipher(kid, baseKey(byte(kid.Generation())))
	frame := testFrame(CodecH264, false, size)
	for ctr := range uint64(1 << 24) {
		c.setNonce(ctr)
		aad := c.setAAD(Header{kid, ctr}.Append(nil), SourceCamera, CodecH264)
		if wanted(c.aead.Seal(nil, c.nonce[:], frame, aad)) {
			return ctr
		}
	}
	t.Fatal("no such counter")
	return 0
}

func escapedInside(ciphertext []byte) bool {
	i := bytes.Index(ciphertext, twoZeros)
	return i >= 0 && i+2 < len(ciphertext) && ciphertext[i+2] <= nalEscape
}

func endsInZeros(ciphertext []byte) bool { return bytes.HasSuffix(ciphertext, twoZeros) }

// badHeaders adds what a member or a server may make up instead of a header.
func (vs *frameVectors) badHeaders() {
	v := vs.Frames[1]
	add := func(name, err string, header, body []byte) {
		vs.Rejects = append(vs.Rejects, altered{Name: name, Of: v.Name, Source: v.Source, Codec: v.Codec,
			Sealed: slices.Concat(header, body), Error: err})
	}
	filler := make([]byte, 40)
	add("KID of 49 bits", "malformed", Header{KID: maxKeyID + 1}.Append(nil), filler)
	add("KID of 49 bits, lower 48 in use", "malformed", Header{KID: maxKeyID + 1 + KeyID(v.KID)}.Append(nil), filler)
	add("numbers cut", "malformed", []byte{0xff, 0xff, 0xff}, nil)
	add("only a config byte", "malformed", []byte{0x88}, nil)
	add("KID not minimal", "malformed", []byte{0x90, 0, 1}, filler)
	add("KID of config byte written out", "malformed", []byte{0x80, 7}, filler)
	add("CTR not minimal", "malformed", []byte{0x09, 0, 9}, filler)
	add("CTR of config byte written out", "malformed", []byte{0x08, 7}, filler)

	// A member may seal an empty frame, which Seal refuses.
	c := newFrameCipher(KeyID(v.KID), BaseKey(v.BaseKey))
	c.setNonce(9)
	header := Header{KeyID(v.KID), 9}.Append(nil)
	add("sealed nothing", "empty", header, c.aead.Seal(nil, c.nonce[:], nil, c.setAAD(header, v.Source, v.Codec)))
}

func av1Kinds() []av1Kind {
	return []av1Kind{
		{"sequence header first", hexBytes("\x0a\x01\x00\x32\x01\x00"), "key"},
		{"behind a temporal delimiter", hexBytes("\x12\x00\x0a\x01\x00\x32\x01\x00"), "key"},
		{"behind metadata", hexBytes("\x12\x00\x2a\x02\x01\x02\x0a\x01\x00\x32\x01\x00"), "key"},
		{"sequence header without size", hexBytes("\x12\x00\x08\x01"), "key"},
		{"with extension byte", hexBytes("\x12\x00\x0e\x00\x01\x00"), "key"},
		{"frame only", hexBytes("\x32\x01\x00"), "delta"},
		{"frame without size hides what follows", hexBytes("\x30\x0a\x01\x00"), "delta"},
		{"behind an OBU that is cut", hexBytes("\x32\x05\x0a\x01\x00"), "delta"},
		{"behind the forbidden bit", hexBytes("\x92\x00\x0a\x01\x00"), "delta"},
		{"behind the reserved bit", hexBytes("\x13\x00\x0a\x01\x00"), "delta"},
		{"a byte", hexBytes("\x32"), "delta"},
		{"a header whose extension is cut", hexBytes("\x0c"), "delta"},
		{"a header whose size is cut", hexBytes("\x0a\x80"), "delta"},
	}
}

func writeVectors(t testing.TB) {
	t.Helper()
	b, err := json.MarshalIndent(makeVectors(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", "frames.json"), append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
