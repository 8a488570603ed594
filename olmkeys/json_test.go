package olmkeys

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

var (
	jsonRef = Ref{User: "@a:s", Device: "ABCDEFGHIJ", JoinID: JoinID{1, 2, 3}}
	jsonKey = SignedKey{KeyID: "AAAAAQ", Key: Bytes{4, 5}, Sig: Bytes{6}, Fallback: true}
)

func TestEventsInJSON(t *testing.T) {
	for kind, ev := range map[string]Event{
		"roster_changed":   RosterChanged{Left: []Ref{jsonRef}, Joined: []Announced{{Ref: jsonRef, CallKeys: Bytes{1}, Sig: Bytes{2}, Proof: Bytes{3}}}},
		"keys_claimed":     KeysClaimed{Keys: []ClaimedKey{{Device: jsonRef, Key: jsonKey}}},
		"key_count":        KeyCount{OneTimeKeys: 7},
		"message_received": MessageReceived{From: jsonRef, Envelope: Envelope{Olm: 1, Body: "b", SenderKey: "k"}},
		"data_received":    DataReceived{From: jsonRef, Body: Bytes{9}},
		"say_to_all":       SayToAll{Kind: "grotto.chat", Body: Bytes(`{}`)},
		"say_to":           SayTo{To: []Ref{jsonRef}, Kind: "grotto.chat", Body: Bytes(`{}`)},
		"verify":           Verify{With: jsonRef, Step: VerifyMatch},
		"qr_wanted":        QRWanted{With: jsonRef},
		"qr_scanned":       QRScanned{With: jsonRef, Text: "x"},
		"block":            Block{Device: jsonRef},
		"remove":           Remove{Devices: []Ref{jsonRef}, Secret: Secret("0123456789abcdef")},
		"proof_received":   ProofReceived{From: jsonRef, Proof: Bytes{1}},
		"set_key":          SetKey{User: "@a:s", Generation: 3, Key: Secret("0123456789abcdef0123456789abcdef")},
		"key_wanted":       KeyWanted{From: jsonRef, KID: 1<<48 - 1},
		"frame_opened":     FrameOpened{From: jsonRef, KID: 1 << 16},
		"frame_failed":     FrameFailed{From: jsonRef, KID: 3},
		"resumed":          Resumed{},
		"leaving":          Leaving{},
		"code_wanted":      CodeWanted{},
		"tick":             Tick{},
	} {
		b, err := EncodeEvent(ev)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(b, []byte(`{"type":"`+kind+`"`)) {
			t.Errorf("%s", b)
		}
		got, err := DecodeEvent(b)
		if err != nil || !reflect.DeepEqual(got, ev) {
			t.Errorf("%s: %+v, %v", b, got, err)
		}
	}
	for _, bad := range []string{``, `{}`, `[]`, `{"type":"x"}`, `{"type":"key_wanted","kid":7}`, `{"type":"data_received","body":"AB"}`,
		`{"type":"data_received","body":"AA=="}`, `{"type":"key_wanted","from":{"join_id":"AAAA"}}`} {
		if ev, err := DecodeEvent([]byte(bad)); err == nil {
			t.Errorf("%s: %+v", bad, ev)
		}
	}
}

func TestEffectsInJSON(t *testing.T) {
	effects := []Effect{
		SendMessages{Messages: []OutgoingMessage{{To: jsonRef, Envelope: Envelope{Body: "b", SenderKey: "k"}}}},
		ClaimKeys{Devices: []Ref{jsonRef}},
		UploadKeys{OneTimeKeys: []SignedKey{jsonKey}, FallbackKey: &jsonKey},
		SendData{Body: Bytes{1}}, SendData{Body: Bytes{1}, To: []Ref{jsonRef}},
		SealWith{KID: 1<<48 - 1, BaseKey: BaseKey{1, 2}},
		OpenWith{From: jsonRef, KID: 5, BaseKey: BaseKey{3}},
		Verification{With: jsonRef, State: VerifyCompare, Emoji: []int{1, 2}, Decimal: []int{3}},
		QR{With: jsonRef, Text: "x"},
		Pinned{Pin: Pin{Identity: Bytes{1}, User: "@a:s", Name: "A", Verified: true}},
		Prove{Proof: Bytes{7}},
		SecretChanged{Secret: Secret("0123456789abcdef"), By: jsonRef},
		Removed{By: jsonRef},
		DropKey{From: jsonRef, KID: 6},
		DropDevice{From: jsonRef},
		Show{From: jsonRef, State: StateNew},
		Heard{From: jsonRef, Kind: "grotto.chat", Body: Bytes(`{}`)},
		Warn{From: jsonRef, Warning: WarnRosterDiffers},
		Code{Digits: "12345 12345 12345 12345 12345 12345"},
		WakeAt{Time: time.UnixMilli(1_800_000_000_123)},
	}
	b, err := EncodeEffects(effects)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeEffects(b)
	if err != nil || !reflect.DeepEqual(got, effects) {
		t.Errorf("%s\n%+v, %v", b, got, err)
	}
	for _, want := range []string{`{"type":"seal_with","kid":"281474976710655","base_key":"AQIAAAAA`, `{"type":"wake_at","time":1800000000123}`,
		`"from":{"user":"@a:s","device":"ABCDEFGHIJ","join_id":"AQIDAAAAAAAAAAAAAAAAAA"}`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is not in %s", want, b)
		}
	}
	later, err := EncodeEffects([]Effect{WakeAt{Time: time.UnixMilli(5).Add(time.Nanosecond)}})
	if err != nil || string(later) != `[{"type":"wake_at","time":6}]` {
		t.Errorf("%s, %v: a tick must not come before its time", later, err)
	}
	if b, err := EncodeEffects(nil); err != nil || string(b) != "[]" {
		t.Errorf("%s, %v", b, err)
	}
}

func TestLink(t *testing.T) {
	s, err := NewSecret(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, good := range []string{s, "#" + s, "correct-horse-battery-staple-correct-horse-battery-staple"} {
		b, err := ParseSecret(good)
		if err != nil {
			t.Errorf("%q: %v", good, err)
		}
		if _, err := newLink(b, "!a:b"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "#", s[:21], s + "A", s + "\n", "\n" + s[1:], s[:21] + "=", "AAAAAAAAAAAAAAAAAAAAAB", "a-b-c-d-e-f-g", "a-b-c-d-e-f-g-h-i",
		"a-b-c-d-e-f-g-", "A-b-c-d-e-f-g-h", "a--c-d-e-f-g-h", strings.Repeat("a", 200) + "-b-c-d-e-f-g-h", "ä-b-c-d-e-f-g-h"} {
		if _, err := ParseSecret(bad); err == nil || !strings.Contains(err.Error(), "hint: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := newLink([]byte("short"), "!a:b"); err == nil {
		t.Error("a short secret was taken")
	}
}

func TestConfig(t *testing.T) {
	good := Config{Room: "!a:localhost:8080", Call: CallID{1}, User: "@a:localhost:8080", Device: "ABCDEFGHIJ", Secret: testSecret}
	if _, _, err := NewAgent(good, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"room": func(c *Config) { c.Room = "a" }, "call": func(c *Config) { c.Call = CallID{} }, "user": func(c *Config) { c.User = "a" },
		"device": func(c *Config) { c.Device = "a" }, "secret": func(c *Config) { c.Secret = nil },
		"random": func(c *Config) { c.Rand = bytes.NewReader(nil) },
	} {
		c := good
		change(&c)
		if _, _, err := NewAgent(c, time.Unix(1, 0)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
