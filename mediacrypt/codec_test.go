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
	for _, c := range []struct {
		name, frame string
		want        kind
	}{
		{"sequence header first", "0a0100320100", kindKey},
		{"behind a temporal delimiter", "12000a0100320100", kindKey},
		{"behind metadata", "12002a0201020a0100320100", kindKey},
		{"sequence header without size", "12000801", kindKey},
		{"with extension byte", "12000e000100", kindKey},
		{"frame only", "320100", kindDelta},
		{"frame without size hides what follows", "300a0100", kindDelta},
		{"behind an OBU that is cut", "32050a0100", kindDelta},
		{"behind the forbidden bit", "92000a0100", kindDelta},
		{"a byte", "32", kindDelta},
		{"only an extension flag", "0c", kindDelta},
	} {
		b, err := hex.DecodeString(c.frame)
		if err != nil {
			t.Fatal(err)
		}
		if got := kindOf(CodecAV1, b); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
