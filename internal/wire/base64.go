package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Base64 is bytes that stand in JSON as unpadded standard base64.
type Base64 []byte

// MarshalJSON implements [json.Marshaler].
func (b Base64) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.RawStdEncoding.EncodeToString(b))
}

// UnmarshalJSON implements [json.Unmarshaler]. It refuses padding, other alphabets and non-zero trailing bits.
func (b *Base64) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	// The decoder skips line breaks, which would give one value several spellings.
	if strings.ContainsAny(s, "\r\n") {
		return errors.New("wire: line break in base64")
	}
	raw, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil {
		return fmt.Errorf("wire: not unpadded base64: %w", err)
	}
	*b = raw
	return nil
}
