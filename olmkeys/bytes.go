package olmkeys

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// Bytes are bytes that JSON writes as unpadded standard base64.
type Bytes []byte

// JoinID is drawn anew at every join, reload and restart. JSON writes it as unpadded standard base64.
type JoinID [16]byte

// CallID names a call: 16 bytes drawn by the server whenever a room goes from empty to occupied.
type CallID [16]byte

// BaseKey is a secret that frame keys are derived from. No way of printing or encoding it shows its bytes, JSON
// included; [EncodeEffects] writes them, on purpose, for the boundary to the browser's worker.
type BaseKey [mediacrypt.KeySize]byte

// Secret is the secret of a link as [ParseSecret] returns it. It prints redacted.
type Secret []byte

const redacted = "olmkeys(redacted)"

// encoding is strict: a value has one way of being written, so trailing bits must be zero.
var encoding = base64.RawStdEncoding.Strict()

// MarshalText writes unpadded base64.
func (b Bytes) MarshalText() ([]byte, error) { return encoding.AppendEncode(nil, b), nil }

// UnmarshalText reads unpadded base64.
func (b *Bytes) UnmarshalText(text []byte) error {
	out, err := decodeBase64(string(text))
	if err != nil {
		return err
	}
	*b = out
	return nil
}

// String is the id in unpadded base64.
func (j JoinID) String() string { return encoding.EncodeToString(j[:]) }

// MarshalText writes unpadded base64.
func (j JoinID) MarshalText() ([]byte, error) { return encoding.AppendEncode(nil, j[:]), nil }

// UnmarshalText reads unpadded base64.
func (j *JoinID) UnmarshalText(text []byte) error { return unmarshalFixed(j[:], text) }

// String is the id in unpadded base64.
func (c CallID) String() string { return encoding.EncodeToString(c[:]) }

// MarshalText writes unpadded base64.
func (c CallID) MarshalText() ([]byte, error) { return encoding.AppendEncode(nil, c[:]), nil }

// UnmarshalText reads unpadded base64.
func (c *CallID) UnmarshalText(text []byte) error { return unmarshalFixed(c[:], text) }

// Media is the key for a mediacrypt Sealer or Opener.
func (k BaseKey) Media() mediacrypt.BaseKey { return mediacrypt.BaseKey(k) }

// String does not show the key.
func (k BaseKey) String() string { return redacted }

// GoString does not show the key.
func (k BaseKey) GoString() string { return redacted }

// Format does not show the key, whatever the verb.
func (k BaseKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText does not show the key; JSON uses it too, and so do slog's handlers.
func (k BaseKey) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// String does not show the secret.
func (s Secret) String() string { return redacted }

// GoString does not show the secret.
func (s Secret) GoString() string { return redacted }

// Format does not show the secret, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText does not show the secret; JSON uses it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

var (
	_ json.Unmarshaler = (*plainKey)(nil)
	_ json.Marshaler   = plainKey{}
)

// plainKey is a BaseKey that JSON does show: only EncodeEffects and DecodeEffects make one.
type plainKey BaseKey

func (k plainKey) MarshalJSON() ([]byte, error) { return json.Marshal(Bytes(k[:])) }

func (k *plainKey) UnmarshalJSON(text []byte) error {
	var b Bytes
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	if len(b) != len(k) {
		return fmt.Errorf("%w: a key of %d bytes", ErrMalformed, len(b))
	}
	copy(k[:], b)
	return nil
}

// plainSecret is a Secret that JSON does show, as base64: only the boundary to the browser's worker makes one.
type plainSecret []byte

func (s plainSecret) MarshalText() ([]byte, error) { return Bytes(s).MarshalText() }

func (s *plainSecret) UnmarshalText(text []byte) error { return (*Bytes)(s).UnmarshalText(text) }

// Format does not show the secret, whatever the verb.
func (s plainSecret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// Format does not show the key, whatever the verb.
func (k plainKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// decodeBase64 refuses what encoding/base64 lets pass even when strict: line breaks.
func decodeBase64(s string) ([]byte, error) {
	for i := range len(s) {
		if s[i] == '\n' || s[i] == '\r' {
			return nil, fmt.Errorf("%w: base64", ErrMalformed)
		}
	}
	b, err := encoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: base64", ErrMalformed)
	}
	return b, nil
}

func unmarshalFixed(dst, text []byte) error {
	b, err := decodeBase64(string(text))
	if err != nil {
		return err
	}
	if len(b) != len(dst) {
		return fmt.Errorf("%w: %d bytes instead of %d", ErrMalformed, len(b), len(dst))
	}
	copy(dst, b)
	return nil
}

// lp appends u16 length and bytes. All its callers pass what was checked to be short; a longer value is our bug.
func lp[T string | []byte](dst []byte, x T) []byte {
	if len(x) > 1<<16-1 {
		panic("olmkeys: value too long for its length prefix")
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(x))), x...)
}
