package mediacrypt

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write testdata anew")

// frameVectors is testdata/frames.json, which the browser's worker is tested with too.
type frameVectors struct {
	Comment  string        `json:"comment"`
	Frames   []frameVector `json:"frames"`
	Variants []altered     `json:"variants"`
	Rejects  []altered     `json:"rejects"`
	Kinds    []av1Kind     `json:"av1_kinds"`
}

// av1Kind is what the rule for AV1 makes of the bytes.
type av1Kind struct {
	Name  string   `json:"name"`
	Frame hexBytes `json:"frame"`
	Kind  string   `json:"kind"`
}

// frameVector is one sealed frame and every step towards it.
type frameVector struct {
	Name       string   `json:"name"`
	Source     Source   `json:"source"`
	Codec      Codec    `json:"codec"`
	Kind       string   `json:"kind"`
	Generation uint32   `json:"generation"`
	Index      uint16   `json:"index"`
	KID        number   `json:"kid"`
	CTR        number   `json:"ctr"`
	BaseKey    hexBytes `json:"base_key"`
	KeyLabel   hexBytes `json:"sframe_key_label"`
	SaltLabel  hexBytes `json:"sframe_salt_label"`
	Secret     hexBytes `json:"sframe_secret"`
	Key        hexBytes `json:"sframe_key"`
	Salt       hexBytes `json:"sframe_salt"`
	Nonce      hexBytes `json:"nonce"`
	Header     hexBytes `json:"header"`
	Metadata   hexBytes `json:"metadata"`
	AAD        hexBytes `json:"aad"`
	Prefix     hexBytes `json:"prefix"`
	Frame      hexBytes `json:"frame"`
	Ciphertext hexBytes `json:"ciphertext"` // with the tag
	Sealed     hexBytes `json:"sealed"`
}

// altered is what somebody in between made of a sealed frame, as a receiver expecting source and codec gets it. Variants
// open to the same frame; rejects fail with the error.
type altered struct {
	Name   string   `json:"name"`
	Of     string   `json:"of"`
	Source Source   `json:"source"`
	Codec  Codec    `json:"codec"`
	Sealed hexBytes `json:"sealed"`
	Error  string   `json:"error,omitempty"`
}

// errorName is the code that the TypeScript twin gives the error.
func errorName(err error) string {
	for name, target := range map[string]error{
		"empty": ErrEmpty, "malformed": ErrMalformed, "authentication": ErrAuthentication, "replay": ErrReplay,
		"unknown_key": ErrUnknownKey, "codec": ErrCodec, "source": ErrSource,
	} {
		if errors.Is(err, target) {
			return name
		}
	}
	return ""
}

// steps fills every step of v from its inputs, with the package's own functions.
func steps(t testing.TB, v *frameVector) {
	t.Helper()
	kid := KeyID(v.KID)
	v.KeyLabel, v.SaltLabel = hexBytes(aes256gcm.label(keyLabel, kid)), hexBytes(aes256gcm.label(saltLabel, kid))
	s := aes256gcm.derive(kid, v.BaseKey)
	v.Secret, v.Key, v.Salt = s.secret, s.key, s.salt[:]
	c := frameCipher{aead: s.aead(), salt: s.salt}
	c.setNonce(uint64(v.CTR))
	v.Nonce = bytes.Clone(c.nonce[:])
	v.Header = Header{kid, uint64(v.CTR)}.Append(nil)
	v.Metadata = hexBytes{byte(v.Source), byte(v.Codec)}
	v.AAD = bytes.Clone(c.setAAD(v.Header, v.Source, v.Codec))
	v.Ciphertext = c.aead.Seal(nil, v.Nonce, v.Frame, v.AAD)
	v.Prefix = appendPrefix(nil, v.Codec, kindOf(v.Codec, v.Frame), len(v.Header)+len(v.Ciphertext))
	v.Sealed = slices.Concat(v.Prefix, v.Header, v.Ciphertext)
	if v.Codec == CodecH264 {
		v.Sealed = appendNALEnd(v.Sealed, len(v.Prefix))
	}
}

func sealAt(t testing.TB, kid KeyID, key BaseKey, ctr uint64, src Source, codec Codec, frame []byte) []byte {
	t.Helper()
	s, err := NewSealer(kid, key)
	if err != nil {
		t.Fatal(err)
	}
	s.next = ctr
	sealed, err := s.Seal(nil, src, codec, frame)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func openerWith(t testing.TB, kid KeyID, key BaseKey) *Opener {
	t.Helper()
	o := NewOpener()
	if err := o.Add(kid, key); err != nil {
		t.Fatal(err)
	}
	return o
}

var updateOnce sync.Once

// readVectors is where -update takes effect, so that whichever test comes first sees the new file.
func readVectors(t testing.TB) frameVectors {
	t.Helper()
	if *update {
		updateOnce.Do(func() { writeVectors(t) })
	}
	b, err := os.ReadFile(filepath.Join("testdata", "frames.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vs frameVectors
	if err := json.Unmarshal(b, &vs); err != nil {
		t.Fatal(err)
	}
	return vs
}

func TestFrameVectors(t *testing.T) {
	vs := readVectors(t)
	byName := map[string]frameVector{}
	for _, v := range vs.Frames {
		byName[v.Name] = v
		checkFrame(t, v)
	}
	for _, a := range vs.Variants {
		v := byName[a.Of]
		o := openerWith(t, KeyID(v.KID), BaseKey(v.BaseKey))
		if got, _, err := o.Open(nil, a.Source, a.Codec, a.Sealed); err != nil || !bytes.Equal(got, v.Frame) {
			t.Errorf("%s: %x, %v", a.Name, got, err)
		}
	}
	if len(byName) < 10 || len(vs.Rejects) < 200 {
		t.Fatalf("%d frames, %d rejects: the file is not whole", len(byName), len(vs.Rejects))
	}
}

func checkFrame(t *testing.T, want frameVector) {
	t.Helper()
	got := frameVector{Name: want.Name, Source: want.Source, Codec: want.Codec, Generation: want.Generation,
		Index: want.Index, KID: want.KID, CTR: want.CTR, BaseKey: want.BaseKey, Frame: want.Frame}
	got.Kind = kindOf(got.Codec, got.Frame).String()
	steps(t, &got)
	a, _ := json.MarshalIndent(got, "", " ")
	b, _ := json.MarshalIndent(want, "", " ")
	if !bytes.Equal(a, b) {
		have, need := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
		for i := range have { // the first step that differs is the broken one
			if have[i] != need[i] {
				t.Errorf("%s:\n got %s\nwant %s", want.Name, have[i], need[i])
				break
			}
		}
	}
	kid, key := NewKeyID(want.Generation, want.Index), BaseKey(want.BaseKey)
	if sealed := sealAt(t, kid, key, uint64(want.CTR), want.Source, want.Codec, want.Frame); !bytes.Equal(sealed, want.Sealed) {
		t.Errorf("%s: Seal = %x\nwant %x", want.Name, sealed, want.Sealed)
	}
	frame, h, err := openerWith(t, kid, key).Open([]byte("before"), want.Source, want.Codec, want.Sealed)
	if err != nil || string(frame) != "before"+string(want.Frame) || h != (Header{kid, uint64(want.CTR)}) {
		t.Errorf("%s: Open = %x, %v, %v", want.Name, frame, h, err)
	}
}
