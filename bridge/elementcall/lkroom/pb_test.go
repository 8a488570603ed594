package lkroom

import (
	"encoding/hex"
	"errors"
	"reflect"
	"testing"
)

// The bytes were written by the Protocol Buffers encoding's rules by hand: key = number<<3 | type.
func TestEncoding(t *testing.T) {
	m := &request{AddTrack: &addTrack{ClientID: "c", Type: 1, Source: Camera, DisableRED: true, Encryption: GCM}}
	const want = "22" + "0b" + "0a0163" + "1801" + "4001" + "6801" + "7001"
	if got := hex.EncodeToString(encode(m)); got != want {
		t.Errorf("%s, not %s", got, want)
	}
	r := &response{Join: &joined{Participant: &Participant{SID: "PA_1", Tracks: []*Track{{SID: "TR_1", Muted: true}, {SID: "TR_2"}}},
		ICEServers: []*iceServer{{URLs: []string{"a", "b"}}}, PingInterval: 5, SIFTrailer: []byte{1, 2}}}
	var back response
	if err := decode(encode(r), &back); err != nil || !reflect.DeepEqual(&back, r) {
		t.Errorf("%+v, %v", back, err)
	}
	// Fields that are not known, of each type: 100 varint, fixed64, bytes, fixed32; then a pong.
	unknown, err := hex.DecodeString("a00601" + "a106" + "0102030405060708" + "a20602ffff" + "a506" + "01020304" + "a2010208" + "07")
	if err != nil {
		t.Fatal(err)
	}
	var p response
	if err := decode(unknown, &p); err != nil || p.Pong == nil || p.Pong.LastPing != 7 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []string{"0a", "0a05", "0a0201", "ff", "00", "0b", "80", "1aff"} {
		b, _ := hex.DecodeString(bad)
		if err := decode(b, &response{}); !errors.Is(err, errProto) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(&response{Join: &joined{Participant: &Participant{SID: "PA_1", Tracks: []*Track{{SID: "TR_1"}}}, SIFTrailer: []byte{1}}}))
	f.Add(encode(&response{Update: &update{Participants: []*Participant{{Identity: "x", State: Gone}}}, Leave: &leave{Action: 2}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, again response
		if decode(b, &m) != nil {
			return
		}
		if err := decode(encode(&m), &again); err != nil {
			t.Error("what was written is not read: ", err)
		}
	})
}
