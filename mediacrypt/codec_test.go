package mediacrypt

import (
	"encoding/hex"
	"testing"
)

func TestLEB128(t *testing.T) {
	for v, want := range map[uint64]string{
		0: "00", 127: "7f", 128: "8001", 16383: "ff7f", 16384: "808001", 1<<32 - 1: "ffffffff0f",
	} {
		b := appendLEB128(nil, v)
		if hex.EncodeToString(b) != want {
			t.Errorf("%d = %x, want %s", v, b, want)
		}
		if got, n, ok := parseLEB128(append(b, 0xff)); got != v || n != len(b) || !ok {
			t.Errorf("parse %x = %d, %d, %v", b, got, n, ok)
		}
	}
	for _, bad := range []string{"", "80", "8080808010", "ffffffff1f", "808080808080808000", "ffffffffffffffff7f"} {
		b, _ := hex.DecodeString(bad)
		if v, _, ok := parseLEB128(b); ok {
			t.Errorf("parse %s = %d", bad, v)
		}
	}
}

func TestAV1KeyRule(t *testing.T) {
	kinds := readVectors(t).Kinds
	if len(kinds) < 13 {
		t.Fatalf("%d cases: the file is not whole", len(kinds))
	}
	for _, c := range kinds {
		if got := kindOf(CodecAV1, c.Frame).String(); got != c.Kind {
			t.Errorf("%s: %v, want %v", c.Name, got, c.Kind)
		}
	}
}
