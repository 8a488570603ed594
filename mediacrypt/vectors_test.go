package mediacrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// hexBytes is a byte string that stands in a vector file as hex.
type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// number is a uint64 written as a JSON number or as a decimal string.
type number uint64

func (n number) MarshalText() ([]byte, error) { return strconv.AppendUint(nil, uint64(n), 10), nil }

func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseUint(string(bytes.Trim(b, `"`)), 10, 64)
	*n = number(v)
	return err
}

type rfcVectors struct {
	Header []struct {
		KID     number   `json:"kid"`
		CTR     number   `json:"ctr"`
		Encoded hexBytes `json:"encoded"`
	} `json:"header"`
	SFrame []rfcFrame `json:"sframe"`
}

type rfcFrame struct {
	Suite     uint16   `json:"cipher_suite"`
	KID       number   `json:"kid"`
	CTR       number   `json:"ctr"`
	BaseKey   hexBytes `json:"base_key"`
	KeyLabel  hexBytes `json:"sframe_key_label"`
	SaltLabel hexBytes `json:"sframe_salt_label"`
	Secret    hexBytes `json:"sframe_secret"`
	Key       hexBytes `json:"sframe_key"`
	Salt      hexBytes `json:"sframe_salt"`
	Metadata  hexBytes `json:"metadata"`
	Nonce     hexBytes `json:"nonce"`
	AAD       hexBytes `json:"aad"`
	Plain     hexBytes `json:"pt"`
	Sealed    hexBytes `json:"ct"`
}

// The RFC's vectors in our own file, and in the shared one where it lies beside the repository.
func TestRFC9605(t *testing.T) {
	for _, path := range []string{
		filepath.Join("testdata", "rfc9605.json"),
		filepath.Join("..", "..", "shared", "vectors", "rfc9605.json"),
	} {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			var v rfcVectors
			b, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != "testdata" {
				t.Skip("no shared vectors beside the repository")
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, &v); err != nil {
				t.Fatal(err)
			}
			if len(v.Header) < 289 || len(v.SFrame) == 0 {
				t.Fatalf("%d headers, %d frames: the file is not whole", len(v.Header), len(v.SFrame))
			}
			for _, h := range v.Header {
				checkRFCHeader(t, Header{KeyID(h.KID), uint64(h.CTR)}, h.Encoded)
			}
			for _, f := range v.SFrame {
				t.Run("suite"+strconv.Itoa(int(f.Suite)), func(t *testing.T) { checkRFCFrame(t, f) })
			}
		})
	}
}

func checkRFCHeader(t *testing.T, h Header, want []byte) {
	t.Helper()
	if got := h.Append(nil); !bytes.Equal(got, want) {
		t.Errorf("Append(%x, %x) = %x, want %x", uint64(h.KID), h.CTR, got, want)
	}
	got, n, err := ParseHeader(append(bytes.Clone(want), 0xaa))
	if err != nil || n != len(want) || got != h {
		t.Errorf("ParseHeader(%x) = %v, %d, %v", want, got, n, err)
	}
}

func checkRFCFrame(t *testing.T, f rfcFrame) {
	cs := aes256gcm
	switch f.Suite {
	case aes256gcm.id:
	case 4: // AES_128_GCM_SHA256_128
		cs = suite{id: 4, hash: sha256.New, keySize: 16}
	default:
		t.Skipf("suite %d is AES-CTR with HMAC, which this package does not implement", f.Suite)
	}
	same := func(what string, got, want []byte) {
		t.Helper()
		if !bytes.Equal(got, want) {
			t.Errorf("%s = %x, want %x", what, got, want)
		}
	}
	kid := KeyID(f.KID)
	same("key label", []byte(cs.label(keyLabel, kid)), f.KeyLabel)
	same("salt label", []byte(cs.label(saltLabel, kid)), f.SaltLabel)
	s := cs.derive(kid, f.BaseKey)
	same("secret", s.secret, f.Secret)
	same("key", s.key, f.Key)
	same("salt", s.salt[:], f.Salt)
	c := frameCipher{aead: s.aead(), salt: s.salt}
	c.setNonce(uint64(f.CTR))
	same("nonce", c.nonce[:], f.Nonce)
	header := Header{kid, uint64(f.CTR)}.Append(nil)
	aad := append(bytes.Clone(header), f.Metadata...)
	same("aad", aad, f.AAD)
	sealed := c.aead.Seal(bytes.Clone(header), c.nonce[:], f.Plain, aad)
	same("sealed", sealed, f.Sealed)
	plain, err := c.aead.Open(nil, c.nonce[:], f.Sealed[len(header):], aad)
	if err != nil {
		t.Fatal(err)
	}
	same("opened", plain, f.Plain)
}

// bareAEAD is the suite's cipher without anything of ours around it.
func bareAEAD(t testing.TB, key []byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return aead
}
